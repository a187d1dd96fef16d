//! Calls as the agent's tools look them up at voice-bot: `GET /internal/calls` and
//! `GET /internal/calls/{id}`, which no client reaches.

use crate::calls::{CallStatus, Direction};
use crate::ids::{CallId, OrganizationId};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// Which calls.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct LookupQuery {
    /// Whose; one that the user belongs to. Default: their only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<OrganizationId>,
    /// Words, as search engines take them, up to 256 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// The customer's telephone number, or a part of their name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// Made at this time or on this day, or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Made before this time, or on this day at the latest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// At most so many, 1 to 20. Default: 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Calls that were found, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoundCalls {
    /// They are.
    pub calls: Vec<FoundCall>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoundCall {
    /// Its id.
    pub id: CallId,
    /// Name of who spoke for the organization.
    pub agent: String,
    /// Name of the customer, where that is known.
    pub customer: Option<String>,
    /// Who called whom.
    pub direction: Direction,
    /// How far it is.
    pub status: CallStatus,
    /// Seconds between answer and end.
    pub duration: Option<f64>,
    /// When it was asked for, or came in.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// In a few sentences.
    pub summary: Option<String>,
    /// Where the words were said.
    pub passages: String,
}

/// Which part of a call.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ReadQuery {
    /// As in [`LookupQuery`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<OrganizationId>,
    /// The first segment that is wanted, counted from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_segment: Option<u32>,
}

/// What was said in a call, as much of it as a model reads at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReadCall {
    /// Its id.
    pub id: CallId,
    /// Who called whom.
    pub direction: Direction,
    /// How far it is.
    pub status: CallStatus,
    /// Who called.
    pub from_number: Option<String>,
    /// Who was called.
    pub to_number: Option<String>,
    /// Seconds between answer and end.
    pub duration: Option<f64>,
    /// When it was asked for, or came in.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// In a few sentences.
    pub summary: Option<String>,
    /// Segments of the whole call.
    pub segments: u32,
    /// A line for each segment: `[minutes:seconds] speaker: text`.
    pub transcript: String,
    /// `from_segment` of the rest, where there is one.
    pub next_segment: Option<u32>,
}
