use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::charts::{curve, points};
use super::clauses::{broken, open, table};
use crate::conform::{ClauseVerdict, Standing};
use crate::report::conformance::{ConformanceRecord, StalenessRecord, time};

/// How every such file begins.
pub(in crate::report::conformance) const START: &str =
    "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">";

/// What is allowed to the page: its own style, and nothing else. So whatever a service answered, nothing of it runs.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// The whole page.
pub(in crate::report::conformance) fn render(found: &ConformanceRecord) -> String {
    let title = format!("{}: {}", found.subject.name, found.result);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content=(format!("proofmark {}", found.toolkit.version));
                title { (title) }
                style { (PreEscaped(include_str!("style.css"))) }
            }
            body {
                a class="skip" href="#clauses" { "To the clauses" }
                (summary(found))
                main {
                    (suites(found))
                    (broken(found))
                    (open(found))
                    (consistency(found))
                    (latencies(found))
                    (matrix(found))
                    (table(found))
                    (again(found))
                }
            }
        }
    };
    page.into_string()
}

/// The class of a suite's result, for its colour; the word stands beside it for those who see none.
pub(super) fn tone(result: Standing) -> &'static str {
    match result {
        Standing::Conforming => "good",
        Standing::NotConforming => "bad",
        Standing::NotFullyExercised => "open",
        Standing::NotClaimed => "quiet",
    }
}

/// The class of a clause's verdict.
pub(super) fn tone_of(verdict: ClauseVerdict) -> &'static str {
    match verdict {
        ClauseVerdict::Pass | ClauseVerdict::Offered => "good",
        ClauseVerdict::Fail => "bad",
        ClauseVerdict::Known | ClauseVerdict::Inconclusive | ClauseVerdict::NotAllowed => "open",
        ClauseVerdict::NotOffered
        | ClauseVerdict::NotClaimed
        | ClauseVerdict::NotBinding
        | ClauseVerdict::NotYet
        | ClauseVerdict::NotSelected => "quiet",
    }
}

fn summary(found: &ConformanceRecord) -> Markup {
    let subject = &found.subject;
    html! {
        header {
            p class="kicker" { "Conformance of" }
            h1 { (subject.name) }
            p { span class={ "result " (tone(found.result)) } { (found.result) } }
            @if found.interrupted {
                p class="warn" { "The examination was stopped: this is what was known by then." }
            }
            dl class="facts" {
                div { dt { "Version" } dd { (subject.version.as_deref().unwrap_or("not told")) } }
                div { dt { "Contract" } dd { (subject.contract) } }
                div { dt { "Began" } dd { time datetime=(found.began) { (found.began) } } }
                div { dt { "Took" } dd { (time(found.duration_us)) } }
                div { dt { "Seed" } dd { (found.seed) } }
                div { dt { "Proofmark" } dd { (found.toolkit.version) } }
                div { dt { "Claims" } dd { (listed(&subject.claimed)) } }
                div { dt { "Does not claim" } dd { (listed(&subject.unclaimed)) } }
            }
        }
    }
}

fn listed(words: &[String]) -> String {
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}

fn suites(found: &ConformanceRecord) -> Markup {
    html! {
        section aria-labelledby="suites" {
            h2 id="suites" { "Suites" }
            div class="scroll" tabindex="0" role="region" aria-labelledby="suites" {
                table {
                    thead { tr {
                        th scope="col" { "Suite" } th scope="col" { "Result" }
                        @for head in ["Passed", "Failed", "Inconclusive", "Offered", "Not offered", "Skipped", "Not yet",
                            "Not claimed", "Does not bind"] {
                            th scope="col" class="n" { (head) }
                        }
                    } }
                    tbody {
                        @for suite in &found.suites {
                            @let counts = suite.statistics;
                            tr {
                                th scope="row" { (suite.name) small { (suite.about) } }
                                td { span class={ "tag " (tone(suite.result)) } { (suite.result) } }
                                @for count in [counts.passed, counts.failed, counts.inconclusive, counts.offered,
                                    counts.not_offered, counts.skipped, counts.not_yet_exercised, counts.not_claimed,
                                    counts.not_binding] {
                                    td class={ "n" @if count == 0 { " zero" } } { (count) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn consistency(found: &ConformanceRecord) -> Markup {
    html! {
        section aria-labelledby="consistency" {
            h2 id="consistency" { "Measured consistency" }
            ul { @for line in &found.consistency { li { (line) "." } } }
            @for seen in &found.staleness { (staleness(seen)) }
        }
    }
}

fn staleness(seen: &StalenessRecord) -> Markup {
    html! {
        figure {
            figcaption { "Share of accepted effects that " strong { (seen.query) } " showed, by time since acceptance" }
            (curve(seen))
            div class="scroll" tabindex="0" role="region" aria-label=(format!("Lag of {} in figures", seen.query)) {
                table class="small" {
                    thead { tr { @for head in ["p50", "p90", "p99", "max", "samples", "never", "declared"] {
                        th scope="col" class="n" { (head) }
                    } } }
                    tbody { tr {
                        @for cell in [seen.p50_us, seen.p90_us, seen.p99_us, seen.max_us] { td class="n" { (time(cell)) } }
                        td class="n" { (seen.samples) } td class="n" { (seen.never) } td class="n" { (time(seen.bound_us)) }
                    } }
                }
            }
        }
    }
}

fn latencies(found: &ConformanceRecord) -> Markup {
    html! {
        @if !found.latencies.is_empty() {
            section aria-labelledby="latency" {
                h2 id="latency" { "Latency over time" }
                figure {
                    figcaption { "Time until an answer: commands dark, queries light" }
                    (points(&found.latencies))
                }
            }
        }
    }
}

fn matrix(found: &ConformanceRecord) -> Markup {
    html! {
        @if !found.matrix.is_empty() {
            section aria-labelledby="matrix" {
                h2 id="matrix" { "Which effects were seen where" }
                div class="scroll" tabindex="0" role="region" aria-labelledby="matrix" {
                    table {
                        thead { tr { @for head in ["Command", "Read model", "Field"] { th scope="col" { (head) } }
                            th scope="col" class="n" { "Expected" } th scope="col" class="n" { "Seen" } } }
                        tbody {
                            @for cell in &found.matrix {
                                tr class={ @if cell.seen < cell.expected { "bad" } } {
                                    td { (cell.command) } td { (cell.query) } td { (cell.field) }
                                    td class="n" { (cell.expected) } td class="n" { (cell.seen) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn again(found: &ConformanceRecord) -> Markup {
    html! {
        section aria-labelledby="again" {
            h2 id="again" { "Notes, and how to do it again" }
            @if !(found.remarks.is_empty() && found.stale.is_empty() && found.deviations.is_empty()) {
                ul {
                    @for remark in found.remarks.iter().chain(&found.stale) { li { (remark) } }
                    @for each in &found.deviations { li { (each.what) ", seen " (each.times) "×: " (each.because) } }
                }
            }
            pre { code { (found.again) } }
            @if let Some(history) = &found.history { p { "History: " code { (history) } } }
        }
    }
}
