//! `proofmark serve`: one line on standard output, answers over HTTP, an end that is no failure.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use super::{check_output, proofmark};

/// The command, serving. It ends when this is dropped.
pub(super) struct Serving {
    child: Child,
    pub(super) url: String,
}

impl Serving {
    pub(super) fn start(args: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::run(Command::new(env!("CARGO_BIN_EXE_proofmark")), args, variables)
    }

    fn run(mut command: Command, args: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut child = command
            .arg("serve")
            .args(args)
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut line = String::new();
        let out = child.stdout.as_mut().expect("its output");
        // The pipe stays with the child: what comes after the line is looked at in the end.
        BufReader::with_capacity(1, out).read_line(&mut line).expect("a line");
        Self { child, url: line.trim_end().to_owned() }
    }

    /// The answer to a request without a body, header and body.
    fn ask(&self, request: &str) -> String {
        self.send(request, "")
    }

    #[cfg(feature = "stores")]
    fn post(&self, path: &str, body: &str) -> String {
        self.send(&format!("POST {path} HTTP/1.1"), body)
    }

    fn send(&self, request: &str, body: &str) -> String {
        let address = self.url.strip_prefix("http://").expect("a URL");
        let mut stream = TcpStream::connect(address).expect("a connection");
        let request = format!("{request}\r\nhost: {address}\r\nconnection: close\r\n");
        let length = format!("content-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all(format!("{request}{length}{body}").as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    /// Sends the signal; the exit code, and what else was printed.
    fn stop(mut self, signal: &str) -> (Option<i32>, String) {
        let kill = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(kill.expect("kill is there").success());
        let mut rest = String::new();
        self.child.stdout.as_mut().expect("its output").read_to_string(&mut rest).expect("text");
        self.child.stderr.as_mut().expect("its messages").read_to_string(&mut rest).expect("text");
        (self.child.wait().expect("it ends").code(), rest)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Fails only where it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn it_prints_its_url_serves_and_ends_well() {
    for signal in ["-TERM", "-INT"] {
        let serving = Serving::start(&["--sync", "eventual", "--lag", "5ms"], &[]);
        assert!(serving.url.starts_with("http://127.0.0.1:"), "{}", serving.url);
        let answer = serving.ask("GET /health HTTP/1.1");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert_eq!(serving.stop(signal), (Some(0), String::new()));
    }
}

#[test]
fn versions_can_be_required() {
    let serving = Serving::start(&["--require-version"], &[]);
    let answer = serving.ask("POST /orders/00000000-0000-4000-8000-000000000001/confirm HTTP/1.1");
    assert!(answer.starts_with("HTTP/1.1 428"), "{answer}");
}

#[test]
fn a_tenants_token_comes_from_the_environment_and_shows_nowhere() {
    let tenant = ["--tenant", "acme=PROOFMARK_TEST_TOKEN"];
    let serving = Serving::start(&tenant, &[("PROOFMARK_TEST_TOKEN", "canary-secret")]);
    let stranger = serving.ask("GET /events HTTP/1.1");
    assert!(stranger.starts_with("HTTP/1.1 401"), "{stranger}");
    let known = serving.ask("GET /events HTTP/1.1\r\nauthorization: Bearer canary-secret");
    assert!(known.starts_with("HTTP/1.1 200"), "{known}");
    let (code, printed) = serving.stop("-TERM");
    assert_eq!((code, printed.contains("canary")), (Some(0), false), "{printed}");
    check_output(&proofmark(&["serve", "--tenant", "acme=NOT_SET_ANYWHERE"]), 3, "holds no token for acme");
}

#[test]
fn what_makes_no_sense_is_said() {
    check_output(&proofmark(&["serve", "--lag", "50ms"]), 64, "--sync eventual");
    check_output(&proofmark(&["serve", "--defect", "dorp-event"]), 64, "drop-event");
    check_output(&proofmark(&["serve", "--tenant", "acme"]), 64, "acme=ACME_TOKEN");
    check_output(&proofmark(&["serve", "--write-model", "state"]), 64, "--store");
    check_output(
        &proofmark(&["serve", "--store", "memory", "--write-model", "state"]),
        64,
        "--store sqlite:FILE",
    );
    check_output(&proofmark(&["serve", "--store", "memory", "--write-model", "rows"]), 64, "events, state");
    check_output(&proofmark(&["serve", "--projection", "triggers"]), 64, "--store");
    check_output(
        &proofmark(&["serve", "--store", "memory", "--projection", "events"]),
        64,
        "--store sqlite:FILE",
    );
    check_output(
        &proofmark(&["serve", "--store", "memory", "--store-defect", "x"]),
        64,
        "--store sqlite:FILE",
    );
    let apart =
        ["serve", "--store", "sqlite:x.db", "--read-store", "sqlite:y.db", "--projection", "transaction"];
    check_output(&proofmark(&apart), 64, "--projection events");
    let lagging = ["serve", "--store", "sqlite:x.db", "--sync", "eventual", "--projection", "triggers"];
    check_output(&proofmark(&lagging), 64, "--projection events");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("its address").port().to_string();
    check_output(&proofmark(&["serve", "--port", &port]), 3, "can't serve: 127.0.0.1:");
}

/// A database has what was acknowledged, whatever became of the server; an address that can't be used is said at once,
/// and none of them shows a password.
#[cfg(feature = "stores")]
#[test]
fn a_database_keeps_what_was_acknowledged() {
    let file = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("serve-{}.db", std::process::id()));
    let address = format!("sqlite:{}", file.display());
    let events = |serving: &Serving| {
        let answer = serving.ask("GET /events HTTP/1.1");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        answer.matches("OrderCreated").count()
    };
    for round in 0..3 {
        // The first says what is kept; then the file says it.
        let kept: &[&str] = match round {
            0 => &["--write-model", "state", "--projection", "triggers"],
            1 => &["--sync", "eventual", "--lag", "1ms"],
            _ => &["--projection", "events"],
        };
        let serving = Serving::start(kept, &[("PROOFMARK_STORE", &address)]);
        assert_eq!(events(&serving), round);
        let order = format!("00000000-0000-4000-8000-00000000000{round}");
        let body = format!(
            r#"{{"id": "{order}", "customer": "c", "items": [{{"product": "p", "quantity": 1, "price": "1"}}]}}"#
        );
        let answer = serving.post("/orders", &body);
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
        let waited = serving.ask("GET /read-models/order_summary/wait HTTP/1.1");
        assert!(waited.starts_with("HTTP/1.1 200"), "{waited}");
        let shown = serving.ask(&format!("GET /orders/{order} HTTP/1.1"));
        assert!(shown.starts_with("HTTP/1.1 200") && shown.contains("@example.com"), "{shown}");
        // Dropped: killed.
    }
    let other = proofmark(&["serve", "--store", &address, "--write-model", "events"]);
    check_output(&other, 3, "keeps the write model `state`, not `events`");
    let events = format!("{address}.events");
    let nothing =
        proofmark(&["serve", "--store", &events, "--write-model", "events", "--projection", "triggers"]);
    check_output(&nothing, 3, "triggers need the write model `state`");
    for (defect, code, message) in
        [("relayed-twice", 3, "it needs the write model `state`"), ("relayed-twise", 64, "relayed-twice")]
    {
        let refused = proofmark(&["serve", "--store", &events, "--store-defect", defect]);
        check_output(&refused, code, message);
    }
    for file in [".events", ".events-wal", ".events-shm", "", "-wal", "-shm"]
        .map(|end| format!("{}{end}", file.display()))
    {
        let _ = std::fs::remove_file(file);
    }
    for address in ["mysql://ann:canary@localhost/orders", "postgres://ann:canary@127.0.0.1:1/orders"] {
        let output = proofmark(&["serve", "--store", address]);
        check_output(&output, 3, "can't serve: ");
        assert!(!format!("{output:?}").contains("canary"), "{output:?}");
    }
}

/// No file of this process may grow beyond 1 MiB (2 where the shell counts otherwise), as where a disk is full: it says so to
/// whoever runs it, answers that it can't, reads on, and goes on once there is room.
#[cfg(all(feature = "stores", target_os = "linux"))]
#[test]
fn what_a_database_has_no_room_for_is_refused_until_it_has() {
    let folder =
        std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("full-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = format!("sqlite:{}", folder.join("orders.db").display());
    let mut limited = Command::new("sh");
    limited.args([
        "-c",
        "trap '' XFSZ; ulimit -S -f 2048; exec \"$0\" \"$@\"",
        env!("CARGO_BIN_EXE_proofmark"),
    ]);
    let serving = Serving::run(limited, &["--store", &file, "--projection", "events"], &[]);
    let send = |number: usize| {
        let body = format!(
            r#"{{"id": "00000000-0000-4000-8000-{number:012}", "customer": "c", "items": [{{"product": "p", "quantity": 1, "price": "1"}}]}}"#
        );
        serving.send(&format!("POST /orders HTTP/1.1\r\nidempotency-key: k-{number}"), &body)
    };
    let answers: Vec<_> = (0..5000)
        .map(send)
        .scan(true, |accepted, answer| {
            accepted.then(|| {
                *accepted = answer.starts_with("HTTP/1.1 201");
                answer
            })
        })
        .collect();
    let (refused, accepted) = answers.split_last().expect("at least one");
    assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("StoreUnavailable"), "{refused}");
    let last = accepted.len();
    assert!(last > 0, "{refused}");
    for number in 0..last {
        let shown = serving.ask(&format!("GET /orders/00000000-0000-4000-8000-{number:012} HTTP/1.1"));
        assert!(shown.starts_with("HTTP/1.1 200"), "{shown}");
    }
    let process = serving.child.id().to_string();
    let raised = Command::new("prlimit").args(["--pid", &process, "--fsize=unlimited"]).status();
    assert!(raised.expect("prlimit is there").success());
    for number in [last, last + 1, 0] {
        let answer = send(number);
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    }
    let events = serving.ask(&format!("GET /events?after={last} HTTP/1.1"));
    assert_eq!(events.matches("OrderCreated").count(), 2, "{events}");
    let (code, said) = serving.stop("-TERM");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("error: POST /orders: ") && said.contains("disk I/O error"), "{said}");
    std::fs::remove_dir_all(&folder).expect("removed");
}

/// Commands go to one database, and queries are answered from another, before the answer to the command too.
#[cfg(feature = "stores")]
#[test]
fn read_models_can_have_a_database_of_their_own() {
    let folder =
        std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("apart-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let [write, read] = ["write", "read"].map(|name| format!("sqlite:{}", folder.join(name).display()));
    let order = "00000000-0000-4000-8000-000000000001";
    let body = format!(
        r#"{{"id": "{order}", "customer": "c", "items": [{{"product": "p", "quantity": 1, "price": "1"}}]}}"#
    );
    let serving = Serving::start(&["--store", &write, "--read-store", &read], &[]);
    assert!(serving.post("/orders", &body).starts_with("HTTP/1.1 201"));
    let shown = serving.ask(&format!("GET /orders/{order} HTTP/1.1"));
    assert!(shown.starts_with("HTTP/1.1 200"), "{shown}");
    drop(serving);
    // The rows are there, and their log is not.
    let other = format!("{write}-other");
    check_output(
        &proofmark(&["serve", "--store", &other, "--read-store", &read]),
        3,
        "belong to another one",
    );
    std::fs::remove_dir_all(&folder).expect("removed");
}

#[cfg(not(feature = "stores"))]
#[test]
fn a_build_without_databases_says_so() {
    let output = proofmark(&["serve", "--store", "postgres://ann:canary@127.0.0.1:1/orders"]);
    check_output(&output, 3, "feature `stores`");
    assert!(!format!("{output:?}").contains("canary"), "{output:?}");
}
