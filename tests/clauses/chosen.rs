//! What a service chooses: answers that keep EC-2, and answers that break it.

use std::sync::Arc;

use proofmark::clause::{Bench, Check, Evidence, Judged, Shows, Wrong, judged};
use proofmark::contract::explore::command;
use proofmark::contract::rules::Interpreted;
use proofmark::history::{Deed, Part};
use proofmark::judge::Settings;
use proofmark::protocol::{ClauseId, Command, Query};
use proofmark::text::Source;
use proofmark::value::{Record, Value};

use crate::checking::Story;

const LAMPS: &str = "contract lamps

aggregate Lamp
  state status: absent | there
  state turns: int = 0

  command Hang
    reject LampExists when self.status != absent
    set status = there
    set turns = 0

  command Turn
    reject NoSuchLamp when self.status == absent
    set turns = self.turns + 1

  command Remove
    reject NoSuchLamp when self.status == absent
    set status = absent

  query GetLamp
    absent when self.status == absent
    shows {
      lamp: self.id,
      turns: self.turns,
      chosen hung_at: instant?,
      chosen on change turned_at: instant?,
      volatile seen_at: instant?
    }

view Lamps
  of Lamp where self.status != absent
  shows { lamp: self.id, chosen hung_at: instant? }
  unordered
";

fn does(story: &mut Story, name: &str, said: &str) {
    story.does(sent(name), said);
}

fn sent(name: &str) -> Command {
    command(name, &Value::from("l"), Record::new())
}

fn lamp() -> Query {
    Query { name: "GetLamp".into(), on: Some("l".into()), fields: Record::new() }
}

fn lamps() -> Query {
    Query { name: "Lamps".into(), on: None, fields: Record::new() }
}

/// A moment, by its second.
fn at(second: u32) -> String {
    format!("2026-03-01T10:00:{second:02}Z")
}

fn shows(story: &mut Story, turns: u32, fields: &[(&str, u32)]) {
    let mut record = Record::from([("lamp", Value::from("l")), ("turns", turns.into())]);
    for (name, second) in fields {
        record.insert(*name, at(*second));
    }
    story.reads(lamp(), &Value::Record(record).to_json());
}

