use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::find::{Found, Place, PlaceError};
use super::shard::Shard;
use crate::contract::Contract;
use crate::contract::explore::{Bounds, contradictions, explore};
use crate::contract::rules::Interpreted;
use crate::language::syntax::{ContractFile, ScenarioFile};
use crate::language::{link, parse_contract, parse_scenarios};
use crate::scenario::{Plan, TagExpr, plan};
use crate::text::{Code, Colour, Diagnostic, Severity, Source, did_you_mean, first_mistakes, render};

/// Scenarios that are ready to run, and the contracts they speak.
#[derive(Clone, Debug, Default)]
pub struct Suite {
    plans: Vec<Arc<Plan>>,
    mistakes: Mistakes,
    /// Places with a line at which there is no scenario.
    missed: Vec<Place>,
    /// The contracts, as they are written.
    contracts: Vec<Arc<Source>>,
    /// Every file that was read, and for scenarios those that they rest on.
    inputs: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
}

/// What is wrong with the files, file by file.
#[derive(Clone, Default)]
pub struct Mistakes {
    files: Vec<(Arc<Source>, Vec<Diagnostic>)>,
}

impl Suite {
    /// Reads, parses and plans everything at the given places.
    ///
    /// ```
    /// use proofmark::suite::Suite;
    ///
    /// let suite = Suite::load(["scenarios"])?;
    /// let plans = suite.plans().map_err(|mistakes| mistakes.to_string()).unwrap();
    /// assert!(plans.len() >= 30);
    /// # Ok::<(), proofmark::suite::PlaceError>(())
    /// ```
    ///
    /// # Errors
    /// When a place does not exist. What is wrong inside the files is told by [`Suite::plans`].
    pub fn load<P: Into<Place>>(places: impl IntoIterator<Item = P>) -> Result<Self, PlaceError> {
        let places: Vec<Place> = places.into_iter().map(Into::into).collect();
        let mut found = Found::default();
        for place in &places {
            found.add(place)?;
        }
        let mut loader = Loader::default();
        for path in &found.contracts {
            loader.contract(path);
        }
        for path in &found.scenarios {
            loader.scenarios(path);
        }
        let mut suite = loader.finish();
        suite.missed = places.iter().filter(|place| place.line.is_some()).cloned().collect();
        suite.missed.retain(|place| !suite.plans.iter().any(|plan| at(plan, place)));
        suite.plans.retain(|plan| chosen(plan, &places, &found));
        Ok(suite)
    }

    /// The plans, in file order.
    ///
    /// # Errors
    /// When there are mistakes that must be mended first; warnings are none.
    pub fn plans(&self) -> Result<&[Arc<Plan>], &Mistakes> {
        if self.mistakes.errors() > 0 { Err(&self.mistakes) } else { Ok(&self.plans) }
    }

    /// All that is wrong, warnings included.
    pub fn mistakes(&self) -> &Mistakes {
        &self.mistakes
    }

    /// What exploration finds of contracts whose rules contradict themselves or each other. Nothing for a contract
    /// that has mistakes of another kind: those come first.
    pub fn contradictions(&self) -> Mistakes {
        let mut found = Mistakes::default();
        for source in &self.contracts {
            let mistakes = match Interpreted::read(source) {
                Ok(model) => contradictions(&model, &explore(&model, Bounds::default())),
                Err(mistakes) => mistakes,
            };
            found.add(source, &mistakes);
        }
        found
    }

    /// The places that name a line, or a row, at which there is no scenario.
    pub fn missed(&self) -> &[Place] {
        &self.missed
    }

    /// How many files were read.
    pub fn files(&self) -> usize {
        self.inputs.len()
    }

    /// The files that were read, and those that should have been.
    pub fn inputs(&self) -> impl Iterator<Item = &Path> {
        self.inputs
            .iter()
            .flat_map(|(file, others)| std::iter::once(file).chain(others))
            .map(PathBuf::as_path)
    }

