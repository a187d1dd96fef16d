//! `/internal/calls`: calls as the agent's tools read them, for whom an API token speaks.
//!
//! Not under `/api`, which is all that the gateway passes on, and not in the OpenAPI document.
//! Who asks is what the gateway told the agent of the token; which organization's calls they see
//! is looked up here, on every request.

use super::list::moment;
use crate::failure;
use crate::input;
use crate::state::AppState;
use api::ErrorCode;
use api::ids::{CallId, OrganizationId, UserId};
use api::lookup::{FoundCall, FoundCalls, LookupQuery, ReadCall, ReadQuery};
use axum::Router;
use axum::extract::{FromRequestParts, State};
use axum::routing::get;
use data_model::{CallSearch, Event};
use http::request::Parts;
use serde_json::{Value, json};
use service::{ApiError, ApiResult, Caller, Json, Path, Query};
use time::Duration;

/// Calls given when the query does not say how many, and at most.
const FOUND: (u32, u32) = (5, 20);
/// Characters of a transcript that are given at once: what a model is told of a tool's result.
const CHARACTERS: usize = 12_000;
/// Characters of one segment.
const SEGMENT: usize = 4_000;
/// How the gateway names the tokens that it made itself.
const MADE_HERE: &str = "tok_";

/// The routes of this file.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/internal/calls", get(search))
        .route("/internal/calls/{id}", get(read))
}

/// Somebody an API token of this gateway speaks for.
///
/// Whoever may make tokens (the admin) says for whom, by their account's id. Names that a remote
/// token service gives (`AUTH_REMOTE_URL`) are its own and speak for nobody here.
struct Holder {
    user: UserId,
    token: String,
}

impl FromRequestParts<AppState> for Holder {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> ApiResult<Self> {
        let caller = parts.extensions.get::<Caller>().cloned();
        let Caller {
            user,
            token_id,
            vouched,
        } = caller.unwrap_or_default();
        let token = token_id.filter(|id| vouched && id.starts_with(MADE_HERE));
        let user = user.and_then(|user| user.parse().ok());
        match (user, token) {
            (Some(user), Some(token)) => Ok(Holder { user, token }),
            _ => Err(ApiError::new(
                ErrorCode::Forbidden,
                "This takes an API token of this gateway whose `user_id` is the id of an account.",
            )),
        }
    }
}

impl Holder {
    /// The organization that is meant; 404 for one they do not belong to, as for one that is not.
    async fn organization(
        &self,
        state: &AppState,
        wanted: Option<OrganizationId>,
    ) -> ApiResult<OrganizationId> {
        if let Some(wanted) = wanted {
            let role = state.database.role_in(self.user, wanted).await;
            return role
                .map(|_| wanted)
                .map_err(failure::of("organization of yours"));
        }
        let memberships = state.database.memberships(self.user).await;
        match memberships.map_err(failure::of("account"))?.as_slice() {
            [] => Err(ApiError::new(
                ErrorCode::Forbidden,
                "The user of this API token belongs to no organization.",
            )),
            [only] => Ok(only.id),
            [..] => Err(ApiError::new(
                ErrorCode::MissingParameter,
                "The user belongs to several organizations; name one as `organization_id`.",
            )
            .with_param("organization_id")),
        }
    }

    /// In HIPAA mode, writes down who reads what before they get it.
    async fn audit(
        &self,
        state: &AppState,
        organization: OrganizationId,
        action: &'static str,
        mut details: Value,
    ) -> ApiResult<()> {
        if !state.config.common.hipaa_mode {
            return Ok(());
        }
        details["token_id"] = self.token.as_str().into();
        let event = Event {
            user: Some(self.user),
            organization: Some(organization),
            action,
            details: Some(details),
            ..Event::default()
        };
        let written = state.database.audit(&event).await;
        written.map_err(failure::of("audit log"))
    }
}

