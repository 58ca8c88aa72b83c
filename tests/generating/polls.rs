//! Polls, in which a rule with several conditions, or one about elements of a list, looks at a condition or a field too few or too
//! many.

use std::collections::BTreeMap;
use std::sync::Mutex;

use proofmark::adapter::{Asked, IdForm, InProcess, Sent};
use proofmark::clause::Level;
use proofmark::conform::Stand;
use proofmark::protocol::{Answer, Rejection, Seen, Verdict};
use proofmark::value::{Limits, Record, Value};
use serde::{Deserialize, Serialize};

use super::services::tried;
use crate::model::shipped;
use crate::procedures::examined;

const CONTRACT: &str = "tests/generating/polls.contract";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Bug {
    /// Who has voted may vote for another option.
    VotesByOption,
    /// Who has voted may vote with another weight.
    VotesByWeight,
    /// What is taken back is looked for by the voter alone.
    TakesByVoter,
    /// The same, and by the option.
    TakesByVoterAndOption,
    /// The same, and by the weight alone.
    TakesByVoterAndWeight,
    /// Whoever it was that voted so.
    TakesByOptionAndWeight,
    /// Two choices are alike only if all of them is.
    ChoicesAsAWhole,
    /// The same, but for the label.
    ChoicesButForTheLabel,
    /// Two choices are alike if the option or the label is.
    ChoicesByLabel,
    /// Two choices are alike if the option or the weight is.
    ChoicesByWeight,
    /// Two choices are alike if the option or the end is.
    ChoicesByEnd,
    /// Only neighbours are compared.
    ChoicesOfNeighbours,
}

const BUGS: [Bug; 12] = [
    Bug::VotesByOption,
    Bug::VotesByWeight,
    Bug::TakesByVoter,
    Bug::TakesByVoterAndOption,
    Bug::TakesByVoterAndWeight,
    Bug::TakesByOptionAndWeight,
    Bug::ChoicesAsAWhole,
    Bug::ChoicesButForTheLabel,
    Bug::ChoicesByLabel,
    Bug::ChoicesByWeight,
    Bug::ChoicesByEnd,
    Bug::ChoicesOfNeighbours,
];

#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Choice {
    option: String,
    label: String,
    weight: i64,
    closes: String,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Vote {
    voter: String,
    option: String,
    weight: i64,
}

#[derive(Deserialize)]
enum Do {
    Open { choices: Vec<Choice> },
    Cast(Vote),
    TakeBack(Vote),
    Close,
}

#[derive(Deserialize)]
enum Show {
    GetPoll,
}

#[derive(Default)]
struct Poll {
    closed: bool,
    choices: Vec<Choice>,
    votes: Vec<Vote>,
}

type Polls = Mutex<BTreeMap<String, Poll>>;

fn polls(bug: Option<Bug>) -> InProcess<Polls> {
    InProcess::builder("polls", |_| Polls::default())
        .speaks("polls")
        .ids(IdForm::Text)
        .commands(move |polls, sent: Sent<Do>| async move {
            handle(bug, &mut polls.lock().expect("no panic"), sent.on, sent.command)
        })
        .queries(|polls, asked: Asked<Show>| async move {
            let Show::GetPoll = asked.query;
            let polls = polls.lock().expect("no panic");
            let poll = asked.on.and_then(|on| Some(shown(&on, polls.get(&*on)?)));
            Answer::new(poll.map_or(Seen::Absent, Seen::Found))
        })
        .build()
}

fn alike(bug: Option<Bug>, one: &Choice, other: &Choice) -> bool {
    let option = one.option == other.option;
    match bug {
        Some(Bug::ChoicesAsAWhole) => one == other,
        Some(Bug::ChoicesButForTheLabel) => {
            option && one.weight == other.weight && one.closes == other.closes
        }
        Some(Bug::ChoicesByLabel) => option || one.label == other.label,
        Some(Bug::ChoicesByWeight) => option || one.weight == other.weight,
        Some(Bug::ChoicesByEnd) => option || one.closes == other.closes,
        _ => option,
    }
}

