//! What `generate` found before: tried again, set aside where the contract says something else by now, and written down.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::exit::{CliError, Exit};
use super::files;
use super::run::stop_on_signal;
use super::{say, stderr_colour, stdout_colour};
use crate::adapter::Target;
use crate::contract::Contract;
use crate::contract::rules::Interpreted;
use crate::protocol::Verdict;
use crate::report::{Style, Terminal};
use crate::run::{RunEvent, Runner, ScenarioResult, Seed, Summary, Told};
use crate::scenario::{Outdated, Plan, outdated, replay};
use crate::step::Sequence;
use crate::suite::{Place, Suite, files};
use crate::text::{path_name, word_of};

/// So many failures of one name are kept.
const ALIKE: usize = 1_000;

/// What was found before, and what has become of it.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// What can be run, file by file.
    plans: Vec<Arc<Plan>>,
    /// The histories of those files that expect what the contract rules out by now: judged by what it says now.
    pub(super) judged_anew: Vec<Sequence>,
    /// The files that were set aside. A failure that has the name of one takes its place.
    set_aside: BTreeSet<PathBuf>,
    /// The files of which all passed.
    passed: BTreeSet<PathBuf>,
    /// Whether something of it decides nothing.
    pub(super) undecided: bool,
}

/// What became of writing a failure down.
pub(super) type Written = Result<PathBuf, (PathBuf, io::Error)>;

impl Kept {
    /// Reads what is kept in a folder, if it is there, and tells what of it was set aside and why.
    pub(super) fn read(folder: &Path, contract: &Path, (declared, model): (&Contract, &Interpreted)) -> Self {
        let mut kept = Self::default();
        if folder.symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
            return kept;
        }
        let found = match files(&[Place::from(folder)]) {
            Ok(found) => found,
            Err(error) => {
                say(&format!("What was found before was not tried: {error}"));
                kept.undecided = true;
                return kept;
            }
        };
        let scenarios = found
            .into_iter()
            .filter(|file| file.extension().is_some_and(|extension| extension == "scenario"));
        for file in scenarios {
            kept.file(&file, contract, (declared, model));
        }
        kept
    }

    fn file(&mut self, file: &Path, contract: &Path, (declared, model): (&Contract, &Interpreted)) {
        let suite = match Suite::load([Place::from(file), Place::from(contract)]) {
            Ok(suite) => suite,
            Err(error) => return self.unusable(file, &error.to_string()),
        };
        let plans = match suite.plans() {
            Ok(plans) => plans,
            Err(mistakes) => return self.unusable(file, mistakes.render(stderr_colour()).trim_end()),
        };
        // Others may keep theirs in the same folder.
        let ours = plans.iter().filter(|plan| *plan.contract == *declared.name());
        for plan in ours {
            let sequence = replay(plan);
            match sequence.as_ref().and_then(|replay| outdated(replay, model)) {
                Some(outdated) => self.outdated(file, plan, &outdated),
                None => {
                    self.plans.push(plan.clone());
                    continue;
                }
            }
            self.judged_anew.extend(sequence.map(|replay| replay.sequence));
        }
    }

    /// A file that can't be run as it is.
    fn unusable(&mut self, file: &Path, why: &str) {
        say(&format!(
            "set aside  {}: it can't be run against the contract as it is\n{why}\n           mend it, or remove it if its failure has no meaning any more",
            path_name(file)
        ));
        self.set_aside.insert(file.to_owned());
        self.undecided = true;
    }

    /// A scenario that expects what the contract rules out.
    fn outdated(&mut self, file: &Path, plan: &Plan, outdated: &Outdated) {
        let line = plan.source.line(outdated.span.start);
        say(&format!(
            "set aside  {}:{line}: {outdated}\n           what it sends is sent again and judged by the contract as it is; correct that line, or remove the file",
            path_name(file)
        ));
        self.set_aside.insert(file.to_owned());
    }

    /// Tries what can be tried. Where something of it fails still, nothing new is looked for.
    pub(super) async fn run<T: Target + 'static>(
        &mut self,
        target: T,
        folder: &Path,
        (seed, options): (Option<u64>, &str),
    ) -> Result<Option<Exit>, CliError> {
        if self.plans.is_empty() {
            return Ok(None);
        }
        let again = |result: &ScenarioResult| {
            let place = result.plan.place();
            format!("proofmark run {} --seed {}{options}", word_of(&place), result.seed.0)
        };
        let style = Style { colour: stdout_colour(), lines: false };
        let mut terminal = Terminal::new(std::io::stdout(), style, again);
        let mut runner = Runner::new(target);
        if let Some(seed) = seed {
            runner = runner.seed(Seed(seed));
        }
        super::generate::print(&format!("First what was found before, in {}:", path_name(folder)))?;
        let (mut written, mut passed, mut others) = (Ok(()), BTreeSet::new(), BTreeSet::new());
        let running = runner.run(&self.plans, |event| {
            if let RunEvent::Scenario(result) = event {
                let files = if result.verdict == Verdict::Pass { &mut passed } else { &mut others };
                files.insert(result.plan.source.path().to_owned());
            }
            if written.is_ok() {
                written = terminal.on(event);
            }
        });
        let summary = tokio::select! {
            biased;
            never = stop_on_signal(runner.stop_handle()) => match never {},
            summary = running => summary?,
        };
        written?;
        self.passed = &passed - &others;
        self.exit(&summary)
    }

    fn exit(&mut self, summary: &Summary) -> Result<Option<Exit>, CliError> {
        if summary.counts.failed > 0 {
            super::generate::print("It fails still, so nothing new was looked for.")?;
            return Ok(Some(Exit::Failed));
        }
        if summary.interrupted {
            return Ok(Some(Exit::Inconclusive));
        }
        self.undecided |= summary.counts.inconclusive > 0;
        Ok(None)
    }

    /// Writes a failure down, and says where, or where it should have been and why it could not.
    pub(super) fn write(&self, folder: &Path, told: &Told, by_chance: bool) -> Written {
        let file = self.place(folder, told, by_chance);
        let written = std::fs::create_dir_all(folder).and_then(|()| files::replace(&file, &told.scenario));
        match written {
            Ok(()) => Ok(file),
            Err(error) => Err((file, error)),
        }
    }

    /// Where a failure is written to. It takes the place of what has its name, unless that is a failure of another cause: one that has just passed
    /// though this one always fails.
    fn place(&self, folder: &Path, told: &Told, by_chance: bool) -> PathBuf {
        let mut file = folder.join(format!("{}.scenario", told.file));
        for number in 2..ALIKE {
            let other = self.passed.contains(&file)
                && !by_chance
                && std::fs::read_to_string(&file).is_ok_and(|text| steps(&text) != steps(&told.scenario));
            if !other {
                break;
            }
            file = folder.join(format!("{}-{number}.scenario", told.file));
        }
        file
    }
}

/// The lines that say what is done.
fn steps(scenario: &str) -> Vec<&str> {
    let lines = scenario.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#') && !line.starts_with("scenario "))
        .collect()
}
