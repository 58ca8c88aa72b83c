use std::io::Write as _;

use clap::CommandFactory as _;

use super::args::{Args, CompletionsArgs, ManArgs};
use super::exit::{CliError, Exit};

/// `proofmark completions`: what the shell is to read.
pub(super) fn completions(args: &CompletionsArgs) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "proofmark", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(Exit::Passed)
}

/// `proofmark man`: the page of the command itself, or in a directory those of all subcommands.
pub(super) fn man(args: &ManArgs) -> Result<Exit, CliError> {
    match &args.out {
        Some(directory) => {
            std::fs::create_dir_all(directory)?;
            clap_mangen::generate_to(Args::command(), directory)?;
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Args::command()).render(&mut page)?;
            std::io::stdout().write_all(&page)?;
        }
    }
    Ok(Exit::Passed)
}
