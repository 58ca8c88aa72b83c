//! The service: what it is asked over HTTP, and what it answers.

mod answer;
mod moment;
mod pen;
mod shelf;
mod store;
mod wire;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep, sleep_until};

use self::answer::{accepted, conflict, found, nothing, refused, replayed};
use self::pen::{Change, Command, Opening, Pen};
use self::store::Store;
use self::wire::{Request, Response};
use super::fault::Fault;
use super::oddity::Oddity::*;
use super::setup::Setup;

/// How long a window stays open in which a fault does its harm.
const WINDOW: Duration = Duration::from_millis(4);

/// Texts of others that everybody's list shows.
const DOLLARS: &[&str] = &["$5 off", "$pen1", "${7*7}", "$", "100 % of $keeper1"];

#[derive(Debug)]
struct Service {
    setup: Setup,
    store: Mutex<Store>,
}

/// Starts one, and tells where it is. It lives as long as the runtime.
pub(super) async fn start(setup: Setup) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("an address");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let idle = Duration::from_secs(if setup.has(IdleClosed) { 1 } else { 120 });
    let service = Arc::new(Service { store: Mutex::new(Store::new(&setup)), setup });
    service.furnish();
    let handle = move |request| {
        let service = service.clone();
        async move { service.handle(&request).await }
    };
    tokio::spawn(wire::serve(listener, idle, handle));
    url
}

