//! Tokens that a service elsewhere knows.

use crate::support::{Running, error};
use crate::websockets::{closed, open, text};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use gateway::config::AuthMode;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use tokio::net::TcpListener;

const THEIRS: &str = "wh_theirs";

/// Knows one token by its hash.
#[derive(Default)]
struct Issuer {
    asked: AtomicU64,
    down: AtomicBool,
    gone: AtomicBool,
}

async fn answer(
    State(issuer): State<Arc<Issuer>>,
    Json(question): Json<Value>,
) -> Result<Json<Value>, StatusCode> {
    issuer.asked.fetch_add(1, SeqCst);
    if issuer.down.load(SeqCst) {
        return Err(StatusCode::INTERNAL_SERVER_ERROR);
    }
    assert!(
        !question.to_string().contains("wh_"),
        "only the hash travels"
    );
    // SHA-256 of the token above.
    let known = question["token_sha256"] == hash(THEIRS) && !issuer.gone.load(SeqCst);
    Ok(Json(
        json!({"active": known, "user_id": "guest", "scopes": ["asr"], "expires_in": 1}),
    ))
}

fn hash(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

async fn start(mode: AuthMode) -> (Running, Arc<Issuer>) {
    let issuer = Arc::new(Issuer::default());
    let app = Router::new()
        .route("/check", post(answer))
        .with_state(issuer.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/check", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let run = Running::with(|config| {
        config.auth_mode = mode;
        config.auth_remote_url = Some(url);
    })
    .await;
    (run, issuer)
}

#[tokio::test]
async fn a_remote_token_works_within_its_scopes_and_is_asked_about_once() {
    let (run, issuer) = start(AuthMode::Remote).await;
    let requests = (0..10).map(|_| run.get("/asr/models", THEIRS));
    for answer in futures::future::join_all(requests).await {
        assert_eq!(answer.json()["headers"]["x-internal-user"], "guest");
    }
    assert_eq!(issuer.asked.load(SeqCst), 1);
    assert_eq!(
        run.get("/tts/voices", THEIRS).await.error(),
        error(403, "forbidden")
    );
    assert_eq!(
        run.get("/auth/usage", THEIRS).await.error(),
        error(403, "admin_required")
    );
    assert_eq!(
        run.get("/asr/models", "wh_other").await.error(),
        error(401, "invalid_token")
    );
    assert_eq!(
        run.get("/asr/models", &run.admin).await.error(),
        error(401, "invalid_token"),
        "local tokens do not count"
    );
}

#[tokio::test]
async fn a_token_that_ends_elsewhere_ends_here_when_its_answer_runs_out() {
    let (run, issuer) = start(AuthMode::Remote).await;
    assert_eq!(run.get("/asr/models", THEIRS).await.status, 200);
    issuer.gone.store(true, SeqCst);
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    assert_eq!(
        run.get("/asr/models", THEIRS).await.error(),
        error(401, "invalid_token")
    );
}

#[tokio::test]
async fn a_stream_ends_when_its_token_ends_elsewhere() {
    let (run, issuer) = start(AuthMode::Hybrid).await;
    let (mut socket, hello) = open(&run, "/listen", THEIRS).await;
    assert_eq!(hello["headers"]["x-internal-user"], "guest");
    issuer.gone.store(true, SeqCst);
    assert_eq!(text(&mut socket).await["error"]["code"], "invalid_token");
    assert_eq!(u16::from(closed(&mut socket).await.code), 4001);
}

#[tokio::test]
async fn hybrid_asks_elsewhere_only_about_tokens_it_does_not_know() {
    let (run, issuer) = start(AuthMode::Hybrid).await;
    assert_eq!(run.get("/asr/models", &run.admin).await.status, 200);
    assert_eq!(issuer.asked.load(SeqCst), 0);
    assert_eq!(run.get("/asr/models", THEIRS).await.status, 200);
    assert_eq!(issuer.asked.load(SeqCst), 1);
}

#[tokio::test]
async fn an_issuer_that_fails_is_left_alone_for_a_while() {
    let (run, issuer) = start(AuthMode::Hybrid).await;
    issuer.down.store(true, SeqCst);
    for number in 0..8 {
        let answer = run.get("/asr/models", &format!("wh_{number}")).await;
        assert_eq!(answer.error(), error(503, "upstream_unavailable"));
    }
    assert_eq!(
        issuer.asked.load(SeqCst),
        5,
        "the circuit opened after five failures"
    );
    assert_eq!(
        run.get("/asr/models", &run.admin).await.status,
        200,
        "local tokens go on"
    );
}

#[test]
fn a_remote_mode_without_an_address_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = gateway::Config::with_data_dir(folder.path());
    config.auth_mode = AuthMode::Remote;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _inside = runtime.enter();
    let failed = gateway::Gateway::start(&config, service::Drain::new());
    assert!(failed.unwrap_err().to_string().contains("AUTH_REMOTE_URL"));
}
