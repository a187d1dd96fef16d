//! `/api/auth`: signing up, in and out, guests, and who one is.

pub mod begin;
pub mod cleanup;
mod config;
pub mod forgot;
pub mod google;
mod guest;
mod login;
mod logout;
mod me;
mod one_time;
mod refresh;
pub mod settings;
mod signup;
mod verification;

pub use begin::{How, begin};

use crate::address::Client;
use crate::failure;
use crate::session;
use crate::state::AppState;
use api::ids::{SessionId, UserId};
use begin::RefreshToken;
use data_model::{Error, Event};
use http::HeaderMap;
use service::ApiResult;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this folder.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(signup::signup))
        .routes(routes!(login::login))
        .routes(routes!(logout::logout))
        .routes(routes!(refresh::refresh))
        .routes(routes!(me::me))
        .routes(routes!(guest::guest))
        .routes(routes!(config::config))
        .routes(routes!(forgot::forgot))
        .routes(routes!(forgot::reset))
        .routes(routes!(verification::verify))
        .routes(routes!(verification::resend))
        .routes(routes!(google::start))
        .routes(routes!(google::callback))
}

/// Something that happened to somebody at this client; who, and where they work, is filled in later.
pub(crate) fn event(client: &Client, action: &'static str) -> Event {
    Event {
        action,
        ip: client.ip,
        user_agent: client.user_agent.clone(),
        ..Event::default()
    }
}

/// Sessions whose cookies a request carries, the access token's first; either cookie may be missing
/// or have expired. Whether the sessions were revoked is not looked at.
async fn carried(
    state: &AppState,
    headers: &HeaderMap,
    also_replaced: bool,
) -> ApiResult<Vec<SessionId>> {
    let mut sessions = Vec::new();
    sessions.extend(session::named(state, headers));
    if let Some(token) = RefreshToken::read(headers) {
        let database = &state.database;
        let session = database.session_of_refresh(&token.hash, also_replaced);
        match session.await {
            Ok(session) => sessions.push(session),
            Err(Error::NotFound) => {}
            Err(error) => return Err(failure::of("session")(error)),
        }
    }
    Ok(sessions)
}

/// The guest whose cookies a request carries, if it is one.
async fn carried_guest(state: &AppState, headers: &HeaderMap) -> ApiResult<Option<UserId>> {
    for session in carried(state, headers, false).await? {
        match state.database.signed_in(session).await {
            Ok(person) if person.is_guest() => return Ok(Some(person.user_id)),
            Ok(_) | Err(Error::NotFound) => {}
            Err(error) => return Err(failure::of("session")(error)),
        }
    }
    Ok(None)
}
