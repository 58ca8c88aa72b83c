//! One connection: how it is made, and what goes over it.

use std::error::Error;
use std::future::poll_fn;
use std::io::ErrorKind;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, Response, Uri};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::header::{HOST, HeaderMap, HeaderValue, USER_AGENT};
use reqwest::{Method, Url};
use rustls::pki_types::CertificateDer;
use rustls::{CertificateError, ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;
use tokio::time::{Instant, timeout};
use tower_service::Service as _;

use super::capture::Raw;
use super::error::{Failed, NoAnswer, Refused};
use super::room::Room;
use crate::profile::Limits;
use crate::protocol::Doubt;

/// Whoever closes connections that are idle waits for longer than this.
const A_WHILE: Duration = Duration::from_millis(100);
/// A service that says how long it keeps a connection is told from so much earlier on.
const BEFORE: Duration = Duration::from_millis(200);

/// A request as it goes over a connection.
pub(super) type Message = Request<Full<Bytes>>;

/// Makes connections.
pub(super) struct Dialler {
    connector: HttpsConnector<HttpConnector>,
    within: Duration,
    idle: Duration,
}

/// A connection to one origin. One request at a time goes over it.
pub(super) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    wire: Driver,
    origin: Uri,
    host: HeaderValue,
    /// When it was used last.
    used: Instant,
    /// For how long it is used again since: no longer than the service says.
    idle: Duration,
}

/// What moves a connection's bytes; nothing once it is closed. Whoever waits for an answer does so, in a task of their own: a
/// task for each connection would have to be woken twice for each request.
type Driver = Option<Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>>;

/// Why a request has no answer.
pub(super) struct Broken {
    pub(super) failed: Failed,
    /// The request, if nothing of it was sent.
    pub(super) unsent: Option<Box<Message>>,
    /// Whether the connection ended before an answer began.
    pub(super) is_silent: bool,
}

impl Dialler {
    /// One that speaks to no `https` needs none of the system's certificates, and reading them takes longer than all else.
    /// Of those that do, these authorities are trusted besides the system's.
    pub(super) fn new(
        limits: &Limits,
        secure: Option<&[CertificateDer<'static>]>,
    ) -> Result<Self, rustls::Error> {
        let mut http = HttpConnector::new();
        // TLS comes on top of it.
        http.enforce_http(false);
        http.set_nodelay(true);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider.clone());
        let config = config.with_safe_default_protocol_versions()?;
        let config = match secure {
            None => config.with_root_certificates(RootCertStore::empty()),
            Some(authorities) => {
                let verifier = Verifier::new_with_extra_roots(authorities.iter().cloned(), provider)?;
                config.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
            }
        };
        let mut config = config.with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            connector: HttpsConnector::from((http, config)),
            within: limits.connect,
            idle: limits.idle,
        })
    }

    /// A new connection to where a URL is. Only one that is refused proves that nobody is there.
    pub(super) async fn dial(&self, url: &Url) -> Result<Connection, Failed> {
        let origin: Uri = url
            .origin()
            .ascii_serialization()
            .parse()
            .map_err(|error| Refused::NoAddress(Arc::new(error)))?;
        let host = origin.authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok());
        let host = host.ok_or(Refused::NoHost)?;
        let mut connector = self.connector.clone();
        let connected = async {
            poll_fn(|context| connector.poll_ready(context)).await?;
            connector.call(origin.clone()).await
        };
        let connected = timeout(self.within, connected)
            .await
            .map_err(|_| Failed::unknown(Doubt::Timeout, None, NoAnswer::LateConnection(self.within)))?;
        let stream = connected.map_err(|error| match chain(&*error) {
            why if is_untrusted(&*error) => Refused::Untrusted(why).into(),
            why if is_refused(&*error) => Refused::Connection(why).into(),
            why => Failed::unknown(Doubt::Lost, None, NoAnswer::Connection(why)),
        })?;
        let (sender, wire) = handshake(stream).await.map_err(|error| lost(&error))?;
        let (wire, used) = (Some(Box::pin(wire) as _), Instant::now());
        Ok(Connection { sender, wire, origin, host, used, idle: self.idle })
    }
}

impl Connection {
    /// Whether it leads to where a URL is.
    pub(super) fn leads_to(&self, url: &Url) -> bool {
        self.origin.scheme_str() == Some(url.scheme())
            && self.origin.host() == url.host_str()
            && self.origin.port_u16() == url.port()
    }

