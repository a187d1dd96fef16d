//! Notes and history in Firestore, over its REST API (v1: `documents:runQuery`, `documents:commit`).
//!
//! A user's notes are `whissle_users/{key}/notes/{id}`, a conversation's turns
//! `whissle_devices/{key}/turns/{id}`; keys are hashes, and every query needs single-field indexes
//! only, which Firestore makes by itself.

use super::google::ServiceAccount;
use super::{
    Owner, Result, Storage, StorageError, StorageSettings, TURNS_KEPT, Turn,
    firestore_values as values, new_id, new_note, words,
};
use api::conversation::Note;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const CONNECT: Duration = Duration::from_secs(5);
const TOTAL: Duration = Duration::from_secs(15);
/// Documents deleted by one request; Firestore takes 500.
const BATCH: usize = 300;
/// Words of a search that count; Firestore takes 30.
const WORDS: usize = 16;
/// Documents a search looks at before it ranks them.
const CANDIDATES: usize = 200;
/// Old turns are looked for once in so many appends.
const PRUNE_EVERY: u32 = 16;

/// A database of a project.
pub struct Firestore {
    http: reqwest::Client,
    account: ServiceAccount,
    /// `https://firestore.googleapis.com/v1/`.
    url: String,
    /// `projects/{project}/databases/{database}/documents`.
    root: String,
    appends: AtomicU32,
}

impl Firestore {
    /// Reads the key; asks nobody yet.
    pub fn open(settings: &StorageSettings) -> Result<Self> {
        let path = settings.google_application_credentials.as_deref();
        let path = path.ok_or_else(|| {
            StorageError::Settings(
                "STORAGE_MODE=firestore needs GOOGLE_APPLICATION_CREDENTIALS, the file with a service account's key".into(),
            )
        })?;
        let account = ServiceAccount::read(path)?;
        // Fails when somebody was first, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(TOTAL)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| StorageError::Settings(error.to_string()))?;
        let database = &settings.firestore_database;
        Ok(Firestore {
            root: format!(
                "projects/{}/databases/{database}/documents",
                account.project
            ),
            url: format!("{}/v1/", settings.firestore_url.trim_end_matches('/')),
            http,
            account,
            appends: AtomicU32::new(0),
        })
    }

    fn user(&self, owner: &Owner) -> String {
        format!("{}/whissle_users/{}", self.root, owner.user_key())
    }

    fn device(&self, owner: &Owner) -> String {
        format!("{}/whissle_devices/{}", self.root, owner.device_key())
    }

    /// A request and its JSON; once more with a new token where the old one is refused.
    async fn post(&self, path: &str, body: &Value) -> Result<(u16, Value)> {
        let unreachable = |_| StorageError::Remote("does not answer".into());
        for last in [false, true] {
            let token = self.account.token(&self.http).await?;
            let request = self.http.post(format!("{}{path}", self.url));
            let sent = request.bearer_auth(token).json(body).send().await;
            let answer = sent.map_err(unreachable)?;
            let status = answer.status().as_u16();
            if status == 401 && !last {
                self.account.forget().await;
                continue;
            }
            let body = answer.bytes().await.map_err(unreachable)?;
            return Ok((status, serde_json::from_slice(&body).unwrap_or_default()));
        }
        Err(StorageError::Remote("refuses the service account".into()))
    }

    async fn query(&self, parent: &str, query: &Value) -> Result<Vec<Value>> {
        let (status, answer) = self.post(&format!("{parent}:runQuery"), query).await?;
        let rows = answer.as_array().filter(|_| status == 200);
        let rows = rows.ok_or_else(|| refused(status))?;
        // A row without a document only says when the query ran.
        let documents = rows.iter().filter_map(|row| row.get("document"));
        Ok(documents.cloned().collect())
    }

    /// False when a document that must exist does not.
    async fn commit(&self, writes: Vec<Value>) -> Result<bool> {
        let body = json!({ "writes": writes });
        let path = format!("{}:commit", self.root);
        match self.post(&path, &body).await?.0 {
            200 => Ok(true),
            404 => Ok(false),
            status => Err(refused(status)),
        }
    }

    /// Writes that need nothing to exist.
    async fn write(&self, writes: Vec<Value>) -> Result<()> {
        match self.commit(writes).await? {
            true => Ok(()),
            false => Err(refused(404)),
        }
    }

