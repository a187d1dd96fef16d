//! What the server says about itself.

use crate::harness::{beckett, server};

#[test]
fn models_lists_profiles_with_what_they_are_made_of() {
    server().transcribe(beckett(), &[]).ok();
    let body = server().get("/models").ok();
    assert_eq!(body["default"], "en-in-tech-misc");
    assert_eq!(body["variant"], "en-lite");
    let models = body["models"].as_array().unwrap();
    let ids: Vec<&str> = models
        .iter()
        .map(|model| model["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["en-in-tech-misc", "moonshine-tiny-en"]);
    for model in models {
        assert_eq!(model["acoustic_model"], "moonshine-tiny-en");
        assert_eq!(model["licence"], "MIT");
        assert_eq!(model["languages"], serde_json::json!(["en"]));
        assert_eq!(model["loaded"], true);
        let heads = model["heads"].as_array().unwrap().iter();
        let categories: Vec<_> = heads
            .map(|head| head["category"].as_str().unwrap())
            .collect();
        for category in ["emotion", "age", "gender", "behavior", "role", "intent"] {
            assert!(categories.contains(&category), "{categories:?}");
        }
    }
    assert_eq!(models[0]["aliases"], serde_json::json!(["default"]));
}

#[test]
fn languages_name_the_models_that_know_them() {
    let body = server().get("/languages").ok();
    let [english] = &body["languages"].as_array().unwrap()[..] else {
        panic!("{body}");
    };
    assert_eq!(
        (&english["code"], &english["name"]),
        (&"en".into(), &"English".into())
    );
    assert_eq!(
        english["models"],
        serde_json::json!(["en-in-tech-misc", "moonshine-tiny-en"])
    );
    assert_eq!(english["kenlm"], english["language_model"].is_object());
}

#[test]
fn intents_are_those_of_the_models_head() {
    let body = server().get("/intents").ok();
    assert_eq!(body["model"], "en-in-tech-misc");
    assert_eq!(body["intents"].as_array().map(Vec::len), Some(31));
    server()
        .get("/intents?model=nope")
        .error(422, "model_not_loaded", Some("model"));
}

#[test]
fn status_tells_models_memory_and_uptime() {
    server().transcribe(beckett(), &[]).ok();
    let body = server().get("/status").ok();
    assert_eq!(
        (body["status"].as_str(), body["variant"].as_str()),
        (Some("ok"), Some("en-lite"))
    );
    assert!(
        body["models"]
            .as_array()
            .unwrap()
            .contains(&"en-in-tech-misc".into())
    );
    assert!(body["memory_bytes"].as_u64().unwrap() > 10_000_000);
    assert!(body["uptime_seconds"].as_f64().unwrap() > 0.0);
}

#[test]
fn the_document_describes_every_endpoint_and_its_errors() {
    let body = server().get("/openapi.json").ok();
    let paths = body["paths"].as_object().unwrap();
    for path in ["", "/clean", "/raw", "/pcm", "/long", "/batch"] {
        let operation = &paths[&format!("/transcribe{path}")]["post"];
        assert!(operation["summary"].is_string(), "{path}");
        for status in ["200", "400", "413", "415", "422", "503"] {
            assert!(
                operation["responses"][status].is_object(),
                "{path} {status}"
            );
        }
    }
    for path in ["/models", "/languages", "/intents", "/status"] {
        assert!(paths[path]["get"]["responses"]["200"].is_object(), "{path}");
    }
}

#[test]
fn metrics_count_audio_and_time() {
    server().transcribe(beckett(), &[]).ok();
    let metrics = server().get("/metrics");
    for name in [
        "asr_audio_milliseconds_total{model=\"en-in-tech-misc\"}",
        "asr_real_time_factor_bucket",
        "asr_stage_duration_seconds_bucket",
        "asr_model_memory_bytes{model=\"moonshine-tiny-en\"}",
        "inference_queue_depth",
        "http_requests_total",
    ] {
        assert!(
            metrics.text().contains(name),
            "{name} is missing:\n{}",
            metrics.text()
        );
    }
}
