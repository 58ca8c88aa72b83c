//! Examinations to be told: one that passed, one that failed, one that decides nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::ConformanceRecord;
use crate::clause::{self, Level};
use crate::conform::{
    Cell, ClauseResult, Conformance, Counterexample, Exchange, Latency, Staleness, Stand, Subject, suites,
};
use crate::protocol::{Capabilities, Capability, ClauseId};

/// What a hostile service might answer.
pub(super) const HOSTILE: &str = "</script><script>alert(1)</script> \u{1b}[31m & \" ' `x` | \u{202e}";

/// An examination in which each clause stands as `stand` says; a broken one has `findings` counterexamples.
pub(super) fn sample(stand: impl Fn(ClauseId) -> Stand, findings: usize, name: &str) -> ConformanceRecord {
    let results: Vec<_> = clause::all()
        .map(|clause| {
            let stand = match stand(clause.id) {
                _ if !clause.is_tested() => Stand::NotYet("a proxy is missing".into()),
                Stand::Pass if clause.level == Level::May => Stand::Offered,
                stand => stand,
            };
            let broken = if stand.is_broken() { findings } else { 0 };
            ClauseResult {
                clause,
                evidence: clause.least.iter().map(|least| (least.of, least.count + 7)).collect(),
                counterexamples: (0..broken).map(|number| example(clause.id, number)).collect(),
                broken: broken as u64,
                stand,
            }
        })
        .collect();
    let millis = |n: u64| Duration::from_millis(n);
    let staleness = Staleness {
        visible_after: (0..200).map(|n| millis(50 + n * n / 400)).collect(),
        late: 0,
        never: 0,
        bound: Duration::from_secs(5),
    };
    let found = Conformance {
        subject: Subject {
            name: name.into(),
            version: Some("1.2".into()),
            contract: "orders".into(),
            capabilities: [Capability::Idempotency, Capability::Wait].into_iter().collect::<Capabilities>(),
        },
        began: SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000),
        took: millis(8_400),
        seed: 7,
        interrupted: false,
        suites: suites(&results),
        clauses: results,
        staleness: BTreeMap::from([(Arc::from("GetOrderDetails"), staleness)]),
        latencies: (0..400)
            .map(|n| Latency {
                at: millis(n * 20),
                took: Duration::from_micros(300 + (n * 37) % 900),
                kind: if n % 3 == 0 { Exchange::Query } else { Exchange::Command },
            })
            .collect(),
        matrix: vec![
            cell("ConfirmOrder", "GetOrderDetails", "status", 40, 40),
            cell("ConfirmOrder", "ListCustomerOrders", "status", 40, 0),
        ],
        deviations: Vec::new(),
        remarks: vec![format!("the service says {HOSTILE}")],
        stale: Vec::new(),
        history: Some("run.jsonl".into()),
        again: "proofmark conform --seed 7".into(),
    };
    ConformanceRecord::of(&found)
}

fn cell(command: &str, query: &str, field: &str, expected: u64, seen: u64) -> Cell {
    Cell { command: command.into(), query: query.into(), field: field.into(), expected, seen }
}

fn example(id: ClauseId, number: usize) -> Counterexample {
    Counterexample {
        wrong: format!("ListCustomerOrders never showed the confirmation ({number}); it said {HOSTILE}"),
        story: vec![
            "CreateOrder on $order1 was accepted as version 1".into(),
            "ConfirmOrder on $order1 was accepted as version 2".into(),
            format!("ListCustomerOrders still showed {{status: \"pending\", note: \"{HOSTILE}\"}} after 5 s"),
        ],
        requests: vec!["curl -X POST http://127.0.0.1:8080/orders/1/confirm".into()],
        scenario: None,
        file: None,
        likely: Some(format!("ListCustomerOrders never takes in ConfirmOrder ({HOSTILE})")),
        about: Some("ListCustomerOrders".into()),
        first: "look at what updates the list when an order is confirmed".into(),
        addition: Some("[[answer]]\nstatus = 409   # \"sold out\"".into()),
        again: format!("proofmark conform --clause {id} --seed 7"),
    }
}

/// Everything passed.
pub(super) fn passing() -> ConformanceRecord {
    sample(|_| Stand::Pass, 0, "orders (staging)")
}

/// Something of everything, under a hostile name.
pub(super) fn failing(findings: usize) -> ConformanceRecord {
    let stand = |id: ClauseId| match id {
        ClauseId::Ec1 | ClauseId::Qs5 => Stand::Fail,
        ClauseId::Ec2 => Stand::Known(format!("a cache, {HOSTILE}")),
        ClauseId::Br5 => Stand::Inconclusive("12 of at least 60 bursts that overlapped".into()),
        ClauseId::Ch4 | ClauseId::Se1 => Stand::NotClaimed("the target does not claim asynchronous".into()),
        ClauseId::Br3 | ClauseId::Br4 => Stand::NotBinding("no command that forbids another one".into()),
        ClauseId::Ec6 => {
            Stand::NotOffered("the answer to GetOrderDetails states no position (12 times)".into())
        }
        ClauseId::Se2 => Stand::Skipped(crate::conform::Reason::NotAllowed),
        _ => Stand::Pass,
    };
    sample(stand, findings, HOSTILE)
}

/// Nothing was decided.
pub(super) fn undecided() -> ConformanceRecord {
    sample(|_| Stand::Inconclusive("nothing was ever accepted".into()), 0, "a mistyped URL")
}
