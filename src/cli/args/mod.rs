//! The arguments of the command.

#[cfg(feature = "http")]
mod folder;
#[cfg(feature = "http")]
mod serve;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use crate::adapter::{DefectSpec, Sync};
use crate::clause::Suite;
use crate::cli::drawing::Drawing;
use crate::cli::exit::CliError;
use crate::cli::reports::Asked;
#[cfg(feature = "http")]
use crate::cli::values::contract_name;
use crate::cli::values::{defect, duration, positive, seed};
use crate::conform::CaseName;
use crate::protocol::ClauseId;
use crate::scenario::TagExpr;
use crate::suite::{Place, Shard};

#[cfg(feature = "stores")]
pub(in crate::cli) use serve::WriteModelArg;
#[cfg(feature = "http")]
pub(in crate::cli) use serve::{ProjectionArg, ServeArgs};

/// The lag of `--sync eventual` where none is given.
const LAG: Duration = Duration::from_millis(50);

/// Does a CQRS system keep its promises?
#[derive(Parser, Debug)]
#[command(version, after_help = crate::cli::exit::HELP, propagate_version = true)]
pub(in crate::cli) struct Args {
    #[command(subcommand)]
    pub(in crate::cli) command: Command,
}

#[derive(Subcommand, Debug)]
pub(in crate::cli) enum Command {
    /// Write first files for a service of your own: a target profile, a partial contract and a scenario
    #[cfg(feature = "http")]
    Init(InitArgs),
    /// Run scenarios against a service of your own, or the built-in order system
    Run(RunArgs),
    /// Make up sequences of commands from a contract, and hold what comes of them against its rules
    Generate(GenerateArgs),
    /// Put the clauses of the catalogue to the test: which promises does a service keep?
    Conform(ConformArgs),
    /// Judge histories that were written down: what `run`, `generate` and `conform` said of them, without sending anything
    Check(CheckArgs),
    /// Examine the built-in order system with each of its bugs: is every one found, and nothing else blamed?
    SelfTest(SelfTestArgs),
    /// Find all mistakes in scenarios, contracts and target profiles, without running anything
    Lint(LintArgs),
    /// Lay out scenarios and contracts in the one way, without changing their meaning
    Fmt(FmtArgs),
    /// List scenarios, defects, matchers or clauses
    List(ListArgs),
    /// Tell what a kind of mistake means, with examples
    Explain(ExplainArgs),
    /// Serve the built-in order system over HTTP, and print its URL
    #[cfg(feature = "http")]
    Serve(ServeArgs),
    /// Print what a shell needs to complete the arguments
    Completions(CompletionsArgs),
    /// Print the manual page, or write those of all subcommands
    Man(ManArgs),
}

#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct ExplainArgs {
    /// The code between brackets in a message, such as `unknown-step`, or a clause, such as `EC-1`; without one, all
    /// kinds of mistakes are listed; `next` says which sections of the profile and rules of the contract would let `conform`
    /// judge what it left open
    #[arg(value_name = "CODE")]
    pub(in crate::cli) code: Option<String>,

    /// With `next`, the JSON report of an examination [default: what `conform` left of its last one in this folder]
    #[arg(value_name = "REPORT")]
    pub(in crate::cli) report: Option<PathBuf>,
}

#[cfg(feature = "http")]
#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct InitArgs {
    /// Where the service is
    #[arg(long)]
    pub(in crate::cli) url: String,

    /// Its OpenAPI 3 document, in JSON or YAML [default: looked for at the usual places of the service]
    #[arg(long, value_name = "FILE|URL")]
    pub(in crate::cli) openapi: Option<String>,

    /// Where to write the files
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(in crate::cli) dir: PathBuf,

    /// What the contract and the files are called [default: the document's title, and proofmark.toml for the profile]
    #[arg(long, value_parser = contract_name)]
    pub(in crate::cli) name: Option<String>,

    /// How long an accepted change may take to show, for all queries [default: asked on a terminal, else 5s]
    #[arg(long, value_name = "D", value_parser = duration)]
    pub(in crate::cli) bound: Option<Duration>,

    /// Ask nothing, take what is guessed
    #[arg(long)]
    pub(in crate::cli) yes: bool,

    /// Overwrite files that are there
    #[arg(long)]
    pub(in crate::cli) force: bool,
}

