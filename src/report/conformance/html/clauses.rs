use maud::{Markup, html};

use super::page::{tone, tone_of};
use crate::conform::Standing;
use crate::report::conformance::{ClauseRecord, ConformanceRecord, CounterexampleRecord};

/// What is broken, each with the smallest history that shows it.
pub(super) fn broken(found: &ConformanceRecord) -> Markup {
    let all: Vec<_> = found.broken().collect();
    html! {
        @if !all.is_empty() {
            section aria-labelledby="broken" {
                h2 id="broken" { "Broken" }
                @for clause in all {
                    article class={ "finding " (tone_of(clause.verdict)) } {
                        h3 { a href={ "#" (clause.id) } { (clause.id) } " " (clause.level) " " (clause.verdict) }
                        p { (clause.statement) }
                        @if let Some(why) = &clause.reason { p { "Known: " (why) } }
                        @if let Some(first) = clause.counterexamples.first() { (example(first)) }
                        @if clause.counterexamples.len() > 1 {
                            details {
                                summary { "Seen " (clause.broken) " times; " (clause.counterexamples.len() - 1) " more told here" }
                                @for other in &clause.counterexamples[1..] { (example(other)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn example(of: &CounterexampleRecord) -> Markup {
    html! {
        p class="wrong" { (of.wrong) "." }
        ol { @for line in &of.story { li { (line) } } }
        @if let Some(likely) = &of.likely { p { strong { "Likely: " } (likely) "." } }
        p { strong { "First: " } (of.first) }
        @if let Some(addition) = &of.addition { pre { code { (addition) } } }
        @if !of.requests.is_empty() {
            details { summary { "Requests" } pre { code { (of.requests.join("\n")) } } }
        }
        @if let Some(scenario) = &of.scenario { details { summary { "As a scenario" } pre { code { (scenario) } } } }
        pre { code { (of.again) } }
    }
}

/// What was tried or asked for, and not decided.
pub(super) fn open(found: &ConformanceRecord) -> Markup {
    let all: Vec<_> = found.clauses.iter().filter(|clause| clause.verdict.is_open()).collect();
    html! {
        @if !all.is_empty() {
            section aria-labelledby="open" {
                h2 id="open" { "Not decided" }
                ul {
                    @for clause in all {
                        li { a href={ "#" (clause.id) } { (clause.id) } " " (clause.level) " " (clause.verdict) ": "
                            (clause.reason.as_deref().unwrap_or_default()) }
                    }
                }
            }
        }
    }
}

/// Every clause, by suite.
pub(super) fn table(found: &ConformanceRecord) -> Markup {
    html! {
        section aria-labelledby="clauses" {
            h2 id="clauses" tabindex="-1" { "Clauses" }
            @for suite in &found.suites {
                details open[suite.result != Standing::NotClaimed] {
                    summary { (suite.name) " " span class={ "tag " (tone(suite.result)) } { (suite.result) } }
                    @for clause in found.clauses.iter().filter(|clause| clause.suite == suite.name) { (row(clause)) }
                }
            }
        }
    }
}

fn row(clause: &ClauseRecord) -> Markup {
    html! {
        details class="clause" id=(clause.id) {
            summary {
                span class="id" { (clause.id) @if clause.stochastic { "†" } } " "
                span class="level" { (clause.level) } " "
                span class={ "tag " (tone_of(clause.verdict)) } { (clause.verdict) } " "
                span class="statement" { (clause.statement) }
            }
            dl {
                @if let Some(reason) = &clause.reason { dt { "Because" } dd { (reason) } }
                dt { "Evidence" } dd { (clause.evidence_in_words()) }
                @if clause.stochastic {
                    dt { "† Chance" } dd { "A pass means: not observed in as many attempts as the evidence says." }
                }
                dt { "Why it matters" } dd { (clause.why) }
                dt { "Source" } dd { (clause.source) }
            }
        }
    }
}
