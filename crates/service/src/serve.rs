//! Listening, accepting within limits, and an orderly end.

use crate::config::CommonConfig;
use crate::conn::{Conn, Held, Peer};
use crate::drain::Drain;
use crate::idle::{Idle, Line, then_wait};
use axum::Router;
use axum::body::Body;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
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
    raise_handle_limit();
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
    crate::trace::flush().await;
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
    let idle = Arc::new(Idle::default());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = drain.started() => break,
        };
        match accepted {
            Ok((stream, addr)) => {
                // One client is held here; behind it, a service full of work leaves them in the
                // listen queue.
                let permit = tokio::select! {
                    permit = place(&places, &idle) => permit,
                    () = drain.started() => break,
                };
                let held = Held {
                    _permit: permit,
                    _guard: drain.guard(),
                };
                tokio::spawn(connection(
                    http.clone(),
                    stream,
                    addr,
                    app.clone(),
                    (held, Line::new(idle.clone())),
                    drain.clone(),
                ));
            }
            Err(error) => {
                tracing::warn!(%error, "accept failed");
                idle.make_room();
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
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

/// A place for a newcomer: a free one, or that of a connection which has nothing to do.
async fn place(places: &Arc<Semaphore>, idle: &Idle) -> OwnedSemaphorePermit {
    loop {
        let free = places.clone().acquire_owned();
        let permit = match places.available_permits() {
            0 => match idle.make_room() {
                Some(moment) => match tokio::time::timeout(moment, free).await {
                    Ok(permit) => permit,
                    Err(_) => continue,
                },
                None => free.await,
            },
            _ => free.await,
        };
        return permit.expect("nobody closes the semaphore");
    }
}

async fn connection(
    http: http1::Builder,
    stream: TcpStream,
    addr: SocketAddr,
    app: Router,
    (held, line): (Held, Arc<Line>),
    drain: Drain,
) {
    let _ = stream.set_nodelay(true);
    let peer = Peer::new(addr);
    let io = TokioIo::new(Conn::new(stream, peer.clone(), held));
    let begun = Arc::new(AtomicBool::new(false));
    let service = service_fn({
        let (line, begun) = (line.clone(), begun.clone());
        move |request: hyper::Request<hyper::body::Incoming>| {
            begun.store(true, Ordering::Relaxed);
            line.works();
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(peer.clone());
            // A `Router` is always ready.
            let answer = app.clone().call(request);
            let line = line.clone();
            async move { answer.await.map(|answer| then_wait(answer, line)) }
        }
    });
    let mut connection = pin!(http.serve_connection(io, service).with_upgrades());
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = drain.started() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
        () = line.asked() => {
            metrics::counter!("http_connections_evicted_total").increment(1);
            // Nothing was asked: there is nothing to lose.
            if !begun.load(Ordering::Relaxed) {
                return;
            }
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended");
    }
}

/// Takes as many file handles as the system allows: the usual 1024 are fewer than the connections
/// that a service takes.
fn raise_handle_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let most = Rlimit {
        current: maximum,
        maximum,
    };
    if current != maximum && setrlimit(Resource::Nofile, most).is_err() {
        tracing::warn!(?current, "the limit of open files could not be raised");
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
