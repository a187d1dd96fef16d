//! Who speaks: the list, mixes, names from elsewhere.

use crate::harness::{Stream, server, wait};
use serde_json::json;

#[test]
fn all_voices_are_listed_with_what_they_are() {
    let voices = server().get("/voices").json();
    let voices = voices["voices"].as_object().unwrap();
    assert_eq!(voices.len(), 54);
    let emma = &voices["bf_emma"];
    assert_eq!(
        (&emma["language"], &emma["gender"], &emma["sample_rate"]),
        (&json!("en-gb"), &json!("female"), &json!(24_000))
    );
    for voice in voices.values() {
        assert!(
            ["name", "accent", "description"]
                .iter()
                .all(|field| voice[field].is_string())
        );
    }
}

#[test]
fn a_mix_and_a_name_from_elsewhere_speak() {
    wait(async {
        let mut stream = Stream::open(server(), "").await;
        stream
            .send(json!({"type": "config", "voice": "af_heart:0.6+am_adam:0.4"}))
            .await;
        let ready = stream.event("ready").await;
        assert_eq!(ready["voice"], "af_heart:0.6+am_adam:0.4");
        assert!(ready["warnings"].is_null());
        stream.speak("Good morning.", "mix").await;
        stream.event("done").await;
        for (gender, prefix) in [("female", "af_"), ("male", "am_")] {
            let config = json!({"type": "config", "voice": "tara", "voice_gender": gender});
            stream.send(config).await;
            let ready = stream.event("ready").await;
            assert!(
                ready["voice"].as_str().unwrap().starts_with(prefix),
                "{ready}"
            );
            assert!(
                ready["warnings"][0].as_str().unwrap().contains("tara"),
                "{ready}"
            );
        }
    });
}

#[test]
fn a_language_is_the_voices_own_unless_it_is_named() {
    wait(async {
        let mut stream = Stream::open(server(), "").await;
        for (config, language) in [
            (json!({"voice": "bf_emma"}), "en-gb"),
            (json!({"voice": "bf_emma", "language": "en"}), "en-gb"),
            (json!({"voice": "bf_emma", "language": "en-US"}), "en-us"),
            (json!({"voice": "af_heart", "language": "es"}), "es"),
        ] {
            let mut config = config;
            config["type"] = "config".into();
            stream.send(config).await;
            assert_eq!(stream.event("ready").await["language"], language);
        }
    });
}

#[test]
fn the_status_says_what_speaks() {
    let status = server().get("/status").json();
    assert_eq!(
        (&status["status"], &status["engine"]),
        (&json!("ok"), &json!("kokoro"))
    );
    assert!(status["memory_bytes"].as_u64().unwrap() > 10_000_000);
    let document = server().get("/openapi.json").json();
    for path in [
        "/synthesize",
        "/v1/audio/speech",
        "/voices",
        "/stream",
        "/status",
    ] {
        assert!(document["paths"][path].is_object(), "{path}");
    }
}
