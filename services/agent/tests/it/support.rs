//! A running agent and a provider that says what it is told to say.

#![allow(dead_code, reason = "each test file uses what it needs")]

use agent::{AppState, Config};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use clap::Parser;
use serde_json::{Value, json};
use service::{App, Drain, InternalAuth, Secret};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// What the gateway would send as `X-Internal-Secret`.
pub const SECRET: &str = "the-secret-of-these-tests";

/// A running service.
pub struct Agent {
    /// `http://127.0.0.1:port`.
    pub url: String,
    /// Its data.
    pub data: TempDir,
    drain: Drain,
}

impl Agent {
    /// One that asks this provider.
    pub async fn asking(provider: &Provider) -> Agent {
        Agent::with(Some(provider), |_| ()).await
    }

    /// One whose settings differ; without a provider nobody is set up.
    pub async fn with(provider: Option<&Provider>, change: impl FnOnce(&mut Config)) -> Agent {
        let data = TempDir::new().expect("a temporary folder can be made");
        let mut config = Config::parse_from(["agent"]);
        config.common = service::CommonConfig::with_data_dir(data.path());
        config.llm.llm_provider = None;
        config.llm.anthropic_api_key = None;
        config.llm.gemini_api_key = None;
        config.llm.llm_base_url = provider.map(|provider| provider.url.clone());
        config.llm.llm_model = provider.map(|_| "stand-in".to_owned());
        config.llm.llm_retries = 0;
        // With the feature `local` there is always that one; here without a model, unless a test says so.
        config.llm.local.local_llm_model = "/no/such/model.gguf".into();
        change(&mut config);
        let common = config.common.clone();
        let drain = Drain::new();
        let state = AppState::start(config, drain.clone()).expect("the service starts");
        let app = App::new("agent", "test", &common, drain.clone())
            .routes(agent::router(state))
            .internal_auth(InternalAuth::new(Some(Secret::new(SECRET)), false))
            .build();
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let url = format!(
            "http://{}",
            listener
                .local_addr()
                .expect("a bound socket has an address")
        );
        tokio::spawn(service::serve_on(
            listener,
            app,
            service::Limits::from(&common),
            drain.clone(),
        ));
        Agent { url, data, drain }
    }

    /// GET of JSON; the status and the body.
    pub async fn get(&self, path: &str) -> (u16, Value) {
        answer(http().get(format!("{}{path}", self.url))).await
    }

    /// POST of JSON; the status and the body.
    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        answer(http().post(format!("{}{path}", self.url)).json(&body)).await
    }

    /// A request with headers; the status and the body.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> (u16, Value) {
        let method = method.parse().expect("a method");
        let mut request = http().request(method, format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        answer(request).await
    }

    /// POST of JSON; the data of each server-sent event.
    pub async fn events(&self, path: &str, body: Value) -> Vec<Value> {
        let sent = http()
            .post(format!("{}{path}", self.url))
            .json(&body)
            .send()
            .await;
        let text = sent
            .expect("the service answers")
            .text()
            .await
            .expect("the answer is whole");
        let data = text.lines().filter_map(|line| line.strip_prefix("data:"));
        data.map(|data| serde_json::from_str(data.trim()).expect("events are JSON"))
            .collect()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.drain.start();
    }
}

/// A client without proxies.
pub fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a plain client")
}

async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.expect("the service answers");
    let status = answer.status().as_u16();
    let text = answer.text().await.expect("the answer is whole");
    (
        status,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

/// An OpenAI-compatible server.
pub struct Provider {
    /// For `LLM_BASE_URL`.
    pub url: String,
    script: Arc<Script>,
}

#[derive(Default)]
struct Script {
    says: Mutex<VecDeque<Value>>,
    asked: Mutex<Vec<Value>>,
}

impl Provider {
    /// One that says these texts, one a request; the last one again and again.
    pub async fn saying(texts: &[&str]) -> Provider {
        let deltas = texts.iter().map(|text| json!({"content": text}));
        Provider::sending(deltas.collect()).await
    }

    /// One that sends these messages: `{"content": ...}` or `{"tool_calls": [{"id", "function": {"name", "arguments"}}]}`.
    pub async fn sending(messages: Vec<Value>) -> Provider {
        let script = Arc::new(Script {
            says: Mutex::new(messages.into()),
            asked: Mutex::default(),
        });
        let app = Router::new()
            .route("/v1/chat/completions", post(complete))
            .with_state(script.clone());
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let url = format!(
            "http://{}/v1/",
            listener
                .local_addr()
                .expect("a bound socket has an address")
        );
        tokio::spawn(async move { axum::serve(listener, app).await });
        Provider { url, script }
    }

    /// Bodies of the requests so far.
    pub fn asked(&self) -> Vec<Value> {
        self.script
            .asked
            .lock()
            .expect("nobody panicked with it")
            .clone()
    }
}

async fn complete(State(script): State<Arc<Script>>, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).expect("requests are JSON");
    script
        .asked
        .lock()
        .expect("nobody panicked with it")
        .push(body);
    let message = {
        let mut says = script.says.lock().expect("nobody panicked with it");
        if says.len() > 1 {
            says.pop_front()
        } else {
            says.front().cloned()
        }
    };
    let message = message.expect("a script is not empty");
    let chunk = |delta: Value, finish: Value| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
        format!(
            "data: {}\n\n",
            json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "stand-in", "choices": [choice]})
        )
    };
    let mut text = String::new();
    let mut finish = "stop";
    if let Some(calls) = message["tool_calls"].as_array() {
        finish = "tool_calls";
        for (index, call) in calls.iter().enumerate() {
            let mut call = call.clone();
            call["index"] = index.into();
            call["type"] = "function".into();
            text += &chunk(
                json!({"role": "assistant", "tool_calls": [call]}),
                Value::Null,
            );
        }
    }
    let words = message["content"].as_str().unwrap_or_default();
    for word in words.split_inclusive(' ') {
        text += &chunk(json!({"content": word}), Value::Null);
    }
    text += &chunk(json!({}), finish.into());
    text += &format!(
        "data: {}\n\ndata: [DONE]\n\n",
        json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "stand-in", "choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}})
    );
    ([("content-type", "text/event-stream")], Body::from(text)).into_response()
}
