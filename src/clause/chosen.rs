//! Values that a service chooses, as the answers of a case showed them: none changes once it is shown, or until a command changes its
//! aggregate.

use super::{Evidence, Judged, Shows, Submitted, Wrong};
use crate::judge::{Changed, Witnessed, changed};

/// The first thing to look at where such a value changes.
pub(crate) const MADE_ONCE: &str = "look at where this value is made: once, when what it belongs to happens, and kept with that; not each time that \
                     a read model is built or read";

/// Whether what services choose stays as long as the contract says. Only what broke is told: that values stay is counted by probes.
pub(super) fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let witnessed = Witnessed { operations: evidence.operations, deeds: &evidence.deeds };
    // Strangers may be shown something else.
    let reads = evidence.ended().map(|(at, _)| (at, 0)).filter(|(at, _)| evidence.stranger(*at).is_none());
    for changed in changed(evidence.model(), evidence.promises(), witnessed, reads) {
        broken(evidence, &changed, &mut judged);
    }
    judged
}

/// A value that changed: both answers, the last command before them, and those in between.
fn broken(evidence: &Evidence<'_>, changed: &Changed, judged: &mut Judged) {
    let wrong = changed.sentence();
    let is_told = judged.findings.iter().any(|finding| match &finding.wrong {
        Wrong::Said(known) => *known == wrong,
        Wrong::Mismatch(_) => false,
    });
    if is_told {
        return;
    }
    let ((before, was), (now, is)) = (&changed.before, &changed.now);
    let of_it = |sent: &Submitted<'_>| sent.is_accepted() && sent.command.on.as_ref() == Some(&changed.on);
    let commands: Vec<usize> = evidence.submitted().filter(of_it).map(|sent| sent.at).collect();
    let led = commands.iter().rfind(|at| *at < before);
    let between = commands.iter().filter(|at| (before..now).contains(at));
    let mut places: Vec<usize> = led.into_iter().chain(between).copied().chain([*before, *now]).collect();
    places.sort_unstable();
    let more = vec![format!("first {}", changed.shown(was)), format!("later {}", changed.shown(is))];
    judged.certainly_broken_as(wrong, Shows::Operations(places), more, MADE_ONCE);
}
