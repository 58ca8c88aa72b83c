//! Operations by hand, held against a contract: what passes, what fails, and what decides nothing.

mod bounds;
mod bursts;
mod departures;
mod reads;
mod sequences;
mod summaries;

use std::sync::Arc;
use std::time::Duration;

use proofmark::contract::rules::Interpreted;
use proofmark::history::{Act, Deed, Done, Fed, Feed, Operation, Part, Quiet, Stamp};
use proofmark::judge::{Judgement, MismatchKind, Settings, judge};
use proofmark::protocol::{
    Actor, Answer, Command, Doubt, Event, Expected, Outcome, Query, Receipt, Rejection, Seen, Unknown,
    Verdict, Version,
};
use proofmark::value::{Record, Value};

use crate::model::{command, json, query, shipped};

/// A history that is written down call by call and return by return.
#[derive(Clone, Default)]
pub(crate) struct Story {
    pub(crate) operations: Vec<Operation>,
    /// What was done besides.
    pub(crate) deeds: Vec<Arc<Done>>,
    clock: u64,
}

impl Story {
    fn stamp(&mut self) -> Stamp {
        self.clock += 1;
        Stamp { index: self.clock, at: Duration::from_millis(self.clock) }
    }

    /// A command is called; what becomes of it is told by [`ends`](Self::ends).
    pub(crate) fn calls(&mut self, command: Command) -> usize {
        let call = self.stamp();
        let outcome = Outcome::Unknown(Unknown { doubt: Doubt::Lost, status: None, detail: "lost".into() });
        let act = Act::Submit { command: Arc::new(command), attempt: 0, outcome };
        let client = self.operations.len() as u64;
        self.operations.push(Operation { client, call, end: None, act });
        self.operations.len() - 1
    }

    /// A command that was called returns: `accepted`, `accepted 3`, or the code of a refusal.
    pub(crate) fn ends(&mut self, at: usize, said: &str) {
        let end = self.stamp();
        self.operations[at].end = Some(end);
        if let Act::Submit { outcome, .. } = &mut self.operations[at].act {
            *outcome = match said.split_once(' ').unwrap_or((said, "")) {
                ("accepted", version) => Outcome::Accepted(Receipt {
                    version: version.parse().ok().map(Version::Number),
                    ..Receipt::default()
                }),
                (code, _) => Outcome::Rejected(Rejection { code: Some(code.into()), ..Rejection::default() }),
            };
        }
    }

    /// A command, one after the other.
    pub(crate) fn does(&mut self, command: Command, said: &str) {
        let at = self.calls(command);
        self.ends(at, said);
    }

    /// A command of which nobody knows what became.
    pub(crate) fn loses(&mut self, command: Command) {
        self.calls(command);
    }

    /// A query and what it brings, as JSON; `absent` for the declared absence.
    pub(crate) fn reads(&mut self, query: Query, answer: &str) {
        self.sees(query, if answer == "absent" { Seen::Absent } else { Seen::Found(json(answer)) });
    }

    /// The same, with a version.
    pub(crate) fn reads_version(&mut self, query: Query, found: &str, version: u64) {
        let version = Some(Version::Number(version));
        self.is_answered(query, Answer { version, ..Answer::new(Seen::Found(json(found))) });
    }

    /// The same, whatever comes back.
    pub(crate) fn sees(&mut self, query: Query, seen: Seen) {
        self.is_answered(query, Answer::new(seen));
    }

    fn is_answered(&mut self, query: Query, answer: Answer) {
        let call = self.stamp();
        let end = Some(self.stamp());
        let act = Act::Ask { query: Arc::new(query), answer };
        self.operations.push(Operation { client: 0, call, end, act });
    }

    /// Something besides, with what was told of it and what came of it. `meanwhile` comes while it is done.
    pub(crate) fn deed(&mut self, deed: Deed, told: Record, came: Record, meanwhile: impl FnOnce(&mut Self)) {
        let call = self.stamp();
        let at = self.deeds.len();
        let done = Done { part: Part::of(0), call, end: None, deed, told, came: Some(came) };
        self.deeds.push(Arc::new(done));
        meanwhile(self);
        let end = self.stamp();
        Arc::make_mut(&mut self.deeds[at]).end = Some(end);
    }

    /// The feed is read by the default actor, of one aggregate or of all, behind a position, and tells these events.
    pub(crate) fn feeds(&mut self, on: Option<&str>, after: Option<u64>, events: &[Event]) {
        let told = Feed::ask(&Actor::Default, on.map(Value::from).as_ref(), after);
        self.deed(Deed::Feed, told, Feed::told(&Fed::Told(events.to_vec())), |_| ());
    }

