//! Services that are killed and started again: what of the order system's stores is kept, and which of their bugs is found.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::{check_output, proofmark};

/// One at a time: where a kill comes rests on how long a command takes.
static TURN: Mutex<()> = Mutex::new(());

/// Has the order system served with these options, a database of its own among them, and killed, and checks how that ends.
#[track_caller]
fn killed(name: &str, options: &str, clauses: &str, code: i32, part: &str) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let folder =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("crashes-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let options =
        options.replace("DATABASE", &format!("--store 'sqlite:{}'", folder.join("orders.db").display()));
    let serve = format!("'{}' serve --port {{port}} {options}", env!("CARGO_BIN_EXE_proofmark"));
    let mut args = vec!["conform", "--target", "scenarios/orders/reference.toml", "--exec", &serve];
    args.extend(["--allow", "destructive", "--clause", clauses, "--seed", "1", "--budget", "20m"]);
    let output = proofmark(&args);
    std::fs::remove_dir_all(&folder).expect("removed");
    check_output(&output, code, part);
}

#[test]
fn a_database_keeps_what_it_acknowledged() {
    killed("sound", "DATABASE", "FT-2,FT-4,ID-5", 0, "3 clauses kept, none broken");
}

#[test]
fn rows_that_are_kept_from_messages_are_kept_as_well() {
    let options = "DATABASE --write-model state --sync eventual --lag 1ms";
    killed("messages", options, "FT-2,FT-4,ID-5", 0, "3 clauses kept, none broken");
}

/// That is how it must be told: memory doesn't survive.
#[test]
fn memory_loses_what_it_acknowledged() {
    killed("memory", "", "FT-2,FT-4", 1, "FT-2 MUST fail");
}

#[test]
fn an_answer_before_the_commit_is_found() {
    killed("early", "DATABASE --store-defect answer-before-commit", "FT-2", 1, "FT-2 MUST fail");
}

#[test]
fn a_checkpoint_before_the_rows_is_found() {
    let options = "DATABASE --sync eventual --lag 5ms --store-defect checkpoint-first";
    killed("checkpoint", options, "FT-2", 1, "FT-2 MUST fail");
}

#[test]
fn an_outbox_outside_of_the_transaction_is_found() {
    let options = "DATABASE --write-model state --sync eventual --lag 1ms --store-defect outbox-outside";
    killed("outbox", options, "FT-4", 1, "FT-4 MUST fail");
}

#[test]
fn a_key_that_is_written_behind_the_effect_is_found() {
    let wrong = "as if it were a command of its own";
    killed("key", "DATABASE --store-defect key-after-effect", "ID-5", 1, wrong);
}
