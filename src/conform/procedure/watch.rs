//! What every answer shows, whatever it was asked for.

use crate::clause::Unit;
use crate::conform::Counterexample;
use crate::conform::lab::Lab;
use crate::history::{Act, Operation};
use crate::protocol::{Answer, Command, Doubt, Outcome, Query, Receipt, Seen, Unknown};
use crate::value::Value;

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
        match &operation.act {
            Act::Submit { command, outcome: Outcome::Accepted(receipt), .. } => {
                self.names_something(operation, command, receipt, request);
            }
            Act::Ask { query, answer } => self.states_a_position(operation, query, answer, request),
            _ => {}
        }
    }

    /// CH-6.
    fn names_something(
        &self,
        operation: &Operation,
        command: &Command,
        receipt: &Receipt,
        request: Option<&String>,
    ) {
        let on = command.on.as_ref().and_then(Value::as_text);
        let location = receipt
            .body
            .iter()
            .any(|(_, value)| value.as_text().is_some_and(|text| on.is_some_and(|on| text.contains(on))));
        if receipt.id.is_some() || receipt.version.is_some() || location {
            self.ledger.count("CH-6", Unit::Commands, 1);
        } else if request.is_some() {
            self.ledger.doubt("CH-6", "the profile takes neither an id nor a version from answers");
        } else {
            let example = Counterexample {
                wrong: format!("the answer to {} names neither an id nor a version", command.name),
                story: vec![format!("client {}: {} → accepted", operation.client, command.name)],
                first: "answer with the aggregate's id and its version behind the command".into(),
                ..Counterexample::default()
            };
            self.broken("CH-6", example);
        }
    }

    /// EC-6. What is absent has no version, and need not have a position.
    fn states_a_position(
        &self,
        operation: &Operation,
        query: &Query,
        answer: &Answer,
        request: Option<&String>,
    ) {
        if !matches!(answer.seen, Seen::Found(_)) {
            return;
        }
        if answer.position.is_some() || answer.version.is_some() {
            self.ledger.count("EC-6", Unit::Answers, 1);
            return;
        }
        let example = Counterexample {
            wrong: format!("the answer to {} states neither a position nor a version", query.name),
            story: vec![format!("client {}: {} → found", operation.client, query.name)],
            requests: request.into_iter().cloned().collect(),
            first: "tell the position of the last event that the read model has taken in".into(),
            ..Counterexample::default()
        };
        self.broken("EC-6", example);
    }
}
