//! A process that is killed between two commits, on a server. Kills that come by chance (`killed.rs`) hardly ever come there; here the
//! second transaction is made to wait for a lock, and while it does, the process is killed and its connections end.
//!
//! A sound store has two commits where read models are kept from events: that of the append and that of the rows with their checkpoint. What
//! else belongs together is one transaction, which is not there at all if it was killed; the bugs that make two of it are found.

use std::sync::Arc;

use reference_stores::WriteModel::State;

use crate::killed::{Pattern, Writing, check};
use crate::place::{Place, When};

/// Where a process is killed: while a transaction with a new row in a table waits.
#[derive(Debug, Clone, Copy)]
struct Between {
    table: &'static str,
    when: When,
    /// And after so many acknowledgements.
    acknowledged: usize,
}

/// Has a process write until it waits there, and kills it. Whether what the next one finds is what a sound store leaves.
async fn survives(place: Place, pattern: Pattern, between: Between) -> bool {
    let place = Arc::new(place.projected_by(pattern.projected_by()));
    // From here on there are tables.
    drop(place.stores().await);
    let held = place.hold_up(between.table, between.when).await;
    let mut writing = Writing::start(&place, 0, pattern);
    let waits = "SELECT (count(*) > 0)::text FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    place.until(waits, "true").await;
    let killed = tokio::task::spawn_blocking(move || {
        for _ in 0..between.acknowledged {
            assert!(writing.hear(), "it ended by itself");
        }
        writing.killed().0
    });
    let acknowledged = killed.await.expect("it was killed");
    place.cut().await;
    held.release().await;
    let checked = tokio::spawn(async move {
        let system = place.open(pattern.sync()).await;
        check(&system, 0, &acknowledged).await;
    });
    checked.await.is_ok()
}

/// Each place and pattern, where a process is killed, and the bug that shows there.
macro_rules! between {
    ($($name:ident: $keeping:expr, $pattern:ident, $when:ident $table:literal $(, $defect:literal $(behind $acknowledged:literal)?)?;)+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let Some(place) = Place::postgres().await else { return };
                let place = $keeping(place);
                let between = Between { table: $table, when: When::$when, acknowledged: 0 };
                $(
                    let broken = place.again().await.with_defect($defect);
                    $(let between = Between { acknowledged: $acknowledged, ..between };)?
                    let survived = survives(broken, Pattern::$pattern, between).await;
                    assert!(!survived, "{} is found", $defect);
                    let between = Between { acknowledged: 0, ..between };
                )?
                assert!(survives(place, Pattern::$pattern, between).await, "a sound store survives");
            }
        )+
    };
}

fn of_events(place: Place) -> Place {
    place
}

fn of_states(place: Place) -> Place {
    place.keeping(State)
}

between! {
    the_append_and_the_rows: of_events, EventsInTheBackground, Insert "order_summary_rows", "checkpoint-first";
    the_outbox_and_the_rows: of_states, EventsInTheBackground, Insert "customer_orders_rows", "checkpoint-first";
    the_append_and_the_rows_before_the_answer: of_events, EventsBeforeTheAnswer, Insert "order_summary_rows", "checkpoint-first";
    the_change_and_its_messages: of_states, EventsInTheBackground, Insert "outbox", "outbox-outside";
    the_effect_and_its_key: of_events, Transaction, Insert "keys", "key-after-effect";
    the_effect_and_its_key_beside_an_outbox: of_states, Triggers, Insert "keys", "key-after-effect";
    the_answer_and_the_commit: of_events, Transaction, Commit "keys", "answer-before-commit" behind 1;
    the_append_and_rows_in_its_transaction: of_events, Transaction, Insert "order_summary_rows";
    the_change_and_rows_that_triggers_keep: of_states, Triggers, Insert "order_summary_rows";
}
