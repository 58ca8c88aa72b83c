use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::Clock;
use super::backlog::{Receiver, Sender, backlog};
use super::memory::{Memory, Remembered, What};
use crate::adapter::Malformation;
use crate::history::{Case, CaseEnd, Deed, Event, Header, Part, Purpose, Quiet, Stamp};
use crate::protocol::{Actor, Answer, Command, Head, Outcome, Query, ShellLine, Trace};
use crate::value::{Name, Record, Value};

/// What every history begins with.
const HISTORY_START: &[u8; 5] = b"{\"h\":";

/// Written in one go at most, so that what waits in memory stays small.
const BATCH_BYTES: usize = 64 * 1024;

/// So many bytes wait for the writer at most: who acts faster than the disk takes it waits for it, before memory is full.
const BACKLOG_BYTES: usize = 8 * 1024 * 1024;

/// What a request counts for while it waits: how long it will be is known once it is put into words.
const REQUEST_BYTES: usize = 2 * 1024;

/// How long the writer lets lines gather: to be woken for each costs a run on few cores more than the writing.
const GATHERING: Duration = Duration::from_millis(2);

/// Writes down what a run does and sees, as it goes: a thread of its own writes each line within a few milliseconds,
/// so that a crash loses nothing but the lines of the last instant.
#[derive(Debug)]
pub struct Recorder {
    clock: Arc<dyn Clock>,
    index: AtomicU64,
    operations: AtomicU64,
    clients: AtomicU64,
    cases: AtomicU64,
    /// Nothing where nothing is written down.
    lines: Option<Lines>,
    /// Nothing where nobody will ask.
    memory: Option<Memory>,
}

/// The writing end of a [`Recorder`].
#[derive(Debug)]
pub struct HistoryFile {
    path: PathBuf,
    /// Recorders may outlive it in tasks that are being stopped.
    end: Lines,
    writer: JoinHandle<io::Result<()>>,
}

/// The way to the writer.
#[derive(Clone, Debug)]
struct Lines(Sender<Line>);

impl Lines {
    fn send(&self, line: Line) {
        let bytes = match &line {
            Line::Entry(line) => line.len(),
            Line::Request(..) => REQUEST_BYTES,
            Line::Over => 0,
        };
        self.0.send(bytes, line);
    }
}

/// What the writer gets.
#[derive(Debug)]
enum Line {
    Entry(String),
    /// The request of an operation: it is put into words by the writer, which nobody waits for.
    Request(Stamp, Begun, ShellLine),
    /// The history is over.
    Over,
}

/// An operation that has begun.
#[derive(Clone, Copy, Debug)]
pub struct Begun {
    op: u64,
    case: Option<u64>,
    /// Its place in the history.
    pub index: u64,
    /// When, on the run's clock.
    pub at: Duration,
}

impl Recorder {
    /// Begins a history at `path`; an old history there is replaced.
    ///
    /// # Errors
    /// When the file can't be made, or is something other than a history.
    pub fn begin(path: &Path, header: &Header, clock: Arc<dyn Clock>) -> io::Result<(Self, HistoryFile)> {
        refuse_to_overwrite(path)?;
        let mut file = File::create(path)?;
        let mut first = String::new();
        header.write(&mut first);
        let (lines, received) = backlog(BACKLOG_BYTES);
        let lines = Lines(lines);
        lines.send(Line::Entry(first));
        let writer = std::thread::Builder::new()
            .name("history".into())
            .spawn(move || write_lines(&received, &mut file))?;
        let end = lines.clone();
        let recorder = Self { lines: Some(lines), ..Self::unwritten(clock) };
        Ok((recorder, HistoryFile { path: path.to_owned(), end, writer }))
    }

    /// One that writes nothing down: it only says when and in which order things happened.
    pub fn unwritten(clock: Arc<dyn Clock>) -> Self {
        let counter = || AtomicU64::new(0);
        Self {
            clock,
            index: counter(),
            operations: counter(),
            clients: counter(),
            cases: counter(),
            lines: None,
            memory: None,
        }
    }

    /// Whether anything is written down.
    pub(crate) fn is_written(&self) -> bool {
        self.lines.is_some()
    }

