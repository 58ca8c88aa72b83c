//! There is one way to draw, send, ask, race, wait and write down. Whoever builds a second one gives it other rules.

use super::rust_files;

/// What only some files or rooms of `src/` may name.
const ONLY: &[(&str, &[&str])] = &[
    // Sessions, and what is done in them. A watch of a scenario has one to itself, and only asks.
    ("AnySession", &["adapter/", "run/session.rs", "run/place.rs"]),
    ("Recorded::open", &["run/lane/"]),
    ("Recorded", &["run/session.rs", "run/lane/", "run/speakers.rs", "run/watch.rs"]),
    (".submit_when(", &["run/session.rs", "run/lane/race.rs"]),
    (".send_malformed(", &["adapter/", "run/place.rs", "run/lane/"]),
    (".progress()", &["run/lane/"]),
    // Operations and their requests.
    ("Operation { client", &["run/lane/", "history/"]),
    // Races.
    ("Role::Racer", &["run/lane/race.rs", "history/", "clause/"]),
    ("yield_now()", &["run/lane/race.rs", "conform/procedure/rebuild.rs"]),
    ("recorder.released(", &["run/lane/race.rs"]),
    // Waits.
    (".caught_up(", &["adapter/", "run/place.rs", "run/lane/wait.rs"]),
    ("recorder.quiet(", &["run/lane/"]),
    ("recorder.held(", &["run/lane/wait.rs", "run/pulse.rs"]),
    ("HELD_UP: Duration", &["run/lane/wait.rs"]),
    // Values.
    ("Draw::new(", &["run/lane/draw.rs"]),
    ("recorder.drawn(", &["run/lane/draw.rs"]),
    ("demand_on(", &["protocol/", "generate/names.rs"]),
    ("need(naming", &["generate/names.rs", "run/lane/draw.rs"]),
    // Ends.
    ("recorder.case_end(", &["run/lane/"]),
];

/// The code of a file, without its tests and its comments.
fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether a word stands there by itself: `Recorded` is no `RecordedWorld`.
fn names(code: &str, what: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(what).any(|(at, _)| {
        let (before, behind) = (code[..at].chars().next_back(), code[at + what.len()..].chars().next());
        let begins = what.starts_with(is_part) && before.is_some_and(is_part);
        let goes_on = what.ends_with(is_part) && behind.is_some_and(is_part);
        !begins && !goes_on
    })
}

#[test]
fn there_is_one_way_to_do_each_thing() {
    let files = rust_files("src");
    let files: Vec<_> = files
        .iter()
        .map(|(path, text)| (path.to_str().expect("a path").replace('\\', "/"), code(text)))
        .filter(|(path, _)| !path.ends_with("tests.rs") && !path.contains("/tests/"))
        .collect();
    for (what, may) in ONLY {
        let users = files.iter().filter(|(_, code)| names(code, what)).map(|(path, _)| path);
        let users: Vec<_> = users.collect();
        assert!(!users.is_empty(), "nobody names {what}: mend the table");
        for path in users {
            let place = path.strip_prefix("src/").unwrap_or(path);
            let allowed = may.iter().any(|may| place.starts_with(may));
            assert!(allowed, "{path} names {what}, which is done in {}", may.join(" and "));
        }
    }
}
