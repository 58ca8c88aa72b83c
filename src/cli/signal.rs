//! What asks a command to stop: Ctrl-C, and what ends it where nobody sits at a terminal.

#[cfg(unix)]
pub(super) use unix::Stops;

#[cfg(unix)]
mod unix {
    use std::io;

    use tokio::signal::unix::{Signal, SignalKind, signal};

    /// Signals that ask for an end: SIGINT (Ctrl-C), SIGTERM (a CI that gives up, a container that is stopped) and SIGHUP (a terminal
    /// that is closed).
    pub(in crate::cli) struct Stops {
        interrupt: Signal,
        terminate: Signal,
        /// Nothing where whoever started us wants it ignored, as `nohup` does.
        hangup: Option<Signal>,
    }

    impl Stops {
        /// Listens from now on. Must be called within a Tokio runtime.
        ///
        /// # Errors
        /// When the system lets nobody listen.
        pub(in crate::cli) fn listen() -> io::Result<Self> {
            let hangup = if is_hangup_ignored() { None } else { Some(signal(SignalKind::hangup())?) };
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
                hangup,
            })
        }

        /// Waits for the next one. Answers with what a shell exits with for it.
        pub(in crate::cli) async fn next(&mut self) -> i32 {
            let hangup = async {
                match &mut self.hangup {
                    Some(hangup) => hangup.recv().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = self.interrupt.recv() => 128 + SignalKind::interrupt().as_raw_value(),
                _ = self.terminate.recv() => 128 + SignalKind::terminate().as_raw_value(),
                _ = hangup => 128 + SignalKind::hangup().as_raw_value(),
            }
        }
    }

    /// To listen to a signal ends that it is ignored. Only Linux tells whether it is (proc(5), `SigIgn`).
    fn is_hangup_ignored() -> bool {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        let bit = SignalKind::hangup().as_raw_value() - 1;
        ignored.is_some_and(|mask| mask >> bit & 1 == 1)
    }
}

/// Ctrl-C.
#[cfg(not(unix))]
pub(super) struct Stops(());

#[cfg(not(unix))]
impl Stops {
    pub(super) fn listen() -> std::io::Result<Self> {
        Ok(Self(()))
    }

    pub(super) async fn next(&mut self) -> i32 {
        match tokio::signal::ctrl_c().await {
            Ok(()) => 130,
            Err(_) => std::future::pending().await,
        }
    }
}
