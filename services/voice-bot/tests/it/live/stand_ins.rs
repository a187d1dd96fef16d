//! Stand-ins of what a call needs: ears, a voice, thoughts, a summary, somebody who is told.

use crate::stand_in::serve;
use api::stream::{ServerMessage, StreamEvent, StreamTranscript};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::broadcast;

/// An asr-server that hears what it is told to.
#[derive(Clone)]
pub struct Ears {
    said: broadcast::Sender<String>,
}

impl Ears {
    /// Starts them; their URL.
    pub async fn start() -> (Self, String) {
        let ears = Ears {
            said: broadcast::Sender::new(16),
        };
        let router = Router::new()
            .route("/stream", any(Ears::handle))
            .with_state(ears.clone());
        (ears, serve(router).await)
    }

    /// Hears this from whoever speaks.
    pub fn hear(&self, text: &str) {
        let _ = self.said.send(text.to_owned());
    }

    async fn handle(
        State(ears): State<Ears>,
        Query(asked): Query<HashMap<String, String>>,
        upgrade: WebSocketUpgrade,
    ) -> Response {
        let rate: u32 = asked["sample_rate"].parse().expect("a rate");
        let said = ears.said.subscribe();
        upgrade.on_upgrade(move |socket| listen(socket, said, rate))
    }
}

async fn listen(mut socket: WebSocket, mut said: broadcast::Receiver<String>, rate: u32) {
    let mut samples = 0;
    let ready = StreamEvent::Ready {
        model: "m".into(),
        acoustic_model: "m".into(),
        language: "en".into(),
        sample_rate: rate,
        encoding: "s16le".into(),
        warnings: Vec::new(),
    };
    if tell(&mut socket, ready).await.is_none() {
        return;
    }
    loop {
        tokio::select! {
            message = socket.recv() => match message {
                Some(Ok(Message::Binary(sound))) => samples += sound.len() / 2,
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => {}
            },
            text = said.recv() => {
                let Ok(text) = text else { return };
                let end = samples as f64 / f64::from(rate);
                let start = (end - 0.5).max(0.0);
                for event in utterance(text, start, end) {
                    if tell(&mut socket, event).await.is_none() {
                        return;
                    }
                }
            }
        }
    }
}

fn utterance(text: String, start: f64, end: f64) -> [StreamEvent; 3] {
    let tags = [("emotion".to_owned(), Some("EMOTION_HAPPY".to_owned()))];
    let transcript = StreamTranscript {
        channel: "caller".into(),
        text,
        is_final: true,
        utterance_end: true,
        start,
        end,
        language: "en".into(),
        confidence: Some(0.9),
        process_ms: Some(20),
        metadata: Some(tags.into()),
        ..StreamTranscript::default()
    };
    [
        StreamEvent::SpeechStarted { start },
        StreamEvent::Transcript(Box::new(transcript)),
        StreamEvent::UtteranceEnd { end },
    ]
}

async fn tell(socket: &mut WebSocket, event: StreamEvent) -> Option<()> {
    let message = ServerMessage {
        session_id: "s".into(),
        event,
    };
    let text = serde_json::to_string(&message).ok()?;
    socket.send(Message::text(text)).await.ok()
}

/// A tts-server that hums for a fifth of a second, whatever it is to say; its URL.
pub async fn voice() -> String {
    let handle = |upgrade: WebSocketUpgrade| async { upgrade.on_upgrade(hum) };
    serve(Router::new().route("/stream", any(handle))).await
}

async fn hum(mut socket: WebSocket) {
    let mut rate = 24_000;
    while let Some(Ok(message)) = socket.recv().await {
        let Message::Text(text) = message else {
            continue;
        };
        let message: Value = serde_json::from_str(&text).expect("JSON");
        let id = &message["id"];
        let events = match message["type"].as_str().unwrap_or_default() {
            "config" => {
                rate = message["sample_rate"].as_u64().unwrap_or(rate);
                let ready = json!({"type": "ready", "session_id": "s", "voice": "af_heart",
                    "language": "en-us", "sample_rate": rate, "format": "s16le"});
                vec![Message::text(ready.to_string())]
            }
            "speak" => {
                let sound = 1000i16.to_le_bytes().repeat(rate as usize / 5);
                let started = json!({"type": "started", "id": id, "characters": 1,
                    "sample_rate": rate, "format": "s16le"});
                let done = json!({"type": "done", "id": id, "audio_ms": 200, "ttfb_ms": 1,
                    "characters": 1});
                vec![
                    Message::text(started.to_string()),
                    Message::Binary(Bytes::from(sound)),
                    Message::text(done.to_string()),
                ]
            }
            _ => Vec::new(),
        };
        for event in events {
            if socket.send(event).await.is_err() {
                return;
            }
        }
    }
}

/// A server that speaks OpenAI's chat completions and always says this; its URL.
pub async fn thoughts(says: &'static str) -> String {
    let answer = move || async move {
        let chunk = |delta: Value, finish: Value| {
            let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
            let chunk = json!({"id": "c", "object": "chat.completion.chunk", "created": 1,
                "model": "stand-in", "choices": [choice]});
            format!("data: {chunk}\n\n")
        };
        let mut text = String::new();
        for word in says.split_inclusive(' ') {
            text += &chunk(json!({"content": word}), Value::Null);
        }
        text += &chunk(json!({}), "stop".into());
        text += "data: [DONE]\n\n";
        ([("content-type", "text/event-stream")], Body::from(text)).into_response()
    };
    let url = serve(Router::new().route("/v1/chat/completions", post(answer))).await;
    format!("{url}/v1/")
}

/// An agent that sums up how many segments it was given; its URL.
pub async fn agent() -> String {
    let answer = |body: Bytes| async move {
        let asked: Value = serde_json::from_slice(&body).expect("JSON");
        let segments = asked["segments"].as_array().expect("segments").len();
        json!({"summary": format!("{segments} turns."), "method": "llm", "warnings": []})
            .to_string()
    };
    serve(Router::new().route("/summarize", post(answer))).await
}

/// Somebody who is told by webhook.
#[derive(Clone, Default)]
pub struct Told {
    heard: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    /// How often the first events are not taken.
    pub refusals: Arc<Mutex<u32>>,
}

impl Told {
    /// Starts one; their URL.
    pub async fn start() -> (Self, String) {
        let told = Told::default();
        let router = Router::new()
            .route("/hook", post(Told::handle))
            .with_state(told.clone());
        (told, format!("{}/hook", serve(router).await))
    }

    /// What was taken so far.
    pub fn heard(&self) -> Vec<(HeaderMap, Bytes)> {
        self.heard.lock().expect("nobody panicked with it").clone()
    }

    async fn handle(State(told): State<Told>, headers: HeaderMap, body: Bytes) -> StatusCode {
        let mut refusals = told.refusals.lock().expect("nobody panicked with it");
        if *refusals > 0 {
            *refusals -= 1;
            return StatusCode::INTERNAL_SERVER_ERROR;
        }
        let mut heard = told.heard.lock().expect("nobody panicked with it");
        heard.push((headers, body));
        StatusCode::NO_CONTENT
    }
}
