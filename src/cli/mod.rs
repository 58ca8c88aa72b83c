//! The `proofmark` command: arguments, exit codes, one file a subcommand.

mod args;
mod check;
mod conform;
#[cfg(all(test, feature = "http"))]
mod documented;
mod drawing;
mod exit;
mod explain;
mod files;
mod fmt;
mod generate;
#[cfg(feature = "http")]
mod init;
mod kept;
mod last;
mod lint;
mod list;
mod progress;
mod reports;
mod run;
mod self_test;
#[cfg(feature = "http")]
mod serve;
#[cfg(feature = "http")]
mod service;
mod shell;
mod signal;
mod values;
mod watch;

pub use exit::Exit;

use std::io::IsTerminal as _;

use clap::Parser as _;

use crate::text::Colour;

/// Reads the arguments, does what they say, and answers with the exit code.
pub fn main() -> Exit {
    let args = match args::Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version are answers, not mistakes.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Passed };
            return error.print().map_or(Exit::Usage, |()| exit);
        }
    };
    let done = with_profile(args.command).and_then(|command| match command {
        #[cfg(feature = "http")]
        args::Command::Init(args) => init::init(&args),
        args::Command::Run(args) => run::run(&args),
        args::Command::Conform(args) => conform::conform(&args),
        args::Command::Check(args) => check::run(&args),
        args::Command::SelfTest(args) => self_test::self_test(&args),
        args::Command::Generate(args) => generate::run(&args),
        args::Command::Lint(args) => lint::lint(&args),
        args::Command::Fmt(args) => fmt::fmt(&args),
        args::Command::List(args) => list::list(&args),
        args::Command::Explain(args) => explain::explain(&args),
        #[cfg(feature = "http")]
        args::Command::Serve(args) => serve::serve(&args),
        args::Command::Completions(args) => shell::completions(&args),
        args::Command::Man(args) => shell::man(&args),
    });
    done.unwrap_or_else(|error| {
        if !error.is_closed_pipe() {
            say(&format!("error: {error}"));
        }
        error.exit()
    })
}

/// The command, with the profile of the folder where it tries a service and names none.
#[cfg(feature = "http")]
fn with_profile(mut command: args::Command) -> Result<args::Command, exit::CliError> {
    match &mut command {
        args::Command::Run(args) => {
            let is_of_folder = args.service.or_of_folder(&args.system)?;
            args.selection.or_of_folder(is_of_folder);
        }
        args::Command::Lint(args) => args.or_of_folder(),
        args::Command::Generate(args) => {
            args.service.or_of_folder(&args.system)?;
        }
        args::Command::Conform(args) => {
            args.service.or_of_folder(&args.system)?;
        }
        _ => {}
    }
    Ok(command)
}

#[cfg(not(feature = "http"))]
fn with_profile(command: args::Command) -> Result<args::Command, exit::CliError> {
    Ok(command)
}

/// Colours where a person looks at a terminal, unless `NO_COLOR` says otherwise.
fn colour_of(terminal: bool) -> Colour {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if terminal && !refused { Colour::Ansi } else { Colour::Plain }
}

fn stdout_colour() -> Colour {
    colour_of(std::io::stdout().is_terminal())
}

fn stderr_colour() -> Colour {
    colour_of(std::io::stderr().is_terminal())
}

/// A line for people, beside the output. A closed terminal is no reason to fail.
fn say(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{text}");
}
