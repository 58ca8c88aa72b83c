//! Long answers, page by page.

use proofmark::adapter::{Session as _, World as _};
use proofmark::protocol::{Actor, Seen, Verdict};

use crate::http::server::{Reaction, Request, Server, answer};
use crate::http::{check, http, world};
use crate::model::query;

/// How many orders there are, in pages of two.
pub(super) const ORDERS: usize = 5;

pub(super) const STEPS: &str = "then ListCustomerOrders { customer: \"c\" } shows [{ order: \"o0\" }, { order: \"o1\" }, { order: \"o2\" }, { order: \"o3\" }, { order: \"o4\" }]";

/// What a test has to see of all pages; and how the service answers.
#[track_caller]
pub(super) fn pages(
    page: &str,
    steps: &str,
    verdict: Verdict,
    handler: impl Fn(&Request) -> Reaction + Send + Sync + 'static,
) -> String {
    let profile = format!(
        "[query.ListCustomerOrders]\nrequest = \"GET /orders\"\nrows = \"$.rows\"\nfields = {{ order = \"$.id\" }}\npage = {page}"
    );
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = runtime.block_on(Server::start(handler));
    check(&runtime, http(&server.url, &profile), steps, verdict)
}

/// The value of a parameter.
pub(super) fn parameter(request: &Request, name: &str) -> Option<usize> {
    let (_, query) = request.target.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
}

