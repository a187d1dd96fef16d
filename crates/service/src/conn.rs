//! One TCP connection: what it counts against, how it ends, who is at the other side.

use crate::drain::DrainGuard;
use metrics::gauge;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Sleep, sleep, timeout};

/// A client that reads nothing for this long is cut off.
const WRITE_STALL: Duration = Duration::from_secs(120);
/// How long a client that is still sending is listened to after its answer was sent ...
const LINGER_TOTAL: Duration = Duration::from_secs(15);
/// ... as long as it pauses no longer than this.
const LINGER_PAUSE: Duration = Duration::from_secs(2);

/// The other side of a connection; an extension of every request.
#[derive(Debug, Clone)]
pub struct Peer {
    /// The address the connection came from.
    pub addr: SocketAddr,
    linger: Arc<AtomicBool>,
}

impl Peer {
    /// The other side of a fresh connection.
    pub fn new(addr: SocketAddr) -> Self {
        Peer {
            addr,
            linger: Arc::default(),
        }
    }

    /// Marks that the client is still sending a body nobody wants: closing at once would reset
    /// the connection and could destroy the answer on its way (RFC 9112, section 9.6).
    pub fn linger(&self) {
        self.linger.store(true, Ordering::Relaxed);
    }
}

/// What a connection holds as long as its socket lives, also after an upgrade to WebSocket.
pub struct Held {
    /// Its place among the connections.
    pub _permit: OwnedSemaphorePermit,
    /// Makes a shutdown wait for it.
    pub _guard: DrainGuard,
}

/// A socket with its limits.
pub struct Conn {
    /// `None` only while dropping.
    stream: Option<TcpStream>,
    held: Option<Held>,
    peer: Peer,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Conn {
    /// Takes a socket over.
    pub fn new(stream: TcpStream, peer: Peer, held: Held) -> Self {
        gauge!("http_connections_open").increment(1.0);
        Conn {
            stream: Some(stream),
            held: Some(held),
            peer,
            stalled: None,
        }
    }

    fn stream(&mut self) -> Pin<&mut TcpStream> {
        Pin::new(self.stream.as_mut().expect("taken only by drop"))
    }

    /// Turns a write that has been pending for too long into an error.
    fn watch<T>(
        &mut self,
        cx: &mut Context<'_>,
        write: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if write.is_ready() {
            if let Some(stalled) = &mut self.stalled {
                stalled.as_mut().reset(Instant::now() + WRITE_STALL);
            }
            return write;
        }
        let stalled = self
            .stalled
            .get_or_insert_with(|| Box::pin(sleep(WRITE_STALL)));
        stalled
            .as_mut()
            .poll(cx)
            .map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Conn {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream().poll_read(cx, buf)
    }
}

impl AsyncWrite for Conn {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let write = self.stream().poll_write(cx, buf);
        self.watch(cx, write)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let write = self.stream().poll_write_vectored(cx, bufs);
        self.watch(cx, write)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_shutdown(cx)
    }
}

impl Drop for Conn {
    fn drop(&mut self) {
        gauge!("http_connections_open").decrement(1.0);
        let (Some(stream), held) = (self.stream.take(), self.held.take()) else {
            return;
        };
        let runtime = tokio::runtime::Handle::try_current();
        if let (true, Ok(runtime)) = (self.peer.linger.load(Ordering::Relaxed), runtime) {
            runtime.spawn(linger(stream, held));
        }
    }
}

/// Reads and forgets what a client still sends, so that it gets to read its answer.
async fn linger(mut stream: TcpStream, _held: Option<Held>) {
    let _ = tokio::io::AsyncWriteExt::shutdown(&mut stream).await;
    let mut waste = vec![0; 64 * 1024];
    let swallow =
        async { while let Ok(Ok(1..)) = timeout(LINGER_PAUSE, stream.read(&mut waste)).await {} };
    let _ = timeout(LINGER_TOTAL, swallow).await;
}
