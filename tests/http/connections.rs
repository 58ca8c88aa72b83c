//! Which requests come over which connection.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use proofmark::adapter::{Http, Session, World as _};
use proofmark::protocol::{Actor, Doubt, Outcome, Query, Seen, Unknown, Verdict};
use proofmark::value::{Record, Value};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::server::read;
use super::{check, confirm, http, submit, world};

/// However slow this machine is, a connection is used again.
const PROFILE: &str = r#"
[limits]
idle = "10m"
[auth.ann]
kind = "bearer"
token = "token-of-ann"
[auth.bob]
kind = "bearer"
token = "token-of-bob"
[command.ConfirmOrder]
request = "POST /orders/${on}/confirm"
[query.GetOrderDetails]
request = "GET /orders/${on}"
"#;

/// What a server does with a connection behind an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    Keeps,
    /// Says that it closes, and does.
    Closes,
    /// Closes and doesn't say so.
    Vanishes,
}

/// The number of a connection, and the credentials of what came over it.
type Came = (usize, Option<String>);

/// A server that knows what came over which of its connections.
struct Keeper {
    url: String,
    /// The number of the connection, and who spoke over it.
    came: Arc<Mutex<Vec<Came>>>,
    accepted: Arc<AtomicUsize>,
    open: Arc<AtomicUsize>,
    /// Counts up to make it close what is idle.
    close: watch::Sender<u32>,
}

impl Keeper {
    async fn start(then: Then) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("an address");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let keeper = Self {
            url,
            came: Arc::default(),
            accepted: Arc::default(),
            open: Arc::default(),
            close: watch::Sender::new(0),
        };
        let (came, accepted, open) = (keeper.came.clone(), keeper.accepted.clone(), keeper.open.clone());
        let close = keeper.close.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let number = accepted.fetch_add(1, Ordering::SeqCst) + 1;
                open.fetch_add(1, Ordering::SeqCst);
                let (came, open, mut close) = (came.clone(), open.clone(), close.subscribe());
                tokio::spawn(async move {
                    tokio::select! {
                        () = converse(stream, number, then, &came) => {}
                        _ = close.changed() => {}
                    }
                    open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        keeper
    }

    fn target(&self) -> Http {
        http(&self.url, PROFILE)
    }

    fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    fn commands(&self) -> usize {
        self.came.lock().expect("no panic").len()
    }

    /// The connections that somebody's requests came over, one number for each request.
    fn of(&self, token: &str) -> Vec<usize> {
        let came = self.came.lock().expect("no panic");
        let token = Some(format!("Bearer {token}"));
        came.iter().filter(|(_, who)| *who == token).map(|(number, _)| *number).collect()
    }

    /// Closes what is idle, and comes back when the other side may know.
    async fn close_idle(&self) {
        self.close.send_modify(|times| *times += 1);
        while self.open.load(Ordering::SeqCst) > 0 {
            tokio::task::yield_now().await;
        }
        tokio::task::yield_now().await;
    }
}

/// Answers one request after the other. The first look at whether anybody is there is no command and no query.
async fn converse(mut stream: TcpStream, number: usize, then: Then, came: &Mutex<Vec<Came>>) {
    while let Some(request) = read(&mut stream).await {
        if request.target != "/" {
            came.lock().expect("no panic").push((number, request.header("authorization").map(str::to_owned)));
        }
        let close = if then == Then::Closes { "connection: close\r\n" } else { "" };
        let head = "HTTP/1.1 200 -\r\ncontent-type: application/json\r\ncontent-length: 2\r\n";
        if stream.write_all(format!("{head}{close}\r\n{{}}").as_bytes()).await.is_err() || then != Then::Keeps
        {
            return;
        }
    }
}

async fn confirms(session: &mut impl Session) -> Outcome {
    session.submit(&confirm(None)).await.outcome
}

#[tokio::test]
async fn each_session_has_a_connection_of_its_own() {
    let server = Keeper::start(Then::Keeps).await;
    let world = world(&server.target()).await;
    let mut ann = world.open(&Actor::named("ann")).await.expect("a session");
    let mut bob = world.open(&Actor::named("bob")).await.expect("a session");
    for _ in 0..5 {
        assert!(matches!(confirms(&mut ann).await, Outcome::Accepted(_)));
        assert!(matches!(confirms(&mut bob).await, Outcome::Accepted(_)));
    }
    let (ann, bob) = (server.of("token-of-ann"), server.of("token-of-bob"));
    assert_eq!((ann.len(), bob.len()), (5, 5));
    assert!(ann.iter().all(|number| *number == ann[0]), "{ann:?}");
    assert!(bob.iter().all(|number| *number == bob[0]), "{bob:?}");
    assert_ne!(ann[0], bob[0]);
}

/// Also where one is over before the other begins: whoever reads over a fresh connection must not get the writer's.
#[tokio::test]
async fn no_two_sessions_of_a_world_have_the_same_connection() {
    let server = Keeper::start(Then::Keeps).await;
    let target = server.target();
    let place = world(&target).await;
    for name in ["ann", "bob"] {
        let mut session = place.open(&Actor::named(name)).await.expect("a session");
        confirms(&mut session).await;
    }
    assert_ne!(server.of("token-of-ann"), server.of("token-of-bob"));
    drop(place);
    // The next world has use for them.
    submit(&target, &confirm(None)).await;
    assert_eq!(server.accepted(), 2);
}

#[test]
fn scenarios_keep_those_who_speak_apart() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = runtime.block_on(Keeper::start(Then::Keeps));
    let steps = "when ConfirmOrder on \"o\" as ann\nthen accepted\nwhen ConfirmOrder on \"o\" as bob\nthen accepted\n";
    check(&runtime, server.target(), &steps.repeat(3), Verdict::Pass);
    let ann: BTreeSet<_> = server.of("token-of-ann").into_iter().collect();
    let bob: BTreeSet<_> = server.of("token-of-bob").into_iter().collect();
    assert_eq!((ann.len(), bob.len(), ann.intersection(&bob).count()), (1, 1, 0), "{ann:?} {bob:?}");
}

