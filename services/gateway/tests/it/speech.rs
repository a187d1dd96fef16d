//! Characters and seconds of speech: counted, and limited.

use crate::support::{Running, error, send};
use crate::websockets::{open, text};
use futures::SinkExt;
use serde_json::{Value, json};
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;

/// A gateway whose synthesis is the stand-in, and a token with so many characters a minute.
async fn with_limit(characters: u32) -> (Running, String) {
    let run = Running::with(|config| config.tts_url = String::new()).await;
    let wish = json!({"user_id": "speaker", "rate_limit_characters": characters});
    let (token, _) = run.token_with(wish).await;
    (run, token)
}

async fn speak(run: &Running, token: &str, characters: usize) -> crate::support::Answer {
    let request = run
        .request(reqwest::Method::POST, "/tts/synthesize")
        .bearer_auth(token)
        .body("x".repeat(characters));
    send(request).await
}

async fn rows(run: &Running, count: usize) -> Vec<Value> {
    for _ in 0..100 {
        let rows = run.usage("speaker").await;
        if rows.len() == count {
            return rows;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("not {count} rows");
}

#[tokio::test]
async fn a_file_is_counted_by_its_characters_and_by_the_length_told_at_its_end() {
    let (run, token) = with_limit(100).await;
    let answer = speak(&run, &token, 30).await;
    assert_eq!(
        (answer.status.as_u16(), answer.text.as_str()),
        (200, "RIFF")
    );
    let row = &rows(&run, 1).await[0];
    assert_eq!(
        (&row["characters"], &row["audio_seconds"]),
        (&json!(30), &json!(2.0))
    );
}

#[tokio::test]
async fn files_are_refused_when_the_characters_of_a_minute_are_used_up() {
    let (run, token) = with_limit(100).await;
    assert_eq!(speak(&run, &token, 60).await.status, 200);
    assert_eq!(
        speak(&run, &token, 90).await.status,
        200,
        "the last may be longer"
    );
    let refused = speak(&run, &token, 1).await;
    assert_eq!(refused.error(), error(429, "rate_limited"));
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((29..=31).contains(&wait), "{wait} s");
    assert_eq!(
        run.get("/tts/voices", &token).await.status,
        200,
        "questions are free"
    );
    assert_eq!(speak(&run, &run.admin, 1).await.status, 200, "others go on");
    let listed = run
        .get("/auth/tokens?user_id=speaker", &run.admin)
        .await
        .json();
    assert_eq!(listed["tokens"][0]["rate_limit_characters"], 100);
}

#[tokio::test]
async fn a_stream_is_told_when_its_characters_are_used_up_and_goes_on() {
    let (run, token) = with_limit(20).await;
    let (mut socket, _) = open(&run, "/tts/stream", &token).await;
    let speak = |id: u32, text: &str| json!({"type": "speak", "id": id, "text": text}).to_string();
    // The stand-in says again what it is told.
    let long = speak(1, &"é".repeat(20));
    socket.send(Message::text(long.clone())).await.unwrap();
    assert_eq!(
        text(&mut socket).await.to_string(),
        serde_json::from_str::<Value>(&long).unwrap().to_string()
    );
    // Two texts in one message: the service takes the last, so it is the one that counts.
    let twice = r#"{"type":"speak","id":2,"text":"","text":"Hello."}"#;
    socket.send(Message::text(twice)).await.unwrap();
    let refusal = text(&mut socket).await;
    assert_eq!(
        (&refusal["type"], &refusal["id"], &refusal["error"]["code"]),
        (&json!("error"), &json!(2), &json!("rate_limited"))
    );
    socket
        .send(Message::text(r#"{"type":"cancel"}"#))
        .await
        .unwrap();
    assert_eq!(text(&mut socket).await["type"], "cancel");
}

#[tokio::test]
async fn a_stream_is_counted_by_what_was_begun_and_sent() {
    let (run, token) = with_limit(1000).await;
    let (mut socket, _) = open(&run, "/tts/stream", &token).await;
    let started = |characters: u32, rate: u32, format: &str| json!({"type": "started", "id": "a", "characters": characters, "sample_rate": rate, "format": format});
    for (said, bytes) in [
        (started(40, 24_000, "s16le"), 48_000),
        (started(2, 8_000, "mulaw"), 4_000),
    ] {
        socket.send(Message::text(said.to_string())).await.unwrap();
        socket.send(Message::binary(vec![0; bytes])).await.unwrap();
    }
    for _ in 0..2 {
        text(&mut socket).await;
        futures::StreamExt::next(&mut socket)
            .await
            .unwrap()
            .unwrap();
    }
    // The client vanishes in the middle of the second.
    drop(socket);
    let row = &rows(&run, 1).await[0];
    assert_eq!(
        (&row["characters"], &row["audio_seconds"]),
        (&json!(42), &json!(1.5))
    );
}