    /// Whether it may still be open.
    pub(super) fn is_fresh(&self, now: Instant) -> bool {
        self.wire.is_some() && !self.sender.is_closed() && now.duration_since(self.used) < self.idle
    }

    /// Why a request that went over it, and not only asked, has no answer: what had not been used for `rested` may have been closed at the
    /// other end when that came. A service does not close what it has just answered over: that is its own doing.
    pub(super) fn silent(failed: Failed, rested: Duration) -> Failed {
        match failed {
            Failed::Unknown { doubt: Doubt::Lost, status, why } if rested >= A_WHILE => {
                let rested = Duration::from_millis(u64::try_from(rested.as_millis()).unwrap_or(u64::MAX));
                Failed::Unknown { doubt: Doubt::Idle, status, why: NoAnswer::Idle(rested, why.to_string()) }
            }
            failed => failed,
        }
    }

    /// For how long it has not been used.
    pub(super) fn rested(&self) -> Duration {
        self.used.elapsed()
    }

    /// Sends a request and reads its answer, up to so many bytes. Only behind a whole one is the connection of use to
    /// anybody.
    pub(super) async fn exchange(&mut self, mut message: Message, most: usize) -> Result<Raw, Broken> {
        let Self { sender, wire, host, idle, .. } = self;
        message.headers_mut().entry(HOST).or_insert_with(|| host.clone());
        let exchange = async {
            if let Err(error) = sender.ready().await {
                return Err(Broken {
                    failed: lost(&error),
                    unsent: Some(Box::new(message)),
                    is_silent: true,
                });
            }
            let response = sender.try_send_request(message).await.map_err(|mut error| {
                let unsent = error.take_message().map(Box::new);
                Broken { failed: lost(error.error()), unsent, is_silent: true }
            })?;
            if let Some(kept) = kept_for(response.headers()) {
                *idle = (*idle).min(kept.saturating_sub(BEFORE));
            }
            let got = read(response, most).await;
            got.map_err(|failed| Broken { failed, unsent: None, is_silent: false })
        };
        let got = driven(wire, exchange).await;
        self.used = Instant::now();
        got
    }
}

/// What comes of something that goes over a wire.
async fn driven<T>(wire: &mut Driver, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    poll_fn(|context| {
        // Why it ended is told to whoever waits for an answer.
        if wire.as_mut().is_some_and(|wire| wire.as_mut().poll(context).is_ready()) {
            *wire = None;
        }
        work.as_mut().poll(context)
    })
    .await
}

fn lost(error: &hyper::Error) -> Failed {
    Failed::unknown(Doubt::Lost, None, NoAnswer::Connection(chain(error)))
}

/// A request in origin-form (RFC 9112, section 3.2.1): where it goes is the connection's business, and credentials in a
/// URL go nowhere.
pub(super) fn message(
    method: &Method,
    url: &Url,
    mut headers: HeaderMap,
    body: impl Into<Bytes>,
) -> Result<Message, Refused> {
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let target = Uri::try_from(target).map_err(|error| Refused::NoTarget(Arc::new(error)))?;
    let agent = HeaderValue::from_static(concat!("proofmark/", env!("CARGO_PKG_VERSION")));
    headers.entry(USER_AGENT).or_insert(agent);
    let mut message = Request::new(Full::new(body.into()));
    *message.method_mut() = method.clone();
    *message.uri_mut() = target;
    *message.headers_mut() = headers;
    Ok(message)
}

/// How long a service keeps an idle connection, by its own word: `Keep-Alive: timeout=5` (RFC 2068, section 19.7.1.1), in seconds.
fn kept_for(headers: &HeaderMap) -> Option<Duration> {
    let told = headers.get("keep-alive")?.to_str().ok()?;
    let seconds = told.split(',').find_map(|one| one.trim().strip_prefix("timeout=")?.trim().parse().ok());
    seconds.map(Duration::from_secs)
}