#[derive(ClapArgs, Debug)]
#[command(after_help = crate::cli::exit::HELP)]
pub(in crate::cli) struct RunArgs {
    #[command(flatten)]
    pub(in crate::cli) selection: Selection,

    /// How many scenarios run side by side [default: 64]
    #[arg(long, value_name = "N", value_parser = positive)]
    pub(in crate::cli) jobs: Option<usize>,

    /// The seed: the same one gives the same course [default: a fresh one, printed]
    #[arg(long, value_name = "N", value_parser = seed, allow_negative_numbers = true)]
    pub(in crate::cli) seed: Option<u64>,

    /// How often each scenario runs; repetition k, from 0, has the seed plus k
    #[arg(long, value_name = "N", default_value = "1", value_parser = positive)]
    pub(in crate::cli) repeat: usize,

    /// What the target does not claim fails
    #[arg(long)]
    pub(in crate::cli) strict: bool,

    /// End with the first failure
    #[arg(long)]
    pub(in crate::cli) fail_fast: bool,

    /// Keep the history of the run in this file (JSON Lines)
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) history: Option<PathBuf>,

    /// Run everything once, then whatever a changed file touches, until Ctrl-C
    #[arg(long)]
    pub(in crate::cli) watch: bool,

    /// Leave a report in a file, once or several times: junit=FILE for CI servers, json=FILE for programs
    #[arg(long, value_name = "KIND=FILE", value_delimiter = ',')]
    pub(in crate::cli) report: Vec<Asked<crate::report::RunRecord>>,

    #[cfg(feature = "http")]
    #[command(flatten)]
    pub(in crate::cli) service: ServiceArgs,

    #[command(flatten)]
    pub(in crate::cli) system: SystemArgs,
}

#[derive(ClapArgs, Debug)]
#[command(after_help = crate::cli::exit::HELP)]
pub(in crate::cli) struct GenerateArgs {
    /// The contract [default: the one that the target's profile names, or that of the built-in order system]
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) contract: Option<PathBuf>,

    /// How sequences are made up
    #[arg(long, value_enum, default_value_t = Strategy::Random)]
    pub(in crate::cli) strategy: Strategy,

    /// How many sequences at most
    #[arg(long, value_name = "N", default_value = "1000", value_parser = positive)]
    pub(in crate::cli) cases: usize,

    /// How many commands a sequence has at most
    #[arg(long, value_name = "N", default_value = "12", value_parser = positive)]
    pub(in crate::cli) max_len: usize,

    /// For how long new sequences are begun: 500ms, 30s, 2m
    #[arg(long, value_name = "D", default_value = "30s", value_parser = duration)]
    pub(in crate::cli) budget: Duration,

    /// The seed: the same one gives the same sequences [default: a fresh one, printed]
    #[arg(long, value_name = "N", value_parser = seed, allow_negative_numbers = true)]
    pub(in crate::cli) seed: Option<u64>,

    /// How many sequences run side by side [default: 32]
    #[arg(long, value_name = "N", value_parser = positive)]
    pub(in crate::cli) jobs: Option<usize>,

    /// Where failures are kept as scenarios and tried first the next time [default: proofmark-regressions beside the
    /// contract]
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) regressions: Option<PathBuf>,

    /// Keep the history of all sequences in this file (JSON Lines)
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) history: Option<PathBuf>,

    /// List each transition between states with how often it was taken
    #[arg(long)]
    pub(in crate::cli) transitions: bool,

    /// Draw the states that the rules reach, as a picture (.svg) or for Graphviz (.dot), once or several times; nothing is
    /// sent
    #[arg(long, value_name = "FILE", value_delimiter = ',', conflicts_with_all = SENDING)]
    pub(in crate::cli) graph: Vec<Drawing>,

    #[cfg(feature = "http")]
    #[command(flatten)]
    pub(in crate::cli) service: ServiceArgs,

    #[command(flatten)]
    pub(in crate::cli) system: SystemArgs,
}

