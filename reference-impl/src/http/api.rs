//! What is served, to whom, and within which limits.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::tenant::{Access, Tenant, TenantsError};
use crate::OrderSystem;
use crate::defect::{Correct, WirePoint};

/// What a client may ask of the server's memory and patience.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest body, in bytes; more is 413.
    pub body_bytes: usize,
    /// How deep arrays and objects may be nested in a body; more is 400.
    pub json_depth: usize,
    /// The longest request target (path and query), in bytes; more is 414.
    pub target_bytes: usize,
    /// The most header fields; more is 431. hyper itself stops at 100.
    pub header_fields: usize,
    /// The longest header, names and values together, in bytes; more is 431.
    pub header_bytes: usize,
    /// How long a header may take to arrive, and a connection may stay idle; then it is closed.
    pub header_timeout: Duration,
    /// How long a body may take to arrive; then it is 408, and nothing has happened.
    pub body_timeout: Duration,
    /// How long an answer may take to be made; then it is 503, and a command may have taken effect.
    pub answer_timeout: Duration,
    /// How long requests that are under way may take when the server stops.
    pub shutdown_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1024 * 1024,
            json_depth: 32,
            target_bytes: 8 * 1024,
            header_fields: 64,
            header_bytes: 16 * 1024,
            header_timeout: Duration::from_secs(60),
            body_timeout: Duration::from_secs(10),
            answer_timeout: Duration::from_secs(60),
            shutdown_timeout: Duration::from_secs(10),
        }
    }
}

/// A failure of the server's own: what stands behind a 5xx, for whoever runs it. Clients see none of
/// it. It holds neither headers nor bodies, and so no secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The request's method and the route it took, such as `POST /orders/{id}/items`.
    pub route: String,
    /// What went wrong.
    pub reason: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.route, self.reason)
    }
}

/// The API of one order system, or of one system for each tenant. Cloning it gives another handle.
#[derive(Clone)]
pub struct Api {
    shared: Arc<Shared>,
}

#[derive(Clone)]
struct Shared {
    access: Access,
    wire: Arc<dyn WirePoint>,
    require_version: bool,
    limits: Limits,
    on_fault: Arc<dyn Fn(&Fault) + Send + Sync>,
}

impl Api {
    /// Serves one system to everybody.
    pub fn open(system: OrderSystem) -> Self {
        Self::new(Access::Open(system))
    }

    /// Serves each tenant's own system to whoever has the tenant's token (RFC 6750: bearer). Tenants
    /// share nothing: no orders, no keys, no feed, no positions.
    ///
    /// # Errors
    /// When there is no tenant, or two have the same token.
    pub fn for_tenants(tenants: Vec<Tenant>) -> Result<Self, TenantsError> {
        Ok(Self::new(Access::tenants(tenants)?))
    }

    fn new(access: Access) -> Self {
        let wire: Arc<dyn WirePoint> = match &access {
            Access::Open(system) => Arc::clone(system.wire()),
            // One process serves them all, so one of them says how.
            Access::Tenants(tenants) => tenants
                .first()
                .map_or_else(|| Arc::new(Correct) as _, |tenant| Arc::clone(tenant.system.wire())),
        };
        let shared = Shared {
            access,
            wire,
            require_version: false,
            limits: Limits::default(),
            on_fault: Arc::new(|_| {}),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Whether every command has to say what version it expects (428 otherwise: RFC 6585, section 3).
    /// Default: no.
    #[must_use]
    pub fn require_version(mut self, required: bool) -> Self {
        Arc::make_mut(&mut self.shared).require_version = required;
        self
    }

    /// Sets the limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        Arc::make_mut(&mut self.shared).limits = limits;
        self
    }

    /// Is told of each failure of the server's own. Default: nobody is.
    #[must_use]
    pub fn on_fault(mut self, told: impl Fn(&Fault) + Send + Sync + 'static) -> Self {
        Arc::make_mut(&mut self.shared).on_fault = Arc::new(told);
        self
    }

    pub(super) fn access(&self) -> &Access {
        &self.shared.access
    }

    pub(super) fn wire(&self) -> &dyn WirePoint {
        &*self.shared.wire
    }

    pub(super) fn requires_version(&self) -> bool {
        self.shared.require_version
    }

    pub(super) fn limits_now(&self) -> &Limits {
        &self.shared.limits
    }

    pub(super) fn tell(&self, fault: &Fault) {
        (self.shared.on_fault)(fault);
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api")
            .field("access", &self.shared.access)
            .field("require_version", &self.shared.require_version)
            .field("limits", &self.shared.limits)
            .finish_non_exhaustive()
    }
}
