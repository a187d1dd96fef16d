//! Calls: what lists show of them, the whole of one, and how they go on.

mod ending;
mod inbound;
mod list;
mod opened;
mod progress;
mod search;
mod start;
mod transcript;

pub use ending::Ending;
pub use inbound::{Answering, ReceivedCall};
pub use list::CallFilter;
pub(crate) use opened::{open_segments, place, seal_number, seal_segments};
pub use progress::{Progress, ProviderCall};
pub use search::{CallSearch, FoundCall};
pub use start::{NewCall, Started};

use crate::column::{Maybe, Text};
use crate::error::Result;
use crate::tenant::Tenant;
use api::calls::{CallStatus, Direction};
use api::ids::{AgentId, CallId, CustomerId, UserId};
use serde_json::Value;
use time::OffsetDateTime;

/// A call in a list.
#[derive(Debug, Clone)]
pub struct CallItem {
    /// Its id.
    pub id: CallId,
    /// Who spoke for the organization.
    pub agent_id: AgentId,
    /// With whom.
    pub customer_id: Option<CustomerId>,
    /// Who called whom.
    pub direction: Direction,
    /// How far it is.
    pub status: CallStatus,
    /// Who called.
    pub from_number: Option<String>,
    /// Who was called.
    pub to_number: Option<String>,
    /// What answered.
    pub answered_by: Option<String>,
    /// How the transcript begins.
    pub excerpt: String,
    /// The first segments, where the excerpt must be made of what is sealed in them.
    pub(crate) opening: Option<Value>,
    /// Whether there is a recording.
    pub has_recording: bool,
    /// Seconds between answer and end.
    pub duration: Option<f64>,
    /// When it was asked for, or came in.
    pub created_at: OffsetDateTime,
    /// When it was answered.
    pub answered_at: Option<OffsetDateTime>,
    /// When it was over.
    pub ended_at: Option<OffsetDateTime>,
}

/// The whole of a call.
#[derive(Debug, Clone)]
pub struct Call {
    /// Its id.
    pub id: CallId,
    /// Who spoke for the organization.
    pub agent_id: AgentId,
    /// With whom.
    pub customer_id: Option<CustomerId>,
    /// Who asked for it.
    pub started_by: Option<UserId>,
    /// Who called whom.
    pub direction: Direction,
    /// How far it is.
    pub status: CallStatus,
    /// Who called.
    pub from_number: Option<String>,
    /// Who was called.
    pub to_number: Option<String>,
    /// The call at the telephone company.
    pub provider_call_id: Option<String>,
    /// What answered.
    pub answered_by: Option<String>,
    /// How the transcript begins.
    pub excerpt: String,
    /// An array of segments.
    pub transcript: Value,
    /// An object.
    pub metadata: Value,
    /// In a few sentences.
    pub summary: Option<String>,
    /// Below the folder of recordings.
    pub recording_path: Option<String>,
    /// Seconds between answer and end.
    pub duration: Option<f64>,
    /// Why it failed.
    pub error: Option<String>,
    /// When it was asked for, or came in.
    pub created_at: OffsetDateTime,
    /// When it was answered.
    pub answered_at: Option<OffsetDateTime>,
    /// When it was over.
    pub ended_at: Option<OffsetDateTime>,
    /// When anything of it last changed.
    pub updated_at: OffsetDateTime,
}

/// A statement that gives whole calls: what stands before and after the columns, and its arguments.
macro_rules! calls {
    ($before:literal, $after:literal $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            $crate::calls::Call,
            $before + r#" id, agent_id, customer_id AS "customer_id!: Maybe<CustomerId>",
                started_by AS "started_by!: Maybe<UserId>", direction AS "direction: Text<Direction>",
                status AS "status: Text<CallStatus>", from_number, to_number, provider_call_id, answered_by, excerpt,
                transcript, metadata, summary, recording_path, duration, error,
                created_at, answered_at, ended_at, updated_at "# + $after
            $(, $argument)*
        )
    };
}
pub(crate) use calls;

impl Tenant<'_> {
    /// One call, with everything that was said.
    pub async fn call(&self, id: CallId) -> Result<Call> {
        let call = calls!(
            "SELECT",
            "FROM calls WHERE organization_id = $1 AND id = $2",
            self.id().0,
            id.0,
        )
        .fetch_one(self.pool())
        .await?;
        call.opened(self.sealer())
    }

    /// Where the recording of a call is, below the folder of recordings; none if there is none.
    pub async fn recording_path(&self, id: CallId) -> Result<Option<String>> {
        let row = sqlx::query!(
            "SELECT recording_path FROM calls WHERE organization_id = $1 AND id = $2",
            self.id().0,
            id.0,
        )
        .fetch_one(self.pool())
        .await?;
        Ok(row.recording_path)
    }
}
