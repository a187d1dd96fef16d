//! A body that a parser cannot read ahead of its reader.
//!
//! The multipart parser takes whatever the socket has and keeps it in memory until a part is
//! found in it: a fast client could fill the memory before anything is written to disk, and
//! one that never ends the head of a part could do so slowly.

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use service::BoxError;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

/// Bytes that may be read without a part or a piece of one coming out.
const READ_AHEAD: usize = 4 * 1024 * 1024;

/// The reader's side: says that what was read has been used.
#[derive(Debug, Clone, Default)]
pub struct Pace(Arc<AtomicUsize>);

impl Pace {
    /// Wraps a body.
    pub fn body(&self, inner: Body) -> Body {
        Body::new(Paced {
            inner,
            unused: self.0.clone(),
            yielded: false,
        })
    }

    /// Call it whenever something came out of the parser.
    pub fn used(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

struct Paced {
    inner: Body,
    unused: Arc<AtomicUsize>,
    yielded: bool,
}

impl http_body::Body for Paced {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        // After each chunk one `Pending`: a loop that reads "until nothing is there" ends.
        if std::mem::take(&mut self.yielded) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let frame = std::task::ready!(Pin::new(&mut self.inner).poll_frame(cx));
        let bytes = match &frame {
            Some(Ok(frame)) => frame.data_ref().map_or(0, Bytes::len),
            _ => 0,
        };
        self.yielded = bytes > 0;
        if self.unused.fetch_add(bytes, Ordering::Relaxed) + bytes > READ_AHEAD {
            return Poll::Ready(Some(Err("the head of a part never ends".into())));
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
