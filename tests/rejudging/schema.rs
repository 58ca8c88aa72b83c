//! What is written is what the published schema says.

use std::time::Duration;

use boon::{Compiler, SchemaIndex, Schemas};
use proofmark::adapter::Reference;
use proofmark::history::{Case, CaseEnd, Deed, Event, Part, Purpose, Quiet, Role, Stamp};
use proofmark::protocol::{
    Actor, Answer, Doubt, Head, Outcome, Rejection, Seen, Told, Unknown, Verdict, Version,
};
use proofmark::run::{Runner, Seed};
use proofmark::suite::Suite;
use proofmark::value::{Name, Record, Value};

use super::{Scratch, generated, runtime};

struct Schema {
    schemas: Schemas,
    line: SchemaIndex,
}

impl Schema {
    fn published() -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        let line = compiler.compile("docs/schema/history-2.json", &mut schemas).expect("a schema");
        Self { schemas, line }
    }

    fn takes(&self, line: &str) -> Result<(), String> {
        let value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        self.schemas.validate(&value, self.line).map_err(|error| format!("{error:#}"))
    }

    #[track_caller]
    fn takes_all(&self, history: &std::path::Path) -> usize {
        let text = std::fs::read_to_string(history).expect("the history");
        for line in text.lines() {
            self.takes(line).unwrap_or_else(|why| panic!("{line}\n{why}"));
        }
        text.lines().count()
    }
}

#[test]
fn whole_histories_are_as_the_schema_says() {
    let (schema, history) = (Schema::published(), Scratch::new());
    generated(Reference::strong().with_defect("gross-total".parse().expect("a defect")), 3, &history.0);
    assert!(schema.takes_all(&history.0) > 500);
    let suite = Suite::load(["scenarios/orders"]).expect("the scenarios");
    let runner = Runner::new(Reference::eventual(Duration::from_millis(3))).seed(Seed(5)).history(&history.0);
    runtime().block_on(runner.run(suite.plans().expect("plans"), |_| ())).expect("a run");
    assert!(schema.takes_all(&history.0) > 2_000);
}

#[test]
fn every_kind_of_entry_is_in_the_schema() {
    let schema = Schema::published();
    let (data, name) = (Record::from([("x", 1_u64)]), Name::new("order1"));
    let value = Value::from("o-1");
    let part =
        Part { case: Some(1), step: Some(2), race: Some(0), role: Role::Racer, told: Some(Told::First) };
    let head = Head {
        status: 200,
        content_type: Some("t".into()),
        location: Some("l".into()),
        etag: Some("e".into()),
        body: Some("b".into()),
        whole: false,
    };
    let unknown = Unknown { doubt: Doubt::ServerError, status: Some(503), detail: "d".into() };
    let answer = Answer {
        version: Some(Version::Number(1)),
        position: Some(1),
        total: Some(2),
        ..Answer::new(Seen::Found(Value::Null))
    };
    let case =
        Case { number: 1, experiment: "x".into(), purpose: Purpose::Smaller { of: 0 }, about: data.clone() };
    let control = Case { purpose: Purpose::Control { of: 0 }, ..case.clone() };
    let twin = Case { purpose: Purpose::Twin { of: 0 }, ..case.clone() };
    let end = CaseEnd { verdict: Some(Verdict::NotClaimed), trouble: Some("t".into()) };
    let all = [
        Event::Case(&case),
        Event::Case(&control),
        Event::Case(&twin),
        Event::Session { client: 1, case: Some(1), actor: &Actor::Nobody },
        Event::Drawn { case: 1, name: &name, value: &value },
        Event::Do { op: 1, part, deed: Deed::AsOf, data: &data },
        Event::Do { op: 1, part, deed: Deed::Restart, data: &data },
        Event::Do { op: 1, part, deed: Deed::Spoiled, data: &data },
        Event::Done(1, &data),
        Event::Outcome(1, &Outcome::Unknown(unknown.clone()), Some(&head)),
        Event::Outcome(1, &Outcome::NotSent("why".into()), None),
        Event::Outcome(1, &Outcome::Rejected(Rejection::default()), Some(&head)),
        Event::Answer(1, &answer, Some(&head)),
        Event::Answer(1, &Answer::new(Seen::Absent), None),
        Event::Request(1, Some(1), "curl"),
        Event::Quiet(part, Quiet::Proved),
        Event::Quiet(part, Quiet::Assumed),
        Event::Step { case: 1, line: 1 },
        Event::Released { case: 1, race: 0 },
        Event::Held { from: Duration::ZERO, to: Duration::from_millis(1) },
        Event::CaseEnd(1, &end),
        Event::Word("clause", &data),
        Event::End(&data),
    ];
    for event in all {
        let mut line = String::new();
        event.write(Stamp { index: 1, at: Duration::ZERO }, &mut line);
        schema.takes(&line).unwrap_or_else(|why| panic!("{line}{why}"));
    }
}

#[test]
fn the_schema_refuses_what_no_reader_takes() {
    let schema = Schema::published();
    for line in [
        r#"{"i":1,"t":2,"e":"new"}"#,
        r#"{"i":1,"e":"end"}"#,
        r#"{"i":1,"t":2,"e":"ok"}"#,
        r#"{"i":1,"t":2,"e":"call","op":1,"k":"more"}"#,
        r#"{"i":1,"t":2,"e":"quiet","role":"other"}"#,
        r#"{"h":1,"clock":"mono_ns"}"#,
    ] {
        assert!(schema.takes(line).is_err(), "{line}");
    }
}
