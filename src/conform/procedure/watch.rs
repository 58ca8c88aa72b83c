//! What every answer shows, whatever it was asked for.

use crate::clause::Unit;
use crate::conform::Counterexample;
use crate::conform::lab::Lab;
use crate::history::{Act, Operation};
use crate::protocol::{Doubt, Outcome, Seen, Unknown};

impl Lab {
    /// Takes note of an answer.
    pub(crate) fn watch(&self, operation: &Operation, request: Option<&String>) {
        let (what, unknown) = match &operation.act {
            Act::Submit { command, outcome: Outcome::Unknown(unknown), .. } => (&command.name, Some(unknown)),
            Act::Submit { command, .. } => (&command.name, None),
            Act::Ask { query, answer } => match &answer.seen {
                Seen::Broken(unknown) => (&query.name, Some(unknown)),
                _ => (&query.name, None),
            },
            Act::Quiet => return,
        };
        match unknown {
            Some(Unknown { doubt: Doubt::ServerError | Doubt::Lost, detail, .. }) => {
                let example = Counterexample {
                    wrong: format!("{what} was answered with {detail}"),
                    story: vec![format!("client {}: {what} → {detail}", operation.client)],
                    requests: request.into_iter().cloned().collect(),
                    first: "look for this request in the service's log".into(),
                    ..Counterexample::default()
                };
                self.broken("CH-5", example);
            }
            Some(_) => {}
            None => self.ledger.count("CH-5", Unit::Answers, 1),
        }
    }
}
