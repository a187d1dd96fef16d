//! Who is told of calls.

use super::stand_ins::Told;
use super::{Office, turns};
use serde_json::Value;
use service::Secret;
use std::time::Duration;
use voice_bot::webhook::signature;

#[tokio::test]
async fn beginnings_and_ends_are_told_signed_until_they_are_taken() {
    let (told, url) = Told::start().await;
    let secret = Secret::new("between us");
    let office = Office::with(|config| {
        config.live.webhook_url = Some(url);
        config.live.webhook_secret = Some(secret.clone());
        config.live.webhook_allow_private = true;
    })
    .await;
    *told.refusals.lock().expect("nobody panicked with it") = 1;
    let (call, caller) = office.call().await;
    office.when(call, turns(1)).await;
    office.ears.hear("When do you open?");
    office.when(call, turns(3)).await;
    caller.goes().await;
    for _ in 0..200 {
        if told.heard().len() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut events = Vec::new();
    for (headers, body) in told.heard() {
        let header = headers["x-whissle-signature"].to_str().expect("ASCII");
        let time = header
            .strip_prefix("t=")
            .and_then(|rest| rest.split_once(','));
        let time: i64 = time.expect("a time").0.parse().expect("seconds");
        assert_eq!(header, signature(&secret, time, &body));
        let event: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(headers["x-whissle-event"], event["id"].as_str().unwrap());
        events.push(event);
    }
    events.sort_by_key(|event| event["type"] == "call.ended");
    assert_eq!(events[0]["type"], "call.started");
    let ended = &events[1]["data"]["call"];
    assert_eq!(ended["summary"], "3 turns.");
    assert_eq!(ended["status"], "completed");
    let recording = ended["recording_url"].as_str().expect("a recording");
    assert!(recording.starts_with("http://localhost:9000/bot/api/calls/"));
}

#[tokio::test]
async fn a_webhook_needs_a_secret_and_a_public_address() {
    use voice_bot::{AppState, Config};
    let starts = |change: &dyn Fn(&mut Config)| {
        let data = tempfile::tempdir().expect("a folder");
        let mut config = Config::with_data_dir(data.path());
        change(&mut config);
        AppState::start(config, service::Drain::new())
            .err()
            .map(|error| error.to_string())
    };
    let error = starts(&|config| config.live.webhook_url = Some("https://example.com/x".into()));
    assert!(error.expect("refused").contains("WEBHOOK_SECRET"));
    let error = starts(&|config| {
        config.live.webhook_url = Some("http://127.0.0.1/x".into());
        config.live.webhook_secret = Some(Secret::new("s"));
    });
    assert!(error.expect("refused").contains("public address"));
}
