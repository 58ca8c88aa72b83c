use std::fmt::Write as _;

use super::words::{duration, plural};
use crate::protocol::{Command, Event, Expected, Verdict, Version};
use crate::run::{Finding, ScenarioResult, Seeded, Sent, Story, outcomes_in_words};
use crate::text::{Code, Colour, Diagnostic, Severity, Span, render_titled};
use crate::value::{Value, inert, quote};

/// Commands that a block shows at most: the last ones, where things went wrong.
const MOST_SENT: usize = 12;

/// A value of fewer characters is only taken for a variable's where it stands in quotes.
const LEAST_BARE: usize = 12;

/// Longest text of one command's fields.
const BRIEF: usize = 400;

/// Everything about a scenario that did not pass, as a block of lines: what was expected with a caret under it,
/// what was seen instead and how that went over time, what was sent, and the command that runs it again.
pub fn failure(result: &ScenarioResult, again: &str, colour: Colour) -> String {
    let mut block = Block { out: String::new(), result, mentioned: vec![false; result.variables.len()] };
    for finding in &result.findings {
        block.finding(finding, colour);
    }
    if result.verdict >= Verdict::Inconclusive {
        block.sent();
        block.last_request();
        block.legend();
    }
    block.line("again", again);
    block.out
}

/// A block on its way.
struct Block<'a> {
    out: String,
    result: &'a ScenarioResult,
    /// Which variables stand for a value in the block.
    mentioned: Vec<bool>,
}

impl Block<'_> {
    fn finding(&mut self, finding: &Finding, colour: Colour) {
        if finding.span == Span::default() {
            self.line(title(finding.verdict), &finding.message);
        } else {
            let diagnostic = self.diagnostic(finding);
            let shown = render_titled(&self.result.plan.source, &diagnostic, title(finding.verdict), colour);
            self.out.push_str(&shown);
            self.out.push_str("\n\n");
        }
        if let Some(story) = &finding.story {
            self.story(story);
        }
        for other in finding.mismatches.iter().skip(1) {
            self.named("besides", &other.to_string());
        }
        // Without the scenario's names: it is to be copied.
        for (index, line) in finding.addition.iter().flat_map(|addition| addition.lines()).enumerate() {
            self.line(if index == 0 { "to add" } else { "" }, line);
        }
    }

    fn diagnostic(&mut self, finding: &Finding) -> Diagnostic {
        let (message, label) = (self.with_names(&finding.message), self.with_names(&finding.label));
        let mut diagnostic =
            Diagnostic::error(Code(finding.verdict.word()), finding.span, message).label(label);
        if finding.verdict != Verdict::Fail {
            diagnostic.severity = Severity::Warning;
        }
        match &finding.advice {
            Some(advice) => diagnostic.advise(&**advice),
            None => diagnostic,
        }
    }

    fn story(&mut self, story: &Story) {
        let mut asked = format!("{}, ", story.asked);
        match story.polls {
            1 => asked.push_str("once"),
            polls => {
                let _ = write!(asked, "{} in {}", plural(polls, "time"), duration(story.lasted));
            }
        }
        if let Some(allowed) = story.allowed {
            let _ = write!(asked, ", of {} allowed", duration(allowed));
        }
        self.named("asked", &asked);
        self.named("seen", &story.course);
        let shown = story.course.rsplit_once(" ×").map_or(&*story.course, |(answer, _)| answer);
        if story.last != shown {
            self.named("last", &story.last);
        }
    }

    fn sent(&mut self) {
        let (sent, seeded) = (&self.result.sent, &self.result.seeded);
        let dropped = sent.len().saturating_sub(MOST_SENT);
        self.races();
        let mut title = "sent";
        for behind in dropped..=sent.len() {
            for seeded in seeded.iter().filter(|seeded| seeded.behind == behind) {
                self.named(std::mem::take(&mut title), &seeded_in_words(seeded));
            }
            let Some(sent) = sent.get(behind) else { break };
            self.named(std::mem::take(&mut title), &sent_in_words(sent));
            if let Some(request) = sent.request() {
                self.line("", &request.to_string());
            }
        }
        if dropped > 0 {
            self.line("", &format!("(and {} before these)", plural(dropped, "command")));
        }
    }

    /// What each race came to, in a line: `37× accepted, 3× rejected ConcurrencyConflict`.
    fn races(&mut self) {
        let racing = |sent: &Sent| sent.racing.as_ref().map(|racing| racing.race);
        for race in self.result.sent.chunk_by(|one, next| racing(one) == racing(next)) {
            if race.first().and_then(racing).is_some() {
                let came = outcomes_in_words(race.iter().map(|sent| &sent.outcome));
                self.line("race", &format!("{came}, in the order of their return below"));
            }
        }
    }

    /// The last request, where that was a query: those of the commands are shown with them.
    fn last_request(&mut self) {
        let shown = self.result.sent.last().and_then(Sent::request).map(|request| request.to_string());
        let request = self.result.last_request.as_ref().map(ToString::to_string);
        if let Some(request) = request.filter(|request| shown.as_ref() != Some(request)) {
            self.line("request", &request);
        }
    }

    /// What the names in the block stand for.
    fn legend(&mut self) {
        let mut first = true;
        for index in 0..self.mentioned.len() {
            if let (true, (name, value)) = (self.mentioned[index], &self.result.variables[index]) {
                self.line(if first { "where" } else { "" }, &format!("${name} = {}", value.brief(BRIEF)));
                first = false;
            }
        }
    }

    /// A line in which the scenario's own names stand for their values.
    fn named(&mut self, title: &str, text: &str) {
        let text = self.with_names(text);
        self.line(title, &text);
    }

    /// `text` with the scenario's own names in place of their values, as in the scenario.
    fn with_names(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for (mentioned, (name, value)) in self.mentioned.iter_mut().zip(&self.result.variables) {
            let Value::Text(value) = value else { continue };
            let quoted = quote(value);
            // A service repeats ids without quotes. What is short may stand there for another reason.
            let spellings = [(&*quoted, true), (&**value, value.len() >= LEAST_BARE)];
            for (spelling, _) in spellings.into_iter().filter(|(_, sure)| *sure) {
                if text.contains(spelling) {
                    text = text.replace(spelling, &format!("${name}"));
                    *mentioned = true;
                }
            }
        }
        text
    }

    /// `  title  text`.
    fn line(&mut self, title: &str, text: &str) {
        // Whatever a service answered, it moves no cursor here.
        let _ = writeln!(self.out, "  {title:<8} {}", inert(text));
    }
}

