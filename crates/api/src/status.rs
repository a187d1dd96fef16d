//! `/status` of the gateway, of voice calling and of the agent; recognition and synthesis have
//! theirs beside their other types.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::openapi::schema::{AnyOf, Object, Schema};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

/// Answer of `GET /status` at the gateway.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"status": "ok", "version": "0.1.0", "uptime_seconds": 5.1, "memory_bytes": 21000000,
    "token_database": "ok", "tokens": 3, "usage_rows_waiting": 0, "services": {"asr": {"status": "ok"}}}))]
pub struct GatewayStatus {
    /// `ok` or `draining`.
    pub status: String,
    /// Version of the build.
    pub version: String,
    /// Seconds since the start.
    pub uptime_seconds: f64,
    /// Resident memory of the process, in bytes.
    pub memory_bytes: u64,
    /// `ok`, or what SQLite says.
    pub token_database: String,
    /// How many API tokens there are, revoked ones included; absent when the database does not answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    /// Requests that are not yet in the usage on disk, running ones included.
    pub usage_rows_waiting: usize,
    /// What each service says of itself, by name: `asr`, `tts`, `bot`, `agent`.
    pub services: BTreeMap<String, ServiceStatus>,
}

/// What a service says of itself, or that it is down.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ServiceStatus {
    /// It does not answer.
    Down(Down),
    /// Its own `/status`.
    Answered(serde_json::Map<String, serde_json::Value>),
}

/// Any object may be a status, [`Down`] as well: so it is any of the two, where `ToSchema` would derive one of them.
impl PartialSchema for ServiceStatus {
    fn schema() -> RefOr<Schema> {
        let answered = Object::builder().description(Some("Its own `/status`."));
        let any = AnyOf::builder()
            .item(Ref::from_schema_name("Down"))
            .item(answered);
        any.description(Some("What a service says of itself, or that it is down."))
            .into()
    }
}

impl ToSchema for ServiceStatus {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push(("Down".to_owned(), Down::schema()));
    }
}

/// A service that does not answer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Down {
    /// Always `down`.
    pub status: String,
    /// Why it is taken for that.
    pub error: String,
}

impl ServiceStatus {
    /// A service that does not answer, and why it is taken for that.
    pub fn down(error: String) -> Self {
        ServiceStatus::Down(Down {
            status: "down".into(),
            error,
        })
    }
}

/// Answer of `GET /status` at voice-bot.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BotStatus {
    /// `ok`, `starting` (the database is not ready) or `draining`.
    pub status: String,
    /// Version of the build.
    pub version: String,
    /// Seconds since the start.
    pub uptime_seconds: f64,
    /// Resident memory of the process, in bytes.
    pub memory_bytes: u64,
    /// PostgreSQL.
    pub database: DatabaseStatus,
    /// Calls that are led now.
    pub calls: usize,
    /// Calls that may be led at once.
    pub max_calls: usize,
}

/// How PostgreSQL is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DatabaseStatus {
    /// `ok`, or why it cannot be used.
    pub state: String,
    /// Its version, where it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Connections that are open.
    pub connections: u32,
    /// Of these, the ones that nobody uses now.
    pub idle: u32,
}

/// Answer of `GET /status` at the agent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AgentStatus {
    /// `ok` or `draining`.
    pub status: String,
    /// Version of the build.
    pub version: String,
    /// Seconds since the start.
    pub uptime_seconds: f64,
    /// Resident memory of the process, in bytes; a local language model is part of it.
    pub memory_bytes: u64,
    /// Providers that are set up, in the order in which they are asked.
    pub providers: Vec<String>,
    /// Where notes and history are kept: `sqlite`, `firestore` or `none`.
    pub storage: String,
    /// Conversations that are answered now.
    pub conversations: usize,
    /// Analyses and summaries under way.
    pub analyses: usize,
}
