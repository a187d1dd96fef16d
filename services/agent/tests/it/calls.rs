//! Looking calls up: for whom, of which organization, and what the model hears when that fails.

use crate::support::{Agent, Provider, SECRET, http};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

const CHAT: &str = "/voice-agent/chat/stream";
const USER: &str = "01922e6b-0000-7000-8000-000000000001";
const ORGANIZATION: &str = "01922e6b-0000-7000-8000-000000000002";
const CALL: &str = "01922e6b-0000-7000-8000-000000000003";

/// What voice-bot was asked: the address, and the headers that say for whom.
type Asked = Arc<Mutex<Vec<(String, [String; 3])>>>;

async fn lookup(State(asked): State<Asked>, request: Request) -> Response {
    let header = |name: &str| {
        let value = request.headers().get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let who = [
        "x-internal-secret",
        "x-internal-user",
        "x-internal-token-id",
    ];
    let uri = request.uri().to_string();
    // Fields in order, whichever way they were written.
    let (path, query) = uri.split_once('?').unwrap_or((&uri, ""));
    let mut fields: Vec<&str> = query.split('&').collect();
    fields.sort_unstable();
    let uri = format!("{path}?{}", fields.join("&"));
    asked
        .lock()
        .expect("nobody panicked with it")
        .push((uri.clone(), who.map(header)));
    let call = json!({"id": CALL, "direction": "inbound", "status": "completed", "from_number": "+14155551234", "to_number": null,
        "duration": 61.5, "created_at": "2026-03-01T12:00:00Z", "summary": "A refund.", "segments": 2,
        "transcript": "[00:00] customer: my \"parcel\"\n[00:04] agent: yes\n", "next_segment": null});
    let refused = |status: u16, message: &str| {
        let status = axum::http::StatusCode::from_u16(status).expect("a status");
        let error = json!({"type": "invalid_request_error", "code": "not_found", "message": message, "request_id": "r"});
        (status, Json(json!({"error": error}))).into_response()
    };
    match uri {
        uri if uri.contains("q=stranger") => {
            refused(404, "There is no such organization of yours.")
        }
        uri if uri.contains("q=broken") => refused(500, "secret detail"),
        uri if uri.contains("q=away") => refused(503, "The database does not answer."),
        uri if uri.starts_with(&format!("/internal/calls/{CALL}")) => Json(call).into_response(),
        _ => {
            Json(json!({"calls": [{"id": CALL, "passages": "my parcel is late"}]})).into_response()
        }
    }
}

/// A voice-bot of which only the lookup is there.
async fn voice_bot() -> (String, Asked) {
    let asked = Asked::default();
    let app = Router::new()
        .route("/internal/{*path}", get(lookup))
        .with_state(asked.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, asked)
}

async fn agent(provider: &Provider, bot: String) -> Agent {
    Agent::with(Some(provider), |config| {
        config.bot_url = bot;
        config.common.gateway_internal_secret = service::Secret::new(SECRET);
    })
    .await
}

fn call(id: &str, name: &str, arguments: Value) -> Value {
    json!({"id": id, "function": {"name": name, "arguments": arguments.to_string()}})
}

fn calling(calls: &[Value]) -> Vec<Value> {
    vec![
        json!({ "tool_calls": calls }),
        json!({"content": "It was late."}),
    ]
}

/// As the gateway sends it for a token.
fn by(user: &'static str, token: &'static str) -> [(&'static str, &'static str); 3] {
    [
        ("x-internal-secret", SECRET),
        ("x-internal-user", user),
        ("x-internal-token-id", token),
    ]
}

/// The results of the calls, in order of their ids.
async fn results(agent: &Agent, headers: &[(&str, &str)], body: Value) -> Vec<Value> {
    let mut request = http().post(format!("{}{CHAT}", agent.url)).json(&body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let text = request.send().await.unwrap().text().await.unwrap();
    let data = text.lines().filter_map(|line| line.strip_prefix("data:"));
    let events = data.map(|data| serde_json::from_str::<Value>(data.trim()).unwrap());
    let mut results: Vec<Value> = events
        .filter(|event| event["type"] == "tool_result")
        .collect();
    results.sort_by_key(|result| result["id"].to_string());
    results
}

fn said(text: &str) -> Value {
    json!({"messages": [{"role": "user", "content": text}]})
}

fn offered(provider: &Provider) -> Vec<String> {
    let asked = provider.asked();
    let tools = asked.last().unwrap()["tools"].as_array().cloned();
    let names = tools.unwrap_or_default();
    let names = names.iter().map(|tool| &tool["function"]["name"]);
    names
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn calls_are_looked_up_for_the_account_of_the_token() {
    let (url, asked) = voice_bot().await;
    let provider = Provider::sending(calling(&[
        call(
            "a",
            "search_calls",
            json!({"query": "parcel & late", "customer": "Jane", "limit": 500}),
        ),
        call("b", "get_call", json!({"id": CALL, "from_segment": 0})),
        call("c", "get_call", json!({"id": "../calls"})),
    ]))
    .await;
    let agent = agent(&provider, url).await;
    // What the request says of its user does not matter.
    let mut body = said("What about the parcel?");
    body["user_id"] = "somebody-else".into();
    body["organization_id"] = ORGANIZATION.into();
    let results = results(&agent, &by(USER, "tok_1"), body).await;
    assert!(
        results[0]["content"]
            .as_str()
            .unwrap()
            .contains("my parcel is late")
    );
    let read = results[1]["content"].as_str().unwrap();
    assert!(
        read.ends_with("\n[00:00] customer: my \"parcel\"\n[00:04] agent: yes\n"),
        "{read}"
    );
    assert!(read.contains("\"summary\":\"A refund.\"") && read.contains("2026-03-01T12:00:00Z"));
    assert_eq!(
        (&results[2]["is_error"], &results[2]["content"]),
        (
            &json!(true),
            &json!("error: `id` must be the `id` of a call, a UUID")
        )
    );
    let mut asked = asked.lock().unwrap().clone();
    asked.sort();
    let who = [SECRET, USER, "tok_1"].map(str::to_owned);
    assert_eq!(
        asked,
        [
            (
                format!("/internal/calls/{CALL}?from_segment=0&organization_id={ORGANIZATION}"),
                who.clone()
            ),
            (
                format!(
                    "/internal/calls?customer=Jane&limit=20&organization_id={ORGANIZATION}&q=parcel+%26+late"
                ),
                who
            ),
        ]
    );
    assert_eq!(
        offered(&provider),
        [
            "clock",
            "calculator",
            "search_notes",
            "search_calls",
            "get_call"
        ]
    );
    // One utterance has them as well.
    let headers = by(USER, "tok_1");
    let body = json!({"transcript": "Why was Jane's parcel late?"});
    let (status, answer) = agent.send("POST", "/process", &headers, Some(body)).await;
    assert_eq!(status, 200, "{answer}");
    assert!(offered(&provider).contains(&"search_calls".to_owned()));
}

#[tokio::test]
async fn whoever_has_no_account_is_offered_no_calls_and_gets_none() {
    let (url, asked) = voice_bot().await;
    let provider = Provider::sending(calling(&[
        call("a", "search_calls", json!({"query": "parcel"})),
        call("b", "get_call", json!({"id": CALL})),
    ]))
    .await;
    let agent = agent(&provider, url).await;
    let cases: [&[(&str, &str)]; 6] = [
        &[],
        // Claimed without the secret.
        &[("x-internal-user", USER), ("x-internal-token-id", "tok_1")],
        &by("my-app", "tok_1"),
        &by("owner@example.com", "tok_1"),
        // A remote token service has names of its own.
        &by(USER, "remote_0123456789abcdef"),
        &[("x-internal-secret", SECRET)],
    ];
    for headers in cases {
        let mut body = said("What about the parcel?");
        body["user_id"] = USER.into();
        body["organization_id"] = ORGANIZATION.into();
        for result in results(&agent, headers, body.clone()).await {
            assert_eq!(result["content"], "error: there is no such tool");
        }
        assert_eq!(offered(&provider), ["clock", "calculator", "search_notes"]);
        body["tools"] = json!([{"type": "builtin", "name": "search_calls"}]);
        let (status, refused) = agent.send("POST", CHAT, headers, Some(body)).await;
        assert_eq!(
            (status, &refused["error"]["param"]),
            (422, &json!("tools[0].name")),
            "{refused}"
        );
    }
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_goes_wrong_with_the_lookup_is_told_to_the_model_without_details() {
    let (url, _) = voice_bot().await;
    let queries = ["stranger", "broken", "away"];
    let calls: Vec<Value> = queries
        .iter()
        .map(|query| call(query, "search_calls", json!({"query": query})))
        .collect();
    let away = "error: calls cannot be looked up at the moment";
    for (bot, wanted) in [
        (
            url,
            [away, away, "error: There is no such organization of yours."],
        ),
        ("http://127.0.0.1:9".to_owned(), [away, away, away]),
    ] {
        let provider = Provider::sending(calling(&calls)).await;
        let agent = agent(&provider, bot).await;
        let results = results(&agent, &by(USER, "tok_1"), said("go")).await;
        let told: Vec<&str> = results
            .iter()
            .map(|result| result["content"].as_str().unwrap())
            .collect();
        assert_eq!(told, wanted);
    }
}
