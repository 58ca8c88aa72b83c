//! The one layout: what it looks like, that it is reached in one go, and that it changes no meaning.

use std::path::{Path, PathBuf};

use proofmark::language::FormatError;
use proofmark::suite::files as shipped;
use proptest::prelude::*;

use super::common::{files, source};
use super::laws::{laid_out, laws};

#[track_caller]
fn check(text: &str, contract: bool, expected: &str) {
    let found = laws(text, contract).unwrap_or_else(|| panic!("{text} has mistakes"));
    assert_eq!(found, expected);
}

fn is_contract(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "contract")
}

/// All files of the house that a parser reads.
fn all() -> Vec<PathBuf> {
    let mut all = shipped(&["scenarios".into()]).unwrap();
    all.extend(["valid", "mistakes"].iter().flat_map(|folder| files(folder)));
    all
}

#[test]
fn shipped_files_are_laid_out() {
    for path in shipped(&["scenarios".into()]).unwrap() {
        let source = source(&path);
        let found = laws(source.own_text(), is_contract(&path)).expect("a file without mistakes");
        assert_eq!(found, source.own_text(), "`proofmark fmt` would change {}", path.display());
    }
}

#[test]
fn the_laws_hold_for_every_file() {
    let mut held = 0;
    for path in all() {
        let source = source(&path);
        held += usize::from(laws(source.own_text(), is_contract(&path)).is_some());
        // Without any indentation, and with too much of it.
        for indent in ["", "             "] {
            let lines: Vec<String> =
                source.own_text().lines().map(|line| format!("{indent}{}", line.trim_start())).collect();
            laws(&lines.join("\r\n\r\n\r\n"), is_contract(&path));
        }
    }
    assert!(held > 15, "{held} files without mistakes");
}

#[test]
fn scenarios_look_like_this() {
    check(
        "\n\n# about\nfeature   \"f\"\nuse orders # contract\n\n\n\nbackground\nlet   $c = unique \"c\"\n@a   @b\nscenario \"x\"\n let $o=new Order\n # why\n given  Create on $o{a:1,b:[ 1,2 ],c:{ }}\nwhen race\n a:Go on $o\n   longer: Go   on $o { n: -1 }\n  then accepted\n and eventually Q on $o shows [\n{ a: $c.b[0] },\n  # in it\n{ a: > -1 }\n]\n   unless {a:2}\n\n",
        false,
        "# about\nfeature \"f\"\nuse orders  # contract\n\nbackground\n  let $c = unique \"c\"\n@a @b\nscenario \"x\"\n  let   $o = new Order\n  # why\n  given Create on $o { a: 1, b: [1, 2], c: {} }\n  when  race\n          a:      Go on $o\n          longer: Go on $o { n: -1 }\n  then  accepted\n  and   eventually Q on $o shows [\n          { a: $c.b[0] },\n          # in it\n          { a: > -1 }\n        ]\n          unless { a: 2 }\n",
    );
}

#[test]
fn tables_have_columns() {
    check(
        "outline \"x\"\nwhen Go { n: <n>,m: <m> - 1 }\nexamples\n|n|m|\n  # a comment\n| -1 |\"é\"|  # why\n| \"a\\|b\" | 3|",
        false,
        "outline \"x\"\n  when  Go { n: <n>, m: <m> - 1 }\n  examples\n    | n      | m   |\n    # a comment\n    | -1     | \"é\" |  # why\n    | \"a\\|b\" | 3   |\n",
    );
}

#[test]
fn contracts_look_like_this() {
    check(
        "contract c\ntype T=string 2..8 [a-z0-9 -]\naggregate A\nstate s:a|b\ncommand C{n:int 1 .. try -1..5 , m:[T] = [ ]}\nreject Short when n<1\nreject MuchLonger when not (n == 2) or\nn - 1 > count (m)\n\nquery Q\nshows {\nn: self.id\n}\nview V {}\nof A where true\nshows { n: self.s }\n",
        true,
        "contract c\ntype T = string 2..8 [a-z0-9 -]\naggregate A\n  state s: a | b\n  command C { n: int 1.. try -1..5, m: [T] = [] }\n    reject Short      when n < 1\n    reject MuchLonger when not (n == 2) or\n      n - 1 > count (m)\n\n  query Q\n    shows {\n      n: self.id\n    }\nview V {}\n  of A where true\n  shows { n: self.s }\n",
    );
}

#[test]
fn a_text_with_mistakes_is_left_alone() {
    let found = laid_out("scenario \"x\"\n  whn accepted\n", false);
    assert!(matches!(found, Err(FormatError::Mistakes(found)) if !found.is_empty()), "it was laid out");
}

/// A shipped or valid file with its spaces drawn anew, where there were some.
fn respaced() -> impl Strategy<Value = (String, bool)> {
    let texts: Vec<(String, bool)> =
        all().iter().map(|path| (source(path).text().to_owned(), is_contract(path))).collect();
    let gaps = prop::collection::vec(prop::sample::select(vec![" ", "  ", "\t", "     "]), 64);
    (prop::sample::select(texts), gaps).prop_map(|((text, contract), gaps)| {
        let mut gap = gaps.iter().cycle();
        let mut quoted = false;
        let mut respaced = String::new();
        for c in text.chars() {
            quoted = match c {
                '"' => !quoted,
                '\n' => false,
                _ => quoted,
            };
            match c {
                ' ' if !quoted => respaced.push_str(gap.next().copied().unwrap_or(" ")),
                c => respaced.push(c),
            }
        }
        (respaced, contract)
    })
}

/// Steps made of pieces that fit together, more or less.
fn steps() -> impl Strategy<Value = String> {
    let pieces = vec![
        "when",
        "then",
        "and",
        "X",
        "on",
        "$o",
        "{ a: 1 }",
        "{a:-1,b:[1,2]}",
        "shows",
        "accepted",
        "[",
        "]",
        "{",
        "}",
        "a:",
        ",",
        "1",
        "-",
        "+",
        "(",
        ")",
        "not",
        "> -1",
        "count",
        "\n",
        "\n  ",
        "# c\n",
        "\n\n\n",
        "key \"k\"",
        "eventually",
        "unless",
        "=",
        "~/r/",
        "0.5 ± 1",
        "<a>",
        "< a >",
        "\nwhen X",
        "\nthen X shows",
        "\nlet $x =",
        "$x[0].b",
        "->",
        "..",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..12)
        .prop_map(|pieces| format!("scenario \"x\"\nlet $o=1\nwhen X {}\n", pieces.join(" ")))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_laws_hold_for_other_spaces((text, contract) in respaced()) {
        laws(&text, contract);
    }

    #[test]
    fn the_laws_hold_for_steps(text in steps()) {
        laws(&text, false);
    }
}
