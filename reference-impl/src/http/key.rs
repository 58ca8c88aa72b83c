//! The `Idempotency-Key` header field (IETF draft-ietf-httpapi-idempotency-key-header).

use axum::http::{HeaderMap, HeaderName};

use super::problem::Problem;
use crate::application::IdempotencyKey;

const NAME: HeaderName = HeaderName::from_static("idempotency-key");

/// The key, where one was sent. The draft writes it in quotes, as a structured field's string (RFC
/// 9651, section 3.3.3); most clients don't. `"k-1"` and `k-1` are the same key.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Problem> {
    let mut values = headers.get_all(NAME).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Problem::malformed("there must be one Idempotency-Key at most"));
    }
    let text = value.to_str().map_err(|_| Problem::malformed("the Idempotency-Key must be ASCII"))?.trim();
    let key = match text.strip_prefix('"') {
        Some(rest) => unquoted(rest)
            .ok_or_else(|| Problem::malformed("the Idempotency-Key is no well-formed string"))?,
        None => text.to_owned(),
    };
    Ok(Some(key.into()))
}

/// What stands between the quotes. Only quotes and backslashes may be, and must be, escaped.
fn unquoted(rest: &str) -> Option<String> {
    let mut text = String::with_capacity(rest.len());
    let mut chars = rest.chars();
    loop {
        match chars.next()? {
            '"' => return chars.as_str().is_empty().then_some(text),
            '\\' => text.push(chars.next().filter(|c| matches!(c, '"' | '\\'))?),
            other => text.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn key(values: &[&'static [u8]]) -> Result<Option<String>, ()> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(NAME, HeaderValue::from_bytes(value).expect("a header value"));
        }
        idempotency_key(&headers).map(|key| key.map(|key| key.as_str().to_owned())).map_err(|_| ())
    }

    #[test]
    fn a_key_may_be_quoted() {
        assert_eq!(key(&[]), Ok(None));
        for (sent, expected) in
            [("k-1", "k-1"), ("\"k-1\"", "k-1"), (r#""a\"b\\c""#, r#"a"b\c"#), ("", ""), ("\"\"", "")]
        {
            assert_eq!(key(&[sent.as_bytes()]), Ok(Some(expected.to_owned())), "{sent}");
        }
    }

    #[test]
    fn a_broken_key_is_refused() {
        for sent in [&b"\"open"[..], b"\"a\"b", b"\"a\\n\"", b"\"", b"\xff"] {
            assert_eq!(key(&[sent]), Err(()));
        }
        assert_eq!(key(&[b"one", b"two"]), Err(()));
    }
}
