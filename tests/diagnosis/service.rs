//! A service that keeps its rules but for one fault, as operations: the model decides and answers, and the fault changes what.

use proofmark::contract::rules::{Decision, Expected, Interpreted, Model as _, Shown, World, told_row};
use proofmark::protocol::{Command, Query};
use proofmark::value::{Number, Record, Value};

use super::fault::Fault;
use crate::checking::Story;
use crate::model::{command, query, written};

pub(super) const CONTRACT: &str = r#"contract tasks

aggregate Task
  state status: absent | open | done
  state title: string = ""
  state note: string = ""
  state amount: decimal = 0

  command CreateTask { title: string, note: string, amount: decimal }
    reject TaskExists when self.status != absent
    set status = open
    set title = title
    set note = note
    set amount = amount

  command RenameTask { title: string }
    reject TaskNotOpen when self.status != open
    set title = title

  command AddAmount { amount: decimal }
    reject TaskNotOpen when self.status != open
    set amount = self.amount + amount

  command MoveAmount { to: Task, amount: decimal }
    reject TaskNotOpen when self.status != open
    reject SameTask when to == self
    reject ReceiverNotOpen when to.status != open
    reject TooLittle when amount > self.amount
    set amount = self.amount - amount
    set to.amount = to.amount + amount

  command CloseTask
    reject TaskNotOpen when self.status != open
    set status = done

  query GetTask
    absent when self.status == absent
    shows { task: self.id, title: self.title, note: self.note, amount: self.amount, status: self.status }

  query GetCard
    absent when self.status == absent
    shows { task: self.id, title: self.title, amount: self.amount }

view ListTasks
  of Task where self.status != absent
  shows { task: self.id, title: self.title }
  oldest first
"#;

/// The tasks of a course.
const TASKS: [&str; 3] = ["task-one", "task-two", "task-six"];

/// A service with a fault.
pub(super) struct Service {
    pub(super) model: Interpreted,
    fault: Fault,
    /// What decides.
    write: World<Record>,
    /// Each command that was accepted and took effect, in order: what read models are fed with.
    log: Vec<Command>,
    /// What `GetTask` is fed with.
    own: Vec<Command>,
    sent: usize,
}

impl Service {
    pub(super) fn new(fault: Fault) -> Self {
        let (write, log, own) = (World::new(), Vec::new(), Vec::new());
        Self { model: written(CONTRACT), fault, write, log, own, sent: 0 }
    }

    /// A course of so many commands drawn by `draw`, with everything read at rest: behind each command, or at the end.
    pub(super) fn course(
        mut self,
        mut draw: impl FnMut(usize) -> usize,
        length: usize,
        often: bool,
    ) -> Story {
        let mut story = Story::default();
        for number in 0..length {
            let command = Self::drawn(number, &mut draw);
            let said = self.decides(&command);
            story.does(command, &said);
            if often || number + 1 == length {
                story.rests();
                self.is_read(&mut story);
            }
        }
        story
    }

