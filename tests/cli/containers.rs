//! The order system served on PostgreSQL, and examined there: what a user of `serve --store` gets.

use std::sync::{Mutex, PoisonError};

use super::serve::Serving;
use super::{check_output, proofmark};

const PROFILE: &str = "scenarios/orders/reference.toml";

/// Started by the others, where they run on a container.
#[test]
#[ignore = "owns the container of the others"]
fn owns_the_container() {
    throwaway::own();
}

/// One at a time: each of them is measured, and has the machine for itself.
static TURN: Mutex<()> = Mutex::new(());

/// Serves with these options and a new database, puts what is selected to the test, and checks how that ends.
#[track_caller]
fn examined(options: &[&str], selection: &[&str], code: i32, part: &str) {
    let Some(server) = throwaway::server() else { return };
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let store = runtime.block_on(server.database());
    let serving = Serving::start(options, &[("PROOFMARK_STORE", &store)]);
    // It ends when it is done. A machine that has other things to do takes longer, and that is no finding.
    let mut args = vec!["conform", "--target", PROFILE, "--url", &serving.url, "--allow", "destructive"];
    args.extend(["--seed", "1", "--budget", "20m"]);
    args.extend(selection);
    check_output(&proofmark(&args), code, part);
}

/// By all clauses.
#[test]
fn on_events_it_conforms() {
    examined(&["--write-model", "events", "--sync", "eventual", "--lag", "1ms"], &[], 0, "none broken");
}

/// By what two writers, and two copies of a command, may break.
#[test]
fn on_rows_and_triggers_it_conforms() {
    let selection = ["--suite", "idempotent,concurrent"];
    examined(&["--write-model", "state", "--projection", "triggers"], &selection, 0, "none broken");
}

#[test]
fn an_outbox_that_is_relayed_twice_is_found() {
    examined(
        &["--write-model", "state", "--store-defect", "relayed-twice"],
        &["--clause", "EV-1"],
        1,
        "EV-1",
    );
}
