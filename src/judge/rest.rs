//! Which components are at rest, without looking at all of them.

use std::collections::BTreeSet;

/// What is known of all components together. It costs in proportion to what is under way, not to how many there are.
#[derive(Debug, Default)]
pub(super) struct Rest {
    /// How often it was quiet.
    quiets: u64,
    /// Components with something that was called and has not returned.
    busy: BTreeSet<usize>,
    /// How many components were not at rest when it was quiet last, or have been stirred since.
    restless: usize,
}

/// What is known of one component: for which quiet it was not at rest, or has been stirred since.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stirred(u64);

impl Stirred {
    /// It was never quiet.
    pub(super) const NEVER_QUIET: Self = Self(0);
}

impl Rest {
    /// It is quiet. `stirred` gives what is known of a component.
    pub(super) fn quiet(&mut self, mut stirred: impl FnMut(usize, Stirred)) {
        self.quiets += 1;
        self.restless = self.busy.len();
        for place in &self.busy {
            stirred(*place, Stirred(self.quiets));
        }
    }

    /// A command is sent to a component.
    pub(super) fn stirs(&mut self, stirred: &mut Stirred) {
        if self.quiets > 0 && self.is_quiet(*stirred) {
            self.restless += 1;
        }
        *stirred = Stirred(self.quiets);
    }

    /// Something has been called in a component.
    pub(super) fn called(&mut self, place: usize) {
        self.busy.insert(place);
    }

    /// Something has returned in a component, and whether nothing is under way there any more.
    pub(super) fn returned(&mut self, place: usize, idle: bool) {
        if idle {
            self.busy.remove(&place);
        }
    }

    /// Whether a component was at rest when it was quiet last, and no command was sent to it since.
    pub(super) fn is_quiet(&self, stirred: Stirred) -> bool {
        self.quiets > 0 && stirred != Stirred(self.quiets)
    }

    /// Whether nothing is under way in any component.
    pub(super) fn all_idle(&self) -> bool {
        self.busy.is_empty()
    }

    /// Whether all components were at rest when it was quiet last, and no command was sent since. Without a component, that is so.
    pub(super) fn all_quiet(&self, components: usize) -> bool {
        components == 0 || (self.quiets > 0 && self.restless == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is counted is what looking at every component would find.
    #[test]
    fn what_is_counted_is_what_each_component_says() {
        let mut state = 11_u64;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let mut rest = Rest::default();
        let mut stirred = [Stirred::NEVER_QUIET; 5];
        let (mut open, mut quiet) = ([0_u32; 5], [false; 5]);
        let (mut both, mut none) = (0, 0);
        for _ in 0..5_000 {
            let place = usize::try_from(next(5)).expect("small");
            match next(10) {
                0 => {
                    rest.quiet(|place, now| stirred[place] = now);
                    (0..5).for_each(|at| quiet[at] = open[at] == 0);
                }
                1 => {
                    rest.stirs(&mut stirred[place]);
                    rest.called(place);
                    (quiet[place], open[place]) = (false, open[place] + 1);
                }
                2 => {
                    rest.called(place);
                    open[place] += 1;
                }
                _ if open[place] > 0 => {
                    open[place] -= 1;
                    rest.returned(place, open[place] == 0);
                }
                _ => {}
            }
            for at in 0..5 {
                assert_eq!(rest.is_quiet(stirred[at]), quiet[at]);
            }
            assert_eq!(rest.all_idle(), open == [0; 5]);
            assert_eq!(rest.all_quiet(5), quiet == [true; 5], "{rest:?} {quiet:?}");
            both += usize::from(rest.all_quiet(5));
            none += usize::from(!rest.all_quiet(5));
        }
        assert!(both > 10 && none > 10 && Rest::default().all_quiet(0) && !Rest::default().all_quiet(1));
    }
}
