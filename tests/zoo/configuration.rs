//! Which services the zoo keeps: few enough to try them all, and each pair of oddities that can meet meets somewhere.

use super::oddity::{ODDITIES, Oddities, Oddity, clash};

/// How many oddities one service has at most: with more, nobody could tell which of them was to blame.
const MOST: usize = 10;

/// The services, the plain one first. Chosen greedily: each begins with a pair that never met, and takes in what makes most new
/// pairs meet (as AETG does; Cohen et al., IEEE TSE 23(7), 1997).
pub(super) fn configurations() -> Vec<Oddities> {
    let mut missing = pairs();
    let mut all = vec![Oddities::new()];
    while let Some(&(one, other)) = missing.first() {
        let mut chosen = Oddities::from([one, other]);
        while chosen.len() < MOST {
            let news = |oddity: Oddity| missing.iter().filter(|pair| brings(&chosen, oddity, **pair)).count();
            let fits = |oddity: &Oddity| {
                !chosen.contains(oddity) && chosen.iter().all(|other| clash(*oddity, *other).is_none())
            };
            let candidates = ODDITIES.iter().map(|(oddity, ..)| *oddity).filter(fits);
            // Of several, the first one.
            let best = candidates.map(|oddity| (news(oddity), oddity)).rev().max_by_key(|(news, _)| *news);
            match best {
                Some((1.., oddity)) => chosen.insert(oddity),
                _ => break,
            };
        }
        missing.retain(|(one, other)| !(chosen.contains(one) && chosen.contains(other)));
        all.push(chosen);
    }
    all
}

/// All pairs that can meet.
pub(super) fn pairs() -> Vec<(Oddity, Oddity)> {
    let all = || ODDITIES.iter().map(|(oddity, ..)| *oddity);
    let ordered =
        all().flat_map(|one| all().filter(move |other| one < *other).map(move |other| (one, other)));
    ordered.filter(|(one, other)| clash(*one, *other).is_none()).collect()
}

/// Whether the pair meets where `oddity` joins the chosen ones.
fn brings(chosen: &Oddities, oddity: Oddity, (one, other): (Oddity, Oddity)) -> bool {
    (one == oddity && chosen.contains(&other)) || (other == oddity && chosen.contains(&one))
}

#[test]
fn each_pair_that_can_meet_meets() {
    let all = configurations();
    for (one, other) in pairs() {
        assert!(all.iter().any(|has| has.contains(&one) && has.contains(&other)), "{one:?} and {other:?}");
    }
    for has in &all {
        for one in has {
            for other in has {
                assert_eq!(clash(*one, *other), None, "{one:?} and {other:?}");
            }
        }
    }
    println!("{} configurations", all.len());
}
