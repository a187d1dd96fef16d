//! Tools of a conversation: ours, the user's, and what must not be called.

use crate::support::{Agent, Provider};
use axum::Router;
use axum::extract::{OriginalUri, Request};
use axum::response::Redirect;
use axum::routing::{any, get};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

const CHAT: &str = "/voice-agent/chat/stream";

fn call(id: &str, name: &str, arguments: Value) -> Value {
    json!({"id": id, "function": {"name": name, "arguments": arguments.to_string()}})
}

fn calling(calls: &[Value]) -> Value {
    json!({ "tool_calls": calls })
}

fn with_tools(tools: Value) -> Value {
    json!({"messages": [{"role": "user", "content": "go"}], "tools": tools})
}

fn of_type<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events
        .iter()
        .filter(|event| event["type"] == kind)
        .collect()
}

/// One that lets tools call this machine.
async fn open_agent(provider: &Provider) -> Agent {
    Agent::with(Some(provider), |config| {
        config.tools.allow_private_tools = true
    })
    .await
}

/// The user's own server.
async fn endpoint() -> String {
    let app = Router::new()
        .route(
            "/orders",
            any(|uri: OriginalUri, request: Request| async move {
                let key = request
                    .headers()
                    .get("x-key")
                    .map(|key| key.to_str().unwrap().to_owned());
                let method = request.method().to_string();
                let body = axum::body::to_bytes(request.into_body(), 4096)
                    .await
                    .unwrap();
                let body: Value = serde_json::from_slice(&body).unwrap_or_default();
                json!({"method": method, "query": uri.query(), "key": key, "body": body})
                    .to_string()
            }),
        )
        .route("/never", any(std::future::pending::<String>))
        .route(
            "/redirect",
            any(|| async { Redirect::temporary("/orders") }),
        )
        .route("/large", any(|| async { "x".repeat(300 * 1024) }))
        .route(
            "/broken",
            get(|| async { (axum::http::StatusCode::BAD_GATEWAY, "no backend") }),
        );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

fn http_tool(name: &str, url: &str, method: &str) -> Value {
    json!({"name": name, "description": "A test.", "url": url, "method": method, "timeout_seconds": 1,
        "headers": {"X-Key": "k"}, "parameters": {"type": "object", "properties": {"id": {"type": "integer"}}}})
}

#[tokio::test]
async fn our_own_tools_are_called_and_their_results_told() {
    let provider = Provider::sending(vec![
        calling(&[
            call("a", "calculator", json!({"expression": "19 * 21"})),
            call("b", "clock", json!({"time_zone": "Asia/Kolkata"})),
        ]),
        json!({"content": "399"}),
    ])
    .await;
    let agent = Agent::asking(&provider).await;
    let events = agent
        .events(
            CHAT,
            json!({"messages": [{"role": "user", "content": "19 times 21?"}]}),
        )
        .await;
    assert_eq!(
        of_type(&events, "tool_call")[0],
        &json!({"type": "tool_call", "id": "a", "name": "calculator", "arguments": {"expression": "19 * 21"}})
    );
    let results = of_type(&events, "tool_result");
    let of = |id: &str| results.iter().find(|result| result["id"] == id).unwrap();
    assert_eq!(
        (&of("a")["content"], &of("a")["is_error"]),
        (&json!("399"), &json!(false))
    );
    assert!(of("b")["content"].as_str().unwrap().contains("+05:30"));
    assert_eq!(of_type(&events, "usage")[0]["rounds"], 2);
    let told = &provider.asked()[1]["messages"];
    assert_eq!(
        (&told[3]["tool_call_id"], &told[3]["content"]),
        (&json!("a"), &json!("399"))
    );
    assert_eq!(told[4]["tool_call_id"], "b");
}

#[tokio::test]
async fn http_tools_get_their_arguments_and_headers() {
    let url = endpoint().await;
    let provider = Provider::sending(vec![
        calling(&[
            call("g", "get_order", json!({"id": 7, "name": "a&b"})),
            call("p", "post_order", json!({"id": 7})),
        ]),
        json!({"content": "ok"}),
    ])
    .await;
    let agent = open_agent(&provider).await;
    let orders = format!("{url}/orders");
    let tools = json!([
        http_tool("get_order", &format!("{orders}?v=1"), "GET"),
        http_tool("post_order", &orders, "POST")
    ]);
    let events = agent.events(CHAT, with_tools(tools)).await;
    let results = of_type(&events, "tool_result");
    let of = |id: &str| -> Value {
        let result = results.iter().find(|result| result["id"] == id).unwrap();
        serde_json::from_str(result["content"].as_str().unwrap()).unwrap()
    };
    assert_eq!(
        of("g"),
        json!({"method": "GET", "query": "v=1&id=7&name=a%26b", "key": "k", "body": null})
    );
    assert_eq!(
        of("p"),
        json!({"method": "POST", "query": null, "key": "k", "body": {"id": 7}})
    );
    let offered = provider.asked()[0]["tools"].to_string();
    assert!(offered.contains("get_order") && !offered.contains("x-key"));
}

#[tokio::test]
async fn what_goes_wrong_with_a_tool_is_told_to_the_model() {
    let url = endpoint().await;
    let names = ["never", "redirect", "large", "broken"];
    let calls: Vec<Value> = names
        .iter()
        .map(|name| call(name, name, json!({})))
        .chain([call("x", "unknown", json!({}))])
        .collect();
    let provider = Provider::sending(vec![calling(&calls), json!({"content": "sorry"})]).await;
    let agent = open_agent(&provider).await;
    let tools: Vec<Value> = names
        .iter()
        .map(|name| http_tool(name, &format!("{url}/{name}"), "GET"))
        .collect();
    let begun = Instant::now();
    let events = agent.events(CHAT, with_tools(tools.into())).await;
    assert!(begun.elapsed() < Duration::from_secs(30));
    let results = of_type(&events, "tool_result");
    for (id, reason) in [
        ("never", "did not answer within 1 seconds"),
        ("redirect", "redirects are not followed"),
        ("large", "larger than 256 KiB"),
        ("broken", "status 502: no backend"),
        ("x", "no such tool"),
    ] {
        let result = results.iter().find(|result| result["id"] == id).unwrap();
        assert_eq!(result["is_error"], true);
        assert!(
            result["content"].as_str().unwrap().contains(reason),
            "{result}"
        );
    }
    assert_eq!(events.last(), Some(&json!({"type": "done"})));
    assert!(
        provider.asked()[1]["messages"]
            .to_string()
            .contains("did not answer within")
    );
}

#[tokio::test]
async fn addresses_that_are_not_public_are_never_called() {
    let provider = Provider::sending(vec![
        calling(&[call("a", "local", json!({}))]),
        json!({"content": "no"}),
    ])
    .await;
    let agent = Agent::asking(&provider).await;
    for url in [
        "http://127.0.0.1:8765/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://0x7f000001/",
        "http://192.168.0.1/",
        "file:///etc/passwd",
    ] {
        for kind in ["http", "mcp"] {
            let mut tool = http_tool("t", url, "GET");
            tool["type"] = kind.into();
            let (status, body) = agent.post(CHAT, with_tools(json!([tool]))).await;
            assert_eq!(
                (status, &body["error"]["param"]),
                (422, &json!("tools[0].url")),
                "{url}"
            );
        }
    }
    // A name is only known to lead here once it is resolved.
    let url = endpoint().await.replace("127.0.0.1", "localhost");
    let tools = json!([http_tool("local", &format!("{url}/orders"), "GET")]);
    let events = agent.events(CHAT, with_tools(tools)).await;
    let result = of_type(&events, "tool_result")[0];
    assert_eq!(
        result["content"],
        "error: `localhost` does not lead to a public address"
    );
    let tools = json!([{"type": "mcp", "url": format!("{url}/orders")}]);
    let (status, body) = agent.post(CHAT, with_tools(tools)).await;
    assert_eq!(
        (status, &body["error"]["param"]),
        (424, &json!("tools[0].url"))
    );
    let message = body["error"]["message"].as_str().unwrap();
    assert!(message.contains("public address"), "{message}");
}

#[tokio::test]
async fn a_model_that_never_stops_calling_is_stopped() {
    let provider = Provider::sending(vec![calling(&[call("a", "clock", json!({}))])]).await;
    let agent = Agent::asking(&provider).await;
    let events = agent
        .events(
            CHAT,
            json!({"messages": [{"role": "user", "content": "loop"}]}),
        )
        .await;
    assert_eq!(provider.asked().len(), 8);
    let results = of_type(&events, "tool_result");
    assert_eq!(
        results
            .iter()
            .filter(|result| result["is_error"] == false)
            .count(),
        6
    );
    assert_eq!(of_type(&events, "error").len(), 1);
    assert_eq!(events.last(), Some(&json!({"type": "done"})));
}

#[tokio::test]
async fn calls_of_one_round_are_bounded() {
    let calls: Vec<Value> = (0..20)
        .map(|at| call(&format!("c{at}"), "clock", json!({})))
        .collect();
    let provider = Provider::sending(vec![calling(&calls), json!({"content": "ok"})]).await;
    let events = Agent::asking(&provider)
        .await
        .events(
            CHAT,
            json!({"messages": [{"role": "user", "content": "go"}]}),
        )
        .await;
    let results = of_type(&events, "tool_result");
    assert_eq!(
        results
            .iter()
            .filter(|result| result["is_error"] == false)
            .count(),
        8
    );
    assert_eq!(results.len(), 20);
}

#[tokio::test]
async fn wrong_declarations_name_their_field() {
    let provider = Provider::saying(&["ok"]).await;
    let agent = Agent::asking(&provider).await;
    let with = |field: &str, value: Value| {
        let mut tool = http_tool("t", "https://example.com/", "GET");
        tool[field] = value;
        json!([tool])
    };
    for (tools, param) in [
        (with("name", json!("two words")), "tools[0].name"),
        (with("name", Value::Null), "tools[0].name"),
        (with("description", json!("")), "tools[0].description"),
        (
            with("parameters", json!({"type": "string"})),
            "tools[0].parameters",
        ),
        (with("method", json!("TRACE")), "tools[0].method"),
        (with("headers", json!({"Host": "x"})), "tools[0].headers"),
        (with("headers", json!({"a": "b\nc"})), "tools[0].headers"),
        (
            with("timeout_seconds", json!(61)),
            "tools[0].timeout_seconds",
        ),
        (with("url", Value::Null), "tools[0].url"),
        (
            json!([{"type": "builtin", "name": "shell"}]),
            "tools[0].name",
        ),
        (
            json!([{"type": "builtin", "name": "clock"}, {"type": "builtin", "name": "clock"}]),
            "tools",
        ),
        (
            json!(vec![json!({"type": "builtin", "name": "clock"}); 33]),
            "tools",
        ),
    ] {
        let (status, body) = agent.post(CHAT, with_tools(tools)).await;
        assert_eq!(
            (status, &body["error"]["param"]),
            (422, &json!(param)),
            "{body}"
        );
    }
}
