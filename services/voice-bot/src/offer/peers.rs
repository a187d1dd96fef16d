//! The connections of browsers, by the ids that their pages know.

use api::ids::{CallId, UserId};
use pipeline::transport::webrtc::Peer;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Semaphore, SemaphorePermit};
use uuid::Uuid;

/// Offers that are answered at once.
const ANSWERING: usize = 16;

/// A connection.
#[derive(Clone)]
pub struct Connected {
    /// It.
    pub peer: Arc<Peer>,
    /// Whose page it is.
    pub owner: UserId,
    /// The call that it carries.
    pub call: CallId,
}

/// All of them.
pub struct Peers {
    all: Mutex<HashMap<Uuid, Connected>>,
    answering: Semaphore,
}

impl Default for Peers {
    fn default() -> Self {
        Peers {
            all: Mutex::default(),
            answering: Semaphore::new(ANSWERING),
        }
    }
}

impl Peers {
    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Connected>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leave to answer an offer; none when many are being answered.
    pub fn answering(&self) -> Option<SemaphorePermit<'_>> {
        self.answering.try_acquire().ok()
    }

    /// A new connection. Its id cannot be guessed.
    pub fn add(&self, connected: Connected) -> Uuid {
        let id = Uuid::new_v4();
        self.lock().insert(id, connected);
        id
    }

    /// It is closed.
    pub fn remove(&self, id: Uuid) {
        self.lock().remove(&id);
    }

    /// A connection; that of somebody else is none. Nobody in particular may have any: the id is
    /// secret.
    pub fn get(&self, id: Uuid, asks: Option<UserId>) -> Option<Connected> {
        let found = self.lock().get(&id).cloned()?;
        asks.is_none_or(|user| user == found.owner).then_some(found)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.lock().len()
    }
}
