//! Judges histories: says of a file what the run said that wrote it. Pure: it sends nothing, and has no clock.
//!
//! What was made up (`generate`, and the sequences of `conform`) is judged again, by the very function that judged it while it was
//! run; so are the cases of experiments, by the checks of their clauses. Scenarios were judged by matchers while they ran, and what
//! these said is told as it stands in the history; [`Asked::contract`] holds what was done in them against a contract besides.

mod clauses;
mod rules;
mod sequences;
mod words;

use clauses::Clauses;
pub use rules::Broken;
pub use sequences::Sequences;
pub use words::{ClauseWord, FindingWord, ScenarioWord};

use std::collections::BTreeMap;
use std::io::BufRead;
use std::sync::Arc;

use crate::conform::ClauseResult;
use crate::contract::Contract;
use crate::contract::rules::Interpreted;
use crate::history::{Course, Courses, Header, Job, Piece, ReadError, Reader};
use crate::protocol::{ClauseId, Verdict};
use crate::text::{Diagnostic, Source};
use crate::value::Value;

/// What somebody wants to know of a history.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// A contract that it is to be judged by, instead of the one in it.
    pub contract: Option<Source>,
    /// Only these clauses; none for all.
    pub clauses: Vec<ClauseId>,
}

/// What a history proves.
#[derive(Debug)]
pub struct Checked {
    /// Its first line.
    pub header: Header,
    /// Sequences that were made up, judged again.
    pub sequences: Option<Sequences>,
    /// What the run said of its scenarios.
    pub scenarios: Vec<ScenarioWord>,
    /// How the clauses stand: as their cases say, where these are judged again; else as the examination said.
    pub clauses: Vec<ClauseWord>,
    /// What the cases say of those clauses that are judged again.
    pub again: Vec<ClauseResult>,
    /// What in scenarios and experiments the contract does not allow, where somebody gave one.
    pub broken: Vec<Broken>,
    /// How many scenarios and experiments could not be held against that contract, by the reason.
    pub beyond: BTreeMap<&'static str, u64>,
    /// Cases that the history ends within: nothing is said of them.
    pub cut_off: u64,
    /// Whether its last line was torn, and is left out.
    pub torn: bool,
    /// Whether it came to its end.
    pub ended: bool,
    /// Whether somebody stopped the run.
    pub interrupted: bool,
    /// How many scenarios were not run to their end.
    pub not_run: u64,
}

/// Why a history can't be judged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// It can't be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It doesn't hold its contract.
    #[error("it does not hold the contract that its sequences are judged by: `--contract FILE` names it")]
    NoContract,
    /// Another contract was spoken.
    #[error("it speaks {spoken}, and `--contract` is {given}")]
    Foreign {
        /// What was spoken.
        spoken: String,
        /// What was given.
        given: String,
    },
    /// The contract has mistakes.
    #[error("{} has mistakes", text.name())]
    Contract {
        /// The contract.
        text: Box<Source>,
        /// What is wrong with it.
        mistakes: Vec<Diagnostic>,
    },
}

/// A contract, and what follows from it.
#[derive(Clone, Debug)]
struct Rules {
    contract: Arc<Contract>,
    model: Arc<Interpreted>,
}

/// Judges a history.
///
/// # Errors
/// When it can't be read to its end, or there is nothing that it could be judged by.
pub fn check(file: impl BufRead, asked: &Asked) -> Result<Checked, CheckError> {
    let reader = Reader::new(file)?;
    let header = reader.header().clone();
    let given = asked.contract.as_ref().map(|source| Rules::read(source, &header)).transpose()?;
    let own = || match header.contracts.as_slice() {
        [one] => one.text.as_ref().map(|(file, text)| Source::new(file.as_str(), text.as_str())),
        _ => None,
    };
    let rules = match (&given, own()) {
        (Some(given), _) => Some(given.clone()),
        (None, Some(own)) if header.job != Job::Run => Some(Rules::read(&own, &header)?),
        (None, None) if header.job == Job::Generate => return Err(CheckError::NoContract),
        (None, _) => None,
    };
    let clauses = rules.as_ref().filter(|_| header.job == Job::Conform);
    let mut gathering = Gathering {
        clauses: clauses.map(|rules| Clauses::new(rules, &header)),
        sequences: rules.filter(|_| header.job != Job::Run).map(|rules| Sequences::new(rules, &header)),
        given,
        found: Checked::of(header),
    };
    let mut courses = Courses::new(reader);
    while let Some(told) = courses.next().transpose()? {
        gathering.take(told);
    }
    let mut found = gathering.found;
    (found.torn, found.ended) = (courses.reader().is_torn(), courses.reader().is_ended());
    found.sequences = gathering.sequences.map(|sequences| sequences.conclude(found.ended, found.interrupted));
    if let Some(clauses) = gathering.clauses {
        if let Some(sequences) = &found.sequences {
            clauses.sequences(sequences);
        }
        (found.clauses, found.again) = clauses.conclude(found.clauses);
    }
    found.only(&asked.clauses);
    Ok(found)
}

