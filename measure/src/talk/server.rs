//! The stand-in: `POST` of anything is answered with server-sent events in a fixed rhythm.

use crate::now;
use anyhow::{Context, Result, ensure};
use clap::Args;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep_until};

/// Largest request in bytes.
const REQUEST: usize = 16 * 1024 * 1024;

/// The rhythm.
#[derive(Args, Clone)]
pub struct Settings {
    /// Port on loopback; 0 is any.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Milliseconds before the first piece.
    #[arg(long, default_value_t = 100)]
    first_ms: u64,
    /// Milliseconds between two pieces.
    #[arg(long, default_value_t = 20)]
    piece_ms: u64,
    /// Pieces of an answer.
    #[arg(long, default_value_t = 50)]
    pieces: u32,
}

/// Serves until it is killed.
pub async fn run(settings: Settings) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", settings.port)).await?;
    println!("http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let settings = settings.clone();
        // A client that goes away in the middle is none of our business.
        tokio::spawn(async move { connection(stream, &settings).await });
    }
}

async fn connection(stream: TcpStream, settings: &Settings) -> Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut length = 0;
        let mut line = String::new();
        loop {
            line.clear();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().context("a length")?;
            }
            if line.trim().is_empty() {
                break;
            }
        }
        ensure!(length <= REQUEST, "a request of {length} bytes");
        let asked = Instant::now();
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        answer(stream.get_mut(), settings, asked).await?;
    }
}

async fn answer(stream: &mut TcpStream, settings: &Settings, asked: Instant) -> Result<()> {
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await?;
    let mut due = asked + Duration::from_millis(settings.first_ms);
    for _ in 0..settings.pieces {
        sleep_until(due).await;
        due += Duration::from_millis(settings.piece_ms);
        let delta = format!(r#"{{"content":"<{}> "}}"#, now());
        event(stream, &choices(&delta, "null")).await?;
    }
    event(stream, &choices("{}", r#""stop""#)).await?;
    let usage = format!(
        r#"{{"id":"c","object":"chat.completion.chunk","created":1,"model":"stand-in","choices":[],"usage":{{"prompt_tokens":10,"completion_tokens":{0},"total_tokens":{1}}}}}"#,
        settings.pieces,
        settings.pieces + 10
    );
    event(stream, &usage).await?;
    event(stream, "[DONE]").await?;
    stream.write_all(b"0\r\n\r\n").await?;
    Ok(())
}

fn choices(delta: &str, finish: &str) -> String {
    format!(
        r#"{{"id":"c","object":"chat.completion.chunk","created":1,"model":"stand-in","choices":[{{"index":0,"delta":{delta},"finish_reason":{finish}}}]}}"#
    )
}

/// One event, as a chunk of its own in one write.
async fn event(stream: &mut TcpStream, data: &str) -> Result<()> {
    let text = format!("data: {data}\n\n");
    let chunk = format!("{:x}\r\n{text}\r\n", text.len());
    stream.write_all(chunk.as_bytes()).await?;
    Ok(())
}
