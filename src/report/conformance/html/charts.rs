use std::fmt::Write as _;

use maud::{Markup, html};

use crate::report::conformance::{LatencyRecord, StalenessRecord, time};

/// The drawing's size, in units of its own; it takes the width of the page.
const WIDTH: u64 = 640;
const HEIGHT: u64 = 200;
/// Room for the words at the left and below.
const LEFT: u64 = 60;
const BELOW: u64 = 24;

/// The distribution of one read model's lag, as a staircase.
pub(super) fn curve(seen: &StalenessRecord) -> Markup {
    let longest = seen.max_us.max(1);
    let mut path = format!("M{LEFT} {HEIGHT}");
    for point in &seen.curve {
        let (x, y) = (across(point.within_us, longest), up(u64::from(point.permille), 1000));
        let _ = write!(path, " H{x} V{y}");
    }
    let label =
        format!("{}: half within {}, all within {}", seen.query, time(seen.p50_us), time(seen.max_us));
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {}", HEIGHT + BELOW)) role="img" aria-label=(label) {
            (axes("100 %", "0", longest))
            path class="line" d=(path) {}
        }
    }
}

/// Each request as a point, over time.
pub(super) fn points(all: &[LatencyRecord]) -> Markup {
    let last = all.iter().map(|one| one.at_us).max().unwrap_or_default().max(1);
    let slowest = all.iter().map(|one| one.took_us).max().unwrap_or_default().max(1);
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {}", HEIGHT + BELOW)) role="img"
            aria-label=(format!("{} requests, the slowest took {}", all.len(), time(slowest))) {
            (axes(&time(slowest), "0", last))
            @for one in all {
                circle class=(if one.command { "command" } else { "query" }) r="1.6"
                    cx=(across(one.at_us, last)) cy=(up(one.took_us, slowest)) {}
            }
        }
    }
}

fn axes(top: &str, bottom: &str, end: u64) -> Markup {
    html! {
        path class="axis" d=(format!("M{LEFT} 4 V{HEIGHT} H{WIDTH}")) {}
        text x=(LEFT - 6) y="12" text-anchor="end" { (top) }
        text x=(LEFT - 6) y=(HEIGHT) text-anchor="end" { (bottom) }
        text x=(WIDTH) y=(HEIGHT + 16) text-anchor="end" { (time(end)) }
    }
}

fn across(value: u64, most: u64) -> u64 {
    LEFT + scaled(value, most, WIDTH - LEFT - 4)
}

fn up(value: u64, most: u64) -> u64 {
    HEIGHT - scaled(value, most, HEIGHT - 8)
}

fn scaled(value: u64, most: u64, size: u64) -> u64 {
    let product = u128::from(value.min(most)) * u128::from(size);
    u64::try_from(product / u128::from(most.max(1))).unwrap_or(size)
}