fn lists(story: &mut Story, lamp: &str, second: u32) {
    story.reads(lamps(), &format!(r#"[{{"lamp": "{lamp}", "hung_at": "{}"}}]"#, at(second)));
}

fn said(story: impl FnOnce(&mut Story)) -> Judged {
    let mut told = Story::default();
    does(&mut told, "Hang", "accepted 1");
    story(&mut told);
    let source = Source::new("lamps.contract", LAMPS);
    let model = Interpreted::read(&source).expect("rules");
    let contract = Arc::new(model.contract().clone());
    let settings = Settings { alone: true, ..Settings::default() };
    let bench = Bench { contract, model: Arc::new(model), settings, exclusive: false };
    let parts = vec![Part::of(0); told.operations.len()];
    let evidence = Evidence::new(&bench, (&told.operations, &parts), told.ids());
    let mut all = judged(Check::EVERY, &evidence.with_deeds(told.deeds.clone())).into_iter();
    all.find(|(id, _)| *id == ClauseId::Ec2).expect("EC-2 judges everything").1
}

#[track_caller]
fn breaks(story: impl FnOnce(&mut Story), wrong: &str) -> Judged {
    let judged = said(story);
    assert_eq!(judged.findings.len(), 1, "{judged:#?}");
    assert!(matches!(&judged.findings[0].wrong, Wrong::Said(said) if said == wrong), "{judged:#?}");
    judged
}

#[track_caller]
fn keeps(story: impl FnOnce(&mut Story)) {
    let judged = said(story);
    assert!(judged.is_nothing(), "{judged:#?}");
}

const ANOTHER: &str = "GetLamp showed `hung_at`, which never changes, and later another one";
const BETWEEN: &str = "GetLamp showed `turned_at`, and later another one, with no command in between";

#[test]
fn what_is_chosen_stays_whatever_is_done() {
    let judged = breaks(
        |story| {
            shows(story, 0, &[("hung_at", 1)]);
            does(story, "Turn", "accepted 2");
            shows(story, 1, &[("hung_at", 2)]);
        },
        ANOTHER,
    );
    assert_eq!(judged.findings[0].shows, Shows::Operations(vec![0, 1, 2, 3]));
    assert!(judged.findings[0].more[1].contains(&at(2)), "{judged:#?}");
    breaks(
        |story| {
            shows(story, 0, &[("hung_at", 1)]);
            story.builds("GetLamp", |_| ());
            shows(story, 0, &[("hung_at", 2)]);
            shows(story, 0, &[("hung_at", 3)]);
        },
        ANOTHER,
    );
    keeps(|story| {
        // It is not there yet, and a copy that is behind shows it again.
        shows(story, 0, &[]);
        story.reads(lamp(), r#"{"lamp": "l", "turns": 0, "hung_at": null}"#);
        shows(story, 0, &[("hung_at", 1)]);
        does(story, "Turn", "accepted 2");
        shows(story, 1, &[("hung_at", 1)]);
        shows(story, 0, &[("hung_at", 1)]);
        shows(story, 0, &[]);
        story.reads(lamp(), r#"{"lamp": "l", "turns": 1, "hung_at": "2026-03-01T11:00:01.000+01:00"}"#);
    });
}

#[test]
fn what_is_made_again_has_values_of_its_own() {
    let again = |last: u32| {
        move |story: &mut Story| {
            shows(story, 0, &[("hung_at", 1)]);
            does(story, "Remove", "accepted 2");
            does(story, "Hang", "accepted 3");
            shows(story, 0, &[("hung_at", last)]);
        }
    };
    keeps(again(2));
    keeps(again(1));
    // Whether it was removed, nobody knows.
    keeps(|story| {
        shows(story, 0, &[("hung_at", 1)]);
        story.loses(sent("Remove"));
        shows(story, 0, &[("hung_at", 2)]);
    });
    breaks(
        |story| {
            shows(story, 0, &[("hung_at", 1)]);
            does(story, "Hang", "LampExists");
            shows(story, 0, &[("hung_at", 2)]);
        },
        ANOTHER,
    );
    keeps(|story| {
        shows(story, 0, &[("hung_at", 1)]);
        story.deed(Deed::Seed, Record::new(), Record::new(), |_| ());
        shows(story, 0, &[("hung_at", 2)]);
    });
}

#[test]
fn rows_are_of_the_aggregate_whose_id_they_show() {
    breaks(
        |story| {
            lists(story, "l", 1);
            lists(story, "l", 2);
        },
        "Lamps showed `hung_at`, which never changes, and later another one",
    );
    keeps(|story| {
        lists(story, "l", 1);
        lists(story, "m", 2);
        // Nothing ties one read model to another.
        shows(story, 0, &[("hung_at", 3)]);
    });
}

#[test]
fn what_is_chosen_on_change_stays_at_rest() {
    breaks(
        |story| {
            story.rests();
            shows(story, 0, &[("turned_at", 1)]);
            shows(story, 0, &[("turned_at", 2)]);
        },
        BETWEEN,
    );
    keeps(|story| {
        story.rests();
        shows(story, 0, &[("turned_at", 1)]);
        does(story, "Turn", "accepted 2");
        story.rests();
        shows(story, 1, &[("turned_at", 2)]);
        shows(story, 1, &[("turned_at", 2)]);
    });
    // What was done before may show late.
    keeps(|story| {
        does(story, "Turn", "accepted 2");
        shows(story, 0, &[("turned_at", 1)]);
        shows(story, 1, &[("turned_at", 2)]);
        story.rests();
        shows(story, 1, &[("turned_at", 3)]);
    });
    keeps(|story| {
        story.rests();
        shows(story, 0, &[("turned_at", 1)]);
        story.loses(sent("Turn"));
        shows(story, 0, &[("turned_at", 2)]);
        story.rests();
        shows(story, 0, &[("turned_at", 3)]);
        shows(story, 0, &[("turned_at", 4)]);
    });
}

#[test]
fn what_is_volatile_is_never_compared() {
    keeps(|story| {
        story.rests();
        shows(story, 0, &[("seen_at", 1)]);
        shows(story, 0, &[("seen_at", 2)]);
    });
}
