//! The order system over HTTP, in this process.

use std::path::Path;
use std::sync::Arc;

use reference_impl::http::{Api, Server, Tenant, Token};
use reference_impl::{OrderSystem, SyncMode};
use tokio::task::JoinHandle;

use crate::adapter::{DefectSpec, Http};
use crate::cli::exit::CliError;
use crate::contract::Contract;
use crate::profile::{Equipment, Profile};
use crate::text::Source;

/// The profile by which it is spoken to.
const PROFILE: &str = "scenarios/orders/reference.toml";

/// What the profile of somebody with tenants says besides.
const TENANTS: &str = r#"
[auth]
kind = "bearer"
token = "${secret:ALICE}"
[auth.bob]
kind = "bearer"
token = "${secret:BOB}"
"#;

/// Whose system it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Tenancy {
    /// Everybody's.
    One,
    /// Each of two tenants has one.
    Two,
}

/// A server that ends when this is dropped.
pub(super) struct Served {
    pub(super) target: Http,
    serving: JoinHandle<bool>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Serves the order system on a free port, with a bug or without.
pub(super) async fn start(
    tenancy: Tenancy,
    defect: Option<DefectSpec>,
    seed: u64,
    contract: &Arc<Contract>,
) -> Result<Served, CliError> {
    let system = || OrderSystem::builder().sync(SyncMode::Strong).seed(seed).defects(defect).build();
    let tenant = |name: &str| {
        let token = Token::new(token_of(name)).map_err(failed)?;
        Ok::<_, CliError>(Tenant { name: name.into(), token, system: system().map_err(failed)? })
    };
    let api = match tenancy {
        Tenancy::One => Api::open(system().map_err(failed)?),
        Tenancy::Two => Api::for_tenants(vec![tenant("alice")?, tenant("bob")?]).map_err(failed)?,
    };
    let server = Server::bind(Server::ANY_PORT, api).await.map_err(failed)?;
    let url = server.url();
    let (profile, equipment) = profile(tenancy, defect, contract)?;
    let target = Http::new(profile, equipment, Some(&url)).map_err(failed)?;
    Ok(Served { target, serving: tokio::spawn(server.run(std::future::pending())) })
}

/// How to speak to it.
fn profile(
    tenancy: Tenancy,
    defect: Option<DefectSpec>,
    contract: &Arc<Contract>,
) -> Result<(Profile, Equipment), CliError> {
    let source = Source::read(Path::new(PROFILE))
        .map_err(|unreadable| failed(format!("{PROFILE}: {}", unreadable.diagnostic.message)))?;
    let mut text = source.text().to_owned();
    if tenancy == Tenancy::Two {
        for query in contract.queries() {
            let section = format!("[query.{}]\n", query.name);
            text = text.replace(&section, &format!("{section}private = true\n"));
        }
        text = text.replace(r#"name = "orders over HTTP""#, r#"name = "orders over HTTP, with tenants""#);
        text.push_str(TENANTS);
    }
    if let Some(defect) = defect {
        text =
            text.replace("name = \"orders over HTTP", &format!("name = \"with {defect}: orders over HTTP"));
    }
    let reading = Profile::read(&Source::new(PROFILE, text), contract);
    let secret = |name: &str| Some(token_of(&name.to_lowercase()));
    let told = |diagnostics: &[crate::text::Diagnostic]| {
        let told: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.message.clone()).collect();
        failed(format!("{PROFILE}: {}", told.join("; ")))
    };
    let equipment = reading.profile.equip(true, &secret).map_err(|diagnostics| told(&diagnostics))?;
    Ok((reading.profile, equipment))
}

/// A token of a system that nobody else can reach.
fn token_of(name: &str) -> String {
    format!("{name}s-token")
}

fn failed(error: impl std::fmt::Display) -> CliError {
    CliError::Serve(error.to_string())
}
