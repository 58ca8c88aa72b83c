use super::{CheckRecord, FileRecord};
use crate::protocol::Verdict;
use crate::text::Xml;

/// How every such file begins.
pub(super) const START: &str =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"proofmark check\"";

/// A suite a history, a case for each thing that is wrong or open in it, and one for the whole.
pub(super) fn render(record: &CheckRecord) -> String {
    let mut xml = Xml::new();
    xml.element("testsuites", &[("name", "proofmark check")], |xml| {
        for file in &record.files {
            suite(file, xml);
        }
    });
    xml.finish()
}

fn suite(file: &FileRecord, xml: &mut Xml) {
    let of = |verdict: Verdict| file.found.iter().filter(|found| found.verdict == verdict).count();
    let whole = |verdict: Verdict| usize::from(file.verdict == verdict);
    let tests = (file.found.len() + 1).to_string();
    let failures = (of(Verdict::Fail) + whole(Verdict::Fail)).to_string();
    let errors = (of(Verdict::Inconclusive) + whole(Verdict::Inconclusive)).to_string();
    let skipped = of(Verdict::NotClaimed).to_string();
    let attributes = [
        ("name", &*file.file),
        ("tests", &*tests),
        ("failures", &*failures),
        ("errors", &*errors),
        ("skipped", &*skipped),
    ];
    xml.element("testsuite", &attributes, |xml| {
        for found in &file.found {
            case(&file.file, &found.name, found.verdict, &found.story.join("\n"), xml);
        }
        let why = match (&file.error, file.ended) {
            (Some(error), _) => error.clone(),
            (None, false) => "the history has no end: the run was ended from outside".into(),
            (None, true) => "the worst of what was found".into(),
        };
        case(&file.file, "the whole history", file.verdict, &why, xml);
    });
}

fn case(file: &str, name: &str, verdict: Verdict, why: &str, xml: &mut Xml) {
    xml.element("testcase", &[("name", name), ("classname", file)], |xml| {
        let element = match verdict {
            Verdict::Pass => return,
            Verdict::Fail => "failure",
            Verdict::Inconclusive => "error",
            Verdict::NotClaimed => "skipped",
        };
        xml.text(element, &[("type", verdict.word()), ("message", name)], why);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::FoundRecord;

    #[test]
    fn what_proves_nothing_is_an_error_and_never_a_pass() {
        let mut file = FileRecord::unreadable("h.jsonl", "it is empty");
        let text = render(&CheckRecord::of(vec![file.clone()]));
        assert!(text.starts_with(START), "{text}");
        assert!(text.contains(r#"tests="1" failures="0" errors="1" skipped="0""#), "{text}");
        assert!(text.contains("it is empty"), "{text}");
        (file.error, file.ended, file.verdict) = (None, true, Verdict::Pass);
        let text = render(&CheckRecord::of(vec![file.clone()]));
        assert!(text.contains(r#"errors="0""#) && !text.contains("<error"), "{text}");
        file.verdict = Verdict::Fail;
        file.found.push(FoundRecord {
            name: "a < b".into(),
            verdict: Verdict::Fail,
            clauses: vec!["EC-1".into()],
            story: vec!["one".into(), "two".into()],
        });
        let text = render(&CheckRecord::of(vec![file]));
        assert_eq!(crate::report::junit_form::odd(&text), Vec::<String>::new(), "{text}");
        assert!(text.contains(r#"failures="2""#) && text.contains("a &lt; b"), "{text}");
    }
}
