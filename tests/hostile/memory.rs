//! Whatever is answered, the command never takes more than 256 MB.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use super::service::{Answer, Ran, body, serve, watched};

/// The most that the command may take, in MiB.
const MOST: u64 = 256;

/// The answer with so many bytes: as many as are read.
const LONGEST: usize = 8 << 20;

/// Added to the order system's own profile: lists come page by page, and nobody waits for long.
const LIMITS: &str = "
[limits]
total = \"10s\"
";

const SCENARIOS: &str = r#"use orders
scenario "a detail"
  let $o = new Order
  when CreateOrder on $o { customer: "c", items: [{ product: "p", quantity: 1, price: 1 }] }
  then eventually GetOrderDetails on $o shows { status: "pending" }
scenario "a list"
  let $o = new Order
  when CreateOrder on $o { customer: "c", items: [{ product: "p", quantity: 1, price: 1 }] }
  then eventually ListCustomerOrders { customer: "c" } shows contains [{ order: $o }]
"#;

/// A directory for one test, with a profile and forty scenarios that run side by side.
fn directory(name: &str, more: &str) -> PathBuf {
    let directory = std::env::temp_dir().join(format!("proofmark-hostile-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a directory");
    std::fs::copy("scenarios/orders/orders.contract", directory.join("orders.contract"))
        .expect("the contract");
    let profile = std::fs::read_to_string("scenarios/orders/reference.toml").expect("the profile") + more;
    let paged = "rows = \"$.orders\"\npage = { style = \"cursor\", cursor = \"after\", next = \"$.next\" }";
    let profile = profile.replace("rows = \"$.orders\"\ntotal = \"$.total_count\"", paged);
    let profile = profile.replace("?page=${.page}&page_size=${.page_size}", "");
    assert!(profile.contains("cursor"), "the list of the shipped profile has changed");
    std::fs::write(directory.join("p.toml"), profile.replace("bound = \"1s\"", "bound = \"200ms\""))
        .expect("a profile");
    let mut text = SCENARIOS.to_owned();
    for copy in 0..19 {
        let more =
            SCENARIOS.replace("use orders\n", "").replace("scenario \"a", &format!("scenario \"{copy} a"));
        let _ = write!(text, "{more}");
    }
    std::fs::write(directory.join("mine.scenario"), text).expect("scenarios");
    directory
}

/// Runs and examines a service whose reads are answered like this, and its commands with 204. Answers with the outputs.
#[track_caller]
fn check(name: &str, part: &str, answer: impl Fn(&str) -> Arc<Vec<u8>> + Send + Sync + 'static) {
    let url = serve(move |method, target| -> Answer {
        match (method, target) {
            ("GET", target) if target.starts_with("/orders") || target.starts_with("/customers") => {
                (200, answer(target))
            }
            _ => (204, body("")),
        }
    });
    let directory = directory(name, LIMITS);
    let target = ["--target", "p.toml", "--url", &url];
    let run = watched(&directory, &[&["run", "mine.scenario", "--seed", "1"], &target[..]].concat());
    let conform = ["conform", "--seed", "1", "--clause", "EC-1,OC-3,ID-1", "--budget", "5s"];
    let conform = watched(&directory, &[&conform[..], &target[..]].concat());
    std::fs::remove_dir_all(directory).expect("the directory");
    within(&run, part);
    within(&conform, "");
}

#[track_caller]
fn within(ran: &Ran, part: &str) {
    let shown: String = ran.text.chars().take(4_000).collect();
    assert!(ran.code.is_some_and(|code| (1..=4).contains(&code)), "{:?}\n{shown}", ran.code);
    assert!(ran.text.contains(part), "{part:?} is not in\n{shown}");
    assert!(ran.peak > 0 && ran.peak < MOST, "{} MiB\n{shown}", ran.peak);
}

/// `[1,1,1,…]`, or a value between the commas that costs more.
fn list_of(element: &str, length: usize) -> Arc<Vec<u8>> {
    let elements = vec![element; length / (element.len() + 1) - 1];
    body(format!("[{}]", elements.join(",")))
}

#[test]
fn a_list_of_millions_of_numbers_is_not_taken_in() {
    let list = list_of("1", LONGEST);
    check("ones", "`values` in [limits]", move |_| list.clone());
}

#[test]
fn records_that_cost_much_are_not_taken_in_by_the_million() {
    let list = list_of(r#"{"":0}"#, LONGEST);
    check("records", "`values` in [limits]", move |_| list.clone());
}

#[test]
fn a_number_of_millions_of_digits_is_not_taken_in() {
    let number = body(format!("{{\"status\":{}}}", "7".repeat(7_000_000)));
    check("digits", "a number of more than 1000 digits", move |_| number.clone());
}

#[test]
fn a_text_of_millions_of_digits_is_no_number() {
    let text = body(format!("{{\"total\":\"{}\"}}", "7".repeat(7_000_000)));
    check("digits-in-quotes", "", move |_| text.clone());
}

#[test]
fn texts_of_millions_of_characters_are_let_go_again() {
    let count = std::sync::atomic::AtomicUsize::new(0);
    check("texts", "", move |_| {
        let count = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        body(format!("{{\"orders\":[],\"status\":\"{count}{}\"}}", "x".repeat(1 << 20)))
    });
}

#[test]
fn lists_within_lists_without_end_are_not_taken_in() {
    let lists = body("[".repeat(LONGEST));
    check("deep", "`depth` in [limits]", move |_| lists.clone());
}

#[test]
fn an_answer_that_is_too_long_is_not_taken_in() {
    let long = body(format!("\"{}\"", "x".repeat(2 * LONGEST)));
    check("long", "`bytes` in [limits]", move |_| long.clone());
}

#[test]
fn pages_without_end_are_not_taken_in() {
    let rows: Vec<_> = (0..2_000).map(|row| format!("{{\"id\":\"o{row}\",\"total\":\"1\"}}")).collect();
    let rows = rows.join(",");
    let pages = std::sync::atomic::AtomicUsize::new(0);
    check("pages", "`rows` in [limits]", move |target| {
        let page = pages.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if target.starts_with("/customers/") {
            body(format!("{{\"orders\":[{rows}],\"next\":\"c{page}\"}}"))
        } else {
            body("{}")
        }
    });
}
