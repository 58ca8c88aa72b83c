//! Two tenants of the order system over HTTP, and somebody without credentials.

use std::sync::Arc;

use proofmark::adapter::Http;
use proofmark::contract::Contract;
use proofmark::language::parse_contract;
use proofmark::profile::Profile;
use proofmark::text::Source;
use reference_impl::OrderSystem;
use reference_impl::http::{Api, Server, Tenant, Token};
use tokio::runtime::Runtime;

use super::{fails, passes};

const AUTH: &str = r#"
[auth]
kind = "bearer"
token = "${secret:ALICE}"
[auth.bob]
kind = "bearer"
token = "${secret:BOB}"
"#;

/// The service with its two tenants; `shared` gives them one system, which is the breach.
fn served(runtime: &Runtime, shared: bool) -> Http {
    let system = || OrderSystem::builder().build().expect("a system");
    let (one, other) = (system(), system());
    let other = if shared { one.clone() } else { other };
    let tenant = |name: &str, token: &str, system| Tenant {
        name: name.into(),
        token: Token::new(token).expect("a token"),
        system,
    };
    let api =
        Api::for_tenants(vec![tenant("alice", "alices-token", one), tenant("bob", "bobs-token", other)]);
    let url = runtime.block_on(async {
        let server = Server::bind(Server::ANY_PORT, api.expect("tenants")).await.expect("an address");
        let url = server.url();
        tokio::spawn(server.run(std::future::pending()));
        url
    });
    let profile = std::fs::read_to_string("scenarios/orders/reference.toml").expect("the profile");
    let private = ["GetOrderDetails", "ListCustomerOrders"].iter().fold(profile, |profile, query| {
        let section = format!("[query.{query}]\n");
        profile.replace(&section, &format!("{section}private = true\n"))
    });
    let source = Source::new("tenants.toml", format!("{private}{AUTH}"));
    let contract = Source::read("scenarios/orders/orders.contract").expect("the contract");
    let contract = Arc::new(Contract::resolve(&parse_contract(&contract).tree).contract);
    let reading = Profile::read(&source, &contract);
    let secret = |name: &str| Some(format!("{}s-token", name.to_lowercase()));
    let equipment = reading.profile.equip(true, &secret).expect("equipment");
    Http::new(reading.profile, equipment, Some(&url)).expect("a target")
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime")
}

#[test]
fn tenants_that_share_nothing_pass() {
    let runtime = runtime();
    passes(served(&runtime, false), &["SE-1"], 1);
}

#[test]
fn tenants_that_share_a_system_are_found() {
    let runtime = runtime();
    fails(served(&runtime, true), "SE-1", "the actor bob");
}
