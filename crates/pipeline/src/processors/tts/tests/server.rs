//! A stand-in for tts-server that does what it is told, wrong things included.

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Bytes, Message};

/// Long enough for a busy machine; only what fails takes it.
pub const PATIENCE: Duration = Duration::from_secs(20);
const RATE: u64 = 24_000;

/// A connection as tts-server has it.
pub struct Server(pub WebSocketStream<TcpStream>);

impl Server {
    pub async fn accept(listener: &TcpListener) -> Self {
        let (stream, _) = timeout(PATIENCE, listener.accept())
            .await
            .expect("nobody connects")
            .expect("a connection");
        let socket = tokio_tungstenite::accept_async(stream).await;
        Server(socket.expect("a WebSocket"))
    }

    /// The next message, keep-alives left out.
    pub async fn next(&mut self) -> Value {
        loop {
            let next = timeout(PATIENCE, self.0.next()).await;
            match next
                .expect("nothing is asked")
                .expect("open")
                .expect("a message")
            {
                Message::Text(text) => {
                    let message: Value = serde_json::from_str(&text).expect("JSON");
                    if message["type"] != "keepalive" {
                        return message;
                    }
                }
                other => panic!("{other:?}"),
            }
        }
    }

    pub async fn text(&mut self, message: Value) {
        let sent = self.0.send(Message::text(message.to_string())).await;
        sent.expect("sent");
    }

    pub async fn sound(&mut self, ms: u64, value: i16) {
        let samples = (RATE * ms / 1000) as usize;
        let bytes: Vec<u8> = value.to_le_bytes().repeat(samples);
        let sent = self.0.send(Message::Binary(Bytes::from(bytes))).await;
        sent.expect("sent");
    }

    pub async fn ready(&mut self) -> Value {
        let config = self.next().await;
        assert_eq!(config["type"], "config");
        let ready = json!({"type": "ready", "session_id": "s", "voice": "af_heart", "language": "en-us",
            "sample_rate": config["sample_rate"], "format": "s16le"});
        self.text(ready).await;
        config
    }

    /// What is to be said, and its id.
    pub async fn asked(&mut self) -> (String, Value) {
        let speak = self.next().await;
        assert_eq!(speak["type"], "speak", "{speak}");
        let text = speak["text"].as_str().expect("a text");
        (text.to_owned(), speak["id"].clone())
    }

    pub async fn starts(&mut self, id: &Value) {
        let started = json!({"type": "started", "id": id, "characters": 1, "sample_rate": RATE, "format": "s16le"});
        self.text(started).await;
    }

    /// A word of 100 ms and its sound.
    pub async fn says(&mut self, id: &Value, word: &str, at_ms: u64, chars: (usize, usize)) {
        let word = json!({"type": "word", "id": id, "text": word, "start_ms": at_ms, "end_ms": at_ms + 100,
            "char_start": chars.0, "char_end": chars.1});
        self.text(word).await;
        self.sound(100, 1000).await;
    }

    pub async fn done(&mut self, id: &Value) {
        let done = json!({"type": "done", "id": id, "audio_ms": 1, "ttfb_ms": 1, "characters": 1});
        self.text(done).await;
    }

    /// Says a text of one word.
    pub async fn speaks(&mut self) -> String {
        let (text, id) = self.asked().await;
        self.starts(&id).await;
        self.says(&id, &text, 0, (0, text.chars().count())).await;
        self.done(&id).await;
        text
    }
}
