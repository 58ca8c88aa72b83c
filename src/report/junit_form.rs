//! The form of the reports in XML that CI servers read, for tests: <https://github.com/testmoapp/junitxml> has it in words. What this does not
//! list, some reader refuses or leaves out.

use std::collections::BTreeSet;

struct Element {
    name: &'static str,
    /// The elements that it may stand in; an empty name for none.
    parents: &'static [&'static str],
    /// The attributes that it must have, and those that it may have.
    must: &'static [&'static str],
    may: &'static [&'static str],
}

const FORM: &[Element] = &[
    Element {
        name: "testsuites",
        parents: &[""],
        must: &["name"],
        may: &["tests", "failures", "errors", "skipped", "assertions", "time", "timestamp"],
    },
    Element {
        name: "testsuite",
        parents: &["testsuites"],
        must: &["name", "tests", "failures", "errors"],
        may: &["skipped", "assertions", "time", "timestamp", "file"],
    },
    Element { name: "properties", parents: &["testsuite", "testcase"], must: &[], may: &[] },
    Element { name: "property", parents: &["properties"], must: &["name", "value"], may: &[] },
    Element {
        name: "testcase",
        parents: &["testsuite"],
        must: &["name", "classname"],
        may: &["assertions", "time", "file", "line"],
    },
    Element { name: "failure", parents: &["testcase"], must: &["type", "message"], may: &[] },
    Element { name: "error", parents: &["testcase"], must: &["type", "message"], may: &[] },
    Element { name: "skipped", parents: &["testcase"], must: &["type", "message"], may: &[] },
];

/// Everything in a report that is not of that form.
pub(super) fn odd(report: &str) -> Vec<String> {
    let tag = regex_lite::Regex::new(r#"<(/?)([a-z-]+)((?: [a-z]+="[^"<]*")*)(/?)>"#).expect("a pattern");
    let attribute = regex_lite::Regex::new(r#" ([a-z]+)="([^"]*)""#).expect("a pattern");
    let mut odd = Vec::new();
    let mut open = vec![""];
    let mut counted = 0;
    for found in tag.captures_iter(report) {
        let part = |at: usize| found.get(at).map_or("", |part| part.as_str());
        let (closes, name, empty) = (!part(1).is_empty(), part(2), !part(4).is_empty());
        counted += 1;
        if closes {
            if open.pop() != Some(name) {
                odd.push(format!("</{name}> closes another element"));
            }
            continue;
        }
        let Some(Element { parents, must, may, .. }) = FORM.iter().find(|known| known.name == name) else {
            odd.push(format!("<{name}> is not known"));
            continue;
        };
        if !parents.contains(open.last().unwrap_or(&"")) {
            odd.push(format!("<{name}> stands in <{}>", open.last().unwrap_or(&"")));
        }
        let given: Vec<(&str, &str)> = attribute
            .captures_iter(part(3))
            .map(|one| (one.get(1).map_or("", |one| one.as_str()), one.get(2).map_or("", |one| one.as_str())))
            .collect();
        let names: BTreeSet<&str> = given.iter().map(|(name, _)| *name).collect();
        odd.extend(
            must.iter().filter(|one| !names.contains(*one)).map(|one| format!("<{name}> lacks {one}")),
        );
        odd.extend(
            names
                .iter()
                .filter(|one| !must.contains(one) && !may.contains(one))
                .map(|one| format!("<{name}> has {one}")),
        );
        let is_time = |value: &str| value.parse::<f64>().is_ok_and(|seconds| seconds >= 0.0);
        odd.extend(
            given
                .iter()
                .filter(|(one, value)| *one == "time" && !is_time(value))
                .map(|(_, value)| format!("{value} is no time")),
        );
        if !empty {
            open.push(name);
        }
    }
    if counted != report.matches('<').count() - 1 {
        odd.push("some of it is no element".into());
    }
    odd.extend(open.get(1).map(|name| format!("<{name}> is not closed")));
    odd
}

#[test]
fn what_is_of_another_form_is_odd() {
    let report =
        "<?xml?>\n<testsuites name=\"a\"><testcase name=\"b\" time=\"now\"></testcase><x/></testsuites>";
    let expected = [
        "<testcase> stands in <testsuites>",
        "<testcase> lacks classname",
        "now is no time",
        "<x> is not known",
    ];
    assert_eq!(odd(report), expected);
    assert_eq!(odd("<?xml?>\n<testsuites name=\"a\">"), ["<testsuites> is not closed"]);
}
