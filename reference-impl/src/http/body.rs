//! Bodies: JSON objects, bounded in size, depth and time.

use std::fmt;
use std::marker::PhantomData;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use tokio::time::timeout;

use super::problem::{BODY_TIMEOUT, CONTENT_TOO_LARGE, INTERNAL_ERROR, Problem, UNSUPPORTED_MEDIA_TYPE};
use super::{Api, Limits};

/// A body that is a JSON object. Fields it doesn't know are passed by.
#[derive(Debug)]
pub(super) struct Json<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Api> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Problem> {
        let json = is_json(request.headers());
        let limits = api.limits_now();
        let bytes = read(request, limits).await?;
        if !json {
            return Err(not_json());
        }
        parse(&bytes, api).map(Self)
    }
}

/// For commands without fields: no body, or a JSON object, whatever is in it.
#[derive(Debug)]
pub(super) struct NoFields;

#[derive(Deserialize)]
struct Nothing {}

impl FromRequest<Api> for NoFields {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Problem> {
        let json = is_json(request.headers());
        let limits = api.limits_now();
        let bytes = read(request, limits).await?;
        if bytes.is_empty() {
            return Ok(Self);
        }
        if !json {
            return Err(not_json());
        }
        parse::<Nothing>(&bytes, api).map(|Nothing {}| Self)
    }
}

/// An object, and nothing that could be taken for one: left to itself, serde reads a struct from an
/// array as well, field by field.
#[derive(Debug)]
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members))
            }
        }

        deserializer.deserialize_map(Members(PhantomData)).map(Self)
    }
}

async fn read(request: Request, limits: &Limits) -> Result<Bytes, Problem> {
    // Whoever says beforehand that it is too much need not send it (RFC 9110, section 10.1.1).
    let announced =
        request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced
        .is_some_and(|length: u64| usize::try_from(length).map_or(true, |length| length > limits.body_bytes))
    {
        return Err(too_large(limits));
    }
    let read = timeout(limits.body_timeout, Bytes::from_request(request, &())).await;
    let read = read.map_err(|_| Problem::new(&BODY_TIMEOUT, BODY_TIMEOUT.means))?;
    read.map_err(|error| match error {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => too_large(limits),
        _ => Problem::malformed("the body broke off"),
    })
}

/// `application/json` or `application/*+json`, as it is and not compressed.
fn is_json(headers: &HeaderMap) -> bool {
    let plain = headers.get_all(CONTENT_ENCODING).iter().all(|coding| coding == "identity");
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = media_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    let subtype = essence.strip_prefix("application/");
    plain && subtype.is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
}

fn parse<T: DeserializeOwned>(sent: &[u8], api: &Api) -> Result<T, Problem> {
    let depth = api.limits_now().json_depth;
    let bytes = &*api.wire().body(sent);
    if deeper_than(bytes, depth) {
        let detail = format!("the body is nested deeper than {depth} levels");
        return Err(if api.wire().foresees_depth() {
            Problem::malformed(detail)
        } else {
            Problem::failure(&INTERNAL_ERROR, &detail)
        });
    }
    let object: Object<T> = serde_json::from_slice(bytes)
        .map_err(|error| Problem::malformed(format!("the body can't be read: {error}")))?;
    Ok(object.0)
}

/// Whether arrays and objects are nested deeper than that. Needs no stack, whatever is sent; of text
/// that is no JSON it may say either.
fn deeper_than(bytes: &[u8], limit: usize) -> bool {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => depth += 1,
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > limit {
            return true;
        }
    }
    false
}

fn too_large(limits: &Limits) -> Problem {
    Problem::new(&CONTENT_TOO_LARGE, format!("at most {} bytes are taken", limits.body_bytes))
}

fn not_json() -> Problem {
    Problem::new(&UNSUPPORTED_MEDIA_TYPE, UNSUPPORTED_MEDIA_TYPE.means)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_of_texts() {
        for (text, depth) in [
            ("", 0),
            ("1", 0),
            ("{}", 1),
            (r#"{"a": [{}]}"#, 3),
            (r#"{"[[[": "]\"[[["}"#, 1),
            (r#"{"a": "\\"} "#, 1),
            ("[[[[", 4),
            ("]]]][", 1),
        ] {
            assert!(!deeper_than(text.as_bytes(), depth), "{text}");
            assert!(depth == 0 || deeper_than(text.as_bytes(), depth - 1), "{text}");
        }
    }

    #[test]
    fn an_array_is_no_object() {
        #[derive(Debug, Deserialize)]
        struct Pair {
            #[serde(rename = "a")]
            _a: u8,
        }
        assert!(serde_json::from_str::<Object<Pair>>(r#"{"a": 1, "unknown": [1]}"#).is_ok());
        for not_one in ["[1]", "1", "null", "\"a\"", "{}", r#"{"a": null}"#, r#"{"a": 1, "a": 2}"#] {
            assert!(serde_json::from_str::<Object<Pair>>(not_one).is_err(), "{not_one}");
        }
    }
}
