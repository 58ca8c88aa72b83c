use std::fmt::Write as _;

use super::words::{duration, plural};
use crate::protocol::{Command, Expected, Verdict};
use crate::run::{Finding, ScenarioResult, Sent, Story};
use crate::text::{Code, Colour, Diagnostic, Severity, Span, render_titled};
use crate::value::Value;

/// Commands that a block shows at most: the last ones, where things went wrong.
const MOST_SENT: usize = 12;

/// Longest text of one command's fields.
const BRIEF: usize = 160;

/// Everything about a scenario that did not pass, as a block of lines: what was expected with a caret under it,
/// what was seen instead and how that went over time, what was sent, and the command that runs it again.
pub fn failure(result: &ScenarioResult, again: &str, colour: Colour) -> String {
    let mut out = String::new();
    for finding in &result.findings {
        if finding.span == Span::default() {
            line(title(finding.verdict), &finding.message, &mut out);
        } else {
            out.push_str(&render_titled(
                &result.plan.source,
                &diagnostic(finding),
                title(finding.verdict),
                colour,
            ));
            out.push('\n');
        }
        if let Some(story) = &finding.story {
            tell(story, &mut out);
        }
        for other in finding.mismatches.iter().skip(1) {
            line("besides", &other.to_string(), &mut out);
        }
    }
    if result.verdict >= Verdict::Inconclusive {
        for (index, sent) in last(&result.sent).iter().enumerate() {
            let title = if index == 0 { "sent" } else { "" };
            line(title, &sent_in_words(sent), &mut out);
        }
        if result.sent.len() > MOST_SENT {
            line("", &format!("({} commands before these)", result.sent.len() - MOST_SENT), &mut out);
        }
    }
    line("again", again, &mut out);
    out
}

/// The verdict as the block's first word, which its place under the scenario's own line doesn't repeat.
fn title(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Fail => "broken promise",
        other => other.word(),
    }
}

fn diagnostic(finding: &Finding) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(Code(finding.verdict.word()), finding.span, &*finding.message)
        .label(&*finding.label);
    if finding.verdict != Verdict::Fail {
        diagnostic.severity = Severity::Warning;
    }
    match &finding.advice {
        Some(advice) => diagnostic.advise(&**advice),
        None => diagnostic,
    }
}

fn tell(story: &Story, out: &mut String) {
    let mut asked = format!("{}: {}", story.asked, plural(story.polls, "time"));
    if story.polls > 1 {
        let _ = write!(asked, " in {}", duration(story.lasted));
    }
    if let Some(allowed) = story.allowed {
        let _ = write!(asked, ", of {} allowed", duration(allowed));
    }
    line("asked", &asked, out);
    line("seen", &story.course, out);
    if story.last != story.course {
        line("last", &story.last, out);
    }
}

fn last(sent: &[Sent]) -> &[Sent] {
    &sent[sent.len().saturating_sub(MOST_SENT)..]
}

/// A command as a scenario would write it, and what it brought.
fn sent_in_words(sent: &Sent) -> String {
    let Command { name, on, fields, key, expected, .. } = &*sent.command;
    let mut words = name.to_string();
    if let Some(on) = on {
        let _ = write!(words, " on {}", on.brief(BRIEF));
    }
    if !fields.is_empty() {
        let _ = write!(words, " {}", Value::Record(fields.clone()).brief(BRIEF));
    }
    if let Some(key) = key {
        let _ = write!(words, " key {}", Value::Text(key.clone()).brief(BRIEF));
    }
    if let Expected::Exactly(version) = expected {
        let _ = write!(words, " at version {version}");
    }
    let took = duration(sent.returned.saturating_sub(sent.called));
    let _ = write!(words, " → {} ({took})", sent.outcome);
    words
}

/// `  title  text`.
fn line(title: &str, text: &str, out: &mut String) {
    let _ = writeln!(out, "  {title:<8} {text}");
}
