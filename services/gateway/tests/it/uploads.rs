//! Large bodies, endless bodies, and clients that leave in the middle.

use crate::proxying::raw;
use crate::support::{Running, error, eventually, send};
use futures::{SinkExt, StreamExt};
use reqwest::{Body, Method};
use std::io::Error;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn a_hundred_megabytes_pass_without_being_kept() {
    let run = Running::start().await;
    let seen = run.upstream.seen.clone();
    let (mut chunks, body) = futures::channel::mpsc::channel::<Result<Vec<u8>, Error>>(0);
    let request = run
        .request(Method::POST, "/asr/sink")
        .bearer_auth(&run.admin)
        .body(Body::wrap_stream(body));
    let answer = tokio::spawn(send(request));
    // The next piece leaves only when the service has nearly all of those before: what is
    // under way is at most what the sockets hold.
    for number in 0..100u64 {
        chunks.send(Ok(vec![7; MIB])).await.unwrap();
        eventually("the service keeps up", || {
            seen.received.load(SeqCst) + 2 * MIB as u64 > number * MIB as u64
        })
        .await;
    }
    drop(chunks);
    assert_eq!(answer.await.unwrap().json()["bytes"], 100 * MIB);
    let row = run.usage("admin").await.remove(0);
    assert_eq!(row["bytes_in"], 100 * MIB);
}

#[tokio::test]
async fn a_declared_length_over_the_limit_is_refused_before_a_byte_is_read() {
    let run = Running::with(|config| config.common.max_upload_mb = 1).await;
    let request = run
        .request(Method::POST, "/asr/sink")
        .bearer_auth(&run.admin)
        .body(vec![0; 8 * MIB]);
    let answer = send(request).await;
    assert_eq!(answer.error(), error(413, "body_too_large"));
    assert!(answer.text.contains("1 MiB"), "{}", answer.text);
    assert_eq!(run.upstream.seen.received.load(SeqCst), 0);
    assert_eq!(run.get("/asr/models", &run.admin).await.status, 200);
}

#[tokio::test]
async fn an_undeclared_length_over_the_limit_is_refused_when_it_gets_there() {
    let run = Running::with(|config| config.common.max_upload_mb = 1).await;
    let endless = futures::stream::repeat_with(|| Ok::<_, Error>(vec![0; 64 * 1024])).take(64);
    let request = run
        .request(Method::POST, "/asr/sink")
        .bearer_auth(&run.admin)
        .body(Body::wrap_stream(endless));
    assert_eq!(send(request).await.error(), error(413, "body_too_large"));
    let seen = run.upstream.seen.clone();
    eventually("the service is free", || seen.running.load(SeqCst) == 0).await;
    assert_eq!(seen.broken.load(SeqCst), 1);
    let row = run.usage("admin").await.remove(0);
    assert_eq!(row["status"], 413);
}

#[tokio::test]
async fn a_client_gone_in_the_middle_of_its_upload_frees_the_service_at_once() {
    let run = Running::start().await;
    let seen = run.upstream.seen.clone();
    let mut stream = TcpStream::connect(run.base.trim_start_matches("http://"))
        .await
        .unwrap();
    let head = format!(
        "POST /asr/sink HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: 1000000\r\n\r\n",
        run.admin
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&[0; 5000]).await.unwrap();
    eventually("the upload is under way", || {
        seen.received.load(SeqCst) == 5000
    })
    .await;
    drop(stream);
    tokio::time::timeout(
        Duration::from_secs(1),
        eventually("the service is free", || seen.running.load(SeqCst) == 0),
    )
    .await
    .expect("within a second");
    assert_eq!(seen.broken.load(SeqCst), 1);
    assert_eq!(run.get("/asr/models", &run.admin).await.status, 200);
    assert_eq!(
        run.usage("admin")
            .await
            .iter()
            .filter(|row| row["bytes_in"] == 5000 && (row["status"] == 499 || row["status"] == 400))
            .count(),
        1
    );
}

#[tokio::test]
async fn a_client_gone_while_it_waits_frees_the_service_at_once() {
    let run = Running::start().await;
    let seen = run.upstream.seen.clone();
    let request = run
        .request(Method::GET, "/asr/hang")
        .bearer_auth(&run.admin);
    let waiting = tokio::spawn(request.send());
    eventually("the request is under way", || {
        seen.running.load(SeqCst) == 1
    })
    .await;
    waiting.abort();
    tokio::time::timeout(
        Duration::from_secs(1),
        eventually("the service is free", || seen.running.load(SeqCst) == 0),
    )
    .await
    .expect("within a second, before the service would have answered");
}

#[tokio::test]
async fn a_body_that_stalls_is_given_up() {
    let run = Running::with(|config| config.common.body_timeout_seconds = 1).await;
    let head = format!(
        "POST /asr/sink HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: 10\r\n\r\nabc",
        run.admin
    );
    let answer = raw(&run, head.as_bytes()).await;
    assert!(
        answer.starts_with("HTTP/1.1 408") && answer.contains("request_timeout"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut_off() {
    let run = Running::with(|config| config.common.header_timeout_seconds = 1).await;
    let mut stream = TcpStream::connect(run.base.trim_start_matches("http://"))
        .await
        .unwrap();
    stream
        .write_all(b"GET /health HTTP/1.1\r\nhost: x\r\nx-slow: ")
        .await
        .unwrap();
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "the connection was closed");
}