/// Options of `generate` that have no meaning where nothing is sent.
const SENDING: [&str; 8] =
    ["strategy", "cases", "max_len", "budget", "seed", "regressions", "history", "transitions"];

#[derive(ClapArgs, Debug)]
#[command(after_help = crate::cli::exit::HELP)]
pub(in crate::cli) struct ConformArgs {
    /// The contract [default: the one that the target's profile names, or that of the built-in order system]
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) contract: Option<PathBuf>,

    /// Only these suites: core,idempotent
    #[arg(long, value_name = "SUITE", value_delimiter = ',', value_parser = suite)]
    pub(in crate::cli) suite: Vec<Suite>,

    /// Only these clauses: EC-1,BR-5; `proofmark list clauses` has them all
    #[arg(long, value_name = "ID", value_delimiter = ',', value_parser = clause)]
    pub(in crate::cli) clause: Vec<ClauseId>,

    /// Only these cases of experiments, as `again` names them: retry/3,sum/17
    #[arg(long, value_name = "CASE", value_delimiter = ',')]
    pub(in crate::cli) case: Vec<CaseName>,

    /// For how long evidence is gathered at most: 60s, 5m
    #[arg(long, value_name = "D", default_value = "2m", value_parser = duration)]
    pub(in crate::cli) budget: Duration,

    /// The seed: the same one gives the same course [default: a fresh one, printed]
    #[arg(long, value_name = "N", value_parser = seed, allow_negative_numbers = true)]
    pub(in crate::cli) seed: Option<u64>,

    /// How many cases go on at the same time at most, for a service that takes no more; what has to race, races within one
    /// [default: as many as it answers fast]
    #[arg(long, value_name = "N", value_parser = positive)]
    pub(in crate::cli) jobs: Option<usize>,

    /// Known failures (TOML): only new ones make the examination fail
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) baseline: Option<PathBuf>,

    /// What else may be tried on a service that we did not start: `destructive` is what might do harm
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(in crate::cli) allow: Vec<Allowed>,

    /// A SHOULD that is broken fails as well
    #[arg(long)]
    pub(in crate::cli) strict: bool,

    /// Leave a report in a file, once or several times: html=FILE, json=FILE, junit=FILE, md=FILE, badge=FILE
    #[arg(long, value_name = "KIND=FILE", value_delimiter = ',')]
    pub(in crate::cli) report: Vec<Asked<crate::report::ConformanceRecord>>,

    /// Keep the history of everything in this file (JSON Lines)
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) history: Option<PathBuf>,

    #[cfg(feature = "http")]
    #[command(flatten)]
    pub(in crate::cli) service: ServiceArgs,

    #[command(flatten)]
    pub(in crate::cli) system: SystemArgs,
}

#[derive(ClapArgs, Debug)]
#[command(after_help = crate::cli::exit::HELP)]
pub(in crate::cli) struct CheckArgs {
    /// The histories, as `--history FILE` leaves them
    #[arg(value_name = "FILE", required = true)]
    pub(in crate::cli) files: Vec<PathBuf>,

    /// Judge by this contract instead of the one that the history holds; what was done in scenarios and experiments is held
    /// against it, too
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) contract: Option<PathBuf>,

    /// Only what is about these clauses: EC-1,BR-5
    #[arg(long, value_name = "ID", value_delimiter = ',', value_parser = clause)]
    pub(in crate::cli) clause: Vec<ClauseId>,

    /// Leave a report in a file, once or several times: json=FILE, junit=FILE
    #[arg(long, value_name = "KIND=FILE", value_delimiter = ',')]
    pub(in crate::cli) report: Vec<Asked<crate::report::CheckRecord>>,
}

