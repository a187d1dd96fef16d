//! `/api/agents`: who answers calls, or makes them.

use crate::failure;
use crate::input;
use crate::listing::{listing, paging};
use crate::openapi::{BodyFailures, Failures, SessionFailures};
use crate::session::Member;
use crate::state::AppState;
use api::agents::{Agent, AgentPatch, NewAgent};
use api::ids::AgentId;
use api::page::{Listing, PageQuery};
use api::{ErrorEnvelope, Role};
use axum::extract::State;
use http::StatusCode;
use serde_json::Value;
use service::{ApiError, ApiResult, Json, Path, Query};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Speaks when no voice is named.
const DEFAULT_VOICE: &str = "af_heart";

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, change, delete))
}

/// The agents of the organization, newest first.
#[utoipa::path(get, path = "/api/agents", tag = "Agents", params(PageQuery), security(("session" = [])),
    responses((status = 200, body = Listing<Agent>), Failures, SessionFailures))]
async fn list(
    State(state): State<AppState>,
    member: Member,
    Query(query): Query<PageQuery>,
) -> ApiResult<Json<Listing<Agent>>> {
    let page = member.tenant(&state).agents(paging(&query)?).await;
    let page = page.map_err(failure::of("agent"))?;
    Ok(Json(listing(&query, page, wire)))
}

/// Makes an agent; for admins and owners.
#[utoipa::path(post, path = "/api/agents", tag = "Agents", request_body = NewAgent, security(("session" = [])),
    responses((status = 201, body = Agent),
        (status = 409, body = ErrorEnvelope, description = "`phone_number_taken`"),
        Failures, SessionFailures, BodyFailures))]
async fn create(
    State(state): State<AppState>,
    member: Member,
    Json(body): Json<NewAgent>,
) -> ApiResult<(StatusCode, Json<Agent>)> {
    member.require(Role::Admin)?;
    let (new, warnings) = checked(&state, &member, body).await?;
    let agent = member.tenant(&state).add_agent(&new).await;
    let agent = wire(agent.map_err(failure::of("agent"))?);
    Ok((StatusCode::CREATED, Json(Agent { warnings, ..agent })))
}

/// One agent.
#[utoipa::path(get, path = "/api/agents/{id}", tag = "Agents", params(("id" = AgentId, Path)), security(("session" = [])),
    responses((status = 200, body = Agent), (status = 404, body = ErrorEnvelope), Failures, SessionFailures))]
async fn get(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<AgentId>,
) -> ApiResult<Json<Agent>> {
    let agent = member.tenant(&state).agent(id).await;
    Ok(Json(wire(agent.map_err(failure::of("agent"))?)))
}

/// Changes what is given of an agent; for admins and owners.
#[utoipa::path(patch, path = "/api/agents/{id}", tag = "Agents", params(("id" = AgentId, Path)), request_body = AgentPatch,
    security(("session" = [])),
    responses((status = 200, body = Agent), (status = 404, body = ErrorEnvelope),
        (status = 409, body = ErrorEnvelope, description = "`phone_number_taken`"),
        Failures, SessionFailures, BodyFailures))]
async fn change(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<AgentId>,
    Json(body): Json<AgentPatch>,
) -> ApiResult<Json<Agent>> {
    member.require(Role::Admin)?;
    let (change, warnings) = checked_change(&state, body).await?;
    let agent = member.tenant(&state).change_agent(id, &change).await;
    let agent = wire(agent.map_err(failure::of("agent"))?);
    Ok(Json(Agent { warnings, ..agent }))
}

/// Takes an agent away, for admins and owners; its calls stay.
#[utoipa::path(delete, path = "/api/agents/{id}", tag = "Agents", params(("id" = AgentId, Path)), security(("session" = [])),
    responses((status = 204), (status = 404, body = ErrorEnvelope), Failures, SessionFailures))]
