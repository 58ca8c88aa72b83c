use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};

use super::error::RequestError;
use super::fill::{Filler, Values};
use super::redact::STAND_IN;
use crate::profile::{Credential, Template};

/// The header field that says who is speaking; nothing for `kind = "none"`.
pub(super) fn field(
    filler: &Filler<'_>,
    credential: &Credential,
) -> Result<Option<(HeaderName, HeaderValue)>, RequestError> {
    let fill = |template: &Template| filler.text(template).map(Option::unwrap_or_default);
    let field = match credential {
        Credential::None => return Ok(None),
        Credential::Bearer { token } => (AUTHORIZATION, value(&format!("Bearer {}", fill(token)?))?),
        // RFC 7617, section 2.
        Credential::Basic { user, password } => {
            let pair = STANDARD.encode(format!("{}:{}", fill(user)?, fill(password)?));
            (AUTHORIZATION, value(&format!("Basic {pair}"))?)
        }
        // The token is put in when it is sent; whoever types the request in has to fetch one.
        Credential::Login(login) => {
            let values = Values { token: Some(STAND_IN), ..Values::default() };
            let shown = Filler { shared: filler.shared, values }.text(&login.value)?.unwrap_or_default();
            (header_name(&login.header)?, value(&shown)?)
        }
        Credential::Header { name, value: template } => (header_name(name)?, value(&fill(template)?)?),
    };
    Ok(Some(field))
}

pub(super) fn header_name(name: &str) -> Result<HeaderName, RequestError> {
    HeaderName::from_bytes(name.as_bytes()).map_err(|_| RequestError::NoHeaderName(name.to_owned()))
}

/// A header field's value; never shown by the client library.
pub(super) fn value(text: &str) -> Result<HeaderValue, RequestError> {
    let mut value = HeaderValue::from_str(text).map_err(|_| RequestError::ControlCharacters)?;
    value.set_sensitive(true);
    Ok(value)
}
