//! `/orders/{id}/items`: adding and removing items.

use axum::http::Method;
use axum::routing::{delete, post};
use serde::Deserialize;

use crate::domain::{AddItem, Item, RemoveItem, ReplaceItem};
use crate::http::answer::Reply;
use crate::http::body::{Json, NoFields};
use crate::http::decimal::Exact;
use crate::http::operation::{ACCEPTED, COMMAND, Operation};
use crate::http::parameters::{InPath, ItemInPath};
use crate::http::problem::{
    INVALID_PRICE, INVALID_QUANTITY, ITEM_NOT_FOUND, ORDER_HAS_NO_ITEMS, ORDER_NOT_FOUND, ORDER_NOT_PENDING,
    TOO_MANY_LINES,
};
use crate::http::sender::Sender;

pub(in crate::http) static ADD: Operation = Operation {
    id: "addItem",
    method: Method::POST,
    path: "/orders/{id}/items",
    summary: "Adds one line to a pending order",
    parameters: &["id", "If-Match", "If-None-Match-any", "Idempotency-Key", "X-Command-Id", "X-Causation-Id"],
    body: Some("AddItem"),
    successes: ACCEPTED,
    problems: &[COMMAND, &[&ORDER_NOT_FOUND, &ORDER_NOT_PENDING, &INVALID_QUANTITY, &INVALID_PRICE]],
    route: || post(add),
};

/// A line as a command gives it.
#[derive(Debug, Deserialize)]
pub(super) struct ItemBody {
    product: String,
    quantity: i64,
    price: Exact,
}

impl From<ItemBody> for Item {
    fn from(ItemBody { product, quantity, price: Exact(price) }: ItemBody) -> Self {
        Self::new(product, quantity, price)
    }
}

async fn add(sender: Sender, InPath(order): InPath, Json(body): Json<ItemBody>) -> Reply {
    let ItemBody { product, quantity, price: Exact(price) } = body;
    sender.send(order, AddItem { product: product.into(), quantity, price }).await
}

pub(in crate::http) static REMOVE: Operation = Operation {
    id: "removeItem",
    method: Method::DELETE,
    path: "/orders/{id}/items/{product}",
    summary: "Takes every line of one product out of a pending order",
    parameters: &[
        "id",
        "product",
        "If-Match",
        "If-None-Match-any",
        "Idempotency-Key",
        "X-Command-Id",
        "X-Causation-Id",
    ],
    body: None,
    successes: ACCEPTED,
    problems: &[
        COMMAND,
        &[&ORDER_NOT_FOUND, &ITEM_NOT_FOUND, &ORDER_NOT_PENDING, &ORDER_HAS_NO_ITEMS, &TOO_MANY_LINES],
    ],
    route: || delete(remove),
};

async fn remove(sender: Sender, ItemInPath(order, product): ItemInPath, NoFields: NoFields) -> Reply {
    sender.send(order, RemoveItem { product }).await
}

pub(in crate::http) static REPLACE: Operation = Operation {
    id: "replaceItem",
    method: Method::POST,
    path: "/orders/{id}/items/{product}/replace",
    summary: "Puts one line in the place of every line of a product of a pending order",
    parameters: &[
        "id",
        "product",
        "If-Match",
        "If-None-Match-any",
        "Idempotency-Key",
        "X-Command-Id",
        "X-Causation-Id",
    ],
    body: Some("ReplaceItem"),
    successes: ACCEPTED,
    problems: &[
        COMMAND,
        &[
            &ORDER_NOT_FOUND,
            &ITEM_NOT_FOUND,
            &ORDER_NOT_PENDING,
            &TOO_MANY_LINES,
            &INVALID_QUANTITY,
            &INVALID_PRICE,
        ],
    ],
    route: || post(replace),
};

#[derive(Debug, Deserialize)]
struct ReplaceBody {
    replacement: String,
    quantity: i64,
    price: Exact,
}

async fn replace(
    sender: Sender,
    ItemInPath(order, product): ItemInPath,
    Json(body): Json<ReplaceBody>,
) -> Reply {
    let ReplaceBody { replacement, quantity, price: Exact(price) } = body;
    sender.send(order, ReplaceItem { product, replacement: replacement.into(), quantity, price }).await
}
