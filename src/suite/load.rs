use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::find::{Found, Place, PlaceError};
use super::shard::Shard;
use crate::contract::Contract;
use crate::explore::{Bounds, contradictions, explore};
use crate::language::syntax::{ContractFile, ScenarioFile};
use crate::language::{parse_contract, parse_scenarios};
use crate::model::Interpreted;
use crate::plan::{Plan, TagExpr, plan};
use crate::text::{Code, Colour, Diagnostic, Severity, Source, did_you_mean, first_mistakes, render};

/// Scenarios that are ready to run, and the contracts they speak.
#[derive(Clone, Debug, Default)]
pub struct Suite {
    plans: Vec<Arc<Plan>>,
    mistakes: Mistakes,
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
            found.add(source, mistakes);
        }
        found
    }

    /// How many files were read.
    pub fn files(&self) -> usize {
        self.inputs.len()
    }

    /// The files that were read.
    pub fn inputs(&self) -> impl Iterator<Item = &Path> {
        self.inputs.keys().map(PathBuf::as_path)
    }

    /// The chosen scenarios whose own file, or one that it rests on, is among these.
    pub fn touched(&self, changed: &BTreeSet<PathBuf>) -> Vec<Arc<Plan>> {
        let touched = |plan: &&Arc<Plan>| {
            let file = Path::new(plan.source.name());
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

/// Whether a plan is at one of the places: in its directory, in its file, or at its line.
fn chosen(plan: &Plan, places: &[Place], found: &Found) -> bool {
    let file = Path::new(plan.source.name());
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let here = real(file);
    found.scenarios.contains(file)
        && places.iter().any(|place| match place.line {
            None => here.starts_with(real(&place.path)),
            Some(line) => here == real(&place.path) && plan.holds_line(line),
        })
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
            self.add(source, new);
        }
    }

    fn count(&self, severity: Severity) -> usize {
        let all = self.files.iter().flat_map(|(_, mistakes)| mistakes);
        all.filter(|mistake| mistake.severity == severity).count()
    }

    pub(super) fn add(&mut self, source: &Arc<Source>, mistakes: Vec<Diagnostic>) {
        if mistakes.is_empty() {
            return;
        }
        match self.files.iter_mut().find(|(known, _)| known.name() == source.name()) {
            Some((_, known)) => {
                known.extend(mistakes);
                *known = first_mistakes(std::mem::take(known), false);
            }
            None => self.files.push((source.clone(), first_mistakes(mistakes, false))),
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
    file: &ScenarioFile,
    unread: &[Diagnostic],
    planned: Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    let starts: Vec<u32> = file.scenarios.iter().map(|scenario| scenario.name.span.start).collect();
    let part = |mistake: &Diagnostic| starts.partition_point(|start| *start <= mistake.span.start);
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

#[derive(Default)]
pub(super) struct Loader {
    suite: Suite,
    /// Contracts by path; `None` where the file can't be used.
    contracts: BTreeMap<PathBuf, Option<Arc<Contract>>>,
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
                self.suite.mistakes.add(&source, vec![unreadable.diagnostic]);
                None
            }
        }
    }

    pub(super) fn contract(&mut self, path: &Path) -> Option<Arc<Contract>> {
        if let Some(known) = self.contracts.get(path) {
            return known.clone();
        }
        let contract = self.source(path).map(|source| {
            let parsed = parse_contract(&source);
            let resolved = Contract::resolve(&parsed.tree);
            let mut mistakes = parsed.diagnostics;
            mistakes.extend(other_name(path, &parsed.tree));
            mistakes.extend(resolved.diagnostics);
            self.suite.mistakes.add(&source, mistakes);
            self.suite.contracts.push(source);
            Arc::new(resolved.contract)
        });
        self.contracts.insert(path.to_owned(), contract.clone());
        contract
    }

    fn scenarios(&mut self, path: &Path) {
        let Some(source) = self.source(path) else { return };
        let parsed = parse_scenarios(&source);
        let mut mistakes = parsed.diagnostics;
        let Some(used) = &parsed.tree.uses else {
            if mistakes.is_empty() {
                let span =
                    parsed.tree.scenarios.first().map(|scenario| scenario.name.span).unwrap_or_default();
                let what = "this file doesn't say which contract it speaks";
                let mistake = Diagnostic::error(Code::MISSING_CONTRACT, span, what);
                mistakes.push(mistake.advise("write `use orders` at the top, for a file `orders.contract` beside this one or in a directory above"));
            }
            self.suite.mistakes.add(&source, mistakes);
            return;
        };
        match self.find_contract(path, &used.text) {
            Some(contract_path) => {
                self.suite.inputs.entry(path.to_owned()).or_default().insert(contract_path.clone());
                if let Some(contract) = self.contract(&contract_path) {
                    let (plans, more) = plan(&source, &parsed.tree, &contract);
                    self.suite.plans.extend(plans.into_iter().map(Arc::new));
                    mistakes.extend(without_follow_ups(&parsed.tree, &mistakes, more));
                }
            }
            None => mistakes.push(self.unknown_contract(path, used)),
        }
        self.suite.mistakes.add(&source, mistakes);
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
