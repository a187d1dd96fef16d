//! A gateway in this process, and a client for it.

use crate::upstream::Upstream;
use gateway::{Config, Gateway, Shared, Writer};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use service::{Drain, Limits};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A running gateway with a stand-in for recognition behind it.
pub struct Running {
    pub folder: TempDir,
    pub base: String,
    pub admin: String,
    pub upstream: Upstream,
    pub gateway: Shared,
    pub drain: Drain,
    http: reqwest::Client,
    writer: Writer,
    serving: JoinHandle<()>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// Status and code of the envelope, which must be whole.
    pub fn error(&self) -> (u16, String) {
        let error = &self.json()["error"];
        assert_eq!(
            error["request_id"],
            self.headers["x-request-id"].to_str().unwrap()
        );
        assert!(
            error["type"].is_string() && error["message"].is_string(),
            "{error}"
        );
        (
            self.status.as_u16(),
            error["code"].as_str().unwrap().to_owned(),
        )
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .unwrap_or_else(|| panic!("no {name}"))
            .to_str()
            .unwrap()
    }
}

/// A client that shares connections, as real ones do.
pub fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(60))
        .build()
        .unwrap()
}

/// Sends and reads to the end.
pub async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("the gateway answers");
    let (status, headers) = (response.status(), response.headers().clone());
    Answer {
        status,
        headers,
        text: response.text().await.expect("a whole body"),
    }
}

/// An error as tests name it.
pub fn error(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

impl Running {
    pub async fn start() -> Self {
        Running::with(|_| {}).await
    }

    /// With changes to the default configuration.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Running::again(folder, change).await
    }

    /// In a folder that an earlier one has used.
    pub async fn again(folder: TempDir, change: impl FnOnce(&mut Config)) -> Self {
        let upstream = Upstream::start().await;
        let mut config = Config::with_data_dir(folder.path());
        config.asr_url = upstream.url.clone();
        // Nothing listens on the discard port.
        config.tts_url = "http://127.0.0.1:9".into();
        config.bot_url = upstream.url.clone();
        config.agent_url = "http://127.0.0.1:9".into();
        config.upstreams = vec![gateway::Service::Asr];
        config.common.drain_seconds = 4;
        change(&mut config);
        if config.tts_url.is_empty() {
            config.tts_url = upstream.url.clone();
        }
        let drain = Drain::new();
        let (gateway, writer) = Gateway::start(&config, drain.clone()).unwrap();
        let app = gateway::app(&gateway, &config);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let limits = Limits::from(&config.common);
        let serving = tokio::spawn(service::serve_on(listener, app, limits, drain.clone()));
        let admin = std::fs::read_to_string(folder.path().join("auth/admin_token.txt"))
            .unwrap()
            .trim()
            .to_owned();
        Running {
            folder,
            base,
            admin,
            upstream,
            gateway,
            drain,
            http: client(),
            writer,
            serving,
        }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    pub async fn get(&self, path: &str, token: &str) -> Answer {
        send(self.request(Method::GET, path).bearer_auth(token)).await
    }

    pub async fn post(&self, path: &str, token: &str, body: Value) -> Answer {
        send(
            self.request(Method::POST, path)
                .bearer_auth(token)
                .json(&body),
        )
        .await
    }

    pub async fn delete(&self, path: &str, token: &str) -> Answer {
        send(self.request(Method::DELETE, path).bearer_auth(token)).await
    }

    /// A token of a user: its text and its id.
    pub async fn token(&self, user: &str) -> (String, String) {
        self.token_with(json!({"user_id": user})).await
    }

    pub async fn token_with(&self, wish: Value) -> (String, String) {
        let answer = self.post("/auth/tokens", &self.admin, wish).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let created = answer.json();
        (
            created["token"].as_str().unwrap().into(),
            created["id"].as_str().unwrap().into(),
        )
    }

    /// `ws://...` for a path.
    pub fn ws(&self, path: &str) -> String {
        format!("{}{path}", self.base.replace("http", "ws"))
    }

    /// All rows of usage of a user.
    pub async fn usage(&self, user: &str) -> Vec<Value> {
        let page = self
            .get(
                &format!("/auth/usage?user_id={user}&limit=1000"),
                &self.admin,
            )
            .await
            .json();
        page["usage"].as_array().unwrap().clone()
    }

    /// Shuts down as the binary does: drain, drop everything, write the last rows.
    pub async fn stop(self) -> TempDir {
        self.drain.start();
        self.serving.await.unwrap();
        drop((self.gateway, self.http));
        tokio::task::spawn_blocking(move || self.writer.finish())
            .await
            .unwrap();
        self.folder
    }
}

/// Waits until something is so; panics after ten seconds.
pub async fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never so: {what}");
}
