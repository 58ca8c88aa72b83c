//! Queries that are answered by SQL from the order system's own tables, as a user has them with the shipped profile.

#[cfg(not(feature = "sql"))]
mod without {
    use std::process::Command;

    use super::super::check_output;

    #[test]
    fn a_build_without_databases_says_so() {
        let mut command = Command::new(env!("CARGO_BIN_EXE_proofmark"));
        command.env("ORDERS_DATABASE", "postgres://ann:canary@127.0.0.1:1/orders");
        command.args(["run", "scenarios/orders/queries.scenario", "--url", "http://127.0.0.1:1"]);
        let output =
            command.args(["--target", "scenarios/orders/order-tables.toml"]).output().expect("it runs");
        check_output(&output, 64, "cargo feature `sql`");
        assert!(!format!("{output:?}").contains("canary"), "{output:?}");
    }
}

#[cfg(all(feature = "sql", feature = "stores"))]
mod with {
    use std::path::PathBuf;
    use std::process::{Command, Output};
    use std::sync::{Mutex, PoisonError};

    use super::super::check_output;
    use super::super::serve::Serving;

    const PROFILE: &str = "scenarios/orders/order-tables.toml";

    /// One at a time: what is found rests on reads that come soon enough.
    static TURN: Mutex<()> = Mutex::new(());

    /// A file that goes with it.
    struct File(PathBuf);

    impl File {
        fn new(name: &str) -> Self {
            let name = format!("sql-{}-{name}.db", std::process::id());
            Self(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name))
        }

        fn address(&self) -> String {
            format!("sqlite:{}", self.0.display())
        }
    }

    impl Drop for File {
        fn drop(&mut self) {
            for end in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(format!("{}{end}", self.0.display()));
            }
        }
    }

    /// Serves on that database with these options, and has it examined or run by what its tables show.
    fn looked_at(database: &str, options: &[&str], args: &[&str]) -> Output {
        let serving = Serving::start(options, &[("PROOFMARK_STORE", database)]);
        let mut command = Command::new(env!("CARGO_BIN_EXE_proofmark"));
        command.env("ORDERS_DATABASE", database).args(args);
        let output = command.args(["--target", PROFILE, "--url", &serving.url, "--seed", "1"]).output();
        let output = output.expect("it runs");
        assert!(!format!("{output:?}").contains("throw-away"), "{output:?}");
        output
    }

    /// Scenarios pass by the tables, clauses are kept, and a bug on the way to the tables is found in them.
    fn tables_show_what_is_right_and_what_is_wrong(database: &str, other: &str) {
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let scenarios = ["run", "scenarios/orders/queries.scenario", "scenarios/orders/totals.scenario"];
        check_output(&looked_at(database, &[], &scenarios), 0, " passed");
        let lagging = ["--sync", "eventual", "--lag", "1ms"];
        let clauses = ["conform", "--clause", "EC-1,QS-3,QS-4,CV-1", "--budget", "20m"];
        check_output(&looked_at(database, &lagging, &clauses), 0, "none broken");
        let options = ["--sync", "eventual", "--lag", "1ms", "--defect", "drop-event:1/3"];
        let clauses = ["conform", "--clause", "EC-1", "--budget", "20s"];
        check_output(&looked_at(other, &options, &clauses), 1, "EC-1 MUST fail");
    }

    #[test]
    fn in_sqlite() {
        let (file, other) = (File::new("sound"), File::new("defect"));
        tables_show_what_is_right_and_what_is_wrong(&file.address(), &other.address());
    }

    #[cfg(feature = "throwaway")]
    #[test]
    fn in_postgres() {
        let Some(server) = throwaway::server() else { return };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (database, other) =
            runtime.block_on(async { (server.database().await, server.database().await) });
        tables_show_what_is_right_and_what_is_wrong(&database, &other);
    }
}
