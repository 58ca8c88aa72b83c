use std::collections::BTreeSet;
use std::time::SystemTime;

#[cfg(any(feature = "cli", feature = "http"))]
use serde::Deserialize;

use super::{ClauseResult, Stand};
use crate::protocol::{ClauseId, NoSuchClause};

/// Failures that are known, each with the reason why it is lived with. What is known doesn't fail an examination; what is
/// new does.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Baseline {
    /// The known failures.
    pub known: Vec<Known>,
}

/// One known failure.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known {
    /// The clause that is broken.
    pub clause: ClauseId,
    /// Why that is lived with.
    pub because: String,
    /// The last day on which it is: `2026-12-31`; for ever where there is none.
    pub until: Option<String>,
}

/// A baseline as its file has it.
#[cfg(any(feature = "cli", feature = "http"))]
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BaselineFile {
    #[serde(default)]
    known: Vec<KnownEntry>,
}

#[cfg(any(feature = "cli", feature = "http"))]
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownEntry {
    clause: String,
    because: String,
    until: Option<String>,
}

/// What is wrong with a baseline.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// It is no such file. Holds where and why.
    #[error("{0}")]
    Unreadable(String),
    /// There is no such clause.
    #[error(transparent)]
    UnknownClause(#[from] NoSuchClause),
    /// A clause has two entries.
    #[error("{0} has two entries: leave one")]
    Twice(ClauseId),
    /// An entry has no reason.
    #[error("the entry of {0} says nothing in `because`: say why the failure is lived with")]
    NoReason(ClauseId),
    /// An expiry that is no day.
    #[error("`until = {day:?}` of {clause} is no day: write it as \"2026-12-31\"")]
    NoDay {
        /// The clause.
        clause: ClauseId,
        /// What is there instead.
        day: String,
    },
}

impl Baseline {
    /// Reads a baseline: TOML with a `[[known]]` for each failure.
    #[cfg(any(feature = "cli", feature = "http"))]
    pub fn read(text: &str) -> Result<Self, BaselineError> {
        let unreadable =
            |error: toml::de::Error| BaselineError::Unreadable(error.to_string().trim_end().to_owned());
        let file: BaselineFile = toml::from_str(text).map_err(unreadable)?;
        let known = file.known.into_iter().map(|entry| {
            let KnownEntry { clause, because, until } = entry;
            Ok(Known { clause: clause.parse()?, because, until })
        });
        Self { known: known.collect::<Result<_, NoSuchClause>>()? }.checked()
    }

    /// The baseline, or what is wrong with it.
    pub fn checked(self) -> Result<Self, BaselineError> {
        let mut seen = BTreeSet::new();
        for known in &self.known {
            let clause = known.clause;
            if !seen.insert(clause) {
                return Err(BaselineError::Twice(clause));
            }
            if known.because.trim().is_empty() {
                return Err(BaselineError::NoReason(clause));
            }
            if let Some(day) = known.until.as_ref().filter(|day| !is_day(day)) {
                return Err(BaselineError::NoDay { clause, day: day.clone() });
            }
        }
        Ok(self)
    }

    /// Marks the failures that are known on the day of `now`, and tells which entries are good for nothing any more.
    pub fn apply(&self, results: &mut [ClauseResult], now: SystemTime) -> Vec<String> {
        let today = day_of(now);
        let mut stale = Vec::new();
        for known in &self.known {
            let Some(result) = results.iter_mut().find(|result| result.clause.id == known.clause) else {
                continue;
            };
            let expired = known.until.as_ref().filter(|until| ***until < *today);
            match (&result.stand, expired) {
                (Stand::Fail, Some(until)) => {
                    stale.push(format!("{} fails, and its entry ended on {until}", known.clause));
                }
                (Stand::Fail, None) => result.stand = Stand::Known(known.because.clone()),
                (Stand::Pass, _) => stale.push(format!("{} passes: its entry can go", known.clause)),
                (Stand::Offered | Stand::NotOffered(_), _) => {
                    stale.push(format!("{} is a MAY and never fails: its entry can go", known.clause));
                }
                // What was not tried says nothing of its entry.
                _ => {}
            }
        }
        stale
    }
}

/// The day of a moment in UTC, as RFC 3339 writes it.
fn day_of(moment: SystemTime) -> String {
    let mut text = humantime::format_rfc3339_seconds(moment).to_string();
    text.truncate("2026-12-31".len());
    text
}

fn is_day(text: &str) -> bool {
    text.len() == "2026-12-31".len() && humantime::parse_rfc3339(&format!("{text}T00:00:00Z")).is_ok()
}

#[cfg(all(test, feature = "cli"))]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::*;
    use crate::clause;

    const DAY: u64 = 24 * 60 * 60;

    fn result(id: ClauseId, stand: Stand) -> ClauseResult {
        let clause = clause::of(id);
        ClauseResult { clause, stand, evidence: BTreeMap::new(), counterexamples: Vec::new(), broken: 0 }
    }

    #[test]
    fn known_failures_are_known_until_their_day() {
        let text = "[[known]]\nclause = \"ec-2\"\nbecause = \"a cache\"\nuntil = \"1970-01-02\"\n\
                    [[known]]\nclause = \"EC-1\"\nbecause = \"slow\"\n";
        let baseline = Baseline::read(text).expect("a baseline");
        let at = |day: u64, stand: Stand| {
            let mut results =
                [result(ClauseId::Ec2, stand), result(ClauseId::Ec1, Stand::Inconclusive("why".into()))];
            let stale = baseline.apply(&mut results, SystemTime::UNIX_EPOCH + Duration::from_secs(day * DAY));
            (results[0].stand.clone(), stale)
        };
        assert_eq!(at(1, Stand::Fail), (Stand::Known("a cache".into()), vec![]));
        let expired = vec!["EC-2 fails, and its entry ended on 1970-01-02".to_owned()];
        assert_eq!(at(2, Stand::Fail), (Stand::Fail, expired));
        assert_eq!(at(1, Stand::Pass), (Stand::Pass, vec!["EC-2 passes: its entry can go".to_owned()]));
        assert_eq!(at(1, Stand::Inconclusive("why".into())).1, Vec::<String>::new());
    }

    #[test]
    fn what_is_wrong_with_a_baseline_is_said() {
        let told = |text: &str| Baseline::read(text).expect_err(text).to_string();
        let entry = |rest: &str| told(&format!("[[known]]\n{rest}"));
        assert!(entry("clause = \"EC-99\"\nbecause = \"x\"").contains("no clause \"EC-99\""));
        assert!(entry("clause = \"EC-1\"\nbecause = \" \"").contains("says nothing"));
        assert!(entry("clause = \"EC-1\"\nbecause = \"x\"\nuntil = \"soon\"").contains("is no day"));
        assert!(entry("clause = \"EC-1\"\nbecuase = \"x\"").contains("line 3"));
        let one = "[[known]]\nclause = \"EC-1\"\nbecause = \"x\"\n";
        assert!(told(&format!("{one}{one}")).contains("two entries"));
    }
}
