use std::fmt::Write as _;
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::sync::OnceLock;

use super::args::ServiceArgs;
use super::exit::{CliError, Exit};
use super::{say, stderr_colour};
use crate::adapter::{Http, LeftBehind};
use crate::run::Summary;
use crate::suite::ProfileFile;
use crate::text::{path_word, word};
use crate::value::inert_within;

/// Addresses and ids are cut behind so many characters.
const SHOWN: usize = 200;

/// The service that `--target` names, if it does; or what is wrong with its profile, already told.
pub(super) fn find(args: &ServiceArgs) -> Result<Result<Option<Http>, Exit>, CliError> {
    let Some(path) = &args.target else { return Ok(Ok(None)) };
    let file = ProfileFile::load(path);
    let told = file.mistakes().render(stderr_colour());
    if !told.is_empty() {
        say(told.trim_end());
    }
    let url = args.url.as_deref();
    // With a URL it runs there already, unless it is said here how to start it.
    let exec = match file.profile() {
        Ok(profile) => args.exec.as_deref().or_else(|| profile.exec().filter(|_| url.is_none())),
        Err(_) => return Ok(Err(Exit::Files)),
    };
    let base_given = url.is_some() || exec.is_some_and(|command| command.contains("{port}"));
    // Secrets come in here and nowhere else.
    let (profile, equipment) = match file.equip(base_given, &|name| std::env::var(name).ok()) {
        Ok(equipped) => equipped,
        Err(mistakes) => {
            say(mistakes.render(stderr_colour()).trim_end());
            return Ok(Err(Exit::Files));
        }
    };
    let service = match exec {
        Some(command) => Http::exec(profile, equipment, command, url),
        None => Http::new(profile, equipment, url),
    };
    let service = service?;
    if let Some(address) = service.unvouched() {
        vouched(address)?;
    }
    Ok(Ok(Some(service)))
}

/// Asks once whether what is at an address is there for tests, where there is somebody to ask.
///
/// # Errors
/// If it isn't, or nobody says so.
fn vouched(address: &str) -> Result<(), CliError> {
    // Who watches files runs them many times.
    static ANSWERED: OnceLock<bool> = OnceLock::new();
    let address = inert_within(address, SHOWN);
    let (stdin, stderr) = (std::io::stdin(), std::io::stderr());
    if stdin.is_terminal() && stderr.is_terminal() {
        let agreed = ANSWERED.get_or_init(|| {
            let question = format!(
                "{address} is not on this machine. Commands are sent to it, and what they make stays there.\n\
                 Is it a test system? (`test = true` in the profile says so for good) [y/N] "
            );
            let mut answer = String::new();
            let asked = stderr.lock().write_all(question.as_bytes());
            asked.and_then(|()| stdin.lock().read_line(&mut answer)).is_ok() && is_yes(&answer)
        });
        return if *agreed { Ok(()) } else { Err(CliError::Usage("nothing was sent".into())) };
    }
    Err(CliError::Usage(format!(
        "{address} is not on this machine, and nothing says that it is a test system: commands are sent to it, and what they make stays \
         there. If it is one, write `test = true` at the top of the profile"
    )))
}

fn is_yes(answer: &str) -> bool {
    ["y", "yes"].contains(&&*answer.trim().to_ascii_lowercase())
}

/// What a run has left in a service, in a line for each kind of aggregate; nothing where it sent no command.
fn left(left: &LeftBehind) -> Option<String> {
    let mut told = match left.commands {
        0 => return None,
        1 => "left behind  1 command was sent".to_owned(),
        commands => format!("left behind  {commands} commands were sent"),
    };
    for (kind, of_kind) in &left.aggregates {
        let mut ids: Vec<_> = of_kind.ids.iter().map(|id| inert_within(id, SHOWN)).collect();
        if let more @ 1.. = of_kind.count - ids.len() {
            ids.push(format!("{more} more"));
        }
        let _ = write!(told, "\n             {} {kind}: {}", of_kind.count, ids.join(", "));
    }
    Some(told)
}

/// A run against a service that never showed that it speaks the contract decides nothing, whatever passed.
pub(super) fn exit(service: &Http, summary: &Summary) -> Exit {
    spoken(service, Exit::of(summary))
}

/// The exit code of a run that came to `exit`, unless the service never spoke.
pub(super) fn spoken(service: &Http, exit: Exit) -> Exit {
    if let Some(how) = service.ended() {
        say(&format!("The service did not last until the end of the run: {how}"));
    }
    if let Some(told) = service.left_behind().and_then(|behind| left(&behind)) {
        say(&told);
    }
    match service.open_secrets() {
        0 => {}
        1 => say(
            "note: a secret of the profile stands in the open, in the contract, in a scenario or in what was sent, and was shown as it is",
        ),
        open => say(&format!(
            "note: {open} secrets of the profile stand in the open, in the contract, in scenarios or in what was sent, and were shown as they are"
        )),
    }
    if !service.has_spoken() {
        say(
            "Nothing was ever accepted and nothing ever found, so nothing that passed proves anything: are the URL \
             and the profile those of this service?",
        );
        if exit == Exit::Passed {
            return Exit::Inconclusive;
        }
    }
    exit
}

/// The options again, as they were typed.
pub(super) fn typed(args: &ServiceArgs) -> String {
    let mut typed = String::new();
    if let Some(path) = &args.target {
        let _ = write!(typed, " --target {}", path_word(path));
    }
    if let Some(url) = &args.url {
        let _ = write!(typed, " --url {}", word(url));
    }
    if let Some(command) = &args.exec {
        let _ = write!(typed, " --exec {}", word(command));
    }
    typed
}
