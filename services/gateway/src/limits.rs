//! Limits: requests and characters a minute, WebSockets at once, and wrong tokens from one address.

use api::ErrorCode;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use service::ApiError;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

const MINUTE_NS: u64 = 60_000_000_000;
/// Addresses remembered at once; the oldest are forgotten.
const MAX_ADDRESSES: usize = 10_000;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

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

/// A minute's requests (or characters) may come at once, then one comes free every `60 s / limit`: the generic
/// cell rate algorithm (ITU-T I.371), whose whole state is one number.
#[derive(Debug)]
pub struct Rate {
    limit: u32,
    /// When the bucket will be full again, nanoseconds since the process started.
    full_at: AtomicU64,
}

/// What is left after a request, for the `RateLimit-*` headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// Requests a minute.
    pub limit: u32,
    /// Requests that would be let through now.
    pub remaining: u32,
    /// Seconds until all of them are back.
    pub reset: u64,
}

impl Rate {
    /// A full bucket.
    pub fn per_minute(limit: u32) -> Self {
        Rate {
            limit: limit.max(1),
            full_at: AtomicU64::new(0),
        }
    }

    /// Takes one request; `Err` says how long to wait.
    pub fn take(&self) -> Result<Left, (Left, Duration)> {
        self.take_at(now())
    }

    /// Takes `count` at once, unless the bucket is empty. It may go below that by what it did not
    /// hold, so that something larger than a minute's worth can pass at all: it is paid for by
    /// waiting longer. `Err` is how long to wait.
    pub fn spend(&self, count: u64) -> Result<(), Duration> {
        self.spend_at(count, now())
    }

    fn spend_at(&self, count: u64, now: u64) -> Result<(), Duration> {
        let step = MINUTE_NS / u64::from(self.limit);
        let most = step * (u64::from(self.limit) - 1);
        let fits = |full_at: u64| {
            let debt = full_at.saturating_sub(now);
            (debt <= most).then(|| full_at.max(now).saturating_add(step.saturating_mul(count)))
        };
        let taken = self
            .full_at
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits);
        match taken {
            Ok(_) => Ok(()),
            Err(full_at) => Err(Duration::from_nanos(full_at - now - most)),
        }
    }

    /// Takes `count` whatever is left, for what is known afterwards.
    pub fn charge(&self, count: u64) {
        let step = MINUTE_NS / u64::from(self.limit);
        let now = now();
        let later =
            |full_at: u64| Some(full_at.max(now).saturating_add(step.saturating_mul(count)));
        let _ = self
            .full_at
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, later);
    }

    /// How many a minute.
    pub fn limit(&self) -> u32 {
        self.limit
    }

    fn take_at(&self, now: u64) -> Result<Left, (Left, Duration)> {
        let step = MINUTE_NS / u64::from(self.limit);
        let next = |full_at: u64| full_at.max(now) + step;
        let fits = |full_at: u64| {
            (next(full_at) - now <= step * u64::from(self.limit)).then(|| next(full_at))
        };
        match self
            .full_at
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits)
        {
            Ok(before) => Ok(self.left(next(before) - now, step)),
            Err(before) => {
                let wait = next(before) - now - step * u64::from(self.limit);
                Err((
                    self.left(before.saturating_sub(now), step),
                    Duration::from_nanos(wait),
                ))
            }
        }
    }

    /// `debt` is the time until the bucket is full.
    fn left(&self, debt: u64, step: u64) -> Left {
        let used = u32::try_from(debt.div_ceil(step)).unwrap_or(u32::MAX);
        Left {
            limit: self.limit,
            remaining: self.limit.saturating_sub(used),
            reset: debt.div_ceil(1_000_000_000),
        }
    }
}

impl Left {
    /// Sets `RateLimit-Limit`, `-Remaining` and `-Reset`.
    pub fn apply(self, response: &mut Response) {
        let headers = response.headers_mut();
        headers.insert(LIMIT, HeaderValue::from(self.limit));
        headers.insert(REMAINING, HeaderValue::from(self.remaining));
        headers.insert(RESET, HeaderValue::from(self.reset));
    }
}

/// Nanoseconds since the process started.
fn now() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_nanos() as u64
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

/// An IPv6 customer has a whole /64.
fn network(addr: IpAddr) -> IpAddr {
    match addr.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) >> 64 << 64).into()),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_minute_of_requests_may_come_at_once_and_then_one_by_one() {
        let rate = Rate::per_minute(3);
        let remaining: Vec<u32> = (0..3).map(|_| rate.take_at(0).unwrap().remaining).collect();
        assert_eq!(remaining, [2, 1, 0]);
        let (left, wait) = rate.take_at(0).unwrap_err();
        assert_eq!(
            (left.remaining, left.reset, wait),
            (0, 60, Duration::from_secs(20))
        );
        assert!(rate.take_at(19_999_999_999).is_err());
        assert!(rate.take_at(20_000_000_000).is_ok());
    }

    proptest! {
        #[test]
        fn no_window_of_a_minute_lets_twice_the_limit_through(limit in 1u32..50, gaps in prop::collection::vec(0u64..5_000_000_000, 1..200)) {
            let rate = Rate::per_minute(limit);
            let mut now = 0;
            let mut passed = Vec::new();
            for gap in gaps {
                now += gap;
                if rate.take_at(now).is_ok() {
                    passed.push(now);
                }
            }
            for &start in &passed {
                let inside = passed.iter().filter(|&&at| at >= start && at < start + MINUTE_NS).count();
                prop_assert!(inside as u32 <= 2 * limit);
            }
        }
    }

    #[test]
    fn what_is_spent_beyond_a_minutes_worth_is_waited_for() {
        let rate = Rate::per_minute(60);
        let second = 1_000_000_000;
        assert_eq!(rate.spend_at(30, 0), Ok(()));
        assert_eq!(rate.spend_at(90, 0), Ok(()));
        assert_eq!(rate.spend_at(1, 0), Err(Duration::from_secs(61)));
        assert_eq!(rate.spend_at(1, 60 * second), Err(Duration::from_secs(1)));
        assert_eq!(rate.spend_at(1, 61 * second), Ok(()));
        assert_eq!(rate.spend_at(0, 61 * second), Err(Duration::from_secs(1)));
        assert_eq!(rate.spend_at(u64::MAX, 3600 * second), Ok(()));
        assert!(rate.spend_at(1, 7200 * second).is_err());
    }

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
