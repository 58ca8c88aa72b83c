//! Targets over HTTP for the scenarios: the order system, served within the tests' process, or somebody's own service.

use std::path::Path;
use std::time::Duration;

use proofmark::run::Runner;
use proofmark::suite::ProfileFile;
use proofmark::target::Http;
use reference_impl::http::{Api, Server};
use reference_impl::{OrderSystem, SyncMode};
use tokio::runtime::Runtime;

const PROFILE: &str = "scenarios/orders/reference.toml";

/// The order system behind its API, in both modes: how the mode is called, the options for it, and a runner.
pub(crate) fn served(runtime: &Runtime, lag: Duration) -> Vec<(&'static str, String, Runner)> {
    let eventual = SyncMode::Eventual { lag, jitter: Duration::ZERO };
    let modes = [("http-strong", SyncMode::Strong), ("http-eventual", eventual)];
    let serve = |(mode, sync)| {
        let url = runtime.block_on(start(sync));
        let options = format!("--target {PROFILE} --url {url}");
        (mode, options, Runner::new(http(PROFILE, Some(&url))))
    };
    modes.map(serve).into()
}

async fn start(sync: SyncMode) -> String {
    let system = OrderSystem::builder().sync(sync).build().expect("a system");
    let server = Server::bind(Server::ANY_PORT, Api::open(system)).await.expect("an address");
    let url = server.url();
    tokio::spawn(server.run(std::future::pending()));
    url
}

/// The service that the environment names.
pub(crate) fn own() -> Option<Http> {
    let profile = std::env::var("PROOFMARK_TARGET").ok()?;
    Some(http(&profile, std::env::var("PROOFMARK_URL").ok().as_deref()))
}

/// The options that mean the same service.
pub(crate) fn typed() -> String {
    let option = |variable: &str, name: &str| {
        std::env::var(variable).map(|value| format!("--{name} {value} ")).unwrap_or_default()
    };
    option("PROOFMARK_TARGET", "target") + &option("PROOFMARK_URL", "url")
}

fn http(profile: &str, url: Option<&str>) -> Http {
    let file = ProfileFile::load(Path::new(profile));
    let (profile, equipment) = file
        .equip(url.is_some(), &|name| std::env::var(name).ok())
        .unwrap_or_else(|mistakes| panic!("{mistakes}"));
    Http::new(profile, equipment, url).expect("a target")
}
