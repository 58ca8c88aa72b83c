//! A process that is killed while it writes (SIGKILL, at a point drawn from a seed), and what the next one finds:
//! all that was acknowledged, nothing half-applied, read models that catch up, and keys that answer as before.
//!
//! `KILLS` says how often for each store, write model and pattern; 3 unless it is set.

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use reference_impl::application::{
    Envelope, GetOrderAuditTrail, GetOrderDetails, ListCustomerOrders, Receipt, ReplayMark,
};
use reference_impl::domain::{AddItem, CreateOrder, Item, OrderCommand, OrderId, ReplaceItem};
use reference_impl::seed::Seed;
use reference_impl::store::{Position, Version};
use reference_impl::{OrderSystem, SyncMode};
use reference_stores::WriteModel::State;
use reference_stores::{Options, ProjectedBy};
use rust_decimal::Decimal;
use tokio::task::JoinSet;

use crate::courses::order;
use crate::place::Place;

const LONG: Duration = Duration::from_secs(60);
pub(crate) const SOON: SyncMode =
    SyncMode::Eventual { lag: Duration::from_millis(1), jitter: Duration::ZERO };
/// How many write at the same time.
pub(crate) const WRITERS: u64 = 8;
/// How many commands each order gets, its creation among them.
const COMMANDS: u64 = 6;
/// A kill comes after at most so many acknowledgements.
const MOST_ACKNOWLEDGED: u64 = 120;
/// And at most so much later. An acknowledgement ends one group commit and begins the next: a kill that
/// always came with it would always find the same part of a commit under way, and on a fast machine none.
const MOST_LATER_MICROS: u64 = 8_000;

/// How the read models follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pattern {
    Transaction,
    Triggers,
    EventsBeforeTheAnswer,
    EventsInTheBackground,
}

impl Pattern {
    fn named(name: &str) -> Self {
        let all =
            [Self::Transaction, Self::Triggers, Self::EventsBeforeTheAnswer, Self::EventsInTheBackground];
        all.into_iter().find(|pattern| format!("{pattern:?}") == name).expect("a pattern")
    }

    pub(crate) fn projected_by(self) -> ProjectedBy {
        match self {
            Self::Transaction => ProjectedBy::Transaction,
            Self::Triggers => ProjectedBy::Triggers,
            Self::EventsBeforeTheAnswer | Self::EventsInTheBackground => ProjectedBy::Events,
        }
    }

    pub(crate) fn sync(self) -> SyncMode {
        if self == Self::EventsInTheBackground { SOON } else { SyncMode::Strong }
    }
}

/// The `number`-th command of a writer in a round: on which order, what, and under which key.
pub(crate) fn command(round: u64, writer: u64, number: u64) -> Envelope<OrderCommand> {
    let order = order_of(round, writer, number / COMMANDS);
    let key = format!("{round}-{writer}-{number}");
    let command = match number % COMMANDS {
        0 => {
            let items = vec![Item::new("first", 1, Decimal::ONE)];
            CreateOrder { customer: customer(round, writer).as_str().into(), items }.into()
        }
        // Two events, or none.
        3 => ReplaceItem {
            product: format!("p-{}", number - 1).into(),
            replacement: format!("p-{number}").into(),
            quantity: 1,
            price: Decimal::ONE,
        }
        .into(),
        _ => AddItem { product: format!("p-{number}").into(), quantity: 1, price: Decimal::ONE }.into(),
    };
    Envelope::new(order, command).with_key(key)
}

fn order_of(round: u64, writer: u64, number: u64) -> OrderId {
    order((u128::from(round + 1) << 80) | (u128::from(writer) << 64) | u128::from(number))
}

fn customer(round: u64, writer: u64) -> String {
    format!("customer-{round}-{writer}")
}

/// What the process does that is killed. It says each acknowledgement on a line of its own, and then only
/// goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the other tests here, to be killed"]
async fn writes_until_it_is_killed() {
    let variable = |name| std::env::var(name).unwrap_or_default();
    let Ok(address) = variable("KILLED_STORE").parse() else { return };
    let round = variable("KILLED_ROUND").parse().expect("a number");
    let pattern = Pattern::named(&variable("KILLED_PATTERN"));
    let defects = variable("KILLED_DEFECT");
    let defects = defects.split_whitespace().map(|name| name.parse().expect("a defect")).collect();
    let options = Options { projected_by: pattern.projected_by(), defects, ..Options::default() };
    let stores = reference_stores::open(&address, &options).await.expect("opened");
    let system = OrderSystem::builder().sync(pattern.sync()).open(stores).await.expect("opened");
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let system = system.clone();
        writers.spawn(async move {
            for number in 0_u64.. {
                let receipt = system.send(command(round, writer, number)).await.expect("accepted");
                let line = format!("\nack {writer} {number} {} {}\n", receipt.version, receipt.position);
                std::io::stdout().lock().write_all(line.as_bytes()).expect("heard");
            }
        });
    }
    writers.join_all().await;
}

