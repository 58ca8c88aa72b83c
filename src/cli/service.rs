use std::fmt::Write as _;

use super::args::ServiceArgs;
use super::exit::{CliError, Exit};
use super::{say, stderr_colour};
use crate::adapter::Http;
use crate::run::Summary;
use crate::suite::ProfileFile;
use crate::text::{path_word, word};

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
    Ok(Ok(Some(service?)))
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
