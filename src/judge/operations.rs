//! The operations as judges ask for them.

use crate::history::{Act, Operation, Stamp};
use crate::value::Value;

/// The operations of a history, in the order of their calls. Nothing but this knows how they are kept.
#[derive(Debug)]
pub(super) struct Operations<'a> {
    all: &'a [Operation],
    /// The places of all calls of commands in the history, in order.
    called: Vec<u64>,
    /// The places of their returns, in order.
    returned: Vec<u64>,
}

impl<'a> Operations<'a> {
    /// In the time it takes to sort them.
    pub(super) fn of(all: &'a [Operation]) -> Self {
        let commands = || all.iter().filter(|operation| matches!(operation.act, Act::Submit { .. }));
        let mut called: Vec<u64> = commands().map(|operation| operation.call.index).collect();
        let mut returned: Vec<u64> = commands().filter_map(|operation| Some(operation.end?.index)).collect();
        called.sort_unstable();
        returned.sort_unstable();
        Self { all, called, returned }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &'a Operation> + use<'a> {
        self.all.iter()
    }

    /// What the operation at that place asked and got.
    pub(super) fn act(&self, at: usize) -> &'a Act {
        &self.all[at].act
    }

    /// What it asked and got, if it is there.
    pub(super) fn act_if(&self, at: usize) -> Option<&'a Act> {
        self.all.get(at).map(|operation| &operation.act)
    }

    /// The aggregate that it is on.
    pub(super) fn on(&self, at: usize) -> Option<&'a Value> {
        on(&self.all[at])
    }

    /// When it was called, and when it returned.
    pub(super) fn span(&self, at: usize) -> (Stamp, Option<Stamp>) {
        (self.all[at].call, self.all[at].end)
    }

    /// The whole of it.
    pub(super) fn whole(&self, at: usize) -> &'a Operation {
        &self.all[at]
    }

    /// Whether no command was under way at any moment between the call and the return of the query at that place.
    pub(super) fn is_alone(&self, at: usize) -> bool {
        let (call, Some(end)) = self.span(at) else { return false };
        // As many as were called by its return had returned before its call.
        let called = self.called.partition_point(|index| *index <= end.index);
        called == self.returned.partition_point(|index| *index < call.index)
    }
}

/// The aggregate that an operation is on.
pub(super) fn on(operation: &Operation) -> Option<&Value> {
    match &operation.act {
        Act::Submit { command, .. } => command.on.as_ref(),
        Act::Ask { query, .. } => query.on.as_ref(),
        Act::Quiet(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::protocol::{Answer, Command, Expected, Outcome, Query, Receipt, Seen};
    use crate::value::Record;

    fn operation((call, end): (u64, Option<u64>), act: Act) -> Operation {
        let stamp = |index| Stamp { index, at: Duration::ZERO };
        Operation { client: 0, call: stamp(call), end: end.map(stamp), act }
    }

    fn sent(span: (u64, Option<u64>)) -> Operation {
        let command = Command {
            name: "Put".into(),
            on: None,
            fields: Record::new(),
            key: None,
            expected: Expected::Any,
            id: "".into(),
        };
        let outcome = Outcome::Accepted(Receipt::default());
        operation(span, Act::Submit { command: Arc::new(command), attempt: 0, outcome })
    }

    fn asked(call: u64, end: Option<u64>) -> Operation {
        let query = Query { name: "Look".into(), on: None, fields: Record::new() };
        let answer = Answer::new(Seen::Absent);
        operation((call, end), Act::Ask { query: Arc::new(query), answer })
    }

    #[test]
    fn alone_is_who_meets_no_command() {
        let check = |commands: &[(u64, Option<u64>)], query: (u64, Option<u64>), alone: bool| {
            let mut all: Vec<Operation> = commands.iter().map(|span| sent(*span)).collect();
            all.push(asked(query.0, query.1));
            assert_eq!(Operations::of(&all).is_alone(all.len() - 1), alone, "{commands:?} {query:?}");
        };
        check(&[], (1, Some(2)), true);
        check(&[], (1, None), false);
        check(&[(1, Some(2)), (8, Some(9))], (4, Some(5)), true);
        check(&[(1, Some(4)), (8, Some(9))], (3, Some(5)), false);
        check(&[(1, Some(2)), (4, Some(9))], (3, Some(5)), false);
        check(&[(1, Some(9))], (3, Some(5)), false);
        check(&[(4, Some(5))], (3, Some(6)), false);
        check(&[(1, None)], (3, Some(5)), false);
        check(&[(6, None)], (3, Some(5)), true);
    }
}
