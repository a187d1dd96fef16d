//! `POST /voice-agent/chat/stream` as its clients see it.

use crate::support::{Agent, Provider, http};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::post;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;

const CHAT: &str = "/voice-agent/chat/stream";

fn user(text: &str) -> Value {
    json!({"messages": [{"role": "user", "content": text}], "user_id": "user-1"})
}

/// A provider that sends what the test sends, and tells when nobody listens any more.
struct Live {
    url: String,
    requests: mpsc::Receiver<mpsc::Sender<Result<Bytes, Infallible>>>,
}

impl Live {
    async fn new() -> Live {
        let (sender, requests) = mpsc::channel(16);
        let app = Router::new().route(
            "/v1/chat/completions",
            post(move |_: Bytes| async move {
                let (chunks, body) = mpsc::channel(16);
                sender.send(chunks).await.unwrap();
                (
                    [("content-type", "text/event-stream")],
                    Body::from_stream(ReceiverStream::new(body)),
                )
            }),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1/", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Live { url, requests }
    }

    async fn agent(&self) -> Agent {
        let url = self.url.clone();
        Agent::with(None, |config| {
            config.llm.llm_base_url = Some(url);
            config.llm.llm_model = Some("stand-in".into());
        })
        .await
    }
}

fn word(text: &str) -> Result<Bytes, Infallible> {
    let choice = json!({"index": 0, "delta": {"content": text}, "finish_reason": null});
    let chunk = json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]});
    Ok(format!("data: {chunk}\n\n").into())
}

#[tokio::test]
async fn the_answer_comes_as_chunks_and_ends_with_done() {
    let provider = Provider::saying(&["The key takeaways are two."]).await;
    let agent = Agent::asking(&provider).await;
    let events = agent
        .events(CHAT, user("Summarize the key takeaways."))
        .await;
    let text: String = events
        .iter()
        .filter_map(|event| event["content"].as_str())
        .collect();
    assert_eq!(text, "The key takeaways are two.");
    assert_eq!(events[0], json!({"type": "text_chunk", "content": "The "}));
    let [.., usage, done] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(
        *usage,
        json!({"type": "usage", "input_tokens": 10, "cached_tokens": 0, "output_tokens": 5,
        "provider": "openai", "model": "stand-in", "rounds": 1})
    );
    assert_eq!(*done, json!({"type": "done"}));
}

#[tokio::test]
async fn every_role_reaches_the_model_in_its_place() {
    let provider = Provider::saying(&["ok"]).await;
    let agent = Agent::asking(&provider).await;
    let messages = json!([
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": "", "tool_calls": [{"id": "1", "name": "weather", "arguments": {}}]},
        {"role": "tool", "content": "rain", "tool_call_id": "1"},
        {"role": "assistant", "content": "Rain."},
        {"role": "developer", "content": "The caller is upset."},
        {"role": "user", "content": "Again?"},
    ]);
    let body = json!({"messages": messages, "system": "You are Ada.", "temperature": 0.5, "max_tokens": 64, "tools": []});
    agent.events(CHAT, body).await;
    let asked = &provider.asked()[0];
    assert_eq!(asked["messages"][0]["content"], "You are Ada.\n\nBe brief.");
    assert_eq!(asked["messages"][3]["content"], "rain");
    assert_eq!(
        asked["messages"][5]["content"],
        "<developer>The caller is upset.</developer>"
    );
    assert_eq!(
        (&asked["temperature"], asked.get("tools")),
        (&json!(0.5), None)
    );
}

