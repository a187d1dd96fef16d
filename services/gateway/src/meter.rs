//! Counts the bytes of a request and its answer without holding them up.

use crate::usage_log::Entry;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, HeaderName};
use http_body::{Body as _, Frame, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

/// Seconds of audio a service heard or spoke for this request.
const AUDIO_SECONDS: HeaderName = HeaderName::from_static("x-audio-seconds");
/// Characters a service spoke for this request.
const CHARACTERS: HeaderName = HeaderName::from_static("x-characters");

/// Counts a request's body into `bytes`. An empty one is left alone.
pub fn count_in(body: Body, bytes: &Arc<AtomicU64>) -> Body {
    if body.is_end_stream() {
        return body;
    }
    Body::new(Incoming {
        inner: body,
        bytes: bytes.clone(),
    })
}

/// Finishes the row of a request with its answer: at once what is known from the head, the
/// bytes and the time when the last of it is sent or the client has gone.
pub fn attach(mut entry: Entry, response: Response) -> Response {
    let row = entry.row();
    row.status = response.status().as_u16();
    row.audio_seconds = seconds(response.headers()).unwrap_or(0.0);
    row.characters = characters(&response);
    response.map(|inner| Body::new(Outgoing { inner, entry }))
}

/// Characters that an answer says it speaks.
pub fn characters(response: &Response) -> u64 {
    number(response.headers(), CHARACTERS).unwrap_or(0)
}

fn seconds(headers: &HeaderMap) -> Option<f64> {
    number(headers, AUDIO_SECONDS).filter(|n: &f64| n.is_finite() && *n >= 0.0)
}

fn number<T: std::str::FromStr>(headers: &HeaderMap, name: HeaderName) -> Option<T> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

struct Incoming {
    inner: Body,
    bytes: Arc<AtomicU64>,
}

struct Outgoing {
    inner: Body,
    entry: Entry,
}

type Polled = Poll<Option<Result<Frame<Bytes>, axum::Error>>>;

impl http_body::Body for Incoming {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        if let Some(Ok(data)) = frame
            .as_ref()
            .map(|frame| frame.as_ref().map(Frame::data_ref))
        {
            self.bytes
                .fetch_add(data.map_or(0, Bytes::len) as u64, Ordering::Relaxed);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl http_body::Body for Outgoing {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        if let Some(Ok(data)) = frame
            .as_ref()
            .map(|frame| frame.as_ref().map(Frame::data_ref))
        {
            self.entry.row().bytes_out += data.map_or(0, Bytes::len) as u64;
        }
        // Of speech that is sent while it is made, the length is known at the end.
        let trailers = frame
            .as_ref()
            .and_then(|frame| frame.as_ref().ok()?.trailers_ref());
        if let Some(seconds) = trailers.and_then(seconds) {
            self.entry.row().audio_seconds = seconds;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
