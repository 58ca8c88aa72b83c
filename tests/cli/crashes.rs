//! Services that are killed and started again: what of the order system's stores is kept, and which of their bugs is found.

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use super::check_output;

/// One at a time: where a kill comes rests on how long a command takes.
static TURN: Mutex<()> = Mutex::new(());

/// Has the order system served with these options and killed, and checks how that ends.
#[track_caller]
fn killed(database: Option<&str>, options: &str, clauses: &str, code: i32, part: &str) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let serve = format!("'{}' serve --port {{port}} {options}", env!("CARGO_BIN_EXE_proofmark"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_proofmark"));
    // It may have a password in it: it stands in no command line.
    command.env("PROOFMARK_STORE", database.unwrap_or("memory"));
    command.args(["conform", "--target", "scenarios/orders/reference.toml", "--exec", &serve]);
    command.args(["--allow", "destructive", "--clause", clauses, "--seed", "1", "--budget", "20m"]);
    check_output(&command.output().expect("it runs"), code, part);
}

/// The same on a new database in a file.
#[track_caller]
fn killed_on_sqlite(name: &str, options: &str, clauses: &str, code: i32, part: &str) {
    let folder =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("crashes-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = format!("sqlite:{}", folder.join("orders.db").display());
    killed(Some(&file), options, clauses, code, part);
    std::fs::remove_dir_all(&folder).expect("removed");
}

/// On a new database of each kind, where there is one.
#[track_caller]
fn killed_on_each(name: &str, options: &str, clauses: &str, code: i32, part: &str) {
    killed_on_sqlite(name, options, clauses, code, part);
    #[cfg(feature = "throwaway")]
    if let Some(server) = throwaway::server() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        killed(Some(&runtime.block_on(server.database())), options, clauses, code, part);
    }
}

#[test]
fn a_database_keeps_what_it_acknowledged() {
    killed_on_each("sound", "", "FT-2,FT-4,ID-5", 0, "3 clauses kept, none broken");
}

#[test]
fn rows_that_are_kept_from_messages_are_kept_as_well() {
    let options = "--write-model state --sync eventual --lag 1ms";
    killed_on_sqlite("messages", options, "FT-2,FT-4,ID-5", 0, "3 clauses kept, none broken");
}

/// That is how it must be told: memory doesn't survive.
#[test]
fn memory_loses_what_it_acknowledged() {
    killed(None, "", "FT-2,FT-4", 1, "FT-2 MUST fail");
}

#[test]
fn an_answer_before_the_commit_is_found() {
    killed_on_each("early", "--store-defect answer-before-commit", "FT-2", 1, "FT-2 MUST fail");
}

#[test]
fn a_checkpoint_before_the_rows_is_found() {
    let options = "--sync eventual --lag 5ms --store-defect checkpoint-first";
    killed_on_sqlite("checkpoint", options, "FT-2", 1, "FT-2 MUST fail");
}

#[test]
fn an_outbox_outside_of_the_transaction_is_found() {
    let options = "--write-model state --sync eventual --lag 1ms --store-defect outbox-outside";
    killed_on_sqlite("outbox", options, "FT-4", 1, "FT-4 MUST fail");
}

#[test]
fn a_key_that_is_written_behind_the_effect_is_found() {
    let wrong = "as if it were a command of its own";
    killed_on_sqlite("key", "--store-defect key-after-effect", "ID-5", 1, wrong);
}

#[test]
fn a_recovery_that_applies_twice_is_found() {
    let options = "--sync eventual --lag 1ms --store-defect recovered-twice";
    killed_on_sqlite("recovery", options, "FT-2", 1, "FT-2 MUST fail");
}