    /// The chosen scenarios whose own file, or one that it rests on, is among these.
    pub fn touched(&self, changed: &BTreeSet<PathBuf>) -> Vec<Arc<Plan>> {
        let touched = |plan: &&Arc<Plan>| {
            let file = plan.source.path();
            let rests_on = self.inputs.get(file);
            changed.contains(file) || rests_on.is_some_and(|inputs| !inputs.is_disjoint(changed))
        };
        self.plans.iter().filter(touched).cloned().collect()
    }

    /// Only the scenarios that the tag expression chooses.
    #[must_use]
    pub fn tagged(mut self, tags: &TagExpr) -> Self {
        self.plans.retain(|plan| tags.chooses(&plan.tags));
        self
    }

    /// Only the scenarios of one part of several.
    #[must_use]
    pub fn sharded(mut self, shard: Shard) -> Self {
        self.plans.retain(|plan| shard.holds(plan));
        self
    }
}

/// The one path of a file, whatever led to it.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// A file that another one names.
pub(super) fn take_in(path: &Path) -> Result<Arc<Source>, String> {
    let kind = std::fs::metadata(path).map_err(|error| error.to_string())?;
    // A pipe or a device has no end that could be waited for.
    if !kind.is_file() {
        return Err("it is no file".into());
    }
    Source::read(path).map(Arc::new).map_err(|unreadable| unreadable.diagnostic.message)
}

/// Whether a plan is at one of the places: in its directory, in its file, or at its line.
fn chosen(plan: &Plan, places: &[Place], found: &Found) -> bool {
    let file = plan.source.path();
    found.scenarios.contains(file) && places.iter().any(|place| at(plan, place))
}

/// Whether a plan is in a directory or a file, or at a line of it.
fn at(plan: &Plan, place: &Place) -> bool {
    let (here, there) = (real(plan.source.path()), real(&place.path));
    match place.line {
        None => here.starts_with(there),
        Some(line) => {
            here == there && plan.holds_line(line) && (place.row.is_none() || place.row == plan.row)
        }
    }
}

impl Mistakes {
    /// How many must be mended.
    pub fn errors(&self) -> usize {
        self.count(Severity::Error)
    }

    /// How many are worth a look.
    pub fn warnings(&self) -> usize {
        self.count(Severity::Warning)
    }

    /// The kind of the first that must be mended.
    pub fn first_error(&self) -> Option<Code> {
        let mut all = self.files.iter().flat_map(|(_, mistakes)| mistakes);
        all.find(|mistake| mistake.severity == Severity::Error).map(|mistake| mistake.code)
    }

    /// Everything with its line and a caret, and a last line that counts; empty if nothing is wrong.
    pub fn render(&self, colour: Colour) -> String {
        render(self.files.iter().map(|(source, mistakes)| (&**source, &**mistakes)), colour)
    }

    /// Adds others, each mistake once.
    pub fn merge(&mut self, other: &Self) {
        for (source, mistakes) in &other.files {
            let known = self.files.iter().find(|(known, _)| known.name() == source.name());
            let is_new = |mistake: &&Diagnostic| known.is_none_or(|(_, known)| !known.contains(mistake));
            let new: Vec<_> = mistakes.iter().filter(is_new).cloned().collect();
            self.add(source, &new);
        }
    }

    fn count(&self, severity: Severity) -> usize {
        let all = self.files.iter().flat_map(|(_, mistakes)| mistakes);
        all.filter(|mistake| mistake.severity == severity).count()
    }

    /// Adds mistakes, each to the file that it is in.
    pub(super) fn add(&mut self, source: &Source, mistakes: &[Diagnostic]) {
        let mut files: Vec<(&Source, Vec<Diagnostic>)> = Vec::new();
        for mistake in mistakes {
            let (file, mistake) = source.locate_mistake(mistake);
            match files.iter_mut().find(|(known, _)| known.name() == file.name()) {
                Some((_, known)) => known.push(mistake),
                None => files.push((file, vec![mistake])),
            }
        }
        for (file, mistakes) in files {
            self.add_to(file, mistakes);
        }
    }

