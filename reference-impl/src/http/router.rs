//! The router: made from the table of operations.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, Uri};
use axum::middleware::from_fn_with_state;

use super::operation::Operation;
use super::problem::{METHOD_NOT_ALLOWED, NOT_FOUND, Problem};
use super::resource::{
    closing, customer_orders, delivery, description, events, health, items, orders, problems, read_models,
};
use super::{Api, guard};

/// Every operation of the API. To add one: its entry and its handler in the resource's file, and its
/// line here.
pub fn operations() -> &'static [&'static Operation] {
    static ALL: &[&Operation] = &[
        &orders::CREATE,
        &orders::READ,
        &orders::AUDIT,
        &items::ADD,
        &items::REMOVE,
        &items::REPLACE,
        &delivery::REQUEST,
        &closing::CONFIRM,
        &closing::CANCEL,
        &customer_orders::LIST,
        &events::FEED,
        &read_models::LIST,
        &read_models::WAIT,
        &read_models::REBUILD,
        &health::HEALTH,
        &problems::EXPLAIN,
        &description::DESCRIBE,
    ];
    ALL
}

/// The whole API as a service. [`super::Server`] puts it on a socket.
pub fn router(api: Api) -> Router {
    let body_limit = DefaultBodyLimit::max(api.limits_now().body_bytes);
    let routes = Router::new();
    let routes = operations().iter().fold(routes, |routes, operation| {
        // A path that is there already gets one more method.
        routes.route(operation.path, (operation.route)())
    });
    routes
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(body_limit)
        .layer(from_fn_with_state(api.clone(), guard::guard))
        .with_state(api)
}

async fn not_found(uri: Uri) -> Problem {
    Problem::new(&NOT_FOUND, format!("there is no route {}", uri.path()))
}

/// Which methods are allowed is said by the router, in the header `Allow`.
async fn method_not_allowed(method: Method, uri: Uri) -> Problem {
    Problem::new(&METHOD_NOT_ALLOWED, format!("{method} is not for {}", uri.path()))
}
