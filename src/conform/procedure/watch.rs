//! What every answer shows, whatever it was asked for.

use crate::adapter::{Malformation, Reaction};
use crate::clause::Unit;
use crate::conform::Counterexample;
use crate::conform::lab::Lab;
use crate::history::{Act, Operation};
use crate::protocol::{
    Answer, ClauseId, Command, Doubt, Exchange, Outcome, Query, Receipt, Response, Seen, Unknown,
};
use crate::value::{Limits, Value};

impl Lab {
    /// Takes note of an answer, and of what it was on the wire, where there is one.
    pub(crate) fn watch(&self, operation: &Operation, request: Option<&String>, exchange: Option<&Exchange>) {
        let (what, unknown) = match &operation.act {
            Act::Submit { command, outcome: Outcome::Unknown(unknown), .. } => (&command.name, Some(unknown)),
            Act::Submit { command, .. } => (&command.name, None),
            Act::Ask { query, answer } => match &answer.seen {
                Seen::Broken(unknown) => (&query.name, Some(unknown)),
                _ => (&query.name, None),
            },
            Act::Quiet(_) => return,
        };
        match unknown {
            Some(Unknown { doubt: Doubt::ServerError | Doubt::Lost, detail, .. }) => {
                let example = Counterexample {
                    wrong: format!("{what} was answered with {detail}"),
                    story: vec![format!("client 1: {what} → {detail}")],
                    requests: request.into_iter().cloned().collect(),
                    first: "look for this request in the service's log".into(),
                    ..Counterexample::default()
                };
                self.broken(ClauseId::Ch5, example);
            }
            Some(_) => {}
            None => self.ledger.count(ClauseId::Ch5, Unit::Answers, 1),
        }
        if let Some(exchange) = exchange {
            self.look_at_error(what, exchange, true);
        }
        match &operation.act {
            Act::Submit { command, outcome: Outcome::Accepted(receipt), .. } => {
                self.names_something(command, receipt, exchange);
            }
            Act::Ask { query, answer } => self.states_a_position(query, answer, request, exchange),
            _ => {}
        }
    }

    /// Takes note of the answer to a request that was wrong.
    pub(crate) fn watch_misbehaving(&self, command: &Command, how: &Malformation, reaction: &Reaction) {
        let what = format!("{} sent {}", command.name, how.words());
        self.look_at_error(&what, &reaction.exchange, !how.is_of_request());
    }

    /// CH-6.
    fn names_something(&self, command: &Command, receipt: &Receipt, exchange: Option<&Exchange>) {
        let on = command.on.as_ref().and_then(Value::as_text);
        let names = match exchange {
            None => {
                let texts = receipt.body.iter().filter_map(|(_, value)| value.as_text());
                let location = texts.into_iter().any(|text| on.is_some_and(|on| text.contains(on)));
                receipt.id.is_some() || receipt.version.is_some() || location
            }
            // What a receipt says over HTTP may come from elsewhere, such as from the command itself.
            Some(exchange) => exchange.response().is_none_or(|response| names_something(response, on)),
        };
        if names {
            self.ledger.count(ClauseId::Ch6, Unit::Commands, 1);
        } else {
            let status = exchange.and_then(Exchange::response).map(|response| response.status.to_string());
            let outcome = status.unwrap_or_else(|| "accepted".to_owned());
            let example = Counterexample {
                wrong: format!(
                    "the answer to {} names neither an id nor a version nor a location",
                    command.name
                ),
                story: vec![format!("client 1: {} → {outcome}", command.name)],
                requests: exchange.map(|exchange| exchange.request.clone()).into_iter().collect(),
                first: "answer with the aggregate's id and its version behind the command".into(),
                ..Counterexample::default()
            };
            self.broken(ClauseId::Ch6, example);
        }
    }

    /// EC-6. What is absent has no version, and need not have a position.
    fn states_a_position(
        &self,
        query: &Query,
        answer: &Answer,
        request: Option<&String>,
        exchange: Option<&Exchange>,
    ) {
        if !matches!(answer.seen, Seen::Found(_)) {
            return;
        }
        // An entity tag is a version, whether or not the profile takes it for one.
        let tagged = exchange.and_then(Exchange::response).is_some_and(|response| response.etag.is_some());
        if answer.position.is_some() || answer.version.is_some() || tagged {
            self.ledger.count(ClauseId::Ec6, Unit::Answers, 1);
            return;
        }
        let example = Counterexample {
            wrong: format!("the answer to {} states neither a position nor a version", query.name),
            story: vec![format!("client 1: {} → found", query.name)],
            requests: request.into_iter().cloned().collect(),
            first: "tell the position of the last event that the read model has taken in".into(),
            ..Counterexample::default()
        };
        self.broken(ClauseId::Ec6, example);
    }
}

/// Whether an answer says where to look for what it accepted: in its header, or in a member of its body.
fn names_something(response: &Response, on: Option<&str>) -> bool {
    let body = Value::from_json(&response.body, &Limits::default());
    let told = body.is_ok_and(|body| tells(&body));
    response.location.is_some()
        || response.etag.is_some()
        || on.is_some_and(|on| response.body.contains(on))
        || told
}

/// Whether a value is an id by itself, or has a member that is called one or a version.
fn tells(value: &Value) -> bool {
    match value {
        Value::Text(text) => !text.is_empty(),
        Value::Number(_) => true,
        Value::Record(members) => members.iter().any(|(name, value)| {
            let small = name.to_ascii_lowercase();
            let called = small == "id"
                || ["Id", "ID", "_id", "-id"].iter().any(|end| name.ends_with(end))
                || ["version", "revision", "position", "location"].iter().any(|word| small.contains(word));
            called && !value.is_null() || matches!(value, Value::Record(_)) && tells(value)
        }),
        _ => false,
    }
}
