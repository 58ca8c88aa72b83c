use std::time::Duration;

use serde::Serialize;

use super::guarantees::guarantees;
use crate::clause::{Clause, Level, Suite};
use crate::conform::{
    Cell, ClauseResult, ClauseVerdict, Conformance, Counterexample, Exchange, Staleness, Standing,
    SuiteResult, overall,
};
use crate::protocol::{Capability, ClauseId, Does, Effect};
use crate::report::{Toolkit, in_words, plural};
use crate::run::Quantiles;
use crate::text::path_name;
use crate::value::inert_within;

/// The version of the JSON report; a change that could break a reader makes it one more.
pub(super) const SCHEMA: u32 = 1;

/// Longest text in a report, in characters: a service may answer with megabytes.
const LONGEST: usize = 4_000;

/// Sentences of one counterexample that are told at most.
const MOST_LINES: usize = 60;

/// Counterexamples of one clause that are told at most; the others are only counted.
const MOST_EXAMPLES: usize = 10;

/// Latencies that are told at most; of more, evenly many are left out.
const MOST_LATENCIES: usize = 2_000;

/// A whole examination as reports tell it: every text bounded and without control characters.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ConformanceRecord {
    /// The version of this format.
    pub schema: u32,
    /// What wrote it.
    pub toolkit: Toolkit,
    /// Who was examined.
    pub subject: SubjectRecord,
    /// When it began, as RFC 3339 writes it, in UTC.
    pub began: String,
    /// How long it took, in microseconds.
    pub duration_us: u64,
    /// The seed, a whole number below 2^64, as text since many readers lose digits of such numbers.
    pub seed: String,
    /// Whether somebody stopped it before its end.
    pub interrupted: bool,
    /// All suites together: `conforming`, `not conforming`, `not fully exercised` or `not claimed`.
    #[serde(serialize_with = "in_words")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub result: Standing,
    /// The suites.
    pub suites: Vec<SuiteRecord>,
    /// Every clause of the catalogue.
    pub clauses: Vec<ClauseRecord>,
    /// What was measured of consistency, in sentences.
    pub consistency: Vec<String>,
    /// How long accepted effects took to show, read model by read model.
    pub staleness: Vec<StalenessRecord>,
    /// How long requests took, in the order in which they were sent; of more than 2,000, evenly many are left out.
    pub latencies: Vec<LatencyRecord>,
    /// Which command's effect was seen in which field of which read model.
    pub matrix: Vec<CellRecord>,
    /// Meant departures from the contract that were seen.
    pub deviations: Vec<DeviationRecord>,
    /// What is odd without breaking a clause.
    pub remarks: Vec<String>,
    /// Entries of the baseline that can go.
    pub stale: Vec<String>,
    /// The file of everything that was done and seen; null where it was not kept.
    pub history: Option<String>,
    /// The command that does all of it again.
    pub again: String,
}

/// Who was examined.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SubjectRecord {
    /// The target's name.
    pub name: String,
    /// Its version; null where it tells none.
    pub version: Option<String>,
    /// The contract it was held against.
    pub contract: String,
    /// The capabilities it claims.
    pub claimed: Vec<String>,
    /// Those it doesn't claim.
    pub unclaimed: Vec<String>,
}

/// A suite.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SuiteRecord {
    /// Its name.
    #[serde(serialize_with = "in_words")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub name: Suite,
    /// What it is about.
    pub about: String,
    /// `conforming`, `not conforming`, `not fully exercised` or `not claimed`.
    #[serde(serialize_with = "in_words")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub result: Standing,
    /// Clauses by how they stand.
    pub statistics: StatisticsRecord,
}

/// Clauses by how they stand.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StatisticsRecord {
    /// They were kept.
    pub passed: usize,
    /// They were broken, known failures among them.
    pub failed: usize,
    /// Their evidence decides nothing.
    pub inconclusive: usize,
    /// They were not tried.
    pub skipped: usize,
    /// There is no test for them yet.
    pub not_yet_exercised: usize,
    /// They don't bind the target, for what it doesn't claim.
    pub not_claimed: usize,
    /// The contract has nothing that they are about.
    pub not_binding: usize,
    /// They MAY be kept, and are.
    pub offered: usize,
    /// They MAY be kept, and are not.
    pub not_offered: usize,
}

