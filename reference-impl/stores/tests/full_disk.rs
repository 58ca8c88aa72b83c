//! A disk that is full: what can't be kept is refused and says why, what was acknowledged stays, and all goes on once there
//! is room.
//!
//! The disk is a small one in memory (`tmpfs`) that one process sees, in a namespace of its own (`unshare`): as root, or where
//! other users may have such namespaces. Elsewhere these tests say `MISSED`. That a file may not grow takes no rights to try:
//! `cli::serve` does so over HTTP.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use reference_impl::application::{CommandError, GetOrderAuditTrail};
use reference_impl::{OrderSystem, SyncMode};
use reference_stores::ProjectedBy::{Transaction, Triggers};
use reference_stores::WriteModel::State;
use tokio::task::JoinSet;

use crate::killed::{Acknowledged, SOON, WRITERS, check, command};
use crate::place::Place;

/// How large the disk is, in MiB: an empty database of PostgreSQL takes half of it.
const DISK: &str = "16";
/// How many commands a writer sends at most until the disk must have refused one.
const MOST: u64 = 5000;
/// Mounts the disk `$1` and runs the rest of the arguments.
const MOUNTED: &str = r#"mount -t tmpfs -o "size=$0m" tmpfs "$1" && shift && exec "$@""#;

/// Runs a test of this program in a process that has a small disk.
#[track_caller]
fn on_a_small_disk(test: &str) {
    let folder = std::env::temp_dir().join(format!("stores-disk-{}-{test}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut nothing = mounting(&folder);
    let possible = nothing.arg("true").output();
    let ran = possible.as_ref().is_ok_and(|output| output.status.success()).then(|| {
        let mut command = mounting(&folder);
        command.arg(std::env::current_exe().expect("this program"));
        command.args(["--exact", &format!("full_disk::{test}"), "--ignored", "--nocapture"]);
        // What it has missed is for whoever runs the tests.
        command.env("SMALL_DISK", &folder).stderr(Stdio::inherit()).output().expect("it runs")
    });
    std::fs::remove_dir(&folder).expect("out here there is nothing in it");
    let Some(output) = ran else {
        let reason = possible.map_or_else(
            |error| error.to_string(),
            |output| String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        );
        throwaway::missed("a disk that can be full", &reason);
        return;
    };
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
}

/// What mounts a disk on `folder` and runs the arguments that are added.
fn mounting(folder: &Path) -> Command {
    let mut command = Command::new("unshare");
    let is_root =
        std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").expect("a process")) == 0;
    if !is_root {
        command.args(["--user", "--map-root-user"]);
    }
    command.args(["--mount", "sh", "-c", MOUNTED, DISK]).arg(folder);
    if !is_root {
        // Nobody special again, as whom alone PostgreSQL runs.
        command.args(["unshare", "--user", "--map-user=1000", "--map-group=1000"]);
    }
    command
}

/// The disk of this process.
struct Disk(PathBuf);

impl Disk {
    /// Nothing where a test was not started by the others here.
    fn of_this_process() -> Option<Self> {
        std::env::var_os("SMALL_DISK").map(|folder| Self(folder.into()))
    }

    fn fill(&self) {
        let mut ballast = std::fs::File::create(self.ballast()).expect("a file");
        let error = std::io::copy(&mut std::io::repeat(0), &mut ballast).expect_err("it is a small disk");
        assert_eq!(error.kind(), std::io::ErrorKind::StorageFull, "{error}");
    }

    fn free(&self) {
        std::fs::remove_file(self.ballast()).expect("the disk was filled");
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }
}

/// Whether somebody who reads this knows what to do.
fn says_why(error: &impl std::fmt::Display) -> bool {
    let text = error.to_string();
    text.contains("disk is full") || text.contains("No space left on device")
}

/// Sends commands of one round until each writer was refused one for want of room.
async fn write_until_it_is_full(system: &OrderSystem, round: u64) -> Acknowledged {
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let system = system.clone();
        writers.spawn(async move {
            let mut acknowledged = Vec::new();
            for number in 0..MOST {
                match system.send(command(round, writer, number)).await {
                    Ok(receipt) => acknowledged.push((receipt.version, receipt.position)),
                    Err(error) => {
                        assert!(
                            matches!(error, CommandError::Store(_) | CommandError::Projection(_)),
                            "{error}"
                        );
                        assert!(says_why(&error), "{error}");
                        return (writer, acknowledged);
                    }
                }
            }
            panic!("{MOST} commands found room on a full disk");
        });
    }
    let mut all = writers.join_all().await;
    all.sort_unstable_by_key(|(writer, _)| *writer);
    all.into_iter().map(|(_, acknowledged)| acknowledged).collect()
}

/// What was acknowledged can be read while there is no room, and a retry has the answer that it had.
async fn still_there(system: &OrderSystem, round: u64, acknowledged: &Acknowledged) {
    for (writer, acknowledged) in (0..).zip(acknowledged) {
        let Some((last, receipt)) = (0..).zip(acknowledged).last() else { continue };
        let sent = command(round, writer, last);
        let trail = system.ask(GetOrderAuditTrail { order: sent.order }).await.expect("an answer").value;
        assert!(trail.len() as u64 >= receipt.0.get(), "{round}-{writer}: {trail:#?}");
        let again = system.send(sent).await.expect("accepted before");
        assert_eq!((again.version, again.position), *receipt);
    }
}

async fn goes_on(disk: &Disk, place: Place, sync: SyncMode) {
    let place = Arc::new(place);
    let system = place.open(sync).await;
    // With a past, and without.
    check(&system, 0, &vec![Vec::new(); usize::try_from(WRITERS).expect("small")]).await;
    for round in [1, 2] {
        disk.fill();
        let acknowledged = write_until_it_is_full(&system, round).await;
        still_there(&system, round, &acknowledged).await;
        disk.free();
        check(&system, round, &acknowledged).await;
    }
    disk.fill();
    drop(system);
    // Whether this one finds room is up to the database; if it does not, it says so.
    if let Err(error) = place.try_stores().await {
        assert!(says_why(&error), "{error}");
    }
    disk.free();
    let system = place.open(sync).await;
    check(&system, 3, &vec![Vec::new(); usize::try_from(WRITERS).expect("small")]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the other tests here, on a small disk"]
async fn sqlite() {
    let Some(disk) = Disk::of_this_process() else { return };
    let place = |name: &str| Place::at(format!("sqlite:{}", disk.0.join(name).display()));
    goes_on(&disk, place("events"), SyncMode::Strong).await;
    goes_on(&disk, place("background"), SOON).await;
    goes_on(&disk, place("transaction").keeping(State).projected_by(Transaction), SyncMode::Strong).await;
    goes_on(&disk, place("triggers").keeping(State).projected_by(Triggers), SyncMode::Strong).await;
    disk.fill();
    let error = place("new").try_stores().await.map(|_| ()).expect_err("there is no room for tables");
    assert!(says_why(&error) && error.to_string().contains("new"), "{error}");
}

/// The write side's tables and those of read models are on that disk; the server's own journal is elsewhere. A server that can't
/// write that one stops.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the other tests here, on a small disk"]
async fn postgres() {
    let Some(disk) = Disk::of_this_process() else { return };
    let server = match throwaway::installed() {
        Ok(server) => server,
        Err(reason) => {
            assert!(std::env::var_os("REQUIRE_POSTGRES").is_none(), "PostgreSQL is required: {reason}");
            return throwaway::missed("PostgreSQL", &reason);
        }
    };
    let folder = disk.0.join("data");
    server.run(&format!("COPY (SELECT) TO PROGRAM 'mkdir {}'", folder.display())).await;
    let place = Place::at(server.database_in(&folder).await);
    goes_on(&disk, place, SyncMode::Strong).await;
}

#[test]
fn a_full_disk_of_sqlite_is_told_and_no_end() {
    on_a_small_disk("sqlite");
}

#[test]
fn a_full_disk_of_postgres_is_told_and_no_end() {
    on_a_small_disk("postgres");
}
