//! A mail server that prints what it takes (`tests/clients/smtp_sink.py`).

use serde::Deserialize;
use serde_json::Value;
use service::Secret;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, channel};

/// A running mail server.
pub struct Sink {
    port: u16,
    lines: Receiver<String>,
    child: Child,
}

/// A letter, as Python's `email` reads it.
#[derive(Debug, Deserialize)]
pub struct Received {
    /// Of the envelope.
    pub from: String,
    /// Of the envelope.
    pub to: Vec<String>,
    /// By name in lower case.
    pub headers: BTreeMap<String, String>,
    /// The plain alternative.
    pub text: String,
    /// The other.
    pub html: String,
    /// What is wrong with it.
    pub defects: Vec<String>,
}

impl Sink {
    /// Takes letters from everybody.
    pub async fn start() -> Sink {
        Sink::on(0, &[]).await
    }

    /// At this port, for those who sign in so.
    pub async fn on(port: u16, sign_in: &[&str]) -> Sink {
        let python = std::env::var_os("TEST_PYTHON").expect(
            "TEST_PYTHON is not set: run `make test`, or before this `eval \"$(scripts/clients.sh)\"`",
        );
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/clients/smtp_sink.py");
        let mut child = Command::new(python)
            .arg(script)
            .arg(port.to_string())
            .args(sign_in)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Python starts");
        let stdout = child.stdout.take().expect("stdout is piped");
        let (send, lines) = channel(100);
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if send.blocking_send(line).is_err() {
                    break;
                }
            }
        });
        let mut sink = Sink { port, lines, child };
        let hello = sink.line(Duration::from_secs(30)).await;
        let hello = hello.expect("the mail server starts");
        sink.port = hello["port"].as_u64().expect("a port") as u16;
        sink
    }

    /// `SMTP_URL` for it.
    pub fn url(&self) -> Option<Secret> {
        url(self.port)
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The next letter.
    pub async fn next(&mut self) -> Received {
        let line = self.line(Duration::from_secs(20)).await;
        let line = line.expect("a letter comes within 20 s");
        serde_json::from_value(line).expect("a letter with both alternatives")
    }

    /// Whether no other letter comes for a while.
    pub async fn is_quiet(&mut self) -> bool {
        self.line(Duration::from_secs(2)).await.is_none()
    }

    async fn line(&mut self, wait: Duration) -> Option<Value> {
        let line = tokio::time::timeout(wait, self.lines.recv()).await.ok()??;
        Some(serde_json::from_str(&line).expect("a line of JSON"))
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `SMTP_URL` of a port of this machine.
pub fn url(port: u16) -> Option<Secret> {
    Some(Secret::new(format!("smtp://127.0.0.1:{port}")))
}

/// A port at which nobody listens.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr();
    address.expect("a bound socket has an address").port()
}
