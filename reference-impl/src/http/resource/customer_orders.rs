//! `/customers/{customer}/orders`: a customer's orders, page by page.

use axum::http::Method;
use axum::routing::get;
use serde::Deserialize;

use crate::application::{ListCustomerOrders, Reflecting};
use crate::http::answer::{Answer, Reply};
use crate::http::caller::Caller;
use crate::http::operation::{DATA, Operation, Success};
use crate::http::parameters::{Asked, Text};
use crate::http::wire;

pub(in crate::http) static LIST: Operation = Operation {
    id: "listCustomerOrders",
    method: Method::GET,
    path: "/customers/{customer}/orders",
    summary: "A customer's orders, newest first, from the read model customer_orders",
    parameters: &["customer", "page", "page_size"],
    body: None,
    successes: &[Success::ok("CustomerOrders", &["X-Position"])],
    problems: &[DATA],
    route: || get(list),
};

#[derive(Debug, Deserialize)]
struct Paging {
    page: Option<u32>,
    page_size: Option<u32>,
}

async fn list(caller: Caller, Text(customer): Text, Asked(paging): Asked<Paging>) -> Reply {
    let default = ListCustomerOrders::new(customer);
    let (page, page_size) =
        (paging.page.unwrap_or(default.page), paging.page_size.unwrap_or(default.page_size));
    let Reflecting { value: found, position, .. } = caller.system.ask(default.page(page, page_size)).await?;
    Answer::ok().at(position).json(&wire::CustomerOrders {
        orders: found.rows.iter().map(|row| wire::Row::from(&**row)).collect(),
        total_count: found.total_count,
        page: found.page,
        page_size: found.page_size,
    })
}
