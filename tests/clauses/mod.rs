//! The catalogue of clauses, its document, and the defects that break them.

mod answers;
mod bursts;
mod chosen;
mod crashes;
mod feed;
mod kept;
mod keys;
mod lists;
mod order;
mod pages;
mod probes;
mod queries;
mod rebuilds;
mod sessions;
mod spoiled;
mod strangers;
mod versions;
mod waits;

use std::path::Path;

use proofmark::adapter::Reference;
use proofmark::clause::{self, Level, document, page};
use proofmark::protocol::ClauseId;

fn breakers(id: ClauseId) -> Vec<&'static str> {
    let defects = Reference::defects();
    defects.filter(|defect| defect.breaks.contains(&id.as_str())).map(|defect| defect.name).collect()
}

#[test]
fn the_document_is_in_step() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/clauses.md");
    let now = document(breakers);
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        std::fs::write(&path, &now).expect("the document");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == now, "docs/clauses.md is out of step: UPDATE_DOCUMENTS=1 writes it anew");
}

#[test]
fn defects_break_clauses_that_there_are() {
    for defect in Reference::defects() {
        for id in defect.breaks.iter().chain(defect.may_break) {
            let read: ClauseId = id.parse().unwrap_or_else(|error| panic!("{}: {error}", defect.name));
            assert_eq!(read.as_str(), *id, "{}", defect.name);
        }
    }
}

/// What nothing can break here: the order system takes no command in to carry it out later, and in the same process it can't be
/// killed. What crashes show is broken by defects of stores (`tests/cli/crashes.rs`).
const UNBREAKABLE: &[ClauseId] = &[ClauseId::Ch4, ClauseId::Ft2, ClauseId::Ft4];

#[test]
fn what_must_be_kept_and_is_tested_is_broken_by_a_defect() {
    for clause in clause::all().filter(|clause| clause.level == Level::Must && clause.is_tested()) {
        assert_eq!(breakers(clause.id).is_empty(), UNBREAKABLE.contains(&clause.id), "{}", clause.id);
    }
}

