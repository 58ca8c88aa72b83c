//! A read model that follows its writes some time behind.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// What readers see of a `T`: each state shows `lag` after it came about.
pub(crate) struct Lagging<T> {
    lag: Duration,
    shown: T,
    coming: VecDeque<(Instant, T)>,
}

impl<T: Clone + Default> Lagging<T> {
    pub(crate) fn behind(lag: Duration) -> Self {
        Self { lag, shown: T::default(), coming: VecDeque::new() }
    }

    pub(crate) fn follow(&mut self, state: &T) {
        self.coming.push_back((Instant::now() + self.lag, state.clone()));
    }

    pub(crate) fn now(&mut self) -> &T {
        while self.coming.front().is_some_and(|(due, _)| *due <= Instant::now()) {
            self.shown = self.coming.pop_front().expect("there is one").1;
        }
        &self.shown
    }

    /// When all that was written shows.
    pub(crate) fn caught_up(&self) -> Instant {
        self.coming.back().map_or_else(Instant::now, |(due, _)| *due)
    }
}
