//! Read models built anew: what they show before and behind it, what it leaves alone, and what goes on meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;

use super::bursts::trailing;
use super::choice::{at, graph};
use super::stream::Stream;
use crate::adapter::{AnyWorld as _, ControlError, Unreachable};
use crate::clause::Unit;
use crate::conform::case::Case;
use crate::conform::experiment::{Control, Experiment, PLAIN};
use crate::conform::lab::Lab;
use crate::protocol::Capability;
use crate::run::{Engine, Place, threaded, within};

/// Commands before a rebuild, and while one is under way.
const BEFORE: usize = 3;
const MEANWHILE: usize = 6;
/// How long one rebuild may take.
const REBUILD: Duration = Duration::from_secs(60);
/// Rebuilds one behind the other at most: where one is over at once, the next one is begun, until something has met one. Where threads share
/// a processor, each has it for some milliseconds, in which thousands of rebuilds in this process fit.
const REBUILDS: usize = 10_000;
/// How often they are begun anew, at most, for one command that has met none.
const TRIES: usize = 4;

/// One behind the other: what others do while a read model is built has no part in it.
pub(super) static ONE_BY_ONE: &[Experiment] = &[
    Experiment {
        name: "rebuild",
        cases: 24,
        lanes: 1,
        enough: &[(Unit::Comparisons, 24)],
        control: Control::Behind,
        act: |case, number| Box::pin(in_peace(case, number)),
        ..PLAIN
    },
    Experiment {
        name: "rebuild-meanwhile",
        cases: 60,
        lanes: 1,
        // A rebuild that loses what comes within a part of it is met by some of them only.
        enough: &[(Unit::Commands, 40)],
        control: Control::Behind,
        act: |case, number| Box::pin(meanwhile(case, number)),
        ..PLAIN
    },
];

/// Why a rebuild proves nothing.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
enum RebuildTrouble {
    #[error("the read model of {name} could not be rebuilt: {why}")]
    NotDone { name: String, why: ControlError },
    #[error("the read model of {name} was not rebuilt within {REBUILD:?}")]
    Slow { name: String },
    #[error("a rebuild broke down")]
    BrokeDown,
}

/// Builds every read model anew while nothing else is done; its control builds none.
async fn in_peace(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    let lab = case.lab;
    if !work(case, number, BEFORE).await || !case.settle().await || !listens(case).await {
        return Ok(());
    }
    if !case.is_in_turn() {
        for name in names(lab) {
            if let Err(why) = rebuild(&lab.engine, &case.place.clone(), &name).await {
                case.gives_up(why.to_string());
                return Ok(());
            }
        }
    }
    if !case.settle().await {
        case.gives_up("the target does not catch up behind a rebuild");
        return Ok(());
    }
    if listens(case).await {
        trailing(case, graph(lab, number), number).await;
    }
    Ok(())
}

/// The read models that can be built anew.
fn names(lab: &Lab) -> Vec<String> {
    let known = lab.contract.queries().filter(|def| lab.engine.target.knows(&def.name));
    known.map(|def| def.name.to_string()).collect()
}

/// Sends so many commands, of several kinds in turn. `false` where it is not known what has become of one: nothing can be compared then.
async fn work(case: &mut Case<'_>, number: u64, commands: usize) -> bool {
    let mut turn = usize::try_from(number).unwrap_or(0);
    for _ in 0..commands {
        let Some(command) = case.next(graph(case.lab, number), turn) else { break };
        turn = turn / 2 + 1;
        if !case.send(0, &command).await.is_accepted() {
            return false;
        }
    }
    true
}

/// Reads the feed at rest, where there is one: of the case's aggregates, and whole where nobody else writes to it.
async fn listens(case: &mut Case<'_>) -> bool {
    let lab = case.lab;
    if !lab.claims(Capability::EventFeed) {
        return true;
    }
    let stream = Stream::of_each(case.place.clone());
    if let Err(why) = stream.at_rest(case).await {
        case.gives_up(why.to_string());
        return false;
    }
    if lab.claims(Capability::Exclusive) {
        // A feed may tell of one aggregate at a time only.
        let _ = stream.behind(lab, None, None).await;
    }
    true
}

