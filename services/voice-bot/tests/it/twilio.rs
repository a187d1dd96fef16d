//! Telephone calls: made and ended through Twilio's API, followed by its webhooks. A stand-in checks
//! what the API gets; Twilio's own Python library signs the webhooks.

use crate::stand_in::TwilioStandIn;
use crate::support::{Answer, Bot, Visitor};
use api::Role;
use api::ids::OrganizationId;
use reqwest::Method;
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;
use voice_bot::Config;

const SID: &str = "AC00000000000000000000000000000001";
const TOKEN: &str = "twilio-secret";
const PUBLIC: &str = "https://voice.example.com";

fn settings(config: &mut Config, api: &str) {
    config.public_url = PUBLIC.into();
    config.twilio.twilio_account_sid = Some(SID.into());
    config.twilio.twilio_auth_token = Some(service::Secret::new(TOKEN));
    config.twilio.twilio_phone_number = Some("+1 (415) 555-0000".into());
    config.twilio.twilio_api_url = api.into();
}

/// A service with telephone calls, somebody in it, and an agent.
struct Office {
    bot: Bot,
    twilio: TwilioStandIn,
    owner: Visitor,
    organization: OrganizationId,
    agent: String,
}

impl Office {
    async fn open() -> Office {
        let (twilio, url) = TwilioStandIn::start().await;
        let bot = Bot::with(|config| settings(config, &url)).await;
        let (owner, _, organization) = bot.member(None, Role::Owner).await;
        let agent = owner
            .post("/api/agents", json!({"name": "A"}))
            .await
            .expect(201);
        let agent = agent["id"].as_str().expect("an id").to_owned();
        Office {
            bot,
            twilio,
            owner,
            organization,
            agent,
        }
    }

    async fn start(&self, body: Value, key: Option<&str>) -> Answer {
        let mut whole = json!({ "agent_id": self.agent });
        for (name, value) in body.as_object().expect("an object") {
            whole[name] = value.clone();
        }
        let headers: Vec<(&str, &str)> = key
            .map(|key| ("idempotency-key", key))
            .into_iter()
            .collect();
        self.owner
            .send(Method::POST, "/api/calls/start", &headers, Some(whole))
            .await
    }

    async fn call(&self, id: &Value) -> Value {
        let path = format!("/api/calls/{}", id.as_str().expect("an id"));
        self.owner.get(&path).await.expect(200)
    }

    /// A webhook that Twilio signed.
    async fn hook(&self, path: &str, fields: &[(&str, &str)]) -> u16 {
        let fields: Vec<(String, String)> = fields
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        let token = service::Secret::new(TOKEN);
        let signature =
            voice_bot::twilio::signature(&token, &format!("{PUBLIC}/bot{path}"), &fields);
        post_form(&self.bot, path, &fields, Some(&signature))
            .await
            .0
    }

    async fn status(&self, call: &Value, status: &str, more: &[(&str, &str)]) -> Value {
        let sid = call["provider_call_id"].as_str().expect("a sid");
        let mut fields = vec![
            ("CallSid", sid),
            ("AccountSid", SID),
            ("CallStatus", status),
        ];
        fields.extend(more);
        assert_eq!(self.hook("/api/calls/twilio-status", &fields).await, 204);
        self.call(&call["id"]).await
    }
}

async fn post_form(
    bot: &Bot,
    path: &str,
    fields: &[(String, String)],
    signature: Option<&str>,
) -> (u16, String) {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a plain client");
    let mut request = client
        .post(format!("{}{path}", bot.url))
        .header(
            "content-type",
            "application/x-www-form-urlencoded; charset=UTF-8",
        )
        .body(body);
    if let Some(signature) = signature {
        request = request.header("x-twilio-signature", signature);
    }
    let response = request.send().await.expect("the service answers");
    (
        response.status().as_u16(),
        response.text().await.expect("the answer is whole"),
    )
}

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
        .refused(503, "not_configured");
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

