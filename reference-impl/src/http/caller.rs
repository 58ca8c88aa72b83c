//! Who is asking, and which system answers them.

use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};

use super::Api;
use super::problem::{Problem, UNAUTHORIZED};
use super::tenant::{Access, Tenant};
use crate::OrderSystem;
use crate::store::ActorId;

/// Who is asking. The first thing any handler of data takes: without it nothing else is looked at, so
/// that a stranger learns nothing from what is wrong with the rest.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    /// The system that is theirs.
    pub(super) system: OrderSystem,
    /// Their name, where it is known.
    pub(super) actor: Option<ActorId>,
}

impl FromRequestParts<Api> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        match api.access() {
            Access::Open(system) => Ok(Self { system: system.clone(), actor: None }),
            Access::Tenants(tenants) => {
                let tenant = bearer(&parts.headers).and_then(|token| find(tenants, token));
                let anybody =
                    || api.wire().open_to_strangers(parts.uri.path()).then(|| tenants.first()).flatten();
                let tenant = tenant.or_else(anybody).ok_or_else(unauthorized)?;
                Ok(Self { system: tenant.system.clone(), actor: Some(tenant.name.clone()) })
            }
        }
    }
}

/// The token of `Authorization: Bearer TOKEN` (RFC 6750, section 2.1). The scheme's name may be
/// written in any case (RFC 9110, section 11.1).
fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let mut fields = headers.get_all(AUTHORIZATION).iter();
    let value = fields.next()?.as_bytes();
    let scheme = value.get(..7)?;
    let alone = fields.next().is_none();
    (alone && scheme.eq_ignore_ascii_case(b"bearer ")).then(|| value[7..].trim_ascii())
}

/// The tenant of that token. All are compared, whichever it is.
fn find<'a>(tenants: &'a [Tenant], token: &[u8]) -> Option<&'a Tenant> {
    tenants.iter().fold(None, |found, tenant| if tenant.token.is(token) { Some(tenant) } else { found })
}

fn unauthorized() -> Problem {
    Problem::new(&UNAUTHORIZED, "a tenant's bearer token is needed")
        .with(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
}
