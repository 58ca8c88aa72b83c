//! What a path and a query string say.

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::Api;
use super::problem::Problem;
use crate::domain::{OrderId, ProductId};

/// The order that a path names.
#[derive(Debug, Clone, Copy)]
pub(super) struct InPath(pub(super) OrderId);

impl FromRequestParts<Api> for InPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let Text(id) = Text::from_request_parts(parts, api).await?;
        order_id(&id).map(Self)
    }
}

/// The order and the product that a path names.
#[derive(Debug, Clone)]
pub(super) struct ItemInPath(pub(super) OrderId, pub(super) ProductId);

impl FromRequestParts<Api> for ItemInPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let (id, product) = path::<(String, String)>(parts, api).await?;
        Ok(Self(order_id(&id)?, product.into()))
    }
}

/// The one text that a path holds.
#[derive(Debug, Clone)]
pub(super) struct Text(pub(super) String);

impl FromRequestParts<Api> for Text {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        path(parts, api).await.map(Self)
    }
}

async fn path<T: DeserializeOwned + Send>(parts: &mut Parts, api: &Api) -> Result<T, Problem> {
    let read = Path::<T>::from_request_parts(parts, api).await;
    let Path(read) = read.map_err(|error| Problem::malformed(error.body_text()))?;
    Ok(read)
}

fn order_id(text: &str) -> Result<OrderId, Problem> {
    text.parse().map_err(|_| Problem::malformed("the order's id must be a UUID"))
}

/// What the query string says. Parameters it doesn't know are passed by.
#[derive(Debug)]
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<Api> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, Problem> {
        let read = Query::<T>::try_from_uri(&parts.uri);
        let Query(read) = read.map_err(|error| Problem::malformed(error.body_text()))?;
        Ok(Self(read))
    }
}
