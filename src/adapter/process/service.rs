use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::NotStarted;
use super::command::CommandLine;
use super::group::Group;

/// How long a service may take to end when it is asked to, where the profile doesn't say.
const GRACE: Duration = Duration::from_secs(5);

/// A service that we start, stop and start again. It ends with the last handle.
#[derive(Clone, Debug)]
pub(in crate::adapter) struct Process {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    command: CommandLine,
    grace: Duration,
    running: Mutex<Option<Group>>,
}

impl Process {
    pub(in crate::adapter) fn new(command: CommandLine, grace: Option<Duration>) -> Self {
        let grace = grace.unwrap_or(GRACE);
        Self { shared: Arc::new(Shared { command, grace, running: Mutex::default() }) }
    }

    /// Starts it, unless it runs already.
    pub(in crate::adapter) fn start(&self) -> Result<(), NotStarted> {
        let mut running = self.shared.running();
        if running.is_none() {
            *running = Some(Group::start(&self.shared.command)?);
        }
        Ok(())
    }

    /// Kills it, as a crash would end it, and waits until it is gone.
    pub(in crate::adapter) async fn kill(&self) {
        let process = self.clone();
        let kill = move || {
            let group = process.shared.running().take();
            if let Some(group) = group {
                group.kill();
            }
        };
        // Waiting for a process blocks.
        let _ = tokio::task::spawn_blocking(kill).await;
    }

    /// How it ended by itself, with what it said last.
    pub(in crate::adapter) fn ended(&self) -> Option<String> {
        let running = self.shared.running();
        let group = running.as_ref()?;
        group.ended().map(|how| format!("{how}{}", said(group)))
    }

    /// What it said last.
    pub(in crate::adapter) fn said(&self) -> String {
        self.shared.running().as_ref().map(said).unwrap_or_default()
    }
}

impl Shared {
    fn running(&self) -> MutexGuard<'_, Option<Group>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stop(&self) {
        let group = self.running().take();
        if let Some(group) = group {
            group.stop(self.grace);
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.stop();
    }
}

fn said(group: &Group) -> String {
    match group.said() {
        said if said.is_empty() => "; it said nothing".to_owned(),
        said => format!("; it said last:{said}"),
    }
}