/// Reads an answer, up to so many bytes.
async fn read(response: Response<Incoming>, most: usize) -> Result<Raw, Failed> {
    let (head, mut rest) = response.into_parts();
    let status = head.status.as_u16();
    let told = rest.size_hint().exact().and_then(|told| usize::try_from(told).ok());
    let expected = told.map_or(most, |told| told.min(most));
    let (mut body, mut room) = (Body::default(), Room::default());
    while let Some(frame) = rest.frame().await {
        let frame = frame.map_err(|error| {
            let doubt = if status >= 500 { Doubt::ServerError } else { Doubt::Lost };
            Failed::unknown(doubt, Some(status), NoAnswer::BrokenOff(chain(&error)))
        })?;
        // What is no data are trailers.
        let Ok(chunk) = frame.into_data() else { continue };
        let length = body.len() + chunk.len();
        if length > most {
            return Err(Failed::unknown(Doubt::Unreadable, Some(status), NoAnswer::TooLong(most)));
        }
        room.has_bytes(length, expected).await;
        body.push(chunk);
    }
    room.came_to(body.len());
    Ok(Raw { status, headers: head.headers, body: body.whole(), again: false, moved: None, room })
}

/// A body as it comes. Mostly that is at once, and then nothing of it is copied.
#[derive(Default)]
struct Body {
    first: Bytes,
    all: Vec<u8>,
}

impl Body {
    fn len(&self) -> usize {
        self.first.len() + self.all.len()
    }

    fn push(&mut self, chunk: Bytes) {
        if self.len() == 0 {
            self.first = chunk;
        } else {
            self.all.extend_from_slice(&std::mem::take(&mut self.first));
            self.all.extend_from_slice(&chunk);
        }
    }

    fn whole(self) -> Bytes {
        if self.all.is_empty() { self.first } else { self.all.into() }
    }
}

fn is_refused(error: &(dyn Error + 'static)) -> bool {
    let mut reasons = reasons(error).filter_map(|error| error.downcast_ref::<std::io::Error>());
    reasons.any(|error| error.kind() == ErrorKind::ConnectionRefused)
}

/// Whether the service has a certificate of an authority that nobody here knows.
fn is_untrusted(error: &(dyn Error + 'static)) -> bool {
    reasons(error).any(|reason| {
        let found = innermost(reason).downcast_ref::<rustls::Error>();
        // A bad signature is that of another authority of the same name.
        let unknown = |why| matches!(why, &CertificateError::UnknownIssuer | &CertificateError::BadSignature);
        matches!(found, Some(rustls::Error::InvalidCertificate(why)) if unknown(why))
    })
}

/// An error of the system may stand for another one, and then gives only what is behind that as its source.
fn innermost<'e>(error: &'e (dyn Error + 'static)) -> &'e (dyn Error + 'static) {
    match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        Some(inner) => innermost(inner),
        None => error,
    }
}

/// The reasons behind an error. What was asked stands elsewhere.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut told: Vec<String> = reasons(error).map(ToString::to_string).collect();
    told.dedup();
    told.join(": ")
}

fn reasons<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rested_may_have_been_closed_and_what_did_not_was_not() {
        let lost = || Failed::unknown(Doubt::Lost, None, NoAnswer::Connection("it was closed".into()));
        let doubt = |failed: Failed| match failed {
            Failed::Unknown { doubt, why, .. } => (doubt, why.to_string()),
            Failed::Refused(why) => panic!("{why}"),
        };
        assert_eq!(doubt(Connection::silent(lost(), A_WHILE / 2)), (Doubt::Lost, "it was closed".into()));
        let (rested, why) = doubt(Connection::silent(lost(), A_WHILE));
        assert_eq!(rested, Doubt::Idle);
        assert!(why.starts_with("the connection, which had not been used for 100ms, ended without"), "{why}");
        let late = Failed::unknown(Doubt::Timeout, None, NoAnswer::Late(A_WHILE));
        assert_eq!(doubt(Connection::silent(late, A_WHILE * 2)).0, Doubt::Timeout, "it was there");
    }

    #[test]
    fn a_service_says_how_long_it_keeps_a_connection() {
        let told = |text: &str| {
            let value = HeaderValue::from_str(text).expect("a header");
            kept_for(&HeaderMap::from_iter([(hyper::header::HeaderName::from_static("keep-alive"), value)]))
        };
        assert_eq!(told("timeout=5, max=100"), Some(Duration::from_secs(5)));
        assert_eq!(told("max=100, timeout=1"), Some(Duration::from_secs(1)));
        for other in ["max=100", "timeout=soon", "timeout=-1", ""] {
            assert_eq!(told(other), None, "{other}");
        }
        assert_eq!(kept_for(&HeaderMap::new()), None);
    }
}
