use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use crate::plan::TagExpr;
use crate::suite::Place;
use crate::target::DefectSpec;

/// Does a CQRS system keep its promises?
#[derive(Parser, Debug)]
#[command(version, after_help = super::exit::HELP, propagate_version = true)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Run scenarios against the built-in order system
    Run(RunArgs),
    /// Find all mistakes in scenario and contract files, without running anything
    Lint(LintArgs),
    /// List scenarios, defects or matchers
    List(ListArgs),
}

#[derive(ClapArgs, Debug)]
#[command(after_help = super::exit::HELP)]
pub(super) struct RunArgs {
    #[command(flatten)]
    pub(super) selection: Selection,

    /// How many scenarios run side by side [default: 64]
    #[arg(long, value_name = "N", value_parser = positive)]
    pub(super) jobs: Option<usize>,

    /// The seed: the same one gives the same course [default: a fresh one, printed]
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,

    /// How often each scenario runs; repetition k, from 0, has the seed plus k
    #[arg(long, value_name = "N", default_value = "1", value_parser = positive)]
    pub(super) repeat: usize,

    /// What the target does not claim fails
    #[arg(long)]
    pub(super) strict: bool,

    /// End with the first failure
    #[arg(long)]
    pub(super) fail_fast: bool,

    /// Keep the history of the run in this file (JSON Lines)
    #[arg(long, value_name = "FILE")]
    pub(super) history: Option<PathBuf>,

    /// How the built-in order system's read models follow
    #[arg(long, value_enum, default_value_t = SyncArg::Strong)]
    pub(super) sync: SyncArg,

    /// How far behind, with `--sync eventual`: 50ms, 2s [default: 50ms]
    #[arg(long, value_name = "D", value_parser = duration)]
    pub(super) lag: Option<Duration>,

    /// Up to how much further behind, drawn for each event, with `--sync eventual` [default: 0ms]
    #[arg(long, value_name = "D", value_parser = duration)]
    pub(super) jitter: Option<Duration>,

    /// Build a bug into the order system, to see it found; `proofmark list defects` has the names
    #[arg(long, value_name = "NAME[:RATE]")]
    pub(super) defect: Vec<DefectSpec>,
}

#[derive(ClapArgs, Debug)]
pub(super) struct LintArgs {
    /// Files and directories
    #[arg(value_name = "PATHS", default_value = "scenarios")]
    pub(super) places: Vec<Place>,
}

#[derive(ClapArgs, Debug)]
pub(super) struct ListArgs {
    /// What to list
    #[arg(value_enum, default_value_t = ListWhat::Scenarios)]
    pub(super) what: ListWhat,

    #[command(flatten)]
    pub(super) selection: Selection,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ListWhat {
    /// The scenarios at PATHS
    Scenarios,
    /// The bugs that can be built into the order system
    Defects,
    /// The matchers of the scenario language
    Matchers,
}

#[derive(ClapArgs, Debug)]
pub(super) struct Selection {
    /// Files, directories, or one scenario as `FILE:LINE`
    #[arg(value_name = "PATHS", default_value = "scenarios")]
    pub(super) places: Vec<Place>,

    /// Only scenarios with these tags: smoke, '@EC-1 or @BR-1', 'core and not slow'
    #[arg(long, value_name = "EXPR")]
    pub(super) tag: Option<TagExpr>,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum SyncArg {
    /// Projected before the command returns
    Strong,
    /// Projected in the background
    Eventual,
}

fn positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("a whole number of at least 1 is needed".into()),
        Ok(number) => Ok(number),
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    let millis_each = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        _ => return Err("a whole number and a unit are needed: 50ms, 2s, 1m".into()),
    };
    let number: u64 = digits.parse().map_err(|_| "a whole number and a unit are needed: 50ms, 2s, 1m")?;
    let millis = number.checked_mul(millis_each).filter(|millis| *millis <= 86_400_000);
    millis.map(Duration::from_millis).ok_or_else(|| "that is more than a day".into())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_make_sense() {
        Args::command().debug_assert();
    }

    #[test]
    fn durations_need_a_unit() {
        assert_eq!(duration("50ms"), Ok(Duration::from_millis(50)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        for wrong in ["", "5", "ms", "5h", "-5ms", "99999999999999999999s", "999999m"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
