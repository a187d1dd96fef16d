//! What strangers send: each gets a clear answer, and the stream or the server stays well.

use crate::harness::{Said, Stream, kinds, server, wait};
use futures::SinkExt;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;

/// A text is still spoken.
async fn assert_well(stream: &mut Stream) {
    stream.speak("Fine.", "well").await;
    let all = stream.until("done").await;
    assert!(kinds(&all).contains(&"sound"));
    assert_eq!(all.last().unwrap().event()["id"], "well");
}

#[test]
fn a_text_that_cannot_be_spoken_does_not_end_the_stream() {
    let speak = |text: &str| json!({"type": "speak", "id": "x", "text": text});
    let mebibyte = "word ".repeat(210_000);
    let cases: Vec<(Value, &str)> = vec![
        (speak(""), "empty_text"),
        (speak(" \n\t "), "empty_text"),
        (speak("\u{200b}\u{feff}"), "empty_text"),
        (speak("..., !?"), "empty_text"),
        (speak("\u{0}\u{7}\u{1b}"), "empty_text"),
        (speak(&mebibyte), "text_too_long"),
        (json!({"type": "speak", "id": "x"}), "missing_parameter"),
        (
            json!({"type": "speak", "id": "x", "text": ["Hi"]}),
            "invalid_parameter",
        ),
        (
            json!({"type": "speak", "id": "x", "text": "Hi", "instruct": 5}),
            "invalid_parameter",
        ),
    ];
    wait(async {
        let mut stream = Stream::open(server(), "").await;
        for (message, code) in cases {
            stream.send(message.clone()).await;
            let (got, id) = stream.error().await;
            let shown: String = message.to_string().chars().take(80).collect();
            assert_eq!((got.as_str(), id), (code, json!("x")), "{shown}");
        }
        stream
            .send(json!({"type": "speak", "id": {"a": 1}, "text": "Hi"}))
            .await;
        assert_eq!(stream.error().await.0, "invalid_parameter");
        assert_well(&mut stream).await;
    });
}

#[test]
fn a_wrong_configuration_is_refused_by_name_and_the_one_before_holds() {
    let cases = [
        (json!({"voice": "af_nobody"}), "unknown_voice", "voice"),
        (
            json!({"voice": "af_heart:x+am_adam:0.4"}),
            "invalid_parameter",
            "voice",
        ),
        (
            json!({"voice": {"id": "af_heart"}}),
            "invalid_parameter",
            "voice",
        ),
        (
            json!({"language": "tlh"}),
            "unsupported_language",
            "language",
        ),
        (json!({"speed": 9}), "invalid_parameter", "speed"),
        (json!({"speed": "fast"}), "invalid_parameter", "speed"),
        (json!({"speed": 0.49}), "invalid_parameter", "speed"),
        (
            json!({"temperature": 2.1}),
            "invalid_parameter",
            "temperature",
        ),
        (json!({"top_k": 201}), "invalid_parameter", "top_k"),
        (json!({"top_k": 1.5}), "invalid_parameter", "top_k"),
        (
            json!({"exaggeration": -1}),
            "invalid_parameter",
            "exaggeration",
        ),
        (
            json!({"sample_rate": 96_000}),
            "invalid_parameter",
            "sample_rate",
        ),
        (json!({"format": "mp3"}), "invalid_parameter", "format"),
        (
            json!({"timestamps": "perhaps"}),
            "invalid_parameter",
            "timestamps",
        ),
        (
            json!({"voice_gender": "robot"}),
            "invalid_parameter",
            "voice_gender",
        ),
        (
            json!({"pronunciations": ["a"]}),
            "invalid_parameter",
            "pronunciations",
        ),
    ];
    wait(async {
        let mut stream = Stream::open(server(), "?voice=am_adam").await;
        assert_eq!(stream.event("ready").await["voice"], "am_adam");
        for (mut config, code, param) in cases {
            config["type"] = "config".into();
            stream.send(config.clone()).await;
            let error = stream.event("error").await;
            assert_eq!(
                (
                    error["error"]["code"].as_str(),
                    error["error"]["param"].as_str()
                ),
                (Some(code), Some(param)),
                "{config}"
            );
        }
        stream
            .send(json!({"type": "config", "colour": "red"}))
            .await;
        let ready = stream.event("ready").await;
        assert_eq!(ready["voice"], "am_adam");
        assert_eq!(ready["warnings"].as_array().unwrap().len(), 1);
        assert_well(&mut stream).await;
    });
}

