//! What a file takes in from others: backgrounds, and tables of examples.

use std::collections::HashMap;
use std::sync::Arc;

use proofmark::language::syntax::ScenarioFile;
use proofmark::language::{Parsed, format_scenarios, link, parse_scenarios};
use proofmark::text::{Colour, Source, render};

/// The first of these files with the others that it names.
fn linked(files: &[(&str, &str)]) -> Arc<Source> {
    let known: HashMap<&str, Arc<Source>> =
        files.iter().map(|(name, text)| (*name, Arc::new(Source::new(*name, *text)))).collect();
    link(&known[files[0].0], &mut |_, named| known.get(named).cloned().ok_or_else(|| "there is none".into()))
}

fn parsed(files: &[(&str, &str)]) -> (Arc<Source>, ScenarioFile) {
    let source = linked(files);
    let Parsed { tree, diagnostics } = parse_scenarios(&source);
    assert!(diagnostics.is_empty(), "{}", render([(&*source, &*diagnostics)], Colour::Plain));
    (source, tree)
}

/// The steps of the background as they are written, each with its file and line.
fn background(files: &[(&str, &str)], expected: &[&str]) {
    let (source, tree) = parsed(files);
    let told: Vec<String> = tree
        .background
        .iter()
        .map(|step| {
            let (file, span) = source.locate(step.span);
            format!("{}:{} {}", file.name(), file.line(span.start), file.slice(span))
        })
        .collect();
    assert_eq!(told, expected);
}

const SCENARIO: &str = "scenario \"s\"\n  when A on $x\n";

#[test]
fn the_steps_of_an_included_background_stand_where_it_is_included() {
    let main = format!("include \"b\"\nbackground\n  given Own\n{SCENARIO}");
    background(
        &[("a", &main), ("b", "use x\nbackground\n  given First\n  and Second")],
        &["b:3 First", "b:4 Second", "a:3 Own"],
    );
    let main = format!("background\n  given Own\n  include \"b\"\n  given Last\n{SCENARIO}");
    background(&[("a", &main), ("b", "background\n  given First")], &["a:2 Own", "b:2 First", "a:4 Last"]);
}

#[test]
fn what_several_need_is_there_once() {
    let main = format!("include \"b\"\ninclude \"c\"\n{SCENARIO}");
    let b = "include \"d\"\nbackground\n  given B";
    let c = "include \"d\"\nbackground\n  given C";
    background(
        &[("a", &main), ("b", b), ("c", c), ("d", "background\n  given D")],
        &["d:2 D", "b:3 B", "c:3 C"],
    );
}

#[test]
fn locks_come_along() {
    let main = format!("lock \"one\"\ninclude \"b\"\n{SCENARIO}");
    let (_, tree) = parsed(&[("a", &main), ("b", "lock \"one\"\nlock \"two\"\nbackground\n  given B")]);
    let locks: Vec<&str> = tree.locks.iter().map(|lock| &*lock.node).collect();
    assert_eq!(locks, ["one", "two"]);
}

/// What the rows of a table become: the names of the scenarios.
fn rows(table: &str, expected: &[&str]) {
    let main =
        "outline \"o\"\n  when A { x: <x>, y: <y> }\n  examples from \"t.csv\"\nscenario \"next\"\n  when B";
    let (source, tree) = parsed(&[("a", main), ("t.csv", table)]);
    let names: Vec<&str> = tree.scenarios.iter().map(|scenario| &*scenario.name.node).collect();
    assert_eq!(names, [expected, &["next"]].concat());
    for scenario in &tree.scenarios[..expected.len()] {
        assert_eq!(scenario.steps.len(), 1);
        let row = scenario.example.expect("it is made from a row").row;
        assert_eq!(source.locate(row).0.name(), "t.csv");
    }
}

#[test]
fn each_row_of_a_file_is_a_scenario() {
    rows("x,y\n1,2\n3,4\n", &["o (x 1, y 2)", "o (x 3, y 4)"]);
    rows("y,unused,x\r\n1,?,2\r\n", &["o (y 1, unused ?, x 2)"]);
    rows(
        "x,y\n\"\"\"a, \"\"\",\"[1,\n2]\"\n1,\"{ z: \"\"q\"\" }\"",
        &["o (x \"a, \", y [1, 2])", "o (x 1, y { z: \"q\" })"],
    );
}

#[test]
fn one_table_serves_several_outlines() {
    let outline = |name| format!("outline \"{name}\"\n  when A {{ x: <x> }}\n  examples from \"t\"\n");
    let (_, tree) = parsed(&[("a", &(outline("one") + &outline("two"))), ("t", "x\n1\n2")]);
    assert_eq!(tree.scenarios.len(), 4);
}

#[test]
fn layout_needs_no_other_file() {
    let text =
        "use orders\n\ninclude   \"b\"\n\noutline \"o\"\n  when  A on <x>\n  examples   from \"t.csv\"\n";
    let written = format_scenarios(&Source::new("a", text)).expect("no mistakes");
    assert_eq!(written, text.replace("   from", " from").replace("include  ", "include"));
}