async fn rebuild(engine: &Engine, place: &Place, name: &str) -> Result<(), RebuildTrouble> {
    // The adapter has a deadline of its own; this one is for those that haven't.
    match within(&*engine.clock, REBUILD * 2, place.rebuild(name, REBUILD)).await {
        Some(done) => done.map_err(|why| RebuildTrouble::NotDone { name: name.to_owned(), why }),
        None => Err(RebuildTrouble::Slow { name: name.to_owned() }),
    }
}

/// Commands and queries while a read model is built anew; in its control they come without.
async fn meanwhile(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    if !work(case, number, BEFORE - 1).await || !case.settle().await {
        return Ok(());
    }
    let names = names(case.lab);
    let Some(name) = names.get(at(number, names.len())).cloned() else { return Ok(()) };
    let mut building: Option<Building> = None;
    let mut turn = usize::try_from(number).unwrap_or(0);
    for _ in 0..MEANWHILE {
        let Some(command) = case.next(graph(case.lab, number), turn) else { break };
        turn = turn / 2 + 1;
        if !case.is_in_turn() {
            building = match Building::goes_on(building, &case.lab.engine, &case.place, &name).await {
                Ok(building) => Some(building),
                Err(why) => {
                    case.gives_up(why.to_string());
                    return Ok(());
                }
            };
        }
        let accepted = case.send(0, &command).await.is_accepted();
        for query in case.reads().into_iter().filter(|query| *query.name == *name) {
            case.ask(0, &query).await;
        }
        if !accepted {
            break;
        }
    }
    if let Some(building) = building
        && let Err(why) = building.end().await
    {
        case.gives_up(why.to_string());
        return Ok(());
    }
    if !case.settle().await {
        case.gives_up("the target does not catch up behind a rebuild");
    }
    Ok(())
}

/// Rebuilds one after the other, beside whatever else is done.
struct Building {
    /// Whether nothing more will be done beside them.
    over: Arc<AtomicBool>,
    /// Whether one is under way right now.
    under_way: Arc<AtomicBool>,
    task: JoinHandle<Result<(), RebuildTrouble>>,
}

impl Building {
    /// Sees to it that one is under way: those that were begun before, or new ones where these are done.
    async fn goes_on(
        before: Option<Self>,
        engine: &Engine,
        place: &Arc<Place>,
        name: &str,
    ) -> Result<Self, RebuildTrouble> {
        let mut building =
            before.unwrap_or_else(|| Self::begin(engine.clone(), place.clone(), name.to_owned()));
        for _ in 0..TRIES {
            while !building.under_way.load(Ordering::Acquire) && !building.task.is_finished() {
                // They are on a thread of their own, and may have to share this one's processor.
                std::thread::yield_now();
                tokio::task::yield_now().await;
            }
            if !building.task.is_finished() {
                break;
            }
            building.end().await?;
            building = Self::begin(engine.clone(), place.clone(), name.to_owned());
        }
        Ok(building)
    }

    /// Begins the first one.
    fn begin(engine: Engine, place: Arc<Place>, name: String) -> Self {
        let (over, under_way) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let building = {
            let (over, under_way) = (over.clone(), under_way.clone());
            async move {
                for _ in 0..REBUILDS {
                    under_way.store(true, Ordering::Release);
                    let done = rebuild(&engine, &place, &name).await;
                    under_way.store(false, Ordering::Release);
                    done?;
                    if over.load(Ordering::Acquire) {
                        break;
                    }
                    // Others may deliver in between.
                    tokio::task::yield_now().await;
                }
                Ok(())
            }
        };
        // On a thread of its own: in this process it may never have to wait, and commands would wait for it.
        let task = match threaded() {
            Some(runtime) => tokio::task::spawn_blocking(move || runtime.block_on(building)),
            None => tokio::spawn(building),
        };
        Self { over, under_way, task }
    }

    /// Lets the last one end.
    async fn end(self) -> Result<(), RebuildTrouble> {
        self.over.store(true, Ordering::Release);
        self.task.await.map_err(|_| RebuildTrouble::BrokeDown)?
    }
}
