use std::fs::File;
use std::io::{BufReader, Write as _};
use std::path::Path;

use super::args::CheckArgs;
use super::exit::{CliError, Exit};
use super::{reports, say, stderr_colour};
use crate::check::{Asked, CheckError, check};
use crate::protocol::Verdict;
use crate::report::{CheckRecord, FileRecord, checked};
use crate::text::{Source, path_name, render};

/// `proofmark check`
pub(super) fn run(args: &CheckArgs) -> Result<Exit, CliError> {
    reports::make_way(&args.report, None)?;
    let contract = match args.contract.as_deref().map(Source::read).transpose() {
        Ok(contract) => contract,
        Err(unreadable) => {
            let mistakes = [unreadable.diagnostic];
            say(render([(&unreadable.source_text, &mistakes[..])], stderr_colour()).trim_end());
            return Ok(Exit::Files);
        }
    };
    let open =
        |path: &std::path::PathBuf| FileRecord::unreadable(&path_name(path), "it was not judged to the end");
    reports::write(&args.report, &CheckRecord::of(args.files.iter().map(open).collect()))?;
    let asked = Asked { contract, clauses: args.clause.clone() };
    let (mut worst, mut files) = (Exit::Passed, Vec::new());
    for path in &args.files {
        let name = path_name(path);
        let (exit, record) = match judged(path, &asked) {
            Ok(found) => {
                let mut out = std::io::stdout().lock();
                writeln!(out, "{}", checked(&name, &found))?;
                out.flush()?;
                (exit(found.verdict()), FileRecord::of(&name, &found))
            }
            Err(why) => {
                if let CheckError::Contract { text, mistakes } = &why {
                    say(render([(&**text, &mistakes[..])], stderr_colour()).trim_end());
                }
                say(&format!("error: {name}: {why}"));
                (Exit::Files, FileRecord::unreadable(&name, &why.to_string()))
            }
        };
        files.push(record);
        worst = worse(worst, exit);
    }
    reports::write(&args.report, &CheckRecord::of(files))?;
    Ok(worst)
}

fn judged(path: &Path, asked: &Asked) -> Result<crate::check::Checked, CheckError> {
    let file = File::open(path).map_err(crate::history::ReadError::Io)?;
    check(BufReader::new(file), asked)
}

fn exit(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Pass => Exit::Passed,
        Verdict::Fail => Exit::Failed,
        _ => Exit::Inconclusive,
    }
}

/// What is broken comes first, then what can't be read.
fn worse(one: Exit, other: Exit) -> Exit {
    let order = [Exit::Failed, Exit::Files, Exit::Inconclusive];
    order.into_iter().find(|exit| [one, other].contains(exit)).unwrap_or(Exit::Passed)
}
