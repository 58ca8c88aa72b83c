//! Services that are not on this machine, and what a run leaves in one.

use std::path::{Path, PathBuf};
use std::process::Output;

use super::{check_output, proofmark, workspace};
use crate::http::server::{Server, answer, with};

/// A name that leads nowhere, by RFC 6761, section 6.4.
const ELSEWHERE: &str = "http://orders.invalid:8080/api";

const PROFILE: &str = r#"
[command.CreateOrder]
request = "POST /orders"
body = { id = "${on}" }
[command.ConfirmOrder]
request = "POST /orders/${on}/confirm"
[[answer]]
status = 409
is = "rejected"
code = "OrderNotPending"
"#;

const STEPS: &str =
    "  given CreateOrder on $o { customer: \"c\", items: [{ product: \"p\", quantity: 1, price: 1 }] }
  when ConfirmOrder on $o
  then rejected OrderNotPending
";

/// A folder with a profile and so many scenarios that make an order each.
fn folder(test: &str, first: &str, scenarios: usize) -> PathBuf {
    let one = |number: usize| format!("scenario \"number {number}\"\n  let $o = new Order\n{STEPS}");
    let all: Vec<String> = (0..scenarios).map(one).collect();
    let folder = workspace(test, format!("use orders\n{}", all.concat()).as_bytes());
    std::fs::write(folder.join("p.toml"), format!("schema = 1\ncontract = \"orders\"\n{first}\n{PROFILE}"))
        .expect("a profile");
    folder
}

fn run(folder: &Path, job: &str, url: &str) -> Output {
    let (profile, scenarios) = (folder.join("p.toml"), folder.join("mine.scenario"));
    let mut args = vec![job, "--target", profile.to_str().expect("a path"), "--url", url];
    if job == "run" {
        args.push(scenarios.to_str().expect("a path"));
    }
    proofmark(&args)
}

#[test]
fn nothing_is_sent_elsewhere_unless_the_profile_says_that_it_is_for_tests() {
    let (asked, vouched) = (folder("guard-asked", "", 1), folder("guard-test", "test = true", 1));
    let denied = folder("guard-not", "test = false", 1);
    for job in ["run", "generate", "conform"] {
        for folder in [&asked, &denied] {
            let output = run(folder, job, ELSEWHERE);
            check_output(&output, 64, "http://orders.invalid:8080/api is not on this machine");
            check_output(&output, 64, "write `test = true` at the top of the profile");
        }
        check_output(&run(&vouched, job, ELSEWHERE), 3, "can't be reached");
        check_output(&run(&asked, job, "http://127.0.0.1:9"), 3, "can't be reached");
    }
    // A further address counts as well.
    let further = folder("guard-further", "[base.reads]\nurl = \"http://reads.invalid\"", 1);
    check_output(
        &run(&further, "run", "http://localhost:9"),
        64,
        "http://reads.invalid is not on this machine",
    );
    for folder in [asked, vouched, denied, further] {
        std::fs::remove_dir_all(folder).expect("the folder");
    }
}

#[test]
fn a_run_tells_what_it_left_behind() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = runtime.block_on(Server::start(|request| {
        if request.target.ends_with("/confirm") { answer(409, "{}") } else { with(201, "", b"") }
    }));
    for scenarios in [2, 23] {
        let folder = folder(&format!("guard-left-{scenarios}"), "", scenarios);
        let output = run(&folder, "run", &server.url);
        std::fs::remove_dir_all(folder).expect("the folder");
        check_output(&output, 0, &format!("left behind  {} commands were sent", 2 * scenarios));
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let line = text.lines().find(|line| line.contains(" Order: ")).unwrap_or_else(|| panic!("{text}"));
        let (count, ids) = line.split_once(" Order: ").expect("ids");
        assert_eq!(count.trim(), scenarios.to_string(), "{text}");
        let ids: Vec<_> = ids.split(", ").collect();
        assert_eq!(ids.len(), scenarios.min(21), "{text}");
        assert_eq!(ids.last() == Some(&"3 more"), scenarios == 23, "{text}");
        let made: Vec<String> = server.requests().into_iter().map(|request| request.body).collect();
        assert!(made.iter().any(|body| body.contains(ids[0])), "{text}");
    }
    // What only reads leaves nothing.
    let folder = folder("guard-reads", "[query.GetOrderDetails]\nrequest = \"GET /o\"\nabsent = [201]", 0);
    std::fs::write(
        folder.join("mine.scenario"),
        "use orders\nscenario \"s\"\n  let $o = new Order\n  then GetOrderDetails on $o absent\n",
    )
    .expect("a file");
    let output = run(&folder, "run", &server.url);
    std::fs::remove_dir_all(folder).expect("the folder");
    assert!(!String::from_utf8_lossy(&output.stderr).contains("left behind"), "{output:?}");
}
