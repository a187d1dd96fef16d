//! `/api/offer`: calls from browsers over WebRTC; and `/api/call`, a page that makes one.

mod page;
mod peers;
mod settings;

pub use peers::Peers;
pub use settings::OfferSettings;

use crate::address::Client;
use crate::failure;
use crate::live::Beginning;
use crate::openapi::{BodyFailures, Failures, SessionFailures};
use crate::session::{self, Member, SignedIn};
use crate::state::AppState;
use api::calls::Direction;
use api::ids::{AgentId, UserId};
use api::offer::{Answer, AnswerKind, Candidate, Candidates, CandidatesTaken, Leave, Offer};
use api::{ErrorCode, ErrorEnvelope};
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use http::{HeaderMap, StatusCode};
use peers::Connected;
use pipeline::EndReason;
use pipeline::transport::line;
use pipeline::transport::webrtc::{self, LARGEST_SDP, WebRtcError};
use service::{ApiError, ApiResult, Json, JsonUpTo};
use std::time::Duration;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// Bytes of a body: a description of the largest size, escaped, and what goes with it.
const LARGEST: usize = 2 * LARGEST_SDP;
/// Candidates in one request at most.
const CANDIDATES: usize = 100;

/// The routes of this folder.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(offer, candidates, leave))
}

/// The page, which is no part of the API.
pub fn pages() -> Router<AppState> {
    Router::new().route("/api/call", get(page::call))
}

/// Begins a call from a browser: takes its offer, gives our answer. With `pc_id` it is another offer
/// on a connection of one's own: other tracks, or an ICE restart. What happens in the call comes as
/// JSON over the data channels that the page opens; `{"type":"hangup"}` on one of them ends it.
#[utoipa::path(post, path = "/api/offer", tag = "Calls", request_body = Offer, security(("session" = [])),
    responses((status = 200, body = Answer), (status = 404, body = ErrorEnvelope, description = "`not_found`: the agent, the customer or the connection"),
        Failures, SessionFailures, BodyFailures))]
async fn offer(
    State(state): State<AppState>,
    member: Member,
    client: Client,
    JsonUpTo(offer): JsonUpTo<Offer, LARGEST>,
) -> ApiResult<Json<Answer>> {
    if let Some(id) = offer.pc_id {
        let connected = found(&state, id, Some(member.person.user_id))?;
        let sdp = apart(async move { connected.peer.renegotiate(&offer.sdp).await });
        return Ok(Json(Answer {
            sdp: sdp.await?.map_err(refused)?,
            kind: AnswerKind::Answer,
            pc_id: id,
            call_id: connected.call,
        }));
    }
    let agent = offer.agent_id.ok_or_else(|| {
        let message = "A call needs an agent: agent_id is missing.";
        ApiError::new(ErrorCode::MissingParameter, message).with_param("agent_id")
    })?;
    // Before a port is opened for somebody who may not.
    let known = member.tenant(&state).agent(agent).await;
    known.map_err(failure::of("agent"))?;
    apart(begin(state, member, client, agent, offer))
        .await?
        .map(Json)
}

/// Does something that goes on when the client goes away, and takes nothing down with it.
async fn apart<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> ApiResult<T> {
    tokio::spawn(work).await.map_err(ApiError::internal)
}

async fn begin(
    state: AppState,
    member: Member,
    client: Client,
    agent: AgentId,
    offer: Offer,
) -> ApiResult<Answer> {
    let _answering = state.peers.answering().ok_or_else(|| {
        let message = "Many calls begin at this moment; try again.";
        ApiError::new(ErrorCode::Overloaded, message).with_retry_after(Duration::from_secs(1))
    })?;
    let ice = state.config.offer.ice();
    let answered = webrtc::answer(&ice, &offer.sdp).await.map_err(refused)?;
    let (line, ports) = line(webrtc::RATE);
    let beginning = Beginning {
        agent,
        organization: member.organization,
        customer: offer.customer_id,
        started_by: Some(member.person.user_id),
        direction: Direction::Web,
        from_number: None,
        to_number: None,
        call: None,
        provider_call_id: None,
        rate: webrtc::RATE,
        client,
    };
    let call = match state.live.begin(&state, beginning, ports).await {
        Ok(call) => call,
        Err(error) => {
            answered.peer.close().await;
            return Err(error);
        }
    };
    let pc_id = state.peers.add(Connected {
        peer: answered.peer,
        owner: member.person.user_id,
        call,
    });
    let carried = answered.carrier.run(line);
    let peers = state.clone();
    tokio::spawn(async move {
        // On its own, so that whatever happens in it, the connection is forgotten.
        if let Err(error) = tokio::spawn(carried).await {
            tracing::error!(%error, "a browser's connection broke off");
        }
        peers.peers.remove(pc_id);
    });
    Ok(Answer {
        sdp: answered.sdp,
        kind: AnswerKind::Answer,
        pc_id,
        call_id: call,
    })
}