/// A clause.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ClauseRecord {
    /// Its id, such as `EC-1`.
    #[serde(serialize_with = "in_words")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub id: ClauseId,
    /// `MUST`, `SHOULD` or `MAY`.
    #[serde(serialize_with = "in_words")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub level: Level,
    /// Its suite.
    #[serde(serialize_with = "in_words")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub suite: Suite,
    /// The promise.
    pub statement: String,
    /// Why it matters.
    pub why: String,
    /// Where it comes from.
    pub source: String,
    /// Whether chance has a part in it.
    pub stochastic: bool,
    /// `pass`, `offered`, `not offered`, `not claimed`, `does not bind`, `not yet exercised`, `not selected`,
    /// `not allowed`, `inconclusive`, `known failure` or `fail`.
    #[serde(serialize_with = "in_words")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub verdict: ClauseVerdict,
    /// Why it stands so; null where the word says it all.
    pub reason: Option<String>,
    /// The evidence it rests on, each a count and what is counted.
    pub evidence: Vec<EvidenceRecord>,
    /// How often it was seen broken.
    pub broken: u64,
    /// How it was broken, the smallest history first; the first few.
    pub counterexamples: Vec<CounterexampleRecord>,
}

/// Evidence of one kind.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct EvidenceRecord {
    /// What is counted.
    pub of: String,
    /// How many there were.
    pub count: u32,
    /// How many a pass asks for at least.
    pub least: u32,
}

/// A history that shows a clause broken.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CounterexampleRecord {
    /// What is wrong, in one sentence.
    pub wrong: String,
    /// What was done and seen, a sentence each, in order.
    pub story: Vec<String>,
    /// The requests, as commands for a shell, without secrets.
    pub requests: Vec<String>,
    /// The scenario that shows it; null where a scenario can't say it.
    pub scenario: Option<String>,
    /// Where that scenario was written to; null where it wasn't.
    pub file: Option<String>,
    /// What would explain it, in a sentence without a full stop; null where that is not known.
    pub likely: Option<String>,
    /// The first thing to look at.
    pub first: String,
    /// What would give a refusal the name that it lacks, for the target's profile; null where that is not what is wrong.
    pub addition: Option<String>,
    /// The command that runs just this again.
    pub again: String,
}

/// How long accepted effects took to show in one read model.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StalenessRecord {
    /// The read model.
    pub query: String,
    /// How many effects were looked for and seen.
    pub samples: usize,
    /// Half of them showed within this, in microseconds; an upper bound, as are the others.
    pub p50_us: u64,
    /// Nine of ten.
    pub p90_us: u64,
    /// 99 of 100.
    pub p99_us: u64,
    /// All.
    pub max_us: u64,
    /// Effects that were not seen within the bound.
    pub never: usize,
    /// Effects that a read did not show yet which was asked for behind the declared bound, and a later one did.
    pub late: usize,
    /// The declared bound, in microseconds.
    pub bound_us: u64,
    /// Shares of effects that had shown by a time: rising steps of the distribution, at most a hundred.
    pub curve: Vec<PointRecord>,
}

/// A step of a distribution.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PointRecord {
    /// By this time, in microseconds,
    pub within_us: u64,
    /// this share of effects had shown, from 0 to 1000 thousandths.
    pub permille: u32,
}

/// How long one request took.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LatencyRecord {
    /// When it was sent, in microseconds since the examination began.
    pub at_us: u64,
    /// Until its answer was there, in microseconds.
    pub took_us: u64,
    /// Whether it was a command; otherwise it was a query.
    pub command: bool,
}

/// A field of the matrix.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CellRecord {
    /// The command.
    pub command: String,
    /// The query or view.
    pub query: String,
    /// The field that the command changes there.
    pub field: String,
    /// How often its effect was expected there.
    pub expected: u64,
    /// How often it was seen.
    pub seen: u64,
}

/// A meant departure from the contract.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DeviationRecord {
    /// The command and what it does instead, in a sentence.
    pub what: String,
    /// Why.
    pub because: String,
    /// How often it was seen.
    pub times: u64,
}

impl ConformanceRecord {
    /// The record of an examination.
    pub fn of(found: &Conformance) -> Self {
        let claims = |claimed: bool| {
            let capabilities = Capability::ALL.into_iter();
            let wanted = capabilities.filter(move |each| found.subject.capabilities.claims(*each) == claimed);
            wanted.map(|capability| capability.name().to_owned()).collect()
        };
        let staleness: Vec<_> =
            found.staleness.iter().map(|(query, seen)| StalenessRecord::of(query, seen)).collect();
        Self {
            schema: SCHEMA,
            toolkit: Toolkit { name: "proofmark".into(), version: env!("CARGO_PKG_VERSION").into() },
            subject: SubjectRecord {
                name: bounded(&found.subject.name),
                version: found.subject.version.as_deref().map(bounded),
                contract: bounded(&found.subject.contract),
                claimed: claims(true),
                unclaimed: claims(false),
            },
            began: humantime::format_rfc3339_seconds(found.began).to_string(),
            duration_us: micros(found.took),
            seed: found.seed.to_string(),
            interrupted: found.interrupted,
            result: overall(&found.suites),
            suites: found.suites.iter().map(SuiteRecord::of).collect(),
            clauses: found.clauses.iter().map(ClauseRecord::of).collect(),
            consistency: consistency(&staleness, &found.clauses),
            staleness,
            latencies: latencies(found),
            matrix: found.matrix.iter().map(CellRecord::of).collect(),
            deviations: found.deviations.iter().map(DeviationRecord::of).collect(),
            remarks: found.remarks.iter().map(|remark| bounded(remark)).collect(),
            stale: found.stale.iter().map(|entry| bounded(entry)).collect(),
            history: found.history.as_ref().map(|path| bounded(&path_name(path))),
            again: bounded(&found.again),
        }
    }

