//! `summarize=`: with an agent that answers, refuses, hangs or is not there.

use crate::harness::{Answer, Form, Server, beckett, recording, samples, server, wait, wav_of};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

const SECRET: &str = "a-secret-of-the-tests";

type Asked = Arc<Mutex<Vec<(HeaderMap, Value)>>>;

/// An agent that answers by its mode.
async fn agent() -> (String, Asked) {
    let asked = Asked::default();
    let app = Router::new()
        .route("/analyze", post(answer))
        .with_state(asked.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, asked)
}

async fn answer(
    State(asked): State<Asked>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    let mode = body["mode"].as_str().unwrap_or_default().to_owned();
    asked
        .lock()
        .expect("nobody panicked with it")
        .push((headers, body));
    match mode.as_str() {
        "hang" => std::future::pending().await,
        "break" => (StatusCode::OK, "{").into_response(),
        "refuse" => {
            let error = json!({"type": "upstream_error", "code": "upstream_failed", "message": "The model is ill.", "request_id": "r"});
            (StatusCode::FAILED_DEPENDENCY, Json(json!({"error": error}))).into_response()
        }
        _ => {
            let analysis = json!({"preset": "collections", "anything": [1, 2]});
            Json(json!({"summary": "They tried.", "analysis": analysis, "method": "llm", "warnings": ["A quote is gone."]})).into_response()
        }
    }
}

fn asking(url: String) -> Server {
    Server::start(|config| {
        config.agent_url = asr_server::analysis::parse_url(&url).expect("an address");
        config.analysis_seconds = 1;
        config.common.gateway_internal_secret = service::Secret::new(SECRET);
    })
}

fn failed(answer: &Answer, code: &str) -> Value {
    let body = answer.ok();
    assert!(
        body["transcript"]
            .as_str()
            .is_some_and(|text| !text.is_empty()),
        "{body}"
    );
    assert_eq!(body["analysis_error"]["code"], code, "{body}");
    assert!(body.get("summary").is_none() && body.get("analysis").is_none());
    body
}

#[test]
fn who_spoke_and_how_goes_to_the_agent() {
    let (url, asked) = wait(agent());
    let fields = ["summarize=sales_coaching", "diarize=true"];
    let body = asking(url)
        .transcribe(&recording("sample.wav"), &fields)
        .ok();
    let (_, sent) = asked.lock().expect("nobody panicked with it")[0].clone();
    let segments = sent["segments"].as_array().expect("segments");
    assert_eq!(
        Some(segments.len()),
        body["segments"].as_array().map(Vec::len)
    );
    let speakers: std::collections::BTreeSet<_> = segments
        .iter()
        .filter_map(|segment| segment["speaker"].as_str())
        .collect();
    assert_eq!(speakers.len(), 2, "{sent:#}");
    let tagged = |segment: &Value| segment["metadata"]["behavior"].is_string();
    assert!(segments.iter().any(tagged), "{sent:#}");
}

#[test]
fn the_transcript_goes_to_the_agent_and_its_analysis_into_the_answer() {
    let (url, asked) = wait(agent());
    let server = asking(url);
    let stereo = wav_of(&[samples(), samples()]);
    let answer = server.transcribe(
        &stereo,
        &[
            "summarize=collections",
            "multichannel=true",
            "word_timestamps=true",
        ],
    );
    let body = answer.ok();
    assert_eq!(
        (&body["summary"], &body["analysis"]["anything"]),
        (&json!("They tried."), &json!([1, 2]))
    );
    assert!(
        body["warnings"]
            .as_array()
            .expect("a list")
            .contains(&json!("A quote is gone."))
    );
    assert!(body["timings"]["analysis"].as_f64() <= body["timings"]["total"].as_f64());
    let (headers, sent) = asked.lock().expect("nobody panicked with it")[0].clone();
    assert_eq!(headers["x-internal-secret"], SECRET);
    assert_eq!(
        headers["x-request-id"].to_str().ok(),
        body["request_id"].as_str()
    );
    assert_eq!(
        (&sent["mode"], &sent["language"]),
        (&json!("collections"), &json!("en"))
    );
    let (said, heard) = (
        sent["segments"].as_array().expect("a list"),
        body["segments"].as_array().expect("a list"),
    );
    assert_eq!(said.len(), heard.len());
    for (said, heard) in said.iter().zip(heard) {
        for field in ["text", "start", "end", "channel"] {
            assert_eq!(said[field], heard[field]);
        }
        assert!(said.get("words").is_none() && heard.get("words").is_some());
    }
}

#[test]
fn trouble_with_the_agent_never_loses_the_transcript() {
    let (url, _) = wait(agent());
    let server = asking(url);
    let refused = failed(
        &server.transcribe(beckett(), &["summarize=refuse"]),
        "upstream_failed",
    );
    assert_eq!(refused["analysis_error"]["message"], "The model is ill.");
    failed(
        &server.transcribe(beckett(), &["summarize=break"]),
        "upstream_failed",
    );
    // The agent's own deadline is a second here; it gets five more to say so.
    let began = Instant::now();
    failed(
        &server.transcribe(beckett(), &["summarize=hang"]),
        "upstream_failed",
    );
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn an_agent_that_is_not_there_is_said_to_be_away_in_every_kind_of_answer() {
    let server = asking("http://127.0.0.1:9".into());
    failed(
        &server.transcribe(beckett(), &["summarize=true"]),
        "upstream_unavailable",
    );
    let form = Form::of(beckett(), &["summarize=true"]);
    let batch = wait(server.post_form("/transcribe/batch", form.clone())).ok();
    assert_eq!(
        batch["results"][0]["result"]["analysis_error"]["code"],
        "upstream_unavailable"
    );
    let long = wait(server.post_form("/transcribe/long", form)).ok();
    assert_eq!(long["analysis_error"]["code"], "upstream_unavailable");
}

#[test]
fn silence_is_not_sent_to_the_agent() {
    let (url, asked) = wait(agent());
    let body = asking(url)
        .transcribe(&wav_of(&[&[0.0; 32_000]]), &["summarize=true"])
        .ok();
    assert_eq!(body["analysis_error"]["code"], "empty_text", "{body}");
    assert!(asked.lock().expect("nobody panicked with it").is_empty());
}

#[test]
fn nothing_is_analysed_where_nothing_was_asked_or_there_is_no_room() {
    let plain = server().transcribe(beckett(), &["summarize=false"]).ok();
    assert!(plain.get("analysis_error").is_none() && plain["timings"].get("analysis").is_none());
    let subtitles = server().transcribe(beckett(), &["summarize=true", "format=srt"]);
    assert!(
        subtitles.headers["x-warning"]
            .to_str()
            .is_ok_and(|text| text.contains("summarize"))
    );
    server()
        .transcribe(beckett(), &[&format!("summarize={}", "x".repeat(16_385))])
        .error(422, "invalid_parameter", Some("summarize"));
}