#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct SelfTestArgs {
    /// How many seeds each is examined with
    #[arg(long, value_name = "N", default_value = "1", value_parser = positive)]
    pub(in crate::cli) seeds: usize,

    /// The first seed
    #[arg(long, value_name = "N", default_value = "1", value_parser = seed, allow_negative_numbers = true)]
    pub(in crate::cli) seed: u64,

    /// Only the clauses that a defect says it breaks: what it breaks besides is not seen
    #[arg(long)]
    pub(in crate::cli) quick: bool,

    /// Only this defect, at its own rate or at this one; may be given several times
    #[arg(long, value_name = "NAME[:RATE]", value_parser = defect)]
    pub(in crate::cli) defect: Vec<DefectSpec>,

    /// For how long evidence is gathered in one examination at most
    #[arg(long, value_name = "D", default_value = "2m", value_parser = duration)]
    pub(in crate::cli) budget: Duration,
}

/// What may be tried beyond what harms nobody.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::cli) enum Allowed {
    /// Hostile requests, rebuilds, whatever may bring a service down
    Destructive,
}

fn suite(text: &str) -> Result<Suite, String> {
    let found = Suite::ALL.into_iter().find(|suite| suite.name() == text);
    found.ok_or_else(|| {
        let all: Vec<_> = Suite::ALL.iter().map(|suite| suite.name()).collect();
        format!("there is no suite of that name; there are {}", all.join(", "))
    })
}

fn clause(text: &str) -> Result<ClauseId, String> {
    match text.parse() {
        Ok(id) => Ok(id),
        Err(_) => Err(match crate::clause::near(text) {
            Some(near) => format!("there is no such clause; did you mean {near}?"),
            None => "there is no such clause; `proofmark list clauses` has them all".to_owned(),
        }),
    }
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::cli) enum Strategy {
    /// By chance, led by the rules: most commands are accepted, each rule refuses one alone
    Random,
    /// Walks that visit each state which the rules reach
    States,
    /// Walks that take each transition, refused ones too
    Transitions,
}

/// Which service is tried, where it is not the built-in one.
#[cfg(feature = "http")]
#[derive(ClapArgs, Debug)]
#[command(next_help_heading = "A service of your own")]
pub(in crate::cli) struct ServiceArgs {
    /// Run against the service that this profile describes, over HTTP [default: proofmark.toml, if it is in this folder and
    /// nothing is said of the built-in order system]
    #[arg(long, value_name = "PROFILE", conflicts_with_all = ["sync", "lag", "jitter", "defect"])]
    pub(in crate::cli) target: Option<PathBuf>,

    /// Where the service is [default: what the profile says in [base]]
    #[arg(long)]
    pub(in crate::cli) url: Option<String>,

    /// Start the service with this command, and end it afterwards; {port} is a free port [default: what the profile
    /// says in [exec], unless there is a --url]
    #[arg(long, value_name = "COMMAND")]
    pub(in crate::cli) exec: Option<String>,
}

/// What kind of order system it is: for every subcommand that builds one.
#[derive(ClapArgs, Debug)]
#[command(next_help_heading = "The built-in order system")]
pub(in crate::cli) struct SystemArgs {
    /// How its read models follow [default: strong]
    #[arg(long, value_enum)]
    sync: Option<SyncArg>,

    /// How far behind, with `--sync eventual`: 50ms, 2s [default: 50ms]
    #[arg(long, value_name = "D", value_parser = duration)]
    lag: Option<Duration>,

    /// Up to how much further behind, drawn for each event, with `--sync eventual` [default: 0ms]
    #[arg(long, value_name = "D", value_parser = duration)]
    jitter: Option<Duration>,

    /// Build a bug in, to see it found; `proofmark list defects` has the names
    #[arg(long, value_name = "NAME[:RATE]", value_parser = defect)]
    pub(in crate::cli) defect: Vec<DefectSpec>,
}

impl SystemArgs {
    /// Whether anything is said of it.
    #[cfg(feature = "http")]
    fn is_given(&self) -> bool {
        self.sync.is_some() || self.lag.is_some() || self.jitter.is_some() || !self.defect.is_empty()
    }

    /// How the read models follow, if the options agree about it.
    pub(in crate::cli) fn sync(&self) -> Result<Sync, CliError> {
        match self.sync.unwrap_or(SyncArg::Strong) {
            SyncArg::Strong if self.lag.is_some() || self.jitter.is_some() => {
                Err(CliError::Usage("--lag and --jitter go with --sync eventual".into()))
            }
            SyncArg::Strong => Ok(Sync::Strong),
            SyncArg::Eventual => {
                Ok(Sync::Eventual { lag: self.lag.unwrap_or(LAG), jitter: self.jitter.unwrap_or_default() })
            }
        }
    }

