//! API tokens and their usage: the types of the gateway's `/auth/*`.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Body of `POST /auth/tokens`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreateToken {
    /// Whose token this is; 1 to 128 characters.
    pub user_id: String,
    /// What it is for; at most 256 characters.
    #[serde(default)]
    pub label: String,
    /// Requests a minute for this token instead of `RATE_LIMIT_RPM`.
    pub rate_limit_rpm: Option<u32>,
    /// Characters to be spoken a minute with this token instead of `RATE_LIMIT_CHARACTERS`.
    pub rate_limit_characters: Option<u32>,
    /// WebSockets open at once for this token instead of `RATE_LIMIT_STREAMS`.
    pub rate_limit_streams: Option<u32>,
}

/// Answer of `POST /auth/tokens`: the only time the whole token is shown.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreatedToken {
    /// Always true; errors have their own envelope.
    pub success: bool,
    /// The token, `wh_` and 43 base62 characters. Keep it: it cannot be shown again.
    pub token: String,
    /// The rest of what is known about it.
    #[serde(flatten)]
    pub info: TokenInfo,
}

/// What listings show of a token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TokenInfo {
    /// Identifies the token in `DELETE /auth/tokens/{id}`.
    pub id: String,
    /// Whose token this is.
    pub user_id: String,
    /// What it is for.
    pub label: String,
    /// First characters of the token, such as `wh_a1b2`.
    pub prefix: String,
    /// Whether it may call `/auth/*`.
    pub admin: bool,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339; absent until the first use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<String>,
    /// Requests a minute, where it differs from the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit_rpm: Option<u32>,
    /// Characters to be spoken a minute, where it differs from the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit_characters: Option<u32>,
    /// WebSockets at once, where it differs from the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit_streams: Option<u32>,
}

/// Query of `GET /auth/tokens`.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct ListTokens {
    /// Only this user's tokens.
    pub user_id: Option<String>,
}

/// Answer of `GET /auth/tokens`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TokenList {
    /// Active tokens, newest first.
    pub tokens: Vec<TokenInfo>,
}

/// Answer of `DELETE /auth/tokens/{id}`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RevokedToken {
    /// Always true.
    pub success: bool,
    /// The token that no longer works.
    pub id: String,
}

/// Query of `GET /auth/usage` and `GET /auth/usage/summary`.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct UsageQuery {
    /// Only this user's requests.
    pub user_id: Option<String>,
    /// How many days back, 1 to 366; 7 when left out.
    pub days: Option<u32>,
    /// Rows a page, 1 to 1000; 100 when left out. Ignored by the summary.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before. Ignored by the summary.
    pub cursor: Option<String>,
}

/// One request, as it was counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UsageRow {
    /// When the request ended, RFC 3339.
    pub time: String,
    /// The token's id.
    pub token_id: String,
    /// The token's user.
    pub user_id: String,
    /// `asr`, `tts`, `agent` or `auth`.
    pub service: String,
    /// HTTP method.
    pub method: String,
    /// Route template such as `/asr/{path}`: never a query string.
    pub route: String,
    /// HTTP status, 499 when the client left before there was one; for a WebSocket its close
    /// code, 1005 without one, 1006 when the client vanished.
    pub status: u16,
    /// Bytes received from the client.
    pub bytes_in: u64,
    /// Bytes sent to the client.
    pub bytes_out: u64,
    /// Seconds of audio heard or spoken.
    pub audio_seconds: f64,
    /// Characters spoken.
    pub characters: u64,
    /// From the first byte in to the last byte out.
    pub milliseconds: u64,
}

/// Answer of `GET /auth/usage`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UsagePage {
    /// Requests, newest first.
    pub usage: Vec<UsageRow>,
    /// Pass it as `cursor` to get the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// One line of the summary: a service on a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UsageSum {
    /// `YYYY-MM-DD`, UTC.
    pub day: String,
    /// `asr`, `tts`, `agent` or `auth`.
    pub service: String,
    /// How many requests.
    pub requests: u64,
    /// How many of them ended with a status of 400 or above, or a WebSocket with another code
    /// than 1000, 1001 or 1005.
    pub errors: u64,
    /// Bytes received from clients.
    pub bytes_in: u64,
    /// Bytes sent to clients.
    pub bytes_out: u64,
    /// Seconds of audio heard or spoken.
    pub audio_seconds: f64,
    /// Characters spoken.
    pub characters: u64,
}

/// Answer of `GET /auth/usage/summary`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UsageSummary {
    /// By day and service, newest day first.
    pub summary: Vec<UsageSum>,
    /// The whole period.
    pub total: UsageTotal,
}

/// The whole period in one line.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UsageTotal {
    /// How many requests.
    pub requests: u64,
    /// Seconds of audio heard or spoken.
    pub audio_seconds: f64,
    /// Characters spoken.
    pub characters: u64,
}
