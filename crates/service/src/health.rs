//! `/health`, `/ready` and `/version`.

use crate::drain::Drain;
use api::health::{Health, Readiness, Version};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use futures::future::{BoxFuture, join_all};
use http::StatusCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// A check that takes longer has failed.
const DEADLINE: Duration = Duration::from_secs(2);

/// Asks whether something a service depends on can be used; `Err` says why not.
pub(crate) type CheckFn = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// One line of `/ready`.
#[derive(Clone)]
pub(crate) struct Check {
    pub name: String,
    /// Whether the service is unready when this fails.
    pub required: bool,
    pub run: CheckFn,
}

/// What the three answers are made from.
#[derive(Clone)]
pub(crate) struct Status {
    pub service: &'static str,
    pub version: &'static str,
    pub drain: Drain,
    pub checks: Arc<[Check]>,
}

pub(crate) async fn health(State(status): State<Status>) -> Json<Health> {
    Json(Health {
        status: "ok".into(),
        service: status.service.into(),
        version: status.version.into(),
    })
}

pub(crate) async fn version(State(status): State<Status>) -> Json<Version> {
    Json(Version {
        service: status.service.into(),
        version: status.version.into(),
    })
}

/// 200 when every required check passes and no shutdown has begun, else 503; the body says which.
pub(crate) async fn ready(State(status): State<Status>) -> Response {
    let outcomes = join_all(status.checks.iter().map(|check| async move {
        let outcome = timeout(DEADLINE, (check.run)()).await;
        (
            check,
            outcome.unwrap_or_else(|_| Err("no answer in time".into())),
        )
    }))
    .await;
    let draining = status.drain.is_draining();
    let ready = !draining
        && outcomes
            .iter()
            .all(|(check, outcome)| outcome.is_ok() || !check.required);
    let mut checks: std::collections::BTreeMap<_, _> = outcomes
        .into_iter()
        .map(|(check, outcome)| {
            (
                check.name.clone(),
                outcome.map_or_else(|why| why, |()| "ok".into()),
            )
        })
        .collect();
    if draining {
        checks.insert("shutdown".into(), "shutting down".into());
    }
    let code = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (code, Json(Readiness { ready, checks })).into_response()
}
