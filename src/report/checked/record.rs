use serde::Serialize;

use crate::check::{Checked, Sequences};
use crate::protocol::{ClauseId, Verdict};
use crate::report::{Toolkit, in_words};
use crate::run::tell;
use crate::value::inert_within;

/// The version of the record.
pub(super) const SCHEMA: u32 = 1;
/// Longest text of a sentence, in characters.
const SHOWN: usize = 10_000;

/// What histories prove, as reports tell it. Secrets were taken out before the histories were written.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CheckRecord {
    /// The version of this format.
    pub schema: u32,
    /// What wrote it.
    pub toolkit: Toolkit,
    /// The histories, in the order in which they were named.
    pub files: Vec<FileRecord>,
}

/// What one history proves.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FileRecord {
    /// The file as it was named.
    pub file: String,
    /// Why it can't be judged; null where it can. Nothing else is known then.
    pub error: Option<String>,
    /// What it is a history of: `run`, `generate`, `conform`.
    pub job: Option<String>,
    /// The system under test.
    pub target: Option<String>,
    /// The run's seed, as text since many readers lose digits of such numbers.
    pub seed: Option<String>,
    /// Whether the run came to its end.
    pub ended: bool,
    /// Whether the last line was torn, and is left out.
    pub torn: bool,
    /// The worst of all that it proves: `pass`, `inconclusive`, `fail`.
    #[serde(serialize_with = "in_words")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub verdict: Verdict,
    /// What was judged: sequences, scenarios or clauses, by verdict.
    pub counts: CountsOf,
    /// All but passes.
    pub found: Vec<FoundRecord>,
}

/// How many came to which verdict.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CountsOf {
    /// Every promise was kept.
    pub passed: u64,
    /// A promise was broken.
    pub failed: u64,
    /// What was seen decides nothing.
    pub inconclusive: u64,
    /// Outside of the result.
    pub not_claimed: u64,
}

/// Something other than a pass.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FoundRecord {
    /// The scenario, the clause, or what is broken in a few words.
    pub name: String,
    /// How bad it is.
    #[serde(serialize_with = "in_words")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub verdict: Verdict,
    /// The clauses that are broken, where that is known.
    pub clauses: Vec<String>,
    /// What was done and seen and should have been, a sentence each.
    pub story: Vec<String>,
}

impl CheckRecord {
    /// What these histories prove.
    pub fn of(files: Vec<FileRecord>) -> Self {
        Self { schema: SCHEMA, toolkit: Toolkit::own(), files }
    }
}

impl FileRecord {
    /// A history that can't be judged.
    pub fn unreadable(file: &str, why: &str) -> Self {
        Self {
            file: file.into(),
            error: Some(why.into()),
            job: None,
            target: None,
            seed: None,
            ended: false,
            torn: false,
            verdict: Verdict::Inconclusive,
            counts: CountsOf::default(),
            found: Vec::new(),
        }
    }

    /// What a history proves.
    pub fn of(file: &str, checked: &Checked) -> Self {
        let mut counts = CountsOf::default();
        let mut found = Vec::new();
        if let Some(sequences) = &checked.sequences {
            let summary = &sequences.summary;
            counts.passed += summary.passed;
            counts.failed += summary.failed;
            counts.inconclusive += summary.undecided;
            found.extend(failures(sequences));
            let reason = |why: &String| {
                FoundRecord::new(Verdict::Inconclusive, "sequences", std::slice::from_ref(why))
            };
            found.extend(summary.reasons.iter().map(reason));
        }
        for word in &checked.scenarios {
            counts.add(word.verdict);
            let place = format!("{} ({}:{})", word.name, word.file, word.line);
            let story: Vec<_> = word.findings.iter().map(|finding| finding.says.clone()).collect();
            found.extend(
                (word.verdict != Verdict::Pass).then(|| FoundRecord::new(word.verdict, &place, &story)),
            );
        }
        for word in &checked.clauses {
            counts.add(word.weighs);
            let story: Vec<_> = word.wrong.iter().chain(&word.why).cloned().collect();
            let told = || FoundRecord {
                clauses: vec![word.id.to_string()],
                ..FoundRecord::new(word.weighs, &format!("{}: {}", word.id, word.stands), &story)
            };
            found.extend((word.weighs > Verdict::NotClaimed || !word.wrong.is_empty()).then(told));
        }
        for broken in &checked.broken {
            let name = format!("{} {}", broken.experiment, broken.name);
            found.push(FoundRecord::new(Verdict::Fail, &name, std::slice::from_ref(&broken.wrong)));
        }
        Self {
            job: Some(checked.header.job.word().into()),
            target: Some(checked.header.target.clone()),
            seed: Some(checked.header.seed.to_string()),
            ended: checked.ended,
            torn: checked.torn,
            verdict: checked.verdict(),
            counts,
            found,
            error: None,
            ..Self::unreadable(file, "")
        }
    }
}

/// What failed of sequences that were made up.
fn failures(sequences: &Sequences) -> impl Iterator<Item = FoundRecord> {
    sequences.summary.failures.iter().filter_map(|shrunk| {
        let told = tell(&sequences.contract, shrunk, &[])?;
        let clauses = sequences.clauses(shrunk).iter().map(ClauseId::to_string).collect();
        let story: Vec<_> = told.steps.into_iter().chain(told.should).collect();
        Some(FoundRecord { clauses, ..FoundRecord::new(Verdict::Fail, &told.headline, &story) })
    })
}

impl FoundRecord {
    fn new(verdict: Verdict, name: &str, story: &[String]) -> Self {
        let story = story.iter().map(|line| inert_within(line, SHOWN)).collect();
        Self { name: inert_within(name, SHOWN), verdict, clauses: Vec::new(), story }
    }
}

impl CountsOf {
    fn add(&mut self, verdict: Verdict) {
        let count = match verdict {
            Verdict::Pass => &mut self.passed,
            Verdict::NotClaimed => &mut self.not_claimed,
            Verdict::Inconclusive => &mut self.inconclusive,
            Verdict::Fail => &mut self.failed,
        };
        *count += 1;
    }
}
