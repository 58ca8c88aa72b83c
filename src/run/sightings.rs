use std::time::Duration;

use super::Story;
use crate::matcher::Bound;
use crate::protocol::{Query, Seen};
use crate::value::{Record, Value, inert};

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
}

impl Sightings {
    /// Adds an answer to a question that was asked at `called` and answered at `returned`.
    pub(super) fn add(&mut self, seen: &Seen, called: Duration, returned: Duration) {
        self.began.get_or_insert(called);
        self.ended = returned;
        self.polls += 1;
        self.usable += usize::from(is_usable(seen));
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
            Some(detail) => format!("refused: {}", inert(detail)),
            None => "refused".into(),
        },
        Seen::Broken(unknown) => format!("no usable answer: {}", inert(&unknown.detail)),
        Seen::NotSent(why) => format!("not sent: {}", inert(why)),
    }
}
