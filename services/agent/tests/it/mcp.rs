//! Tools of MCP servers over streamable HTTP.

use crate::support::{Agent, Provider};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;

const CHAT: &str = "/voice-agent/chat/stream";

/// A server with one tool; it answers `tools/call` as events.
struct Mcp {
    url: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Mcp {
    async fn new() -> Mcp {
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let app = Router::new()
            .route("/mcp", any(serve))
            .with_state(seen.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/mcp", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Mcp { url, seen }
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

async fn serve(
    State(seen): State<Arc<Mutex<Vec<String>>>>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap());
    if header("authorization") != Some("Bearer s3cret") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if method == Method::DELETE {
        seen.lock()
            .unwrap()
            .push(format!("DELETE {}", header("mcp-session-id").unwrap()));
        return StatusCode::NO_CONTENT.into_response();
    }
    let message: Value = serde_json::from_slice(&body).unwrap();
    let name = message["method"].as_str().unwrap();
    seen.lock().unwrap().push(name.to_owned());
    let accept = header("accept").unwrap();
    assert!(accept.contains("application/json") && accept.contains("text/event-stream"));
    if name != "initialize"
        && (header("mcp-session-id") != Some("s1")
            || header("mcp-protocol-version") != Some("2025-06-18"))
    {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let answer = |result: Value| json!({"jsonrpc": "2.0", "id": message["id"], "result": result});
    match name {
        "initialize" => {
            assert_eq!(message["params"]["protocolVersion"], "2025-06-18");
            let result = json!({"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "s", "version": "1"}});
            ([("mcp-session-id", "s1")], axum::Json(answer(result))).into_response()
        }
        "notifications/initialized" => StatusCode::ACCEPTED.into_response(),
        "tools/list" if message["params"]["cursor"].is_null() => {
            let tool = json!({"name": "crm.lookup", "description": "Looks a customer up.", "inputSchema": {"type": "object", "properties": {"name": {"type": "string"}}}});
            axum::Json(answer(json!({"tools": [tool], "nextCursor": "2"}))).into_response()
        }
        "tools/list" => axum::Json(answer(json!({"tools": [{"name": "fails"}]}))).into_response(),
        _ => {
            let failed = message["params"]["name"] == "fails";
            let text = if failed {
                "no such customer".to_owned()
            } else {
                format!(
                    "{} owes 42",
                    message["params"]["arguments"]["name"].as_str().unwrap()
                )
            };
            let result =
                answer(json!({"content": [{"type": "text", "text": text}], "isError": failed}));
            let note = json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": {}});
            let events = format!(
                ": hi\n\nevent: message\ndata: {note}\n\nevent: message\ndata: {result}\n\n"
            );
            ([("content-type", "text/event-stream")], events).into_response()
        }
    }
}

fn calling(name: &str) -> Value {
    json!({"tool_calls": [{"id": "a", "function": {"name": name, "arguments": "{\"name\":\"Diana\"}"}}]})
}

fn asking(url: &str, key: &str) -> Value {
    let tool =
        json!({"type": "mcp", "url": url, "headers": {"Authorization": format!("Bearer {key}")}});
    json!({"messages": [{"role": "user", "content": "What does Diana owe?"}], "tools": [tool]})
}

async fn agent(provider: &Provider) -> Agent {
    Agent::with(Some(provider), |config| {
        config.tools.allow_private_tools = true;
        config.tools.tool_timeout_seconds = 2;
    })
    .await
}

#[tokio::test]
async fn a_servers_tools_are_offered_and_called_in_one_session() {
    let server = Mcp::new().await;
    let provider = Provider::sending(vec![
        calling("crm_lookup"),
        calling("fails"),
        json!({"content": "She owes 42."}),
    ])
    .await;
    let agent = agent(&provider).await;
    let events = agent.events(CHAT, asking(&server.url, "s3cret")).await;
    let results: Vec<&Value> = events
        .iter()
        .filter(|event| event["type"] == "tool_result")
        .collect();
    assert_eq!(
        (&results[0]["content"], &results[0]["is_error"]),
        (&json!("Diana owes 42"), &json!(false))
    );
    assert_eq!(
        (&results[1]["content"], &results[1]["is_error"]),
        (&json!("error: no such customer"), &json!(true))
    );
    let offered = &provider.asked()[0]["tools"];
    assert_eq!(offered[0]["function"]["name"], "crm_lookup");
    assert_eq!(offered[1]["function"]["name"], "fails");
    for _ in 0..100 {
        if server.seen().last().is_some_and(|last| last == "DELETE s1") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(
        server.seen(),
        [
            "initialize",
            "notifications/initialized",
            "tools/list",
            "tools/list",
            "tools/call",
            "tools/call",
            "DELETE s1"
        ]
    );
}

#[tokio::test]
async fn a_server_that_cannot_be_used_is_424_before_the_model_is_asked() {
    let server = Mcp::new().await;
    let provider = Provider::saying(&["ok"]).await;
    let agent = agent(&provider).await;
    for (url, key, reason) in [
        (server.url.as_str(), "wrong", "wants to be authorized"),
        ("http://127.0.0.1:9/mcp", "s3cret", "no connection"),
    ] {
        let (status, body) = agent.post(CHAT, asking(url, key)).await;
        assert_eq!(
            (status, &body["error"]["param"]),
            (424, &json!("tools[0].url"))
        );
        let message = body["error"]["message"].as_str().unwrap();
        assert!(
            message.contains(reason) && !message.contains("s3cret"),
            "{message}"
        );
    }
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mcp", silent.local_addr().unwrap());
    let (status, body) = agent.post(CHAT, asking(&url, "s3cret")).await;
    assert_eq!(status, 424);
    assert!(
        body["error"]["message"]
            .as_str()
            .unwrap()
            .contains("no answer in time")
    );
    assert!(provider.asked().is_empty());
}
