//! A collector of traces, which reads them by the published protobuf messages.

use crate::clients::{client, client_variable};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

/// Runs until it is dropped.
pub struct Collector {
    process: Child,
    port: u16,
    spans: Arc<Mutex<Vec<Value>>>,
}

impl Collector {
    /// On a free port.
    pub fn start() -> Collector {
        let mut process = Command::new(client_variable("TEST_PYTHON"))
            .arg(client("collector.py"))
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python runs");
        let output = process.stdout.take().expect("stdout is piped");
        let mut lines = BufReader::new(output).lines();
        let port = lines.next().and_then(Result::ok);
        let port = port
            .expect("the first line is the port")
            .parse()
            .expect("a port");
        let spans: Arc<Mutex<Vec<Value>>> = Arc::default();
        let kept = spans.clone();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let span = serde_json::from_str(&line).expect("it prints JSON");
                kept.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(span);
            }
        });
        Collector {
            process,
            port,
            spans,
        }
    }

    /// What services are told of it, and not to keep spans for long.
    pub fn variables(&self) -> Vec<(String, String)> {
        let endpoint = format!("http://127.0.0.1:{}", self.port);
        let pair = |name: &str, value: String| (name.to_owned(), value);
        vec![
            pair("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
            pair("OTEL_BSP_SCHEDULE_DELAY", "200".to_owned()),
        ]
    }

    /// Every span that has come.
    pub fn spans(&self) -> Vec<Value> {
        let spans = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
        spans.clone()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
