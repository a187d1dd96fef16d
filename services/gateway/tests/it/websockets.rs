//! WebSockets through the gateway with a real client on one side and a real service on the other.

use crate::support::{Running, eventually};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;
type Opened = Result<(Socket, Response<Option<Vec<u8>>>), Error>;

async fn connect(run: &Running, path: &str, headers: &[(&'static str, &str)]) -> Opened {
    let mut request = run.ws(path).into_client_request().unwrap();
    for (name, value) in headers {
        request
            .headers_mut()
            .insert(*name, HeaderValue::from_str(value).unwrap());
    }
    connect_async(request).await
}

/// Opens with `?token=`; also gives what the service said about the handshake.
pub async fn open(run: &Running, path: &str, token: &str) -> (Socket, Value) {
    let glue = if path.contains('?') { '&' } else { '?' };
    let (mut socket, _) = connect(run, &format!("{path}{glue}token={token}"), &[])
        .await
        .expect("an open socket");
    let hello = text(&mut socket).await;
    (socket, hello)
}

async fn next(socket: &mut Socket) -> Option<Result<Message, Error>> {
    tokio::time::timeout(Duration::from_secs(10), socket.next())
        .await
        .expect("something within ten seconds")
}

pub async fn text(socket: &mut Socket) -> Value {
    let message = next(socket).await.unwrap().unwrap();
    serde_json::from_str(message.to_text().unwrap())
        .unwrap_or_else(|_| message.to_text().unwrap().into())
}

pub async fn closed(socket: &mut Socket) -> CloseFrame {
    match next(socket).await {
        Some(Ok(Message::Close(Some(frame)))) => frame,
        other => panic!("no close: {other:?}"),
    }
}

fn refusal(result: Opened) -> (u16, String) {
    let Err(Error::Http(response)) = result else {
        panic!("it was let in")
    };
    let body: Value =
        serde_json::from_slice(response.body().as_deref().unwrap_or_default()).unwrap_or_default();
    (
        response.status().as_u16(),
        body["error"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
    )
}

#[tokio::test]
async fn a_token_is_taken_from_all_three_places_and_never_passed_on() {
    let run = Running::start().await;
    let (token, id) = run.token("app").await;
    let bearer = format!("Bearer {token}");
    let protocol = format!("token, {token}");
    let query = format!("/listen?sample_rate=8000&token={token}&language=en");
    for (path, headers) in [
        (query.as_str(), vec![]),
        (
            "/listen?sample_rate=8000&language=en",
            vec![("authorization", bearer.as_str())],
        ),
        (
            "/asr/stream?sample_rate=8000&language=en",
            vec![("sec-websocket-protocol", protocol.as_str())],
        ),
    ] {
        let (mut socket, response) = connect(&run, path, &headers).await.unwrap();
        if path.starts_with("/asr") {
            assert_eq!(response.headers()["sec-websocket-protocol"], "token");
        }
        assert_eq!(response.headers()["ratelimit-limit"], "600");
        assert!(response.headers().contains_key("x-request-id"));
        let hello = text(&mut socket).await;
        assert_eq!(hello["uri"], "/stream?sample_rate=8000&language=en");
        assert_eq!(hello["headers"]["x-internal-token-id"], id);
        assert!(hello["headers"]["x-internal-secret"].is_string());
        assert!(!hello.to_string().contains(&token));
    }
}

#[tokio::test]
async fn messages_pass_both_ways_in_order_and_unchanged() {
    let run = Running::start().await;
    let (mut socket, _) = open(&run, "/listen", &run.admin).await;
    for size in [0, 1, 3200, 1_000_000, 4 << 20] {
        let sent = Message::Binary(vec![size as u8; size].into());
        socket.send(sent.clone()).await.unwrap();
        let came = next(&mut socket).await.unwrap().unwrap();
        assert!(came == sent, "{} bytes of {size}", came.len());
    }
    let most = 16 << 20;
    let sent = Message::Binary(vec![7; most].into());
    socket.send(sent).await.unwrap();
    assert_eq!(text(&mut socket).await, json!(most));
    for number in 0..200 {
        socket
            .send(Message::text(format!("\"{number}\"")))
            .await
            .unwrap();
    }
    for number in 0..200 {
        assert_eq!(text(&mut socket).await, json!(number.to_string()));
    }
    socket.send(Message::Ping("hi".into())).await.unwrap();
    assert_eq!(
        next(&mut socket).await.unwrap().unwrap(),
        Message::Pong("hi".into())
    );
}

/// The rows of so many sessions, as soon as they are over.
async fn sessions(run: &Running, count: usize) -> Vec<Value> {
    for _ in 0..100 {
        let mut rows = run.usage("admin").await;
        rows.retain(|row| row["service"] == "asr");
        if rows.len() == count {
            return rows;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the sessions were not counted");
}

#[tokio::test]
async fn the_audio_of_a_stream_is_counted_by_what_the_service_says_of_it() {
    let run = Running::start().await;
    let (mut socket, _) = open(&run, "/listen", &run.admin).await;
    // The stand-in says again what it is told.
    for said in [
        json!({"type": "transcript", "start": 0.5, "end": 2.25}),
        json!({"type": "utterance_end", "end": 2.0}),
        json!({"type": "end", "duration": 3.5}),
        json!({"type": "close"}),
    ] {
        socket.send(Message::text(said.to_string())).await.unwrap();
        assert_eq!(text(&mut socket).await, said);
    }
    socket.close(None).await.unwrap();
    assert_eq!(sessions(&run, 1).await[0]["audio_seconds"], 3.5);
}

#[tokio::test]
async fn close_codes_pass_both_ways() {
    let run = Running::start().await;
    let (mut socket, _) = open(&run, "/listen", &run.admin).await;
    socket.send(Message::text("close 4321")).await.unwrap();
    let frame = closed(&mut socket).await;
    assert_eq!(
        (u16::from(frame.code), frame.reason.as_str()),
        (4321, "as asked")
    );

    let (mut socket, _) = open(&run, "/asr/stream", &run.admin).await;
    let frame = CloseFrame {
        code: 4002.into(),
        reason: "enough".into(),
    };
    socket.close(Some(frame)).await.unwrap();
    assert_eq!(u16::from(closed(&mut socket).await.code), 4002);
    let seen = run.upstream.seen.clone();
    eventually("the service saw it", || seen.received.load(SeqCst) == 4002).await;
    eventually("the service is free", || seen.running.load(SeqCst) == 0).await;

    drop(socket);
    let seen = run.upstream.seen.clone();
    eventually("both are over", || seen.running.load(SeqCst) == 0).await;
    let rows = sessions(&run, 2).await;
    let status =
        |route: &str| rows.iter().find(|row| row["route"] == route).unwrap()["status"].clone();
    assert_eq!(
        (status("/listen"), status("/asr/stream")),
        (json!(4321), json!(4002))
    );
    let listen = rows.iter().find(|row| row["route"] == "/listen").unwrap();
    assert_eq!(listen["bytes_in"], 10);
}

#[tokio::test]
async fn what_can_be_refused_is_refused_before_the_upgrade() {
    let run = Running::start().await;
    assert_eq!(
        refusal(connect(&run, "/listen", &[]).await),
        (401, "missing_token".into())
    );
    assert_eq!(
        refusal(connect(&run, "/listen?token=wh_x", &[]).await),
        (401, "invalid_token".into())
    );
    let token = format!("token={}", run.admin);
    assert_eq!(
        refusal(connect(&run, &format!("/tts/stream?{token}"), &[]).await),
        (503, "upstream_unavailable".into())
    );
    assert_eq!(
        refusal(connect(&run, &format!("/listen?{token}&refuse"), &[]).await),
        (415, "unsupported_audio".into())
    );
    let plain = run.get("/listen", &run.admin).await;
    assert_eq!(plain.error(), (400, "malformed_request".into()));
}

#[tokio::test]
async fn a_token_has_so_many_streams_and_gets_them_back() {
    let run = Running::start().await;
    let (token, _) = run
        .token_with(json!({"user_id": "app", "rate_limit_streams": 2}))
        .await;
    let (first, _) = open(&run, "/listen", &token).await;
    let _second = open(&run, "/listen", &token).await;
    let path = format!("/listen?token={token}");
    assert_eq!(
        refusal(connect(&run, &path, &[]).await),
        (429, "rate_limited".into())
    );
    // Vanishes without a word.
    drop(first);
    let seen = run.upstream.seen.clone();
    eventually("one stream is left", || seen.running.load(SeqCst) == 1).await;
    let mut tries = 0;
    while connect(&run, &path, &[]).await.is_err() {
        tries += 1;
        assert!(tries < 100, "the place is not given back");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_revoked_token_ends_its_streams() {
    let run = Running::start().await;
    let (token, id) = run.token("app").await;
    let (mut socket, _) = open(&run, "/listen", &token).await;
    let (mut other, _) = open(&run, "/listen", &run.admin).await;
    run.delete(&format!("/auth/tokens/{id}"), &run.admin).await;
    let frame = text(&mut socket).await;
    assert_eq!(
        (frame["type"].as_str(), frame["error"]["code"].as_str()),
        (Some("error"), Some("invalid_token"))
    );
    assert_eq!(u16::from(closed(&mut socket).await.code), 4001);
    let seen = run.upstream.seen.clone();
    eventually("the service is free of it", || {
        seen.running.load(SeqCst) == 1
    })
    .await;
    other.send(Message::text("\"still here\"")).await.unwrap();
    assert_eq!(text(&mut other).await, "still here");
}

#[tokio::test]
async fn a_message_that_is_too_large_ends_the_stream() {
    let run = Running::start().await;
    let (mut socket, _) = open(&run, "/listen", &run.admin).await;
    let _ = socket
        .send(Message::Binary(vec![0; 16 * 1024 * 1024 + 1].into()))
        .await;
    assert_eq!(text(&mut socket).await["error"]["code"], "body_too_large");
    assert_eq!(u16::from(closed(&mut socket).await.code), 1009);
}

#[tokio::test]
async fn a_service_that_vanishes_is_explained() {
    let run = Running::start().await;
    let (mut socket, _) = open(&run, "/listen", &run.admin).await;
    socket.send(Message::text("drop")).await.unwrap();
    assert_eq!(
        text(&mut socket).await["error"]["code"],
        "upstream_unavailable"
    );
    assert_eq!(u16::from(closed(&mut socket).await.code), 1011);
}

#[tokio::test]
async fn a_shutdown_gives_streams_time_and_then_says_goodbye() {
    let run = Running::start().await;
    let (mut socket, _) = open(&run, "/listen", &run.admin).await;
    let stopping = tokio::spawn(run.stop());
    tokio::time::sleep(Duration::from_millis(200)).await;
    socket.send(Message::text("\"one more\"")).await.unwrap();
    assert_eq!(text(&mut socket).await, "one more");
    assert_eq!(text(&mut socket).await["error"]["code"], "not_ready");
    assert_eq!(u16::from(closed(&mut socket).await.code), 1013);
    drop(socket);
    stopping.await.unwrap();
}

#[tokio::test]
async fn twilio_needs_no_token_here() {
    let run = Running::start().await;
    for path in ["/ws/twilio?x=1", "/bot/ws/twilio?x=1"] {
        let (mut socket, _) = connect(&run, path, &[("x-twilio-signature", "abc")])
            .await
            .unwrap();
        let hello = text(&mut socket).await;
        assert_eq!(
            (
                hello["uri"].as_str(),
                hello["headers"]["x-twilio-signature"].as_str()
            ),
            (Some("/ws/twilio?x=1"), Some("abc"))
        );
    }
}

#[tokio::test]
async fn a_call_over_a_websocket_is_known_by_its_cookie_which_passes() {
    let run = Running::start().await;
    let cookie = [("cookie", "access_token=abc"), ("origin", "http://page")];
    let path = "/bot/api/calls/socket?agent_id=1";
    let (mut socket, _) = connect(&run, path, &cookie).await.unwrap();
    let hello = text(&mut socket).await;
    assert_eq!(hello["uri"], "/api/calls/socket?agent_id=1");
    assert_eq!(hello["headers"]["cookie"], "access_token=abc");
    assert_eq!(hello["headers"]["origin"], "http://page");
}
