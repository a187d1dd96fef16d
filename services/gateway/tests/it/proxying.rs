//! What passes the gateway, what does not, and what it makes of failures.

use crate::support::{Running, error, eventually, send};
use futures::StreamExt;
use reqwest::Method;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_service_sees_the_caller_but_not_the_token() {
    let run = Running::start().await;
    let (token, id) = run.token("jörg & co").await;
    let request = run
        .request(
            Method::POST,
            &format!("/asr/transcribe/clean?language=en&token={token}&x=%20"),
        )
        .bearer_auth(&token)
        .header("x-internal-secret", "guess")
        .header("x-internal-user", "root")
        .header("x-forwarded-for", "192.0.2.1")
        .header("cookie", "access_token=1")
        .header("x-request-id", "mine-1")
        .header("te", "trailers")
        .body("audio");
    let answer = send(request).await;
    assert_eq!(answer.header("x-request-id"), "mine-1");
    assert_eq!(answer.header("x-audio-seconds"), "2.5");
    for gone in ["x-internal-note", "keep-alive"] {
        assert!(!answer.headers.contains_key(gone), "{gone}");
    }
    assert!(!answer.text.contains(&token));
    let said = answer.json();
    assert_eq!(said["uri"], "/transcribe/clean?language=en&x=%20");
    assert_eq!(said["bytes"], 5);
    let headers = &said["headers"];
    let secret = std::fs::read_to_string(run.folder.path().join("auth/internal_secret")).unwrap();
    assert_eq!(headers["x-internal-secret"], secret);
    assert_eq!(headers["x-internal-user"], "j%C3%B6rg%20&%20co");
    assert_eq!(headers["x-internal-token-id"], id);
    assert_eq!(headers["x-forwarded-for"], "192.0.2.1, 127.0.0.1");
    assert_eq!(
        headers["x-forwarded-host"],
        run.base.trim_start_matches("http://")
    );
    assert_eq!(
        headers["host"],
        run.upstream.url.trim_start_matches("http://")
    );
    assert_eq!(headers["x-request-id"], "mine-1");
    for gone in ["authorization", "cookie", "te", "connection"] {
        assert!(headers.get(gone).is_none(), "{gone}");
    }
}

#[tokio::test]
async fn the_voice_calling_service_gets_cookies_and_no_identity() {
    let run = Running::start().await;
    let request = run.request(Method::PATCH, "/bot/api/agents/1?token=invitation");
    let said = send(request.header("cookie", "access_token=1"))
        .await
        .json();
    assert_eq!(
        (said["method"].as_str(), said["uri"].as_str()),
        (Some("PATCH"), Some("/api/agents/1?token=invitation"))
    );
    assert_eq!(said["headers"]["cookie"], "access_token=1");
    assert!(said["headers"].get("x-internal-user").is_none());
}

