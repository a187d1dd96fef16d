//! Brings letters from the spool to the mail server, one at a time, for as long as it takes.
//!
//! A letter that is refused for good is buried; one that is put off is tried again later and later;
//! when the server itself is away all wait. A letter is removed after the server took it: should
//! the process die in between, it is delivered twice rather than never.

use super::smtp::{Failure, Relay};
use super::spool::{Spool, age};
use rand::Rng;
use service::Drain;
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;
use uuid::Uuid;

/// Before the second attempt; doubles each time.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Between attempts at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(900);
/// Letters that could not be delivered for so long are buried.
const GIVE_UP: Duration = Duration::from_secs(3 * 24 * 3600);
/// How often the spool is looked through without a reason.
const LOOK: Duration = Duration::from_secs(300);

/// Failed attempts, and when the next is due.
struct Attempts {
    failed: u32,
    due: Instant,
}

/// Delivers until the drain starts.
pub async fn run(spool: Spool, relay: Relay, wake: Arc<Notify>, drain: Drain) {
    let work = async {
        let _lock = loop {
            match spool.lock().await {
                Ok(lock) => break lock,
                Err(error) => tell(&error),
            }
            tokio::time::sleep(FIRST_PAUSE).await;
        };
        let mut attempts = HashMap::new();
        let mut outages = 0;
        loop {
            let rest = match round(&spool, &relay, &mut attempts).await {
                Ok(Round::Idle(until)) => {
                    outages = 0;
                    until
                }
                Ok(Round::Outage(why)) => {
                    outages += 1;
                    let rest = pause(outages);
                    tracing::warn!(why, retry_s = rest.as_secs(), "the mail server is away");
                    tokio::time::sleep(rest).await;
                    continue;
                }
                Err(error) => {
                    tell(&error);
                    LOOK
                }
            };
            let _ = tokio::time::timeout(rest, wake.notified()).await;
        }
    };
    // Whatever is cut off here is on disk still.
    tokio::select! {
        () = work => (),
        () = drain.started() => (),
    }
}

enum Round {
    /// All were tried; the next is due after so long.
    Idle(Duration),
    /// The server cannot be talked to.
    Outage(&'static str),
}

/// Tries every letter that is due.
async fn round(
    spool: &Spool,
    relay: &Relay,
    attempts: &mut HashMap<Uuid, Attempts>,
) -> io::Result<Round> {
    let ids = spool.list().await?;
    attempts.retain(|id, _| ids.binary_search(id).is_ok());
    for &id in &ids {
        if attempts
            .get(&id)
            .is_some_and(|tried| tried.due > Instant::now())
        {
            continue;
        }
        let Some(letter) = spool.read(id).await? else {
            tracing::error!(letter = %id, "a file in the spool is no letter; it is in DATA_DIR/outbox/dead");
            spool.bury(id).await?;
            continue;
        };
        match relay.deliver(&letter).await {
            Ok(()) => {
                spool.done(id).await?;
                tracing::info!(letter = %id, "a letter was delivered");
            }
            Err(Failure::Refused(code)) => {
                tracing::error!(letter = %id, code, "the mail server refuses a letter; it is in DATA_DIR/outbox/dead");
                spool.bury(id).await?;
            }
            Err(Failure::Deferred(code)) if age(id) > GIVE_UP => {
                tracing::error!(letter = %id, code, "a letter was put off for days; it is in DATA_DIR/outbox/dead");
                spool.bury(id).await?;
            }
            Err(Failure::Deferred(code)) => {
                let failed = attempts.get(&id).map_or(1, |tried| tried.failed + 1);
                let rest = pause(failed);
                let due = Instant::now() + rest;
                attempts.insert(id, Attempts { failed, due });
                tracing::info!(letter = %id, code, retry_s = rest.as_secs(), "the mail server puts a letter off");
            }
            Err(Failure::Down(why)) => {
                for &old in ids.iter().filter(|&&id| age(id) > GIVE_UP) {
                    // Those before this one may be gone.
                    if spool.bury(old).await.is_ok() {
                        tracing::error!(letter = %old, "a letter waited for days; it is in DATA_DIR/outbox/dead");
                    }
                }
                return Ok(Round::Outage(why));
            }
        }
    }
    let next = attempts.values().map(|tried| tried.due).min();
    Ok(Round::Idle(next.map_or(LOOK, |due| {
        due.saturating_duration_since(Instant::now()).min(LOOK)
    })))
}

/// After so many failures in a row: twice as long each time, and never two servers in step.
fn pause(failures: u32) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(1 << (failures - 1).min(16));
    doubled
        .min(LONGEST_PAUSE)
        .mul_f64(rand::rng().random_range(0.5..1.0))
}

fn tell(error: &io::Error) {
    tracing::error!(%error, "DATA_DIR/outbox cannot be read or written; letters wait");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_come_later_and_later_and_at_least_every_quarter_of_an_hour() {
        for failures in 1..40 {
            let rest = pause(failures);
            assert!(rest >= FIRST_PAUSE / 2 && rest <= LONGEST_PAUSE);
        }
        assert!(pause(5) >= Duration::from_secs(8) && pause(5) <= Duration::from_secs(16));
        assert!(pause(30) >= LONGEST_PAUSE / 2);
    }
}
