use reqwest::Client;

use crate::profile::Limits;

/// Idle connections are given up before common servers do so: some after five seconds.
const IDLE: std::time::Duration = std::time::Duration::from_secs(4);

/// What holds the connections of all sessions, each of which has one request on its way at a time. One that speaks to no `https` needs none of the system's
/// certificates, and reading them takes longer than all else.
pub(super) fn client(limits: &Limits, secure: bool) -> Result<Client, String> {
    // A second call finds it installed, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = if secure { Client::builder() } else { Client::builder().tls_certs_only([]) };
    builder
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .connect_timeout(limits.connect)
        .pool_idle_timeout(IDLE)
        .user_agent(concat!("proofmark/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| error.to_string())
}