    /// The read model of a query is built anew.
    pub(crate) fn builds(&mut self, query: &str, meanwhile: impl FnOnce(&mut Self)) {
        self.deed(Deed::Rebuild, Record::from([("query", query)]), Record::new(), meanwhile);
    }

    /// So much time passes.
    pub(crate) fn passes_time(&mut self, milliseconds: u64) {
        self.clock += milliseconds;
    }

    /// The ids of all that commands were sent to.
    pub(crate) fn ids(&self) -> Vec<Value> {
        let sent = self.operations.iter().filter_map(|operation| match &operation.act {
            Act::Submit { command, .. } => command.on.clone(),
            _ => None,
        });
        sent.collect()
    }

    /// All is quiet.
    pub(crate) fn rests(&mut self) {
        self.is_quiet(Quiet::Proved);
    }

    pub(crate) fn is_quiet(&mut self, quiet: Quiet) {
        let call = self.stamp();
        self.operations.push(Operation { client: 0, call, end: Some(call), act: Act::Quiet(quiet) });
    }

    pub(crate) fn judged(&self, settings: &Settings) -> Judgement {
        judge(&orders(), settings, &self.operations)
    }

    /// What kinds of mismatches there are where queries may lag.
    #[track_caller]
    pub(crate) fn check(&self, expected: &[MismatchKind]) -> Judgement {
        let judgement = self.judged(&Settings::default());
        let kinds: Vec<MismatchKind> = judgement.mismatches.iter().map(|mismatch| mismatch.kind).collect();
        assert_eq!(kinds, expected, "{judgement:#?}");
        assert_eq!(judgement.broken_rules, []);
        judgement
    }

    #[track_caller]
    pub(crate) fn passes(&self) -> Judgement {
        let judgement = self.check(&[]);
        assert_eq!(judgement.verdict(), Verdict::Pass, "{judgement:#?}");
        judgement
    }
}

pub(crate) fn orders() -> Interpreted {
    shipped("scenarios/orders/orders.contract")
}

pub(crate) fn create(on: &str) -> Command {
    command(
        "CreateOrder",
        on,
        r#"{"customer": "cust-1", "items": [{"product": "p", "quantity": 1, "price": 2}]}"#,
    )
}

pub(crate) fn add(on: &str, quantity: u32) -> Command {
    command("AddItem", on, &format!(r#"{{"product": "q", "quantity": {quantity}, "price": 1}}"#))
}

pub(crate) fn confirm(on: &str) -> Command {
    command("ConfirmOrder", on, "{}")
}

pub(crate) fn cancel(on: &str) -> Command {
    command("CancelOrder", on, r#"{"reason": "why"}"#)
}

pub(crate) fn keyed(command: Command, key: &str) -> Command {
    Command { key: Some(key.into()), ..command }
}

pub(crate) fn at_version(command: Command, version: u64) -> Command {
    Command { expected: Expected::Exactly(Version::Number(version)), ..command }
}

pub(crate) fn details(on: &str) -> Query {
    query("GetOrderDetails", Some(on), "{}")
}

pub(crate) fn list() -> Query {
    Query { name: "ListCustomerOrders".into(), on: None, fields: customer() }
}

fn customer() -> Record {
    json(r#"{"customer": "cust-1"}"#).as_record().expect("a record").clone()
}

/// What `GetOrderDetails` answers of an order with its first item, and one more for each of `added`.
pub(crate) fn order(on: &str, status: &str, added: &[u32]) -> String {
    let item = |product, quantity: u32, price| {
        format!(r#"{{"product": "{product}", "quantity": {quantity}, "price": {price}}}"#)
    };
    let mut items = vec![item("p", 1, 2)];
    items.extend(added.iter().map(|quantity| item("q", *quantity, 1)));
    format!(
        r#"{{"order": "{on}", "customer": "cust-1", "customer_name": null, "customer_email": null,
            "status": "{status}", "items": [{}], "total": {}, "item_count": {}, "created_at": "2026-01-01T00:00:00Z"}}"#,
        items.join(", "),
        2 + added.iter().sum::<u32>(),
        items.len()
    )
}

pub(crate) fn row(on: &str, status: &str, total: u32) -> String {
    format!(r#"{{"order": "{on}", "status": "{status}", "total": {total}}}"#)
}
