use std::time::Duration;

/// The first pause between two polls.
const FIRST: Duration = Duration::from_millis(5);

/// The longest pause where a step doesn't say `every`.
const LONGEST: Duration = Duration::from_millis(50);

/// The longest pause between two rounds of reads that wait for rest: there are many reads in each.
const OF_ROUNDS: Duration = Duration::from_millis(100);

/// When a probe polls: at once, then with pauses that double from 5 ms up to an interval, and once more at the
/// deadline.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    deadline: Duration,
    interval: Duration,
    pause: Duration,
    over: bool,
}

impl Pace {
    /// For a probe that must be done at `deadline`, on the run's clock.
    pub(crate) fn until(deadline: Duration, every: Option<Duration>) -> Self {
        let interval = every.unwrap_or(LONGEST).max(Duration::from_millis(1));
        Self { deadline, interval, pause: FIRST.min(interval), over: false }
    }

    /// For a watch that doesn't know yet how long it lasts.
    pub(crate) fn endless() -> Self {
        Self::until(Duration::MAX, None)
    }

    /// For rounds of reads, up to whatever end whoever reads has.
    pub(crate) fn of_rounds() -> Self {
        Self::until(Duration::MAX, Some(OF_ROUNDS))
    }

    /// From here on the deadline is known.
    pub(crate) fn end_at(&mut self, deadline: Duration) {
        self.deadline = deadline;
    }

    /// When to poll next if the time is `now`; `None` when the poll at the deadline has been sent, or its time has
    /// passed: what is seen only then came too late.
    pub(crate) fn next(&mut self, now: Duration) -> Option<Duration> {
        if self.over || now > self.deadline {
            return None;
        }
        let at = (now + self.pause).min(self.deadline);
        self.pause = (self.pause * 2).min(self.interval);
        self.over = at >= self.deadline;
        Some(at)
    }

    /// The longest pause: a toolkit that was held up for longer than this has seen too little to judge.
    pub(crate) fn interval(&self) -> Duration {
        self.interval
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn polls(deadline_ms: u64, every_ms: Option<u64>, answer_takes_ms: u64) -> Vec<u128> {
        let mut pace = Pace::until(Duration::from_millis(deadline_ms), every_ms.map(Duration::from_millis));
        let mut now = Duration::ZERO;
        let mut sent = vec![0];
        loop {
            now += Duration::from_millis(answer_takes_ms);
            let Some(at) = pace.next(now) else { return sent };
            now = at;
            sent.push(now.as_millis());
        }
    }

    #[test]
    fn pauses_double_up_to_the_interval_and_the_last_poll_is_at_the_deadline() {
        assert_eq!(polls(200, None, 0), [0, 5, 15, 35, 75, 125, 175, 200]);
        assert_eq!(polls(50, Some(10), 0), [0, 5, 15, 25, 35, 45, 50]);
        assert_eq!(polls(30, Some(2), 5), [0, 7, 14, 21, 28]);
        assert_eq!(polls(3, Some(0), 0), [0, 1, 2, 3]);
    }

    #[test]
    fn no_poll_is_sent_behind_the_deadline() {
        assert_eq!(polls(0, None, 0), [0, 0]);
        assert_eq!(polls(0, None, 1), [0]);
        assert_eq!(polls(10, None, 40), [0]);
    }
}
