//! Services that mean no good, each for one test, and the command run against them with its memory watched.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// Between two looks at a command that runs.
const PAUSE: Duration = Duration::from_millis(2);

/// So many looks, two minutes and more, are enough.
const LOOKS: usize = 60_000;

/// What a service answers: a status, and the body behind it.
pub(super) type Answer = (u16, Arc<Vec<u8>>);

pub(super) fn body(text: impl Into<Vec<u8>>) -> Arc<Vec<u8>> {
    Arc::new(text.into())
}

/// A service that answers each request by its method and target, for as long as the tests run. Connections stay open, as
/// with most services.
pub(super) fn serve(handler: impl Fn(&str, &str) -> Answer + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("an address");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let handler = Arc::new(handler);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let handler = handler.clone();
            std::thread::spawn(move || converse(&stream, &*handler));
        }
    });
    url
}

fn converse(stream: &TcpStream, handler: &dyn Fn(&str, &str) -> Answer) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).ok().filter(|read| *read > 0)?;
            if header.trim().is_empty() {
                break;
            }
            if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        reader.read_exact(&mut vec![0; length]).ok()?;
        let mut words = line.split(' ');
        let (status, body) = handler(words.next()?, words.next()?);
        let head = format!(
            "HTTP/1.1 {status} -\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let mut stream = stream;
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)).ok()?;
    }
}

/// What became of the command.
pub(super) struct Ran {
    pub(super) code: Option<i32>,
    /// Both of its outputs.
    pub(super) text: String,
    /// The most memory it had at once, in MiB (`VmHWM` of proc(5)), as far as it was seen.
    pub(super) peak: u64,
}

/// Runs the command in a directory and looks at its memory as long as it runs, for two minutes at most.
pub(super) fn watched(directory: &Path, args: &[&str]) -> Ran {
    let (out, err) = (directory.join("stdout"), directory.join("stderr"));
    let file = |path: &Path| std::fs::File::create(path).expect("a file");
    let mut child = Command::new(env!("CARGO_BIN_EXE_proofmark"))
        .args(args)
        .current_dir(directory)
        .stdin(Stdio::null())
        .stdout(file(&out))
        .stderr(file(&err))
        .spawn()
        .expect("it runs");
    let status = format!("/proc/{}/status", child.id());
    let (mut peak, mut looks) = (0, 0);
    let code = loop {
        let now = std::fs::read_to_string(&status).unwrap_or_default();
        let kib = now.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = kib.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
        peak = peak.max(kib.unwrap_or(0) / 1024);
        if let Some(ended) = child.try_wait().expect("its state") {
            break ended.code();
        }
        looks += 1;
        if looks > LOOKS {
            child.kill().expect("it is ended");
            child.wait().expect("its end");
            break None;
        }
        std::thread::sleep(PAUSE);
    };
    let read = |path: &Path| String::from_utf8_lossy(&std::fs::read(path).expect("its output")).into_owned();
    Ran { code, text: read(&out) + &read(&err), peak }
}
