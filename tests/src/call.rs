//! Calls over the WebSocket of plain sound, and the stand-in for the language model behind them.

use crate::clients::{client, client_variable, python};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use tempfile::NamedTempFile;

/// What came of a call.
pub struct Heard {
    /// What was heard, raw 16-bit samples at 24 kHz.
    pub sound: NamedTempFile,
    /// The text messages, each with `at`, seconds since the connection.
    pub messages: Vec<Value>,
}

impl Heard {
    /// The id of the call, from its first message.
    pub fn call_id(&self) -> String {
        let id = self.messages.iter().find_map(|m| m["call_id"].as_str());
        id.unwrap_or_else(|| panic!("no call_id in {:#?}", self.messages))
            .to_owned()
    }
}

/// Plays a plan of `tests/clients/caller.py`.
pub fn play(url: &str, cookie: &str, plan: &Value) -> Heard {
    let sound = NamedTempFile::new().expect("a temporary file can be made");
    let path = sound.path().display().to_string();
    let output = python("caller.py", &[url, cookie, &path], &plan.to_string());
    let messages = serde_json::from_slice(&output.stdout).expect("a list of messages");
    Heard { sound, messages }
}

/// `tests/clients/model.py`, running.
pub struct Model {
    process: Child,
    port: u16,
    requests: Arc<Mutex<Vec<Value>>>,
}

impl Model {
    /// A model that gives these answers.
    pub fn start(answers: &Value) -> Model {
        let mut process = Command::new(client_variable("TEST_PYTHON"))
            .arg(client("model.py"))
            .arg(answers.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let mut lines = BufReader::new(process.stdout.take().expect("stdout is piped")).lines();
        let port = lines.next().and_then(Result::ok).unwrap_or_default();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let request = serde_json::from_str(&line).expect("a line of JSON");
                seen.lock().expect("nobody panics holding it").push(request);
            }
        });
        Model {
            process,
            port: port.parse().expect("the first line is the port"),
            requests,
        }
    }

    /// What a service needs to ask it.
    pub fn variables(&self) -> Vec<(String, String)> {
        let url = format!("http://127.0.0.1:{}/v1", self.port);
        [
            ("LLM_PROVIDER", "openai"),
            ("LLM_BASE_URL", &url),
            ("LLM_MODEL", "test"),
            ("LLM_API_KEY", "test"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }

    /// What it was asked so far.
    pub fn requests(&self) -> Vec<Value> {
        self.requests
            .lock()
            .expect("nobody panics holding it")
            .clone()
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
