//! Talking to an agent over a WebSocket of plain sound.

use crate::support::{Bot, Visitor};
use api::Role;
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A service with somebody in it, and their agent.
async fn open(most: u32) -> (Bot, Visitor, String) {
    let speakers = crate::speakers::start().await;
    let bot = Bot::with(|config| {
        config.tts_url = speakers.clone();
        config.live.asr_url = speakers;
        config.live.max_calls = most;
    })
    .await;
    let (owner, ..) = bot.member(None, Role::Owner).await;
    let agent = json!({"name": "A", "greeting": "Hello."});
    let agent = owner.post("/api/agents", agent).await.expect(201);
    let id = agent["id"].as_str().expect("an id").to_owned();
    (bot, owner, id)
}

/// The socket, or the status and the body of a refusal.
async fn call(
    bot: &Bot,
    who: &Visitor,
    query: &str,
    origin: Option<&str>,
) -> Result<Socket, (u16, String)> {
    let url = format!(
        "{}/api/calls/socket?{query}",
        bot.url.replacen("http", "ws", 1)
    );
    let mut request = url.into_client_request().expect("an address");
    let headers = request.headers_mut();
    if let Some(token) = who.cookie("access_token") {
        let cookie = format!("access_token={token}");
        headers.insert("cookie", cookie.parse().expect("a header"));
    }
    if let Some(origin) = origin {
        headers.insert("origin", origin.parse().expect("a header"));
    }
    match connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(response)) => {
            let body = response.body().clone().unwrap_or_default();
            Err((
                response.status().as_u16(),
                String::from_utf8_lossy(&body).into_owned(),
            ))
        }
        Err(error) => panic!("{error}"),
    }
}

/// The first event of a type; sound before it goes into `heard`.
async fn until(socket: &mut Socket, kind: &str, heard: &mut Vec<i16>) -> Value {
    let found = async {
        loop {
            match socket
                .next()
                .await
                .expect("it is open")
                .expect("it is well")
            {
                Message::Text(text) => {
                    let event: Value = serde_json::from_str(&text).expect("JSON");
                    if event["type"] == kind {
                        return event;
                    }
                }
                Message::Binary(bytes) => {
                    let pairs = bytes.chunks_exact(2);
                    heard.extend(pairs.map(|pair| i16::from_le_bytes([pair[0], pair[1]])));
                }
                Message::Ping(_) => {}
                other => panic!("{kind} did not come before {other:?}"),
            }
        }
    };
    let event = timeout(Duration::from_secs(20), found).await;
    event.unwrap_or_else(|_| panic!("no {kind}"))
}

async fn closed(socket: &mut Socket) -> u16 {
    loop {
        match socket.next().await.expect("a close comes first") {
            Ok(Message::Close(Some(close))) => return close.code.into(),
            Ok(_) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn the_greeting_is_heard_and_hanging_up_ends_the_call() {
    let (bot, owner, agent) = open(4).await;
    let query = format!("agent_id={agent}&sample_rate=16000");
    let mut socket = call(&bot, &owner, &query, Some("http://localhost:3000"))
        .await
        .expect("a call");
    let mut heard = Vec::new();
    let started = until(&mut socket, "started", &mut heard).await;
    assert_eq!(started["sample_rate"], 16_000);
    let began = Instant::now();
    let said = until(&mut socket, "segment", &mut heard).await;
    assert_eq!(
        (&said["segment"]["speaker"], &said["segment"]["text"]),
        (&json!("agent"), &json!("Hello."))
    );
    let seconds = heard.len() as f64 / 16_000.0;
    // No faster than it is heard; on a busy machine it may be slower.
    assert!(
        seconds - began.elapsed().as_secs_f64() < 1.5,
        "{seconds} s of sound"
    );
    let loud = heard
        .iter()
        .filter(|sample| sample.abs() > crate::speakers::TONE / 2)
        .count();
    assert!(
        (7_000..9_000).contains(&loud),
        "half a second of it: {loud}"
    );
    socket
        .send(Message::text(r##"{"type":"dtmf","digit":"#"}"##))
        .await
        .expect("it is open");
    assert_eq!(until(&mut socket, "dtmf", &mut heard).await["digit"], "#");
    socket
        .send(Message::text(r#"{"type":"hangup"}"#))
        .await
        .expect("it is open");
    assert_eq!(
        until(&mut socket, "ended", &mut heard).await["reason"],
        "caller_hung_up"
    );
    assert_eq!(closed(&mut socket).await, 1000);
    let path = format!("/api/calls/{}", started["call_id"].as_str().expect("an id"));
    let row = owner.get(&path).await.expect(200);
    assert_eq!(row["direction"], "web");
}

#[tokio::test]
async fn what_cannot_be_a_call_is_refused_with_a_status() {
    let (bot, owner, agent) = open(1).await;
    let (stranger, ..) = bot.member(None, Role::Owner).await;
    let nobody = bot.visitor();
    let right = format!("agent_id={agent}");
    let refused = |who, query: String, origin| {
        let bot = &bot;
        async move {
            call(bot, who, &query, origin)
                .await
                .expect_err("it is refused")
        }
    };
    assert_eq!(refused(&nobody, right.clone(), None).await.0, 401);
    assert_eq!(refused(&stranger, right.clone(), None).await.0, 404);
    let unknown = format!("{right}&customer_id=018f0000-0000-7000-8000-000000000000");
    assert_eq!(refused(&owner, unknown, None).await.0, 404);
    assert_eq!(
        refused(&owner, format!("{right}&sample_rate=44100"), None)
            .await
            .0,
        422
    );
    let (status, body) = refused(&owner, right.clone(), Some("https://evil.example")).await;
    assert!(
        status == 403 && body.contains("origin_not_allowed"),
        "{body}"
    );
    let plain = owner.get(&format!("/api/calls/socket?{right}")).await;
    plain.refused(400, "malformed_request");
    let mut first = call(&bot, &owner, &right, None).await.expect("a call");
    let (status, body) = refused(&owner, right.clone(), None).await;
    assert!(status == 503 && body.contains("overloaded"), "{body}");
    first.close(None).await.expect("it is open");
    for _ in 0..100 {
        if call(&bot, &owner, &right, None).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the place is not given back");
}

#[tokio::test]
async fn nonsense_is_answered_and_ends_the_call_and_no_other() {
    let (bot, owner, agent) = open(8).await;
    let query = format!("agent_id={agent}");
    let mut good = call(&bot, &owner, &query, None).await.expect("a call");
    let heard = &mut Vec::new();
    for (message, code, why) in [
        (Message::text("hello"), 1003, "unexpected_message"),
        (
            Message::text(r#"{"type":"dtmf","digit":"12"}"#),
            1003,
            "unexpected_message",
        ),
        (Message::text("x".repeat(100_000)), 1009, "body_too_large"),
        (Message::binary(vec![0; 1_000_000]), 1009, "body_too_large"),
        (Message::binary(vec![0; 5_000_000]), 1009, "body_too_large"),
    ] {
        let mut socket = call(&bot, &owner, &query, None).await.expect("a call");
        // Who is sent away may be told so before everything is sent.
        let _ = socket.send(message).await;
        let error = until(&mut socket, "error", heard).await;
        assert_eq!(error["error"]["code"], why);
        assert_eq!(closed(&mut socket).await, code, "{why}");
    }
    good.send(Message::text(r#"{"type":"hangup"}"#))
        .await
        .expect("it is open");
    until(&mut good, "ended", heard).await;
}
