//! Limits: requests and characters a minute, WebSockets at once, and wrong tokens from one address.

use api::ErrorCode;
use service::ApiError;
use service::rate::network;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Addresses remembered at once; the oldest are forgotten.
const MAX_ADDRESSES: usize = 10_000;

/// The limits of tokens that have none of their own.
#[derive(Debug, Clone, Copy)]
pub struct Quota {
    /// Requests a minute.
    pub rpm: u32,
    /// Characters to be spoken a minute.
    pub characters: u32,
    /// WebSockets at once.
    pub streams: u32,
}

/// 429 with when to come back.
pub fn refused(message: String, wait: Duration) -> ApiError {
    ApiError::new(ErrorCode::RateLimited, message).with_retry_after(wait)
}

/// WebSockets of a token.
#[derive(Debug)]
pub struct StreamSlots {
    limit: u32,
    open: AtomicU32,
}

/// One open WebSocket; gives its place back when dropped.
#[derive(Debug)]
pub struct StreamSlot(Arc<StreamSlots>);

impl StreamSlots {
    /// None open.
    pub fn new(limit: u32) -> Self {
        StreamSlots {
            limit,
            open: AtomicU32::new(0),
        }
    }

    /// A place, or 429.
    pub fn take(self: &Arc<Self>) -> Result<StreamSlot, ApiError> {
        let one_more = |open| (open < self.limit).then_some(open + 1);
        match self
            .open
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more)
        {
            Ok(_) => Ok(StreamSlot(self.clone())),
            Err(_) => {
                let message = format!(
                    "This token has {} WebSockets open, its limit; close one first.",
                    self.limit
                );
                Err(refused(message, Duration::from_secs(1)))
            }
        }
    }
}

impl Drop for StreamSlot {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Wrong tokens by address. Right tokens are never held up by it, so that clients behind one
/// proxy cannot lock each other out.
#[derive(Debug)]
pub struct Failures {
    per_minute: u32,
    seen: Mutex<HashMap<IpAddr, (u32, Instant)>>,
}

impl Failures {
    /// Nothing seen.
    pub fn new(per_minute: u32) -> Self {
        Failures {
            per_minute,
            seen: Mutex::default(),
        }
    }

    /// Whether an address has used up its wrong tokens; `Err` is the 429.
    pub fn check(&self, addr: Option<IpAddr>) -> Result<(), ApiError> {
        let Some(addr) = addr.map(network) else {
            return Ok(());
        };
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match seen.get(&addr) {
            Some((count, since)) if *count >= self.per_minute => {
                let wait = Duration::from_secs(60).saturating_sub(since.elapsed());
                if wait.is_zero() {
                    return Ok(());
                }
                Err(refused(
                    "Too many wrong tokens from this address.".into(),
                    wait,
                ))
            }
            _ => Ok(()),
        }
    }

    /// Counts a wrong token.
    pub fn count(&self, addr: Option<IpAddr>) {
        let Some(addr) = addr.map(network) else {
            return;
        };
        let now = Instant::now();
        let fresh = |since: &Instant| now.duration_since(*since) < Duration::from_secs(60);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MAX_ADDRESSES && !seen.contains_key(&addr) {
            seen.retain(|_, (_, since)| fresh(since));
            if seen.len() >= MAX_ADDRESSES {
                seen.clear();
            }
        }
        let entry = seen.entry(addr).or_insert((0, now));
        if !fresh(&entry.1) {
            *entry = (0, now);
        }
        entry.0 = entry.0.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_stream_makes_room_for_another() {
        let slots = Arc::new(StreamSlots::new(1));
        let first = slots.take().unwrap();
        assert_eq!(slots.take().unwrap_err().code, ErrorCode::RateLimited);
        drop(first);
        assert!(slots.take().is_ok());
    }

    #[test]
    fn wrong_tokens_from_one_network_count_together() {
        let failures = Failures::new(2);
        let (a, b): (IpAddr, IpAddr) = (
            "2001:db8::1".parse().unwrap(),
            "2001:db8::2".parse().unwrap(),
        );
        failures.count(Some(a));
        assert!(failures.check(Some(b)).is_ok());
        failures.count(Some(b));
        assert!(failures.check(Some(a)).is_err());
        assert!(failures.check(Some("192.0.2.1".parse().unwrap())).is_ok());
    }
}
