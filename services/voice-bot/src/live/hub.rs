//! Who follows calls as they happen.
//!
//! Each reader has a bounded queue. One that does not keep up misses what the caller is saying at
//! the moment, never what was said; one whose queue is full nevertheless is cut off, so that it
//! comes back and reads the record.

use api::ids::{CallId, OrganizationId};
use pipeline::CallEvent;
use serde::Serialize;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// Events that wait for a reader.
const QUEUE: usize = 256;
/// Readers of an organization.
const READERS: usize = 64;

/// Something that happened in a call.
#[derive(Debug, Clone, Serialize)]
pub struct LiveEvent {
    /// In which.
    pub call_id: CallId,
    /// Of a segment: its place in the transcript, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<usize>,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// See [`LiveEvent`].
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum What {
    /// As the call told it.
    Call(CallEvent),
    /// Of the call's record.
    Record(Change),
}

/// What changes of a call besides what happens in it.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Change {
    /// The call has begun.
    Started,
    /// The record of a call that is over has changed, such as by its summary.
    Updated,
}

impl LiveEvent {
    /// Its name: the `event` of a server-sent event.
    pub fn name(&self) -> &'static str {
        match &self.what {
            What::Call(CallEvent::State { .. }) => "state",
            What::Call(CallEvent::Interim { .. }) => "interim",
            What::Call(CallEvent::Saying { .. }) => "saying",
            What::Call(CallEvent::Segment { .. }) => "segment",
            What::Call(CallEvent::Dtmf { .. }) => "dtmf",
            What::Call(CallEvent::Failed { .. }) => "failed",
            What::Call(CallEvent::Recovered { .. }) => "recovered",
            What::Call(CallEvent::Ended { .. }) => "ended",
            What::Record(Change::Started) => "started",
            What::Record(Change::Updated) => "updated",
        }
    }

    fn is_replaced_by_the_next(&self) -> bool {
        matches!(&self.what, What::Call(CallEvent::Interim { .. }))
    }
}

struct Reader {
    call: Option<CallId>,
    queue: mpsc::Sender<Arc<LiveEvent>>,
}

/// See the module.
#[derive(Default)]
pub struct Hub(Mutex<HashMap<OrganizationId, Vec<Reader>>>);

impl Hub {
    /// What happens from now on in the calls of an organization, or in one of them; none when too
    /// many listen already.
    pub fn follow(
        &self,
        organization: OrganizationId,
        call: Option<CallId>,
    ) -> Option<mpsc::Receiver<Arc<LiveEvent>>> {
        let mut readers = self.lock();
        let readers = readers.entry(organization).or_default();
        readers.retain(|reader| !reader.queue.is_closed());
        if readers.len() >= READERS {
            return None;
        }
        let (queue, events) = mpsc::channel(QUEUE);
        readers.push(Reader { call, queue });
        Some(events)
    }

    /// Tells everybody who follows.
    pub fn tell(&self, organization: OrganizationId, event: LiveEvent) {
        let mut all = self.lock();
        let Some(readers) = all.get_mut(&organization) else {
            return;
        };
        let event = Arc::new(event);
        readers.retain(|reader| {
            if reader.call.is_some_and(|call| call != event.call_id) {
                return !reader.queue.is_closed();
            }
            // Half of the queue is kept for what nothing replaces.
            match event.is_replaced_by_the_next() && reader.queue.capacity() < QUEUE / 2 {
                true => !reader.queue.is_closed(),
                false => reader.queue.try_send(event.clone()).is_ok(),
            }
        });
        if readers.is_empty() {
            all.remove(&organization);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<OrganizationId, Vec<Reader>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(call: CallId, what: CallEvent) -> LiveEvent {
        LiveEvent {
            call_id: call,
            number: None,
            what: What::Call(what),
        }
    }

    fn interim(call: CallId) -> LiveEvent {
        let text = "so".to_owned();
        event(call, CallEvent::Interim { text })
    }

    fn key(call: CallId) -> LiveEvent {
        event(call, CallEvent::Dtmf { digit: '1' })
    }

    #[test]
    fn slow_readers_miss_interims_only_and_are_cut_off_at_last() {
        let (hub, organization, call) =
            (Hub::default(), data_model::new_id(), data_model::new_id());
        let mut events = hub.follow(organization, None).unwrap();
        for _ in 0..QUEUE {
            hub.tell(organization, interim(call));
        }
        for _ in 0..QUEUE {
            hub.tell(organization, key(call));
        }
        let mut names = Vec::new();
        while let Ok(event) = events.try_recv() {
            names.push(event.name());
        }
        let keys = names.iter().filter(|name| **name == "dtmf").count();
        assert!(keys >= QUEUE / 2 - 1 && names.len() == QUEUE);
        assert!(events.is_closed(), "it did not keep up");
    }

    #[test]
    fn nobody_hears_of_other_organizations_or_calls_not_asked_for() {
        let hub = Hub::default();
        let (ours, theirs) = (data_model::new_id(), data_model::new_id());
        let (one, two) = (data_model::new_id(), data_model::new_id());
        let mut all = hub.follow(ours, None).unwrap();
        let mut single = hub.follow(ours, Some(one)).unwrap();
        let mut other = hub.follow(theirs, Some(one)).unwrap();
        hub.tell(ours, key(one));
        hub.tell(ours, key(two));
        assert_eq!((all.len(), single.len()), (2, 1));
        assert!(other.try_recv().is_err() && all.try_recv().is_ok() && single.try_recv().is_ok());
    }

    #[test]
    fn readers_are_bounded_and_make_room_when_they_leave() {
        let (hub, organization) = (Hub::default(), data_model::new_id());
        let readers: Vec<_> = (0..READERS)
            .map(|_| hub.follow(organization, None).unwrap())
            .collect();
        assert!(hub.follow(organization, None).is_none());
        drop(readers);
        assert!(hub.follow(organization, None).is_some());
    }
}