#[tokio::test]
async fn wrong_requests_name_their_field() {
    let agent = Agent::with(None, |_| ()).await;
    let one = |message: Value| json!({ "messages": [message] });
    let with = |field: &str, value: Value| {
        let mut body = user("hi");
        body[field] = value;
        body
    };
    for (body, param) in [
        (json!({}), "messages"),
        (json!({"messages": []}), "messages"),
        (
            one(json!({"role": "robot", "content": "hi"})),
            "messages[0].role",
        ),
        (
            one(json!({"role": "user", "content": " "})),
            "messages[0].content",
        ),
        (one(json!({"role": "system", "content": "hi"})), "messages"),
        (
            one(json!({"role": "assistant", "content": "hi"})),
            "messages",
        ),
        (
            one(json!({"role": "tool", "content": "x", "tool_call_id": "1"})),
            "messages[0].tool_call_id",
        ),
        (
            json!({"messages": vec![json!({"role": "user", "content": "x"}); 201]}),
            "messages",
        ),
        (user(&"x".repeat(400_001)), "messages"),
        (with("temperature", json!(3)), "temperature"),
        (with("max_tokens", json!(0)), "max_tokens"),
        (with("time_zone", json!("Nowhere")), "time_zone"),
        (with("model", json!("")), "model"),
        (with("organization_id", json!("acme")), "organization_id"),
    ] {
        let (status, answer) = agent.post(CHAT, body).await;
        assert_eq!(
            (status, &answer["error"]["param"]),
            (422, &json!(param)),
            "{answer}"
        );
    }
    let (status, _) = agent.post(CHAT, user(&"x".repeat(10 << 20))).await;
    assert_eq!(status, 413);
    let (status, body) = agent.post(CHAT, user("hi")).await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (424, &json!("not_configured"))
    );
}

#[tokio::test]
async fn trouble_before_the_first_word_has_its_status() {
    let agent = Agent::with(None, |config| {
        config.llm.llm_base_url = Some("http://127.0.0.1:9/v1/".into());
        config.llm.llm_model = Some("m".into());
    })
    .await;
    let (status, body) = agent.post(CHAT, user("hi")).await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (424, &json!("upstream_failed"))
    );
}

#[tokio::test]
async fn trouble_after_the_first_word_is_an_event_before_done() {
    let mut live = Live::new().await;
    let agent = live.agent().await;
    let events = tokio::spawn(async move { agent.events(CHAT, user("hi")).await });
    let chunks = live.requests.recv().await.unwrap();
    chunks.send(word("Hel")).await.unwrap();
    drop(chunks);
    let events = events.await.unwrap();
    assert_eq!(events[0], json!({"type": "text_chunk", "content": "Hel"}));
    assert_eq!(
        (&events[1]["type"], &events[1]["error"]["code"]),
        (&json!("error"), &json!("upstream_failed"))
    );
    assert_eq!(events[2..], [json!({"type": "done"})]);
}

#[tokio::test]
async fn a_client_that_goes_ends_the_request_at_the_provider() {
    let mut live = Live::new().await;
    let agent = live.agent().await;
    let url = format!("{}{CHAT}", agent.url);
    let client =
        tokio::spawn(async move { http().post(url).json(&user("hi")).send().await.unwrap() });
    let chunks = live.requests.recv().await.unwrap();
    chunks.send(word("Hel")).await.unwrap();
    let answer = client.await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    drop(answer);
    let gone = tokio::time::timeout(Duration::from_secs(5), chunks.closed()).await;
    assert!(gone.is_ok(), "the provider is still listened to");
}

#[tokio::test]
async fn a_silent_provider_is_bridged_by_comments() {
    let mut live = Live::new().await;
    let agent = live.agent().await;
    let url = format!("{}{CHAT}", agent.url);
    let client =
        tokio::spawn(async move { http().post(url).json(&user("hi")).send().await.unwrap() });
    let chunks = live.requests.recv().await.unwrap();
    chunks.send(word("Hel")).await.unwrap();
    let mut body = client.await.unwrap().bytes_stream();
    let mut text = String::new();
    let begun = Instant::now();
    while !text.contains("\n: working") && !text.starts_with(": working") {
        let chunk = tokio::time::timeout(Duration::from_secs(13), body.next()).await;
        let chunk = chunk
            .expect("a comment within ten seconds")
            .unwrap()
            .unwrap();
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    assert!(begun.elapsed() < Duration::from_secs(13));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_conversations_are_answered_at_once() {
    let provider = Provider::saying(&["one two three four five six seven eight nine ten"]).await;
    let agent = Agent::asking(&provider).await;
    let client = http();
    let url = format!("{}{CHAT}", agent.url);
    let asked = (0..200).map(|_| {
        let request = client.post(&url).json(&user("count"));
        tokio::spawn(async move { request.send().await.unwrap().text().await.unwrap() })
    });
    for answer in asked.collect::<Vec<_>>() {
        let text = answer.await.unwrap();
        assert!(text.ends_with("data: {\"type\":\"done\"}\n\n"), "{text}");
    }
}
