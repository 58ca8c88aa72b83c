//! What reads show once nothing is under way any more.

use std::collections::HashMap;

use super::case::Case;
use crate::contract::rules::{Model as _, World};
use crate::history::{Act, Operation};
use crate::protocol::{Answer, Outcome, Query, Seen, Version};
use crate::value::{Record, Value};

impl Case<'_> {
    /// Whether an answer is as it must be in this world, as far as the rules say.
    pub(crate) fn tells(&self, world: &World<Record>, query: &Query, answer: &Answer) -> bool {
        self.model().answer(world, query).map_or(true, |expected| self.fits(query, &expected, answer))
    }

    /// Whether some read is another one in the one world than in the other.
    pub(crate) fn tells_apart(&self, one: &World<Record>, other: &World<Record>) -> bool {
        self.lab.tells_apart(one, other)
    }

    /// Looks at everything at proven rest. `false` where the target says that it does not get there.
    pub(crate) async fn look(&mut self) -> bool {
        if !self.calm().await {
            return false;
        }
        for query in self.reads() {
            self.ask(0, &query).await;
        }
        true
    }

    /// Waits until what was accepted shows, or must. `false` where the target says that it does not get there.
    pub(crate) async fn calm(&mut self) -> bool {
        if self.acted().is_none() {
            // Others may have done something here.
            self.lane.acts();
        }
        self.lane.quiet(None).await.is_ok()
    }
}

/// Whether a read behind the last rest tells a lower version of its aggregate than the last command that was accepted there: then it is behind,
/// even if what it shows looks as it must.
pub(crate) fn tells_it_is_behind(operations: &[Operation]) -> bool {
    let mut last: HashMap<&Value, u64> = HashMap::new();
    let mut behind = false;
    for operation in operations {
        match &operation.act {
            Act::Quiet(_) => behind = false,
            Act::Submit { command, outcome: Outcome::Accepted(receipt), .. } => {
                if let (Some(on), Some(Version::Number(version))) = (&command.on, &receipt.version) {
                    last.insert(on, *version);
                }
            }
            Act::Submit { .. } => {}
            Act::Ask { query, answer } => {
                let told = query.on.as_ref().and_then(|on| last.get(on));
                behind |= matches!((told, &answer.version), (Some(told), Some(Version::Number(seen))) if seen < told);
            }
        }
    }
    behind
}

/// Whether anything can be said of an answer.
pub(crate) fn is_answer(answer: &Answer) -> bool {
    matches!(answer.seen, Seen::Found(_) | Seen::Absent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Quiet, Stamp};
    use crate::protocol::{Command, Expected, Receipt};

    /// A command that told the one version, and a read that tells the other.
    fn told(receipt: Option<u64>, read: Option<u64>) -> bool {
        let on = Value::from("o");
        let at = |index| Stamp { index, at: std::time::Duration::ZERO };
        let done = |index, act| Operation { client: 0, call: at(index), end: Some(at(index + 1)), act };
        let command = Command {
            name: "Open".into(),
            on: Some(on.clone()),
            fields: Record::new(),
            key: None,
            expected: Expected::Any,
            id: "c-1".into(),
        };
        let receipt = Receipt { version: receipt.map(Version::Number), ..Receipt::default() };
        let query = Query { name: "Get".into(), on: Some(on), fields: Record::new() };
        let answer = Answer { version: read.map(Version::Number), ..Answer::new(Seen::Absent) };
        let submit = Act::Submit { command: command.into(), attempt: 0, outcome: Outcome::Accepted(receipt) };
        let ask = Act::Ask { query: query.into(), answer };
        tells_it_is_behind(&[done(0, submit), done(2, Act::Quiet(Quiet::Assumed)), done(4, ask)])
    }

    #[test]
    fn a_lower_version_is_behind_however_right_it_looks() {
        assert!(told(Some(3), Some(1)));
        assert!(!told(Some(3), Some(3)) && !told(Some(3), Some(4)));
        assert!(!told(None, Some(1)) && !told(Some(3), None), "nobody says so");
    }
}
