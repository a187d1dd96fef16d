//! What goes wrong with providers, tools and clients, as those who talk to the agent see it.

use crate::support::{Agent, Provider, http};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{any, post};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;

const CHAT: &str = "/voice-agent/chat/stream";
const KEY: &str = "sk-this-must-not-be-shown";

fn said(text: &str) -> Value {
    json!({"messages": [{"role": "user", "content": text}]})
}

/// An agent that asks the provider at this address, and is patient for a second.
async fn asking(url: String) -> Agent {
    Agent::with(None, |config| {
        config.llm.llm_base_url = Some(url);
        config.llm.llm_model = Some("m".into());
        config.llm.llm_api_key = Some(service::Secret::new(KEY));
        config.llm.llm_first_token_seconds = 1;
        config.tools.allow_private_tools = true;
    })
    .await
}

async fn serve(app: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

/// Requests of the agent, each with the sender of its answer's bytes.
type Requests = mpsc::Receiver<mpsc::Sender<Result<Bytes, Infallible>>>;

/// A provider that sends what the test sends.
async fn live() -> (String, Requests) {
    let (sender, requests) = mpsc::channel(16);
    let complete = move |_: Bytes| async move {
        let (chunks, body) = mpsc::channel(16);
        sender.send(chunks).await.unwrap();
        let body = Body::from_stream(ReceiverStream::new(body));
        ([("content-type", "text/event-stream")], body)
    };
    let url = serve(Router::new().route("/v1/chat/completions", post(complete))).await;
    (format!("{url}/v1/"), requests)
}

fn chunk(delta: Value) -> Result<Bytes, Infallible> {
    let choice = json!({"index": 0, "delta": delta, "finish_reason": null});
    let chunk = json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]});
    Ok(format!("data: {chunk}\n\n").into())
}

#[tokio::test]
async fn a_wrong_key_is_424_that_names_its_variable_and_not_itself() {
    let refused = || async {
        (
            StatusCode::UNAUTHORIZED,
            json!({"error": {"message": KEY}}).to_string(),
        )
    };
    let url = serve(Router::new().route("/v1/chat/completions", post(refused))).await;
    let agent = asking(format!("{url}/v1/")).await;
    for (path, body) in [
        (CHAT, said("hi")),
        ("/process", json!({"transcript": "Who was Ada Lovelace?"})),
        (
            "/analyze",
            json!({"mode": "general", "transcript": "hello"}),
        ),
        ("/summarize", json!({"text": "hello"})),
    ] {
        let (status, answer) = agent.post(path, body).await;
        assert_eq!(
            (status, &answer["error"]["code"]),
            (424, &json!("upstream_failed")),
            "{answer}"
        );
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(
            message.contains("LLM_API_KEY") && !message.contains(KEY),
            "{message}"
        );
    }
}

/// An address at which connections are neither taken nor refused: its queue is full.
async fn deaf() -> (SocketAddr, TcpListener, Vec<TcpStream>) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut held = Vec::new();
    while let Ok(Ok(stream)) =
        tokio::time::timeout(Duration::from_millis(300), TcpStream::connect(address)).await
    {
        held.push(stream);
    }
    (address, listener, held)
}

#[tokio::test]
async fn a_provider_that_hangs_while_it_is_connected_to_is_424_in_time() {
    let (address, _listener, _held) = deaf().await;
    let agent = asking(format!("http://{address}/v1/")).await;
    let begun = Instant::now();
    let (status, answer) = agent.post(CHAT, said("hi")).await;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (424, &json!("upstream_failed")),
        "{answer}"
    );
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn a_provider_that_hangs_in_the_middle_ends_the_answer_with_an_error_event() {
    let (url, mut requests) = live().await;
    let agent = asking(url).await;
    let events = tokio::spawn(async move { agent.events(CHAT, said("hi")).await });
    let chunks = requests.recv().await.unwrap();
    chunks.send(chunk(json!({"content": "Hel"}))).await.unwrap();
    let events = tokio::time::timeout(Duration::from_secs(5), events).await;
    let events = events.expect("in time").unwrap();
    assert_eq!(events[0], json!({"type": "text_chunk", "content": "Hel"}));
    let message = events[1]["error"]["message"].as_str().unwrap();
    assert!(message.contains("did not go on in time"), "{message}");
    assert_eq!(events[2..], [json!({"type": "done"})]);
    // Nobody waits for the rest.
    let gone = tokio::time::timeout(Duration::from_secs(5), chunks.closed()).await;
    assert!(gone.is_ok());
}