    /// The clauses that are broken, known ones behind the others.
    pub(super) fn broken(&self) -> impl Iterator<Item = &ClauseRecord> {
        let of = |verdict| self.clauses.iter().filter(move |clause| clause.verdict == verdict);
        of(ClauseVerdict::Fail).chain(of(ClauseVerdict::Known))
    }
}

impl ConformanceRecord {
    /// Which clauses do not bind, and what is not offered, each with its reason: a sentence a reason, without a full stop.
    pub(super) fn apart(&self) -> Vec<String> {
        let mut reasons: Vec<(ClauseVerdict, &str, Vec<ClauseId>)> = Vec::new();
        for clause in &self.clauses {
            let (verdict, why) = (clause.verdict, clause.reason.as_deref().unwrap_or_default());
            if !matches!(verdict, ClauseVerdict::NotBinding | ClauseVerdict::NotOffered) {
                continue;
            }
            match reasons.iter_mut().find(|(of, known, _)| (*of, *known) == (verdict, why)) {
                Some((_, _, ids)) => ids.push(clause.id),
                None => reasons.push((verdict, why, vec![clause.id])),
            }
        }
        let told = reasons.into_iter().map(|(verdict, why, ids)| {
            let says = match (verdict, ids.len()) {
                (ClauseVerdict::NotOffered, 1) => "is not offered",
                (ClauseVerdict::NotOffered, _) => "are not offered",
                (_, 1) => "does not bind",
                (_, _) => "do not bind",
            };
            format!("{} {says}: {why}", ClauseId::line(&ids))
        });
        told.collect()
    }
}

impl SuiteRecord {
    fn of(found: &SuiteResult) -> Self {
        Self {
            name: found.suite,
            about: found.suite.means().into(),
            result: found.standing,
            statistics: StatisticsRecord {
                passed: found.passed,
                failed: found.failed,
                inconclusive: found.inconclusive,
                skipped: found.skipped,
                not_yet_exercised: found.not_yet,
                not_claimed: found.not_claimed,
                not_binding: found.not_binding,
                offered: found.offered,
                not_offered: found.not_offered,
            },
        }
    }
}

impl ClauseRecord {
    fn of(found: &ClauseResult) -> Self {
        let Clause { id, level, suite, statement, why, source, stochastic, .. } = *found.clause;
        let asked = found.clause.least.iter().map(|least| least.of);
        let more = found.evidence.keys().copied().filter(|unit| found.clause.least(*unit) == 0);
        let evidence = asked.chain(more).map(|unit| EvidenceRecord {
            of: unit.words().into(),
            count: found.evidence.get(&unit).copied().unwrap_or(0),
            least: found.clause.least(unit),
        });
        Self {
            id,
            level,
            suite,
            statement: statement.into(),
            why: why.into(),
            source: source.into(),
            stochastic,
            verdict: found.stand.verdict(),
            reason: found.stand.why().map(bounded),
            evidence: evidence.collect(),
            broken: found.broken,
            counterexamples: found
                .counterexamples
                .iter()
                .take(MOST_EXAMPLES)
                .map(CounterexampleRecord::of)
                .collect(),
        }
    }

    /// The evidence in a line: `150 of at least 150 probed writes`.
    pub(super) fn evidence_in_words(&self) -> String {
        let each = self.evidence.iter().map(|evidence| {
            let least =
                if evidence.least > 0 { format!(" of at least {}", evidence.least) } else { String::new() };
            format!("{}{least} {}", evidence.count, evidence.of)
        });
        each.collect::<Vec<_>>().join(", ")
    }
}

impl CounterexampleRecord {
    fn of(found: &Counterexample) -> Self {
        Self {
            wrong: bounded(&found.wrong),
            story: several(&found.story),
            requests: several(&found.requests),
            scenario: found.scenario.as_deref().map(lines),
            file: found.file.as_ref().map(|path| bounded(&path_name(path))),
            likely: found.likely.as_deref().map(bounded),
            first: bounded(&found.first),
            addition: found.addition.as_deref().map(lines),
            again: bounded(&found.again),
        }
    }
}

