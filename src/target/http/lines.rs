use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Client;

use crate::profile::Limits;

/// Idle connections are given up before common servers do so: some after five seconds.
const IDLE: std::time::Duration = std::time::Duration::from_secs(4);

/// Connections that are not in use. A session has one to itself for as long as it lives, and hands it on when it ends:
/// making a new one for each would cost more than what is sent on it.
pub(super) struct Lines {
    limits: Limits,
    secure: bool,
    free: Mutex<Vec<Client>>,
}

/// One session's connection: nobody else sends on it meanwhile.
pub(super) struct Line {
    pub(super) client: Client,
    lines: Arc<Lines>,
}

impl Lines {
    pub(super) fn new(limits: Limits, secure: bool) -> Arc<Self> {
        Arc::new(Self { limits, secure, free: Mutex::default() })
    }

    /// A connection for one alone.
    pub(super) fn take(self: &Arc<Self>) -> Result<Line, String> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let client = match free {
            Some(client) => client,
            None => client(&self.limits, 1, self.secure)?,
        };
        Ok(Line { client, lines: self.clone() })
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let mut free = self.lines.free.lock().unwrap_or_else(PoisonError::into_inner);
        free.push(self.client.clone());
    }
}

/// A client that keeps up to so many idle connections to a host. One that speaks to no `https` needs none of the system's
/// certificates, and reading them takes longer than all else.
pub(super) fn client(limits: &Limits, idle: usize, secure: bool) -> Result<Client, String> {
    // A second call finds it installed, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = if secure { Client::builder() } else { Client::builder().tls_certs_only([]) };
    builder
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .connect_timeout(limits.connect)
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(idle)
        .user_agent(concat!("proofmark/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| error.to_string())
}
