//! Stand-ins of the services that voice-bot asks.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::{get, post};
use http::{HeaderMap, StatusCode, Uri, header};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A tts-server that has these voices; its URL.
pub async fn tts_server(voices: &[&str]) -> String {
    let voice = |id: &&str| {
        let about = json!({"name": id, "language": "en-us", "accent": "American English",
                           "gender": "female", "sample_rate": 24000, "description": ""});
        ((*id).to_owned(), about)
    };
    let voices: serde_json::Map<String, Value> = voices.iter().map(voice).collect();
    let list = json!({ "voices": voices }).to_string();
    serve(Router::new().route("/voices", get(move || async move { list }))).await
}

/// A REST API of Twilio that remembers what it was asked.
#[derive(Clone, Default)]
pub struct TwilioStandIn {
    asked: Arc<Mutex<Vec<Asked>>>,
    /// What it answers, and after which time; else 201 and a new call.
    answer: Arc<Mutex<Option<(u16, Value, Duration)>>>,
}

/// A request that came.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Its path.
    pub path: String,
    /// `Authorization`.
    pub authorization: String,
    /// The form, in order.
    pub form: Vec<(String, String)>,
}

impl Asked {
    /// All values of a field.
    pub fn values(&self, name: &str) -> Vec<&str> {
        let found = self.form.iter().filter(|(field, _)| field == name);
        found.map(|(_, value)| value.as_str()).collect()
    }
}

impl TwilioStandIn {
    /// Starts one; its URL.
    pub async fn start() -> (Self, String) {
        let twilio = TwilioStandIn::default();
        let router = Router::new()
            .route("/{*path}", post(TwilioStandIn::handle))
            .with_state(twilio.clone());
        (twilio, serve(router).await)
    }

    /// What it answers from now on.
    pub fn answers(&self, status: u16, body: Value, after: Duration) {
        *self.answer.lock().expect("nobody panicked with it") = Some((status, body, after));
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("nobody panicked with it").clone()
    }

    async fn handle(
        State(twilio): State<TwilioStandIn>,
        uri: Uri,
        headers: HeaderMap,
        body: Bytes,
    ) -> (StatusCode, String) {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let kind = text(header::CONTENT_TYPE).unwrap_or_default();
        assert_eq!(kind, "application/x-www-form-urlencoded");
        let count = {
            let mut asked = twilio.asked.lock().expect("nobody panicked with it");
            asked.push(Asked {
                path: uri.to_string(),
                authorization: text(header::AUTHORIZATION).unwrap_or_default().to_owned(),
                form: form_urlencoded::parse(&body).into_owned().collect(),
            });
            asked.len()
        };
        let answer = twilio
            .answer
            .lock()
            .expect("nobody panicked with it")
            .clone();
        let made = json!({"sid": format!("CA{count:032x}"), "status": "queued"});
        let (status, body, after) = answer.unwrap_or((201, made, Duration::ZERO));
        tokio::time::sleep(after).await;
        let status = StatusCode::from_u16(status).expect("a status");
        (status, body.to_string())
    }
}

/// Serves it; its URL.
pub async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a port is free");
    let address = listener
        .local_addr()
        .expect("a bound socket has an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}