#[tokio::test]
async fn a_call_only_moves_forwards() {
    let office = Office::open().await;
    let call = office
        .start(json!({"to": "+14155551234"}), None)
        .await
        .expect(201);
    assert_eq!(
        office.status(&call, "ringing", &[]).await["status"],
        "ringing"
    );
    assert_eq!(
        office.status(&call, "initiated", &[]).await["status"],
        "ringing"
    );
    let talking = office.status(&call, "in-progress", &[]).await;
    assert!(talking["answered_at"].is_string());
    let sid = call["provider_call_id"].as_str().expect("a sid");
    for word in ["machine_start", "human"] {
        let fields = [
            ("CallSid", sid),
            ("AnsweredBy", word),
            ("MachineDetectionDuration", "2300"),
        ];
        assert_eq!(office.hook("/api/calls/twilio-amd", &fields).await, 204);
        assert_eq!(
            office.call(&call["id"]).await["answered_by"],
            "machine_start"
        );
    }
    let done = office
        .status(&call, "completed", &[("CallDuration", "42")])
        .await;
    assert_eq!(
        (&done["status"], &done["duration"]),
        (&json!("completed"), &json!(42.0))
    );
    for (status, more) in [
        ("in-progress", vec![]),
        ("failed", vec![]),
        ("completed", vec![("CallDuration", "99")]),
        ("no-such-status", vec![]),
    ] {
        let mut after = office.status(&call, status, &more).await;
        after["updated_at"] = done["updated_at"].clone();
        assert_eq!(after, done, "{status}");
    }
    let late = office
        .start(json!({"to": "+14155551234"}), None)
        .await
        .expect(201);
    let busy = office.status(&late, "busy", &[]).await;
    assert_eq!(
        (&busy["status"], &busy["duration"]),
        (&json!("busy"), &Value::Null)
    );
    let gone = [("CallSid", "CA999"), ("CallStatus", "completed")];
    assert_eq!(office.hook("/api/calls/twilio-status", &gone).await, 204);
    assert_eq!(
        office
            .hook("/api/calls/twilio-status", &[("CallStatus", "completed")])
            .await,
        204
    );
}

#[tokio::test]
async fn signatures_of_twilios_own_library_are_believed_and_no_others() {
    let office = Office::open().await;
    let call = office
        .start(json!({"to": "+14155551234"}), None)
        .await
        .expect(201);
    let sid = call["provider_call_id"].as_str().expect("a sid");
    let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    };
    let id = call["id"].as_str().expect("an id");
    let forms = [
        (
            format!("/api/calls/twilio-status?call={id}"),
            owned(&[
                ("CallSid", sid),
                ("CallStatus", "ringing"),
                ("Called", "+1 415"),
                ("CallerName", "Zoë & \"Çö\" +%"),
                ("Empty", ""),
            ]),
        ),
        (
            "/api/calls/twilio-status".to_owned(),
            owned(&[
                ("b", "2"),
                ("CallSid", sid),
                ("a", "1"),
                ("a", "1"),
                ("a", "0"),
                ("CallStatus", "in-progress"),
            ]),
        ),
        (
            format!("/api/calls/twilio-amd?call={id}&x=%20y"),
            owned(&[("CallSid", sid), ("AnsweredBy", "human")]),
        ),
    ];
    let requests: Vec<Value> = forms
        .iter()
        .map(|(path, form)| json!([TOKEN, format!("{PUBLIC}/bot{path}"), form]))
        .collect();
    for ((path, form), signature) in forms.iter().zip(library(&json!(requests))) {
        let (status, text) = post_form(&office.bot, path, form, Some(&signature)).await;
        assert_eq!(status, 204, "{path} {text}");
        let mut changed = form.clone();
        changed.push(("CallStatus".into(), "completed".into()));
        for (path, form, signature) in [
            (path.as_str(), &changed, Some(signature.as_str())),
            ("/api/calls/twilio-status?call=x", form, Some(&signature)),
            (path, form, None),
            (path, form, Some("AAAAAAAAAAAAAAAAAAAAAAAAAAA=")),
            (path, form, Some("not base64")),
        ] {
            let (status, text) = post_form(&office.bot, path, form, signature).await;
            assert_eq!(status, 403, "{path}");
            assert!(text.contains("invalid_signature"), "{text}");
        }
    }
    let after = office.call(&call["id"]).await;
    assert_eq!(
        (&after["status"], &after["answered_by"]),
        (&json!("in-progress"), &json!("human"))
    );
}