fn handle(
    bug: Option<Bug>,
    polls: &mut BTreeMap<String, Poll>,
    on: String,
    command: Do,
) -> Result<(), Rejection> {
    let is = |one| bug == Some(one);
    let refused = |code: &str| Err(Rejection::named(code));
    let lawful = match &command {
        Do::Open { choices } => choices.iter().all(|choice| {
            let closes = choice.closes.is_ascii() && choice.closes.len() >= 20;
            (1..=40).contains(&choice.label.chars().count()) && (1..=100).contains(&choice.weight) && closes
        }),
        Do::Cast(vote) | Do::TakeBack(vote) => (1..=9).contains(&vote.weight),
        Do::Close => true,
    };
    if !lawful {
        return refused("Malformed");
    }
    if let Do::Open { choices } = command {
        let near = |at: usize| if is(Bug::ChoicesOfNeighbours) { at.saturating_sub(1) } else { 0 };
        let twice =
            |(at, one): (usize, &Choice)| choices[near(at)..at].iter().any(|other| alike(bug, one, other));
        return match () {
            () if polls.contains_key(&on) => refused("PollExists"),
            () if choices.is_empty() => refused("NoChoice"),
            () if choices.iter().enumerate().any(twice) => refused("TwiceThere"),
            () => {
                polls.insert(on, Poll { choices, ..Poll::default() });
                Ok(())
            }
        };
    }
    let Some(poll) = polls.get_mut(&on).filter(|poll| !poll.closed) else { return refused("NotOpen") };
    match command {
        Do::Open { .. } => {}
        Do::Cast(vote) => {
            let same = |known: &Vote| {
                known.voter == vote.voter
                    && (known.option == vote.option || !is(Bug::VotesByOption))
                    && (known.weight == vote.weight || !is(Bug::VotesByWeight))
            };
            if poll.votes.iter().any(same) {
                return refused("VotedSoFar");
            }
            poll.votes.push(vote);
        }
        Do::TakeBack(vote) => {
            let same = |known: &Vote| {
                let (voter, option, weight) =
                    (known.voter == vote.voter, known.option == vote.option, known.weight == vote.weight);
                match bug {
                    Some(Bug::TakesByVoter) => voter,
                    Some(Bug::TakesByVoterAndOption) => voter && option,
                    Some(Bug::TakesByVoterAndWeight) => voter && weight,
                    Some(Bug::TakesByOptionAndWeight) => option && weight,
                    _ => voter && option && weight,
                }
            };
            if !poll.votes.iter().any(same) {
                return refused("NoSuchVote");
            }
            poll.votes.retain(|known| known.voter != vote.voter);
        }
        Do::Close => poll.closed = true,
    }
    Ok(())
}

fn shown(id: &str, poll: &Poll) -> Value {
    Value::Record(Record::from([
        ("poll", Value::from(id)),
        ("status", Value::from(if poll.closed { "closed" } else { "open" })),
        ("choices", list(&poll.choices)),
        ("votes", list(&poll.votes)),
    ]))
}

fn list<T: Serialize>(all: &[T]) -> Value {
    let text = serde_json::to_string(all).expect("JSON");
    Value::from_json(text, &Limits::default()).expect("JSON")
}

#[test]
fn sound_polls_pass() {
    for seed in 1..=3 {
        let summary = tried(polls(None), CONTRACT, seed, 100);
        assert_eq!(summary.verdict(), Verdict::Pass, "{:#?}", summary.failures);
        let found = examined(polls(None), shipped(CONTRACT), &[], seed);
        for result in found.clauses.iter().filter(|result| result.clause.level == Level::Must) {
            assert_ne!(result.stand, Stand::Fail, "seed {seed}: {result:#?}");
        }
    }
}

#[test]
fn a_condition_too_few_or_too_many_is_found_by_an_examination() {
    let missed = BUGS.into_iter().zip(1..).filter(|(bug, seed)| {
        let found = examined(polls(Some(*bug)), shipped(CONTRACT), &["CH-1", "BR-6", "BR-1"], *seed);
        !found.clauses.iter().any(|result| result.stand == Stand::Fail)
    });
    let missed: Vec<Bug> = missed.map(|(bug, _)| bug).collect();
    assert_eq!(missed, [], "with the seed of their place");
}

#[test]
fn a_condition_too_few_or_too_many_is_found_by_chance() {
    let missed = BUGS
        .into_iter()
        .zip(1..)
        .filter(|(bug, seed)| tried(polls(Some(*bug)), CONTRACT, *seed, 400).verdict() != Verdict::Fail);
    let missed: Vec<Bug> = missed.map(|(bug, _)| bug).collect();
    assert_eq!(missed, [], "with the seed of their place");
}
