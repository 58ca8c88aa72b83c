use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::Clock;
use super::memory::{Memory, Remembered, What};
use crate::adapter::Malformation;
use crate::history::{Event, Header, Stamp, write_entry, write_header};
use crate::protocol::{Answer, Command, Outcome, Query};
use crate::value::Record;

/// What every history begins with.
const HISTORY_START: &[u8; 5] = b"{\"h\":";

/// Written in one go at most, so that what waits in memory stays small.
const BATCH_BYTES: usize = 64 * 1024;

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
    /// Nothing where nothing is written down.
    lines: Option<Sender<String>>,
    /// Nothing where nobody will ask.
    memory: Option<Memory>,
}

/// The writing end of a [`Recorder`].
#[derive(Debug)]
pub struct HistoryFile {
    path: PathBuf,
    /// An empty line ends the history: recorders may outlive it in tasks that are being stopped.
    end: Sender<String>,
    writer: JoinHandle<io::Result<()>>,
}

/// An operation that has begun.
#[derive(Clone, Copy, Debug)]
pub struct Begun {
    op: u64,
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
    pub fn begin(path: &Path, header: &Header<'_>, clock: Arc<dyn Clock>) -> io::Result<(Self, HistoryFile)> {
        refuse_to_overwrite(path)?;
        let mut file = File::create(path)?;
        let mut first = String::new();
        write_header(header, &mut first);
        let (lines, received) = channel();
        // Nobody else holds the channel yet, so this can't fail.
        let _ = lines.send(first);
        let writer = std::thread::Builder::new()
            .name("history".into())
            .spawn(move || write_lines(&received, &mut file))?;
        let counter = || AtomicU64::new(0);
        let end = lines.clone();
        let recorder = Self {
            clock,
            index: counter(),
            operations: counter(),
            clients: counter(),
            lines: Some(lines),
            memory: None,
        };
        Ok((recorder, HistoryFile { path: path.to_owned(), end, writer }))
    }

    /// One that writes nothing down: it only says when and in which order things happened.
    pub fn unwritten(clock: Arc<dyn Clock>) -> Self {
        let counter = || AtomicU64::new(0);
        Self { clock, index: counter(), operations: counter(), clients: counter(), lines: None, memory: None }
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

    /// A command is about to be sent that was made wrong. It is no operation, and so only remembered.
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
            memory.submitted(index, outcome);
        }
    }

    /// The number of a new session.
    pub fn client(&self) -> u64 {
        self.clients.fetch_add(1, Ordering::Relaxed)
    }

    /// A command is about to be sent.
    pub fn submit(&self, client: u64, attempt: u32, command: &Command) -> Begun {
        let op = self.operations.fetch_add(1, Ordering::Relaxed);
        let Stamp { index, at } = self.write(Event::Submit { op, client, attempt, command });
        if let Some(memory) = &self.memory {
            memory.begins(index, client, What::Submitted(command.clone()));
        }
        Begun { op, index, at }
    }

    /// A query is about to be asked.
    pub fn ask(&self, client: u64, query: &Query) -> Begun {
        let op = self.operations.fetch_add(1, Ordering::Relaxed);
        let Stamp { index, at } = self.write(Event::Ask { op, client, query });
        if let Some(memory) = &self.memory {
            memory.begins(index, client, What::Asked(query.clone()));
        }
        Begun { op, index, at }
    }

    /// A command has ended. Returns when, and at which place in the history.
    pub fn outcome(&self, begun: Begun, outcome: &Outcome) -> Stamp {
        if let Some(memory) = &self.memory {
            memory.submitted(begun.index, outcome);
        }
        self.write(Event::Outcome(begun.op, outcome))
    }

    /// A query has been answered. Returns when, and at which place in the history.
    pub fn answer(&self, begun: Begun, answer: &Answer) -> Stamp {
        if let Some(memory) = &self.memory {
            memory.asked(begun.index, answer);
        }
        self.write(Event::Answer(begun.op, answer))
    }

    /// Something beside operations. Returns when, and at which place in the history.
    pub fn mark(&self, what: &str, data: &Record) -> Stamp {
        self.write(Event::Mark(what, data))
    }

    fn write(&self, event: Event<'_>) -> Stamp {
        let index = self.index.fetch_add(1, Ordering::Relaxed);
        let at = self.clock.now();
        let stamp = Stamp { index, at };
        if let Some(lines) = &self.lines {
            let mut line = String::with_capacity(256);
            write_entry(stamp, event, &mut line);
            // The writer ends early only when the disk refuses; `HistoryFile::finish` tells of it.
            let _ = lines.send(line);
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
        let _ = self.end.send(String::new());
        match self.writer.join() {
            Ok(written) => written.map(|()| self.path),
            Err(_) => Err(io::Error::other("the history's writer panicked")),
        }
    }
}

/// An old history may be replaced; whatever else is there was meant for something else.
fn refuse_to_overwrite(path: &Path) -> io::Result<()> {
    let Ok(kind) = std::fs::metadata(path) else { return Ok(()) };
    if !kind.is_file() || kind.len() == 0 {
        return Ok(());
    }
    let mut start = [0; HISTORY_START.len()];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut start));
    if read.is_ok() && start == *HISTORY_START {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "there is a file already, and it is no history"))
}

fn write_lines(lines: &Receiver<String>, file: &mut File) -> io::Result<()> {
    let mut batch = String::with_capacity(BATCH_BYTES);
    let mut over = false;
    while !over {
        let Ok(line) = lines.recv() else { break };
        over = line.is_empty();
        batch.push_str(&line);
        if !over {
            std::thread::sleep(GATHERING);
        }
        while !over && batch.len() < BATCH_BYTES {
            let Ok(line) = lines.try_recv() else { break };
            over = line.is_empty();
            batch.push_str(&line);
        }
        file.write_all(batch.as_bytes())?;
        batch.clear();
    }
    Ok(())
}
