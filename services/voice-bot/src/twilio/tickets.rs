//! One-time tokens by which the media stream of a call is known. They are kept in memory: whoever
//! answers Twilio's request for instructions is asked for the stream a moment later.

use api::ids::{AgentId, CallId, OrganizationId};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A stream comes within this time of its instructions, or not at all.
const LIFE: Duration = Duration::from_secs(60);
/// Calls that are about to be answered at once.
const MOST: usize = 10_000;

/// What a token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Whose call it is.
    pub organization: OrganizationId,
    /// Who speaks.
    pub agent: AgentId,
    /// The call.
    pub call: CallId,
    /// The call at Twilio.
    pub sid: String,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Tickets(Mutex<HashMap<[u8; 32], (Instant, Ticket)>>);

impl Tickets {
    /// A token for a ticket; none when too many wait.
    pub fn issue(&self, ticket: Ticket) -> Option<String> {
        self.issue_at(ticket, Instant::now())
    }

    /// What a token stands for, once.
    pub fn redeem(&self, token: &str) -> Option<Ticket> {
        self.redeem_at(token, Instant::now())
    }

    fn issue_at(&self, ticket: Ticket, now: Instant) -> Option<String> {
        let mut all = self.lock();
        if all.len() >= MOST {
            all.retain(|_, (until, _)| *until > now);
        }
        if all.len() >= MOST {
            return None;
        }
        let token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        all.insert(hash(&token), (now + LIFE, ticket));
        Some(token)
    }

    fn redeem_at(&self, token: &str, now: Instant) -> Option<Ticket> {
        let (until, ticket) = self.lock().remove(&hash(token))?;
        (until > now).then_some(ticket)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 32], (Instant, Ticket)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket() -> Ticket {
        Ticket {
            organization: data_model::new_id(),
            agent: data_model::new_id(),
            call: data_model::new_id(),
            sid: "CA1".into(),
        }
    }

    #[test]
    fn a_token_is_good_once_and_for_a_minute() {
        let (tickets, ticket, now) = (Tickets::default(), ticket(), Instant::now());
        let token = tickets.issue_at(ticket.clone(), now).unwrap();
        let late = tickets.issue_at(ticket.clone(), now).unwrap();
        assert_eq!(token.len(), 43);
        assert_eq!(tickets.redeem_at("guess", now), None);
        assert_eq!(tickets.redeem_at(&token, now + LIFE / 2), Some(ticket));
        assert_eq!(tickets.redeem_at(&token, now), None);
        assert_eq!(tickets.redeem_at(&late, now + LIFE), None);
    }

    #[test]
    fn tokens_that_nobody_uses_make_room() {
        let (tickets, now) = (Tickets::default(), Instant::now());
        for _ in 0..MOST {
            tickets.issue_at(ticket(), now).unwrap();
        }
        assert_eq!(tickets.issue_at(ticket(), now), None);
        assert!(tickets.issue_at(ticket(), now + LIFE).is_some());
        assert_eq!(tickets.lock().len(), 1);
    }
}
