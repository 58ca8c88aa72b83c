//! A service of another kind, a wrong path or a wrong port.

use super::check_output;
use super::init::{proofmark, start};
use crate::http::server::{Reaction, Request, answer, with};

/// A service of another kind, a wrong path or a wrong port never pass.
#[test]
fn a_wrong_address_never_passes() {
    let scenario = "use orders\nscenario \"s\"\n  let $o = new Order\n  when CreateOrder on $o { customer: \"c\", items: [] }\n  then accepted\n";
    let empty = "  and ListCustomerOrders { customer: \"c\" } shows any\n";
    let profile = "schema = 1\ncontract = \"orders\"\n[command.CreateOrder]\nrequest = \"POST /orders\"\nbody = \"${fields}\"\n[[answer]]\nstatus = 409\nis = \"rejected\"\ncode = \"OrderAlreadyExists\"\n[query.ListCustomerOrders]\nrequest = \"GET /orders?page=${.page}&size=${.page_size}\"\n";
    for (name, reply) in [
        ("absent", answer(404, "{}")),
        ("page", with(200, "content-type: text/html\r\n", b"<html></html>")),
        ("record", answer(200, "{}")),
        ("list", answer(200, "[]")),
        ("empty", answer(200, "")),
        // A rejection that the profile names, not the service, says nothing of who answers.
        ("status", answer(409, "{}")),
    ] {
        let directory = super::workspace(&format!("address-{name}"), scenario.as_bytes());
        std::fs::write(directory.join("more.scenario"), format!("{scenario}{empty}")).expect("a file");
        std::fs::write(directory.join("t.toml"), profile).expect("a file");
        let (_runtime, server) = start(move |_| reply.clone());
        for file in ["mine.scenario", "more.scenario"] {
            let output = proofmark(&directory, &["run", file, "--target", "t.toml", "--url", &server.url]);
            assert!(matches!(output.status.code(), Some(1 | 4)), "{name}, {file}: {output:?}");
            check_output(&output, output.status.code().unwrap_or_default(), "Nothing was ever accepted");
        }
        std::fs::remove_dir_all(&directory).expect("the directory");
    }
}

/// What a service says that is alive, and has its commands somewhere else.
fn alive(request: &Request) -> Reaction {
    match (&*request.method, &*request.target) {
        ("GET", "/health") => answer(200, r#"{"status": "ok"}"#),
        ("POST", "/api/orders") => answer(201, r#"{"id": "1"}"#),
        ("GET", "/api/orders/1") => answer(200, r#"{"order": "1", "status": "pending"}"#),
        _ => answer(404, r#"{"message": "no such route"}"#),
    }
}

/// A service that is ready, and whose paths are those of the profile but for a prefix.
#[test]
fn a_wrong_prefix_on_a_live_service_never_passes() {
    let profile = |prefix: &str| {
        format!(
            "schema = 1\ncontract = \"orders\"\n[base]\nready = \"GET /health\"\n[id.Order]\nby = \"captured\"\ntake = \"$.id\"\n\
             [command.CreateOrder]\nrequest = \"POST {prefix}/orders\"\nbody = \"${{fields}}\"\n\
             [query.GetOrderDetails]\nrequest = \"GET {prefix}/orders/${{on}}\"\nabsent = [404]\n"
        )
    };
    let create =
        "when CreateOrder on $o { customer: \"c\", items: [{ product: \"p\", quantity: 1, price: 1 }] }";
    let begin = "use orders\nscenario \"s\"\n  let $o = new Order\n";
    let rejected = format!("{begin}  {create}\n  then rejected\n");
    let absent = format!("{begin}  {create}\n  then rejected\n  and GetOrderDetails on $o absent\n");
    let shown = format!(
        "{begin}  {create}\n  then accepted\n  and GetOrderDetails on $o shows {{ status: \"pending\" }}\n"
    );
    let (_runtime, server) = start(alive);
    let told = "Nothing was ever accepted";
    for (name, prefix, scenario, codes, part) in [
        ("rejected", "", &rejected, [4, 4], told),
        ("absent", "", &absent, [4, 1], told),
        ("shown", "", &shown, [1, 1], told),
        ("right", "/api", &shown, [0, 0], "1 passed"),
    ] {
        let directory = super::workspace(&format!("prefix-{name}"), scenario.as_bytes());
        std::fs::write(directory.join("t.toml"), profile(prefix)).expect("a file");
        let output =
            proofmark(&directory, &["run", "mine.scenario", "--target", "t.toml", "--url", &server.url]);
        std::fs::remove_dir_all(&directory).expect("the directory");
        let code = output.status.code().unwrap_or_default();
        assert!(codes.contains(&code), "{name}: {output:?}");
        check_output(&output, code, part);
    }
}