/// Adds ways to the browser that it found after its offer. Whoever knows `pc_id` may; a session,
/// where one comes along, must be that of the offer.
#[utoipa::path(patch, path = "/api/offer", tag = "Calls", request_body = Candidates,
    responses((status = 200, body = CandidatesTaken), (status = 404, body = ErrorEnvelope),
        (status = 401, body = ErrorEnvelope, description = "`invalid_session`"),
        (status = 403, body = ErrorEnvelope, description = "`origin_not_allowed`"),
        Failures, BodyFailures))]
async fn candidates(
    State(state): State<AppState>,
    headers: HeaderMap,
    JsonUpTo(body): JsonUpTo<Candidates, LARGEST>,
) -> ApiResult<Json<CandidatesTaken>> {
    let connected = found(&state, body.pc_id, asks(&state, &headers).await?)?;
    let several = body.candidates.into_iter().chain([body.candidate]);
    let given: Vec<Candidate> = several.flatten().collect();
    if given.len() > CANDIDATES {
        let message = format!("At most {CANDIDATES} candidates at once.");
        return Err(ApiError::new(ErrorCode::InvalidParameter, message).with_param("candidates"));
    }
    let adding = apart(async move {
        let (mut added, mut wrong) = (0, None);
        for candidate in given {
            let (text, mid, line) = match candidate {
                Candidate::Text(text) => (text, None, None),
                Candidate::Full {
                    candidate,
                    sdp_mid,
                    sdp_mline_index,
                } => (candidate, sdp_mid, sdp_mline_index),
            };
            // One that cannot be read does not keep the others away.
            match connected.peer.add_candidate(&text, mid, line).await {
                Ok(()) => added += 1,
                Err(error) => wrong = Some(error),
            }
        }
        (added, wrong)
    });
    match adding.await? {
        (_, Some(error)) => Err(refused(error)),
        (added, None) => Ok(Json(CandidatesTaken {
            pc_id: body.pc_id,
            added,
        })),
    }
}

/// Ends a call of one's own.
#[utoipa::path(delete, path = "/api/offer", tag = "Calls", request_body = Leave, security(("session" = [])),
    responses((status = 204), (status = 404, body = ErrorEnvelope), Failures, SessionFailures, BodyFailures))]
async fn leave(
    State(state): State<AppState>,
    SignedIn(person): SignedIn,
    Json(body): Json<Leave>,
) -> ApiResult<StatusCode> {
    let connected = found(&state, body.pc_id, Some(person.user_id))?;
    if !state.live.end(connected.call, EndReason::CallerHungUp) {
        connected.peer.close().await;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Who asks, where they say so.
async fn asks(state: &AppState, headers: &HeaderMap) -> ApiResult<Option<UserId>> {
    if session::named(state, headers).is_none() {
        return Ok(None);
    }
    let person = session::signed_in(state, headers).await?;
    Ok(Some(person.user_id))
}

fn found(state: &AppState, id: Uuid, asks: Option<UserId>) -> ApiResult<Connected> {
    let found = state.peers.get(id, asks);
    found.ok_or_else(|| ApiError::not_found("There is no such connection, or its call is over."))
}

fn refused(error: WebRtcError) -> ApiError {
    let param = match error {
        WebRtcError::Sdp(_) | WebRtcError::NoAudio => "sdp",
        WebRtcError::Candidate(_) | WebRtcError::TooManyCandidates(_) => "candidates",
        WebRtcError::Ended => return ApiError::not_found("The call is over."),
        WebRtcError::Network(_) => {
            let message = "No port is free for the sound of a call; try again in a moment.";
            let error = ApiError::new(ErrorCode::Overloaded, message).with_source(error);
            return error.with_retry_after(Duration::from_secs(5));
        }
        WebRtcError::Opus(_) => return ApiError::internal(error),
    };
    let mut message = error.to_string();
    if let Some(first) = message.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    ApiError::new(ErrorCode::InvalidParameter, format!("{message}.")).with_param(param)
}
