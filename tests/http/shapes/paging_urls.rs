//! Long answers whose pages tell the URL of the next one, in the body or in `Link`.

use proofmark::adapter::{Session as _, World as _};
use proofmark::protocol::{Actor, Seen, Verdict};

use super::paging::{ORDERS, STEPS, pages, parameter, rows};
use crate::http::server::{Reaction, Request, Server, answer, with};
use crate::http::{check, http, http_with, world};
use crate::model::query;

/// The rows of a page, and a `Link` header field.
fn linked(from: usize, link: &str) -> Reaction {
    let rows: Vec<_> = (from..ORDERS.min(from + 2)).map(|at| format!(r#"{{"id": "o{at}"}}"#)).collect();
    let body = format!(r#"{{"rows": [{}]}}"#, rows.join(","));
    with(200, &format!("content-type: application/json\r\n{link}"), body.as_bytes())
}

/// The address under which a server is asked.
fn own(request: &Request) -> String {
    format!("http://{}", request.header("host").expect("a host"))
}

/// Where the page behind the one that begins there does, if there is one.
fn behind(from: usize) -> Option<usize> {
    (from + 2 < ORDERS).then_some(from + 2)
}

#[test]
fn by_link() {
    let page = r#"{ style = "link", size = "n", max = 2 }"#;
    pages(page, STEPS, Verdict::Pass, |request| {
        let from = parameter(request, "from").unwrap_or_default();
        let sized = if from == 0 { "/orders?n=2" } else { "/orders?from=" };
        assert!(request.target.starts_with(sized), "the size is asked for once: {}", request.target);
        let last = format!("Link: <{}/orders?from=4>; rel=\"last\"\r\n", own(request));
        let next =
            behind(from).map(|to| format!("link: <{}/orders?from={to}>; rel=\"next\"\r\n", own(request)));
        linked(from, &format!("{last}{}", next.unwrap_or_default()))
    });
}

#[test]
fn by_url() {
    let page = r#"{ style = "next", next = "$.links.next" }"#;
    for form in [
        "{own}/orders?from={to}",
        "/orders?from={to}",
        "orders?from={to}",
        "?from={to}#rows",
        "./x/../orders?from={to}",
    ] {
        for end in ["", r#", "links": {}"#, r#", "links": {"next": null}"#, r#", "links": {"next": ""}"#] {
            pages(page, STEPS, Verdict::Pass, move |request| {
                let from = parameter(request, "from").unwrap_or_default();
                let Some(to) = behind(from) else { return rows(from, end) };
                let url = form.replace("{own}", &own(request)).replace("{to}", &to.to_string());
                rows(from, &format!(r#", "links": {{"next": "{url}"}}"#))
            });
        }
    }
}

/// As bodies with one bare list have it: where the next page is stands in a header field of another name.
#[test]
fn by_a_url_in_a_header_field() {
    let page = r#"{ style = "next", next = "header X-Next" }"#;
    pages(page, STEPS, Verdict::Pass, |request| {
        let from = parameter(request, "from").unwrap_or_default();
        let next = behind(from).map(|to| format!("x-next: ?from={to}\r\n"));
        linked(from, &next.unwrap_or_default())
    });
}

#[test]
fn a_page_at_another_origin_is_never_asked_for() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let other = runtime.block_on(Server::start(|_| rows(2, "")));
    let url = other.url.clone();
    let told = pages(r#"{ style = "next", next = "$.next" }"#, STEPS, Verdict::Inconclusive, move |_| {
        rows(0, &format!(r#", "next": "{url}/orders?from=2""#))
    });
    let part = format!("the URL of the next page is at another origin ({}, not http://127.0.0.1:", other.url);
    assert!(told.contains(&part), "{told}");
    let host = other.url.trim_start_matches("http:").to_owned();
    let told = pages(r#"{ style = "link" }"#, STEPS, Verdict::Inconclusive, move |_| {
        linked(0, &format!("link: <{host}/orders?from=2>; rel=next\r\n"))
    });
    assert!(told.contains(&part), "{told}");
    assert!(other.requests().is_empty(), "{:?}", other.requests());
}

/// What the guide says for a service that doesn't know the address that it is asked at.
#[test]
fn a_cursor_in_the_link_of_a_service_behind_a_proxy() {
    let page =
        r#"{ style = "cursor", cursor = "from", next = 'header Link ~ /[?&]from=(\d+)[^>]*>; rel="next"/' }"#;
    pages(page, STEPS, Verdict::Pass, |request| {
        let from = parameter(request, "from").unwrap_or_default();
        let next = behind(from).map(|to| format!(", <http://inside/orders?n=2&from={to}>; rel=\"next\""));
        let first = "link: <http://inside/orders?from=0>; rel=\"first\"";
        linked(from, &format!("{first}{}\r\n", next.unwrap_or_default()))
    });
}

#[test]
fn urls_in_a_circle_are_told() {
    let page = r#"{ style = "next", next = "$.next", size = "n", max = 2 }"#;
    for (urls, last) in [
        // A page that leads to itself; one that leads to the first; two that lead to each other.
        (["/orders?n=2", "", ""], 1),
        (["?from=2", "?n=2", ""], 2),
        (["?from=2", "?from=4", "/orders?from=2#again"], 3),
    ] {
        let told = pages(page, STEPS, Verdict::Inconclusive, move |request| {
            let from = parameter(request, "from").unwrap_or_default();
            rows(from, &format!(r#", "next": "{}""#, urls[from / 2]))
        });
        let part = format!("page {last} leads back to a page before it: its URL was there before");
        assert!(told.contains(&part), "{told}");
    }
}

#[test]
fn urls_without_end_are_given_up() {
    let page = "{ style = \"link\" }\n[limits]\nrows = 5";
    let told = pages(page, STEPS, Verdict::Inconclusive, |request| {
        let from = parameter(request, "from").unwrap_or_default();
        linked(0, &format!("link: <?from={}>; rel=next\r\n", from + 1))
    });
    assert!(told.contains("up to page 3 there are more than 5 rows; `rows` in [limits]"), "{told}");
}

#[test]
fn what_is_no_url_is_told_and_no_end() {
    let page = r#"{ style = "next", next = "$.next" }"#;
    for (next, part) in [
        (r#"{"href": "/orders?from=2"}"#, "where the URL of the next page should stand is a record"),
        ("2", "where the URL of the next page should stand is a number"),
        (r#""http://""#, "the URL of the next page is none: empty host"),
    ] {
        let told =
            pages(page, STEPS, Verdict::Inconclusive, move |_| rows(0, &format!(r#", "next": {next}"#)));
        assert!(told.contains(part), "{told}");
    }
    let told = pages(r#"{ style = "link" }"#, STEPS, Verdict::Inconclusive, |_| {
        linked(0, "link: /orders?from=2; rel=next\r\n")
    });
    assert!(told.contains("its Link header field can't be read at `/orders?from=2; rel=next`"), "{told}");
}

/// What each request has beside its path goes along to the next page, too, and a secret as it has to be written there.
#[test]
fn what_goes_along_to_the_next_page() {
    let profile = "[auth]\nkind = \"bearer\"\ntoken = \"${secret:TOKEN}\"\n[headers]\nX-Shop = \"s\"\n[query.ListCustomerOrders]\nrequest = \"GET /orders?of=${secret:TOKEN}\"\nrows = \"$.rows\"\nfields = { order = \"$.id\" }\nfresh = \"z\"\npage = { style = \"next\", next = \"$.next\" }";
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let server = Server::start(|request| {
            let from = parameter(request, "from").unwrap_or_default();
            assert_eq!(request.header("authorization"), Some("Bearer sesame&x=/1"));
            assert_eq!(request.header("x-shop"), Some("s"));
            assert!(request.target.contains("of=sesame%26x%3D%2F1"), "{}", request.target);
            assert_eq!(request.target.matches("z=").count(), 1, "{}", request.target);
            // The first page's URL has nothing of what was asked besides, the second one's all.
            let next = match behind(from) {
                Some(2) => "\"?of=sesame%26x%3D%2F1&from=2\"".to_owned(),
                Some(to) => format!("\"{}&from={to}\"", request.target.replace("&from=2", "")),
                None => "null".to_owned(),
            };
            rows(from, &format!(r#", "next": {next}"#))
        });
        let server = server.await;
        let place = world(&http_with(&server.url, profile, "sesame&x=/1")).await;
        let mut session = place.open(&Actor::default()).await.expect("a session");
        let told = session.ask_fresh(&query("ListCustomerOrders", None, r#"{"customer": "c"}"#)).await;
        let Seen::Found(found) = &told.answer.seen else { panic!("{told:?}") };
        assert_eq!(found.as_list().map(<[_]>::len), Some(ORDERS), "{found:?}");
        assert_eq!(server.requests().len(), 3);
        assert!(!format!("{told:?}").contains("sesame"));
    });
}

/// A reference is held against the URL that answered (RFC 3986, section 5.1.3).
#[test]
fn behind_a_redirect() {
    let profile = "[query.ListCustomerOrders]\nrequest = \"GET /orders\"\nrows = \"$.rows\"\nfields = { order = \"$.id\" }\npage = { style = \"link\" }";
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = runtime.block_on(Server::start(|request| {
        if request.target == "/orders" {
            return with(307, "location: /all/orders/\r\n", b"");
        }
        assert!(request.target.starts_with("/all/orders/"), "{}", request.target);
        let from = parameter(request, "from").unwrap_or_default();
        let next = behind(from).map(|to| format!("link: <more?from={to}>; rel=next\r\n"));
        linked(from, &next.unwrap_or_default())
    }));
    check(&runtime, http(&server.url, profile), STEPS, Verdict::Pass);
    assert_eq!(server.requests().len(), 4);
}

/// A query that is sent with POST is, page by page.
#[test]
fn a_search_with_a_body() {
    let profile = "[query.ListCustomerOrders]\nrequest = \"POST /search\"\nbody = { of = \"${.customer}\" }\nrows = \"$.rows\"\nfields = { order = \"$.id\" }\npage = { style = \"next\", next = \"$.next\" }";
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = runtime.block_on(Server::start(|request| {
        if (&*request.method, &*request.body) != ("POST", r#"{"of":"c"}"#) {
            return answer(405, "{}");
        }
        let from = parameter(request, "from").unwrap_or_default();
        let next = behind(from).map_or("null".to_owned(), |to| format!("\"?from={to}\""));
        rows(from, &format!(r#", "next": {next}"#))
    }));
    check(&runtime, http(&server.url, profile), STEPS, Verdict::Pass);
}