/// What has been idle for longer than that is taken for closed.
#[tokio::test]
async fn a_connection_that_was_idle_for_too_long_is_not_used_again() {
    let server = Keeper::start(Then::Keeps).await;
    let target = http(&server.url, &PROFILE.replace("10m", "0s"));
    let world = world(&target).await;
    let mut session = world.open(&Actor::named("ann")).await.expect("a session");
    for _ in 0..3 {
        assert!(matches!(confirms(&mut session).await, Outcome::Accepted(_)));
    }
    let used: BTreeSet<_> = server.of("token-of-ann").into_iter().collect();
    assert_eq!(used.len(), 3, "{used:?}");
}

/// A server that hangs up on each connection when its second request has come, and keeps what came.
async fn hanging_up() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("an address");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let keeps = seen.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let keeps = keeps.clone();
            tokio::spawn(async move {
                for number in 0..2 {
                    let Some(request) = read(&mut stream).await else { return };
                    keeps.lock().expect("no panic").push(request.method);
                    let answer =
                        b"HTTP/1.1 200 -\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
                    if number == 1 || stream.write_all(answer).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (url, seen)
}

/// Nobody knows whether a command was heard over a connection that ended without an answer; a query may be asked again.
#[tokio::test]
async fn who_is_hung_up_on_asks_again_and_sends_nothing_again() {
    let (url, came) = hanging_up().await;
    let place = world(&http(&url, PROFILE)).await;
    let query = Query { name: "GetOrderDetails".into(), on: Some(Value::from("o-1")), fields: Record::new() };
    let mut asking = place.open(&Actor::named("ann")).await.expect("a session");
    let mut sending = place.open(&Actor::named("bob")).await.expect("a session");
    for _ in 0..2 {
        let answer = asking.ask(&query).await.answer;
        assert!(matches!(answer.seen, Seen::Found(_)), "{answer:?}");
    }
    let [first, second] = [confirms(&mut sending).await, confirms(&mut sending).await];
    assert!(matches!(first, Outcome::Accepted(_)), "{first}");
    assert!(matches!(&second, Outcome::Unknown(unknown) if unknown.doubt == Doubt::Lost), "{second}");
    let came = came.lock().expect("no panic").clone();
    let sent = came.iter().filter(|method| *method == "POST").count();
    assert!(sent == 2 && came.len() > 4, "{came:?}");
}

#[tokio::test]
async fn connections_are_used_again() {
    let server = Keeper::start(Then::Keeps).await;
    let target = server.target();
    for _ in 0..50 {
        assert!(matches!(submit(&target, &confirm(None)).await, Outcome::Accepted(_)));
    }
    assert_eq!((server.commands(), server.accepted()), (50, 1));

    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let target = target.clone();
        tasks.spawn(async move {
            for _ in 0..20 {
                submit(&target, &confirm(None)).await;
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(server.commands(), 210);
    assert!(server.accepted() <= 8, "{} for 8 at a time", server.accepted());
}

#[tokio::test]
async fn a_server_that_closes_behind_each_answer_is_dialled_each_time() {
    let server = Keeper::start(Then::Closes).await;
    let world = world(&server.target()).await;
    let mut session = world.open(&Actor::default()).await.expect("a session");
    for _ in 0..20 {
        assert!(matches!(confirms(&mut session).await, Outcome::Accepted(_)));
    }
    assert_eq!((server.commands(), server.accepted()), (20, 21));
}

#[tokio::test]
async fn a_connection_that_was_closed_while_it_was_idle_is_no_loss() {
    let server = Keeper::start(Then::Keeps).await;
    let world = world(&server.target()).await;
    let mut session = world.open(&Actor::default()).await.expect("a session");
    for _ in 0..20 {
        let outcome = confirms(&mut session).await;
        assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome}");
        server.close_idle().await;
    }
    assert_eq!(server.commands(), 20);
}

/// What may have been sent is never sent again, however the server behaves.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_comes_once_at_most() {
    let server = Keeper::start(Then::Vanishes).await;
    let world = world(&server.target()).await;
    let mut session = world.open(&Actor::default()).await.expect("a session");
    let mut accepted = 0;
    for _ in 0..100 {
        let before = server.commands();
        match confirms(&mut session).await {
            Outcome::Accepted(_) => {
                accepted += 1;
                assert_eq!(server.commands(), before + 1);
            }
            Outcome::Unknown(Unknown { doubt: Doubt::Lost, .. }) => assert_eq!(server.commands(), before),
            other => panic!("{other}"),
        }
    }
    assert!(accepted > 0);
}
