//! Tenants: who may come in, and whose system they get.

use std::fmt;
use std::sync::Arc;

use crate::OrderSystem;
use crate::store::ActorId;

/// A secret that names a tenant. It shows in no output.
#[derive(Clone)]
pub struct Token(Arc<str>);

/// The text is no bearer token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a token has at least one character, out of letters, digits and -._~+/=")]
pub struct TokenError;

impl Token {
    /// Takes a text as token.
    ///
    /// # Errors
    /// When it could not be sent as one (RFC 6750, section 2.1: `b64token`).
    pub fn new(text: impl Into<Arc<str>>) -> Result<Self, TokenError> {
        let text = text.into();
        let sendable = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
        if text.is_empty() || !text.bytes().all(sendable) { Err(TokenError) } else { Ok(Self(text)) }
    }

    /// Whether `offered` is this token. Takes as long for a near miss as for nonsense, so that a
    /// token can't be guessed piece by piece.
    pub(super) fn is(&self, offered: &[u8]) -> bool {
        let known = self.0.as_bytes();
        let differing = known.iter().zip(offered).fold(0, |seen, (one, other)| seen | (one ^ other));
        differing == 0 && known.len() == offered.len()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A tenant, and the system that is theirs alone.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// The name, which the events of their commands keep as actor.
    pub name: ActorId,
    /// What they show to come in.
    pub token: Token,
    /// Their system.
    pub system: OrderSystem,
}

/// Why tenants can't be served.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TenantsError {
    /// There are none.
    #[error("there are no tenants")]
    None,
    /// One token would open two systems.
    #[error("the tenants {one} and {other} have the same token")]
    SameToken {
        /// One of them.
        one: ActorId,
        /// The other.
        other: ActorId,
    },
}

/// Who may come in.
#[derive(Debug, Clone)]
pub(super) enum Access {
    /// Everybody, to one system.
    Open(OrderSystem),
    /// Each tenant to their own.
    Tenants(Arc<[Tenant]>),
}

impl Access {
    pub(super) fn tenants(tenants: Vec<Tenant>) -> Result<Self, TenantsError> {
        if tenants.is_empty() {
            return Err(TenantsError::None);
        }
        for (index, one) in tenants.iter().enumerate() {
            if let Some(other) = tenants[index + 1..].iter().find(|other| one.token.0 == other.token.0) {
                return Err(TenantsError::SameToken { one: one.name.clone(), other: other.name.clone() });
            }
        }
        Ok(Self::Tenants(tenants.into()))
    }
}
