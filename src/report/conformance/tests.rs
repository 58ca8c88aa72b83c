//! Every format tells the samples; nothing of a hostile service gets through as anything but text.

use super::samples::{HOSTILE, failing, passing, undecided};
use super::*;
use crate::text::Colour;

fn rendered(name: &str, record: &ConformanceRecord) -> String {
    let format = CONFORMANCE_FORMATS.iter().find(|format| format.name == name).expect("a format");
    (format.render)(record)
}

#[test]
fn each_format_begins_as_it_says() {
    for format in CONFORMANCE_FORMATS {
        for record in [passing(), failing(1), undecided()] {
            let text = (format.render)(&record);
            assert!(text.starts_with(format.start), "{}: {}", format.name, &text[..80]);
        }
    }
}

#[test]
fn formats_are_as_they_were() {
    for name in ["junit", "md", "badge"] {
        insta::assert_snapshot!(format!("{name}-failing"), rendered(name, &failing(2)));
    }
    insta::assert_snapshot!("terminal-failing", conformance(&failing(2), Colour::Plain));
    insta::assert_snapshot!("terminal-passing", conformance(&passing(), Colour::Plain));
    insta::assert_snapshot!("badge-passing", rendered("badge", &passing()));
}

#[test]
fn what_a_service_says_is_inert_everywhere() {
    let record = failing(3);
    assert!(HOSTILE.contains("<script>"));
    for format in CONFORMANCE_FORMATS.iter().filter(|format| format.name != "json") {
        let text = (format.render)(&record);
        assert!(!text.contains("<script"), "{}: markup", format.name);
        assert!(!text.contains("</script"), "{}: markup", format.name);
    }
    for format in CONFORMANCE_FORMATS {
        let text = (format.render)(&record);
        let control = text.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(control, None, "{}: a control character", format.name);
        assert!(!text.contains('\u{202e}'), "{}: a change of direction", format.name);
    }
}

#[test]
fn ten_megabytes_of_an_answer_stay_out_of_reports() {
    let record = samples::sample(|_| crate::conform::Stand::Fail, 500, &"x".repeat(10_000_000));
    for format in CONFORMANCE_FORMATS {
        let length = (format.render)(&record).len();
        assert!(length < 4_000_000, "{}: {length} bytes", format.name);
    }
}

#[test]
fn the_page_asks_for_nothing_from_outside() {
    let page = rendered("html", &failing(5));
    for outside in ["src=", "href=\"http", "url(", "@import", "<script"] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn junit_is_of_the_common_form_and_has_times() {
    for record in [passing(), failing(2), undecided()] {
        let report = rendered("junit", &record);
        assert_eq!(super::super::junit_form::odd(&report), Vec::<String>::new(), "{report}");
        assert!(report.contains("time=\"8.400000\" timestamp=\""), "{report}");
    }
}

#[test]
fn markdown_keeps_to_its_lines() {
    let text = rendered("md", &failing(1));
    assert!(text.contains("\\`x\\`") && text.contains("&lt;/script"), "{text}");
}

/// `PROOFMARK_SAMPLES=DIR` leaves the pages there, to be looked at in a browser.
#[test]
fn pages_can_be_looked_at() {
    let pages = [
        ("passing", passing()),
        ("failing-5", failing(5)),
        ("failing-500", samples::sample(|_| crate::conform::Stand::Fail, 500, "everything is broken")),
        ("undecided", undecided()),
    ];
    for (name, record) in pages {
        let page = rendered("html", &record);
        assert!(page.contains("</html>"), "{name}");
        if let Some(folder) = std::env::var_os("PROOFMARK_SAMPLES") {
            let path = std::path::Path::new(&folder).join(format!("{name}.html"));
            std::fs::write(path, page).expect("a page");
        }
    }
}