#[test]
fn odd_texts_are_spoken() {
    let texts = [
        "مرحبا Hello שלום",
        "Hello \u{1b}[31mred\u{0} world",
        "<speak>Hello <break time=\"1s\"/> <emphasis>you</emphasis></speak>",
        "Look 😀",
        "a\u{301}\u{301}\u{301} zalgo h\u{336}e\u{336}l\u{336}p",
        "日本語 in English",
        "https://example.com/a?b=c&d=%20 or mail me@example.com",
    ];
    wait(async {
        let mut stream = Stream::open(server(), "?speed=2").await;
        for text in texts {
            stream.speak(text, "x").await;
            let all = stream.until("done").await;
            assert!(kinds(&all).contains(&"sound"), "{text}");
        }
    });
}

#[test]
fn what_is_no_message_ends_the_stream_with_a_reason() {
    let long = format!(r#"{{"type":"speak","text":"{}"}}"#, "x".repeat(5 << 20));
    let cases = [
        (Message::text("hello"), "malformed_json", 1003),
        (
            Message::text(r#"{"type":"speak","text":"a"#),
            "malformed_json",
            1003,
        ),
        (Message::text("[1, 2]"), "unexpected_message", 1003),
        (
            Message::text(r#"{"text":"hello"}"#),
            "unexpected_message",
            1003,
        ),
        (
            Message::text(r#"{"type":"transcribe"}"#),
            "unexpected_message",
            1003,
        ),
        (Message::binary(vec![0; 320]), "unexpected_message", 1003),
        (Message::text(long), "body_too_large", 1009),
    ];
    wait(async {
        for (message, code, close) in cases {
            let mut stream = Stream::open(server(), "").await;
            stream.socket.send(message.clone()).await.unwrap();
            assert_eq!(stream.error().await.0, code);
            let closed = stream.next().await;
            assert!(
                matches!(closed, Said::Closed(got) if got == close),
                "{closed:?}"
            );
        }
        let mut stream = Stream::open(server(), "?speed=9").await;
        assert_eq!(stream.error().await.0, "invalid_parameter");
        assert!(matches!(stream.next().await, Said::Closed(1003)));
    });
}

#[test]
fn a_text_message_that_is_no_utf8_is_explained() {
    wait(async {
        let mut stream = Stream::open(server(), "").await;
        // A final, masked text frame of two bytes that are no UTF-8; the mask is zero.
        let frame = [0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe];
        stream.socket.get_mut().write_all(&frame).await.unwrap();
        assert_eq!(stream.error().await.0, "malformed_json");
        assert!(matches!(stream.next().await, Said::Closed(1003)));
    });
}

#[test]
fn more_texts_than_can_wait_are_refused_one_by_one() {
    wait(async {
        let mut stream = Stream::open(server(), "").await;
        for number in 0..300 {
            stream
                .speak("One moment, please.", &number.to_string())
                .await;
        }
        let (code, id) = stream.error().await;
        assert_eq!(code, "queue_full");
        assert!(id.as_str().unwrap().parse::<u32>().unwrap() >= 200);
        stream.send(json!({"type": "cancel"})).await;
        let cancelled = stream.event("cancelled").await;
        assert!(cancelled["ids"].as_array().unwrap().len() >= 190);
        assert_well(&mut stream).await;
    });
}

#[test]
fn requests_that_are_wrong_are_refused_before_the_first_byte() {
    let post = |body: Value| server().post("/synthesize", &body);
    post(json!({})).error(422, "missing_parameter", Some("text"));
    post(json!({"text": ""})).error(422, "empty_text", Some("text"));
    post(json!({"text": "?!"})).error(422, "empty_text", Some("text"));
    post(json!({"text": "Hi", "voice": "nobody"})).error(422, "unknown_voice", Some("voice"));
    post(json!({"text": "Hi", "speed": 9})).error(422, "invalid_parameter", Some("speed"));
    post(json!({"text": "Hi", "language": "xx"})).error(
        422,
        "unsupported_language",
        Some("language"),
    );
    post(json!({"text": "Hi", "format": "aac"})).error(422, "invalid_parameter", Some("format"));
    let rate = json!({"text": "Hi", "format": "opus", "sample_rate": 44_100});
    post(rate).error(422, "invalid_parameter", Some("sample_rate"));
    post(json!({"text": "x ".repeat(30_000)})).error(413, "text_too_long", Some("text"));
    post(json!({"text": "x ".repeat(600_000)})).error(413, "body_too_large", None);
    let raw = |kind, body: &'static [u8]| server().post_raw("/synthesize", kind, body);
    raw("text/plain", b"Hi").error(415, "unsupported_media_type", None);
    raw("application/json", b"{").error(400, "malformed_json", None);
    raw("application/json", b"{\"text\":\"\xff\"}").error(400, "malformed_json", None);
}
