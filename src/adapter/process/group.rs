use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::NotStarted;
use super::command::CommandLine;
use super::tail::Tail;

/// Between two looks at whether a process has ended.
const PAUSE: Duration = Duration::from_millis(10);

/// Kills the group `$1` unless it is told first, by a line, that there is no need: when we end, however that comes
/// about, our end of its input is closed.
const GUARD: &str = r#"read -r _ || kill -s KILL -- "-$1""#;

/// A service and all that it starts, as far as that stays in its process group.
#[derive(Debug)]
pub(super) struct Group {
    leader: Child,
    id: Pid,
    guard: Child,
    line: Option<ChildStdin>,
    tail: Tail,
}

impl Group {
    /// Starts it in a process group of its own, so that Ctrl-C reaches us and not the service.
    pub(super) fn start(command: &CommandLine) -> Result<Self, NotStarted> {
        let (program, arguments) = command.words();
        let mut leader = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|why| NotStarted::Refused { program: program.to_owned(), why })?;
        let id = Pid::from_child(&leader);
        let mut guard = match watch(id) {
            Ok(guard) => guard,
            Err(error) => {
                let _ = kill_process_group(id, Signal::KILL);
                let _ = leader.wait();
                return Err(NotStarted::Unwatched(error));
            }
        };
        let mut tail = Tail::default();
        if let Some(output) = leader.stdout.take() {
            tail.listen(output);
        }
        if let Some(output) = leader.stderr.take() {
            tail.listen(output);
        }
        let line = guard.stdin.take();
        Ok(Self { leader, id, guard, line, tail })
    }

    /// How the service itself ended, if it has. It is not reaped: as long as it isn't, nobody else can get its number.
    pub(super) fn ended(&self) -> Option<String> {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let status = waitid(WaitId::Pid(self.id), options).ok()??;
        Some(match (status.exit_status(), status.terminating_signal()) {
            (Some(code), _) => format!("it ended with exit code {code}"),
            (None, Some(signal)) => format!("it was ended by signal {signal}"),
            (None, None) => "it ended".to_owned(),
        })
    }

    /// What it said last.
    pub(super) fn said(&self) -> String {
        if self.ended().is_some() {
            self.tail.drain();
        }
        self.tail.shown()
    }

    /// Asks it to end (SIGTERM), and ends all that is left of it (SIGKILL) once it has, or when the time is up.
    pub(super) fn stop(mut self, grace: Duration) {
        self.end(grace);
    }

    fn end(&mut self, grace: Duration) {
        let Some(mut line) = self.line.take() else { return };
        let _ = kill_process_group(self.id, Signal::TERM);
        let mut waited = Duration::ZERO;
        while waited < grace && self.ended().is_none() {
            std::thread::sleep(PAUSE);
            waited += PAUSE;
        }
        let _ = kill_process_group(self.id, Signal::KILL);
        // Before it is reaped: then its number may be given to somebody else.
        let _ = line.write_all(b"\n");
        drop(line);
        let _ = self.guard.wait();
        let _ = self.leader.wait();
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end(Duration::ZERO);
    }
}

fn watch(id: Pid) -> std::io::Result<Child> {
    Command::new("/bin/sh")
        .args(["-c", GUARD, "guard", &id.as_raw_nonzero().to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
}
