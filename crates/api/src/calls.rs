//! Calls: the types of `/api/calls`.

use crate::ids::{AgentId, CallId, CustomerId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use std::str::FromStr;
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};

/// Declares an enum whose variants have one spelling, on the wire and in the database.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// As it is written everywhere.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let found = $name::ALL.iter().copied().find(|word| word.as_str() == text);
                found.ok_or_else(|| concat!("must be one of", $(" ", $word),*).to_owned())
            }
        }
    };
}

words! {
    /// Who called whom.
    Direction {
        /// The customer called.
        Inbound = "inbound",
        /// The agent called.
        Outbound = "outbound",
        /// From a browser.
        Web = "web",
    }
}

words! {
    /// How far a call is; Twilio's names.
    CallStatus {
        /// Not dialled yet.
        Queued = "queued",
        /// Taken by the telephone company.
        Initiated = "initiated",
        /// It rings.
        Ringing = "ringing",
        /// They talk.
        InProgress = "in-progress",
        /// They talked.
        Completed = "completed",
        /// The line was busy.
        Busy = "busy",
        /// Nobody answered.
        NoAnswer = "no-answer",
        /// It could not be made; `error` says why.
        Failed = "failed",
        /// Ended before anybody answered.
        Canceled = "canceled",
    }
}

impl CallStatus {
    /// How far along; a call only ever moves to a higher one, and the ends are the highest.
    fn rank(self) -> u8 {
        match self {
            CallStatus::Queued => 0,
            CallStatus::Initiated => 1,
            CallStatus::Ringing => 2,
            CallStatus::InProgress => 3,
            _ => 4,
        }
    }

    /// Whether the call is over.
    pub fn is_over(self) -> bool {
        self.rank() == 4
    }

    /// The states from which a call can come to this one.
    pub fn before(self) -> impl Iterator<Item = CallStatus> {
        let earlier = move |status: &CallStatus| status.rank() < self.rank();
        CallStatus::ALL.iter().copied().filter(earlier)
    }
}

/// A call in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CallItem {
    /// Its id.
    pub id: CallId,
    /// Who spoke for the organization.
    pub agent_id: AgentId,
    /// With whom, where that is known.
    pub customer_id: Option<CustomerId>,
    /// Who called whom.
    pub direction: Direction,
    /// How far it is.
    pub status: CallStatus,
    /// Who called, E.164 where it is a telephone.
    pub from_number: Option<String>,
    /// Who was called.
    pub to_number: Option<String>,
    /// What answered, as machine detection has it: `human`, `machine_start`, `fax`, `unknown`.
    pub answered_by: Option<String>,
    /// How the transcript begins, up to 200 characters.
    pub excerpt: String,
    /// Whether there is a recording.
    pub has_recording: bool,
    /// Seconds between answer and end.
    pub duration: Option<f64>,
    /// When it was asked for, or came in.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: OffsetDateTime,
    /// When it was answered.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub answered_at: Option<OffsetDateTime>,
    /// When it was over.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<OffsetDateTime>,
}

/// A call with everything that was said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Call {
    /// What lists show of it.
    #[serde(flatten)]
    pub item: CallItem,
    /// Who asked for it, while they have an account.
    pub started_by: Option<UserId>,
    /// The call at the telephone company; Twilio's `CallSid`.
    pub provider_call_id: Option<String>,
    /// `[{speaker, text, start, end, metadata, ...}]`, in order.
    #[schema(value_type = Vec<Object>)]
    pub transcript: Vec<Value>,
    /// Whatever else is known.
    pub metadata: Map<String, Value>,
    /// In a few sentences.
    pub summary: Option<String>,
    /// Where the recording is, below the address of this API; null when there is none.
    pub recording_url: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
    /// When anything of it last changed.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: OffsetDateTime,
}

/// A call that is going on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ActiveCall {
    /// Its id.
    pub id: CallId,
    /// Who speaks for the organization.
    pub agent_id: AgentId,
    /// Their name.
    pub agent_name: String,
    /// With whom, where that is known.
    pub customer_id: Option<CustomerId>,
    /// Who called whom.
    pub direction: Direction,
    /// Who called, E.164 where it is a telephone.
    pub from_number: Option<String>,
    /// Who was called.
    pub to_number: Option<String>,
    /// Since when they talk.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub answered_at: OffsetDateTime,
    /// Whose turn it is: `listening`, `thinking`, `speaking`, `interrupted`, `closing`.
    pub state: String,
    /// Turns of the transcript so far.
    pub turns: usize,
}

/// A server-sent event about calls; docs/call-records.md lists them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FollowedCall {
    /// What happened: `ready`, `snapshot`, `started`, `state`, `segment` and others.
    pub event: String,
    /// JSON: an object with `type`, which is `event` again, `call_id`, and what happened.
    pub data: String,
}

/// Body of `POST /api/calls/start`: `customer_id`, `to`, or both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StartCall {
    /// Who is to speak.
    pub agent_id: AgentId,
    /// Whom to call: their number, unless `to` is given.
    #[serde(default)]
    pub customer_id: Option<CustomerId>,
    /// The number to call, E.164; spaces, dashes, dots and parentheses are taken out.
    #[serde(default)]
    #[schema(max_length = 32)]
    pub to: Option<String>,
    /// Kept with the call; 16 KiB at most.
    #[serde(default)]
    pub metadata: Option<Map<String, Value>>,
}

/// Which calls: all conditions hold for each. `limit` and `cursor` are as in every list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CallQuery {
    /// Of this agent.
    pub agent_id: Option<AgentId>,
    /// With this customer.
    pub customer_id: Option<CustomerId>,
    /// Made at this time or later: `2026-01-31T09:00:00Z`, or a day, `2026-01-31` (UTC).
    #[param(max_length = 40)]
    pub from: Option<String>,
    /// Made before this time; of a day, all of it counts.
    #[param(max_length = 40)]
    pub to: Option<String>,
    /// In this state.
    pub status: Option<CallStatus>,
    /// Words that were said or that the summary holds; `"exact phrase"`, `or` and `-not` work.
    #[param(max_length = 256)]
    pub q: Option<String>,
    /// Items a page, 1 to 1000; 50 when only `cursor` is given. Without both, the answer is a plain
    /// array of the newest 1000.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(max_length = 128)]
    pub cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_never_moves_back_and_never_leaves_its_end() {
        for &from in CallStatus::ALL {
            for &to in CallStatus::ALL {
                let moves = to.before().any(|before| before == from);
                assert!(!(moves && from.is_over()), "{from} to {to}");
                assert!(!moves || from.rank() < to.rank(), "{from} to {to}");
            }
        }
        assert!(
            CallStatus::Completed
                .before()
                .any(|s| s == CallStatus::Queued)
        );
    }
}
