//! Targets over HTTP for the scenarios: the order system, served within the tests' process, or somebody's own service.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use proofmark::adapter::Http;
use proofmark::contract::Contract;
use proofmark::language::parse_contract;
use proofmark::profile::Profile;
use proofmark::run::Runner;
use proofmark::suite::ProfileFile;
use proofmark::text::Source;
use reference_impl::http::{Api, Server, Tenant, Token};
use reference_impl::{OrderSystem, SyncMode};
use tokio::runtime::Runtime;

const PROFILE: &str = "scenarios/orders/reference.toml";

/// The order system behind its API, in both modes: how the mode is called, the options for it, and a runner.
pub(crate) fn served(runtime: &Runtime, lag: Duration) -> Vec<(&'static str, String, Runner)> {
    // A system that lags spawns its projections.
    let _inside = runtime.enter();
    let eventual = SyncMode::Eventual { lag, jitter: Duration::ZERO };
    let modes = [("http-strong", SyncMode::Strong), ("http-eventual", eventual)];
    let serve = |(mode, sync)| {
        let url = runtime.block_on(start(Api::open(system(sync))));
        let options = format!("--target {PROFILE} --url {url}");
        (mode, options, Runner::new(http(PROFILE, Some(&url))))
    };
    modes.map(serve).into()
}

/// The same for two tenants, who come in by tokens that the profile has.
pub(crate) fn tenants(runtime: &Runtime, lag: Duration) -> Vec<(&'static str, String, Runner)> {
    // A system that lags spawns its projections.
    let _inside = runtime.enter();
    let eventual = SyncMode::Eventual { lag, jitter: Duration::ZERO };
    let modes = [("tenants-strong", SyncMode::Strong), ("tenants-eventual", eventual)];
    let serve = |(mode, sync)| {
        let tenant = |name: &str| Tenant {
            name: name.into(),
            token: Token::new(format!("token-of-{name}")).expect("a token"),
            system: system(sync),
        };
        let api = Api::for_tenants(vec![tenant("alice"), tenant("bob")]).expect("two tenants");
        let url = runtime.block_on(start(api));
        (mode, format!("--url {url}"), Runner::new(for_tenants(&url)))
    };
    modes.map(serve).into()
}

/// The profile, and whom it lets in besides.
fn for_tenants(url: &str) -> Http {
    let actors = ["alice", "bob"].map(|name| {
        format!(
            "[auth.{name}]\nkind = \"bearer\"\ntoken = \"${{secret:TOKEN_OF_{}}}\"\n",
            name.to_uppercase()
        )
    });
    let text = std::fs::read_to_string(PROFILE).expect("the profile") + &actors.concat();
    let contract = Source::read(Path::new(PROFILE).with_file_name("orders.contract")).expect("the contract");
    let contract = Arc::new(Contract::resolve(&parse_contract(&contract).tree).contract);
    let profile = Profile::read(&Source::new("tenants.toml", text), &contract).profile;
    let token = |variable: &str| {
        let name = variable.strip_prefix("TOKEN_OF_")?;
        Some(format!("token-of-{}", name.to_lowercase()))
    };
    let equipment = profile.equip(true, &token).expect("its tokens");
    Http::new(profile, equipment, Some(url)).expect("a target")
}

fn system(sync: SyncMode) -> OrderSystem {
    OrderSystem::builder().sync(sync).build().expect("a system")
}

async fn start(api: Api) -> String {
    let server = Server::bind(Server::ANY_PORT, api).await.expect("an address");
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