impl StalenessRecord {
    fn of(query: &str, found: &Staleness) -> Self {
        let mut sorted = found.visible_after.clone();
        let Quantiles { samples, p50, p90, p99, max } = Quantiles::of(&mut sorted);
        let steps = samples.min(100);
        let curve = (1..=steps).map(|step| {
            let rank = (samples * step).div_ceil(steps);
            let within = sorted.get(rank - 1).copied().unwrap_or_default();
            // Effects that were never seen are part of all, so the curve need not reach the top.
            let permille = rank * 1000 / (samples + found.never);
            PointRecord { within_us: micros(within), permille: u32::try_from(permille).unwrap_or(1000) }
        });
        Self {
            query: bounded(query),
            samples,
            p50_us: micros(p50),
            p90_us: micros(p90),
            p99_us: micros(p99),
            max_us: micros(max),
            never: found.never,
            late: found.late,
            bound_us: micros(found.bound),
            curve: curve.collect(),
        }
    }
}

impl CellRecord {
    fn of(found: &Cell) -> Self {
        let Cell { command, query, field, expected, seen } = found;
        let text = |text: &str| bounded(text);
        Self {
            command: text(command),
            query: text(query),
            field: text(field),
            expected: *expected,
            seen: *seen,
        }
    }
}

impl DeviationRecord {
    fn of((found, times): &(crate::protocol::Deviation, u64)) -> Self {
        let does = match found.does {
            Does::Accepts => "accepts where the contract says",
            Does::Rejects => "rejects, where the contract does not, with",
        };
        let effect = match found.effect {
            Effect::None => "nothing changes",
            Effect::Applied => "the command takes effect",
        };
        Self {
            what: bounded(&format!("{} {does} {}; {effect}", found.command, found.rule)),
            because: bounded(&found.because),
            times: *times,
        }
    }
}

/// What was measured, in sentences.
fn consistency(staleness: &[StalenessRecord], clauses: &[ClauseResult]) -> Vec<String> {
    let each = staleness.iter().map(|seen| {
        let StalenessRecord { query, samples, never, late, .. } = seen;
        let bound = super::time(seen.bound_us);
        let declared = if seen.bound_us == 0 {
            "at once is declared".to_owned()
        } else {
            let late = if *late > 0 {
                format!(", and {late} of the {samples} were seen only later")
            } else {
                String::new()
            };
            format!("{bound} are declared{late}")
        };
        match (samples, never) {
            (0, 0) => format!("{query} was not measured"),
            (_, 0) => format!(
                "{query} showed all of {} within {} (half of them within {}); {declared}",
                plural(*samples, "accepted effect"),
                super::time(seen.max_us),
                super::time(seen.p50_us),
            ),
            _ => format!(
                "{query} did not show {never} of {} within {bound}",
                plural(samples + never, "accepted effect")
            ),
        }
    });
    each.chain(guarantees(clauses)).collect()
}

fn latencies(found: &Conformance) -> Vec<LatencyRecord> {
    let every = found.latencies.len().div_ceil(MOST_LATENCIES).max(1);
    let kept = found.latencies.iter().step_by(every).map(|latency| LatencyRecord {
        at_us: micros(latency.at),
        took_us: micros(latency.took),
        command: latency.kind == Exchange::Command,
    });
    kept.collect()
}

/// A text without control characters, cut where it is too long.
pub(super) fn bounded(text: &str) -> String {
    inert_within(text, LONGEST)
}

fn several(texts: &[String]) -> Vec<String> {
    let mut told: Vec<_> = texts.iter().take(MOST_LINES).map(|text| bounded(text)).collect();
    if texts.len() > MOST_LINES {
        told.push(format!("… and {} more", texts.len() - MOST_LINES));
    }
    told
}

/// The same for a text of several lines.
fn lines(text: &str) -> String {
    let kept: Vec<_> = text.lines().take(MOST_LINES * 2).map(bounded).collect();
    kept.join("\n")
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_was_seen_behind_its_bound_is_told_beside_what_is_declared() {
        let told = |after: [u64; 3], bound: u64, late: usize| {
            let visible_after = after.map(Duration::from_millis).to_vec();
            let found = Staleness { visible_after, late, never: 0, bound: Duration::from_millis(bound) };
            consistency(&[StalenessRecord::of("GetBox", &found)], &[])
        };
        let in_time =
            "GetBox showed all of 3 accepted effects within 30.0 ms (half of them within 20.0 ms); ";
        assert_eq!(told([10, 20, 30], 30, 0), [format!("{in_time}30.0 ms are declared")]);
        let late = "20.0 ms are declared, and 1 of the 3 were seen only later";
        assert_eq!(told([10, 20, 30], 20, 1), [format!("{in_time}{late}")]);
        // What shows when a slow read ends was there before.
        assert_eq!(told([10, 20, 30], 20, 0), [format!("{in_time}20.0 ms are declared")]);
        assert_eq!(told([10, 20, 30], 0, 0), [format!("{in_time}at once is declared")]);
    }
}
