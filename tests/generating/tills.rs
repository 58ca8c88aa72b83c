//! Views that say something of all aggregates, wrong in one way each; and effects that are lost now and then, whatever the
//! world, as a service on a network loses them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use proofmark::adapter::{Asked, Description, IdForm, InProcess, Sent, Target, Unreachable, WorldSeed};
use proofmark::protocol::{Answer, Rejection, Seen, Verdict};
use proofmark::run::tell;
use proofmark::value::Value;
use serde::{Deserialize, Serialize};

use super::replayed;
use super::services::{found, passes, tried};

const CONTRACT: &str = "tests/generating/tills.contract";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bug {
    /// The total is never more than one.
    CountsOnePage,
    /// The sum leaves out the till that came last.
    LeavesOutTheLast,
    /// The list has a row of a till that nobody opened.
    ShowsAStranger,
    /// The list has that row, and the till that came last is not in it where it is not the only one.
    HidesAmongStrangers,
    /// Every third payment is taken in, and has no effect.
    LosesEveryThird,
}

#[derive(Deserialize)]
enum Do {
    Open { owner: String },
    Pay { money: i64 },
}

#[derive(Deserialize)]
enum Show {
    Sums,
    SumsOf { owner: String },
    Tills,
}

#[derive(Clone, Default)]
struct Till {
    owner: Option<String>,
    money: i64,
    number: usize,
}

type Tills = Mutex<BTreeMap<String, Till>>;

#[derive(Serialize)]
struct Sums {
    tills: usize,
    money: i64,
}

#[derive(Serialize)]
struct Row {
    till: String,
    money: i64,
}

/// A service whose worlds share what it loses by.
fn tills(bug: Option<Bug>) -> InProcess<Tills> {
    let payments = Arc::new(AtomicUsize::new(0));
    InProcess::builder("tills", |_| Tills::default())
        .speaks("tills")
        .ids(IdForm::Text)
        .commands(move |tills, sent: Sent<Do>| {
            let payments = payments.clone();
            async move {
                let mut tills = tills.lock().expect("no panic");
                let number = tills.len();
                let till = tills.entry(sent.on).or_insert(Till { number, ..Till::default() });
                match sent.command {
                    Do::Open { owner } => till.owner = Some(owner),
                    Do::Pay { money } => {
                        let count = payments.fetch_add(1, Ordering::SeqCst);
                        if bug != Some(Bug::LosesEveryThird) || count % 3 != 2 {
                            till.money += money;
                        }
                    }
                }
                Ok::<(), Rejection>(())
            }
        })
        .queries(move |tills, asked: Asked<Show>| async move {
            let tills = tills.lock().expect("no panic");
            let mut all: Vec<(String, Till)> =
                tills.iter().map(|(id, till)| (id.clone(), till.clone())).collect();
            all.sort_by_key(|(_, till)| till.number);
            answer(bug, &asked.query, all)
        })
        .build()
}

fn answer(bug: Option<Bug>, query: &Show, mut all: Vec<(String, Till)>) -> Answer {
    let mut total = None;
    let value = match query {
        Show::Sums | Show::SumsOf { .. } => {
            if let Show::SumsOf { owner } = query {
                all.retain(|(_, till)| till.money >= 0 && till.owner.as_ref() == Some(owner));
            }
            let left_out = usize::from(bug == Some(Bug::LeavesOutTheLast) && all.len() > 1);
            let summed = all.len() - left_out;
            let money = all.iter().take(summed).map(|(_, till)| till.money).sum();
            Value::of(&Sums { tills: all.len(), money })
        }
        Show::Tills => {
            let counted = if bug == Some(Bug::CountsOnePage) { all.len().min(1) } else { all.len() };
            total = u64::try_from(counted).ok();
            let hides = bug == Some(Bug::HidesAmongStrangers);
            let stranger = (hides || bug == Some(Bug::ShowsAStranger))
                .then(|| Row { till: "stranger".into(), money: 0 });
            let shown = all.len() - usize::from(hides && all.len() > 1);
            let rows = all.into_iter().take(shown).map(|(till, known)| Row { till, money: known.money });
            Value::of(&rows.chain(stranger).collect::<Vec<_>>())
        }
    };
    let answer = Answer::new(Seen::Found(value.expect("exact")));
    total.map_or(answer.clone(), |total| answer.of_total(total))
}

#[test]
fn sound_summaries_and_totals_pass_and_are_judged() {
    passes(tills(None), CONTRACT);
    let queries = tried(tills(None), CONTRACT, 3, 20).coverage.queries;
    for view in ["Sums", "SumsOf", "Tills"] {
        assert!(queries[view].exact > 0, "{view}: {:?}", queries[view]);
    }
}

#[test]
fn each_wrong_summary_is_found_and_made_small() {
    for (bug, steps) in [(Bug::CountsOnePage, 4), (Bug::LeavesOutTheLast, 5), (Bug::ShowsAStranger, 3)] {
        let summary = found(|| tills(Some(bug)), CONTRACT, steps);
        let told = tell(&super::read(CONTRACT), &summary.failures[0], &[]).expect("a failure");
        let verdicts = replayed(&told.scenario, CONTRACT, [tills(Some(bug)), tills(None)]);
        assert_eq!(verdicts, [Verdict::Fail, Verdict::Pass], "{}", told.scenario);
        let says = told.scenario.lines().any(|line| line.contains(" shows total "));
        assert_eq!(says, bug == Bug::CountsOnePage, "{}", told.scenario);
    }
}

/// Tills as they are where others have some, too.
#[derive(Debug)]
struct Shared(InProcess<Tills>);

impl Target for Shared {
    type World = <InProcess<Tills> as Target>::World;

    fn describe(&self) -> &Description {
        self.0.describe()
    }

    async fn world(&self, seed: WorldSeed) -> Result<Self::World, Unreachable> {
        self.0.world(seed).await
    }
}

#[test]
fn a_till_that_is_hidden_among_those_of_others_is_found() {
    let among = |bug| Shared(tills(Some(bug)));
    let sound = tried(among(Bug::ShowsAStranger), CONTRACT, 3, 40);
    assert!(sound.failures.is_empty() && sound.coverage.queries["Tills"].exact > 0, "{:#?}", sound.failures);
    let failed = (5..12).map(|seed| tried(among(Bug::HidesAmongStrangers), CONTRACT, seed, 400));
    let summary = failed.into_iter().find(|s| s.verdict() == Verdict::Fail).expect("found");
    let told = tell(&super::read(CONTRACT), &summary.failures[0], &[]).expect("a failure");
    assert!(told.should[0].starts_with("it should have had a row that shows: { till: $till"), "{told:?}");
    assert!(told.scenario.contains("Tills shows contains [{ till: $till"), "{}", told.scenario);
}

#[test]
fn a_loss_that_comes_now_and_then_is_made_as_small_as_it_gets() {
    for seed in 1..=4 {
        let summary = tried(tills(Some(Bug::LosesEveryThird)), CONTRACT, seed, 60);
        assert_eq!(summary.verdict(), Verdict::Fail);
        for failure in &summary.failures {
            let steps = &failure.trial.sequence.steps;
            assert!(steps.len() <= 3, "a payment, a rest and a look are enough: {failure:#?}");
        }
    }
}
