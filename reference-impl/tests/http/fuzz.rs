//! Whatever is sent: never a 5xx, always a problem document where it is a 4xx, and the server lives on.

use std::sync::LazyLock;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tokio::runtime::Runtime;

use super::client::{Call, accepted, call, furnished, uuid};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime")
});
static ROUTER: LazyLock<Router> = LazyLock::new(|| RUNTIME.block_on(furnished()));

fn methods() -> impl Strategy<Value = Method> {
    let known: &'static [&'static str] =
        &["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "BREW"];
    select(known).prop_map(|name| name.parse().expect("a method"))
}

/// Parts of paths that lead somewhere, and parts that don't.
fn segments() -> impl Strategy<Value = String> {
    let known: &'static [&'static str] = &[
        "orders",
        "items",
        "delivery",
        "confirm",
        "cancel",
        "customers",
        "events",
        "read-models",
        "admin",
        "rebuild",
        "wait",
        "order_summary",
        "audit-trail",
        "health",
        "problems",
        "openapi.json",
        "c",
        "..",
        ".",
        "",
        "%",
        "%00",
        "%FF",
        "%2F",
        "*",
        "{id}",
        "Malformed",
    ];
    prop_oneof![
        6 => select(known).prop_map(str::to_owned),
        3 => (0..4_u128).prop_map(|number| uuid(number).to_string()),
        1 => "[a-zA-Z0-9%._~!$&'()*+,;=:@-]{0,20}",
    ]
}

fn targets() -> impl Strategy<Value = Uri> {
    let pairs = ("(page|page_size|as_of|after|limit|order|position|[a-z]{1,3})", "[-a-zA-Z0-9%+.]{0,22}");
    let query = vec(pairs.prop_map(|(name, value)| format!("{name}={value}")), 0..3);
    // A wait that is meant lasts; how long is not what is tried here.
    let query = query.prop_map(|pairs| [pairs, vec!["timeout_ms=0".to_owned()]].concat().join("&"));
    (vec(segments(), 0..6), query)
        .prop_map(|(path, query)| format!("/{}?{query}", path.join("/")))
        .prop_filter_map("no request target", |target| target.parse().ok())
}

fn headers() -> impl Strategy<Value = HeaderMap> {
    let names: &'static [&'static str] = &[
        "content-type",
        "content-length",
        "content-encoding",
        "if-match",
        "if-none-match",
        "idempotency-key",
        "x-command-id",
        "x-causation-id",
        "authorization",
        "accept",
        "expect",
        "x-anything",
    ];
    let values = prop_oneof![
        3 => select(["application/json", "*", "\"1\"", "W/\"1\"", "\"1\", \"2\"", "k", "\"k\"", "100-continue", "gzip"].as_slice())
            .prop_map(|value| value.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..20),
    ];
    vec((select(names), values), 0..6).prop_map(|fields| {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                headers.append(HeaderName::from_static(name), value);
            }
        }
        headers
    })
}

fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|value| value.to_string()),
        "-?[0-9]{1,40}(\\.[0-9]{1,40})?([eE][-+]?[0-9]{1,4})?",
        any::<String>().prop_map(|text| serde_json::to_string(&text).expect("JSON")),
        (0..4_u128).prop_map(|number| format!("\"{}\"", uuid(number))),
    ];
    let names = select(
        ["id", "customer", "items", "product", "quantity", "price", "reason", "deliver_at", "x"].as_slice(),
    );
    leaf.prop_recursive(4, 24, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|elements| format!("[{}]", elements.join(","))),
            vec((names.clone(), inner), 0..6).prop_map(|members| {
                let members: Vec<_> =
                    members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

fn bodies() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        1 => Just(Vec::new()),
        4 => json().prop_map(String::into_bytes),
        2 => (json(), any::<prop::sample::Index>()).prop_map(|(text, end)| {
            let bytes = text.into_bytes();
            let end = end.index(bytes.len());
            bytes[..end].to_vec()
        }),
        1 => vec(any::<u8>(), 0..200),
    ]
}

/// Sends it; what any answer has to keep is checked on the way.
fn judge(request: Call) {
    // Before the runtime is entered: furnishing enters it, too.
    let router = &*ROUTER;
    let reply = RUNTIME.block_on(call(router, request));
    assert!(!reply.status.is_server_error(), "{reply:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_is_sent_is_the_servers_fault(
        method in methods(),
        target in targets(),
        headers in headers(),
        body in bodies(),
    ) {
        let request = Call { method, target: target.to_string(), headers, body: Body::from(body) };
        judge(request);
    }

    #[test]
    fn no_body_of_a_command_is_the_servers_fault(
        target in select(vec![
            "/orders".to_owned(),
            format!("/orders/{}/items", uuid(1)),
            format!("/orders/{}/items/p-0/replace", uuid(1)),
            format!("/orders/{}/cancel", uuid(3)),
            format!("/orders/{}/confirm", uuid(3)),
        ]),
        body in bodies(),
    ) {
        let request = Call::post(target).header("content-type", "application/json").bytes(body);
        judge(request);
    }
}

#[test]
fn the_server_lives_on() {
    let router = &*ROUTER;
    RUNTIME.block_on(accepted(router, Call::get("/health")));
}
