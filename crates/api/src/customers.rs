//! Customers: the types of `/api/customers`.

use crate::ids::CustomerId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};

/// Somebody who calls, or is called.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Customer {
    /// Their id.
    pub id: CustomerId,
    /// What they are called.
    pub name: String,
    /// E.164; callers are recognised by it.
    pub phone_number: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Whatever else is known.
    pub metadata: Map<String, Value>,
    /// When the record was made.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: OffsetDateTime,
    /// When it was last changed.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: OffsetDateTime,
}

/// Body of `POST /api/customers`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewCustomer {
    /// What they are called.
    #[schema(min_length = 1, max_length = 128)]
    pub name: String,
    /// E.164, one customer a number; spaces, dashes, dots and parentheses are taken out.
    #[serde(default)]
    #[schema(max_length = 32)]
    pub phone_number: Option<String>,
    /// Their e-mail address.
    #[serde(default)]
    #[schema(max_length = 254)]
    pub email: Option<String>,
    /// Whatever else is known; 16 KiB at most.
    #[serde(default)]
    pub metadata: Option<Map<String, Value>>,
}

/// Body of `PATCH /api/customers/{id}`: what is absent stays; null empties what may be empty.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CustomerPatch {
    /// What they are called.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 128)]
    pub name: Option<String>,
    /// As in a new customer.
    #[serde(default, deserialize_with = "crate::patch::nullable")]
    #[schema(value_type = Option<String>, max_length = 32)]
    pub phone_number: Option<Option<String>>,
    /// As in a new customer.
    #[serde(default, deserialize_with = "crate::patch::nullable")]
    #[schema(value_type = Option<String>, max_length = 254)]
    pub email: Option<Option<String>>,
    /// Replaces all metadata.
    #[serde(default)]
    pub metadata: Option<Map<String, Value>>,
}

/// Query of `DELETE /api/customers/{id}`.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeleteQuery {
    /// Whether all that is kept of them goes too: calls, transcripts, recordings.
    #[serde(default)]
    pub erase: bool,
}

/// What went with a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Erased {
    /// Calls with them, with their transcripts and summaries.
    pub calls: usize,
    /// Recordings of those.
    pub recordings: usize,
}
