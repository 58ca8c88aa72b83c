//! A server in a container.
//!
//! A process of its own owns it: the test binary once more, in the test `owns_the_container` (`own`). It starts the container, writes
//! its address on its standard output, and takes it away again when its standard input ends. That comes however the
//! tests end. In this process nobody could do it: the server is for all tests, and nothing runs behind the last one.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use testcontainers::core::IntoContainerPort as _;
use testcontainers::runners::AsyncRunner as _;
use testcontainers::{ContainerAsync, GenericImage, ImageExt as _, TestcontainersError};
use tokio::io::AsyncReadExt as _;

use crate::{PASSWORD, SETTINGS, Server, USER, Watchdog};

/// What the owner is asked with.
const OWNER: &str = "THROWAWAY_OWNER";
/// Before the address, or the reason why there is none. The test harness writes on the same line.
const STARTED: &str = "throwaway: started ";
const FAILED: &str = "throwaway: failed ";
/// The image, where `CONTAINER_POSTGRES_IMAGE` names none.
const IMAGE: &str = "postgres:16-alpine";
/// What our containers are found by, should one be left behind.
const LABEL: &str = "throwaway";
const PORT: u16 = 5432;
/// How long the server may take to answer, once its container has started.
const PATIENCE: Duration = Duration::from_secs(120);
const ENDED: &str = "its command has ended";
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Has the owner start it.
pub(crate) fn start() -> Result<Server, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut owner = Command::new(program);
    owner.args(["owns_the_container", "--ignored", "--nocapture"]).env(OWNER, "1");
    // Ctrl-C, which ends this process, is not for the owner.
    owner.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
    let mut owner = owner.spawn().map_err(|error| error.to_string())?;
    let mut out = BufReader::new(owner.stdout.take().expect("its output"));
    let mut line = String::new();
    while out.read_line(&mut line).map_err(|error| error.to_string())? > 0 {
        if let Some((_, url)) = line.split_once(STARTED) {
            let url = url.trim_end().to_owned();
            return Ok(Server { url, _watchdog: Some(Watchdog { _child: owner, _output: Some(out) }) });
        }
        if let Some((_, reason)) = line.split_once(FAILED) {
            let _ = owner.wait();
            return Err(reason.trim_end().to_owned());
        }
        line.clear();
    }
    let _ = owner.wait();
    Err("these tests have no `owns_the_container`, ignored, which calls throwaway::own".to_owned())
}

/// The body of the ignored test `owns_the_container`, which every test binary has that asks for a server. Does nothing unless it was
/// started to own one.
pub fn own() {
    if std::env::var_os(OWNER).is_none() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let container = match run().await {
            Ok((container, url)) => {
                tell(STARTED, &url);
                container
            }
            Err(reason) => return tell(FAILED, &reason),
        };
        // Ends with the process at its other end.
        let _ = tokio::io::stdin().read_to_end(&mut Vec::new()).await;
        if let Err(error) = container.rm().await {
            crate::say(&format!("a container of PostgreSQL is left behind: {}", chain(&error)));
        }
    });
    // The harness would say how this test went, where nobody listens any more.
    std::process::exit(0);
}

fn tell(what: &str, text: &str) {
    let line = text.replace(['\r', '\n'], " ");
    let mut out = std::io::stdout().lock();
    // If nobody listens any more, the standard input has ended, too.
    let _ = writeln!(out, "\n{what}{line}").and_then(|()| out.flush());
}

/// A container with a server that answers; the server's address.
async fn run() -> Result<(ContainerAsync<GenericImage>, String), String> {
    let image = std::env::var("CONTAINER_POSTGRES_IMAGE").unwrap_or_else(|_| IMAGE.to_owned());
    let (name, tag) = parts(&image);
    let request = GenericImage::new(name, tag)
        .with_exposed_port(PORT.tcp())
        .with_label(LABEL, "tests")
        .with_env_var("POSTGRES_USER", USER)
        .with_env_var("POSTGRES_PASSWORD", PASSWORD)
        .with_env_var("POSTGRES_SETTINGS", SETTINGS);
    let request = match std::env::var("CONTAINER_POSTGRES_COMMAND") {
        Ok(command) => request.with_cmd(["sh".to_owned(), "-c".to_owned(), command]),
        // What the entry point of the official images takes.
        Err(_) => request.with_cmd(["postgres"].into_iter().chain(SETTINGS.split(' '))),
    };
    let mut container = request.start().await.map_err(|error| {
        let otherwise = "CONTAINER_POSTGRES_IMAGE and DOCKER_HOST name another image and another engine";
        format!("{image}: {}; {otherwise}", chain(&error))
    })?;
    match answering(&container).await {
        Ok(url) => Ok((container, url)),
        Err(reason) => {
            let said = last_words(&mut container).await;
            let _ = container.rm().await;
            Err(format!("{image}: {reason}; it said: {said}"))
        }
    }
}

/// `name:tag`, where the name may have a host with a port before it.
fn parts(image: &str) -> (&str, &str) {
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (image, "latest"),
    }
}

/// Waits until the server in there answers. It can't be told by what it prints: the official images start it
/// twice, and others print otherwise.
async fn answering(container: &ContainerAsync<GenericImage>) -> Result<String, String> {
    let host = container.get_host().await.map_err(|error| chain(&error))?;
    let port = match container.get_host_port_ipv4(PORT.tcp()).await {
        Ok(port) => port,
        // Its ports end with it.
        Err(_) if !is_running(container).await? => return Err(ENDED.to_owned()),
        Err(error) => return Err(chain(&error)),
    };
    let url = format!("postgres://{USER}:{PASSWORD}@{host}:{port}");
    let options: PgConnectOptions = format!("{url}/postgres").parse().expect("an address");
    let options = options.disable_statement_logging();
    let mut last = String::new();
    let answer = async {
        loop {
            match PgConnection::connect_with(&options).await {
                Ok(connection) => return connection.close().await.map_err(|error| error.to_string()),
                Err(error) => last = error.to_string(),
            }
            if !is_running(container).await? {
                return Err(ENDED.to_owned());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    match tokio::time::timeout(PATIENCE, answer).await {
        Ok(answered) => answered.map(|()| url),
        Err(_) => Err(format!("no answer within {} s: {last}", PATIENCE.as_secs())),
    }
}

async fn is_running(container: &ContainerAsync<GenericImage>) -> Result<bool, String> {
    container.is_running().await.map_err(|error| chain(&error))
}

/// The end of what the container wrote on standard error.
async fn last_words(container: &mut ContainerAsync<GenericImage>) -> String {
    let said = container.stderr_to_vec().await.unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let lines: Vec<&str> = said.lines().collect();
    lines[lines.len().saturating_sub(5)..].join(" / ")
}

/// An error with what is behind it.
fn chain(error: &TestcontainersError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}