    fn add_to(&mut self, source: &Source, mut mistakes: Vec<Diagnostic>) {
        match self.files.iter_mut().find(|(known, _)| known.name() == source.name()) {
            Some((_, known)) => {
                // A file that several include is read with each of them.
                mistakes.retain(|mistake| !known.contains(mistake));
                known.extend(mistakes);
                *known = first_mistakes(std::mem::take(known), false);
            }
            None => self.files.push((Arc::new(source.clone()), first_mistakes(mistakes, false))),
        }
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Colour::Plain))
    }
}

/// As they are shown: a test that unwraps them tells what is wrong.
impl fmt::Debug for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

impl std::error::Error for Mistakes {}

/// Mistakes that may only be there because a step before could not be read.
const FOLLOW_UPS: &[Code] = &[
    Code::UNKNOWN_VARIABLE,
    Code::NO_COMMAND,
    Code::WRONG_PLACE,
    Code::NOTHING_ASSERTED,
    Code::MISSING_FIELD,
    Code::MISSING_AGGREGATE,
    Code::MISSING_SHOWS,
];

/// What planning found, without what may follow from what the parser found in the same scenario. What could not be
/// read in the background, may be missing in all.
fn without_follow_ups(
    source: &Source,
    file: &ScenarioFile,
    unread: &[Diagnostic],
    planned: Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    let starts: Vec<u32> = file.scenarios.iter().map(|scenario| scenario.name.span.start).collect();
    let part = |mistake: &Diagnostic| {
        // What is included belongs to the background.
        let own = source.is_own(mistake.span);
        if own { starts.partition_point(|start| *start <= mistake.span.start) } else { 0 }
    };
    let errors = unread.iter().filter(|mistake| mistake.severity == Severity::Error);
    let broken: BTreeSet<usize> = errors.map(part).collect();
    let follows = |mistake: &Diagnostic| {
        FOLLOW_UPS.contains(&mistake.code) && (broken.contains(&0) || broken.contains(&part(mistake)))
    };
    planned.into_iter().filter(|mistake| !follows(mistake)).collect()
}

/// A contract is found by its file's name, so the two must be one.
fn other_name(path: &Path, file: &ContractFile) -> Option<Diagnostic> {
    let (stem, name) = (path.file_stem()?.to_str()?, file.name.as_ref()?);
    (*name.text != *stem).then(|| {
        let what = format!("this file is called {stem}, and its contract `{}`", name.text);
        Diagnostic::error(Code::UNKNOWN_CONTRACT, name.span, what).replace(format!("name it `{stem}`"), stem)
    })
}

/// A contract that was read.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) contract: Arc<Contract>,
    /// Its rules, where answers show what a service chooses and what lasts.
    lasting: Option<Arc<Interpreted>>,
}

#[derive(Default)]
pub(super) struct Loader {
    suite: Suite,
    /// Contracts by path; `None` where the file can't be used.
    contracts: BTreeMap<PathBuf, Option<Known>>,
    /// Files that others take in, by their real path, or why they can't be used.
    taken_in: BTreeMap<PathBuf, Result<Arc<Source>, String>>,
}

impl Loader {
    pub(super) fn finish(self) -> Suite {
        self.suite
    }

    fn source(&mut self, path: &Path) -> Option<Arc<Source>> {
        self.suite.inputs.entry(path.to_owned()).or_default();
        match Source::read(path) {
            Ok(source) => Some(Arc::new(source)),
            Err(unreadable) => {
                let source = Arc::new(unreadable.source_text);
                self.suite.mistakes.add(&source, &[unreadable.diagnostic]);
                None
            }
        }
    }

    /// A scenario file with those that it takes in.
    fn linked(&mut self, path: &Path, source: &Arc<Source>) -> Arc<Source> {
        let taken_in = &mut self.taken_in;
        let rests_on = self.suite.inputs.entry(path.to_owned()).or_default();
        taken_in.insert(real(path), Ok(source.clone()));
        link(source, &mut |from, named| {
            let beside = from.parent().unwrap_or(Path::new(""));
            let path: PathBuf = beside.join(named).components().collect();
            let found = taken_in.entry(real(&path)).or_insert_with(|| take_in(&path)).clone();
            rests_on.insert(path);
            found
        })
    }

