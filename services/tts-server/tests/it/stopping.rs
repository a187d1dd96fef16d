//! Cancelling, closing, vanishing and shutting down: what was begun ends at once, and is freed.

use crate::harness::{SENTENCE, Said, Server, Stream, kinds, lone_server, server, wait};
use serde_json::json;
use std::time::{Duration, Instant};

/// Half a minute of speech.
fn long() -> String {
    SENTENCE.repeat(8)
}

/// How long it takes until nothing more comes of these.
async fn cancel(stream: &mut Stream, ids: &[&str]) -> Duration {
    let began = Instant::now();
    stream.send(json!({"type": "cancel"})).await;
    let cancelled = stream.event("cancelled").await;
    assert_eq!(cancelled["ids"], json!(ids));
    began.elapsed()
}

#[test]
fn cancel_silences_at_once_and_forgets_what_waits() {
    let server = lone_server();
    wait(async {
        let mut stream = Stream::open(&server, "").await;
        for id in ["a", "b", "c"] {
            stream.speak(&long(), id).await;
        }
        stream.until("sound").await;
        let mut fastest = cancel(&mut stream, &["a", "b", "c"]).await;
        // Other tests may have the processors at the moment.
        for _ in 0..5 {
            stream.speak(&long(), "again").await;
            stream.until("sound").await;
            fastest = fastest.min(cancel(&mut stream, &["again"]).await);
        }
        assert!(fastest < Duration::from_millis(50), "{fastest:?}");
        // The next text is spoken as if nothing had been.
        stream.speak("Yes?", "d").await;
        let all = stream.until("done").await;
        assert_eq!(kinds(&all), ["started", "sound", "done"]);
        assert!(
            all.iter()
                .all(|said| !matches!(said, Said::Event(event) if event["id"] != "d"))
        );
    });
    server.assert_free(Duration::from_secs(1));
}

#[test]
fn clear_of_nothing_is_answered_too_and_one_text_can_be_cancelled_alone() {
    wait(async {
        let mut stream = Stream::open(server(), "").await;
        stream.send(json!({"type": "clear"})).await;
        assert_eq!(stream.event("cancelled").await["ids"], json!([]));
        for id in ["a", "b", "c"] {
            stream.speak("Yes.", id).await;
        }
        stream.send(json!({"type": "cancel", "id": "b"})).await;
        stream.send(json!({"type": "end"})).await;
        let all = stream.until("closed").await;
        let of = |kind: &str| -> Vec<&str> {
            let events = all.iter().filter(|said| said.kind() == kind);
            events
                .map(|said| said.event()["id"].as_str().unwrap())
                .collect()
        };
        assert_eq!(of("done"), ["a", "c"]);
        let cancelled = all.iter().find(|said| said.kind() == "cancelled").unwrap();
        assert_eq!(cancelled.event()["ids"], json!(["b"]));
    });
}

#[test]
fn a_client_that_vanishes_frees_its_speaker_within_a_second() {
    let server = lone_server();
    wait(async {
        let mut stream = Stream::open(&server, "").await;
        stream.speak(&long(), "a").await;
        stream.until("sound").await;
        assert_eq!(server.state.active.now(), 1);
        drop(stream);
    });
    server.assert_free(Duration::from_secs(1));
    assert_eq!(server.get("/status").json()["streams"], 0);
}

#[test]
fn a_client_that_does_not_read_for_a_while_loses_nothing() {
    let server = lone_server();
    wait(async {
        let mut stream = Stream::open(&server, "?sample_rate=48000").await;
        stream.speak(&long(), "a").await;
        stream.until("sound").await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        let all = stream.until("done").await;
        let bytes: usize = all
            .iter()
            .map(|said| match said {
                Said::Sound(bytes) => bytes.len(),
                _ => 0,
            })
            .sum();
        let ms = all.last().unwrap().event()["audio_ms"].as_u64().unwrap();
        assert!(
            (bytes as u64 / 96).abs_diff(ms) < 100,
            "{bytes} bytes of {ms} ms"
        );
    });
}

#[test]
fn close_closes_and_nobody_is_kept_forever() {
    wait(async {
        let mut stream = Stream::open(server(), "").await;
        stream.speak(SENTENCE, "a").await;
        stream.send(json!({"type": "close"})).await;
        let all = stream.until("closed").await;
        assert!(matches!(all.last(), Some(Said::Closed(1000))), "{all:?}");
    });
    let server = Server::start(|config| config.tts_idle_seconds = 1);
    wait(async {
        let mut stream = Stream::open(&server, "").await;
        let began = Instant::now();
        for _ in 0..4 {
            tokio::time::sleep(Duration::from_millis(500)).await;
            stream.send(json!({"type": "keepalive"})).await;
        }
        assert_eq!(stream.error().await.0, "idle_timeout");
        assert!(matches!(stream.next().await, Said::Closed(1011)));
        assert!(began.elapsed() > Duration::from_millis(2_900));
    });
}

#[test]
fn too_many_streams_are_told_to_come_later() {
    let server = Server::start(|config| config.tts_streams = 1);
    wait(async {
        let _first = Stream::open(&server, "").await;
        let mut second = Stream::open(&server, "").await;
        assert_eq!(second.error().await.0, "overloaded");
        assert!(matches!(second.next().await, Said::Closed(1013)));
    });
}

#[test]
fn a_shutdown_lets_the_sentence_end() {
    let server = Server::start(|_| {});
    wait(async {
        let mut idle = Stream::open(&server, "").await;
        idle.send(json!({"type": "config"})).await;
        idle.event("ready").await;
        let mut busy = Stream::open(&server, "").await;
        busy.speak(SENTENCE, "a").await;
        busy.until("started").await;
        server.drain.start();
        assert_eq!(idle.error().await.0, "not_ready");
        assert!(matches!(idle.next().await, Said::Closed(1013)));
        let all = busy.until("closed").await;
        assert_eq!(kinds(&all), ["sound", "done", "error", "closed"]);
    });
}