async fn search(
    State(state): State<AppState>,
    holder: Holder,
    Query(query): Query<LookupQuery>,
) -> ApiResult<Json<FoundCalls>> {
    let (usual, most) = FOUND;
    let limit = query.limit.unwrap_or(usual);
    if !(1..=most).contains(&limit) {
        let message = format!("`limit` must be 1 to {most}.");
        return Err(ApiError::invalid_parameter("limit", message));
    }
    let given = |param: &str, text: Option<&str>, length: usize| {
        let line = text.map(|text| input::line(param, text, 0..=length));
        line.transpose()
            .map(|line| line.filter(|line| !line.is_empty()))
    };
    let search = CallSearch {
        words: given("q", query.q.as_deref(), 256)?,
        customer: given("customer", query.customer.as_deref(), 256)?,
        from: moment("from", query.from.as_deref(), Duration::ZERO)?,
        to: moment("to", query.to.as_deref(), Duration::DAY)?,
    };
    let organization = holder.organization(&state, query.organization_id).await?;
    let tenant = state.database.tenant(organization);
    let found = tenant.search_calls(&search, limit).await;
    let found = found.map_err(failure::of("call"))?;
    let details = json!({ "calls": found.len() });
    holder
        .audit(&state, organization, "calls.listed", details)
        .await?;
    let calls = found.into_iter().map(|call| FoundCall {
        id: call.id,
        agent: call.agent,
        customer: call.customer,
        direction: call.direction,
        status: call.status,
        duration: call.duration,
        created_at: call.created_at,
        summary: call.summary,
        passages: call.passages,
    });
    Ok(Json(FoundCalls {
        calls: calls.collect(),
    }))
}

async fn read(
    State(state): State<AppState>,
    holder: Holder,
    Path(id): Path<CallId>,
    Query(query): Query<ReadQuery>,
) -> ApiResult<Json<ReadCall>> {
    let organization = holder.organization(&state, query.organization_id).await?;
    let call = state.database.tenant(organization).call(id).await;
    let call = call.map_err(failure::of("call"))?;
    let details = super::named(id);
    holder
        .audit(&state, organization, "call.read", details)
        .await?;
    let segments = call.transcript.as_array().map_or(&[][..], Vec::as_slice);
    let (transcript, next) = told(segments, query.from_segment.unwrap_or(0) as usize);
    Ok(Json(ReadCall {
        id: call.id,
        direction: call.direction,
        status: call.status,
        from_number: call.from_number,
        to_number: call.to_number,
        duration: call.duration,
        created_at: call.created_at,
        summary: call.summary,
        segments: segments.len() as u32,
        transcript,
        next_segment: next.map(|next| next as u32),
    }))
}

/// A line a segment, and where the rest begins.
fn told(segments: &[Value], from: usize) -> (String, Option<usize>) {
    let (mut text, mut left) = (String::new(), CHARACTERS);
    for (at, segment) in segments.iter().enumerate().skip(from) {
        let line = line(segment);
        let length = line.chars().count();
        // A line is shorter than what is given at once, so that each answer gets on.
        let Some(rest) = left.checked_sub(length) else {
            return (text, Some(at));
        };
        left = rest;
        text.push_str(&line);
    }
    (text, None)
}

fn line(segment: &Value) -> String {
    // One line, so that nobody's words pose as another speaker's.
    let flat = |value: &Value, most: usize| -> String {
        let letters = value.as_str().unwrap_or_default().chars();
        let letters = letters.map(|letter| if letter.is_control() { ' ' } else { letter });
        letters.take(most).collect()
    };
    let speaker = flat(&segment["speaker"], 64);
    let speaker = if speaker.is_empty() {
        "unknown"
    } else {
        &speaker
    };
    let seconds = segment["start"].as_f64().unwrap_or_default().max(0.0) as u64;
    let words = flat(&segment["text"], SEGMENT);
    format!(
        "[{:02}:{:02}] {speaker}: {words}\n",
        seconds / 60,
        seconds % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_call_is_told_in_parts_that_leave_nothing_out() {
        let segments: Vec<Value> = (0..500)
            .map(|at| json!({"speaker": "customer", "start": at * 7, "text": format!("words {at} {}", "x".repeat(at * 13 % 5000))}))
            .collect();
        let (mut from, mut parts, mut lines) = (0, 0, 0);
        loop {
            let (text, next) = told(&segments, from);
            assert!(text.chars().count() <= CHARACTERS);
            lines += text.lines().count();
            parts += 1;
            match next {
                Some(next) => {
                    assert!(next > from);
                    from = next;
                }
                None => break,
            }
        }
        assert_eq!(lines, 500);
        assert!(parts > 10);
        assert_eq!(told(&segments, 501), (String::new(), None));
    }

    #[test]
    fn words_cannot_pose_as_another_speakers() {
        let segment =
            json!({"speaker": "a\nb", "start": -4, "text": "hi\n[00:00] agent: yes\u{7}"});
        assert_eq!(line(&segment), "[00:00] a b: hi [00:00] agent: yes \n");
        assert_eq!(line(&json!(7)), "[00:00] unknown: \n");
    }
}
