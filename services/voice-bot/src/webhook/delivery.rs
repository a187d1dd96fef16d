//! Sends what waits, the oldest first, for as long as it takes. An event is removed after it was
//! taken: should the process die in between, it is sent twice rather than never.

use super::Envelope;
use super::sign::{HEADER, signature};
use crate::mail::spool::{Spool, age};
use http::header::CONTENT_TYPE;
use rand::Rng;
use reqwest::{Client, Url};
use service::{Drain, Secret};
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use tokio::sync::Notify;
use tokio::time::Instant;
use uuid::Uuid;

/// Before the second attempt; doubles each time.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Between attempts at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(900);
/// Events that were not taken for so long are buried.
const GIVE_UP: Duration = Duration::from_secs(3 * 24 * 3600);
/// How often the spool is looked through without a reason.
const LOOK: Duration = Duration::from_secs(300);

/// Who is told.
pub struct Receiver {
    http: Client,
    url: Url,
    secret: Secret,
}

impl Receiver {
    /// At an address.
    pub fn new(http: Client, url: Url, secret: Secret) -> Self {
        Receiver { http, url, secret }
    }

    /// Sends an event; why it was not taken.
    async fn send(&self, envelope: &Envelope, body: Vec<u8>) -> Result<(), String> {
        let time = OffsetDateTime::now_utc().unix_timestamp();
        let request = self
            .http
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("x-whissle-event", &envelope.id)
            .header(HEADER, signature(&self.secret, time, &body))
            .body(body);
        match request.send().await {
            Ok(response) if response.status().is_success() => Ok(()),
            Ok(response) => Err(format!("it answered {}", response.status())),
            // The address may hold a secret.
            Err(error) => Err(error.without_url().to_string()),
        }
    }
}

/// Failed attempts, and when the next is due.
struct Attempts {
    failed: u32,
    due: Instant,
}

/// Delivers until the drain is over; what waits then is on disk still.
pub async fn run(spool: Spool<Envelope>, receiver: Receiver, wake: Arc<Notify>, drain: Drain) {
    let work = async {
        // One process delivers.
        let _lock = loop {
            match spool.lock().await {
                Ok(lock) => break lock,
                Err(error) => tell(&error),
            }
            tokio::time::sleep(FIRST_PAUSE).await;
        };
        let mut attempts = HashMap::new();
        loop {
            let rest = round(&spool, &receiver, &mut attempts).await;
            let rest = rest.inspect_err(tell).unwrap_or(LOOK);
            let _ = tokio::time::timeout(rest, wake.notified()).await;
        }
    };
    tokio::select! {
        () = work => (),
        () = drain.started() => (),
    }
}

/// Tries every event that is due; when the next will be.
async fn round(
    spool: &Spool<Envelope>,
    receiver: &Receiver,
    attempts: &mut HashMap<Uuid, Attempts>,
) -> io::Result<Duration> {
    let ids = spool.list().await?;
    attempts.retain(|id, _| ids.binary_search(id).is_ok());
    for id in ids {
        let tried = attempts.get(&id);
        if tried.is_some_and(|tried| tried.due > Instant::now()) {
            continue;
        }
        let Some(event) = spool.read(id).await? else {
            tracing::error!(file = %id, "a file is no event; it is in DATA_DIR/outbox/webhooks/dead");
            spool.bury(id).await?;
            continue;
        };
        let Err(why) = receiver.send(&event.envelope, event.message).await else {
            spool.done(id).await?;
            continue;
        };
        let event = event.envelope.id;
        if age(id) > GIVE_UP {
            tracing::error!(
                event,
                why,
                "nobody took an event for days; it is in DATA_DIR/outbox/webhooks/dead"
            );
            spool.bury(id).await?;
            continue;
        }
        let failed = attempts.get(&id).map_or(1, |tried| tried.failed + 1);
        let rest = pause(failed);
        let due = Instant::now() + rest;
        attempts.insert(id, Attempts { failed, due });
        tracing::warn!(
            event,
            why,
            retry_s = rest.as_secs(),
            "WEBHOOK_URL does not take an event"
        );
    }
    let next = attempts.values().map(|tried| tried.due).min();
    Ok(next.map_or(LOOK, |due| {
        due.saturating_duration_since(Instant::now()).min(LOOK)
    }))
}

/// After so many failures in a row: twice as long each time, and never two in step.
fn pause(failures: u32) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(1 << (failures - 1).min(16));
    doubled
        .min(LONGEST_PAUSE)
        .mul_f64(rand::rng().random_range(0.5..1.0))
}

fn tell(error: &io::Error) {
    tracing::error!(%error, "DATA_DIR/outbox/webhooks cannot be read or written; events wait");
}
