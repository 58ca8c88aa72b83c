use std::io::{self, PipeReader, PipeWriter, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::NotStarted;
use super::command::CommandLine;
use super::tail::Tail;

/// Between two looks at whether a process has ended.
const PAUSE: Duration = Duration::from_millis(10);

/// Reads the number of a group from its input, and kills the group unless it is told first, by a line, that there is no
/// need: when we end, however that comes about, our end of its input is closed.
const GUARD: &str = r#"read -r id && [ -n "$id" ] && { read -r _ || kill -s KILL -- "-$id"; }"#;

/// Becomes the service once it has told its number to the guard, whose input its own input leads to. Until then it holds that
/// open itself, so that we may be killed at any moment: the guard never ends before it knows of a service that will run.
const SERVICE: &str = r#"echo $$ >&0 && exec "$@" </dev/null"#;

const SHELL: &str = "/bin/sh";

/// A service and all that it starts, as far as that stays in its process group.
#[derive(Debug)]
pub(super) struct Group {
    leader: Child,
    id: Pid,
    guard: Child,
    line: Option<PipeWriter>,
    tail: Tail,
}

impl Group {
    /// Starts it, behind its guard, in a process group of its own, so that Ctrl-C reaches us and not the service.
    pub(super) fn start(command: &CommandLine) -> Result<Self, NotStarted> {
        let (program, arguments) = command.words();
        // The shell would tell it later, and in other words.
        let refused = |why| NotStarted::Refused { program: program.to_owned(), why };
        executable(program).map_err(refused)?;
        let (input, line) = std::io::pipe().map_err(NotStarted::Unwatched)?;
        let told = line.try_clone().map_err(NotStarted::Unwatched)?;
        let mut guard = watch(input).map_err(NotStarted::Unwatched)?;
        let leader = Command::new(SHELL)
            .args(["-c", SERVICE, "service", program])
            .args(arguments)
            .stdin(told)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn();
        let mut leader = match leader {
            Ok(leader) => leader,
            Err(why) => {
                drop(line);
                let _ = guard.wait();
                return Err(refused(why));
            }
        };
        let id = Pid::from_child(&leader);
        let mut tail = Tail::default();
        if let Some(output) = leader.stdout.take() {
            tail.listen(output);
        }
        if let Some(output) = leader.stderr.take() {
            tail.listen(output);
        }
        Ok(Self { leader, id, guard, line: Some(line), tail })
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

    /// Ends all of it at once (SIGKILL): nothing in there hears of it.
    pub(super) fn kill(mut self) {
        if let Some(line) = self.line.take() {
            self.finish(line);
        }
    }

    fn end(&mut self, grace: Duration) {
        let Some(line) = self.line.take() else { return };
        let _ = kill_process_group(self.id, Signal::TERM);
        let mut waited = Duration::ZERO;
        while waited < grace && self.ended().is_none() {
            std::thread::sleep(PAUSE);
            waited += PAUSE;
        }
        self.finish(line);
    }

    fn finish(&mut self, mut line: PipeWriter) {
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

fn watch(input: PipeReader) -> io::Result<Child> {
    Command::new(SHELL)
        .args(["-c", GUARD, "guard"])
        .stdin(input)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
}

/// Whether there is such a program, found as a shell does it (POSIX.1-2024, section 8.3, `PATH`).
fn executable(program: &str) -> io::Result<()> {
    if program.contains('/') {
        return executable_file(Path::new(program));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut found = std::env::split_paths(&path).map(|directory| executable_file(&directory.join(program)));
    found.find(Result::is_ok).unwrap_or_else(|| Err(Errno::NOENT.into()))
}

fn executable_file(path: &Path) -> io::Result<()> {
    let kind = std::fs::metadata(path)?;
    if kind.is_file() && kind.permissions().mode() & 0o111 != 0 { Ok(()) } else { Err(Errno::ACCESS.into()) }
}
