//! How often something may happen: a bucket that refills steadily, and many of them by key.

use axum::response::Response;
use http::{HeaderName, HeaderValue};
use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

const MINUTE: Duration = Duration::from_secs(60);

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// A minute's requests (or characters) may come at once, then one comes free every `60 s / limit`: the generic
/// cell rate algorithm (ITU-T I.371), whose whole state is one number.
#[derive(Debug)]
pub struct Rate {
    limit: u32,
    /// Time in which one comes free, nanoseconds.
    step: u64,
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
        Rate::per(limit, MINUTE)
    }

    /// A full bucket that takes `period` to fill when empty.
    pub fn per(limit: u32, period: Duration) -> Self {
        let limit = limit.max(1);
        Rate {
            limit,
            step: period.as_nanos() as u64 / u64::from(limit),
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
        let step = self.step;
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
        let now = now();
        let later = |full_at: u64| {
            let full_at = full_at.max(now);
            Some(full_at.saturating_add(self.step.saturating_mul(count)))
        };
        let _ = self
            .full_at
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, later);
    }

    /// How many a minute.
    pub fn limit(&self) -> u32 {
        self.limit
    }

    fn take_at(&self, now: u64) -> Result<Left, (Left, Duration)> {
        let whole = self.step * u64::from(self.limit);
        let next = |full_at: u64| full_at.max(now) + self.step;
        let fits = |full_at: u64| (next(full_at) - now <= whole).then(|| next(full_at));
        match self
            .full_at
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits)
        {
            Ok(before) => Ok(self.left(next(before) - now)),
            Err(before) => {
                let wait = next(before) - now - whole;
                let left = self.left(before.saturating_sub(now));
                Err((left, Duration::from_nanos(wait)))
            }
        }
    }

    /// `debt` is the time until the bucket is full.
    fn left(&self, debt: u64) -> Left {
        let used = u32::try_from(debt.div_ceil(self.step)).unwrap_or(u32::MAX);
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

/// A bucket for each key, as many as fit. Those that are fullest are forgotten first, so that
/// new keys, however many come, do not give an empty bucket back to whoever emptied it.
#[derive(Debug)]
pub struct Rates<K> {
    limit: u32,
    period: Duration,
    most: usize,
    buckets: Mutex<HashMap<K, Rate>>,
}

impl<K: Hash + Eq + Clone> Rates<K> {
    /// Full buckets of `limit` a `period`, for `most` keys.
    pub fn per(limit: u32, period: Duration, most: usize) -> Self {
        Rates {
            limit,
            period,
            most: most.max(2),
            buckets: Mutex::default(),
        }
    }

    /// Takes one from the bucket of a key; `Err` says how long to wait.
    pub fn take(&self, key: &K) -> Result<Left, (Left, Duration)> {
        self.take_at(key, now())
    }

    fn take_at(&self, key: &K, now: u64) -> Result<Left, (Left, Duration)> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get(key) {
            return bucket.take_at(now);
        }
        if buckets.len() >= self.most {
            let full_at = |bucket: &Rate| bucket.full_at.load(Ordering::Relaxed);
            let mut times: Vec<u64> = buckets.values().map(full_at).collect();
            let half = times.len() / 2;
            let (_, &mut median, _) = times.select_nth_unstable(half);
            buckets.retain(|_, bucket| full_at(bucket) > median.max(now));
        }
        let bucket = Rate::per(self.limit, self.period);
        let taken = bucket.take_at(now);
        buckets.insert(key.clone(), bucket);
        taken
    }
}

/// What counts as one address: an IPv6 customer has a whole /64.
pub fn network(addr: IpAddr) -> IpAddr {
    match addr.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) >> 64 << 64).into()),
        v4 => v4,
    }
}

/// Nanoseconds since the process started.
fn now() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_nanos() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MINUTE_NS: u64 = 60_000_000_000;

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
    fn keys_do_not_hold_each_other_up() {
        let rates = Rates::per(1, Duration::from_secs(3600), 10);
        assert!(rates.take_at(&"a", 0).is_ok());
        let (_, wait) = rates.take_at(&"a", 0).unwrap_err();
        assert_eq!(wait, Duration::from_secs(3600));
        assert!(rates.take_at(&"b", 0).is_ok());
    }

    #[test]
    fn a_flood_of_new_keys_takes_no_more_room_and_frees_nobody() {
        let rates = Rates::per(5, MINUTE, 100);
        for _ in 0..5 {
            assert!(rates.take_at(&0, 0).is_ok());
        }
        for key in 1..1000 {
            assert!(rates.take_at(&key, 0).is_ok());
            assert!(rates.buckets.lock().unwrap().len() <= 100);
        }
        assert!(rates.take_at(&0, 0).is_err());
    }

    #[test]
    fn an_ipv6_customer_is_one_address() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:2"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
    }
}
