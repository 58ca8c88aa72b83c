//! A client for the router. Whatever it gets, it holds against the rules that all answers keep.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use reference_impl::OrderSystem;
use reference_impl::domain::{AddItem, CreateOrder, Item};
use reference_impl::http::{Api, problems, router};
use rust_decimal::Decimal;
use serde_json::Value;
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::support::{confirm, order, send, system};

/// A request in the making.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Null where there was no body.
    pub(crate) json: Value,
}

impl Call {
    pub(crate) fn new(method: Method, target: impl Into<String>) -> Self {
        Self { method, target: target.into(), headers: HeaderMap::new(), body: Body::empty() }
    }

    pub(crate) fn get(target: impl Into<String>) -> Self {
        Self::new(Method::GET, target)
    }

    pub(crate) fn post(target: impl Into<String>) -> Self {
        Self::new(Method::POST, target)
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        let value = HeaderValue::from_str(value).expect("a header value");
        self.headers.append(HeaderName::from_static(name), value);
        self
    }

    pub(crate) fn json(self, body: &str) -> Self {
        self.header("content-type", "application/json").bytes(body.to_owned())
    }

    pub(crate) fn bytes(self, body: impl Into<Body>) -> Self {
        Self { body: body.into(), ..self }
    }

    pub(crate) fn more_target(self, more: &str) -> Self {
        let joint = if self.target.contains('?') { '&' } else { '?' };
        Self { target: format!("{}{joint}{more}", self.target), ..self }
    }
}

impl Reply {
    /// The problem's code, or an empty text.
    pub(crate) fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or_default()
    }

    /// The text of a header field, or an empty one.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }
}

/// Sends a request, and checks what has to be true of any answer.
pub(crate) async fn call(router: &Router, call: Call) -> Reply {
    let head = call.method == Method::HEAD;
    let reply = unchecked(router, call).await;
    check(&reply, head);
    reply
}

/// Sends a request. The answer may be wrong.
pub(crate) async fn unchecked(router: &Router, call: Call) -> Reply {
    let Call { method, target, headers, body } = call;
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = target.parse().expect("a request target");
    *request.headers_mut() = headers;
    let response = router.clone().oneshot(request).await.expect("a router never fails");
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.expect("a body").to_bytes();
    let json = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).expect("JSON") };
    Reply { status: parts.status, headers: parts.headers, json }
}

fn check(reply: &Reply, head: bool) {
    let content_type = reply.header("content-type");
    if reply.status.is_client_error() || reply.status.is_server_error() {
        assert_eq!(content_type, "application/problem+json", "{reply:?}");
        if head {
            return;
        }
        let code = reply.code();
        let mut kinds = problems().iter();
        let kind = kinds.find(|kind| kind.code == code && kind.status == reply.status).expect(code);
        assert_eq!(reply.json["status"], reply.status.as_u16(), "{reply:?}");
        assert_eq!(reply.json["title"], kind.title);
        assert_eq!(reply.json["type"], format!("/problems/{code}"));
        assert!(reply.json["detail"].is_string(), "{reply:?}");
    } else if reply.status != StatusCode::NOT_MODIFIED {
        assert_eq!(content_type, "application/json", "{reply:?}");
    }
}

/// Sends a request that has to end well.
pub(crate) async fn accepted(router: &Router, request: Call) -> Reply {
    let reply = call(router, request).await;
    assert!(reply.status.is_success(), "{reply:?}");
    reply
}

pub(crate) fn open() -> Router {
    router(Api::open(system()))
}

pub(crate) fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(crate) fn create(number: u128) -> Call {
    let id = uuid(number);
    Call::post("/orders").json(&format!(
        r#"{{"id":"{id}","customer":"c","items":[{{"product":"p-0","quantity":1,"price":"1"}}]}}"#
    ))
}

pub(crate) fn add(number: u128) -> Call {
    Call::post(format!("/orders/{}/items", uuid(number)))
        .json(r#"{"product":"p-1","quantity":2,"price":"0.10"}"#)
}

pub(crate) fn remove(number: u128, product: &str) -> Call {
    Call::new(Method::DELETE, format!("/orders/{}/items/{product}", uuid(number)))
}

pub(crate) fn replace(number: u128, product: &str) -> Call {
    Call::post(format!("/orders/{}/items/{product}/replace", uuid(number)))
        .json(r#"{"replacement":"p-2","quantity":2,"price":"0.10"}"#)
}

pub(crate) fn deliver(number: u128, at: &str) -> Call {
    Call::post(format!("/orders/{}/delivery", uuid(number))).json(&format!(r#"{{"deliver_at":"{at}"}}"#))
}

pub(crate) fn confirming(number: u128) -> Call {
    Call::post(format!("/orders/{}/confirm", uuid(number)))
}

pub(crate) fn cancel(number: u128) -> Call {
    Call::post(format!("/orders/{}/cancel", uuid(number))).json(r#"{"reason":"changed my mind"}"#)
}

pub(crate) fn read(number: u128) -> Call {
    Call::get(format!("/orders/{}", uuid(number)))
}

/// Puts in what most tests begin with: order 1, pending, with the products p-0 and p-1, at version 2;
/// order 2, confirmed, at version 2.
pub(crate) async fn furnish(system: &OrderSystem) {
    for number in [1, 2] {
        let items = vec![Item::new("p-0", 1, Decimal::ONE)];
        send(system, order(number), CreateOrder { customer: "c".into(), items }).await;
    }
    send(system, order(1), AddItem { product: "p-1".into(), quantity: 1, price: Decimal::ONE }).await;
    send(system, order(2), confirm()).await;
}

pub(crate) async fn furnished() -> Router {
    let system = system();
    furnish(&system).await;
    router(Api::open(system))
}
