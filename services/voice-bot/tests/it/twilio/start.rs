//! What Twilio is asked when a call is started, and who may start one.

use super::{Office, PUBLIC, SID, settings};
use crate::stand_in::TwilioStandIn;
use crate::support::Bot;
use api::Role;
use serde_json::{Value, json};

#[tokio::test]
async fn a_call_is_asked_of_twilio_exactly_so() {
    let office = Office::open().await;
    let jane = json!({"name": "Jane", "phone_number": "+14155551234"});
    let jane = office.owner.post("/api/customers", jane).await.expect(201);
    let call = office
        .start(
            json!({"customer_id": jane["id"], "metadata": {"campaign": 7}}),
            None,
        )
        .await
        .expect(201);
    for (field, value) in [
        ("status", json!("initiated")),
        ("direction", json!("outbound")),
        ("from_number", json!("+14155550000")),
        ("to_number", json!("+14155551234")),
        ("customer_id", jane["id"].clone()),
        ("metadata", json!({"campaign": 7})),
        (
            "provider_call_id",
            json!("CA00000000000000000000000000000001"),
        ),
    ] {
        assert_eq!(call[field], value, "{field}");
    }
    let asked = office.twilio.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(
        asked[0].path,
        format!("/2010-04-01/Accounts/{SID}/Calls.json")
    );
    // base64 of SID:TOKEN.
    assert_eq!(
        asked[0].authorization,
        "Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTp0d2lsaW8tc2VjcmV0"
    );
    let id = call["id"].as_str().expect("an id");
    let hooks = format!("{PUBLIC}/bot/api/calls/twilio");
    let fields: Vec<(&str, Vec<String>)> = vec![
        ("To", vec!["+14155551234".into()]),
        ("From", vec!["+14155550000".into()]),
        (
            "Url",
            vec![format!("{PUBLIC}/bot/api/twiml/{}?call={id}", office.agent)],
        ),
        ("Method", vec!["POST".into()]),
        ("StatusCallback", vec![format!("{hooks}-status?call={id}")]),
        ("StatusCallbackMethod", vec!["POST".into()]),
        (
            "StatusCallbackEvent",
            ["initiated", "ringing", "answered", "completed"]
                .map(String::from)
                .to_vec(),
        ),
        ("MachineDetection", vec!["Enable".into()]),
        ("AsyncAmd", vec!["true".into()]),
        (
            "AsyncAmdStatusCallback",
            vec![format!("{hooks}-amd?call={id}")],
        ),
        ("AsyncAmdStatusCallbackMethod", vec!["POST".into()]),
    ];
    let count: usize = fields.iter().map(|(_, values)| values.len()).sum();
    assert_eq!(asked[0].form.len(), count);
    for (name, values) in fields {
        assert_eq!(asked[0].values(name), values, "{name}");
    }
    let log = office.owner.get("/api/audit").await.expect(200);
    assert_eq!(
        (&log[0]["action"], &log[0]["details"]["call_id"]),
        (&json!("call.started"), &call["id"])
    );
}