impl Service {
    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().expect("no panic")
    }

    /// What others have left there.
    fn furnish(&self) {
        let rows = if self.setup.has(DollarRows) { DOLLARS } else { &[] };
        for (at, text) in rows.iter().enumerate() {
            let mut store = self.store();
            store.opened += 1;
            let opened = Opening {
                keeper: "a6e2e0e6-5b0f-4c39-a3a5-3e5f5ba5b4d5".into(),
                tag: Some((*text).into()),
                note: Some((*text).into()),
                since: None,
                colour: None,
                places: 4,
            };
            let number = store.opened;
            let pen = Pen::new((*text).into(), opened, number);
            let id = if self.setup.has(IntegerIds) { (at + 1).to_string() } else { format!("others-{at}") };
            store.apply(&id, &Change::Opened(pen));
        }
    }

    async fn handle(&self, request: &Request) -> Response {
        let path: Vec<&str> = request.path.iter().map(String::as_str).collect();
        match (request.method.as_str(), &path[..]) {
            ("GET", [] | ["health"]) => nothing(),
            ("GET", ["caught-up", _]) => {
                let (single, list) = {
                    let store = self.store();
                    (store.single.caught_up(), store.list.caught_up())
                };
                if let Some(last) = single.max(list) {
                    sleep_until(last).await;
                }
                nothing()
            }
            ("GET", ["pens", id]) => {
                let pen = self.store().single.pen(id, Instant::now());
                pen.map_or_else(|| refused(&self.setup, 404, "NoSuchPen"), |pen| found(&self.setup, id, &pen))
            }
            ("GET", ["tags", tag]) => {
                let store = self.store();
                let named = store.pens.iter().filter(|(_, pen)| pen.opened.tag.as_deref() == Some(tag));
                answer::tagged(&self.setup, named.map(|(id, _)| (id.as_str(), *tag)))
            }
            ("GET", ["pens"]) => self.list(request),
            ("GET", ["totals"]) => {
                let open = self.store().list.open(Instant::now());
                answer::totals(&self.setup, open.len(), shelf::feed(open.iter().map(|(_, pen)| pen)))
            }
            ("POST", ["pens"]) if self.setup.makes_ids() => self.command(request, None, "open").await,
            ("POST", ["pens", id, command]) => self.command(request, Some(id), command).await,
            _ => refused(&self.setup, 404, "NoSuchRoute"),
        }
    }

    fn list(&self, request: &Request) -> Response {
        let mut open = self.store().list.open(Instant::now());
        if !self.setup.for_everybody() {
            let Some(keeper) = request.parameter("keeper") else {
                return refused(&self.setup, 400, "Malformed");
            };
            open.retain(|(_, pen)| pen.opened.keeper == keeper);
        }
        if self.setup.has(NewestFirst) {
            open.reverse();
        }
        let total = open.len() + usize::from(self.setup.is(Fault::WrongTotal));
        let Some(most) = self.setup.page() else {
            return answer::list(&self.setup, &open, total, None);
        };
        if let Some(after) = request.parameter("after") {
            let Ok(after) = after.parse::<u64>() else { return refused(&self.setup, 400, "Malformed") };
            open.retain(
                |(_, pen)| if self.setup.has(NewestFirst) { pen.number < after } else { pen.number > after },
            );
        }
        let more = open.len() > most;
        open.truncate(most);
        let next = open.last().filter(|_| more).map(|(_, pen)| pen.number);
        if self.setup.is(Fault::PageLoses) && more {
            open.pop();
        }
        answer::list(&self.setup, &open, total, next)
    }

    async fn command(&self, request: &Request, id: Option<&str>, path: &str) -> Response {
        let Some(command) = Command::read(&self.setup, path, &request.body) else {
            return refused(&self.setup, 400, "Malformed");
        };
        let key = request.header("idempotency-key");
        let whole = [request.path.join("/").as_bytes(), b"\n", &request.body].concat();
        if let Some(key) = key {
            if self.setup.has(UuidFields) && uuid::Uuid::parse_str(key).is_err() {
                return refused(&self.setup, 400, "Malformed");
            }
            let twice = self.setup.is(Fault::RetryTwice) && matches!(command, Command::Stock(_));
            let known = self.store().keys.get(key).cloned().filter(|_| !twice);
            match known {
                Some((asked, answer)) if asked == whole => return replayed(&self.setup, answer),
                Some(_) => return refused(&self.setup, 422, "KeyReused"),
                None => {}
            }
        }
        let id = match id {
            Some(id) => id.to_owned(),
            None => self.new_id(),
        };
        let response = self.carry_out(request, &id, command, key, whole).await;
        self.store().busy.retain(|busy| *busy != id);
        response
    }

    fn new_id(&self) -> String {
        let mut store = self.store();
        store.opened += 1;
        if self.setup.has(IntegerIds) {
            (store.opened + 1000).to_string()
        } else {
            format!("pen-{:04x}", store.opened * 7919 % 65_536)
        }
    }

    async fn carry_out(
        &self,
        request: &Request,
        id: &str,
        command: Command,
        key: Option<&str>,
        whole: Vec<u8>,
    ) -> Response {
        if self.setup.is(Fault::CrossConflict) {
            let others = {
                let mut store = self.store();
                store.busy.push(id.to_owned());
                store.busy.iter().any(|busy| busy != id)
            };
            if others {
                return conflict(&self.setup);
            }
            sleep(WINDOW).await;
        }
        let read = self.store().pens.get(id).cloned();
        let stale = match command {
            Command::Open(..) => self.setup.is(Fault::CheckThenInsert),
            Command::Stock(_) | Command::Take(_) => self.setup.is(Fault::LostUpdate),
            _ => false,
        };
        if stale {
            sleep(WINDOW).await;
        }
        let mut store = self.store();
        // Of copies that came at the same time, the first has its answer by now.
        if let Some((_, answer)) =
            key.filter(|_| !self.setup.is(Fault::RetryTwice)).and_then(|key| store.keys.get(key))
        {
            return replayed(&self.setup, answer.clone());
        }
        let version = store.version(id);
        let tag = format!("\"{version}\"");
        let there = store.pens.contains_key(id);
        let expected = request.header("if-match").is_none_or(|wanted| there && wanted == tag)
            && request.header("if-none-match").is_none_or(|_| !there);
        let pen = if stale { read } else { store.pens.get(id).cloned() };
        let response = if expected {
            match store.decide(&self.setup, id, pen.as_ref(), command) {
                Ok(changes) => {
                    for (id, change) in changes {
                        store.apply(&id, &change);
                    }
                    accepted(&self.setup, id, store.version(id))
                }
                Err(code) => refused(&self.setup, 409, code),
            }
        } else {
            conflict(&self.setup)
        };
        if let Some(key) = key {
            store.keys.insert(key.to_owned(), (whole, response.clone()));
        }
        response
    }
}

/// A JSON text, of whatever.
fn text(value: &str) -> String {
    Value::from(value).to_string()
}
