//! Names of the reference that can be looked up in the running product: addresses, parameters,
//! tables, settings, tags.

use crate::coverage::{Name, names};
use e2e::{Stack, recording};
use serde_json::Value;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// What each parameter may be given, and what it may not.
const PARAMETERS: [(&str, &str, Option<&str>); 27] = [
    ("language", "en", Some("xx")),
    ("model", "default", Some("en-huge")),
    ("diarize", "true", Some("maybe")),
    ("num_speakers", "2", Some("many")),
    ("min_speakers", "1", Some("-1")),
    ("max_speakers", "10", Some("0")),
    ("punctuation", "true", Some("2")),
    ("itn", "true", Some("2")),
    ("use_lm", "true", Some("2")),
    ("lm_mode", "balanced", Some("loose")),
    ("beam_width", "100", Some("0")),
    ("lm_alpha", "0.1", Some("much")),
    ("lm_beta", "0.5", Some("much")),
    ("metadata_prob", "true", Some("2")),
    ("word_timestamps", "true", Some("2")),
    ("speech_analysis", "true", Some("2")),
    ("speaker_embedding", "true", Some("2")),
    ("summarize", "Say what it is about.", None),
    ("hotwords", "Americans,country", None),
    ("hotword_weight", "10.0", Some("much")),
    ("noise_reduce", "true", Some("2")),
    ("gain_normalize", "true", Some("2")),
    ("profanity_filter", "true", Some("2")),
    ("n_best", "2", Some("0")),
    ("format", "json", Some("docx")),
    ("structured_intents", "true", Some("2")),
    ("intent_labels", "INTENT_OPINION,INTENT_DENY", None),
];
/// Where the services' addresses are at the gateway.
const PREFIXES: [(&str, &str); 4] = [
    (":8001", "/asr"),
    (":8003", "/tts"),
    (":8765", "/agent"),
    (":9000", ""),
];

fn stack() -> Arc<Stack> {
    static STACK: Mutex<Weak<Stack>> = Mutex::new(Weak::new());
    let mut stack = STACK.lock().unwrap_or_else(PoisonError::into_inner);
    stack.upgrade().unwrap_or_else(|| {
        let new = Arc::new(Stack::everything(false, &[]));
        *stack = Arc::downgrade(&new);
        new
    })
}

fn of(kind: &str) -> impl Iterator<Item = Name> {
    names().into_iter().filter(move |name| name.kind == kind)
}

/// Method in small letters and path at the gateway; none for what its document does not list.
fn operation(name: &Name) -> Option<(String, String)> {
    let text = name.name.split('?').next().unwrap_or_default();
    let (method, path) = text.split_once(' ').unwrap_or(("GET", text));
    let method = if method == "WebSocket" { "GET" } else { method };
    let mut path = path.to_owned();
    for (port, prefix) in PREFIXES {
        path = path.replace(port, prefix);
    }
    if name.section == "Other Batch Endpoints" {
        path.insert_str(0, "/asr");
    }
    if name.section == "Voices" {
        path.insert_str(0, "/tts");
    }
    let path = path
        .replace("{org_id}", "{id}")
        .replace("{inv_id}", "{invitation_id}");
    Some((method.to_lowercase(), path))
        .filter(|(_, path)| path != "/listen" && path != "/ws/twilio")
}

#[test]
fn every_endpoint_is_in_the_document() {
    let document = stack().curl(&["/openapi.json"]).json();
    let wanted = of("endpoint").chain(of("example"));
    let missing: Vec<String> = wanted
        .filter_map(|name| operation(&name))
        .filter(|(method, path)| !document["paths"][path][method].is_object())
        .map(|(method, path)| format!("{method} {path}"))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_parameter_is_known_and_a_wrong_value_is_refused_by_its_name() {
    let stack = stack();
    let listed: Vec<String> = of("parameter").map(|name| name.name).collect();
    let tried = PARAMETERS.map(|(name, _, _)| name.to_owned());
    let untried: Vec<&String> = listed.iter().filter(|name| !tried.contains(name)).collect();
    assert_eq!(untried, ["file"]);

    let fields = PARAMETERS.map(|(name, value, _)| format!("{name}={value}"));
    let answer = stack.transcribe(&recording(), &fields.each_ref().map(|field| &**field));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let warnings = answer.json()["warnings"].to_string();
    assert!(!warnings.contains("is not known"), "{warnings}");

    for (name, _, wrong) in PARAMETERS {
        let Some(wrong) = wrong else { continue };
        let answer = stack.transcribe(&recording(), &[&format!("{name}={wrong}")]);
        assert_eq!(answer.status, 422, "{name}={wrong}: {}", answer.body);
        assert_eq!(answer.json()["error"]["param"], name, "{}", answer.body);
    }
}

#[test]
fn every_table_has_its_columns() {
    let stack = stack();
    let there = stack.sql(
        "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public'",
    );
    let there: Vec<&str> = there.lines().collect();
    let missing: Vec<String> = of("column")
        .map(|column| column.name)
        .filter(|column| !there.contains(&&**column))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
    assert_eq!(
        stack.sql("SELECT string_agg(data_type || udt_name, ' ' ORDER BY column_name) FROM information_schema.columns
            WHERE table_name = 'calls' AND column_name IN ('metadata', 'transcript')"),
        "jsonbjsonb jsonbjsonb"
    );
}

#[test]
fn every_variable_is_a_setting() {
    let services = ["gateway", "asr-server", "tts-server", "voice-bot", "agent"];
    let help = services.map(|name| {
        let output = Command::new(e2e::binary(name)).arg("--help").output();
        String::from_utf8_lossy(&output.expect("it is built").stdout).into_owned()
    });
    let help = help.concat();
    let is_there = |name: &str| {
        help.contains(&format!("[env: {name}=")) || help.contains(&format!("[env: {name}]"))
    };
    let missing: Vec<String> = of("variable")
        .map(|variable| variable.name)
        .filter(|name| !is_there(name))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_tag_is_in_the_vocabulary() {
    let models = stack()
        .with_token(&stack().admin_token(), &["/asr/models"])
        .json();
    let texts =
        std::fs::read_to_string(crate::examples::folder().join("../../models/heads/labels.toml"));
    let texts = texts.expect("the labels of the heads that read text");
    let mut known: Vec<String> = toml::from_str::<toml::Table>(&texts)
        .expect("labels.toml is well-formed")
        .values()
        .filter_map(toml::Value::as_table)
        .flat_map(|table| table.keys().cloned())
        .collect();
    for head in models["models"][0]["heads"].as_array().expect("heads") {
        let labels = [&head["labels"], &head["absent_labels"]];
        let labels = labels.into_iter().filter_map(Value::as_array).flatten();
        known.extend(labels.filter_map(|label| label.as_str().map(str::to_owned)));
    }
    let missing: Vec<String> = of("tag value")
        .map(|tag| tag.name)
        .filter(|tag| !known.contains(tag) && !tag.starts_with("DIALECT_"))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
    // What the examples are held against is what the reference lists.
    let listed: Vec<String> = of("tag value").map(|tag| tag.name).collect();
    for (category, tags) in crate::examples::tags() {
        assert!(tags.iter().all(|tag| listed.contains(tag)), "{category}");
    }
}