    /// The same options again, as they were typed: ` --sync eventual --lag 50ms`.
    pub(in crate::cli) fn typed(&self) -> String {
        let mut typed = String::new();
        if self.sync == Some(SyncArg::Eventual) {
            typed.push_str(" --sync eventual");
            for (name, given) in [("lag", self.lag), ("jitter", self.jitter)] {
                if let Some(given) = given {
                    let _ = write!(typed, " --{name} {}ms", given.as_millis());
                }
            }
        }
        for defect in &self.defect {
            let _ = write!(typed, " --defect {defect}");
        }
        typed
    }
}

#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(in crate::cli) shell: clap_complete::Shell,
}

#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct ManArgs {
    /// Write the pages of all subcommands into this directory
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) out: Option<PathBuf>,
}

#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct LintArgs {
    /// Files and directories, with the scenarios, contracts and target profiles in them [default: this folder, where it has a
    /// proofmark.toml and no scenarios folder]
    #[arg(value_name = "PATHS", default_value = "scenarios")]
    pub(in crate::cli) places: Vec<Place>,
}

#[derive(ClapArgs, Debug)]
#[command(
    after_help = "Exit codes: 0 done, or nothing to do; 1 with --check: a file would change; 2 a file has mistakes, \
or can't be read, and was left alone; 4 a file can't be written; 64 the arguments are wrong"
)]
pub(in crate::cli) struct FmtArgs {
    /// Files and directories; `-` lays out the standard input, and prints it
    #[arg(value_name = "PATHS", default_value = "scenarios")]
    pub(in crate::cli) places: Vec<Place>,

    /// Change nothing; show what would change, and exit with 1 if anything would
    #[arg(long)]
    pub(in crate::cli) check: bool,
}

#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct ListArgs {
    /// What to list
    #[arg(default_value = "scenarios", value_parser = ListWhatParser)]
    pub(in crate::cli) what: ListWhat,

    #[command(flatten)]
    pub(in crate::cli) selection: Selection,
}

/// Reads what to list; a path there is a slip that everybody makes once.
#[derive(Clone, Debug)]
struct ListWhatParser;

impl TypedValueParser for ListWhatParser {
    type Value = ListWhat;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<ListWhat, clap::Error> {
        let read = EnumValueParser::<ListWhat>::new().parse_ref(command, argument, value);
        let place = Place::from(value.to_owned());
        if read.is_err() && place.path.exists() {
            let what = format!("what to list comes first: `proofmark list scenarios {place}`");
            return Err(command.clone().error(ErrorKind::InvalidValue, what));
        }
        read
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let values = ListWhat::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        Some(Box::new(values.collect::<Vec<_>>().into_iter()))
    }
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::cli) enum ListWhat {
    /// The scenarios at PATHS
    Scenarios,
    /// The bugs that can be built into the order system
    Defects,
    /// The matchers of the scenario language
    Matchers,
    /// The clauses of the catalogue, each a promise with a number
    Clauses,
}

/// Where scenarios are unless it is said.
const SCENARIOS: &str = "scenarios";

#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct Selection {
    /// Files, directories, one scenario as `FILE:LINE`, or one row of an outline as `FILE:LINE.ROW`
    #[arg(value_name = "PATHS", default_value = SCENARIOS)]
    pub(in crate::cli) places: Vec<Place>,

    /// Only scenarios with these tags: smoke, '@EC-1 or @BR-1', 'core and not slow'
    #[arg(long, value_name = "EXPR")]
    pub(in crate::cli) tag: Option<TagExpr>,

    /// Only the i-th of n parts, for machines that share a run: 1/3, 2/3, 3/3
    #[arg(long, value_name = "I/N")]
    pub(in crate::cli) shard: Option<Shard>,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
enum SyncArg {
    /// Projected before the command returns
    Strong,
    /// Projected in the background
    Eventual,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_make_sense() {
        Args::command().debug_assert();
    }
}
