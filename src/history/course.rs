use std::collections::BTreeMap;
use std::io::BufRead;
use std::mem::take;
use std::sync::Arc;
use std::time::Duration;

use super::{Act, Case, CaseEnd, Done, Entry, Operation, Part, ReadError, Reader};
use crate::protocol::{Actor, Head, ShellLine};
use crate::value::{Name, Record, Value};

/// All that a history has of one case: what its judgement rests on.
#[derive(Clone, PartialEq, Debug)]
pub struct Course {
    /// The case.
    pub case: Case,
    /// What its names stood for, in the order in which they were drawn.
    pub names: Vec<(Name, Value)>,
    /// What was done and seen, in the order of the calls.
    pub operations: Vec<Operation>,
    /// For each operation, what it was done for.
    pub parts: Vec<Part>,
    /// For each operation, how its answer over HTTP began, where there was one.
    pub heads: Vec<Option<Head>>,
    /// For each operation, its request as a command for a shell, where the target has one.
    pub requests: Vec<Option<ShellLine>>,
    /// What was done besides commands and queries, in the order in which it was begun.
    pub deeds: Vec<Arc<Done>>,
    /// Who spoke in it beside the default actor, by session.
    pub actors: BTreeMap<u64, Actor>,
    /// From when and until when the machine was held up, on the run's clock, from its first call on.
    pub held: Vec<HeldUp>,
    /// How it ended; nothing where the history ends before it does.
    pub end: Option<CaseEnd>,
}

/// From when and until when, on the run's clock, the machine was held up: so long nobody else was let run either, which is the
/// service, too, where it shares the machine.
pub type HeldUp = (Duration, Duration);

/// What takes effect passes through several hands on its way (the command, a queue, a projection, a read), and each of them may have been
/// held up as often: so many times as long as the machine was held up it may come later.
pub const HELD_AT: u32 = 3;

/// What a history tells case by case.
#[derive(Clone, PartialEq, Debug)]
pub enum Piece {
    /// A case, when it is over; or, where its end is not there, behind all else.
    Course(Box<Course>),
    /// What the job says.
    Word(Arc<str>, Record),
    /// All is over; with what came of it.
    End(Record),
}

/// Reads a history case by case. What it keeps is in proportion to the cases that are open.
#[derive(Debug)]
pub struct Courses<R> {
    reader: Reader<R>,
    open: BTreeMap<u64, Gathered>,
}

#[derive(Debug)]
struct Gathered {
    course: Course,
    /// For each operation, its number.
    numbers: Vec<Option<u64>>,
}

impl<R: BufRead> Courses<R> {
    /// Whatever `reader` reads.
    pub fn new(reader: Reader<R>) -> Self {
        Self { reader, open: BTreeMap::new() }
    }

    /// What it is read by.
    pub fn reader(&self) -> &Reader<R> {
        &self.reader
    }

    fn told(&mut self) -> Result<Option<Piece>, ReadError> {
        while let Some(entry) = self.reader.next().transpose()? {
            match entry {
                Entry::Case(case) => {
                    self.open.insert(case.number, Gathered::of(case));
                }
                Entry::Drawn { case, name, value } => {
                    if let Some(gathered) = self.open.get_mut(&case) {
                        gathered.course.names.push((name, value));
                    }
                }
                Entry::Operation { op, part, operation, head } => {
                    self.keep(part, operation, (Some(op), head));
                }
                Entry::Quiet(part, quiet, stamp) => {
                    let quiet =
                        Operation { client: 0, call: stamp, end: Some(stamp), act: Act::Quiet(quiet) };
                    self.keep(part, quiet, (None, None));
                }
                Entry::Request { op, case, line } => {
                    if let Some(gathered) = case.and_then(|case| self.open.get_mut(&case)) {
                        gathered.request(op, line);
                    }
                }
                Entry::CaseEnd(case, end) => {
                    if let Some(gathered) = self.open.remove(&case) {
                        return Ok(Some(Piece::Course(Box::new(gathered.over(Some(end))))));
                    }
                }
                Entry::Word(what, data) => return Ok(Some(Piece::Word(what, data))),
                Entry::End(data) => return Ok(Some(Piece::End(data))),
                Entry::Done(done) => {
                    if let Some(gathered) = done.part.case.and_then(|case| self.open.get_mut(&case)) {
                        gathered.course.deeds.push(Arc::new(done));
                    }
                }
                Entry::Session { client, case: Some(case), actor } if actor != Actor::Default => {
                    if let Some(gathered) = self.open.get_mut(&case) {
                        gathered.course.actors.insert(client, actor);
                    }
                }
                Entry::Held(from, to) => {
                    for gathered in self.open.values_mut() {
                        gathered.course.held.push((from, to));
                    }
                }
                Entry::Session { .. } | Entry::Step { .. } | Entry::Released { .. } => {}
            }
        }
        Ok(self.open.pop_first().map(|(_, gathered)| Piece::Course(Box::new(gathered.over(None)))))
    }

    fn keep(&mut self, part: Part, operation: Operation, (number, head): (Option<u64>, Option<Head>)) {
        if let Some(gathered) = part.case.and_then(|case| self.open.get_mut(&case)) {
            gathered.course.operations.push(operation);
            gathered.course.parts.push(part);
            gathered.course.heads.push(head);
            gathered.course.requests.push(None);
            gathered.numbers.push(number);
        }
    }
}

impl<R: BufRead> Iterator for Courses<R> {
    type Item = Result<Piece, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.told().transpose()
    }
}

impl Gathered {
    fn of(case: Case) -> Self {
        let course = Course {
            case,
            names: Vec::new(),
            operations: Vec::new(),
            parts: Vec::new(),
            heads: Vec::new(),
            requests: Vec::new(),
            deeds: Vec::new(),
            actors: BTreeMap::new(),
            held: Vec::new(),
            end: None,
        };
        Self { course, numbers: Vec::new() }
    }

    /// A request stands a few lines behind its answer.
    fn request(&mut self, op: u64, line: String) {
        if let Some(at) = self.numbers.iter().rposition(|number| *number == Some(op)) {
            self.course.requests[at] = Some(ShellLine::new(Arc::new(line)));
        }
    }

    /// Operations are read as they end, and told as they were called.
    fn over(mut self, end: Option<CaseEnd>) -> Course {
        let course = &mut self.course;
        let (operations, parts) = (take(&mut course.operations), take(&mut course.parts));
        let (requests, heads) = (take(&mut course.requests), take(&mut course.heads));
        let mut order: Vec<usize> = (0..operations.len()).collect();
        order.sort_by_key(|at| operations[*at].call.index);
        let (mut operations, mut requests, mut heads) = (some(operations), some(requests), some(heads));
        course.deeds.sort_by_key(|done| done.call.index);
        Course {
            operations: order.iter().filter_map(|at| operations[*at].take()).collect(),
            parts: order.iter().map(|at| parts[*at]).collect(),
            heads: order.iter().filter_map(|at| heads[*at].take()).collect(),
            requests: order.iter().filter_map(|at| requests[*at].take()).collect(),
            end,
            ..self.course
        }
    }
}

fn some<T>(all: Vec<T>) -> Vec<Option<T>> {
    all.into_iter().map(Some).collect()
}
