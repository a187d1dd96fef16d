//! A provider's server: one scripted answer a request, byte for byte.

use llm::{Event, Llm, LlmError, Request, Settings};
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with a request.
#[derive(Clone)]
pub enum Act {
    /// A status, a `Retry-After` or none, and a JSON body.
    Status(u16, Option<u64>, &'static str),
    /// A stream of server-sent events, sent in pieces of so many bytes.
    Stream(String, usize),
    /// The same, and then the connection is cut without an end.
    Cut(String),
    /// The same, and then silence.
    Stall(String),
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    pub path: String,
    pub headers: String,
    pub body: Value,
}

/// The running server.
pub struct StandIn {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    /// Connections that the client has left before their answer was over.
    pub left: Arc<tokio::sync::Notify>,
}

impl StandIn {
    /// Plays these, one a request; the last one again and again.
    pub async fn playing(acts: Vec<Act>) -> StandIn {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let url = format!(
            "http://{}/v1/",
            listener
                .local_addr()
                .expect("a bound socket has an address")
        );
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let left = Arc::new(tokio::sync::Notify::new());
        let acts = Arc::new(Mutex::new(VecDeque::from(acts)));
        let (log, gone) = (asked.clone(), left.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, acts, gone) = (log.clone(), acts.clone(), gone.clone());
                tokio::spawn(async move {
                    let _ = play(stream, log, acts, gone).await;
                });
            }
        });
        StandIn { url, asked, left }
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("nobody panicked with it").clone()
    }
}

async fn play(
    mut stream: TcpStream,
    log: Arc<Mutex<Vec<Asked>>>,
    acts: Arc<Mutex<VecDeque<Act>>>,
    gone: Arc<tokio::sync::Notify>,
) -> std::io::Result<()> {
    let asked = read(&mut stream).await?;
    log.lock().expect("nobody panicked with it").push(asked);
    let act = {
        let mut acts = acts.lock().expect("nobody panicked with it");
        match acts.len() {
            1 => acts[0].clone(),
            _ => acts.pop_front().expect("a script is not empty"),
        }
    };
    match act {
        Act::Status(status, retry_after, body) => {
            let retry = retry_after
                .map(|seconds| format!("retry-after: {seconds}\r\n"))
                .unwrap_or_default();
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{retry}content-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(body.as_bytes()).await?;
        }
        Act::Stream(events, size) => {
            begin(&mut stream).await?;
            for piece in events.as_bytes().chunks(size) {
                chunk(&mut stream, piece).await?;
            }
            stream.write_all(b"0\r\n\r\n").await?;
        }
        Act::Cut(events) => {
            begin(&mut stream).await?;
            chunk(&mut stream, events.as_bytes()).await?;
        }
        Act::Stall(events) => {
            begin(&mut stream).await?;
            if !events.is_empty() {
                chunk(&mut stream, events.as_bytes()).await?;
            }
            // Returns when the client hangs up.
            let mut byte = [0];
            let _ = stream.read(&mut byte).await;
            gone.notify_one();
        }
    }
    stream.shutdown().await
}

async fn begin(stream: &mut TcpStream) -> std::io::Result<()> {
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await
}

async fn chunk(stream: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    stream
        .write_all(format!("{:x}\r\n", bytes.len()).as_bytes())
        .await?;
    stream.write_all(bytes).await?;
    stream.write_all(b"\r\n").await?;
    stream.flush().await?;
    // So that pieces arrive as such.
    tokio::task::yield_now().await;
    Ok(())
}

async fn read(stream: &mut TcpStream) -> std::io::Result<Asked> {
    let mut bytes = Vec::new();
    let (head, rest) = loop {
        let mut block = [0; 4096];
        let count = stream.read(&mut block).await?;
        if count == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(&block[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            break (head.to_lowercase(), bytes.split_off(head.len() + 4));
        }
    };
    let original = String::from_utf8_lossy(&bytes).into_owned();
    let path = original.split(' ').nth(1).unwrap_or_default().to_owned();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok())
        .unwrap_or(0);
    let mut body = rest;
    while body.len() < length {
        let mut block = [0; 4096];
        let count = stream.read(&mut block).await?;
        if count == 0 {
            break;
        }
        body.extend_from_slice(&block[..count]);
    }
    Ok(Asked {
        path,
        headers: head,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    })
}

/// Nothing is set up, and little time is given.
pub fn settings() -> Settings {
    #[derive(clap::Parser)]
    struct Cli {
        #[command(flatten)]
        settings: Settings,
    }
    let mut settings = <Cli as clap::Parser>::parse_from(["test"]).settings;
    settings.anthropic_api_key = None;
    settings.gemini_api_key = None;
    settings.llm_base_url = None;
    settings.llm_provider = None;
    settings.llm_fallback = Vec::new();
    settings.local.local_llm_model = "/no/such/model.gguf".into();
    settings.llm_first_token_seconds = 1;
    settings.llm_total_seconds = 5;
    settings
}

/// Claude at a stand-in.
pub fn claude(standin: &StandIn) -> Settings {
    let mut settings = settings();
    settings.anthropic_api_key = Some(service::Secret::new("sk-ant-test"));
    settings.anthropic_base_url = standin.url.clone();
    settings
}

/// All events, or the first error.
pub async fn events(settings: &Settings, request: &Request) -> Result<Vec<Event>, LlmError> {
    use futures::TryStreamExt;
    let llm = Llm::new(settings)?;
    llm.stream(request).await?.try_collect().await
}

/// A test that hangs fails.
pub async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(20), future)
        .await
        .expect("an answer within 20 s")
}