struct Gathering {
    clauses: Option<Clauses>,
    sequences: Option<Sequences>,
    given: Option<Rules>,
    found: Checked,
}

impl Gathering {
    fn take(&mut self, told: Piece) {
        match told {
            Piece::Course(course) => self.course(*course),
            Piece::Word(what, data) => {
                if let Some(sequences) = &mut self.sequences {
                    sequences.word(&what, &data);
                }
                self.found.scenarios.extend(ScenarioWord::of(&what, &data));
                self.found.clauses.extend(ClauseWord::of(&what, &data));
            }
            Piece::End(data) => {
                self.found.interrupted = data.get("interrupted").and_then(Value::as_bool).unwrap_or_default();
                self.found.not_run = words::count(&data, "not_run");
                if let Some(sequences) = &mut self.sequences {
                    sequences.end(&data);
                }
            }
        }
    }

    fn course(&mut self, course: Course) {
        if course.end.is_none() {
            self.found.cut_off += 1;
        }
        match &mut self.sequences {
            Some(sequences) if sequences::is_one(&course) => return sequences.take(course),
            _ if course.end.is_none() => return,
            _ => {}
        }
        if let Some(rules) = &self.given {
            match rules::beyond(&course) {
                Some(why) => *self.found.beyond.entry(why).or_default() += 1,
                None => self.found.broken.extend(rules::broken(rules, &self.found.header, &course)),
            }
        }
        if let Some(clauses) = &mut self.clauses {
            clauses.take(course);
        }
    }
}

impl Rules {
    fn read(source: &Source, header: &Header) -> Result<Self, CheckError> {
        let model = Interpreted::read(source)
            .map_err(|mistakes| CheckError::Contract { text: Box::new(source.clone()), mistakes })?;
        let contract = Contract::read(source);
        if !header.contracts.iter().any(|spoken| *spoken.name == *contract.name()) {
            let names: Vec<&str> = header.contracts.iter().map(|spoken| &*spoken.name).collect();
            return Err(CheckError::Foreign { spoken: names.join(", "), given: contract.name().into() });
        }
        let model = model.fit_for(&header.promises);
        Ok(Self { contract: Arc::new(contract), model: Arc::new(model) })
    }
}

impl Checked {
    fn of(header: Header) -> Self {
        Self {
            header,
            sequences: None,
            scenarios: Vec::new(),
            clauses: Vec::new(),
            again: Vec::new(),
            broken: Vec::new(),
            beyond: BTreeMap::new(),
            cut_off: 0,
            torn: false,
            ended: false,
            interrupted: false,
            not_run: 0,
        }
    }

    /// Leaves out what is not about these clauses; none for all.
    fn only(&mut self, clauses: &[ClauseId]) {
        if clauses.is_empty() {
            return;
        }
        self.clauses.retain(|word| clauses.contains(&word.id));
        self.again.retain(|result| clauses.contains(&result.clause.id));
        // What is held against a contract by itself is about no clause.
        self.broken.clear();
        if let Some(sequences) = &mut self.sequences {
            sequences.only(clauses);
        }
        // How these clauses stand is told by the examination; sequences that break none of them say nothing of it.
        if self.header.job == Job::Conform {
            self.sequences = self.sequences.take().filter(|sequences| !sequences.summary.failures.is_empty());
        }
    }

    /// The worst of all that it proves. Without its end, nothing is passed.
    pub fn verdict(&self) -> Verdict {
        let sequences = self.sequences.as_ref().map(Sequences::verdict);
        let scenarios = self.scenarios.iter().map(|word| word.verdict);
        let clauses = self.clauses.iter().map(|word| word.weighs);
        let broken = self.broken.iter().map(|_| Verdict::Fail);
        let all: Vec<Verdict> = sequences.into_iter().chain(scenarios).chain(clauses).chain(broken).collect();
        let worst = all.iter().copied().max().unwrap_or(Verdict::Inconclusive);
        let whole = self.ended && !self.interrupted && self.not_run == 0;
        // What is not claimed is outside the result: where there is nothing else, nothing was proved.
        let proves = whole && all.contains(&Verdict::Pass);
        match worst {
            Verdict::Fail => Verdict::Fail,
            Verdict::Pass | Verdict::NotClaimed if proves => Verdict::Pass,
            _ => Verdict::Inconclusive,
        }
    }
}