    fn drawn(number: usize, draw: &mut impl FnMut(usize) -> usize) -> Command {
        let on = TASKS[draw(TASKS.len())];
        let to = TASKS[draw(TASKS.len())];
        let text = |what: &str| format!("{what} number {number}");
        let amount = format!("{}.{number:02}", 1 + draw(9));
        match draw(8) {
            0..=2 => {
                let (title, note) = (text("title"), text("note"));
                let fields = format!(r#"{{"title": "{title}", "note": "{note}", "amount": {amount}}}"#);
                command("CreateTask", on, &fields)
            }
            3 | 4 => command("RenameTask", on, &format!(r#"{{"title": "{}"}}"#, text("title"))),
            5 => command("AddAmount", on, &format!(r#"{{"amount": {amount}}}"#)),
            6 => command("MoveAmount", on, &format!(r#"{{"to": "{to}", "amount": {amount}}}"#)),
            _ => command("CloseTask", on, "{}"),
        }
    }

    /// What it says to a command, which has its effect.
    fn decides(&mut self, command: &Command) -> String {
        self.sent += 1;
        let decisions = self.model.decide(&self.write, command).expect("a decision");
        let name = &*command.name;
        let refused = decisions.iter().find_map(|decision| match decision {
            Decision::Rejected(code) => Some(code.to_string()),
            Decision::Accepted(_) => None,
        });
        let holds = |at_least: u64| {
            let entry = self.write.get(&"Task".into(), command.on.as_ref().expect("an aggregate"));
            let amount = entry.and_then(|entry| entry.state.get("amount")).and_then(Value::as_number);
            amount.is_some_and(|amount| *amount >= Number::from(at_least))
        };
        let third = self.sent.is_multiple_of(3);
        match (self.fault, refused) {
            (Fault::RuleMissing, Some(_)) if name == "CloseTask" => {}
            (Fault::OtherName, Some(code)) if code == "TaskNotOpen" => return "TaskExists".into(),
            (Fault::WriteKnowsRefused, Some(code)) => {
                if name == "RenameTask" {
                    self.takes(command, true);
                }
                return code;
            }
            (Fault::ReadKnowsRefused, Some(code)) => {
                if name == "RenameTask" {
                    self.own.push(command.clone());
                }
                return code;
            }
            (_, Some(code)) => return code,
            (Fault::RuleTooWide, None) if name == "AddAmount" && holds(3) => return "TaskNotOpen".into(),
            (Fault::Conflicts, None) if name == "AddAmount" && third => return "ConcurrencyConflict".into(),
            (_, None) => {}
        }
        self.takes(command, false);
        "accepted".into()
    }

    fn takes(&mut self, command: &Command, refused: bool) {
        let name = &*command.name;
        let times = match self.fault {
            Fault::WriteIgnores if name == "RenameTask" => 0,
            Fault::WriteDoubles if name == "AddAmount" => 2,
            _ => 1,
        };
        for _ in 0..times {
            self.write = self.effect(&self.write, command, self.fault == Fault::WriteHalves, false);
            self.log.push(command.clone());
        }
        let third = self.sent.is_multiple_of(3);
        let times = match self.fault {
            Fault::ReadIgnores if name == "RenameTask" => 0,
            Fault::ReadLoses if third && !refused => 0,
            Fault::ReadDoubles if name == "AddAmount" => 2,
            _ => times,
        };
        self.own.extend(std::iter::repeat_n(command.clone(), times));
        if self.fault == Fault::ReadSwaps && third && self.own.len() > 1 {
            let last = self.own.len() - 1;
            self.own.swap(last - 1, last);
        }
    }

    /// The world behind a command; of one that moves an amount, only what it takes, or only what it gives.
    fn effect(&self, world: &World<Record>, command: &Command, takes: bool, gives: bool) -> World<Record> {
        let behind =
            self.model.unrefused(world, command).expect("rules").map_or(world.clone(), |done| done.world);
        if *command.name != *"MoveAmount" || !(takes || gives) {
            return behind;
        }
        let keeps = if takes { command.fields.get("to") } else { command.on.as_ref() };
        let mut torn = behind.clone();
        if let Some(entry) = keeps.and_then(|id| world.get(&"Task".into(), id)) {
            torn.put(entry.clone());
        }
        torn
    }

    fn behind(&self, log: &[Command], gives: bool) -> World<Record> {
        let takes = self.fault == Fault::WriteHalves;
        log.iter().fold(World::new(), |world, command| self.effect(&world, command, takes, gives))
    }

    /// Everything is read.
    fn is_read(&self, story: &mut Story) {
        let (own, all) =
            (self.behind(&self.own, self.fault == Fault::ReadHalves), self.behind(&self.log, false));
        for on in TASKS {
            let task = query("GetTask", Some(on), "{}");
            if self.fault == Fault::ReadLate {
                let before = self.behind(&self.own[..self.own.len().saturating_sub(1)], false);
                story.reads(task.clone(), &self.shown(&before, &task));
            }
            story.reads(task.clone(), &self.shown(&own, &task));
            let card = query("GetCard", Some(on), "{}");
            story.reads(card.clone(), &self.shown(&all, &card));
        }
        let list = query("ListTasks", None, "{}");
        story.reads(list.clone(), &self.shown(&all, &list));
    }

    fn shown(&self, world: &World<Record>, query: &Query) -> String {
        let value = |row: &[(std::sync::Arc<str>, Shown)]| told_row(&row.to_vec());
        match self.model.answer(world, query).expect("an answer") {
            Expected::Shows(row) if *query.name == *"GetTask" => self.changed(world, &value(&row)).to_json(),
            Expected::Shows(row) => value(&row).to_json(),
            Expected::Rows(rows) => {
                let mut rows: Vec<Value> = rows.rows.iter().map(|row| value(row)).collect();
                match self.fault {
                    Fault::ListTurns => rows.reverse(),
                    Fault::ListLacks => {
                        let renamed = |row: &Value| {
                            self.log.iter().any(|command| {
                                *command.name == *"RenameTask" && command.on.as_ref() == row.get("task")
                            })
                        };
                        rows.retain(|row| !renamed(row));
                    }
                    _ => {}
                }
                rows.into_iter().collect::<Value>().to_json()
            }
            _ => "absent".into(),
        }
    }

    /// What `GetTask` makes of a row.
    fn changed(&self, world: &World<Record>, row: &Value) -> Value {
        let mut shown = row.as_record().expect("a record").clone();
        match self.fault {
            Fault::ReadCuts => {
                let whole = shown.get("amount").and_then(Value::as_number).and_then(Number::decimal);
                let whole = whole.expect("an amount").trunc();
                shown.insert("amount", Value::Number(whole.into()));
            }
            Fault::ReadExchanges => {
                let (title, note) = (shown.get("title").cloned(), shown.get("note").cloned());
                shown.insert("title", note.expect("a note"));
                shown.insert("note", title.expect("a title"));
            }
            Fault::ReadForeign => {
                let other = world.entries().iter().find(|entry| Some(&entry.id) != shown.get("task"));
                if let Some(note) = other.and_then(|other| other.state.get("note")) {
                    shown.insert("note", note.clone());
                }
            }
            Fault::ReadKeeps if shown.get("status") == Some(&Value::from("done")) => {
                let on = shown.get("task").expect("an id");
                let made = self
                    .log
                    .iter()
                    .find(|command| *command.name == *"CreateTask" && command.on.as_ref() == Some(on));
                let title = made.and_then(|made| made.fields.get("title")).expect("a title").clone();
                shown.insert("title", title);
            }
            _ => {}
        }
        Value::Record(shown)
    }
}
