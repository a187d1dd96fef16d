//! Tokens as the API reference prints them, restarts, failures and clean stops.

use e2e::{Stack, binary, recording};
use std::collections::BTreeSet;
use std::process::Command;

#[test]
fn the_reference_examples_for_tokens_run_as_printed() {
    let stack = Stack::start(&[]);
    let admin = stack.admin_token();
    let created = stack.with_token(
        &admin,
        &[
            "-X",
            "POST",
            "/auth/tokens",
            "-H",
            "Content-Type: application/json",
            "-d",
            r#"{"user_id": "my-app", "label": "My Application"}"#,
        ],
    );
    assert!(created.status < 300, "{}", created.body);
    let created = created.json();
    assert_eq!(created["success"], true);
    assert_eq!(created["user_id"], "my-app");
    let token = created["token"].as_str().unwrap().to_owned();

    assert_eq!(stack.with_token(&token, &["/asr/models"]).status, 200);
    assert_eq!(
        stack.with_token(&token, &["/auth/tokens"]).error_code(),
        "admin_required"
    );

    let listed = stack.with_token(&admin, &["/auth/tokens?user_id=my-app"]);
    assert!(
        !listed.body.contains(&token),
        "a listing shows no whole token"
    );
    let id = listed.json()["tokens"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        stack
            .with_token(&admin, &["-X", "DELETE", &format!("/auth/tokens/{id}")])
            .status,
        200
    );
    assert_eq!(
        stack.with_token(&token, &["/asr/models"]).error_code(),
        "invalid_token"
    );
    assert!(!stack.log().contains(&token), "a token is never logged");
}

#[test]
fn tokens_and_usage_survive_a_restart() {
    let mut stack = Stack::start(&[]);
    let admin = stack.admin_token();
    assert_eq!(stack.transcribe(&recording(), &[]).status, 200);
    stack.restart();
    assert_eq!(stack.admin_token(), admin);
    let summary = stack
        .with_token(&admin, &["/auth/usage/summary?days=1"])
        .json();
    let asr = summary["summary"]
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["service"] == "asr")
        .unwrap();
    assert_eq!(asr["requests"], 1);
    assert!(asr["audio_seconds"].as_f64().unwrap() > 5.0, "{asr}");
}

#[test]
fn a_stopped_service_is_reported_at_once_and_by_name() {
    let mut stack = Stack::start(&[]);
    stack.kill("asr-server");
    let answer = stack.transcribe(&recording(), &[]);
    assert_eq!(
        (answer.status, answer.error_code().as_str()),
        (503, "upstream_unavailable"),
        "{}",
        answer.body
    );
    let ready = stack.curl(&["/ready"]);
    assert_eq!(ready.status, 503);
    assert_ne!(ready.json()["checks"]["asr"], "ok");
    assert_eq!(stack.curl(&["/health"]).status, 200);
}

#[test]
fn sigterm_ends_both_services_with_status_zero() {
    let mut stack = Stack::start(&[]);
    assert_eq!(stack.transcribe(&recording(), &[]).status, 200);
    for status in stack.stop() {
        assert!(status.success(), "{status}\n{}", stack.log());
    }
}

#[test]
fn the_api_documents_itself_for_all_services() {
    let stack = Stack::start(&[]);
    let document = stack.curl(&["/openapi.json"]).json();
    for path in [
        "/auth/tokens",
        "/auth/usage",
        "/asr/transcribe",
        "/asr/transcribe/batch",
        "/asr/models",
    ] {
        assert!(
            document["paths"].get(path).is_some(),
            "{path} is not documented"
        );
    }
    let page = stack.curl(&["-L", "/docs"]);
    assert_eq!(page.status, 200);
    assert!(
        page.body.to_lowercase().contains("swagger"),
        "{}",
        page.body
    );
}

/// What a stack of tests says itself.
const GIVEN: [&str; 17] = [
    "AGENT_PORT",
    "AGENT_URL",
    "ASR_PORT",
    "ASR_URL",
    "AUTH_DB_PATH",
    "BOT_PORT",
    "BOT_URL",
    "DATABASE_URL",
    "DATA_DIR",
    "GATEWAY_PORT",
    "LOCAL_LLM_MODEL",
    "LOG_FORMAT",
    "PUBLIC_URL",
    "TTS_PORT",
    "TTS_URL",
    "UPSTREAMS",
    "VARIANT",
];

/// The variables that `--help` of the services lists.
fn variables() -> BTreeSet<String> {
    let services = ["gateway", "asr-server", "tts-server", "voice-bot", "agent"];
    let mut names = BTreeSet::new();
    for service in services {
        let help = Command::new(binary(service)).arg("--help").output();
        let help = help.expect("the service's binary runs").stdout;
        let help = String::from_utf8_lossy(&help).into_owned();
        let mut found = help.split("[env: ").skip(1);
        names.extend(found.by_ref().filter_map(|rest| {
            let end = rest.find(['=', ']'])?;
            Some(rest[..end].to_owned())
        }));
    }
    names
}

/// As composed files pass what nobody set.
#[test]
fn a_variable_that_is_empty_is_not_set() {
    let names = variables();
    assert!(names.len() > 80, "{names:?}");
    let empty = names.iter().filter(|name| !GIVEN.contains(&name.as_str()));
    let empty: Vec<(&str, &str)> = empty.map(|name| (name.as_str(), "")).collect();
    let stack = Stack::whole(&empty);
    let answer = stack.transcribe(&recording(), &[]);
    assert_eq!(answer.status, 200, "{}", answer.body);
}
