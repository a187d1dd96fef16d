//! Clips from a stand-in for tts-server.

use super::*;
use crate::testing::{http, settings};
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Answers every request with this; how many there were, and the address.
async fn server(status: &'static str, body: Vec<u8>) -> (Arc<AtomicUsize>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = Vec::new();
            // Ends with the JSON object.
            while !asked.ends_with(b"}") {
                let mut piece = [0; 4096];
                let count = stream.read(&mut piece).await.expect("a request");
                asked.extend_from_slice(&piece[..count]);
            }
            assert!(!String::from_utf8_lossy(&asked).contains("null"));
            counted.fetch_add(1, Ordering::SeqCst);
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes()).await;
            let _ = stream.write_all(&body).await;
        }
    });
    (count, url)
}

fn clips(url: &str, all: &Clips) -> Clips {
    let settings = CallSettings {
        tts_url: url.to_owned(),
        ..settings()
    };
    all.prepare(&Arc::new(settings), &http())
}

async fn until(done: impl Fn() -> bool) {
    for _ in 0..1000 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never happens");
}

#[tokio::test]
async fn clips_are_made_once_for_all_calls() {
    let (count, url) = server("200 OK", vec![1, 0, 2, 0]).await;
    let all = Clips::default();
    let first = clips(&url, &all);
    assert_eq!(first.get(Clip::Apology), None);
    first.make();
    first.make();
    let last = Clip::Backchannel(first.backchannels() - 1);
    until(|| first.get(last).is_some()).await;
    let second = clips(&url, &all);
    second.make();
    assert_eq!(second.get(Clip::Apology).as_deref(), Some(&[1, 2][..]));
    assert_eq!(second.get(Clip::Backchannel(99)), None);
    assert_eq!(count.load(Ordering::SeqCst), 2 + first.backchannels());
}

#[tokio::test]
async fn a_server_that_fails_is_left_alone_for_a_while() {
    let (count, url) = server("503 Service Unavailable", Vec::new()).await;
    let clips = clips(&url, &Clips::default());
    clips.make();
    until(|| clips.kept.lock().failed_at.is_some() && clips.kept.lock().making.is_empty()).await;
    clips.make();
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_clip_without_end_is_none() {
    let (_, url) = server("200 OK", vec![0; 24_000 * 2 * (LONGEST + 1)]).await;
    let clips = clips(&url, &Clips::default());
    clips.make();
    until(|| clips.kept.lock().failed_at.is_some()).await;
    assert_eq!(clips.get(Clip::Apology), None);
}

#[test]
fn what_is_kept_has_a_limit_and_the_oldest_goes_first() {
    let all = Clips::default();
    let (first, second) = (clips("http://a", &all), clips("http://b", &all));
    first.put(Clip::Apology, &vec![0; MOST_SAMPLES / 2]);
    second.put(Clip::Apology, &vec![0; MOST_SAMPLES / 2]);
    second.put(Clip::Failure, &[0; 10]);
    assert!(first.get(Clip::Apology).is_none());
    assert!(second.get(Clip::Apology).is_some());
}
