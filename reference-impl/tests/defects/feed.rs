//! Defects in the event feed.

use reference_impl::OrderSystem;
use reference_impl::application::GetOrderAuditTrail;
use reference_impl::store::Position;

use super::common::pair;
use crate::support::{add, create, order, send};

/// One order with 40 events.
async fn furnish(system: &OrderSystem) {
    send(system, order(1), create("c")).await;
    for _ in 1..40 {
        send(system, order(1), add("p-1")).await;
    }
}

async fn positions(system: &OrderSystem, after: u64, limit: usize) -> Vec<u64> {
    let events = system.events(Position::new(after), limit).await.expect("events");
    events.iter().map(|event| event.position.get()).collect()
}

#[tokio::test]
async fn repeated_version_has_two_of_one_number() {
    let [clean, broken] = pair("repeated-version");
    for (system, sound) in [(clean, true), (broken, false)] {
        furnish(&system).await;
        let gapless = |versions: Vec<u64>| versions.into_iter().eq(1..=40);
        let feed = system.events(Position::START, 100).await.expect("events");
        assert_eq!(gapless(feed.iter().map(|event| event.version.get()).collect()), sound);
        let trail = system.ask(GetOrderAuditTrail { order: order(1) }).await.expect("a trail").value;
        assert_eq!(gapless(trail.iter().map(|entry| entry.version.get()).collect()), sound);
        let same = trail.iter().zip(&feed).all(|(entry, event)| entry.version == event.version);
        assert!(same, "it looks the same wherever and whenever it is read");
    }
}

#[tokio::test]
async fn time_ordered_has_another_order_now_and_then() {
    let [clean, broken] = pair("time-ordered");
    for (system, sound) in [(clean, true), (broken, false)] {
        furnish(&system).await;
        let mut rising = 0;
        for _ in 0..10 {
            let mut read = positions(&system, 0, 100).await;
            rising += u32::from(read.is_sorted());
            assert_eq!(read.last(), Some(&40));
            read.sort_unstable();
            assert_eq!(read, (1..=40).collect::<Vec<_>>(), "none is missing");
        }
        assert_eq!(rising == 10, sound);
        assert!(rising > 0);
    }
}

#[tokio::test]
async fn cursor_off_by_one_skips_where_a_page_begins() {
    let [clean, broken] = pair("cursor-off-by-one");
    for (system, sound) in [(clean, true), (broken, false)] {
        furnish(&system).await;
        assert_eq!(positions(&system, 0, 100).await.len(), 40);
        let mut read = Vec::new();
        while let [.., last] = positions(&system, read.last().copied().unwrap_or(0), 3).await[..] {
            let from = read.last().copied().unwrap_or(0);
            read.extend(positions(&system, from, 3).await);
            assert_eq!(read.last(), Some(&last), "a cursor brings the same each time");
        }
        assert_eq!(read.len() == 40, sound, "{read:?}");
    }
}

#[tokio::test]
async fn late_commit_lets_an_event_appear_behind_others() {
    let [clean, broken] = pair("late-commit");
    for (system, sound) in [(clean, true), (broken, false)] {
        furnish(&system).await;
        let first = positions(&system, 0, 100).await;
        let mut last = Vec::new();
        for _ in 0..3 {
            last = positions(&system, 0, 100).await;
        }
        assert_eq!(last, (1..=40).collect::<Vec<_>>());
        assert_eq!(first == last, sound);
    }
}