    pub(super) fn contract(&mut self, path: &Path) -> Option<Known> {
        if let Some(known) = self.contracts.get(path) {
            return known.clone();
        }
        let contract = self.source(path).map(|source| {
            let parsed = parse_contract(&source);
            let resolved = Contract::resolve(&parsed.tree);
            let mut mistakes = parsed.diagnostics;
            mistakes.extend(other_name(path, &parsed.tree));
            mistakes.extend(resolved.diagnostics);
            self.suite.mistakes.add(&source, &mistakes);
            let contract = Arc::new(resolved.contract);
            let rules = || Interpreted::read(&source).ok().map(Arc::new);
            let lasting = contract.shows_what_lasts().then(rules).flatten();
            self.suite.contracts.push(source);
            Known { contract, lasting }
        });
        self.contracts.insert(path.to_owned(), contract.clone());
        contract
    }

    fn scenarios(&mut self, path: &Path) {
        let Some(source) = self.source(path) else { return };
        let source = self.linked(path, &source);
        let parsed = parse_scenarios(&source);
        let mut mistakes = parsed.diagnostics;
        let Some(used) = &parsed.tree.uses else {
            // A background without `use` speaks what the files speak that include it.
            let shared = parsed.tree.scenarios.is_empty() && !parsed.tree.background.is_empty();
            if mistakes.is_empty() && !shared {
                let span =
                    parsed.tree.scenarios.first().map(|scenario| scenario.name.span).unwrap_or_default();
                let what = "this file doesn't say which contract it speaks";
                let mistake = Diagnostic::error(Code::MISSING_CONTRACT, span, what);
                mistakes.push(mistake.advise("write `use orders` at the top, for a file `orders.contract` beside this one or in a directory above"));
            }
            self.suite.mistakes.add(&source, &mistakes);
            return;
        };
        match self.find_contract(path, &used.text) {
            Some(contract_path) => {
                self.suite.inputs.entry(path.to_owned()).or_default().insert(contract_path.clone());
                if let Some(Known { contract, lasting }) = self.contract(&contract_path) {
                    let (plans, more) = plan(&source, &parsed.tree, &contract);
                    let plans = plans.into_iter().map(|plan| Plan { lasting: lasting.clone(), ..plan });
                    self.suite.plans.extend(plans.map(Arc::new));
                    mistakes.extend(without_follow_ups(&source, &parsed.tree, &mistakes, more));
                }
            }
            None => mistakes.push(self.unknown_contract(path, used)),
        }
        self.suite.mistakes.add(&source, &mistakes);
    }

    /// `NAME.contract` beside the file or in the nearest directory above it, else anywhere among the files given.
    pub(super) fn find_contract(&self, scenarios: &Path, name: &str) -> Option<PathBuf> {
        let file = format!("{name}.contract");
        let above = scenarios.ancestors().skip(1).map(|directory| directory.join(&file));
        let given =
            self.contracts.keys().filter(|path| path.file_name().is_some_and(|known| known == &*file));
        above.filter(|path| path.is_file()).chain(given.cloned()).next()
    }

    fn unknown_contract(&self, scenarios: &Path, used: &crate::language::syntax::Ident) -> Diagnostic {
        let what = format!("there is no file {}.contract beside this one or in a directory above", used.text);
        let beside = scenarios.parent().into_iter().flat_map(|directory| {
            let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
            std::fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path())
        });
        let stems: Vec<String> = beside
            .chain(self.contracts.keys().cloned())
            .filter(|path| path.extension().is_some_and(|extension| extension == "contract"))
            .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
            .collect();
        let near = did_you_mean(&used.text, stems.iter().map(String::as_str));
        Diagnostic::error(Code::UNKNOWN_CONTRACT, used.span, what).suggest(near)
    }
}
