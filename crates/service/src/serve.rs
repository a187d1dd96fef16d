//! Listening, accepting within limits, and an orderly end.

use crate::config::CommonConfig;
use crate::conn::{Conn, Held, Peer};
use crate::drain::Drain;
use axum::Router;
use axum::body::Body;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Semaphore;
use tower::Service;

/// Most bytes of a request's head, and read at once of its body.
const READ_BUFFER: usize = 128 * 1024;
/// Pause after `accept` failed, usually for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Why a service could not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken or not ours.
    #[error("cannot listen on {addr}: {source}; stop what uses the port, or set another one")]
    Bind {
        /// Where it should have listened.
        addr: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// Signals cannot be handled.
    #[error("cannot handle signals: {0}")]
    Signal(#[source] io::Error),
}

/// What [`serve_on`] holds connections to.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections open at once.
    pub connections: usize,
    /// For the head of a request, and between two requests.
    pub header_timeout: Duration,
    /// For everything open when the drain starts.
    pub drain: Duration,
}

impl From<&CommonConfig> for Limits {
    fn from(config: &CommonConfig) -> Self {
        Limits {
            connections: config.max_connections as usize,
            header_timeout: Duration::from_secs(config.header_timeout_seconds),
            drain: Duration::from_secs(config.drain_seconds),
        }
    }
}

/// Runs a service until SIGTERM or SIGINT and the drain after it; a second signal ends the drain.
/// Whatever must be flushed is flushed by the caller when this returns.
pub async fn serve(
    app: Router,
    config: &CommonConfig,
    port: u16,
    drain: Drain,
) -> Result<(), ServeError> {
    let addr = config.socket_addr(port);
    let listener = TcpListener::bind(addr)
        .await
        .map_err(|source| ServeError::Bind { addr, source })?;
    let mut signals = Signals::new().map_err(ServeError::Signal)?;
    // Port 0 asks the system for a free one.
    let addr = listener.local_addr().unwrap_or(addr);
    tracing::info!(%addr, "listening");
    let mut serving = pin!(serve_on(listener, app, Limits::from(config), drain.clone()));
    tokio::select! {
        () = &mut serving => return Ok(()),
        name = signals.next() => tracing::info!(signal = name, "shutting down"),
    }
    drain.start();
    tokio::select! {
        () = serving => {}
        name = signals.next() => tracing::warn!(signal = name, "second signal: not waiting any longer"),
    }
    Ok(())
}

/// Serves connections of a listener until the drain has started and is finished or overdue.
pub async fn serve_on(listener: TcpListener, app: Router, limits: Limits, drain: Drain) {
    crate::metrics::spawn_upkeep();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(READ_BUFFER);
    let places = Arc::new(Semaphore::new(limits.connections));
    loop {
        // The place comes first: a full service leaves clients in the listen queue.
        let accept = async {
            (
                places.clone().acquire_owned().await,
                listener.accept().await,
            )
        };
        let (permit, accepted) = tokio::select! {
            accepted = accept => accepted,
            () = drain.started() => break,
        };
        match (permit, accepted) {
            (Ok(permit), Ok((stream, addr))) => {
                let held = Held {
                    _permit: permit,
                    _guard: drain.guard(),
                };
                tokio::spawn(connection(
                    http.clone(),
                    stream,
                    addr,
                    app.clone(),
                    held,
                    drain.clone(),
                ));
            }
            (_, Err(error)) => {
                tracing::warn!(%error, "accept failed");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
            (Err(_), _) => break,
        }
    }
    drop(listener);
    if drain.finished(limits.drain).await {
        tracing::info!("every request finished");
    } else {
        tracing::warn!(
            open = drain.busy(),
            seconds = limits.drain.as_secs(),
            "requests were cut off: DRAIN_SECONDS is over"
        );
    }
}

async fn connection(
    http: http1::Builder,
    stream: TcpStream,
    addr: SocketAddr,
    app: Router,
    held: Held,
    drain: Drain,
) {
    let _ = stream.set_nodelay(true);
    let peer = Peer::new(addr);
    let io = TokioIo::new(Conn::new(stream, peer.clone(), held));
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer.clone());
        // A `Router` is always ready.
        app.clone().call(request)
    });
    let mut connection = pin!(http.serve_connection(io, service).with_upgrades());
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = drain.started() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended");
    }
}

struct Signals {
    term: Signal,
    int: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Signals {
            term: signal(SignalKind::terminate())?,
            int: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.term.recv() => "SIGTERM",
            _ = self.int.recv() => "SIGINT",
        }
    }
}
