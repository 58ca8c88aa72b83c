use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};

use reference_impl::http::{Api, Server, Tenant, Token};
use reference_impl::{OrderSystem, OrderSystemBuilder, SyncMode};
#[cfg(feature = "stores")]
use reference_stores::{Options, ProjectedBy, StoreDefect, WriteModel};
use tokio::runtime::Builder;

#[cfg(feature = "stores")]
use super::args::WriteModelArg;
use super::args::{ProjectionArg, ServeArgs};
use super::exit::{CliError, Exit};
use super::say;
use super::signal::Stops;
use crate::adapter::Sync;

/// `proofmark serve`: the built-in order system over HTTP, until Ctrl-C, SIGTERM or SIGHUP.
///
/// Standard output is one line, the URL, so that a script can read it and go on.
pub(super) fn serve(args: &ServeArgs) -> Result<Exit, CliError> {
    check_store_options(args)?;
    let sync = match args.system.sync()? {
        Sync::Strong => SyncMode::Strong,
        Sync::Eventual { lag, jitter } => SyncMode::Eventual { lag, jitter },
    };
    Builder::new_multi_thread().enable_all().build()?.block_on(async {
        // Before the URL is told: whoever reads it may stop us at once.
        let stop = stop_signal()?;
        let api = api(args, sync).await?.require_version(args.require_version).on_fault(|fault| {
            say(&format!("error: {fault}"));
        });
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
        let server = Server::bind(address, api).await;
        let server = server.map_err(|error| CliError::Serve(format!("{address}: {error}")))?;
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", server.url())?;
        out.flush()?;
        drop(out);
        if !server.run(stop).await {
            say("some requests took too long and were cut off");
        }
        Ok(Exit::Passed)
    })
}

/// What is said of a database makes sense, before anything is opened.
fn check_store_options(args: &ServeArgs) -> Result<(), CliError> {
    let in_memory = args.store.as_deref().is_none_or(|store| store == "memory");
    for (given, option) in [
        (args.read_store.is_some(), "--read-store"),
        (args.write_model.is_some(), "--write-model"),
        (args.projection.is_some(), "--projection"),
        (!args.store_defect.is_empty(), "--store-defect"),
    ] {
        if given && in_memory {
            return Err(CliError::Usage(format!("{option} goes with a database: --store sqlite:FILE, say")));
        }
    }
    let lags = matches!(args.system.sync()?, Sync::Eventual { .. });
    match args.projection {
        Some(ProjectionArg::Transaction | ProjectionArg::Triggers) if args.read_store.is_some() => Err(CliError::Usage(
            "read models in a database of their own are kept from events: leave out --read-store, or take --projection events"
                .into(),
        )),
        Some(ProjectionArg::Transaction | ProjectionArg::Triggers) if lags => Err(CliError::Usage(
            "rows that are kept with each command don't lag: leave out --sync eventual, or take --projection events"
                .into(),
        )),
        _ => Ok(()),
    }
}

async fn api(args: &ServeArgs, sync: SyncMode) -> Result<Api, CliError> {
    let builder = || {
        let defects = args.system.defect.iter().copied();
        OrderSystem::builder().sync(sync).seed(args.seed).defects(defects)
    };
    let system = || builder().build().map_err(failed);
    if args.tenant.is_empty() {
        return Ok(Api::open(match args.store.as_deref() {
            None | Some("memory") => system()?,
            Some(address) => stored(builder(), address, args).await?,
        }));
    }
    let tenants = args.tenant.iter().map(|(name, variable)| {
        // The value itself shows in no message.
        let token = std::env::var(variable).ok().and_then(|value| Token::new(value).ok());
        let token = token.ok_or_else(|| failed(format!("{variable} holds no token for {name}")))?;
        Ok(Tenant { name: name.as_str().into(), token, system: system()? })
    });
    Api::for_tenants(tenants.collect::<Result<_, CliError>>()?).map_err(failed)
}

/// The system on what is kept at that address. No message repeats it: it may hold a password.
#[cfg(feature = "stores")]
async fn stored(
    builder: OrderSystemBuilder,
    address: &str,
    args: &ServeArgs,
) -> Result<OrderSystem, CliError> {
    let write_model = args.write_model.map(|model| match model {
        WriteModelArg::Events => WriteModel::Events,
        WriteModelArg::State => WriteModel::State,
    });
    let eventual = matches!(args.system.sync()?, Sync::Eventual { .. });
    let unless_told = if eventual || args.read_store.is_some() {
        ProjectionArg::Events
    } else {
        ProjectionArg::Transaction
    };
    let projected_by = match args.projection.unwrap_or(unless_told) {
        ProjectionArg::Transaction => ProjectedBy::Transaction,
        ProjectionArg::Triggers => ProjectedBy::Triggers,
        ProjectionArg::Events => ProjectedBy::Events,
    };
    let defects = args.store_defect.iter().map(|name| name.parse::<StoreDefect>());
    let defects = defects.collect::<Result<_, _>>().map_err(|error| CliError::Usage(error.to_string()))?;
    let options = Options { write_model, projected_by, defects };
    let address = address.parse().map_err(failed)?;
    let stores = match &args.read_store {
        Some(read) => reference_stores::open_apart(&address, &read.parse().map_err(failed)?, &options).await,
        None => reference_stores::open(&address, &options).await,
    };
    let stores = stores.map_err(failed)?;
    builder.open(stores).await.map_err(failed)
}

#[cfg(not(feature = "stores"))]
#[allow(clippy::unused_async, reason = "as with the feature")]
async fn stored(
    _builder: OrderSystemBuilder,
    _address: &str,
    _args: &ServeArgs,
) -> Result<OrderSystem, CliError> {
    Err(failed("--store needs a build with the cargo feature `stores`; this one keeps everything in memory"))
}

fn failed(error: impl std::fmt::Display) -> CliError {
    CliError::Serve(error.to_string())
}

/// Done at the first Ctrl-C, SIGTERM or SIGHUP. A second one means now.
fn stop_signal() -> Result<impl Future<Output = ()>, CliError> {
    let mut stops = Stops::listen()?;
    Ok(async move {
        stops.next().await;
        tokio::spawn(async move { std::process::exit(stops.next().await) });
    })
}
