//! Telephone calls: made and ended through Twilio's API, followed by its webhooks. A stand-in checks
//! what the API gets; Twilio's own Python library signs the webhooks.

mod hangup;
mod once;
mod phone;
mod start;
mod streams;
mod twiml;
mod webhooks;

use crate::stand_in::TwilioStandIn;
use crate::support::{Answer, Bot, Visitor};
use api::Role;
use api::ids::OrganizationId;
use reqwest::Method;
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};
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
        Office::with(json!({"name": "A"})).await
    }

    /// With an agent of this kind, who can speak.
    async fn with(agent: Value) -> Office {
        Office::set_up(agent, |_| {}).await
    }

    /// The same with other settings.
    async fn set_up(agent: Value, change: impl FnOnce(&mut Config)) -> Office {
        let (twilio, url) = TwilioStandIn::start().await;
        let speakers = crate::speakers::start().await;
        let bot = Bot::with(|config| {
            settings(config, &url);
            config.tts_url = speakers.clone();
            config.live.asr_url = speakers;
            change(config);
        })
        .await;
        let (owner, _, organization) = bot.member(None, Role::Owner).await;
        let agent = owner.post("/api/agents", agent).await.expect(201);
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
