//! Writes one row per request, off the request path, in batches.
//!
//! A request reserves its place in the queue before it starts, so that writing its row when it
//! ends can neither fail nor wait. When the disk cannot keep up, the queue fills and new
//! requests wait a second, then get 503: usage is never dropped silently. The thread of its
//! own outlives the async runtime, so rows of requests cut off by a shutdown are written too.

use crate::clock::{DAY_MS, now_ms};
use crate::db::Db;
use crate::identity::Identity;
use crate::sealed::People;
use rusqlite::{Connection, params};
use sealing::Sealer;
use service::ApiError;
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{mpsc::OwnedPermit, oneshot, watch};

/// Rows waiting and requests running, together; above the limit of connections.
const QUEUE: usize = 16_384;
/// Rows of one transaction.
const BATCH: usize = 2_048;
/// A row is on disk this long after its request ended, at the latest.
const DELAY: Duration = Duration::from_millis(400);
/// How long a request waits for a place in the queue.
const PATIENCE: Duration = Duration::from_secs(1);
/// Pause after a write failed, and how often it is tried while shutting down.
const RETRY: Duration = Duration::from_secs(1);
const LAST_TRIES: u32 = 3;
/// How often old rows are removed.
const CLEAN: Duration = Duration::from_secs(3600);

/// One request.
#[derive(Debug)]
pub struct Row {
    /// Whose it was.
    pub identity: Arc<Identity>,
    /// `asr`, `tts`, `agent` or `auth`.
    pub service: &'static str,
    /// HTTP method.
    pub method: &'static str,
    /// Route template.
    pub route: Cow<'static, str>,
    /// HTTP status or close code.
    pub status: u16,
    /// Bytes sent to the client.
    pub bytes_out: u64,
    /// Seconds of audio, as the service told.
    pub audio_seconds: f64,
    /// Characters, as the service told.
    pub characters: u64,
}

enum Event {
    Row {
        row: Row,
        bytes_in: u64,
        elapsed: Duration,
        time_ms: i64,
    },
    Flush(oneshot::Sender<()>),
}

/// A running request; its row is queued when this is dropped.
pub struct Entry {
    inner: Option<(Row, OwnedPermit<Event>)>,
    started: Instant,
    /// Counted while the body is read, which may be after the answer began.
    pub bytes_in: Arc<AtomicU64>,
}

impl Entry {
    /// The row, to be filled in.
    pub fn row(&mut self) -> &mut Row {
        &mut self.inner.as_mut().expect("taken only by drop").0
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let Some((row, permit)) = self.inner.take() else {
            return;
        };
        let now = now_ms();
        row.identity.touch(now);
        let bytes_in = self.bytes_in.load(Ordering::Relaxed);
        permit.send(Event::Row {
            row,
            bytes_in,
            elapsed: self.started.elapsed(),
            time_ms: now,
        });
    }
}

/// Where requests put their rows.
#[derive(Debug, Clone)]
pub struct UsageLog {
    rows: Sender<Event>,
    /// Why the last write failed.
    trouble: watch::Receiver<Option<String>>,
}

/// The thread that writes; [`Writer::finish`] waits until everything is on disk.
#[derive(Debug)]
pub struct Writer(JoinHandle<()>);

impl UsageLog {
    /// Starts the thread. Rows older than `keep_days` are removed.
    pub fn start(db: Db, keep_days: u32) -> std::io::Result<(UsageLog, Writer)> {
        let (sender, receiver) = channel(QUEUE);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()?;
        let (told, trouble) = watch::channel(None);
        let run = move || runtime.block_on(write_all(receiver, db, keep_days, &told));
        let thread = std::thread::Builder::new()
            .name("usage".into())
            .spawn(run)?;
        let rows = sender;
        Ok((UsageLog { rows, trouble }, Writer(thread)))
    }

    /// Starts counting a request, or 503 when the queue stays full.
    pub async fn begin(&self, row: Row) -> Result<Entry, ApiError> {
        let reserve = self.rows.clone().reserve_owned();
        match tokio::time::timeout(PATIENCE, reserve).await {
            Ok(Ok(permit)) => Ok(Entry {
                inner: Some((row, permit)),
                started: Instant::now(),
                bytes_in: Arc::default(),
            }),
            Ok(Err(_)) => Err(ApiError::not_ready("The gateway is shutting down.")),
            Err(_) => Err(ApiError::overloaded(Duration::from_secs(2))),
        }
    }

