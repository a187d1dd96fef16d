//! `/metrics` and `/status`: one answer for all services, whatever state they are in.

use crate::support::{Running, error, send};
use axum::Router;
use axum::routing::get;
use reqwest::Method;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

#[tokio::test]
async fn the_gateways_metrics_have_those_of_every_service_that_answers() {
    let run = Running::start().await;
    run.get("/asr/models", &run.admin).await;
    let answer = send(run.request(Method::GET, "/metrics")).await;
    let text = &answer.text;
    assert!(answer.header("content-type").starts_with("text/plain"));
    for line in [
        "up{service=\"gateway\"} 1",
        "up{service=\"asr\"} 1",
        "up{service=\"tts\"} 0",
        "stand_in_total{service=\"asr\",route=\"/x\"} 4",
        "# HELP http_requests_total Answered requests by method, route template and status",
        "gateway_upstream_seconds_count{service=\"gateway\",upstream=\"asr\"} ",
    ] {
        assert!(text.contains(line), "{line} is not in:\n{text}");
    }
    let families = text.lines().filter(|l| l.starts_with("# TYPE "));
    let mut seen = std::collections::BTreeSet::new();
    for line in families {
        assert!(seen.insert(line), "twice: {line}");
    }
}

/// A service that takes connections and never answers.
async fn mute() -> String {
    let app = Router::new().fallback(get(std::future::pending::<()>));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    url
}

#[tokio::test]
async fn a_service_that_hangs_is_down_and_holds_nothing_up() {
    let url = mute().await;
    let run = Running::with(|config| config.agent_url = url).await;
    let began = Instant::now();
    let text = send(run.request(Method::GET, "/metrics")).await.text;
    assert!(text.contains("up{service=\"agent\"} 0"), "{text}");
    let status = run.get("/status", &run.admin).await.json();
    assert_eq!(status["services"]["agent"]["status"], "down", "{status}");
    assert_eq!(status["services"]["asr"]["stand_in"], true, "{status}");
    // A second each is the aim; a busy machine gets more.
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn the_status_of_everything_is_for_the_admin() {
    let run = Running::start().await;
    let (token, _) = run.token("somebody").await;
    assert_eq!(
        run.get("/status", &token).await.error(),
        error(403, "admin_required")
    );
    let anonymous = send(run.request(Method::GET, "/status")).await;
    assert_eq!(anonymous.error(), error(401, "missing_token"));
    let status = run.get("/status", &run.admin).await.json();
    assert_eq!(status["status"], "ok");
    assert_eq!(status["token_database"], "ok");
    assert_eq!(status["tokens"], 2, "{status}");
    assert!(status["memory_bytes"].as_u64().unwrap() > 0);
    assert_eq!(status["services"]["tts"]["status"], "down");
}