#[tokio::test]
async fn whom_to_call_must_be_told_and_be_ours() {
    let office = Office::open().await;
    let nobody = office
        .owner
        .post("/api/customers", json!({"name": "Joe"}))
        .await
        .expect(201);
    let known = json!({"name": "Jane", "phone_number": "+14155551234"});
    let known = office.owner.post("/api/customers", known).await.expect(201);
    let (stranger, ..) = office.bot.member(None, Role::Owner).await;
    let foreign = stranger
        .post(
            "/api/customers",
            json!({"name": "X", "phone_number": "+14155551235"}),
        )
        .await
        .expect(201);
    let theirs = stranger
        .post("/api/agents", json!({"name": "X"}))
        .await
        .expect(201);
    office
        .start(json!({}), None)
        .await
        .refused(422, "missing_parameter");
    for (field, value) in [
        ("to", "911"),
        ("to", "+1415555\u{0}1234"),
        ("to", "sip:x@example.com"),
        ("customer_id", "x"),
    ] {
        let answer = office
            .start(json!({field: value}), None)
            .await
            .refused(422, "invalid_parameter");
        assert_eq!(answer.json()["error"]["param"], field);
    }
    let answer = office
        .start(json!({"customer_id": nobody["id"]}), None)
        .await;
    answer.refused(422, "invalid_parameter");
    let answer = office
        .start(json!({"customer_id": foreign["id"]}), None)
        .await;
    answer.refused(404, "not_found");
    let answer = office
        .start(
            json!({"to": "+14155551234", "agent_id": theirs["id"]}),
            None,
        )
        .await;
    answer.refused(404, "not_found");
    let answer = office
        .start(json!({"to": "+14155551234"}), Some(&"x".repeat(129)))
        .await;
    answer.refused(422, "invalid_parameter");
    assert_eq!(office.twilio.asked().len(), 0);
    assert_eq!(office.owner.get("/api/calls").await.expect(200), json!([]));
    // A number that a customer has is theirs.
    let call = office
        .start(json!({"to": "+1 415 555 1234"}), None)
        .await
        .expect(201);
    assert_eq!(call["customer_id"], known["id"]);
    let call = office
        .start(json!({"to": "+14155551235"}), None)
        .await
        .expect(201);
    assert_eq!(call["customer_id"], Value::Null);
}

#[tokio::test]
async fn without_settings_calls_cannot_be_made_and_the_answer_names_them() {
    let bot = Bot::with(|config| config.twilio.twilio_account_sid = Some(SID.into())).await;
    let (owner, ..) = bot.member(None, Role::Owner).await;
    let agent = owner
        .post("/api/agents", json!({"name": "A"}))
        .await
        .expect(201);
    let body = json!({"agent_id": agent["id"], "to": "+14155551234"});
    let answer = owner
        .post("/api/calls/start", body)
        .await
        .refused(424, "not_configured");
    let text = &answer.text;
    assert!(
        text.contains("TWILIO_AUTH_TOKEN, TWILIO_PHONE_NUMBER") && !text.contains("ACCOUNT_SID"),
        "{text}"
    );
    assert_eq!(owner.get("/api/calls").await.expect(200), json!([]));
}

#[tokio::test]
async fn an_organization_cannot_dial_without_end() {
    let (twilio, url) = TwilioStandIn::start().await;
    let bot = Bot::with(|config| {
        settings(config, &url);
        config.twilio.calls_rpm = 2;
    })
    .await;
    for _ in 0..2 {
        let (owner, ..) = bot.member(None, Role::Owner).await;
        let agent = owner
            .post("/api/agents", json!({"name": "A"}))
            .await
            .expect(201);
        let body = json!({"agent_id": agent["id"], "to": "+14155551234"});
        owner
            .post("/api/calls/start", body.clone())
            .await
            .expect(201);
        owner
            .post("/api/calls/start", body.clone())
            .await
            .expect(201);
        let refused = owner
            .post("/api/calls/start", body)
            .await
            .refused(429, "rate_limited");
        assert!(
            refused
                .retry_after()
                .is_some_and(|seconds| (1..=60).contains(&seconds))
        );
    }
    assert_eq!(twilio.asked().len(), 4);
}

#[tokio::test]
async fn guests_cannot_use_the_telephone() {
    let office = Office::open().await;
    let (guest, user, _) = office
        .bot
        .member(Some(office.organization), Role::Owner)
        .await;
    sqlx::query("UPDATE users SET auth_provider = 'guest', email = NULL WHERE id = $1")
        .bind(user.0)
        .execute(&office.bot.pool().await)
        .await
        .expect("a guest can be made");
    let body = json!({"agent_id": office.agent, "to": "+14155551234"});
    guest
        .post("/api/calls/start", body)
        .await
        .refused(403, "account_required");
    let call = office
        .start(json!({"to": "+14155551234"}), None)
        .await
        .expect(201);
    let path = format!("/api/calls/{}/hangup", call["id"].as_str().expect("an id"));
    guest
        .post(&path, json!({}))
        .await
        .refused(403, "account_required");
}
