use super::rust_files;

/// Which rooms of `src/` a room may use, besides itself. ARCHITECTURE.md has the same table in words. A room inside of a
/// room that is listed itself is held to its own row.
const ROOMS: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("value", &["text"]),
    ("protocol", &["value"]),
    ("testing/fixture", &["value"]),
    ("draft", &["value"]),
    ("language", &["text", "value"]),
    ("contract/expr", &["language", "text", "value"]),
    ("contract/names", &["contract/expr", "language", "protocol", "text", "value"]),
    ("contract/rules", &["contract/expr", "contract/names", "language", "protocol", "text", "value"]),
    (
        "contract/explore",
        &["contract/expr", "contract/names", "contract/rules", "language", "protocol", "text", "value"],
    ),
    ("contract", &["contract/expr", "contract/names", "contract/rules", "contract/explore"]),
    ("profile", &["contract", "protocol", "text", "value"]),
    ("history", &["protocol", "value"]),
    ("judge", &["contract", "history", "protocol", "text", "value"]),
    ("clause", &["contract", "history", "judge", "protocol", "text", "value"]),
    ("step", &["contract", "protocol", "value"]),
    ("generate", &["contract", "language", "protocol", "step", "value"]),
    ("scenario", &["contract", "language", "protocol", "step", "text", "value"]),
    ("suite", &["contract", "language", "profile", "scenario", "text"]),
    ("adapter", &["contract", "profile", "protocol", "value"]),
    (
        "run",
        &[
            "adapter", "contract", "generate", "history", "judge", "language", "protocol", "scenario",
            "step", "text", "value",
        ],
    ),
    (
        "conform",
        &[
            "adapter", "clause", "contract", "generate", "history", "judge", "protocol", "run", "scenario",
            "step", "text", "value",
        ],
    ),
    (
        "check",
        &[
            "clause", "conform", "contract", "generate", "history", "judge", "protocol", "run", "step",
            "text", "value",
        ],
    ),
    (
        "report",
        &[
            "check", "clause", "conform", "contract", "history", "judge", "protocol", "run", "scenario",
            "text", "value",
        ],
    ),
    (
        "testing",
        &["adapter", "clause", "conform", "contract", "language", "protocol", "report", "run", "text"],
    ),
    (
        "cli",
        &[
            "adapter", "check", "clause", "conform", "contract", "draft", "generate", "history", "language",
            "profile", "protocol", "report", "run", "scenario", "step", "suite", "text", "value",
        ],
    ),
];

/// Rooms that know neither the time nor the outside.
const PURE: &[&str] = &[
    "text",
    "value",
    "protocol",
    "testing/fixture",
    "draft",
    "clause",
    "language",
    "contract/expr",
    "contract/names",
    "contract/rules",
    "contract/explore",
    "contract",
    "profile",
    "history",
    "judge",
    "step",
    "generate",
    "scenario",
];

/// Files of pure rooms that touch the outside after all, each for a reason given in the file.
const DOORS: &[&str] = &["src/text/read.rs"];

/// The room of a file: the innermost that is listed, else the one below `src/`.
fn room_of(path: &str) -> Option<&str> {
    let path = path.strip_prefix("src/")?;
    let (outer, rest) = path.split_once('/')?;
    let inner = rest.split_once('/').map(|(inner, _)| &path[..=outer.len() + inner.len()]);
    Some(inner.filter(|inner| ROOMS.iter().any(|(room, _)| room == inner)).unwrap_or(outer))
}

/// The rooms whose paths a text names, each as far in as it is listed.
fn used_rooms(text: &str) -> Vec<String> {
    let parts = text.split("crate::").skip(1).map(|part| {
        let end =
            part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':').unwrap_or(part.len());
        let mut names = part[..end].split("::");
        let outer = names.next().unwrap_or_default();
        let inner = names.next().map(|inner| format!("{outer}/{inner}"));
        inner.filter(|inner| ROOMS.iter().any(|(room, _)| room == inner)).unwrap_or_else(|| outer.to_owned())
    });
    parts.collect()
}

/// Whether a row lets a room in: by its own name, or by that of the room it is in.
fn lets_in(may: &[&str], used: &str) -> bool {
    may.contains(&used) || used.split_once('/').is_some_and(|(outer, _)| may.contains(&outer))
}

#[test]
fn rooms_use_only_rooms_that_they_may() {
    for (path, text) in rust_files("src") {
        let path = path.to_str().expect("a path").replace('\\', "/");
        let Some(room) = room_of(&path) else { continue };
        let (_, may) =
            ROOMS.iter().find(|(name, _)| *name == room).unwrap_or_else(|| panic!("{room} is new: add it"));
        for used in used_rooms(&text) {
            // What `contract` itself hands on are names and types: rooms inside of it use those.
            let used =
                if used == "contract" && room.starts_with("contract/") { "contract/names" } else { &*used };
            let known = ROOMS.iter().any(|(name, _)| *name == used);
            assert!(!known || used == room || lets_in(may, used), "{path}: {room} must not use {used}");
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
