//! `POST /api/calls/start`: an agent calls somebody by telephone.
//!
//! The call is written down before Twilio is asked, and Twilio is asked once: whoever repeats a
//! request with the same `Idempotency-Key` gets the call of the first.

use super::{event, named, whole};
use crate::address::Client;
use crate::failure;
use crate::input;
use crate::openapi::{BodyFailures, Failures, LimitFailures, SessionFailures};
use crate::session::Member;
use crate::state::AppState;
use crate::twilio::{CallUrls, TwilioError};
use api::calls::{Call, CallStatus, Direction, StartCall};
use api::ids::{CustomerId, OrganizationId};
use api::{ErrorCode, ErrorEnvelope};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use data_model::{Error, NewCall, Progress, StartedCall as Started};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;
use service::{ApiError, ApiResult, Json};
use sha2::{Digest, Sha256};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Names a request, so that it may be repeated.
const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Marks an answer that repeats an earlier one.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(start))
}

/// Has an agent call somebody; for members with an account.
#[utoipa::path(post, path = "/api/calls/start", tag = "Calls", request_body = StartCall, security(("session" = [])),
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 128,
        description = "The same key with the same body makes one call, however often it is sent")),
    responses((status = 201, body = Call, description = "Twilio has taken the call"),
        (status = 200, body = Call, description = "The call that this `Idempotency-Key` made before"),
        (status = 404, body = ErrorEnvelope, description = "`not_found`: no such agent or customer"),
        (status = 409, body = ErrorEnvelope, description = "`conflict`: the `Idempotency-Key` came with another body"),
        (status = 424, body = ErrorEnvelope, description = "`upstream_failed`: Twilio did not take the call; `not_configured`: the message names what is not set up"),
        Failures, SessionFailures, BodyFailures, LimitFailures))]
async fn start(
    State(state): State<AppState>,
    member: Member,
    client: Client,
    headers: HeaderMap,
    Json(body): Json<StartCall>,
) -> ApiResult<Response> {
    member.require_account()?;
    let wish = Wish::read(body, &headers)?;
    let prefix = client.prefix;
    if let Some(call) = wish.before(&state, &member).await? {
        return Ok(replayed(call, prefix));
    }
    let new = wish.call(&state, &member).await?;
    state.twilio()?.permit(member.organization)?;
    let event = event(&member, client, "call.started", named(new.id));
    let started = member.tenant(&state).start_call(&new, &event).await;
    let call = match started.map_err(failure::of("agent or customer"))? {
        Started::New(call) => call,
        Started::Before(call) => return Ok(replayed(call, prefix)),
        Started::OtherRequest => return Err(other_request()),
    };
    // On its own: a client that hangs up now must not leave a call half-made.
    let dialling = tokio::spawn(dial(state.clone(), member.organization, call));
    let call = dialling.await.map_err(ApiError::internal)??;
    Ok((StatusCode::CREATED, Json(whole(call, prefix))).into_response())
}

/// Asks Twilio for a call that is written down, and writes down what it said.
async fn dial(
    state: AppState,
    organization: OrganizationId,
    call: data_model::Call,
) -> ApiResult<data_model::Call> {
    let _busy = state.drain.guard();
    let urls = CallUrls::new(state.config.public_url.trim(), call.agent_id, call.id);
    let to = call.to_number.as_deref().unwrap_or_default();
    let tenant = state.database.tenant(organization);
    let agent = tenant.agent(call.agent_id).await;
    let leaves_message = agent.is_ok_and(|agent| {
        let message = agent.settings["voicemail_message"].as_str();
        message.is_some_and(|message| !message.is_empty())
    });
    let dialled = state.twilio()?.dial(to, &urls, leaves_message).await;
    let (progress, refused) = match dialled {
        Ok(dialled) => {
            let progress = Progress {
                status: Some(CallStatus::Initiated),
                provider_call_id: Some(dialled.sid),
                ..Progress::default()
            };
            (progress, None)
        }
        Err(error) => {
            let progress = Progress {
                status: Some(CallStatus::Failed),
                error: Some(error.to_string()),
                ..Progress::default()
            };
            (progress, Some(error))
        }
    };
    // Should this fail, the first webhook brings the id.
    let call = tenant.advance_call(call.id, &progress).await;
    match refused {
        Some(error) => Err(upstream_failed(error)),
        None => call.map_err(failure::of("call")),
    }
}

