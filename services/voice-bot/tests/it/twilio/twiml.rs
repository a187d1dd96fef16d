//! What Twilio is told to do with calls.

use super::{Office, PUBLIC, SID, TOKEN, library, post_form};
use crate::support::Bot;
use api::Role;
use serde_json::{Value, json};

/// A form of Twilio's about a call.
pub fn form(call: &str, from: &str, to: &str) -> Vec<(String, String)> {
    let fields = [
        ("CallSid", call),
        ("AccountSid", SID),
        ("From", from),
        ("To", to),
        ("CallStatus", "ringing"),
    ];
    fields.map(|(k, v)| (k.to_owned(), v.to_owned())).into()
}

/// Asks for instructions, signed by Twilio's library.
pub async fn ask(bot: &Bot, path: &str, form: &[(String, String)]) -> (u16, String) {
    let signed = library(&json!([[TOKEN, format!("{PUBLIC}/bot{path}"), form]]));
    post_form(bot, path, form, Some(&signed[0])).await
}

/// The token in instructions that connect a stream.
pub fn token(twiml: &str) -> String {
    let url = format!(
        "<Connect><Stream url=\"{}/ws/twilio\">",
        PUBLIC.replacen("https", "wss", 1)
    );
    assert!(twiml.contains(&url), "{twiml}");
    let (_, rest) = twiml
        .split_once("<Parameter name=\"token\" value=\"")
        .expect("a token");
    let (token, rest) = rest.split_once('"').expect("its end");
    assert_eq!(rest, "/></Stream></Connect></Response>");
    token.to_owned()
}

#[tokio::test]
async fn a_call_that_comes_in_gets_a_row_once_and_a_token_each_time() {
    let office = Office::with(json!({"name": "A", "phone_number": "+14155550000"})).await;
    let jane = json!({"name": "Jane", "phone_number": "+14155551234"});
    let jane = office.owner.post("/api/customers", jane).await.expect(201);
    let form = form("CA01", "+14155551234", "+14155550000");
    let mut tokens = Vec::new();
    for path in [
        format!("/api/twiml/{}", office.agent),
        "/api/twiml/+14155550000".to_owned(),
        "/api/twiml/number".to_owned(),
    ] {
        let (status, text) = ask(&office.bot, &path, &form).await;
        assert_eq!(status, 200, "{path} {text}");
        tokens.push(token(&text));
    }
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), 3);
    let calls = office.owner.get("/api/calls").await.expect(200);
    assert_eq!(calls.as_array().map(Vec::len), Some(1), "{calls}");
    let call = office.call(&calls[0]["id"]).await;
    assert_eq!(
        (
            &call["direction"],
            &call["customer_id"],
            &call["provider_call_id"]
        ),
        (&json!("inbound"), &jane["id"], &json!("CA01"))
    );
    assert_eq!(
        (&call["from_number"], &call["to_number"]),
        (&json!("+14155551234"), &json!("+14155550000"))
    );
    // Who is over is not connected.
    let over = [
        ("CallSid", "CA01"),
        ("CallStatus", "completed"),
        ("CallDuration", "3"),
    ];
    assert_eq!(office.hook("/api/calls/twilio-status", &over).await, 204);
    let (status, text) = ask(&office.bot, "/api/twiml/number", &form).await;
    assert!(
        status == 200 && text.contains("<Response><Hangup/></Response>"),
        "{text}"
    );
}

#[tokio::test]
async fn get_is_answered_too_and_callers_may_be_nobody() {
    let office = Office::open().await;
    let path = format!(
        "/api/twiml/{}?CallSid=CA02&From=anonymous&To=%2B14155550000",
        office.agent
    );
    let signed = library(&json!([[TOKEN, format!("{PUBLIC}/bot{path}"), []]]));
    let visitor = office.bot.visitor();
    let headers = [("x-twilio-signature", signed[0].as_str())];
    let answer = visitor
        .raw(reqwest::Method::GET, &path, &headers, String::new())
        .await;
    assert_eq!(
        (answer.status.as_u16(), &answer.headers["content-type"]),
        (200, &"text/xml".parse().expect("a value"))
    );
    token(&answer.text);
    let calls = office.owner.get("/api/calls").await.expect(200);
    assert_eq!(
        (&calls[0]["from_number"], &calls[0]["to_number"]),
        (&Value::Null, &json!("+14155550000"))
    );
    visitor.get(&path).await.refused(403, "invalid_signature");
}

#[tokio::test]
async fn there_are_no_instructions_without_a_signature_a_call_or_an_agent() {
    let office = Office::open().await;
    let path = format!("/api/twiml/{}", office.agent);
    let some = form("CA03", "+14155551234", "+14155550000");
    assert_eq!(post_form(&office.bot, &path, &some, None).await.0, 403);
    assert_eq!(
        post_form(&office.bot, &path, &some, Some("AAAA")).await.0,
        403
    );
    assert_eq!(ask(&office.bot, &path, &some[1..]).await.0, 422);
    for nobody in [
        "/api/twiml/number",
        "/api/twiml/+14155559999",
        "/api/twiml/x",
        "/api/twiml/018f0000-0000-7000-8000-000000000000",
    ] {
        assert_eq!(ask(&office.bot, nobody, &some).await.0, 404, "{nobody}");
    }
    let unknown = format!("{path}?call=018f0000-0000-7000-8000-000000000000");
    assert_eq!(ask(&office.bot, &unknown, &some).await.0, 404);
    let calls = office.owner.get("/api/calls").await.expect(200);
    assert_eq!(calls, json!([]));
}

#[tokio::test]
async fn a_call_is_its_agents_organizations_and_stays_it() {
    let office = Office::open().await;
    let (other, ..) = office.bot.member(None, Role::Owner).await;
    let theirs = other
        .post("/api/agents", json!({"name": "B"}))
        .await
        .expect(201);
    let some = form("CA04", "+14155551234", "+14155550000");
    assert_eq!(
        ask(&office.bot, &format!("/api/twiml/{}", office.agent), &some)
            .await
            .0,
        200
    );
    let theirs = format!("/api/twiml/{}", theirs["id"].as_str().expect("an id"));
    assert_eq!(ask(&office.bot, &theirs, &some).await.0, 404);
    assert_eq!(other.get("/api/calls").await.expect(200), json!([]));
}
