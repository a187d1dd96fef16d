//! The calls that this process leads now.

use api::calls::Direction;
use api::ids::{AgentId, CallId, CustomerId, OrganizationId};
use pipeline::{CallEvent, Control, Segment, TurnState};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use time::OffsetDateTime;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};

/// A call that is being led.
pub struct Active {
    /// Its id.
    pub id: CallId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// Who speaks for them.
    pub agent: AgentId,
    /// The agent's name.
    pub agent_name: String,
    /// With whom.
    pub customer: Option<CustomerId>,
    /// Who called whom.
    pub direction: Direction,
    /// Who calls.
    pub from_number: Option<String>,
    /// Who is called.
    pub to_number: Option<String>,
    /// Since when they talk.
    pub answered_at: OffsetDateTime,
    /// How it can be ended.
    pub control: mpsc::Sender<Control>,
    /// True once it is over and written down as far as that was possible.
    pub over: watch::Sender<bool>,
    now: Mutex<Now>,
    _slot: OwnedSemaphorePermit,
}

/// How far a call is.
#[derive(Debug, Clone)]
pub struct Now {
    /// Whose turn it is.
    pub state: TurnState,
    /// What was said.
    pub segments: Vec<Segment>,
}

impl Active {
    /// How far it is.
    pub fn now(&self) -> Now {
        lock(&self.now).clone()
    }

    /// Notes what happened. Of a segment: its place in the transcript, from 0.
    pub fn note(&self, event: &CallEvent) -> Option<usize> {
        let mut now = lock(&self.now);
        match event {
            CallEvent::State { state } => now.state = *state,
            CallEvent::Segment { segment } => {
                now.segments.push(segment.clone());
                return Some(now.segments.len() - 1);
            }
            _ => {}
        }
        None
    }
}

/// What is needed to lead one more call.
pub struct Slot(OwnedSemaphorePermit);

/// See the module.
pub struct Registry {
    slots: Arc<Semaphore>,
    calls: Mutex<HashMap<CallId, Arc<Active>>>,
}

/// What an [`Active`] is made of.
pub struct About {
    /// Its id.
    pub id: CallId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// Who speaks for them.
    pub agent: AgentId,
    /// The agent's name.
    pub agent_name: String,
    /// With whom.
    pub customer: Option<CustomerId>,
    /// Who called whom.
    pub direction: Direction,
    /// Who calls.
    pub from_number: Option<String>,
    /// Who is called.
    pub to_number: Option<String>,
    /// Since when they talk.
    pub answered_at: OffsetDateTime,
}

impl Registry {
    /// For so many calls at once.
    pub fn new(most: u32) -> Self {
        Registry {
            slots: Arc::new(Semaphore::new(most as usize)),
            calls: Mutex::default(),
        }
    }

    /// Room for one more call; none when there are too many.
    pub fn slot(&self) -> Option<Slot> {
        self.slots.clone().try_acquire_owned().ok().map(Slot)
    }

    /// Adds a call and gives what it hears control by; none when it is led already.
    pub fn add(&self, about: About, slot: Slot) -> Option<(Arc<Active>, mpsc::Receiver<Control>)> {
        let mut calls = lock(&self.calls);
        if calls.contains_key(&about.id) {
            return None;
        }
        let (control, controlled) = mpsc::channel(8);
        let active = Arc::new(Active {
            id: about.id,
            organization: about.organization,
            agent: about.agent,
            agent_name: about.agent_name,
            customer: about.customer,
            direction: about.direction,
            from_number: about.from_number,
            to_number: about.to_number,
            answered_at: about.answered_at,
            control,
            over: watch::Sender::new(false),
            now: Mutex::new(Now {
                state: TurnState::Listening,
                segments: Vec::new(),
            }),
            _slot: slot.0,
        });
        calls.insert(about.id, active.clone());
        metrics::gauge!("calls_active").set(calls.len() as f64);
        Some((active, controlled))
    }

    /// A call is over.
    pub fn remove(&self, id: CallId) {
        let mut calls = lock(&self.calls);
        calls.remove(&id);
        metrics::gauge!("calls_active").set(calls.len() as f64);
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        lock(&self.calls).len()
    }

    /// One call.
    pub fn get(&self, id: CallId) -> Option<Arc<Active>> {
        lock(&self.calls).get(&id).cloned()
    }

    /// The calls for which a condition holds, the oldest first.
    pub fn all(&self, which: impl Fn(&Active) -> bool) -> Vec<Arc<Active>> {
        let calls = lock(&self.calls);
        let mut found: Vec<_> = calls.values().filter(|c| which(c)).cloned().collect();
        found.sort_by_key(|call| (call.answered_at, call.id.0));
        found
    }
}

/// Asks a call to end, and waits until it has been written down, `patience` at most. Whether it has.
pub async fn ended(call: &Active, control: Control, patience: Duration) -> bool {
    let mut over = call.over.subscribe();
    // Full or closed: it is ending already.
    let _ = call.control.try_send(control);
    let waited = tokio::time::timeout(patience, over.wait_for(|over| *over)).await;
    matches!(waited, Ok(Ok(_)))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