/// A request, checked as far as it can be without the database.
struct Wish {
    body: StartCall,
    to: Option<String>,
    metadata: Value,
    idempotency: Option<(String, [u8; 32])>,
}

impl Wish {
    fn read(mut body: StartCall, headers: &HeaderMap) -> ApiResult<Self> {
        body.to = input::given(body.to);
        if body.to.is_none() && body.customer_id.is_none() {
            let message = "`customer_id` or `to` is required: whom to call.";
            return Err(ApiError::new(ErrorCode::MissingParameter, message).with_param("to"));
        }
        let to = body.to.as_deref();
        let to = to.map(|to| input::phone_number("to", to)).transpose()?;
        // The same request has the same bytes, in whatever order its keys came.
        let mut request = serde_json::to_value(&body).map_err(ApiError::internal)?;
        request.sort_all_objects();
        let hash = Sha256::digest(request.to_string()).into();
        let metadata = body.metadata.take().unwrap_or_default();
        let metadata = input::object("metadata", metadata)?;
        Ok(Wish {
            to,
            metadata,
            idempotency: key(headers)?.map(|key| (key, hash)),
            body,
        })
    }

    /// The call that this request made when it came before.
    async fn before(
        &self,
        state: &AppState,
        member: &Member,
    ) -> ApiResult<Option<data_model::Call>> {
        let Some((key, hash)) = &self.idempotency else {
            return Ok(None);
        };
        let tenant = member.tenant(state);
        match tenant.started_before(Some(key), Some(hash)).await {
            Ok(Started::Before(call)) => Ok(Some(call)),
            Ok(_) => Err(other_request()),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(failure::of("call")(error)),
        }
    }

    async fn call(self, state: &AppState, member: &Member) -> ApiResult<NewCall> {
        let tenant = member.tenant(state);
        let agent = tenant.agent(self.body.agent_id).await;
        let agent = agent.map_err(failure::of("agent"))?;
        let (customer, to) = self.whom(state, member).await?;
        Ok(NewCall {
            id: data_model::new_id(),
            agent: agent.id,
            customer,
            started_by: Some(member.person.user_id),
            direction: Direction::Outbound,
            from_number: Some(state.twilio()?.number().to_owned()),
            to_number: Some(to),
            metadata: self.metadata,
            idempotency: self.idempotency,
        })
    }

    /// The customer, where one is known, and the number.
    async fn whom(
        &self,
        state: &AppState,
        member: &Member,
    ) -> ApiResult<(Option<CustomerId>, String)> {
        let tenant = member.tenant(state);
        let found = match (self.body.customer_id, &self.to) {
            (Some(id), _) => tenant.customer(id).await.map(Some),
            (None, Some(number)) => tenant.customer_by_number(number).await,
            (None, None) => Ok(None),
        };
        let customer = found.map_err(failure::of("customer"))?;
        let id = customer.as_ref().map(|customer| customer.id);
        let number = self.to.clone();
        let number = number.or_else(|| customer.and_then(|customer| customer.phone_number));
        let number = number.ok_or_else(|| {
            let message = "This customer has no telephone number; give one as `to`.";
            ApiError::invalid_parameter("customer_id", message)
        })?;
        Ok((id, number))
    }
}

fn key(headers: &HeaderMap) -> ApiResult<Option<String>> {
    let Some(value) = headers.get(KEY) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default().trim();
    if (1..=128).contains(&text.len()) {
        return Ok(Some(text.to_owned()));
    }
    let message = "`Idempotency-Key` must have 1 to 128 visible ASCII characters.";
    Err(ApiError::invalid_parameter("Idempotency-Key", message))
}

fn replayed(call: data_model::Call, prefix: &str) -> Response {
    let replayed = [(REPLAYED, HeaderValue::from_static("true"))];
    (replayed, Json(whole(call, prefix))).into_response()
}

fn other_request() -> ApiError {
    let message = "This `Idempotency-Key` came with another body before; use a new key.";
    ApiError::new(ErrorCode::Conflict, message)
}

fn upstream_failed(error: TwilioError) -> ApiError {
    let message = format!("The call was not made: {error}.");
    ApiError::new(ErrorCode::UpstreamFailed, message).with_source(error)
}
