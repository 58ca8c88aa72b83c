use std::fmt::Write as _;

use super::ConformanceRecord;
use crate::conform::Standing;

/// How every such file begins.
pub(super) const START: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"proofmark\"";

/// The width of a character in 11 px Verdana, on average, in tenths of a pixel.
const TENTHS: usize = 66;

/// A flat badge: `proofmark | core, idempotent`, green; or how it stands where it doesn't conform.
pub(super) fn render(found: &ConformanceRecord) -> String {
    let conforming: Vec<_> = found
        .suites
        .iter()
        .filter(|suite| suite.result == Standing::Conforming)
        .map(|suite| suite.name.name())
        .collect();
    let failed = found.suites.iter().filter(|suite| suite.result == Standing::NotConforming).count();
    let (says, colour) = if failed > 0 {
        let of = found.suites.iter().filter(|suite| suite.result != Standing::NotClaimed).count();
        (format!("not conforming ({failed} of {of} suites)"), "#b3261e")
    } else if conforming.is_empty() {
        (found.result.to_string(), "#6b6b6b")
    } else {
        (conforming.join(", "), "#2b7a3d")
    };
    let (left, right) = (width("proofmark"), width(&says));
    let all = left + right;
    let mut svg = format!(
        "{START} width=\"{all}\" height=\"20\" role=\"img\" aria-label=\"proofmark: {says}\">\n<title>proofmark: {says}</title>\n"
    );
    let _ = write!(
        svg,
        "<rect width=\"{left}\" height=\"20\" rx=\"3\" fill=\"#3b3b3b\"/>\n\
         <rect x=\"{left}\" width=\"{right}\" height=\"20\" rx=\"3\" fill=\"{colour}\"/>\n\
         <g fill=\"#fff\" text-anchor=\"middle\" font-family=\"Verdana,DejaVu Sans,sans-serif\" font-size=\"11\">\n\
         <text x=\"{}\" y=\"14\">proofmark</text>\n<text x=\"{}\" y=\"14\">{says}</text>\n</g>\n</svg>\n",
        left / 2,
        left + right / 2,
    );
    svg
}

fn width(text: &str) -> usize {
    text.chars().count() * TENTHS / 10 + 12
}
