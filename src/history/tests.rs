use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::protocol::{
    Actor, Answer, Capability, Command, Deviation, Does, Doubt, Effect, Expected, Head, IdForm, Malformation,
    Outcome, Promises, Query, Receipt, Rejection, Seen, Stands, Told, Unknown, Verdict, Version, VersionKind,
};
use crate::value::{Demand, Limits, Name, Precision, Precisions, Record, Tolerances, Value};

fn record(json: &str) -> Record {
    match Value::from_json(json, &Limits::default()) {
        Ok(Value::Record(record)) => record,
        other => panic!("{other:?}"),
    }
}

fn line(event: Event<'_>, index: u64) -> String {
    let mut out = String::new();
    event.write(Stamp { index, at: Duration::from_micros(index) }, &mut out);
    out
}

#[track_caller]
fn check(event: Event<'_>, expected: &str) {
    assert_eq!(line(event, 7), format!("{{\"i\":7,\"t\":7000,\"e\":{expected}}}\n"));
}

fn header() -> Header {
    let mut promises = Promises::default();
    promises.bounds.insert("A".into(), Duration::ZERO);
    let mut off = Tolerances::default();
    off.allow(["rows".into(), "total".into()], rust_decimal::Decimal::new(5, 3).into());
    let mut moments = Precisions::default();
    moments.tell(["rows".into(), "due".into()], Precision::Second);
    moments.tell(["made".into()], Precision::Day);
    off.tell_moments(moments.clone());
    promises.tolerances.insert("B".into(), off);
    promises.sent.insert("C".into(), moments.clone());
    promises.events.insert("E".into(), moments);
    promises.deviations.push(Deviation {
        command: "C".into(),
        rule: "No".into(),
        does: Does::Accepts,
        effect: Effect::None,
        because: "it is old".into(),
    });
    promises.private.insert("A".into());
    promises.ignores.insert("B".into(), ["noise".into()].into());
    promises.paged.insert("B".into());
    promises.versions = VersionKind::Opaque;
    promises.ids = IdForm::Text;
    promises.keys = IdForm::Uuid;
    promises.creations.insert("C".into());
    promises.demands.insert("k".into(), Demand::Uuid);
    promises.demands.insert("n".into(), Demand::Whole { least: Some(1), most: None });
    let letters = Some([('a', 'z'), ('-', '-')].into());
    promises.demands.insert("t".into(), Demand::Text { least: 2, most: Some(8), alphabet: letters });
    Header {
        contracts: vec![
            Spoken { name: "c".into(), text: Some(("c.contract".into(), "contract c\n\"q\"".into())) },
            Spoken { name: "d".into(), text: None },
        ],
        models: vec!["A".into(), "B".into()],
        capabilities: [Capability::Wait, Capability::Idempotency].into_iter().collect(),
        alone: true,
        asked: record(r#"{"clauses":["EC-1"]}"#),
        ..Header::new(Job::Conform, u64::MAX, "t \"q\"", promises)
    }
}

fn written(header: &Header) -> String {
    let mut out = String::new();
    header.write(&mut out);
    out
}

fn command() -> Command {
    Command {
        name: "AddItem".into(),
        on: Some(Value::from("o-1")),
        fields: record(r#"{"price":2.00}"#),
        key: Some("k".into()),
        expected: Expected::Exactly(Version::Number(4)),
        id: "c-9".into(),
    }
}

fn entries(text: &str) -> Vec<Entry> {
    let text = written(&header()) + text;
    let reader = Reader::new(text.as_bytes()).expect("a header");
    reader.collect::<Result<_, _>>().expect("entries")
}

#[test]
fn the_header_has_all_that_judging_needs() {
    let line = written(&header());
    let start = r#"{"h":2,"clock":"mono_ns","job":"conform","contracts":[{"name":"c","file":"c.contract","text":"contract c\n\"q\""},{"name":"d"}],"models":["A","B"],"seed":18446744073709551615,"target":"t \"q\"","capabilities":["idempotency","wait"],"alone":true,"promises":{"bound_ns":5000000000,"bounds_ns":{"A":0},"tolerances":{"B":{"rows.total":0.005}},"sent_to":{"C":{"rows.due":"s","made":"day"}},"shown_to":{"B":{"rows.due":"s","made":"day"}},"fed_to":{"E":{"rows.due":"s","made":"day"}},"deviations":[{"command":"C","rule":"No","does":"accepts","effect":"none","because":"it is old"}],"ignores":{"B":["noise"]},"paged":["B"],"versions":"opaque","private":["A"],"ids":"text","keys":"uuid","generate":{"k":{"as":"uuid"},"n":{"as":"int","least":1},"t":{"as":"string","least":2,"most":8,"alphabet":["az","--"]}},"creations":["C"]},"asked":{"clauses":["EC-1"]},"toolkit":""#;
    assert!(line.starts_with(start), "{line}");
    let reader = Reader::new(line.as_bytes()).expect("a header");
    assert_eq!(*reader.header(), header());
}

#[test]
fn calls_say_all_that_was_asked() {
    let mut command = command();
    let part =
        Part { case: Some(5), step: Some(2), race: Some(1), role: Role::Racer, told: Some(Told::Last) };
    check(
        Event::Submit { op: 3, client: 2, part, attempt: 1, command: &command },
        r#""call","op":3,"c":2,"k":"cmd","case":5,"step":2,"race":1,"role":"racer","told":"last","n":"AddItem","id":"c-9","try":1,"exp":4,"key":"k","a":["o-1"],"in":{"price":2.00}"#,
    );
    (command.key, command.on, command.expected) = (None, None, Expected::Any);
    command.fields = Record::default();
    check(
        Event::Submit { op: 3, client: 2, part: Part::default(), attempt: 0, command: &command },
        r#""call","op":3,"c":2,"k":"cmd","n":"AddItem","id":"c-9","try":0,"a":[]"#,
    );
    let query = Query { name: "List".into(), on: None, fields: record(r#"{"page":1}"#) };
    check(
        Event::Ask { op: 3, client: 2, part: Part::of(1), query: &query },
        r#""call","op":3,"c":2,"k":"qry","case":1,"n":"List","a":[],"in":{"page":1}"#,
    );
}

fn outcomes() -> Vec<Outcome> {
    let unknown = |doubt, status| Outcome::Unknown(Unknown { doubt, status, detail: "why".into() });
    vec![
        Outcome::Accepted(Receipt {
            id: Some("o-1".into()),
            version: Some(Version::Opaque("5".into())),
            position: Some(88),
            body: record(r#"{"x":1e400}"#),
        }),
        Outcome::Accepted(Receipt::default()),
        Outcome::Rejected(Rejection {
            code: Some("No".into()),
            detail: Some("d".into()),
            body: record(r#"{"y":[]}"#),
        }),
        Outcome::Rejected(Rejection::default()),
        unknown(Doubt::ServerError, Some(503)),
        unknown(Doubt::Timeout, None),
        unknown(Doubt::Lost, None),
        unknown(Doubt::Unreadable, Some(200)),
        Outcome::NotSent("connection refused".into()),
    ]
}

fn answers() -> Vec<Answer> {
    let found = Seen::Found(record(r#"{"a":{"b":null}}"#).into());
    let unknown = Unknown { doubt: Doubt::Timeout, status: None, detail: "late".into() };
    vec![
        Answer { seen: found, version: Some(Version::Number(3)), position: Some(9), total: Some(4) },
        Answer::new(Seen::Found(Value::Null)),
        Answer { position: Some(1), ..Answer::new(Seen::Absent) },
        Answer::new(Seen::Refused(Rejection::named("No"))),
        Answer::new(Seen::Broken(unknown)),
        Answer::new(Seen::NotSent("refused".into())),
    ]
}

#[test]
fn what_is_written_is_read_as_it_was() {
    let head = Head {
        status: 201,
        content_type: Some("application/json".into()),
        location: None,
        etag: Some("\"1\"".into()),
        body: Some("{\"id\":\"o-1\"}".into()),
        whole: false,
    };
    let part = Part::of(1).step(4).role(Role::Poll);
    let (command, query) = (command(), Query { name: "List".into(), on: None, fields: Record::new() });
    let (mut text, mut index) = (String::new(), 0);
    let mut write = |event: Event<'_>| {
        index += 1;
        text += &line(event, index);
        Stamp { index, at: Duration::from_micros(index) }
    };
    let mut expected = Vec::new();
    for (op, outcome) in (0..).zip(outcomes()) {
        let call = write(Event::Submit { op, client: 3, part, attempt: 1, command: &command });
        let end = Some(write(Event::Outcome(op, &outcome, Some(&head))));
        let act = Act::Submit { command: Arc::new(command.clone()), attempt: 1, outcome };
        let operation = Operation { client: 3, call, end, act };
        expected.push(Entry::Operation { op, part, operation, head: Some(head.clone()) });
    }
    for (op, answer) in (100..).zip(answers()) {
        let call = write(Event::Ask { op, client: 3, part, query: &query });
        let end = Some(write(Event::Answer(op, &answer, None)));
        let act = Act::Ask { query: Arc::new(query.clone()), answer };
        expected.push(Entry::Operation {
            op,
            part,
            operation: Operation { client: 3, call, end, act },
            head: None,
        });
    }
    let data = record(r#"{"x":"y"}"#);
    let call = write(Event::Do { op: 200, part, deed: Deed::Rebuild, data: &data });
    let end = Some(write(Event::Done(200, &data)));
    let (told, came) = (data.clone(), Some(data.clone()));
    expected.push(Entry::Done(Done { part, call, end, deed: Deed::Rebuild, told, came }));
    let quiet = write(Event::Quiet(part, Quiet::Assumed));
    expected.push(Entry::Quiet(part, Quiet::Assumed, quiet));
    assert_eq!(entries(&text), expected);
}

#[test]
fn what_is_beside_operations_is_read_as_it_was() {
    let data = record(r#"{"x":"y"}"#);
    let purpose = Purpose::Smaller { of: 3 };
    let case = Case { number: 4, experiment: "sequence".into(), purpose, about: data.clone() };
    let control = Case { purpose: Purpose::Control { of: 3 }, ..case.clone() };
    let twin = Case { purpose: Purpose::Twin { of: 3 }, ..case.clone() };
    let over = CaseEnd { verdict: Some(Verdict::NotClaimed), trouble: Some("late".into()) };
    let (name, value) = (Name::new("order1"), Value::from("o-1"));
    let held = (Duration::from_millis(1), Duration::from_millis(9));
    let named = Actor::named("alice");
    let all = [
        (Event::Case(&case), Entry::Case(case.clone())),
        (Event::Case(&control), Entry::Case(control.clone())),
        (Event::Case(&twin), Entry::Case(twin.clone())),
        (
            Event::Session { client: 1, case: Some(4), actor: &named },
            Entry::Session { client: 1, case: Some(4), actor: named.clone() },
        ),
        (
            Event::Session { client: 2, case: None, actor: &Actor::Nobody },
            Entry::Session { client: 2, case: None, actor: Actor::Nobody },
        ),
        (
            Event::Session { client: 3, case: None, actor: &Actor::Default },
            Entry::Session { client: 3, case: None, actor: Actor::Default },
        ),
        (
            Event::Drawn { case: 4, name: &name, value: &value },
            Entry::Drawn { case: 4, name: name.clone(), value: value.clone() },
        ),
        (
            Event::Request(9, Some(4), "curl 'x'"),
            Entry::Request { op: 9, case: Some(4), line: "curl 'x'".into() },
        ),
        (Event::Step { case: 4, line: 12 }, Entry::Step { case: 4, line: 12 }),
        (Event::Released { case: 4, race: 0 }, Entry::Released { case: 4, race: 0 }),
        (Event::Held { from: held.0, to: held.1 }, Entry::Held(held.0, held.1)),
        (Event::CaseEnd(4, &over), Entry::CaseEnd(4, over.clone())),
        (Event::CaseEnd(5, &CaseEnd::default()), Entry::CaseEnd(5, CaseEnd::default())),
        (Event::Word("clause", &data), Entry::Word("clause".into(), data.clone())),
        (Event::End(&data), Entry::End(data.clone())),
    ];
    for (index, (event, entry)) in (0..).zip(all) {
        assert_eq!(entries(&line(event, index)), [entry]);
    }
}

#[test]
fn every_word_of_a_list_is_known_again() {
    for deed in
        ["spoiled", "wait", "rebuild", "seed", "feed", "status", "as-of", "restart"].map(Deed::of_word)
    {
        let deed = deed.expect("a word of the documentation");
        assert_eq!(Deed::of_word(deed.word()), Some(deed));
    }
    for role in ["act", "set-up", "racer", "poll", "watch", "canary"].map(Role::of_word) {
        let role = role.expect("a word of the documentation");
        assert_eq!(Role::of_word(role.word()), Some(role));
    }
}

#[test]
fn what_has_no_end_is_told_behind_all_else_and_may_have_happened() {
    let (command, query) = (command(), Query { name: "List".into(), on: None, fields: Record::new() });
    let part = Part::of(1);
    let text = line(Event::Submit { op: 0, client: 3, part, attempt: 0, command: &command }, 0)
        + &line(Event::Ask { op: 1, client: 4, part, query: &query }, 1)
        + &line(Event::Do { op: 2, part, deed: Deed::Wait, data: &Record::new() }, 2)
        + &line(Event::Step { case: 1, line: 1 }, 3);
    let all = entries(&text);
    assert_eq!(all.len(), 4, "{all:?}");
    assert!(matches!(all[0], Entry::Step { .. }));
    let Entry::Operation { operation: Operation { end: None, act: Act::Submit { outcome, .. }, .. }, .. } =
        &all[1]
    else {
        panic!("{all:?}")
    };
    assert!(matches!(outcome, Outcome::Unknown(Unknown { doubt: Doubt::Lost, .. })));
    let Entry::Operation { operation: Operation { end: None, act: Act::Ask { answer, .. }, .. }, .. } =
        &all[2]
    else {
        panic!("{all:?}")
    };
    assert!(matches!(answer.seen, Seen::Broken(_)));
    assert!(matches!(all[3], Entry::Done(Done { came: None, .. })));
}

/// Killed in the midst of writing, at whatever byte: what is whole is read, and that there is no end is known.
#[test]
fn a_torn_last_line_is_left_out() {
    let (command, accepted) = (command(), Outcome::Accepted(Receipt::default()));
    let mut text = written(&header());
    let first = text.len();
    for op in 0..20 {
        let part = Part::of(op);
        text += &line(Event::Submit { op, client: 3, part, attempt: 0, command: &command }, 2 * op);
        text += &line(Event::Outcome(op, &accepted, None), 2 * op + 1);
        text += &line(Event::Word("é€", &Record::new()), 90);
    }
    text += &line(Event::End(&Record::new()), 99);
    for cut in first..text.len() {
        let mut reader = Reader::new(&text.as_bytes()[..cut]).expect("a header");
        let read: Vec<Entry> =
            reader.by_ref().collect::<Result<_, _>>().unwrap_or_else(|e| panic!("{cut}: {e}"));
        let whole = text.as_bytes()[..cut].ends_with(b"\n");
        // Without the line's end all of it may be there all the same.
        assert!(whole || reader.is_torn() || text.as_bytes()[cut] == b'\n', "{cut}");
        assert!(!whole || !reader.is_torn(), "{cut}");
        assert!(!reader.is_ended() || text.as_bytes()[cut] == b'\n', "{cut}");
        assert!(read.len() >= (cut - first) / 400, "{cut}: {read:?}");
    }
    let mut reader = Reader::new(text.as_bytes()).expect("a header");
    assert_eq!(reader.by_ref().count(), 41);
    assert!(reader.is_ended() && !reader.is_torn());
    for cut in 0..first - 1 {
        assert!(matches!(Reader::new(&text.as_bytes()[..cut]), Err(ReadError::Empty)), "{cut}");
    }
}

#[test]
fn what_is_no_history_is_said_to_be_none() {
    let says = |text: &str| Reader::new(text.as_bytes()).expect_err("none").to_string();
    assert!(says("").starts_with("it is empty"));
    assert!(says("[1]\n").starts_with("it is no history"));
    assert!(says("{\"a\":1}\n").starts_with("it is no history"));
    assert!(says("a history\n").starts_with("line 1 is no JSON"));
    let old = says("{\"h\":1,\"toolkit\":\"0.0.9\"}\n");
    assert!(old.contains("version 1") && old.contains("(0.0.9)"), "{old}");
    let broken = says(&written(&header()).replace("\"alone\":true,", ""));
    assert_eq!(broken, "line 1 can't be understood: `alone` is missing");
}

#[test]
fn what_is_wrong_in_the_midst_is_said_with_its_line() {
    let says = |lines: &str| {
        let text = written(&header()) + lines;
        let reader = Reader::new(text.as_bytes()).expect("a header");
        reader.collect::<Result<Vec<_>, _>>().expect_err("wrong").to_string()
    };
    let check = |lines: &str, expected: &str| assert_eq!(says(lines), expected);
    check(
        "{\"i\":0,\"t\":0,\"e\":\"ok\",\"op\":3}\n",
        "line 2 can't be understood: it ends operation 3, which has not begun or has ended",
    );
    check(
        "{\"i\":0,\"t\":0,\"e\":\"new\"}\n",
        "line 2 can't be understood: `e` is none that this version of Proofmark knows: a newer one may have written it",
    );
    check("{\"i\":0,\"e\":\"ok\"}\n", "line 2 can't be understood: `t` is missing");
    check(
        "{\"i\":-1,\"t\":0,\"e\":\"ok\"}\n",
        "line 2 can't be understood: `i` has another form than it must have",
    );
    assert!(says("{\"i\":\n{}\n").starts_with("line 2 is no JSON"));
}

/// As it is written by who did it, so that a judge reads in a file what it read in memory.
#[test]
fn what_was_done_besides_is_read_as_it_was() {
    let done = |deed, told: &Record, came: &Record| {
        let json = |record: &Record| {
            let mut json = String::new();
            Value::Record(record.clone()).write_json(&mut json);
            self::record(&json)
        };
        let stamp = Stamp { index: 1, at: Duration::ZERO };
        let (part, end) = (Part::of(1), Some(stamp));
        Done { part, call: stamp, end, deed, told: json(told), came: Some(json(came)) }
    };
    let event = |position, causation: Option<&str>| crate::protocol::Event {
        name: "Placed".into(),
        on: Value::from("o-1"),
        fields: record(r#"{"total":1.50}"#),
        version: Some(Version::Number(1)),
        position,
        id: Some("e-1".into()),
        causation: causation.map(Into::into),
    };
    for who in [Actor::Default, Actor::Nobody, Actor::named("bob")] {
        for came in [
            Fed::Told(vec![event(Some(4), None), event(None, Some("c-1"))]),
            Fed::Told(Vec::new()),
            Fed::Denied,
            Fed::Failed("why".into()),
        ] {
            let (on, after) = (Some(Value::from("o-1")), Some(3));
            let read = done(Deed::Feed, &Feed::ask(&who, on.as_ref(), after), &Feed::told(&came)).feed();
            assert_eq!(read, Some(Feed { who: who.clone(), on, after, came }));
        }
    }
    for stands in [
        Stands::Done,
        Stands::Refused(Rejection::named("No")),
        Stands::Open("running".into()),
        Stands::Unclear("gone".into()),
    ] {
        let read = done(Deed::Status, &Status::ask(7), &Status::told(&stands, "curl")).status();
        assert_eq!(read, Some(Status { client: 7, stands, request: "curl".into() }));
    }
    let (command, head) =
        (command(), Head { status: 400, body: Some("b".into()), whole: true, ..Head::default() });
    let unknown = |doubt| Outcome::Unknown(Unknown { doubt, status: None, detail: "d".into() });
    let outcomes = [
        Outcome::Accepted(Receipt::default()),
        Outcome::Rejected(Rejection::default()),
        unknown(Doubt::ServerError),
        unknown(Doubt::Lost),
        Outcome::NotSent("d".into()),
    ];
    let ways = [
        Malformation::Truncated,
        Malformation::DeepNesting(1000),
        Malformation::HostileText("'".into()),
        Malformation::ManyHeaders(7),
    ];
    for (outcome, how) in outcomes.into_iter().zip(ways.iter().cycle()) {
        let told = Spoiled::told(&outcome, Some(&head), "curl");
        let read = done(Deed::Spoiled, &Spoiled::ask(&command, how), &told).spoiled().expect("it is one");
        assert_eq!(
            (read.name, read.on, read.fields),
            (command.name.clone(), command.on.clone(), command.fields.clone())
        );
        assert_eq!((read.how, read.outcome, read.head), (how.clone(), outcome, Some(head.clone())));
    }
    let rebuilt = |came: &str| {
        let done = done(Deed::Rebuild, &record(r#"{"query":"Q"}"#), &record(came));
        done.rebuilt().map(str::to_owned)
    };
    assert_eq!((rebuilt("{}").as_deref(), rebuilt(r#"{"failed":"why"}"#)), (Some("Q"), None));
    let as_of = |came: &str| done(Deed::AsOf, &record(r#"{"n":"Q","a":"o-1","v":2}"#), &record(came)).as_of();
    let (_, version, answer) = as_of(r#"{"out":{"x":1}}"#).expect("it is one");
    assert_eq!(
        (version, answer.seen),
        (Version::Number(2), Seen::Found(Value::Record(record(r#"{"x":1}"#))))
    );
    assert_eq!(as_of(r#"{"out":null}"#).expect("it is one").2.seen, Seen::Absent);
    assert_eq!(as_of(r#"{"failed":"it can't be asked like that"}"#), None);
}
