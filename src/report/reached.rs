//! Which of the rules and transitions that a contract has came up, in words.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::contract::explore::{Chart, Fired};
use crate::contract::rules::Interpreted;
use crate::judge::Coverage;

/// What could come up.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Reachable {
    /// For each command its rejections' codes, in file order; two rules may have one code.
    pub rules: Vec<(Arc<str>, Vec<String>)>,
    /// The transitions in the order of their numbers.
    pub transitions: Vec<Transition>,
}

/// A command in a state, and what comes of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transition {
    /// The command.
    pub command: Arc<str>,
    /// Whether it is accepted.
    pub accepted: bool,
    /// What refuses it: a code, or `several rules`.
    pub decided: String,
    /// The state it is sent in.
    pub from: String,
    /// The state behind it.
    pub to: String,
}

/// How many transitions of one command there are, how many of them were taken, and how often.
#[derive(Clone, Copy, Default)]
struct Taken {
    all: usize,
    met: usize,
    times: u64,
}

impl Taken {
    fn add(&mut self, times: u64) {
        self.all += 1;
        self.met += usize::from(times > 0);
        self.times += times;
    }

    fn words(self) -> String {
        if self.all == 0 { "–".into() } else { format!("{} of {} ×{}", self.met, self.all, self.times) }
    }
}

impl Reachable {
    /// What rules and transitions there are.
    pub fn of(model: &Interpreted, chart: &Chart) -> Self {
        let of_command = |name: &str| {
            let rejects = model.rules(name).map(|rules| rules.rejects.iter());
            rejects.into_iter().flatten().map(|reject| reject.code.text.to_string()).collect()
        };
        let commands = model.contract().commands();
        let transitions = chart.transitions().map(|(graph, edge)| Transition {
            command: edge.sent.name.clone(),
            accepted: edge.fired == Fired::Accepted,
            decided: edge.fired.in_words(model, &edge.sent.name),
            from: graph.nodes[edge.from].label.replace('\n', "; "),
            to: graph.nodes[edge.to].label.replace('\n', "; "),
        });
        Self {
            rules: commands.map(|command| (command.name.clone(), of_command(&command.name))).collect(),
            transitions: transitions.collect(),
        }
    }

    /// How often rules of that code alone refused a command; nothing for codes that no rule has.
    pub(super) fn alone(&self, coverage: &Coverage, command: &str, code: &str) -> Option<u64> {
        let (name, codes) = self.rules.iter().find(|(name, _)| **name == *command)?;
        let own = codes.iter().enumerate().filter(|(_, known)| *known == code);
        let counts: Vec<u64> =
            own.map(|(at, _)| coverage.rules.get(&(name.clone(), at)).map_or(0, |rule| rule.alone)).collect();
        (!counts.is_empty()).then(|| counts.iter().sum())
    }

    /// The names of the rules that never refused anything; and of those that did, but never alone.
    pub(super) fn rules_never(&self, coverage: &Coverage) -> (Vec<String>, Vec<String>) {
        let (mut never, mut not_alone) = (Vec::new(), Vec::new());
        for (command, codes) in &self.rules {
            for (at, code) in codes.iter().enumerate() {
                let count = coverage.rules.get(&(command.clone(), at)).copied().unwrap_or_default();
                // Where several rules have one code, which of them it is.
                let nth = codes[..at].iter().filter(|known| *known == code).count() + 1;
                let several = codes.iter().filter(|known| *known == code).count() > 1;
                let which = if several { format!(" ({nth})") } else { String::new() };
                let name = format!("{command} {code}{which}");
                match (count.fired, count.alone) {
                    (0, _) => never.push(name),
                    (_, 0) => not_alone.push(name),
                    _ => {}
                }
            }
        }
        (never, not_alone)
    }

    /// Which transitions were taken, for each command; and where they are listed, each.
    pub(super) fn taken(&self, coverage: &Coverage, listed: bool, out: &mut String) {
        if self.transitions.is_empty() {
            return;
        }
        let times = |at: usize| coverage.transitions.get(&at).copied().unwrap_or(0);
        let mut commands: BTreeMap<&str, [Taken; 2]> = BTreeMap::new();
        let mut all = Taken::default();
        for (at, transition) in self.transitions.iter().enumerate() {
            all.add(times(at));
            let counts = commands.entry(&transition.command).or_default();
            counts[usize::from(!transition.accepted)].add(times(at));
        }
        let _ = writeln!(out, "transitions between states: {} of {} taken", all.met, all.all);
        let names = self.rules.iter().map(|(name, _)| &**name);
        let head = ["command", "accepted", "refused"].map(str::to_owned);
        let rows = names.filter_map(|name| {
            let [accepted, refused] = commands.get(name)?.map(Taken::words);
            Some([name.to_owned(), accepted, refused])
        });
        let rows: Vec<[String; 3]> = std::iter::once(head).chain(rows).collect();
        let [first, second] =
            [0, 1].map(|at| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0));
        for [name, accepted, refused] in &rows {
            let _ = writeln!(out, "{name:<first$}  {accepted:<second$}  {refused}");
        }
        if listed {
            self.list(&times, out);
        } else if all.met < all.all {
            out.push_str("(`--transitions` lists each; `--strategy transitions` takes them one by one)\n");
        }
        out.push('\n');
    }

    /// Each transition with how often it was taken, state by state.
    fn list(&self, times: &impl Fn(usize) -> u64, out: &mut String) {
        let mut states: Vec<&str> = Vec::new();
        for transition in &self.transitions {
            if !states.contains(&&*transition.from) {
                states.push(&transition.from);
            }
        }
        for state in states {
            let _ = writeln!(out, "\nin {state}");
            for (at, transition) in self.transitions.iter().enumerate().filter(|(_, t)| t.from == state) {
                let Transition { command, decided, to, .. } = transition;
                let count = match times(at) {
                    0 => "never".to_owned(),
                    times => times.to_string(),
                };
                let what = match (transition.accepted, *to == transition.from) {
                    (false, _) => format!("refused by {decided}"),
                    (true, true) => "stays".to_owned(),
                    (true, false) => format!("→ {to}"),
                };
                let _ = writeln!(out, "  {count:>8}  {command} {what}");
            }
        }
    }
}
