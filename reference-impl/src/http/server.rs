//! The server: the API on a socket, until it is told to stop.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

use super::{Api, Connection, router};

/// How long to leave the system alone that has no more connections to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A server that has its address and takes no requests yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    api: Api,
}

impl Server {
    /// Where a server listens unless told otherwise: on this machine only, on a port that is free.
    pub const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

    /// Takes the address.
    ///
    /// # Errors
    /// When it can't be had.
    pub async fn bind(address: SocketAddr, api: Api) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, api })
    }

    /// The address it has; the port is the one that was found free.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What clients put in front of a path.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Serves until `stop` is done. Then no connection is taken any more, idle ones are closed, and
    /// requests that are under way may come to their end.
    ///
    /// Whether all of them did: those that took longer than [`super::Limits::shutdown_timeout`] were
    /// cut off.
    pub async fn run(self, stop: impl Future<Output = ()>) -> bool {
        let Self { listener, api, .. } = self;
        let limits = *api.limits_now();
        let router = router(api);
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(limits.header_timeout);
        let connections = GracefulShutdown::new();
        let mut taken = 0;
        let mut stop = pin!(stop);
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        taken += 1;
                        converse(&http, (stream, Connection(taken)), &router, &connections);
                    }
                    // One that was gone before we came to it is nothing; else there are too many.
                    Err(error) if is_about_one(&error) => {}
                    Err(_) => sleep(ACCEPT_PAUSE).await,
                },
                () = &mut stop => break,
            }
        }
        drop(listener);
        timeout(limits.shutdown_timeout, connections.shutdown()).await.is_ok()
    }
}

fn converse(
    http: &http1::Builder,
    (stream, number): (TcpStream, Connection),
    router: &Router,
    connections: &GracefulShutdown,
) {
    // Answers are small and written at once: waiting for more to send along would only delay them. A
    // socket that refuses is slower, not broken.
    let _ = stream.set_nodelay(true);
    let service = TowerToHyperService::new(router.clone());
    let service = service_fn(move |mut request: hyper::Request<_>| {
        request.extensions_mut().insert(number);
        service.call(request)
    });
    let connection = connections.watch(http.serve_connection(TokioIo::new(stream), service));
    tokio::spawn(async move {
        // It ends with an error when the client breaks off or talks something else than HTTP: the
        // client's business.
        let _ = connection.await;
    });
}

fn is_about_one(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