    /// The same, which remembers so many of the last operations.
    pub(crate) fn remembering(self, most: usize) -> Self {
        Self { memory: Some(Memory::of(most)), ..self }
    }

    /// The last operations, as far as they are remembered.
    pub(crate) fn remembered(&self) -> Vec<Remembered> {
        self.memory.as_ref().map(Memory::all).unwrap_or_default()
    }

    /// The place of the next entry.
    pub(crate) fn next(&self) -> u64 {
        self.index.load(Ordering::Relaxed)
    }

    /// A case begins. Returns its number.
    pub fn case(&self, experiment: &str, purpose: Purpose, about: Record) -> u64 {
        let number = self.cases.fetch_add(1, Ordering::Relaxed);
        if self.lines.is_some() {
            self.write(Event::Case(&Case { number, experiment: experiment.into(), purpose, about }));
        }
        number
    }

    /// A case is over.
    pub fn case_end(&self, case: u64, end: &CaseEnd) {
        self.write(Event::CaseEnd(case, end));
    }

    /// A session is opened, in a case, for one who speaks as `actor`. Returns its number.
    pub fn session(&self, case: Option<u64>, actor: &Actor) -> u64 {
        let client = self.clients.fetch_add(1, Ordering::Relaxed);
        self.write(Event::Session { client, case, actor });
        client
    }

    /// A name stands for a value from now on.
    pub fn drawn(&self, case: u64, name: &Name, value: &Value) {
        self.write(Event::Drawn { case, name, value });
    }

    /// A command is about to be sent.
    pub fn submit(&self, client: u64, part: Part, attempt: u32, command: &Command) -> Begun {
        let op = self.operations.fetch_add(1, Ordering::Relaxed);
        let Stamp { index, at } = self.write(Event::Submit { op, client, part, attempt, command });
        if let Some(memory) = &self.memory {
            memory.begins(index, client, What::Submitted(command.clone()));
        }
        Begun { op, case: part.case, index, at }
    }

    /// A query is about to be asked.
    pub fn ask(&self, client: u64, part: Part, query: &Query) -> Begun {
        let op = self.operations.fetch_add(1, Ordering::Relaxed);
        let Stamp { index, at } = self.write(Event::Ask { op, client, part, query });
        if let Some(memory) = &self.memory {
            memory.begins(index, client, What::Asked(query.clone()));
        }
        Begun { op, case: part.case, index, at }
    }

    /// Something else is about to be done.
    pub fn begins(&self, part: Part, deed: Deed, data: &Record) -> Begun {
        let op = self.operations.fetch_add(1, Ordering::Relaxed);
        let Stamp { index, at } = self.write(Event::Do { op, part, deed, data });
        Begun { op, case: part.case, index, at }
    }

    /// A command is about to be sent that was made wrong: it is remembered here, and written down by the
    /// [place](super::place) that it is sent in.
    pub(crate) fn misbehave(&self, client: u64, command: &Command, how: &Malformation) -> u64 {
        let index = self.next();
        if let Some(memory) = &self.memory {
            memory.begins(index, client, What::Misbehaved(command.clone(), how.clone()));
        }
        index
    }

    /// What came of it.
    pub(crate) fn misbehaved(&self, index: u64, outcome: &Outcome) {
        if let Some(memory) = &self.memory {
            memory.submitted(index, self.next(), outcome);
        }
    }

    /// A command has ended. Returns when, and at which place in the history.
    pub fn outcome(&self, begun: Begun, outcome: &Outcome, trace: Option<&Trace>) -> Stamp {
        if let Some(memory) = &self.memory {
            memory.submitted(begun.index, self.next(), outcome);
        }
        let head = self.head(trace, true);
        let stamp = self.write(Event::Outcome(begun.op, outcome, head.as_ref()));
        self.request(stamp, begun, trace);
        stamp
    }

    /// A query has been answered. Returns when, and at which place in the history.
    pub fn answer(&self, begun: Begun, answer: &Answer, trace: Option<&Trace>) -> Stamp {
        if let Some(memory) = &self.memory {
            memory.asked(begun.index, self.next(), answer);
        }
        let head = self.head(trace, false);
        let stamp = self.write(Event::Answer(begun.op, answer, head.as_ref()));
        self.request(stamp, begun, trace);
        stamp
    }

