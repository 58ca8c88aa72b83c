use std::time::Duration;

use super::Story;
use crate::protocol::{Query, Seen};
use crate::scenario::matcher::Bound;
use crate::value::{Record, Value, inert_within};

/// Fewer answers than this show nothing over time.
const LEAST_OBSERVATIONS: usize = 2;

/// Different answers that are kept: so many of the first and so many of the last.
const KEPT: usize = 6;

/// Longest text of one answer in a story.
const BRIEF: usize = 160;

/// Longest text of the last answer in a story.
const WHOLE: usize = 1_000;

/// The answers that a probe has seen so far, equal neighbours counted.
#[derive(Debug, Default)]
pub(super) struct Sightings {
    began: Option<Duration>,
    ended: Duration,
    polls: usize,
    usable: usize,
    answers: Vec<(Seen, usize)>,
    dropped: usize,
    /// Whether a refusal says as little as no answer.
    refusals_are_blind: bool,
}

impl Sightings {
    /// For a watch: a target that refuses to answer shows neither the thing nor its absence.
    pub(super) fn of_watch() -> Self {
        Self { refusals_are_blind: true, ..Self::default() }
    }

    /// Whether an answer says something.
    fn tells(&self, seen: &Seen) -> bool {
        is_usable(seen) && !(self.refusals_are_blind && matches!(seen, Seen::Refused(_)))
    }

    /// Adds an answer to a question that was asked at `called` and answered at `returned`.
    pub(super) fn add(&mut self, seen: &Seen, called: Duration, returned: Duration) {
        self.began.get_or_insert(called);
        self.ended = returned;
        self.polls += 1;
        self.usable += usize::from(self.tells(seen));
        match self.answers.last_mut() {
            Some((last, count)) if last == seen => *count += 1,
            _ => {
                if self.answers.len() == 2 * KEPT {
                    self.answers.remove(KEPT);
                    self.dropped += 1;
                }
                self.answers.push((seen.clone(), 1));
            }
        }
    }

    /// How often an answer came that says something.
    pub(super) fn usable(&self) -> usize {
        self.usable
    }

    /// Why the answers say too little about something that must hold, or never be seen, for a time. At least two must
    /// say something, the last one must, and not more than half may say nothing.
    pub(super) fn too_blind(&self, query: &Query) -> Option<String> {
        let usable = self.usable;
        let blind = usable < LEAST_OBSERVATIONS
            || 2 * usable < self.polls
            || !self.last().is_some_and(|seen| self.tells(seen));
        let (name, polls) = (&query.name, self.polls);
        blind.then(|| {
            format!(
                "{name} gave {usable} usable answers to {polls} questions: too few to say anything over time"
            )
        })
    }

    /// How often it was asked.
    pub(super) fn polls(&self) -> usize {
        self.polls
    }

    /// The last answer.
    pub(super) fn last(&self) -> Option<&Seen> {
        self.answers.last().map(|(seen, _)| seen)
    }

    /// What was seen, in words; of a record only the fields that `matcher` names.
    pub(super) fn tell(&self, query: &Query, matcher: Option<&Bound>, allowed: Option<Duration>) -> Story {
        Story {
            asked: ask_in_words(query),
            polls: self.polls,
            lasted: self.ended.saturating_sub(self.began.unwrap_or(self.ended)),
            allowed,
            course: self.course(matcher),
            last: self.last().map(|seen| in_words(seen, None, WHOLE)).unwrap_or_default(),
        }
    }

    fn course(&self, matcher: Option<&Bound>) -> String {
        let mut parts: Vec<(String, usize)> = Vec::new();
        for (index, (seen, count)) in self.answers.iter().enumerate() {
            if index == KEPT && self.dropped > 0 {
                parts.push((format!("… {} other answers …", self.dropped), 1));
            }
            let text = in_words(seen, matcher, BRIEF);
            match parts.last_mut() {
                Some((last, times)) if *last == text => *times += count,
                _ => parts.push((text, *count)),
            }
        }
        let told = parts.into_iter().map(|(text, count)| match count {
            1 => text,
            _ => format!("{text} ×{count}"),
        });
        told.collect::<Vec<_>>().join(", ")
    }
}

/// Whether the target said anything at all.
pub(super) fn is_usable(seen: &Seen) -> bool {
    !matches!(seen, Seen::Broken(_) | Seen::NotSent(_))
}

/// A query as a scenario would ask it.
pub(super) fn ask_in_words(query: &Query) -> String {
    let mut words = query.name.to_string();
    if let Some(on) = &query.on {
        words.push_str(" on ");
        words.push_str(&on.brief(BRIEF));
    }
    if !query.fields.is_empty() {
        words.push(' ');
        words.push_str(&Value::Record(query.fields.clone()).brief(BRIEF));
    }
    words
}

/// An answer in a few words; of a record only the fields that `matcher` names.
pub(super) fn in_words(seen: &Seen, matcher: Option<&Bound>, most: usize) -> String {
    match seen {
        Seen::Found(Value::Record(record)) => {
            let named = matcher.map(Bound::field_names).unwrap_or_default();
            let relevant =
                record.fields().iter().filter(|(name, _)| named.is_empty() || named.contains(&&**name));
            let relevant: Record = relevant.cloned().collect();
            Value::Record(relevant).brief(most)
        }
        Seen::Found(value) => value.brief(most),
        Seen::Absent => "absent".into(),
        Seen::Refused(rejection) => match &rejection.detail {
            Some(detail) => format!("refused: {}", inert_within(detail, most)),
            None => "refused".into(),
        },
        Seen::Broken(unknown) => format!("no usable answer: {}", inert_within(&unknown.detail, most)),
        Seen::NotSent(why) => format!("not sent: {}", inert_within(why, most)),
    }
}