#[tokio::test]
async fn a_path_that_could_be_read_two_ways_is_refused() {
    let run = Running::start().await;
    // The client would tidy these up: they are sent as they stand.
    for path in [
        "/asr/../auth/tokens",
        "/asr/%2e%2e/x",
        "/asr/a%2fb",
        "/asr//x",
    ] {
        let head = format!(
            "GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\nconnection: close\r\n\r\n",
            run.admin
        );
        let answer = raw(&run, head.as_bytes()).await;
        assert!(
            answer.starts_with("HTTP/1.1 400") && answer.contains("malformed_request"),
            "{path}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_service_that_is_down_is_reported_within_a_second() {
    let run = Running::start().await;
    // An address that swallows connections: nothing answers in this network (RFC 5737).
    let silent = Running::with(|config| config.asr_url = "http://192.0.2.1:1".into()).await;
    for (run, path, name) in [
        (&run, "/tts/voices", "tts"),
        (&silent, "/asr/models", "asr"),
    ] {
        let started = Instant::now();
        let answer = run.get(path, &run.admin).await;
        assert_eq!(answer.error(), error(503, "upstream_unavailable"));
        assert!(answer.headers.contains_key("retry-after"));
        assert!(answer.text.contains(name), "{}", answer.text);
        // 0.6 s; machines that test are not quiet.
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "{:?}",
            started.elapsed()
        );
    }
}

#[tokio::test]
async fn ready_names_every_service_and_waits_only_for_those_expected() {
    let run = Running::start().await;
    let answer = send(run.request(Method::GET, "/ready")).await;
    assert_eq!(answer.status, 200);
    let checks = &answer.json()["checks"];
    assert_eq!(
        (checks["asr"].as_str(), checks["bot"].as_str()),
        (Some("ok"), Some("ok"))
    );
    assert_ne!(checks["tts"], "ok");
    let run = Running::with(|config| config.upstreams.push(gateway::Service::Tts)).await;
    assert_eq!(send(run.request(Method::GET, "/ready")).await.status, 503);
}

#[tokio::test]
async fn errors_of_services_pass_when_they_have_the_envelope_and_get_it_when_not() {
    let run = Running::start().await;
    let answer = run.get("/asr/envelope", &run.admin).await;
    assert_eq!(answer.error(), error(415, "unsupported_audio"));
    assert_eq!(answer.json()["error"]["param"], "file");
    for (status, expected, code) in [
        (500, 500, "internal_error"),
        (502, 503, "upstream_unavailable"),
        (401, 503, "upstream_unavailable"),
        (404, 404, "not_found"),
        (418, 400, "malformed_request"),
    ] {
        let answer = run.get(&format!("/asr/status/{status}"), &run.admin).await;
        assert_eq!(answer.error(), error(expected, code));
        assert!(!answer.text.contains("secret details"), "{}", answer.text);
    }
}

#[tokio::test]
async fn events_arrive_one_by_one_and_a_client_that_leaves_frees_the_service() {
    let run = Running::start().await;
    let seen = run.upstream.seen.clone();
    let response = run
        .request(Method::GET, "/asr/events")
        .bearer_auth(&run.admin)
        .send()
        .await
        .unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut events = response.bytes_stream();
    for number in 0..3 {
        seen.next_event.add_permits(1);
        let event = tokio::time::timeout(Duration::from_secs(5), events.next())
            .await
            .expect("not held back");
        assert_eq!(event.unwrap().unwrap(), format!("data: {number}\n\n"));
    }
    assert_eq!(seen.running.load(SeqCst), 1);
    drop(events);
    eventually("the service is free", || {
        seen.next_event.add_permits(1);
        seen.running.load(SeqCst) == 0
    })
    .await;
    let rows = run.usage("admin").await;
    let row = rows
        .iter()
        .find(|row| row["route"] == "/asr/{path}")
        .unwrap();
    assert!(row["bytes_out"].as_u64().unwrap() >= 27, "{row}");
}

#[tokio::test]
async fn a_request_under_way_is_finished_by_a_shutdown() {
    let run = Running::start().await;
    let request = run
        .request(Method::GET, "/asr/hang")
        .bearer_auth(&run.admin);
    let answer = tokio::spawn(send(request));
    eventually("the request is under way", || {
        run.upstream.seen.running.load(SeqCst) == 1
    })
    .await;
    run.stop().await;
    let answer = answer.await.unwrap();
    assert_eq!(
        (answer.status.as_u16(), answer.text.as_str()),
        (200, "done")
    );
}

#[tokio::test]
async fn a_browser_from_a_known_origin_may_call() {
    let run = Running::start().await;
    let preflight = |origin| {
        run.request(Method::OPTIONS, "/asr/transcribe")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization")
    };
    let answer = send(preflight("http://localhost:3000")).await;
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "http://localhost:3000"
    );
    let answer = send(preflight("http://evil.example")).await;
    assert!(!answer.headers.contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn an_old_client_is_served_too() {
    let run = Running::start().await;
    let head = format!(
        "GET /asr/models HTTP/1.0\r\nauthorization: Bearer {}\r\n\r\n",
        run.admin
    );
    let answer = raw(&run, head.as_bytes()).await;
    assert!(
        answer.starts_with("HTTP/1.0 200") && answer.contains("\"/models\""),
        "{answer}"
    );
}

/// Bytes in, text out.
pub async fn raw(run: &Running, bytes: &[u8]) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(run.base.trim_start_matches("http://"))
        .await
        .unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    answer
}