    /// Something else is done.
    pub fn done(&self, begun: Begun, came: &Record) -> Stamp {
        self.write(Event::Done(begun.op, came))
    }

    /// The target is quiet, as far as those of a case can know. Returns when, and at which place in the history.
    pub fn quiet(&self, part: Part, quiet: Quiet) -> Stamp {
        self.write(Event::Quiet(part, quiet))
    }

    /// A scenario comes to the step in that line of its file.
    pub fn step(&self, case: u64, line: u64) {
        self.write(Event::Step { case, line });
    }

    /// The racers of a race are let go.
    pub fn released(&self, case: u64, race: u64) {
        self.write(Event::Released { case, race });
    }

    /// The machine was held up.
    pub fn held(&self, from: Duration, to: Duration) {
        self.write(Event::Held { from, to });
    }

    /// What the job says.
    pub fn word(&self, what: &str, data: &Record) {
        self.write(Event::Word(what, data));
    }

    /// All is over, and came to this.
    pub fn end(&self, data: &Record) {
        self.write(Event::End(data));
    }

    fn head(&self, trace: Option<&Trace>, with_body: bool) -> Option<Head> {
        self.lines.as_ref().and(trace)?.head(with_body)
    }

    /// The request stands behind its answer: nobody waits for it.
    fn request(&self, stamp: Stamp, begun: Begun, trace: Option<&Trace>) {
        if let (Some(lines), Some(trace)) = (&self.lines, trace) {
            lines.send(Line::Request(stamp, begun, trace.request()));
        }
    }

    fn write(&self, event: Event<'_>) -> Stamp {
        let index = self.index.fetch_add(1, Ordering::Relaxed);
        let at = self.clock.now();
        let stamp = Stamp { index, at };
        if let Some(lines) = &self.lines {
            let mut line = String::with_capacity(256);
            event.write(stamp, &mut line);
            // The writer ends early only when the disk refuses; `HistoryFile::finish` tells of it.
            lines.send(Line::Entry(line));
        }
        stamp
    }
}

impl HistoryFile {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Waits until all is written. What a [`Recorder`] still writes then is lost.
    ///
    /// # Errors
    /// When a line could not be written.
    pub fn finish(self) -> io::Result<PathBuf> {
        // The writer ends early only when the disk refuses; joining it tells of it.
        self.end.send(Line::Over);
        match self.writer.join() {
            Ok(written) => written.map(|()| self.path),
            Err(_) => Err(io::Error::other("the history's writer panicked")),
        }
    }
}

/// An old history may be replaced; whatever else is there was meant for something else.
fn refuse_to_overwrite(path: &Path) -> io::Result<()> {
    let Ok(kind) = std::fs::metadata(path) else { return Ok(()) };
    if !kind.is_file() {
        return Ok(());
    }
    // Where the disk was full, not even its beginning may be whole.
    let mut start = Vec::new();
    let read =
        File::open(path).and_then(|file| file.take(HISTORY_START.len() as u64).read_to_end(&mut start));
    if read.is_ok() && HISTORY_START.starts_with(&start) {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "there is a file already, and it is no history"))
}

fn write_lines(lines: &Receiver<Line>, file: &mut File) -> io::Result<()> {
    let mut batch = String::with_capacity(BATCH_BYTES);
    let mut over = false;
    while !over {
        let Ok(line) = lines.recv() else { break };
        over = !line.add_to(&mut batch);
        if !over && lines.bytes() < BATCH_BYTES {
            std::thread::sleep(GATHERING);
        }
        while !over && batch.len() < BATCH_BYTES {
            let Ok(line) = lines.try_recv() else { break };
            over = !line.add_to(&mut batch);
        }
        file.write_all(batch.as_bytes())?;
        batch.clear();
    }
    Ok(())
}

impl Line {
    /// Whether there is more to come.
    fn add_to(&self, batch: &mut String) -> bool {
        match self {
            Self::Entry(line) => batch.push_str(line),
            Self::Request(stamp, begun, line) => {
                Event::Request(begun.op, begun.case, &line.to_string()).write(*stamp, batch);
            }
            Self::Over => return false,
        }
        true
    }
}