/// What kind of finding it is. `fail` alone would only repeat the scenario's own line.
fn title(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Fail => "broken promise",
        other => other.word(),
    }
}

/// An event as a scenario would write it, and what came of it.
fn seeded_in_words(seeded: &Seeded) -> String {
    let Event { name, on, fields, .. } = &seeded.event;
    let mut words = format!("event {name} on {}", on.brief(BRIEF));
    if !fields.is_empty() {
        let _ = write!(words, " {}", Value::Record(fields.clone()).brief(BRIEF));
    }
    let _ = write!(words, " → {}", seeded.outcome);
    words
}

/// A command as a scenario would write it, and what it brought.
fn sent_in_words(sent: &Sent) -> String {
    let Command { name, on, fields, key, expected, .. } = &*sent.command;
    let mut words = match sent.racing.as_ref().and_then(|racing| racing.label.as_deref()) {
        Some(label) => format!("{label}: {name}"),
        None => name.to_string(),
    };
    if let Some(on) = on {
        let _ = write!(words, " on {}", on.brief(BRIEF));
    }
    if !fields.is_empty() {
        let _ = write!(words, " {}", Value::Record(fields.clone()).brief(BRIEF));
    }
    if let Some(key) = key {
        let _ = write!(words, " key {}", quote(key));
    }
    if let Expected::Exactly(version) = expected {
        match version {
            Version::Number(_) => drop(write!(words, " at version {version}")),
            Version::Opaque(text) => drop(write!(words, " at version {}", quote(text))),
        }
    }
    if let Some(actor) = &sent.actor {
        let _ = write!(words, " as {actor}");
    }
    let took = duration(sent.returned.saturating_sub(sent.called));
    let _ = write!(words, " → {} ({took})", sent.outcome);
    words
}
