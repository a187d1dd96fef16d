//! What is said in a call, on its way to the journal and to the database.

use super::journal::{Journal, Line};
use crate::state::AppState;
use api::ids::{CallId, OrganizationId};
use data_model::Error;
use serde_json::Value;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// After a first failure of the database; doubles each time.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// See the module.
pub struct Record {
    organization: OrganizationId,
    call: CallId,
    said: Mutex<Vec<Value>>,
    changed: Notify,
    journal: Arc<Mutex<Option<Journal>>>,
}

impl Record {
    /// Of a call of which nothing is known yet.
    pub fn new(organization: OrganizationId, call: CallId, journal: Option<Journal>) -> Self {
        Record {
            organization,
            call,
            said: Mutex::default(),
            changed: Notify::new(),
            journal: Arc::new(Mutex::new(journal)),
        }
    }

    /// A segment is complete; on disk when this returns.
    pub async fn add(&self, segment: impl serde::Serialize) {
        let Ok(mut segment) = serde_json::to_value(segment) else {
            return;
        };
        without_nul(&mut segment);
        lock(&self.said).push(segment.clone());
        self.changed.notify_one();
        self.write(Line::Said(segment)).await;
    }

    /// Appends to the journal. Where that fails, the journal is given up: what it lacks it must not
    /// seem to have.
    pub async fn write(&self, line: Line) {
        let journal = self.journal.clone();
        let written = tokio::task::spawn_blocking(move || {
            let mut journal = lock(&journal);
            let written = match journal.as_mut() {
                Some(journal) => journal.write(&line),
                None => return Ok(()),
            };
            if written.is_err()
                && let Some(journal) = journal.take()
            {
                let _ = journal.done();
            }
            written
        });
        if let Err(error) = written.await.map_err(io::Error::other).flatten() {
            tracing::error!(call = %self.call, %error, "DATA_DIR/outbox cannot be written; only the database has what is said in this call");
        }
    }

    /// Everything that was said so far.
    pub fn said(&self) -> Vec<Value> {
        lock(&self.said).clone()
    }

    /// Takes the journal, where there is one.
    pub fn take_journal(&self) -> Option<Journal> {
        lock(&self.journal).take()
    }

    /// Brings the database up to date as it can be reached. Never returns by itself, unless the
    /// call is gone.
    pub async fn keep_written(self: Arc<Self>, state: AppState) {
        let (mut written, mut failures) = (0, 0u32);
        loop {
            let open: Vec<Value> = lock(&self.said).iter().skip(written).cloned().collect();
            if open.is_empty() {
                self.changed.notified().await;
                continue;
            }
            let tenant = state.database.tenant(self.organization);
            let appended = tenant.append_transcript(self.call, written, &open).await;
            match appended {
                Ok(_) => (written, failures) = (written + open.len(), 0),
                Err(Error::NotFound) => return,
                Err(error) => {
                    if failures == 0 {
                        tracing::warn!(call = %self.call, %error, "the database does not take what is said; it is kept");
                    }
                    failures += 1;
                    let pause = FIRST_PAUSE.saturating_mul(1 << failures.min(8));
                    tokio::time::sleep(pause.min(LONGEST_PAUSE)).await;
                }
            }
        }
    }
}

/// PostgreSQL stores no NUL, not even escaped.
fn without_nul(value: &mut Value) {
    match value {
        Value::String(text) if text.contains('\0') => *text = text.replace('\0', ""),
        Value::Array(items) => items.iter_mut().for_each(without_nul),
        Value::Object(object) => object.values_mut().for_each(without_nul),
        _ => {}
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_postgresql_cannot_store_is_left_out() {
        let mut segment = json!({"text": "a\0b", "words": [{"w": "\0"}], "start": 1});
        without_nul(&mut segment);
        assert_eq!(
            segment,
            json!({"text": "ab", "words": [{"w": ""}], "start": 1})
        );
    }
}
