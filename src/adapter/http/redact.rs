use std::borrow::Cow;
use std::error::Error;
use std::fmt::{self, Display};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use super::secret::{Secret, covered};
use crate::protocol::{Command, Expected, Version};
use crate::value::{Record, Value};

/// What stands in a secret's place where it is only shown.
pub(super) const STAND_IN: &str = "[redacted]";

/// How what stands in its place begins where it is judged, too: a number of its own follows.
const NUMBERED: &str = "[redacted:";

/// A number that is a secret and has fewer digits than this may be any number, such as a total: it is not taken out.
const TELLING_DIGITS: usize = 6;

/// Keeps secrets, and what derives from them, out of everything that is shown or written down.
#[derive(Clone, Default)]
pub(super) struct Redactor {
    secrets: Arc<Vec<Secret>>,
    /// What logins brought meanwhile; all that came from one know it.
    learned: Arc<RwLock<Vec<Secret>>>,
    /// What all that came from one know besides.
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// All secrets there were, by their numbers: two of them never have one stand-in, and one never has two.
    numbered: RwLock<Vec<String>>,
    /// Those that stand in the open all the same: in a contract, in a scenario, in what we send as data. To cover them would keep
    /// nothing secret, and an honest answer that repeats them would be judged as another one.
    open: RwLock<Vec<String>>,
    /// Whether an answer ever had a stand-in.
    issued: AtomicBool,
}

impl Shared {
    fn is_open(&self, secret: &Secret) -> bool {
        read(&self.open).iter().any(|open| open == secret.plain())
    }

    fn stand_in(&self, secret: &Secret) -> Cow<'static, str> {
        self.issued.store(true, Ordering::Relaxed);
        let known = read(&self.numbered).iter().position(|plain| plain == secret.plain());
        let number = known.unwrap_or_else(|| {
            let mut numbered = self.numbered.write().unwrap_or_else(PoisonError::into_inner);
            // Somebody else may have been faster.
            numbered.iter().position(|plain| plain == secret.plain()).unwrap_or_else(|| {
                numbered.push(secret.plain().to_owned());
                numbered.len() - 1
            })
        });
        format!("{NUMBERED}{}]", number + 1).into()
    }
}

/// Nothing that is done under such a lock leaves it half done.
fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redactor({} secrets)", self.secrets.len())
    }
}

/// An error whose sentence is without secrets. What it comes from is not told: there they would stand again.
#[derive(Clone)]
pub(super) struct Redacted<E> {
    error: E,
    redactor: Redactor,
}

impl<E> Redacted<E> {
    pub(super) fn new(error: E, redactor: &Redactor) -> Self {
        Self { error, redactor: redactor.clone() }
    }
}

impl<E> AsRef<E> for Redacted<E> {
    fn as_ref(&self) -> &E {
        &self.error
    }
}

impl<E: Display> Display for Redacted<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redactor.text(&self.error.to_string()))
    }
}

impl<E: Display> fmt::Debug for Redacted<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Redacted").field(&self.to_string()).finish()
    }
}

impl<E: Display> Error for Redacted<E> {}

