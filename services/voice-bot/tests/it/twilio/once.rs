//! Nobody is called twice, whatever goes wrong.

use super::{Office, settings};
use crate::support::Bot;
use api::Role;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn one_key_makes_one_call() {
    let office = Office::open().await;
    let to = json!({"to": "+14155551234", "metadata": {"a": 1, "b": 2}});
    let first = office.start(to.clone(), Some("key-1")).await.expect(201);
    let again = office
        .start(
            json!({"metadata": {"b": 2, "a": 1}, "to": "+14155551234"}),
            Some("key-1"),
        )
        .await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.expect(200)["id"], first["id"]);
    let other = office
        .start(json!({"to": "+14155551235"}), Some("key-1"))
        .await;
    other.refused(409, "conflict");
    let second = office.start(to.clone(), Some("key-2")).await.expect(201);
    assert_ne!(second["id"], first["id"]);
    // Another organization's key is another key.
    let (stranger, ..) = office.bot.member(None, Role::Owner).await;
    let agent = stranger
        .post("/api/agents", json!({"name": "B"}))
        .await
        .expect(201);
    let body = json!({"agent_id": agent["id"], "to": "+14155551234"});
    let theirs = stranger
        .send(
            Method::POST,
            "/api/calls/start",
            &[("idempotency-key", "key-1")],
            Some(body),
        )
        .await;
    assert_ne!(theirs.expect(201)["id"], first["id"]);
    assert_eq!(office.twilio.asked().len(), 3);
}

#[tokio::test]
async fn many_requests_at_once_with_one_key_make_one_call() {
    let office = Office::open().await;
    let made = json!({"sid": "CA00000000000000000000000000000009", "status": "queued"});
    office.twilio.answers(201, made, Duration::from_millis(200));
    let body = json!({"to": "+14155551234"});
    let start = || office.start(body.clone(), Some("once"));
    let answers = tokio::join!(start(), start(), start(), start(), start(), start());
    let answers = [
        answers.0, answers.1, answers.2, answers.3, answers.4, answers.5,
    ];
    let mut statuses: Vec<u16> = answers
        .iter()
        .map(|answer| answer.status.as_u16())
        .collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 201]);
    let ids: std::collections::BTreeSet<String> = answers
        .iter()
        .map(|answer| answer.json()["id"].to_string())
        .collect();
    assert_eq!((ids.len(), office.twilio.asked().len()), (1, 1));
}

#[tokio::test]
async fn what_twilio_refuses_failed_and_says_why() {
    let office = Office::open().await;
    let refusal = json!({"code": 21211, "message": "The 'To' number is not a valid phone number.", "status": 400});
    office.twilio.answers(400, refusal, Duration::ZERO);
    let body = json!({"to": "+14155551234"});
    let refused = office
        .start(body.clone(), Some("k"))
        .await
        .refused(424, "upstream_failed");
    assert!(refused.text.contains("21211"), "{}", refused.text);
    let again = office.start(body, Some("k")).await.expect(200);
    assert_eq!(again["status"], "failed");
    assert!(
        again["error"]
            .as_str()
            .is_some_and(|error| error.contains("not a valid phone number")),
        "{again}"
    );
    assert!(again["ended_at"].is_string() && again["duration"].is_null());
    assert_eq!(office.twilio.asked().len(), 1);
}

#[tokio::test]
async fn a_call_whose_fate_is_unknown_is_not_repeated_and_its_webhooks_count() {
    let office = Office::open().await;
    office.twilio.answers(500, json!({}), Duration::ZERO);
    let refused = office.start(json!({"to": "+14155551234"}), None).await;
    refused.refused(424, "upstream_failed");
    assert_eq!(office.twilio.asked().len(), 1);
    let calls = office
        .owner
        .get("/api/calls?status=failed")
        .await
        .expect(200);
    let id = calls[0]["id"].as_str().expect("an id");
    let path = format!("/api/calls/twilio-status?call={id}");
    let fields = [("CallSid", "CA77"), ("CallStatus", "in-progress")];
    assert_eq!(office.hook(&path, &fields).await, 204);
    let call = office.call(&json!(id)).await;
    assert_eq!(
        (&call["status"], &call["provider_call_id"]),
        (&json!("in-progress"), &json!("CA77"))
    );
    assert_eq!(
        (&call["error"], &call["ended_at"]),
        (&Value::Null, &Value::Null)
    );
    // Another call cannot take its place.
    let fields = [("CallSid", "CA78"), ("CallStatus", "completed")];
    assert_eq!(office.hook(&path, &fields).await, 204);
    assert_eq!(office.call(&json!(id)).await["status"], "in-progress");
}

#[tokio::test]
async fn without_a_connection_the_call_failed() {
    let bot = Bot::with(|config| settings(config, "http://127.0.0.1:9")).await;
    let (owner, ..) = bot.member(None, Role::Owner).await;
    let agent = owner
        .post("/api/agents", json!({"name": "A"}))
        .await
        .expect(201);
    let body = json!({"agent_id": agent["id"], "to": "+14155551234"});
    owner
        .post("/api/calls/start", body)
        .await
        .refused(424, "upstream_failed");
    let calls = owner.get("/api/calls").await.expect(200);
    assert_eq!(calls[0]["status"], "failed");
}

#[tokio::test]
async fn a_call_is_asked_for_again_only_if_nothing_was_sent() {
    // Nobody listens at first; who listens later gets one request and closes the connection on it.
    let held = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let address = held
        .expect("a port is free")
        .local_addr()
        .expect("a bound socket has an address");
    let bot = Bot::with(|config| settings(config, &format!("http://{address}"))).await;
    let (owner, ..) = bot.member(None, Role::Owner).await;
    let agent = owner
        .post("/api/agents", json!({"name": "A"}))
        .await
        .expect(201);
    let late = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let listener = tokio::net::TcpListener::bind(address)
            .await
            .expect("the port is free again");
        let mut requests = 0;
        while let Ok(Ok((mut stream, _))) =
            tokio::time::timeout(Duration::from_secs(3), listener.accept()).await
        {
            let mut head = [0; 4096];
            let read = tokio::io::AsyncReadExt::read(&mut stream, &mut head).await;
            requests += usize::from(read.is_ok_and(|bytes| bytes > 0));
        }
        requests
    });
    let body = json!({"agent_id": agent["id"], "to": "+14155551234"});
    owner
        .post("/api/calls/start", body)
        .await
        .refused(424, "upstream_failed");
    assert_eq!(late.await.expect("it ends"), 1);
}
