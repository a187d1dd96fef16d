//! Calls over the WebSocket of plain sound, whoever makes them, and the stand-in for the language
//! model behind them.

use crate::clients::{client, client_variable, python};
use crate::{Answer, Stack};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use tempfile::NamedTempFile;

const JSON: &str = "Content-Type: application/json";

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

    /// Segments of a speaker, as they were told.
    pub fn segments(&self, speaker: &str) -> Vec<&Value> {
        let segments = self.messages.iter().filter(|m| m["type"] == "segment");
        let segments = segments.map(|m| &m["segment"]);
        segments.filter(|s| s["speaker"] == speaker).collect()
    }
}

/// Somebody with an account, and their agent.
pub struct Customer {
    jar: String,
    agent: String,
}

impl Customer {
    /// Signs up, and makes an agent of these fields.
    pub fn with_agent(stack: &Stack, agent: &Value) -> Self {
        let path: PathBuf = stack.data.path().join("cookies.txt");
        let jar = path.display().to_string();
        let (read, write) = (format!("-b{jar}"), format!("-c{jar}"));
        let account = json!({"email": "user@example.com", "password": "securepass123"}).to_string();
        let url = "/bot/api/auth/signup";
        let signed = stack.curl(&["-X", "POST", url, "-H", JSON, &write, "-d", &account]);
        assert_eq!(signed.status, 201, "{}", signed.body);
        let agent = agent.to_string();
        let url = "/bot/api/agents";
        let made = stack.curl(&["-X", "POST", url, "-H", JSON, &read, "-d", &agent]);
        assert_eq!(made.status, 201, "{}", made.body);
        let agent = made.json()["id"].as_str().expect("an id").to_owned();
        Customer { jar, agent }
    }

    /// The session of somebody at another gateway, where it is known as well.
    pub fn at(&self, stack: &Stack) -> Self {
        let jar = stack.data.path().join("moved-cookies.txt");
        std::fs::copy(&self.jar, &jar).expect("curl keeps cookies");
        Customer {
            jar: jar.display().to_string(),
            agent: self.agent.clone(),
        }
    }

    /// `curl` with the session.
    pub fn get(&self, stack: &Stack, arguments: &[&str]) -> Answer {
        let read = format!("-b{}", self.jar);
        stack.curl(&[&[read.as_str()], arguments].concat())
    }

    /// `name=value` of the session's cookie.
    fn cookie(&self) -> String {
        let jar = std::fs::read_to_string(&self.jar).expect("curl keeps cookies");
        let line = jar.lines().find(|line| line.contains("\taccess_token\t"));
        let token = line.and_then(|line| line.split('\t').next_back());
        format!("access_token={}", token.expect("a session"))
    }

    /// Address of a call to the agent, and the cookie for it.
    pub fn socket(&self, stack: &Stack) -> (String, String) {
        let path = format!("/bot/api/calls/socket?agent_id={}", self.agent);
        (stack.websocket(&path), self.cookie())
    }

    /// Calls the agent and plays a plan of `tests/clients/caller.py`.
    pub fn call(&self, stack: &Stack, plan: &Value) -> Heard {
        let (socket, cookie) = self.socket(stack);
        play(&socket, &cookie, plan)
    }

    /// Waits until words stand so often in the transcript of the only call.
    pub fn wait_until_said(&self, stack: &Stack, said: &str, times: usize) {
        crate::until(|| {
            let calls = self.get(stack, &["/bot/api/calls"]).json();
            let id = calls[0]["id"].as_str()?.to_owned();
            let call = self.get(stack, &[&format!("/bot/api/calls/{id}")]);
            let call = call.json();
            let mine = call["transcript"].as_array()?.iter();
            let found = mine.filter(|s| s["text"].as_str().is_some_and(|text| text.contains(said)));
            (found.count() >= times).then_some(())
        });
    }
}

/// A text as raw sound at 24 kHz, by tts-server.
pub fn spoken(stack: &Stack, text: &str) -> PathBuf {
    let path = stack
        .data
        .path()
        .join(format!("{}.pcm", crate::heard::words(text).join("-")));
    let body = json!({"text": text, "voice": "am_michael", "format": "pcm"}).to_string();
    let url = format!("http://127.0.0.1:{}/synthesize", stack.tts_port);
    let out = format!("-o{}", path.display());
    let made = stack.curl(&[&url, "-H", JSON, "-d", &body, &out]);
    assert_eq!(made.status, 200, "{}", made.body);
    path
}

/// What raw sound at 24 kHz says, in lower case.
pub fn transcript(stack: &Stack, sound: &Path) -> String {
    let url = format!(
        "http://127.0.0.1:{}/transcribe/pcm?sample_rate=24000",
        stack.asr_port
    );
    let body = format!("@{}", sound.display());
    let kind = "Content-Type: application/octet-stream";
    let answer = stack.curl(&[&url, "-H", kind, "--data-binary", &body]);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let text = answer.json()["transcript"].as_str().map(str::to_lowercase);
    text.expect("a transcript")
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
