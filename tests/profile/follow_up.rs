//! The sections for what takes more than one request, and for services that are split over hosts.

use std::fmt::Write as _;

use proofmark::profile::Profile;
use proofmark::text::{Colour, Severity, Source, render};

use super::{contract, errors};

/// Each kind of mistake, with lines that make it.
const MISTAKES: &[(&str, &str)] = &[
    ("missing-key", "[operation]\nwhen = [202]"),
    (
        "unknown-key",
        "[operation]\nwhen = 202\npoll = \"header Location\"\nstate = \"$.s\"\ndone = [\"d\"]\nfaild = [\"f\"]",
    ),
    (
        "bad-status",
        "[operation]\nwhen = [202, 404]\npoll = \"header Location\"\nstate = \"$.s\"\ndone = [\"d\"]",
    ),
    (
        "bad-value",
        "[operation]\nwhen = 202\npoll = \"header Location\"\nstate = \"$.s\"\ndone = [\"d\"]\nfailed = [\"d\"]",
    ),
    (
        "bad-request-line",
        "[operation]\nwhen = 202\npoll = \"operations/${$.id}\"\nstate = \"$.s\"\ndone = [\"d\"]",
    ),
    (
        "unknown-placeholder",
        "[operation]\nwhen = 202\npoll = \"/operations/${.id}\"\nstate = \"$.s\"\ndone = [\"d\"]",
    ),
    (
        "bad-duration",
        "[operation]\nwhen = 202\npoll = \"$.url\"\nstate = \"$.s\"\ndone = [\"d\"]\nwithin = \"10\"",
    ),
    ("unknown-placeholder", "[command.ConfirmOrder]\nrequest = \"POST /orders/${$.id}\""),
    ("unknown-placeholder", "[query.GetOrderDetails]\nrequest = \"GET /orders\"\nbody = { id = \"${$}\" }"),
    ("bad-path", "[operation]\nwhen = 202\npoll = \"/operations/${$..id}\"\nstate = \"$.s\"\ndone = [\"d\"]"),
    ("missing-key", "[auth]\nkind = \"login\""),
    ("unknown-key", "[auth]\nkind = \"login\"\nrequest = \"POST /login\"\ntake = \"$.token\"\nsned = 1"),
    (
        "missing-key",
        "[auth]\nkind = \"login\"\nrequest = \"POST /login\"\ntake = \"$.token\"\nsend = { header = \"Cookie\", value = \"sid\" }",
    ),
    (
        "bad-value",
        "[auth.alice]\nkind = \"login\"\nrequest = \"POST /login\"\nbody = { a = 1 }\nform = { a = \"1\" }\ntake = \"$.token\"",
    ),
    ("unknown-placeholder", "[headers]\nX-Token = \"${token}\""),
    ("missing-key", "[id.Order]\nby = \"lookup\""),
    ("bad-request-line", "[id.Order]\nby = \"lookup\"\nquery = \"POST /search\"\ntake = \"$.id\""),
    (
        "unknown-field",
        "[id.Order]\nby = \"lookup\"\nquery = \"GET /orders\"\ntake = \"$.id\"\nwhere = { ref = \"${.custmer}\" }",
    ),
    (
        "bad-path",
        "[id.Order]\nby = \"lookup\"\nquery = \"GET /orders\"\ntake = \"$.id\"\nwhere = { \"$..ref\" = \"x\" }",
    ),
    ("missing-key", "[base.reads]\nready = \"GET /health\""),
    ("unknown-key", "[base.reads]\nurl = \"http://reads\"\nauht = true"),
    (
        "bad-request-line",
        "[base.reads]\nurl = \"http://reads\"\n[command.ConfirmOrder]\nrequest = \"POST raeds:/orders\"",
    ),
    ("bad-request-line", "[base.reads]\nurl = \"http://reads\"\nready = \"GET reads:/health\""),
    ("bad-value", "[base.\"the reads\"]\nurl = \"http://reads\""),
    ("missing-key", "[key]\nheader = \"K\"\nreplayed = {}"),
    ("unknown-key", "[key]\nheader = \"K\"\nreplayed = { stauts = 200 }"),
    ("unknown-key", "[claims]\nexclusiv = true"),
    ("bad-value", "[claims]\nevent-feed = true"),
    ("wrong-kind-of-value", "[claims]\nexclusive = 1"),
];

#[test]
fn each_mistake_in_them_is_found_and_told() {
    let mut told = String::new();
    for (code, lines) in MISTAKES {
        let (codes, shown) = errors(lines);
        assert!(codes.contains(code), "{lines}\nexpected {code}, found {codes:?}\n{shown}");
        let _ = writeln!(told, "--- {code}\n{shown}");
    }
    insta::assert_snapshot!(told);
}

/// The seed of the fuzz target holds all of these sections, and stays sound; no text that begins like it makes the reader panic.
#[test]
fn the_fuzzed_profile_has_them_all() {
    let text = std::fs::read_to_string("tests/fuzz/corpus/profile/follow-up.toml").expect("the profile");
    for section in ["[operation]", "[base.reads]", "[claims]", "\"login\"", "\"lookup\"", "replayed", "${$."]
    {
        assert!(text.contains(section), "{section}");
    }
    let read = |text: &str| {
        let source = Source::new("p.toml", text);
        let diagnostics = Profile::read(&source, &contract()).diagnostics;
        let shown = render([(&source, &*diagnostics)], Colour::Plain);
        (diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count(), shown)
    };
    let (errors, shown) = read(&text);
    assert_eq!(errors, 0, "{shown}");
    for (at, _) in text.char_indices().step_by(7) {
        read(&text[..at]);
    }
}