async fn delete(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<AgentId>,
) -> ApiResult<StatusCode> {
    member.require(Role::Admin)?;
    let deleted = member.tenant(&state).delete_agent(id).await;
    deleted.map_err(failure::of("agent"))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn checked(
    state: &AppState,
    member: &Member,
    body: NewAgent,
) -> ApiResult<(data_model::NewAgent, Vec<String>)> {
    let name = name(&body.name)?;
    let system_prompt = system_prompt(body.system_prompt.as_deref().unwrap_or_default())?;
    let greeting = greeting(body.greeting.as_deref().unwrap_or_default())?;
    let language = input::given(body.language);
    let language = language.as_deref().map(self::language).transpose()?;
    let llm_model = input::given(body.llm_model);
    let llm_model = llm_model.as_deref().map(self::llm_model).transpose()?;
    let phone_number = input::given(body.phone_number);
    let phone_number = phone_number
        .as_deref()
        .map(self::phone_number)
        .transpose()?;
    let settings = settings(body.settings.unwrap_or_default())?;
    let voice = input::given(body.voice).unwrap_or_else(|| DEFAULT_VOICE.to_owned());
    let (voice, warnings) = self::voice(state, &voice, body.voice_gender).await?;
    let new = data_model::NewAgent {
        name,
        system_prompt,
        greeting,
        voice,
        voice_gender: body.voice_gender,
        language: language.unwrap_or_else(|| "en".to_owned()),
        llm_model,
        phone_number,
        settings,
        created_by: member.person.user_id,
    };
    Ok((new, warnings))
}

async fn checked_change(
    state: &AppState,
    body: AgentPatch,
) -> ApiResult<(data_model::AgentChange, Vec<String>)> {
    let mut change = data_model::AgentChange {
        name: body.name.as_deref().map(name).transpose()?,
        system_prompt: body
            .system_prompt
            .as_deref()
            .map(system_prompt)
            .transpose()?,
        greeting: body.greeting.as_deref().map(greeting).transpose()?,
        voice: None,
        voice_gender: body.voice_gender,
        language: body.language.as_deref().map(language).transpose()?,
        llm_model: input::nullable(body.llm_model, llm_model)?,
        phone_number: input::nullable(body.phone_number, phone_number)?,
        settings: body.settings.map(settings).transpose()?,
    };
    let Some(voice) = body.voice else {
        return Ok((change, Vec::new()));
    };
    let (voice, warnings) = self::voice(state, &voice, body.voice_gender.flatten()).await?;
    change.voice = Some(voice);
    Ok((change, warnings))
}

fn name(text: &str) -> ApiResult<String> {
    input::line("name", text, 1..=128)
}

fn system_prompt(text: &str) -> ApiResult<String> {
    input::lines("system_prompt", text, 32768)
}

fn greeting(text: &str) -> ApiResult<String> {
    input::lines("greeting", text, 4096)
}

fn phone_number(text: &str) -> ApiResult<String> {
    input::phone_number("phone_number", text)
}

fn settings(object: serde_json::Map<String, Value>) -> ApiResult<Value> {
    input::object("settings", object)
}

async fn voice(
    state: &AppState,
    voice: &str,
    gender: Option<api::agents::VoiceGender>,
) -> ApiResult<(String, Vec<String>)> {
    let voice = input::line("voice", voice, 1..=256)?;
    state.voices.check(&voice, gender).await
}

/// A language tag such as `en`, `pt-BR` or `zh-Hans`, or `auto`.
fn language(text: &str) -> ApiResult<String> {
    let text = input::line("language", text, 1..=16)?;
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    let primary = (2..=3).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_alphabetic());
    let sub = |part: &str| {
        (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    if text == "auto" || (primary && parts.all(sub)) {
        return Ok(text);
    }
    let message = "`language` must be a tag such as `en`, `hi` or `pt-BR`, or `auto`.";
    Err(ApiError::invalid_parameter("language", message))
}

/// The id of a model at its provider, which are many and change: only the form is checked.
fn llm_model(text: &str) -> ApiResult<String> {
    let text = input::line("llm_model", text, 1..=128)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "._:/@-".contains(c);
    if text.chars().all(plain) && text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return Ok(text);
    }
    let message = "`llm_model` must be the id of a model, such as `gemini-2.5-flash`.";
    Err(ApiError::invalid_parameter("llm_model", message))
}

fn wire(agent: data_model::Agent) -> Agent {
    Agent {
        id: agent.id,
        name: agent.name,
        system_prompt: agent.system_prompt,
        greeting: agent.greeting,
        voice: agent.voice,
        voice_gender: agent.voice_gender,
        language: agent.language,
        llm_model: agent.llm_model,
        phone_number: agent.phone_number,
        settings: crate::listing::object(agent.settings),
        created_by: agent.created_by,
        created_at: agent.created_at,
        updated_at: agent.updated_at,
        warnings: Vec::new(),
    }
}