/// What was acknowledged of each writer's commands, in their order.
pub(crate) type Acknowledged = Vec<Vec<(Version, Position)>>;

/// When a process is killed.
#[derive(Debug, Clone, Copy)]
struct Kill {
    /// After so many acknowledgements.
    acknowledged: u64,
    /// And so much later.
    later: Duration,
}

impl Kill {
    fn drawn(seed: Seed, round: u64) -> Self {
        let later = seed.derive("later").draw(round) % MOST_LATER_MICROS;
        Self { acknowledged: 1 + seed.draw(round) % MOST_ACKNOWLEDGED, later: Duration::from_micros(later) }
    }
}

/// Has the process write, and kills it.
fn write_and_kill(place: &Place, round: u64, pattern: Pattern, kill: Kill) -> Acknowledged {
    let mut process = Writing::start(place, round, pattern);
    for _ in 0..kill.acknowledged {
        assert!(process.hear(), "it ended by itself: {}", process.killed().1);
    }
    std::thread::sleep(kill.later);
    process.killed().0
}

/// A process that writes.
pub(crate) struct Writing {
    child: Child,
    output: Lines<BufReader<ChildStdout>>,
    acknowledged: Acknowledged,
}

impl Writing {
    pub(crate) fn start(place: &Place, round: u64, pattern: Pattern) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "killed::writes_until_it_is_killed", "--ignored", "--nocapture"])
            .env("KILLED_STORE", place.url())
            .env("KILLED_ROUND", round.to_string())
            .env("KILLED_PATTERN", format!("{pattern:?}"))
            .env("KILLED_DEFECT", place.defects().join(" "))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("started");
        let output = BufReader::new(child.stdout.take().expect("its output")).lines();
        let acknowledged = vec![Vec::new(); usize::try_from(WRITERS).expect("small")];
        Self { child, output, acknowledged }
    }

    /// Waits for the next acknowledgement; false if there is none any more.
    pub(crate) fn hear(&mut self) -> bool {
        for line in self.output.by_ref() {
            let line = line.unwrap_or_default();
            let Some(said) = line.strip_prefix("ack ") else { continue };
            // The last line may have been cut off: whoever says half of a number has said nothing.
            let numbers: Vec<u64> = said.split(' ').filter_map(|number| number.parse().ok()).collect();
            let [writer, number, version, position] = numbers[..] else { continue };
            let of_writer: &mut Vec<_> = &mut self.acknowledged[usize::try_from(writer).expect("small")];
            assert_eq!(of_writer.len() as u64, number, "a writer's commands come one after the other");
            of_writer.push((Version::new(version), Position::new(position)));
            return true;
        }
        false
    }

    /// Kills it. What it said before it died counts, even if it is read after that. Gives that, and what it complained of.
    pub(crate) fn killed(mut self) -> (Acknowledged, String) {
        self.child.kill().expect("killed");
        while self.hear() {}
        let output = self.child.wait_with_output().expect("ended");
        (self.acknowledged, String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// Holds what is there against what was acknowledged.
pub(crate) async fn check(system: &OrderSystem, round: u64, acknowledged: &Acknowledged) {
    for (writer, acknowledged) in (0..).zip(acknowledged) {
        for (number, (version, position)) in (0..).zip(acknowledged) {
            let (command, replay) = (command(round, writer, number), ReplayMark::default());
            let receipt = Receipt { order: command.order, version: *version, position: *position };
            let again = system.send(command.noting_replay(&replay)).await;
            assert_eq!(
                (again, replay.is_set()),
                (Ok(receipt), true),
                "{round}-{writer}-{number} was acknowledged"
            );
        }
        // The one that was under way: it has happened or not, and now it has, once.
        let under_way = acknowledged.len() as u64;
        system.send(command(round, writer, under_way)).await.expect("accepted");
        orders_are_whole(system, round, writer, under_way).await;
    }
    system.wait_caught_up(LONG).await.expect("the read models catch up");
    for status in system.read_models() {
        assert_eq!(Ok(status.position), system.head().await, "{} is where the log is", status.name);
    }
    let mut shown = Vec::new();
    for _ in 0..2 {
        let mut rows = Vec::new();
        for (writer, acknowledged) in (0..).zip(acknowledged) {
            let last = acknowledged.len() as u64 / COMMANDS;
            let listed = system.ask(ListCustomerOrders::new(customer(round, writer).as_str()).page(1, 100));
            let listed = listed.await.expect("an answer").value;
            assert_eq!(listed.total_count as u64, last + 1);
            for number in 0..=last {
                let details = GetOrderDetails { order: order_of(round, writer, number) };
                rows.push((system.ask(details).await.expect("an answer").value, listed.rows.clone()));
            }
        }
        shown.push(rows);
        for name in ["order_summary", "customer_orders"] {
            system.rebuild(name).await.expect("rebuilt");
        }
    }
    assert_eq!(shown[0], shown[1], "the read models are what the log says");
}

/// Each command up to `last` has had its effect once, and whole.
async fn orders_are_whole(system: &OrderSystem, round: u64, writer: u64, last: u64) {
    for number in 0..=last / COMMANDS {
        let order = order_of(round, writer, number);
        let trail = system.ask(GetOrderAuditTrail { order }).await.expect("an answer").value;
        let commands = (last - number * COMMANDS + 1).min(COMMANDS);
        // Each is one event, but for the fourth, which is two.
        let expected = commands + u64::from(commands > 3);
        assert_eq!(trail.len() as u64, expected, "{round}-{writer}, order {number}: {trail:#?}");
    }
}

async fn survives(place: Place, pattern: Pattern) {
    let place = place.projected_by(pattern.projected_by());
    // From here on the database says what it keeps.
    drop(place.stores().await);
    let kills: u64 = std::env::var("KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(3);
    let seed = Seed::new(1).derive(&format!("{pattern:?}"));
    for round in 0..kills {
        let acknowledged = write_and_kill(&place, round, pattern, Kill::drawn(seed, round));
        let system = place.open(pattern.sync()).await;
        check(&system, round, &acknowledged).await;
    }
}

/// How often a process is killed, at most, until the bug shows.
const MOST_KILLS: u64 = 100;

/// The bugs that it takes a crash to see: sooner or later one shows, by what is checked above.
async fn a_kill_finds(defect: &str, place: Place, pattern: Pattern) {
    let place = Arc::new(place.projected_by(pattern.projected_by()).with_defect(defect));
    drop(place.stores().await);
    let seed = Seed::new(1).derive(defect);
    for round in 0..MOST_KILLS {
        let (written, kill) = (Arc::clone(&place), Kill::drawn(seed, round));
        let writing = tokio::task::spawn_blocking(move || write_and_kill(&written, round, pattern, kill));
        // Where an answer comes too early, the writer's next command can be refused already.
        let Ok(acknowledged) = writing.await else { return };
        let system = place.open(pattern.sync()).await;
        let checked = tokio::spawn(async move { check(&system, round, &acknowledged).await });
        if checked.await.is_err_and(|error| error.is_panic()) {
            return;
        }
    }
    panic!("{defect} never showed");
}

/// Each bug in each of these places. Between two commits of a server on this machine, a kill comes too seldom to be waited for:
/// `between.rs` makes that moment there.
macro_rules! found {
    ($($name:ident: $defect:literal, $($place_name:ident: $place:expr),+;)+) => {
        $(mod $name {
            use super::*;

            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $place_name() {
                    let place: Option<Place> = async { $place }.await;
                    if let Some(place) = place {
                        a_kill_finds($defect, place, Pattern::EventsInTheBackground).await;
                    }
                }
            )+
        })+
    };
}

found! {
    a_kill_finds_an_answer_before_the_commit: "answer-before-commit",
        sqlite: Some(Place::sqlite()), postgres: Place::postgres().await;
    a_kill_finds_an_outbox_outside: "outbox-outside", sqlite: Some(Place::sqlite().keeping(State));
    a_kill_finds_a_key_after_its_effect: "key-after-effect", sqlite: Some(Place::sqlite());
    a_kill_finds_a_checkpoint_before_its_rows: "checkpoint-first", sqlite: Some(Place::sqlite());
    a_kill_finds_a_recovery_that_applies_twice: "recovered-twice",
        sqlite: Some(Place::sqlite()), postgres: Place::postgres().await;
}

/// Each pattern in each of these places.
macro_rules! survives {
    ($($place_name:ident: $place:expr => $($name:ident: $pattern:ident),+;)+) => {
        $(mod $place_name {
            use super::*;

            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    let place: Option<Place> = async { $place }.await;
                    if let Some(place) = place {
                        survives(place, Pattern::$pattern).await;
                    }
                }
            )+
        })+
    };
}

survives! {
    sqlite: Some(Place::sqlite()) =>
        in_the_transaction: Transaction, before_the_answer: EventsBeforeTheAnswer,
        in_the_background: EventsInTheBackground;
    sqlite_state: Some(Place::sqlite().keeping(State)) =>
        in_the_transaction: Transaction, by_triggers: Triggers, before_the_answer: EventsBeforeTheAnswer,
        in_the_background: EventsInTheBackground;
    postgres: Place::postgres().await =>
        in_the_transaction: Transaction, before_the_answer: EventsBeforeTheAnswer,
        in_the_background: EventsInTheBackground;
    postgres_state: Some(Place::postgres().await?.keeping(State)) =>
        in_the_transaction: Transaction, by_triggers: Triggers, before_the_answer: EventsBeforeTheAnswer,
        in_the_background: EventsInTheBackground;
}
