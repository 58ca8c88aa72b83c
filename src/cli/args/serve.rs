use clap::{Args as ClapArgs, ValueEnum};

use super::SystemArgs;
use crate::cli::values::{seed, tenant};

#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct ServeArgs {
    /// The port on 127.0.0.1; 0 takes one that is free
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(in crate::cli) port: u16,

    /// What ids, jitter and the strikes of defects are drawn from
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = seed, allow_negative_numbers = true)]
    pub(in crate::cli) seed: u64,

    /// Refuse commands without If-Match or If-None-Match (428)
    #[arg(long)]
    pub(in crate::cli) require_version: bool,

    /// Serve a tenant, with a system of their own, whose bearer token is in that environment variable
    #[arg(long, value_name = "NAME=VARIABLE", value_parser = tenant)]
    pub(in crate::cli) tenant: Vec<(String, String)>,

    /// Keep everything in a database: sqlite:FILE or postgres://USER:PASSWORD@HOST:PORT/DATABASE [default: memory]
    ///
    /// Needs a build with the cargo feature `stores`. An address with a password is best given by the variable, which
    /// other users of the machine don't see.
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "PROOFMARK_STORE",
        hide_env_values = true,
        conflicts_with = "tenant"
    )]
    pub(in crate::cli) store: Option<String>,

    /// Keep the read models in another database, `sqlite:FILE` or `postgres://…`, from the events of --store
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "PROOFMARK_READ_STORE",
        hide_env_values = true,
        requires = "store"
    )]
    pub(in crate::cli) read_store: Option<String>,

    /// What the database of --store keeps for the write side [default: what it has; events in a new one, or state for triggers]
    #[arg(long, value_name = "MODEL", requires = "store")]
    pub(in crate::cli) write_model: Option<WriteModelArg>,

    /// Who keeps the rows of the read models in the database of --store [default: transaction; events with --sync eventual]
    #[arg(long, value_name = "BY", requires = "store")]
    pub(in crate::cli) projection: Option<ProjectionArg>,

    /// Build a bug of stores in, in a database of its own; may be given several times
    #[arg(long, value_name = "NAME", requires = "store")]
    pub(in crate::cli) store_defect: Vec<String>,

    #[command(flatten)]
    pub(in crate::cli) system: SystemArgs,
}

/// The write model of `serve --store`.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::cli) enum WriteModelArg {
    /// The events alone: an order is what its events say
    Events,
    /// Each order as rows, and a transactional outbox that the read models are fed from
    State,
}

/// Who keeps the rows of the read models of `serve --store`.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::cli) enum ProjectionArg {
    /// The command, in the transaction that records its events
    Transaction,
    /// Triggers of the database, in that transaction; they need --write-model state
    Triggers,
    /// The read models, from the log or the outbox, in transactions of their own: in the background with --sync eventual
    Events,
}
