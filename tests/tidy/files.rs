use super::rust_files;

const MOST_LINES: usize = 600;

#[test]
fn no_file_is_too_long() {
    for below in ["src", "tests", "benches", "reference-impl"] {
        for (path, text) in rust_files(below) {
            let lines = text.lines().count();
            assert!(lines <= MOST_LINES, "{} has {lines} lines: split it", path.display());
        }
    }
}

#[test]
fn every_file_is_part_of_the_house() {
    for below in ["src", "reference-impl/src"] {
        let files = rust_files(below);
        for (path, _) in &files {
            let stem = path.file_stem().and_then(|stem| stem.to_str()).expect("a name");
            if ["lib", "main"].contains(&stem) {
                continue;
            }
            let (name, directory) = match stem {
                "mod" => (
                    path.parent().and_then(|room| room.file_name()),
                    path.parent().and_then(|room| room.parent()),
                ),
                _ => (path.file_stem(), path.parent()),
            };
            let name = name.and_then(|name| name.to_str()).expect("a name");
            let directory = directory.expect("a directory");
            let declared = files.iter().any(|(other, text)| {
                let beside = other.parent() == Some(directory) || other.with_extension("") == directory;
                let by_name = format!("mod {name};");
                let by_path = format!("#[path = \"{name}.rs\"]");
                beside
                    && text.lines().any(|line| line.trim_end().ends_with(&by_name) || line.trim() == by_path)
            });
            assert!(declared, "{}: no `mod {name};`", path.display());
        }
    }
}

#[test]
fn every_report_is_documented() {
    let docs = std::fs::read_to_string("docs/reports.md").expect("the page");
    for format in proofmark::report::FORMATS {
        assert!(docs.contains(&format!("{}=FILE", format.name)), "{} is not in docs/reports.md", format.name);
    }
}

#[test]
fn every_room_says_what_it_is_for() {
    for (path, text) in rust_files("src").into_iter().chain(rust_files("reference-impl/src")) {
        if path.ends_with("mod.rs") {
            assert!(text.starts_with("//! "), "{} doesn't say what it is for", path.display());
        }
    }
}

/// A table that says what is proved has to say where.
#[test]
fn every_shape_in_the_table_has_its_test() {
    let page = std::fs::read_to_string("docs/target-profiles.md").expect("the page");
    let (_, table) = page.split_once("## Shapes of services").expect("the table");
    each_row_has_its_test(table.split("\n## ").next().unwrap_or_default(), 5);
}

#[test]
fn every_hostile_case_has_its_test() {
    each_row_has_its_test(&std::fs::read_to_string("docs/hostile.md").expect("the page"), 30);
}

/// A row ends with a link to a test.
#[track_caller]
fn each_row_has_its_test(table: &str, at_least: usize) {
    let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert!(rows.len() > at_least, "{} rows", rows.len());
    for row in rows {
        let link = row.rsplit_once('[').and_then(|(_, link)| link.strip_suffix(") |"));
        let (test, file) =
            link.and_then(|link| link.split_once("](../")).unwrap_or_else(|| panic!("no link: {row}"));
        let source = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"));
        let mut lines = source.lines().map(str::trim_start).peekable();
        let found = std::iter::from_fn(|| Some((lines.next()?, *lines.peek()?))).any(|(attribute, next)| {
            let function = next.strip_prefix("async ").unwrap_or(next);
            attribute.starts_with("#[")
                && attribute.contains("test")
                && function.starts_with(&format!("fn {test}("))
        });
        assert!(found, "{file} has no test {test}: {row}");
    }
}

/// Names are a variant of values. Whoever looks for a mark in a text takes texts of services and contracts for names.
#[test]
fn no_text_is_taken_for_a_name_by_what_it_begins_with() {
    for (path, text) in rust_files("src") {
        for mark in ["starts_with('$')", "starts_with(\"$\")", "trim_start_matches('$')"] {
            assert!(!text.contains(mark), "{} has {mark}", path.display());
        }
    }
}

#[test]
fn names_of_files_are_shown_in_one_way() {
    for (path, text) in rust_files("src") {
        let tests_only = path.components().any(|part| part.as_os_str() == "tests");
        let at = text.find(".display()").filter(|_| !tests_only);
        assert!(at.is_none(), "{}: a terminal may act on a path: show it by `path_name`", path.display());
    }
}