    /// A line of `/ready`: why rows cannot be written at present.
    pub fn check(&self) -> Result<(), String> {
        match self.trouble.borrow().as_ref() {
            Some(why) => Err(format!("usage cannot be written: {why}")),
            None => Ok(()),
        }
    }

    /// Rows that are not on disk yet, those of running requests included.
    pub fn waiting(&self) -> usize {
        self.rows.max_capacity() - self.rows.capacity()
    }

    /// Waits until every request that has ended is on disk.
    pub async fn flush(&self) {
        let (done, wait) = oneshot::channel();
        if self.rows.send(Event::Flush(done)).await.is_ok() {
            let _ = wait.await;
        }
    }
}

impl Writer {
    /// Waits for the last row. Every [`UsageLog`] and [`Entry`] must be gone, or this hangs.
    pub fn finish(self) {
        if self.0.join().is_err() {
            tracing::error!("the usage thread panicked; its last batch is lost");
        }
    }
}

async fn write_all(
    mut receiver: Receiver<Event>,
    db: Db,
    keep_days: u32,
    trouble: &watch::Sender<Option<String>>,
) {
    let mut events = Vec::with_capacity(BATCH);
    let mut cleaned: Option<Instant> = None;
    let mut people = None;
    while receiver.recv_many(&mut events, BATCH).await > 0 {
        let deadline = tokio::time::Instant::now() + DELAY;
        while events.len() < BATCH && !events.iter().any(|event| matches!(event, Event::Flush(_))) {
            let room = BATCH - events.len();
            match tokio::time::timeout_at(deadline, receiver.recv_many(&mut events, room)).await {
                Ok(1..) => {}
                Ok(0) | Err(_) => break,
            }
        }
        let mut tries = 0;
        while let Err(error) =
            db.write_here(|connection| insert(connection, db.sealer(), &mut people, &events))
        {
            tries += 1;
            trouble.send_replace(Some(error.to_string()));
            tracing::error!(%error, rows = events.len(), "usage could not be written");
            if receiver.is_closed() && tries >= LAST_TRIES {
                break;
            }
            tokio::time::sleep(RETRY).await;
        }
        trouble.send_if_modified(|why| why.take().is_some());
        for event in events.drain(..) {
            if let Event::Flush(done) = event {
                let _ = done.send(());
            }
        }
        if cleaned.is_none_or(|at| at.elapsed() > CLEAN) {
            cleaned = Some(Instant::now());
            let before = now_ms() - i64::from(keep_days) * DAY_MS;
            if let Err(error) =
                db.write_here(|db| db.execute("DELETE FROM usage WHERE time_ms < ?1", [before]))
            {
                tracing::warn!(%error, "old usage could not be removed");
            }
        }
    }
}

fn insert(
    connection: &mut Connection,
    sealer: &Sealer,
    known: &mut Option<People>,
    events: &[Event],
) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    // What a failed transaction wrote of them is gone with it.
    let mut people = match known.take() {
        Some(people) => people,
        None => People::load(&transaction, sealer)?,
    };
    {
        let mut add = transaction.prepare_cached(
            "INSERT INTO usage (time_ms, token_id, user_id, service, method, route, status,
                 bytes_in, bytes_out, audio_seconds, characters, milliseconds)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?;
        let mut used =
            transaction.prepare_cached("UPDATE tokens SET last_used_ms = ?2 WHERE id = ?1")?;
        for event in events {
            let Event::Row {
                row,
                bytes_in,
                elapsed,
                time_ms,
            } = event
            else {
                continue;
            };
            let token = &row.identity.info;
            add.execute(params![
                time_ms,
                token.id,
                people.number(&transaction, sealer, &token.user_id)?,
                row.service,
                row.method,
                row.route,
                row.status,
                whole(*bytes_in),
                whole(row.bytes_out),
                row.audio_seconds,
                whole(row.characters),
                whole(elapsed.as_millis().try_into().unwrap_or(u64::MAX)),
            ])?;
            if let Some(at) = row.identity.take_used() {
                used.execute(params![token.id, at])?;
            }
        }
    }
    transaction.commit()?;
    *known = Some(people);
    Ok(())
}

/// SQLite's integers are signed.
fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