impl Redactor {
    pub(super) fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        Self::default().and(secrets)
    }

    /// The same with more secrets.
    pub(super) fn and<'a>(&self, secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut all: Vec<Secret> = (*self.secrets).clone();
        all.extend(secrets.into_iter().filter_map(Secret::new));
        Self { secrets: Arc::new(all), learned: self.learned.clone(), shared: self.shared.clone() }
    }

    /// Knows one secret more from now on, and so do all that it came from and that came from it.
    pub(super) fn learn(&self, secret: &str) {
        let mut learned = self.learned.write().unwrap_or_else(PoisonError::into_inner);
        if !learned.iter().any(|known| known.plain() == secret) {
            learned.extend(Secret::new(secret));
        }
    }

    /// A text that stands in the open: secrets that are part of it are kept no longer.
    pub(super) fn stands_open(&self, text: &str) {
        if self.knows_none() {
            return;
        }
        let learned = read(&self.learned);
        for secret in self.secrets.iter().chain(learned.iter()) {
            if text.contains(secret.plain()) && !self.shared.is_open(secret) {
                let mut open = self.shared.open.write().unwrap_or_else(PoisonError::into_inner);
                open.push(secret.plain().to_owned());
            }
        }
    }

    /// How many secrets stand in the open.
    pub(super) fn open(&self) -> usize {
        read(&self.shared.open).len()
    }

    /// A text as it is shown.
    pub(super) fn text(&self, text: &str) -> String {
        self.covered(text, |_| STAND_IN.into())
    }

    /// A text as it is judged: what is the same stays the same, and what differs stays different.
    pub(super) fn judged(&self, text: &str) -> String {
        self.covered(text, |secret| self.shared.stand_in(secret))
    }

    fn covered(&self, text: &str, with: impl Fn(&Secret) -> Cow<'static, str>) -> String {
        let learned = read(&self.learned);
        let secrets = self.secrets.iter().chain(learned.iter()).filter(|secret| !self.shared.is_open(secret));
        covered(text, secrets, with).unwrap_or_else(|| text.to_owned())
    }

    /// The same as [`Self::text`] for a text that was cut: the beginning of a secret at its end goes, too.
    pub(super) fn beginning(&self, text: &str) -> String {
        let mut text = self.text(text);
        let learned = read(&self.learned);
        let secrets = self.secrets.iter().chain(learned.iter()).filter(|secret| !self.shared.is_open(secret));
        let cut = secrets.filter_map(|secret| secret.find_cut(&text)).min();
        text.truncate(cut.unwrap_or(text.len()));
        text
    }

    pub(super) fn is_secret(&self, text: &String) -> bool {
        self.secret(text).is_some()
    }

    fn secret(&self, text: &String) -> Option<Secret> {
        let learned = read(&self.learned);
        self.secrets.iter().chain(learned.iter()).find(|secret| secret.plain() == text).cloned()
    }

    fn knows_none(&self) -> bool {
        self.secrets.is_empty() && read(&self.learned).is_empty()
    }

    /// A value as it is judged.
    pub(super) fn value(&self, value: Value) -> Value {
        if self.knows_none() {
            return value;
        }
        match value {
            Value::Text(text) => Value::from(self.judged(&text)),
            Value::Number(number) => {
                let digits = number.to_string();
                let telling = digits.bytes().filter(u8::is_ascii_digit).count() >= TELLING_DIGITS;
                match self.secret(&digits).filter(|secret| telling && !self.shared.is_open(secret)) {
                    Some(secret) => Value::from(&*self.shared.stand_in(&secret)),
                    None => Value::Number(number),
                }
            }
            Value::List(elements) => elements.into_iter().map(|element| self.value(element)).collect(),
            Value::Record(record) => {
                let fields = record
                    .iter()
                    .map(|(name, value)| (Arc::from(self.judged(name)), self.value(value.clone())));
                Value::Record(fields.collect::<Record>())
            }
            plain => plain,
        }
    }

    /// What we send as data stands in the open. Stand-ins of an answer don't: behind them is what nobody was shown.
    pub(super) fn sends(&self, command: &Command) {
        let version = match &command.expected {
            Expected::Exactly(Version::Opaque(text)) => Some(text),
            _ => None,
        };
        self.asks(command.on.as_ref(), &command.fields);
        command.key.iter().chain(version).for_each(|text| self.stands_open(text));
    }

    /// The same of a query.
    pub(super) fn asks(&self, on: Option<&Value>, fields: &Record) {
        let values = on.into_iter().chain(fields.iter().map(|(_, value)| value));
        values.for_each(|value| self.value_stands_open(value));
    }

    fn value_stands_open(&self, value: &Value) {
        match value {
            Value::Text(text) => self.stands_open(text),
            Value::List(elements) => elements.iter().for_each(|element| self.value_stands_open(element)),
            Value::Record(record) => record.iter().for_each(|(_, value)| self.value_stands_open(value)),
            _ => {}
        }
    }

    /// A value as it is sent: with the secrets in the places of their stand-ins, where an answer had some.
    pub(super) fn restored(&self, value: Value) -> Value {
        if self.has_issued() { self.with_secrets(&value) } else { value }
    }

    fn has_issued(&self) -> bool {
        self.shared.issued.load(Ordering::Relaxed)
    }

    fn with_secrets(&self, value: &Value) -> Value {
        match value {
            Value::Text(text) => Value::from(self.restored_text(text)),
            Value::List(elements) => elements.iter().map(|element| self.with_secrets(element)).collect(),
            Value::Record(record) => {
                let fields = record.fields().iter();
                Value::Record(fields.map(|(name, value)| (name.clone(), self.with_secrets(value))).collect())
            }
            plain => plain.clone(),
        }
    }

    /// The same for a text.
    pub(super) fn restored_text(&self, text: &str) -> String {
        self.restored_with(text, str::to_owned)
    }

    /// The same for a text that is put together of others: each secret goes through `written` first.
    pub(super) fn restored_with(&self, text: &str, written: impl Fn(&str) -> String) -> String {
        let mut restored = text.to_owned();
        if text.contains(NUMBERED) && self.has_issued() {
            for (number, plain) in (1..).zip(read(&self.shared.numbered).iter()) {
                restored = restored.replace(&format!("{NUMBERED}{number}]"), &written(plain));
            }
        }
        restored
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_secret_is_left() {
        let redactor = Redactor::new(["tok/en", "tok/en-longer"]);
        assert_eq!(redactor.text("a tok/en-longer and tok%2Fen"), "a [redacted] and [redacted]");
        let echoed = Value::from(Record::from([("tok/en", Value::from(["x tok/en"]))]));
        assert_eq!(redactor.value(echoed).to_json(), r#"{"[redacted:1]":["x [redacted:1]"]}"#);
        assert!(!format!("{redactor:?}").contains("tok"));
    }

    #[test]
    fn nothing_of_a_secret_is_left_where_a_text_was_cut() {
        let redactor = Redactor::new(["tok/en"]);
        redactor.learn("sesame");
        assert_eq!(redactor.beginning("tok/en and tok/e"), "[redacted] and ");
        assert_eq!(redactor.beginning("open sesam"), "open ");
        assert_eq!(redactor.beginning("nothing"), "nothing");
    }

    #[test]
    fn nothing_of_a_secret_is_left_of_an_error() {
        let redactor = Redactor::new(["sesame"]);
        let cause = std::io::Error::other("sesame");
        let error = Redacted::new(cause, &redactor);
        redactor.learn("io");
        assert_eq!(error.to_string(), STAND_IN);
        assert!(!format!("{error:?}").contains("sesame") && error.source().is_none());
    }

    #[test]
    fn what_is_learned_later_is_known_to_all() {
        let first = Redactor::new(["short"]);
        let other = first.and(["else"]);
        other.learn("short-and-longer");
        assert_eq!(first.text("a short-and-longer, short"), "a [redacted], [redacted]");
    }

    fn command(text: &str) -> Command {
        Command {
            name: "Put".into(),
            on: Some(text.into()),
            fields: Record::from([("all", Value::from([text]))]),
            key: Some(text.into()),
            expected: Expected::Exactly(Version::Opaque(text.into())),
            id: "c".into(),
        }
    }

    #[test]
    fn what_is_judged_keeps_apart_what_differs() {
        let redactor = Redactor::new(["sesame", "tok/en"]);
        redactor.learn("learned");
        let judged = |text: &str| redactor.judged(text);
        assert_eq!(judged("a tok/en"), judged("a tok/en"));
        assert_ne!(judged("tok/en"), judged("sesame"));
        assert_ne!(judged("learned"), judged("sesame"));
        // Whoever adds one for a single request gives nobody else's stand-in away.
        let (one, other) = (redactor.and(["first"]), redactor.and(["second"]));
        assert_ne!(one.judged("first"), other.judged("second"));
        assert_eq!(one.judged("sesame"), other.judged("sesame"));
    }

    #[test]
    fn what_an_answer_brought_is_sent_as_it_was() {
        let redactor = Redactor::new(["sesame", "tok/en"]);
        let id = redactor.judged("acme-tok/en-7");
        assert!(!id.contains("tok"), "{id}");
        let answered = Value::from(Record::from([("of", Value::from([&*id]))]));
        let sent = redactor.restored(answered);
        assert_eq!(sent.to_json(), r#"{"of":["acme-tok/en-7"]}"#);
        assert_eq!(redactor.restored_text(&format!("/a/{id}")), "/a/acme-tok/en-7");
        redactor.sends(&command(&id));
        assert_eq!(
            redactor.judged("acme-tok/en-7"),
            id,
            "sent back, it stands in the open no more than before"
        );
        // Somebody else's text that looks like one is left alone.
        assert_eq!(redactor.restored_text("[redacted:9]"), "[redacted:9]");
    }

    #[test]
    fn what_stands_in_the_open_is_covered_no_longer() {
        let redactor = Redactor::new(["alice", "sesame"]);
        assert_eq!(redactor.judged("alice, sesame"), "[redacted:1], [redacted:2]");
        redactor.and(["more"]).sends(&command("malice"));
        assert_eq!(redactor.judged("alice, sesame"), "alice, [redacted:2]");
        assert_eq!(redactor.text("alice, sesame"), "alice, [redacted]");
        assert_eq!(redactor.open(), 1);
        assert_eq!(redactor.beginning("ali"), "ali");
    }

    #[test]
    fn a_short_number_may_be_any() {
        let redactor = Redactor::new(["1234", "482913"]);
        let number = |number: u64| redactor.value(Value::from(number));
        assert_eq!(number(1234), Value::from(1234_u64));
        assert_eq!(number(482_913), Value::from("[redacted:1]"));
        assert_eq!(redactor.value("1234".into()), Value::from("[redacted:2]"));
    }
}
