//! A server made of the programs that are installed: `initdb` and `pg_ctl`, on the `PATH` or where Debian has them.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{PASSWORD, SETTINGS, Server, USER, Watchdog};

pub(crate) fn start() -> Result<Server, String> {
    let programs =
        programs().ok_or("no DATABASE_URL, and no initdb on the PATH or in /usr/lib/postgresql")?;
    let folder = std::env::temp_dir().join(format!("stores-postgres-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    start_in(&programs, &folder).inspect_err(|_| {
        let _ = std::fs::remove_dir_all(&folder);
    })
}

/// The folder that has `initdb` and `pg_ctl`.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let folders = std::env::split_paths(&path).chain(debian.map(|version| version.path().join("bin")));
    folders
        .into_iter()
        .find(|folder| ["initdb", "pg_ctl"].iter().all(|program| folder.join(program).exists()))
}

fn start_in(programs: &Path, folder: &Path) -> Result<Server, String> {
    // The server doesn't run as root: then it is the user that Debian's package made.
    let user = is_root().then(postgres_user).transpose()?;
    let command = |program: &str| {
        let mut command = Command::new(programs.join(program));
        command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        if let Some((user, group)) = user {
            command.uid(user).gid(group);
        }
        command
    };
    let (data, password) = (folder.join("data"), folder.join("password"));
    std::fs::write(&password, PASSWORD).map_err(|error| error.to_string())?;
    if let Some((user, group)) = user {
        for owned in [folder, &password] {
            chown(owned, Some(user), Some(group)).map_err(|error| error.to_string())?;
        }
    }
    let mut initdb = command("initdb");
    initdb.arg("-D").arg(&data).args(["-U", USER, "-A", "scram-sha-256", "-E", "UTF8", "--no-sync"]);
    finish(initdb.arg("--pwfile").arg(&password))?;
    let mut outcome = Err("no port".to_owned());
    // The port is free now; should somebody else take it first, there are others.
    for _ in 0..3 {
        let port = free_port()?;
        let settings =
            format!("-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' {SETTINGS}");
        let mut pg_ctl = command("pg_ctl");
        pg_ctl
            .arg("-D")
            .arg(&data)
            .arg("-l")
            .arg(folder.join("log"))
            .args(["-w", "-t", "30", "-o", &settings]);
        // It must not wait for a pipe that the server keeps open.
        outcome = finish(pg_ctl.arg("start").stderr(Stdio::null())).map(|()| port);
        if outcome.is_ok() {
            break;
        }
    }
    let port = outcome?;
    // Its standard input ends with this process; Ctrl-C, which ends this one, is not for it.
    let mut watchdog = Command::new("sh");
    watchdog
        .arg("-c")
        .arg("cat > /dev/null; \"$0\" -D \"$1/data\" -m immediate stop > /dev/null; rm -rf \"$1\"");
    watchdog.arg(programs.join("pg_ctl")).arg(folder).current_dir("/").stdin(Stdio::piped()).process_group(0);
    if let Some((user, group)) = user {
        watchdog.uid(user).gid(group);
    }
    let watchdog = watchdog.spawn().map_err(|error| error.to_string())?;
    let url = format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{port}");
    Ok(Server { url, _watchdog: Some(Watchdog { _child: watchdog, _output: None }) })
}

fn finish(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().display().to_string();
    let output = command.output().map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| error.to_string())?;
    listener.local_addr().map(|address| address.port()).map_err(|error| error.to_string())
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

fn postgres_user() -> Result<(u32, u32), String> {
    let users = std::fs::read_to_string("/etc/passwd").map_err(|error| error.to_string())?;
    let fields = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let found = fields
        .filter(|fields| fields.first() == Some(&"postgres"))
        .find_map(|fields| Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?)));
    found.ok_or_else(|| "PostgreSQL doesn't run as root, and there is no user postgres".to_owned())
}
