//! Services that take a command in and do it later, that want a login first, or that are split over hosts.

use std::collections::BTreeMap;
use std::sync::Mutex;

use proofmark::protocol::Verdict;

use super::service::{Orders, QUERIES, STEPS, close, json, open, read, run};
use crate::http::server::{Request, Server, answer, with};
use crate::http::{check, http};

const COMMANDS: &str = r#"
[[answer]]
at = "$.code"
is = "rejected"
code = { from = "$.code", map = { CLOSED = "OrderNotPending", NOT_FOUND = "OrderNotFound" } }
[command.CreateOrder]
request = "PUT /orders/${on}"
body = { customer = "${.customer}", items = "${.items}" }
[command.CancelOrder]
request = "POST /orders/${on}/cancel"
[command.ConfirmOrder]
request = "POST /orders/${on}/confirm"
"#;

/// Does the command; the code where it says no.
fn done(orders: &Orders, request: &Request) -> Result<(), &'static str> {
    let id = request.target.split('/').nth(2).unwrap_or_default();
    if request.method == "PUT" {
        let body = json(&request.body);
        open(orders, id, body.get("customer"), body.get("items"));
        return Ok(());
    }
    close(orders, id)
}

/// Every command is a 202, and a status resource tells how it ended, after a few looks.
fn taken_in(profile: &str, location: bool) {
    let (orders, operations) = (Orders::default(), Mutex::new(BTreeMap::new()));
    run(&format!("{profile}{COMMANDS}{QUERIES}"), move |request| {
        if let Some(found) = read(&orders, request) {
            return found;
        }
        let mut operations = operations.lock().expect("no panic");
        let Some(id) = request.target.strip_prefix("/operations/") else {
            let id = operations.len();
            operations.insert(id.to_string(), (2, done(&orders, request)));
            return if location {
                with(202, &format!("location: /operations/{id}\r\n"), b"")
            } else {
                answer(202, &format!(r#"{{"operation": {id}}}"#))
            };
        };
        assert_eq!(request.method, "GET");
        let (looks, ended) = operations.get_mut(id).expect("an operation");
        if *looks > 0 {
            *looks -= 1;
            return answer(200, r#"{"state": "running"}"#);
        }
        match ended {
            Ok(()) => answer(200, r#"{"state": "done"}"#),
            Err(code) => answer(200, &format!(r#"{{"state": "rejected", "code": "{code}"}}"#)),
        }
    });
}

#[test]
fn a_status_resource_in_location() {
    let profile = r#"
[operation]
when = [202]
poll = "header Location"
state = "$.state"
done = ["done"]
failed = ["rejected"]
within = "10s"
"#;
    taken_in(profile, true);
}

#[test]
fn a_status_resource_by_its_number() {
    let profile = r#"
[operation]
when = 202
poll = "/operations/${$.operation}"
state = "$.state"
done = ["done"]
failed = ["rejected"]
"#;
    taken_in(profile, false);
}

/// A token is fetched first, as OAuth 2.0 does it with a password.
#[test]
fn a_login_that_brings_a_token() {
    let profile = r#"
[auth]
kind = "login"
request = "POST /token"
form = { grant_type = "password", username = "ann", password = "${secret:PASSWORD}" }
take = "$.access_token"
"#;
    let orders = Orders::default();
    run(&format!("{profile}{COMMANDS}{QUERIES}"), move |request| {
        if request.target == "/token" {
            assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
            assert_eq!(request.body, "grant_type=password&username=ann&password=hunter2-token");
            return answer(200, r#"{"access_token": "abcdef", "token_type": "Bearer"}"#);
        }
        assert_eq!(request.header("authorization"), Some("Bearer abcdef"), "{request:?}");
        if let Some(found) = read(&orders, request) {
            return found;
        }
        done(&orders, request)
            .map_or_else(|code| answer(409, &format!(r#"{{"code": "{code}"}}"#)), |()| answer(200, "{}"))
    });
}

/// A form that is answered with a cookie and a page to go on to.
#[test]
fn a_login_that_brings_a_cookie() {
    let profile = r#"
[auth]
kind = "login"
request = "POST /login"
body = { user = "ann", password = "${secret:PASSWORD}" }
take = 'header Set-Cookie ~ /(session=[^;]+)/'
send = { header = "Cookie", value = "${token}" }
"#;
    let orders = Orders::default();
    run(&format!("{profile}{COMMANDS}{QUERIES}"), move |request| {
        if request.target == "/login" {
            assert_eq!(request.body, r#"{"user":"ann","password":"hunter2-token"}"#);
            let cookies =
                "location: /home\r\nset-cookie: theme=dark\r\nset-cookie: session=s-123456; HttpOnly\r\n";
            return with(303, cookies, b"");
        }
        assert_eq!(request.header("cookie"), Some("session=s-123456"), "{request:?}");
        if let Some(found) = read(&orders, request) {
            return found;
        }
        done(&orders, request)
            .map_or_else(|code| answer(409, &format!(r#"{{"code": "{code}"}}"#)), |()| answer(200, "{}"))
    });
}

/// Commands here, queries there; credentials go where the profile says they may.
#[test]
fn commands_and_queries_on_several_hosts() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let orders = std::sync::Arc::new(Orders::default());
    let (written, kept) = (orders.clone(), orders);
    let writes = runtime.block_on(Server::start(move |request| {
        assert_eq!(request.header("authorization"), Some("Bearer hunter2-token"));
        done(&written, request)
            .map_or_else(|code| answer(409, &format!(r#"{{"code": "{code}"}}"#)), |()| answer(200, "{}"))
    }));
    let reads = runtime.block_on(Server::start(move |request| match &*request.target {
        "/health" => answer(200, "{}"),
        _ => read(&kept, request).expect("a query"),
    }));
    let queries = QUERIES.replace("GET /read", "GET reads:/read");
    let profile = format!(
        r#"
[auth]
kind = "bearer"
token = "${{secret:TOKEN}}"
[headers]
X-Key = "${{secret:KEY}}"
X-Plain = "plain"
[base.reads]
url = "{}"
ready = "GET /health"
{COMMANDS}{queries}"#,
        reads.url
    );
    check(&runtime, http(&writes.url, &profile), STEPS, Verdict::Pass);
    assert!(writes.requests().iter().all(|request| request.header("x-key").is_some()));
    let asked = reads.requests();
    assert!(asked.iter().filter(|request| request.target != "/health").count() > 1, "{asked:?}");
    for request in &asked {
        assert!(!format!("{request:?}").contains("hunter2"), "no secret goes there: {request:?}");
    }
    assert!(asked.iter().any(|request| request.header("x-plain").is_some()));

    let trusting = profile.replace("ready = \"GET /health\"", "auth = true");
    check(&runtime, http(&writes.url, &trusting), STEPS, Verdict::Pass);
    let last = reads.requests().pop().expect("a request");
    assert_eq!(last.header("authorization"), Some("Bearer hunter2-token"));
    assert!(last.header("x-key").is_some());
}