#[tokio::test]
async fn without_a_secret_nothing_is_believed_unless_told_to() {
    let form = [("CallSid".to_owned(), "CA1".to_owned())];
    let bot = Bot::start().await;
    let empty = voice_bot::twilio::signature(
        &service::Secret::new(""),
        "http://localhost:9000/bot/api/calls/twilio-status",
        &form,
    );
    assert_eq!(
        post_form(&bot, "/api/calls/twilio-status", &form, Some(&empty))
            .await
            .0,
        403
    );
    let bot = Bot::with(|config| config.twilio.twilio_skip_signature = true).await;
    assert_eq!(
        post_form(&bot, "/api/calls/twilio-status", &form, None)
            .await
            .0,
        204
    );
    let large = [("CallSid".to_owned(), "x".repeat(70_000))];
    assert_eq!(
        post_form(&bot, "/api/calls/twilio-status", &large, None)
            .await
            .0,
        413
    );
    let json = bot
        .visitor()
        .post("/api/calls/twilio-status", json!({"CallSid": "CA1"}))
        .await;
    json.refused(415, "unsupported_media_type");
}

#[tokio::test]
async fn hanging_up_ends_a_call_once() {
    let office = Office::open().await;
    let call = office
        .start(json!({"to": "+14155551234"}), None)
        .await
        .expect(201);
    let path = format!("/api/calls/{}/hangup", call["id"].as_str().expect("an id"));
    let sid = call["provider_call_id"].as_str().expect("a sid");
    office.twilio.answers(503, json!({}), Duration::ZERO);
    office
        .owner
        .post(&path, json!({}))
        .await
        .refused(424, "upstream_failed");
    office.twilio.answers(
        200,
        json!({"sid": sid, "status": "in-progress"}),
        Duration::ZERO,
    );
    assert_eq!(
        office
            .owner
            .send(Method::POST, &path, &[], None)
            .await
            .expect(200)["status"],
        "initiated"
    );
    office.twilio.answers(
        200,
        json!({"sid": sid, "status": "canceled"}),
        Duration::ZERO,
    );
    assert_eq!(
        office.owner.post(&path, json!({})).await.expect(200)["status"],
        "canceled"
    );
    let asked = office.twilio.asked();
    let last = asked.last().expect("it was asked");
    assert_eq!(
        last.path,
        format!("/2010-04-01/Accounts/{SID}/Calls/{sid}.json")
    );
    assert_eq!(last.form, [("Status".to_owned(), "completed".to_owned())]);
    office
        .owner
        .post(&path, json!({}))
        .await
        .refused(409, "conflict");
    assert_eq!(office.twilio.asked().len(), asked.len());

    // Twilio knows it is over before we do.
    office.twilio.answers(
        201,
        json!({"sid": "CA5", "status": "queued"}),
        Duration::ZERO,
    );
    let call = office
        .start(json!({"to": "+14155551234"}), None)
        .await
        .expect(201);
    office.twilio.answers(
        400,
        json!({"code": 21220, "message": "Call is not in-progress. Cannot redirect."}),
        Duration::ZERO,
    );
    let path = format!("/api/calls/{}/hangup", call["id"].as_str().expect("an id"));
    office
        .owner
        .post(&path, json!({}))
        .await
        .refused(409, "conflict");
    assert_eq!(office.call(&call["id"]).await["status"], "completed");
}

#[tokio::test]
async fn a_call_that_was_never_dialled_is_not_open_for_ever() {
    let office = Office::open().await;
    sqlx::query(
        "INSERT INTO calls (id, organization_id, agent_id, direction, created_at)
         VALUES (gen_random_uuid(), $1, $2::uuid, 'outbound', now() - interval '10 minutes'),
                (gen_random_uuid(), $1, $2::uuid, 'outbound', now())",
    )
    .bind(office.organization.0)
    .bind(&office.agent)
    .execute(&office.bot.pool().await)
    .await
    .expect("calls can be written");
    let failed = office
        .bot
        .state
        .database
        .fail_forgotten_calls(Duration::from_secs(300))
        .await;
    assert_eq!(failed.expect("the database answers"), 1);
    let calls = office.owner.get("/api/calls").await.expect(200);
    assert_eq!(
        (&calls[0]["status"], &calls[1]["status"]),
        (&json!("queued"), &json!("failed"))
    );
}

/// What Twilio's Python library makes of `[[token, url, [[name, value], ...]], ...]`.
fn library(requests: &Value) -> Vec<String> {
    let python = std::env::var_os("TEST_PYTHON");
    let python = python.expect(
        "TEST_PYTHON is not set: run `make test`, or before this `eval \"$(scripts/clients.sh)\"`",
    );
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/clients/twilio_signatures.py"
    );
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python runs");
    let mut stdin = child.stdin.take().expect("stdin is piped");
    stdin
        .write_all(requests.to_string().as_bytes())
        .expect("the script reads its input");
    drop(stdin);
    let output = child.wait_with_output().expect("a child can be waited for");
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).expect("a list of signatures")
}
