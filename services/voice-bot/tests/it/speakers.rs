//! A stand-in of tts-server and asr-server on one address: it says every text as a tone of half a
//! second, and hears nothing.

use axum::Router;
use axum::extract::RawQuery;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::routing::{get, post};
use serde_json::{Value, json};

/// Loudness of the tone.
pub const TONE: i16 = 8000;

/// Starts one; its URL.
pub async fn start() -> String {
    let router = Router::new()
        .route(
            "/stream",
            get(
                |RawQuery(query): RawQuery, upgrade: WebSocketUpgrade| async move {
                    // asr-server is configured by its address, and says so at once.
                    upgrade.on_upgrade(move |socket| serve(socket, query.is_some()))
                },
            ),
        )
        .route("/synthesize", post(|| async { tone(24_000, 100) }));
    crate::stand_in::serve(router).await
}

/// Speaks to whoever asks for it, and is ready to hear whoever does not.
async fn serve(mut socket: WebSocket, listens: bool) {
    let ready = json!({"type": "ready", "session_id": "s", "voice": "v", "model": "m", "acoustic_model": "m",
                       "language": "en", "sample_rate": 24000, "format": "s16le", "encoding": "s16le"});
    let mut rate = 24_000;
    if listens {
        let _ = socket.send(Message::text(ready.to_string())).await;
    }
    while let Some(Ok(message)) = socket.recv().await {
        let Message::Text(text) = message else {
            continue;
        };
        let asked: Value = serde_json::from_str(&text).expect("JSON");
        let answers = match asked["type"].as_str() {
            Some("config") => {
                rate = asked["sample_rate"].as_u64().unwrap_or(24_000);
                vec![Message::text(ready.to_string())]
            }
            Some("speak") => said(&asked, rate),
            Some("cancel") => vec![Message::text(
                json!({"type": "cancelled", "ids": []}).to_string(),
            )],
            _ => Vec::new(),
        };
        for answer in answers {
            if socket.send(answer).await.is_err() {
                return;
            }
        }
    }
}

fn said(asked: &Value, rate: u64) -> Vec<Message> {
    let (id, text) = (&asked["id"], asked["text"].as_str().unwrap_or_default());
    let started = json!({"type": "started", "id": id, "characters": text.len(), "sample_rate": rate, "format": "s16le"});
    let word = json!({"type": "word", "id": id, "text": text, "start_ms": 0, "end_ms": 500,
                      "char_start": 0, "char_end": text.chars().count()});
    let done =
        json!({"type": "done", "id": id, "audio_ms": 500, "ttfb_ms": 1, "characters": text.len()});
    let mut all: Vec<Message> = [started, word]
        .map(|event| Message::text(event.to_string()))
        .into();
    all.extend((0..5).map(|_| Message::binary(tone(rate, 100))));
    all.push(Message::text(done.to_string()));
    all
}

fn tone(rate: u64, ms: u64) -> Vec<u8> {
    let samples = (0..rate * ms / 1000).map(|at| if at / 10 % 2 == 0 { TONE } else { -TONE });
    samples.flat_map(i16::to_le_bytes).collect()
}