pub(super) fn rows(from: usize, more: &str) -> Reaction {
    let rows: Vec<_> = (from..ORDERS.min(from + 2)).map(|at| format!(r#"{{"id": "o{at}"}}"#)).collect();
    answer(200, &format!(r#"{{"rows": [{}]{more}}}"#, rows.join(",")))
}

#[test]
fn by_number() {
    let page = r#"{ style = "page", number = "p", size = "n", max = 2 }"#;
    pages(page, STEPS, Verdict::Pass, |request| {
        assert_eq!(parameter(request, "n"), Some(2));
        rows((parameter(request, "p").expect("a page") - 1) * 2, "")
    });
}

#[test]
fn by_offset() {
    let page = r#"{ style = "offset", offset = "skip", size = "take", max = 2 }"#;
    pages(page, STEPS, Verdict::Pass, |request| {
        assert_eq!(parameter(request, "take"), Some(2));
        rows(parameter(request, "skip").expect("an offset"), "")
    });
}

#[test]
fn by_cursor() {
    let page = r#"{ style = "cursor", cursor = "after", next = "$.next" }"#;
    pages(page, STEPS, Verdict::Pass, |request| {
        let from = parameter(request, "after").unwrap_or_default();
        let next = if from + 2 < ORDERS { (from + 2).to_string() } else { "null".into() };
        rows(from, &format!(r#", "next": {next}"#))
    });
}

#[test]
fn a_page_that_does_not_move_on_is_told() {
    let page = r#"{ style = "page", number = "p", size = "n", max = 2 }"#;
    let told = pages(page, STEPS, Verdict::Inconclusive, |_| rows(0, ""));
    assert!(told.contains("pages 1 and 2 are the same"), "{told}");
    let page = r#"{ style = "cursor", cursor = "after", next = "$.next" }"#;
    let told = pages(page, STEPS, Verdict::Inconclusive, |_| rows(0, r#", "next": "x""#));
    assert!(told.contains("page 2 leads back to a page before it"), "{told}");
}

#[test]
fn pages_without_end_are_given_up() {
    let page = r#"{ style = "cursor", cursor = "after", next = "$.next" }"#;
    let told = pages(page, STEPS, Verdict::Inconclusive, |request| {
        let from = parameter(request, "after").unwrap_or_default();
        rows(0, &format!(r#", "next": {}"#, from + 1))
    });
    assert!(told.contains("there are more than 1000 pages"), "{told}");
}

#[test]
fn more_on_all_pages_than_is_read_is_told_with_its_limit() {
    for (limit, part) in [
        ("rows = 5", "up to page 3 there are more than 5 rows; `rows` in [limits]"),
        ("values = 20", "up to page 3 there are more than 20 values; `values` in [limits]"),
        ("read_bytes = 120", "there are more than 120 bytes; `read_bytes` in [limits]"),
    ] {
        let page =
            format!("{{ style = \"cursor\", cursor = \"after\", next = \"$.next\" }}\n[limits]\n{limit}");
        let told = pages(&page, STEPS, Verdict::Inconclusive, |request| {
            let from = parameter(request, "after").unwrap_or_default();
            rows(0, &format!(r#", "next": {}"#, from + 1))
        });
        assert!(told.contains(part), "{told}");
    }
}

/// A page of the contract is cut from all that the pages of the service have.
#[test]
fn one_page_of_all() {
    let profile = "[query.ListCustomerOrders]\nrequest = \"GET /orders\"\nrows = \"$.rows\"\ntotal = \"$.all\"\nfields = { order = \"$.id\" }\npage = { style = \"offset\", offset = \"skip\", size = \"take\", max = 2 }";
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let server = Server::start(|request| {
            rows(parameter(request, "skip").expect("an offset"), &format!(r#", "all": {ORDERS}"#))
        });
        let server = server.await;
        let place = world(&http(&server.url, profile)).await;
        let mut session = place.open(&Actor::default()).await.expect("a session");
        for (page, wanted) in [
            ("", "[o0 o1 o2 o3 o4]"),
            (r#", "page": 1, "page_size": 3"#, "[o0 o1 o2]"),
            (r#", "page": 2, "page_size": 3"#, "[o3 o4]"),
            (r#", "page": 9"#, "[]"),
            (r#", "page": 9007199254740993, "page_size": 100"#, "[]"),
        ] {
            let asked = query("ListCustomerOrders", None, &format!(r#"{{"customer": "c"{page}}}"#));
            let answer = session.ask(&asked).await.answer;
            let Seen::Found(found) = &answer.seen else { panic!("{answer:?}") };
            let ids = found.as_list().expect("a list").iter().filter_map(|row| row.get("order")?.as_text());
            assert_eq!(format!("[{}]", ids.collect::<Vec<_>>().join(" ")), wanted, "{page}");
            assert_eq!(answer.total, Some(ORDERS as u64));
        }
        let asked = query("ListCustomerOrders", None, r#"{"customer": "c", "page": 0}"#);
        let Seen::NotSent(why) = session.ask(&asked).await.answer.seen else { panic!("there is no page 0") };
        assert!(why.contains("all pages are read"), "{why}");
    });
}

#[test]
fn the_total_is_that_which_differs_from_the_rows() {
    let told = |second_page: &'static str| {
        let page = r#"{ style = "page", number = "p", size = "n", max = 2 }"#;
        let profile = format!(
            "[query.ListCustomerOrders]\nrequest = \"GET /orders\"\nrows = \"$.rows\"\ntotal = \"$.all\"\nfields = {{ order = \"$.id\" }}\npage = {page}"
        );
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let server = Server::start(move |request| {
                let page = parameter(request, "p").expect("a page");
                let all = if page == 2 { second_page } else { "5" };
                rows((page - 1) * 2, &format!(r#", "all": {all}"#))
            });
            let server = server.await;
            let place = world(&http(&server.url, &profile)).await;
            let mut session = place.open(&Actor::default()).await.expect("a session");
            session.ask(&query("ListCustomerOrders", None, r#"{"customer": "c"}"#)).await
        })
    };
    assert_eq!(told("5").answer.total, Some(5));
    assert_eq!(told("4").answer.total, Some(4), "one wrong page is enough");
    let Seen::Broken(why) = told("null").answer.seen else { panic!("no total, no answer") };
    assert!(why.detail.contains("how many rows"), "{why:?}");
}
