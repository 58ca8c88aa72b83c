use super::rust_files;

/// Which rooms of `src/` a room may use, besides itself. ARCHITECTURE.md has the same table in words.
const ROOMS: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("value", &["text"]),
    ("protocol", &["value"]),
    ("fixture", &["value"]),
    ("draft", &["value"]),
    ("clause", &["protocol", "text"]),
    ("language", &["text", "value"]),
    ("expr", &["language", "text", "value"]),
    ("matcher", &["expr", "language", "text", "value"]),
    ("contract", &["expr", "language", "matcher", "protocol", "text", "value"]),
    ("model", &["contract", "expr", "language", "protocol", "text", "value"]),
    ("plan", &["clause", "contract", "expr", "language", "matcher", "text", "value"]),
    ("profile", &["contract", "protocol", "text", "value"]),
    ("history", &["protocol", "value"]),
    ("check", &["contract", "history", "model", "protocol", "text", "value"]),
    ("explore", &["contract", "expr", "language", "model", "protocol", "text", "value"]),
    ("generate", &["contract", "explore", "expr", "language", "model", "plan", "protocol", "text", "value"]),
    ("suite", &["contract", "explore", "language", "model", "plan", "profile", "text"]),
    ("target", &["contract", "profile", "protocol", "value"]),
    (
        "run",
        &[
            "check", "contract", "expr", "generate", "history", "language", "matcher", "model", "plan",
            "protocol", "target", "text", "value",
        ],
    ),
    (
        "conform",
        &[
            "check", "clause", "contract", "explore", "generate", "history", "model", "protocol", "run",
            "target", "value",
        ],
    ),
    (
        "report",
        &["check", "clause", "conform", "contract", "matcher", "plan", "protocol", "run", "text", "value"],
    ),
    ("testing", &["clause", "conform", "contract", "language", "model", "report", "run", "target", "text"]),
    (
        "cli",
        &[
            "clause", "conform", "contract", "draft", "explore", "generate", "language", "matcher", "model",
            "plan", "profile", "protocol", "report", "run", "suite", "target", "text", "value",
        ],
    ),
];

/// Rooms that know neither the time nor the outside.
const PURE: &[&str] = &[
    "text", "value", "protocol", "fixture", "clause", "language", "expr", "matcher", "contract", "model",
    "plan", "profile", "history", "check", "explore", "generate",
];

/// Files of pure rooms that touch the outside after all, each for a reason given in the file.
const DOORS: &[&str] = &["src/text/read.rs"];

fn room_of(path: &str) -> Option<&str> {
    path.strip_prefix("src/")?.split_once('/').map(|(room, _)| room)
}

fn used_rooms(text: &str) -> Vec<String> {
    let parts = text.split("crate::").skip(1);
    parts.map(|part| part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()).collect()
}

#[test]
fn rooms_use_only_rooms_that_they_may() {
    for (path, text) in rust_files("src") {
        let path = path.to_str().expect("a path").replace('\\', "/");
        let Some(room) = room_of(&path) else { continue };
        let (_, may) =
            ROOMS.iter().find(|(name, _)| *name == room).unwrap_or_else(|| panic!("{room} is new: add it"));
        for used in used_rooms(&text) {
            let known = ROOMS.iter().any(|(name, _)| *name == used);
            assert!(!known || used == room || may.contains(&&*used), "{path}: {room} must not use {used}");
        }
    }
}

#[test]
fn pure_rooms_know_neither_time_nor_files() {
    for (path, text) in rust_files("src") {
        let path = path.to_str().expect("a path").replace('\\', "/");
        let Some(room) = room_of(&path) else { continue };
        if !PURE.contains(&room) || DOORS.contains(&&*path) || path.contains("tests") {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for outside in
            ["tokio", "std::fs", "std::net", "std::env", "std::thread", "Instant::now", "SystemTime"]
        {
            assert!(!code.contains(outside), "{path}: {room} is pure and must not use {outside}");
        }
    }
}

#[test]
fn the_judged_knows_nothing_of_the_judge() {
    for (path, text) in rust_files("reference-impl") {
        assert!(!text.contains("proofmark::"), "{}: the reference must not use the toolkit", path.display());
    }
    let manifest = std::fs::read_to_string("reference-impl/Cargo.toml").expect("the manifest");
    assert!(!manifest.contains("proofmark"), "the reference must not depend on the toolkit");
}

#[test]
fn the_table_has_no_cycle() {
    let place = |name: &str| ROOMS.iter().position(|(room, _)| *room == name).expect(name);
    for (index, (room, may)) in ROOMS.iter().enumerate() {
        for used in *may {
            assert!(place(used) < index, "{room} uses {used}, which stands behind it");
        }
    }
}