    /// Deletes what a query finds; how much that was.
    async fn delete(&self, found: &[Value]) -> Result<usize> {
        let names = found
            .iter()
            .filter_map(|document| document["name"].as_str());
        let writes: Vec<Value> = names.map(|name| json!({ "delete": name })).collect();
        if !writes.is_empty() {
            self.write(writes).await?;
        }
        Ok(found.len())
    }

    /// Deletes a collection but its newest documents.
    async fn clear(&self, parent: &str, collection: &str, keep: usize) -> Result<u64> {
        let query = values::newest(collection, None, BATCH, keep);
        let mut deleted = 0;
        loop {
            let count = self.delete(&self.query(parent, &query).await?).await?;
            deleted += count as u64;
            if count < BATCH {
                return Ok(deleted);
            }
        }
    }
}

fn refused(status: u16) -> StorageError {
    StorageError::Remote(match status {
        401 | 403 => "refuses the service account; it needs the role Cloud Datastore User".into(),
        404 => "has no such database; check FIRESTORE_DATABASE".into(),
        status => format!("failed (status {status})"),
    })
}

impl Storage for Firestore {
    fn add_note<'a>(
        &'a self,
        owner: &'a Owner,
        text: &'a str,
        language: &'a str,
    ) -> BoxFuture<'a, Result<Note>> {
        Box::pin(async move {
            let note = new_note(text, language);
            let name = format!("{}/notes/{}", self.user(owner), note.id);
            let write = json!({
                "update": {"name": name, "fields": values::of_note(&note)},
                "currentDocument": {"exists": false},
            });
            self.write(vec![write]).await?;
            Ok(note)
        })
    }

    fn notes<'a>(
        &'a self,
        owner: &'a Owner,
        before: Option<&'a str>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Note>>> {
        Box::pin(async move {
            let query = values::newest("notes", before, limit, 0);
            let found = self.query(&self.user(owner), &query).await?;
            Ok(found.iter().filter_map(values::to_note).collect())
        })
    }

    fn search_notes<'a>(
        &'a self,
        owner: &'a Owner,
        wanted: &'a str,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Note>>> {
        Box::pin(async move {
            let wanted = words(wanted, WORDS);
            if wanted.is_empty() {
                return Ok(Vec::new());
            }
            let query = values::with_words(&wanted, CANDIDATES);
            let found = self.query(&self.user(owner), &query).await?;
            let mut notes: Vec<(usize, Note)> = found
                .iter()
                .filter_map(values::to_note)
                .map(|note| {
                    let known = words(&note.text, usize::MAX);
                    (
                        wanted.iter().filter(|word| known.contains(word)).count(),
                        note,
                    )
                })
                .collect();
            notes.sort_by(|(a, x), (b, y)| b.cmp(a).then_with(|| y.id.cmp(&x.id)));
            Ok(notes
                .into_iter()
                .map(|(_, note)| note)
                .take(limit)
                .collect())
        })
    }

    fn delete_note<'a>(&'a self, owner: &'a Owner, id: &'a str) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let name = format!("{}/notes/{id}", self.user(owner));
            let write = json!({"delete": name, "currentDocument": {"exists": true}});
            self.commit(vec![write]).await
        })
    }

    fn delete_notes<'a>(&'a self, owner: &'a Owner) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move { self.clear(&self.user(owner), "notes", 0).await })
    }

    fn turns<'a>(&'a self, owner: &'a Owner, limit: usize) -> BoxFuture<'a, Result<Vec<Turn>>> {
        Box::pin(async move {
            let query = values::newest("turns", None, limit, 0);
            let found = self.query(&self.device(owner), &query).await?;
            Ok(found.iter().rev().filter_map(values::to_turn).collect())
        })
    }

    fn add_turns<'a>(&'a self, owner: &'a Owner, turns: Vec<Turn>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let parent = self.device(owner);
            let write = |turn: &Turn| {
                let id = new_id();
                let name = format!("{parent}/turns/{id}");
                json!({"update": {"name": name, "fields": values::of_turn(&id, turn)}})
            };
            self.write(turns.iter().map(write).collect()).await?;
            if self
                .appends
                .fetch_add(1, Ordering::Relaxed)
                .is_multiple_of(PRUNE_EVERY)
            {
                self.clear(&parent, "turns", TURNS_KEPT).await?;
            }
            Ok(())
        })
    }

    fn delete_turns<'a>(&'a self, owner: &'a Owner) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move { self.clear(&self.device(owner), "turns", 0).await })
    }
}