#[tokio::test]
async fn a_client_that_goes_before_the_first_word_ends_the_request_at_the_provider() {
    let (url, mut requests) = live().await;
    let agent = Agent::with(None, |config| {
        config.llm.llm_base_url = Some(url);
        config.llm.llm_model = Some("m".into());
        config.agent_concurrency = 1;
    })
    .await;
    for (path, body) in [
        (CHAT, said("hi")),
        ("/process", json!({"transcript": "Who was Ada Lovelace?"})),
        ("/summarize", json!({"text": "hello"})),
    ] {
        let request = http().post(format!("{}{path}", agent.url)).json(&body);
        let client = tokio::spawn(request.send());
        let chunks = requests.recv().await.unwrap();
        client.abort();
        let gone = tokio::time::timeout(Duration::from_secs(5), chunks.closed()).await;
        assert!(gone.is_ok(), "{path}: the provider is still listened to");
    }
}

#[tokio::test]
async fn a_client_that_goes_while_a_tool_runs_ends_the_tools_request() {
    let (reached, mut tool) = mpsc::channel::<mpsc::Sender<Result<Bytes, Infallible>>>(1);
    let never = move || async move {
        let (sender, body) = mpsc::channel(1);
        reached.send(sender).await.unwrap();
        Body::from_stream(ReceiverStream::new(body)).into_response()
    };
    let url = serve(Router::new().route("/never", any(never))).await;
    let call = json!({"id": "a", "function": {"name": "never", "arguments": "{}"}});
    let provider = Provider::sending(vec![json!({"tool_calls": [call]})]).await;
    let agent = Agent::with(Some(&provider), |config| {
        config.tools.allow_private_tools = true
    })
    .await;
    let mut body = said("go");
    body["tools"] =
        json!([{"name": "never", "description": "A test.", "url": format!("{url}/never")}]);
    let request = http().post(format!("{}{CHAT}", agent.url)).json(&body);
    let answer = request.send().await.unwrap();
    let running = tool.recv().await.unwrap();
    drop(answer);
    let gone = tokio::time::timeout(Duration::from_secs(5), running.closed()).await;
    assert!(gone.is_ok(), "the tool is still listened to");
    assert_eq!(provider.asked().len(), 1);
}

#[tokio::test]
async fn more_than_may_be_answered_at_once_are_told_to_come_back() {
    let (url, mut requests) = live().await;
    let agent = Agent::with(None, |config| {
        config.llm.llm_base_url = Some(url);
        config.llm.llm_model = Some("m".into());
        config.agent_concurrency = 1;
        config.analysis.analysis_concurrency = 1;
    })
    .await;
    let analysis = json!({"mode": "general", "transcript": "hello"});
    for (path, body) in [(CHAT, said("hi")), ("/analyze", analysis)] {
        let post = || http().post(format!("{}{path}", agent.url)).json(&body);
        let first = tokio::spawn(post().send());
        let chunks = requests.recv().await.unwrap();
        let second = post().send().await.unwrap();
        assert_eq!(second.status(), 503);
        assert!(second.headers().contains_key("retry-after"));
        let second: Value = serde_json::from_str(&second.text().await.unwrap()).unwrap();
        assert_eq!(second["error"]["code"], "overloaded");
        // The place of a client that goes is free soon after.
        first.abort();
        chunks.closed().await;
        let begun = Instant::now();
        loop {
            let third = tokio::spawn(post().send());
            let answered = tokio::time::timeout(Duration::from_millis(300), requests.recv()).await;
            third.abort();
            if answered.is_ok() {
                break;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "{path}");
        }
    }
}

#[tokio::test]
async fn comments_come_while_a_tool_is_slow() {
    let slow = || async {
        tokio::time::sleep(Duration::from_secs(12)).await;
        "late"
    };
    let url = serve(Router::new().route("/slow", any(slow))).await;
    let call = json!({"id": "a", "function": {"name": "slow", "arguments": "{}"}});
    let provider = Provider::sending(vec![
        json!({"tool_calls": [call]}),
        json!({"content": "ok"}),
    ])
    .await;
    let agent = Agent::with(Some(&provider), |config| {
        config.tools.allow_private_tools = true;
    })
    .await;
    let mut body = said("go");
    body["tools"] = json!([{"name": "slow", "description": "A test.", "url": format!("{url}/slow"), "timeout_seconds": 20}]);
    let request = http().post(format!("{}{CHAT}", agent.url)).json(&body);
    let mut answer = request.send().await.unwrap().bytes_stream();
    let mut text = String::new();
    while let Some(part) = answer.next().await {
        text.push_str(std::str::from_utf8(&part.unwrap()).unwrap());
    }
    let comment = text.find(": working").expect("a comment");
    let result = text.find("tool_result").expect("a result");
    assert!(comment < result && text.contains("late"), "{text}");
}
