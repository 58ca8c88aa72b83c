use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use reqwest::Url;

/// So many ids of a kind are kept: a run may make thousands.
const KEPT: usize = 20;

/// What a run has left in a service.
#[derive(Clone, Default, Debug)]
#[non_exhaustive]
pub struct LeftBehind {
    /// How many commands were sent, whatever came of them; a try again is not counted.
    pub commands: u64,
    /// The aggregates that accepted commands were for, by their kind.
    pub aggregates: BTreeMap<String, LeftAggregates>,
}

/// Those of one kind.
#[derive(Clone, Default, Debug)]
#[non_exhaustive]
pub struct LeftAggregates {
    /// How many there are.
    pub count: usize,
    /// The first of their ids, as the service has them and without secrets.
    pub ids: Vec<String>,
}

/// It, as it grows.
#[derive(Default)]
pub(super) struct Leaving {
    left: Mutex<LeftBehind>,
}

impl Leaving {
    pub(super) fn so_far(&self) -> LeftBehind {
        self.lock().clone()
    }

    /// A command is sent.
    pub(super) fn sends(&self) {
        self.lock().commands += 1;
    }

    /// The first command on an aggregate was accepted.
    pub(super) fn made(&self, kind: &str, id: impl FnOnce() -> String) {
        let mut left = self.lock();
        let of_kind = left.aggregates.entry(kind.to_owned()).or_default();
        of_kind.count += 1;
        if of_kind.ids.len() < KEPT {
            of_kind.ids.push(id());
        }
    }

    fn lock(&self) -> MutexGuard<'_, LeftBehind> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether an address is on this machine: `localhost` and what is below it (RFC 6761, section 6.3), and addresses that lead
/// nowhere else (RFC 6890).
pub(super) fn is_local(address: &str) -> bool {
    let url = Url::parse(address).ok();
    let Some(host) = url.as_ref().and_then(Url::host_str) else { return false };
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback() || address.is_unspecified(),
        Err(_) => {
            let host = host.trim_end_matches('.');
            host == "localhost" || host.ends_with(".localhost")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_told_from_others() {
        for local in
            ["localhost:8080", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.9.9.9:1", "[::1]:80", "0.0.0.0"]
        {
            assert!(is_local(&format!("http://{local}/api")), "{local}");
        }
        for other in [
            "orders",
            "10.0.0.1",
            "localhost.example.com",
            "127.0.0.1.example.com",
            "[fe80::1]",
            "xlocalhost",
        ] {
            assert!(!is_local(&format!("https://{other}")), "{other}");
        }
        assert!(is_local("http://[::ffff:127.0.0.1]"));
    }

    #[test]
    fn only_the_first_ids_are_kept() {
        let leaving = Leaving::default();
        (0..100).for_each(|number| leaving.made("Order", || format!("o-{number}")));
        let left = leaving.so_far();
        let orders = left.aggregates.get("Order").expect("orders");
        assert_eq!((orders.count, orders.ids.len()), (100, KEPT));
    }
}