#[test]
fn a_page_tells_all_that_is_known() {
    let page = page(clause::of(ClauseId::Ec4), &["drop-event"]);
    for part in ["MUST, suite core", "\nwhy ", "\nsource ", "at least 60 bursts", "chance", "`drop-event`"] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

/// What a clause makes of a story that is told as a case of an experiment.
mod cases {
    use std::sync::Arc;
    use std::time::Duration;

    use proofmark::clause::{Bench, Evidence, Judged, judged};
    use proofmark::contract::Contract;
    use proofmark::history::{Act, HeldUp, Part, Role};
    use proofmark::judge::Settings;
    use proofmark::language::parse_contract;
    use proofmark::protocol::{ClauseId, Command, Doubt, Head, Outcome, Promises, Seen, ShellLine, Unknown};
    use proofmark::text::Source;

    use crate::checking::{Story, orders};

    /// Within which every effect shows.
    pub(super) const BOUND: Duration = Duration::from_millis(20);

    /// What is expected of a clause.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub(super) enum Is {
        /// Something speaks for it, and nothing against it.
        Kept,
        Broken,
        /// Something else is wrong.
        Aside,
        /// It says nothing.
        Nothing,
    }

    /// A case in which these commands raced, by their places.
    #[derive(Default)]
    pub(super) struct Told {
        pub(super) story: Story,
        pub(super) raced: Vec<usize>,
        /// When the machine was held up.
        pub(super) held: Vec<HeldUp>,
        /// Whether others are about.
        pub(super) shared: bool,
        /// What is done for something else than what the case is about, by place.
        pub(super) roles: Vec<(usize, Role)>,
        /// How answers begin over HTTP, by place.
        pub(super) heads: Vec<(usize, Head)>,
        /// Requests as commands for a shell, by place.
        pub(super) requests: Vec<(usize, &'static str)>,
    }

    impl Told {
        /// A command is sent again, to the letter.
        pub(super) fn retries(&mut self, first: usize, said: &str) {
            let Act::Submit { command, .. } = self.story.operations[first].act.clone() else {
                panic!("no command")
            };
            let at = self.story.calls(Command::clone(&command));
            self.story.ends(at, said);
            if let Act::Submit { attempt, .. } = &mut self.story.operations[at].act {
                *attempt = 1;
            }
        }

        /// Commands overlap, and come to this.
        pub(super) fn races(&mut self, racers: Vec<(Command, &str)>) {
            let called: Vec<(usize, &str)> =
                racers.into_iter().map(|(command, said)| (self.story.calls(command), said)).collect();
            for (at, said) in called {
                self.story.ends(at, said);
                self.raced.push(at);
            }
        }

        /// What it was told of an outcome is lost.
        pub(super) fn loses(&mut self, at: usize) {
            let mut lost = Story::default();
            lost.loses(crate::checking::create("lost"));
            if let (Act::Submit { outcome, .. }, Act::Submit { outcome: unknown, .. }) =
                (&mut self.story.operations[at].act, &lost.operations[0].act)
            {
                *outcome = Outcome::clone(unknown);
            }
        }

        pub(super) fn bench(&self) -> Bench {
            let source = Source::read("scenarios/orders/orders.contract").expect("the contract");
            let contract = Arc::new(Contract::resolve(&parse_contract(&source).tree).contract);
            let mut promises = Promises::default();
            promises.bound = BOUND;
            let settings =
                Settings { alone: !self.shared, promises: Arc::new(promises), ..Settings::default() };
            Bench { contract, model: Arc::new(orders()), settings, exclusive: false }
        }

        pub(super) fn parts(&self) -> Vec<Part> {
            let part = |at: usize| {
                let racer = Part { race: Some(0), ..Part::of(0).role(Role::Racer) };
                let role = self.roles.iter().find(|(own, _)| *own == at).map(|(_, role)| *role);
                if self.raced.contains(&at) { racer } else { Part::of(0).role(role.unwrap_or_default()) }
            };
            (0..self.story.operations.len()).map(part).collect()
        }

        #[track_caller]
        pub(super) fn check(&self, experiment: &str, id: ClauseId, expected: Is) -> Judged {
            Self::is(vec![(id, self.judged(experiment, id))], id, expected)
        }

        /// What a clause makes of it.
        #[track_caller]
        pub(super) fn judged(&self, experiment: &str, id: ClauseId) -> Judged {
            let (bench, parts) = (self.bench(), self.parts());
            let all = 0..self.story.operations.len();
            let head =
                |at: usize| self.heads.iter().find(|(own, _)| *own == at).map(|(_, head)| head.clone());
            let request = |at: usize| self.requests.iter().find(|(own, _)| *own == at).map(|(_, line)| *line);
            let line = |at: usize| Some(ShellLine::new(Arc::new(request(at)?)));
            let (heads, requests): (Vec<_>, Vec<_>) = all.map(|at| (head(at), line(at))).unzip();
            let evidence = Evidence::new(&bench, (&self.story.operations, &parts), self.story.ids());
            let evidence = evidence.with_deeds(self.story.deeds.clone()).with_wire(&heads, &requests);
            let all = judged(experiment, &evidence.held_up(self.held.clone()));
            let own = all.into_iter().find(|(own, _)| *own == id);
            own.unwrap_or_else(|| panic!("{id} does not judge it")).1
        }

        /// The last read tells a total.
        pub(super) fn tells_total(&mut self, total: u64) {
            let last = self.story.operations.last_mut().map(|operation| &mut operation.act);
            if let Some(Act::Ask { answer, .. }) = last {
                answer.total = Some(total);
            }
        }

        /// The last read was not answered.
        pub(super) fn breaks_last(&mut self) {
            let last = self.story.operations.last_mut().map(|operation| &mut operation.act);
            if let Some(Act::Ask { answer, .. }) = last {
                answer.seen =
                    Seen::Broken(Unknown { doubt: Doubt::Lost, status: None, detail: "lost".into() });
            }
        }

        /// What a clause makes of a case.
        #[track_caller]
        pub(super) fn is(all: Vec<(ClauseId, Judged)>, id: ClauseId, expected: Is) -> Judged {
            let own = all.into_iter().find(|(own, _)| *own == id);
            let (_, own) = own.unwrap_or_else(|| panic!("{id} does not judge it"));
            let is = match (&own.findings[..], &own.asides[..], &own.counted[..]) {
                ([], [], []) => Is::Nothing,
                ([], [], _) => Is::Kept,
                ([], _, _) => Is::Aside,
                _ => Is::Broken,
            };
            assert_eq!(is, expected, "{own:#?}");
            own
        }
    }
}
