//! What every store must do, in whatever it keeps its data.

use reference_stores::ProjectedBy::{Transaction, Triggers};
use reference_stores::WriteModel::State;

use crate::place::Place;

mod keys;
mod log;
mod read_side;
mod system;

pub(crate) use read_side::Complete;

/// Each of these tests, in each kind of place.
macro_rules! in_each_place {
    ($($name:ident: $place:expr;)+ => $tests:tt) => {
        $(in_each_place!(@ $name, $place, $tests);)+
    };
    (@ $name:ident, $place:expr, {$($room:ident: $($test:ident),+;)+}) => {
        mod $name {
            #[allow(clippy::wildcard_imports, reason = "a place needs some of it or all")]
            use super::*;

            async fn place() -> Option<Place> {
                $place
            }

            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    if let Some(place) = place().await {
                        $room::$test(place).await;
                    }
                }
            )+)+
        }
    };
}

in_each_place! {
    memory: Some(Place::memory());
    sqlite: Some(Place::sqlite());
    sqlite_state: Some(Place::sqlite().keeping(State));
    postgres: Place::postgres().await;
    postgres_state: Some(Place::postgres().await?.keeping(State));
    => {
        log: events_come_back_as_they_were, versions_and_positions_have_no_gaps, a_conflict_writes_nothing,
            of_writers_at_one_version_one_wins, a_reader_never_has_to_look_back, pages_of_the_log;
        keys: a_key_is_there_with_its_events, a_key_is_taken_once, a_refusal_is_kept_once, keys_are_an_actors_own,
            of_appends_with_one_key_one_is_written;
        read_side: rows_come_back_as_they_were, rows_and_checkpoint_move_together, nothing_goes_backwards,
            lists_are_newest_first, generations_take_turns, what_was_left_unfinished_is_cleared_away;
        system: every_course_ends_as_in_memory, everything_is_there_again, eventual_catches_up_after_a_restart,
            one_process_shows_what_another_records,
            a_rebuild_beside_writers, a_rebuild_by_another_process, concurrent_duplicates_have_one_effect;
    }
}

// Read models in a database of their own: all that is asked of read models, and of a whole system.
in_each_place! {
    sqlite_apart: Some(Place::sqlite().reading_from_a_file());
    postgres_state_read_in_sqlite: Some(Place::postgres().await?.keeping(State).reading_from_a_file());
    => {
        read_side: rows_and_checkpoint_move_together, nothing_goes_backwards,
            lists_are_newest_first, generations_take_turns, what_was_left_unfinished_is_cleared_away;
        system: every_course_ends_as_in_memory, everything_is_there_again, eventual_catches_up_after_a_restart,
            one_process_shows_what_another_records,
            a_rebuild_beside_writers, a_rebuild_by_another_process, concurrent_duplicates_have_one_effect;
    }
}

// Where the rows are kept with each append, the whole system has to hold; the ports below are the same.
in_each_place! {
    sqlite_transaction: Some(Place::sqlite().projected_by(Transaction));
    sqlite_state_transaction: Some(Place::sqlite().keeping(State).projected_by(Transaction));
    sqlite_triggers: Some(Place::sqlite().keeping(State).projected_by(Triggers));
    postgres_transaction: Some(Place::postgres().await?.projected_by(Transaction));
    postgres_state_transaction: Some(Place::postgres().await?.keeping(State).projected_by(Transaction));
    postgres_triggers: Some(Place::postgres().await?.keeping(State).projected_by(Triggers));
    => {
        log: events_come_back_as_they_were, of_writers_at_one_version_one_wins;
        system: every_course_ends_as_in_memory, everything_is_there_again, one_process_shows_what_another_records,
            a_rebuild_beside_writers, a_rebuild_by_another_process, concurrent_duplicates_have_one_effect;
    }
}
