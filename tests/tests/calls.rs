//! A conversation through the gateway: a spoken question is heard, an answer is played, and what was
//! said is kept. The language model is a stand-in; everything else is real.

use e2e::call::{self, Model};
use e2e::{Answer, Stack};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const JSON: &str = "Content-Type: application/json";

/// Somebody with an account, and their agent.
struct Customer {
    jar: String,
    agent: String,
}

impl Customer {
    fn with_agent(stack: &Stack, agent: &Value) -> Self {
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

    fn get(&self, stack: &Stack, arguments: &[&str]) -> Answer {
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

    fn call(&self, stack: &Stack, plan: Value) -> call::Heard {
        let path = format!("/bot/api/calls/socket?agent_id={}", self.agent);
        call::play(&stack.websocket(&path), &self.cookie(), &plan)
    }
}

/// A text as raw sound at 24 kHz, by tts-server.
fn spoken(stack: &Stack, text: &str) -> PathBuf {
    let path = stack.data.path().join(format!("{}.pcm", text.len()));
    let body = json!({"text": text, "voice": "am_michael", "format": "pcm"}).to_string();
    let url = format!("http://127.0.0.1:{}/synthesize", stack.tts_port);
    let out = format!("-o{}", path.display());
    let made = stack.curl(&[&url, "-H", JSON, "-d", &body, &out]);
    assert_eq!(made.status, 200, "{}", made.body);
    path
}

/// What raw sound at 24 kHz says, in lower case.
fn transcript(stack: &Stack, sound: &Path, channels: u32) -> String {
    let url = format!(
        "http://127.0.0.1:{}/transcribe/pcm?sample_rate=24000&channels={channels}",
        stack.asr_port
    );
    let body = format!("@{}", sound.display());
    let kind = "Content-Type: application/octet-stream";
    let answer = stack.curl(&[&url, "-H", kind, "--data-binary", &body]);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let text = answer.json()["transcript"].as_str().map(str::to_lowercase);
    text.expect("a transcript")
}

#[test]
fn a_spoken_question_is_answered_and_kept() {
    let model = Model::start(&json!([
        {"when": "capital", "say": "The capital of France is Paris. Would you like to know more?"},
        {"when": "thank", "say": "You are welcome. Goodbye!"},
    ]));
    let stack = Stack::conversing(&model.variables());
    let agent = json!({"name": "Guide", "system_prompt": "You know cities.", "greeting": "Hello, this is the city guide."});
    let customer = Customer::with_agent(&stack, &agent);
    let question = spoken(&stack, "What is the capital of France?");
    let thanks = spoken(&stack, "No, thank you. Goodbye.");
    let heard = customer.call(
        &stack,
        json!([
            {"wait": "segment", "speaker": "agent"},
            {"sleep": 0.3},
            {"say": question},
            {"wait": "segment", "speaker": "customer"},
            {"wait": "segment", "speaker": "agent"},
            {"sleep": 0.3},
            {"say": thanks},
            {"wait": "closed"},
        ]),
    );
    let said = transcript(&stack, heard.sound.path(), 1);
    for words in ["city guide", "capital of france is paris", "bye"] {
        assert!(said.contains(words), "heard: {said}\n{:#?}", heard.messages);
    }
    assert!(
        model.requests()[0]["messages"][0]["content"]
            .to_string()
            .contains("You know cities.")
    );

    let call = heard.call_id();
    let kept = customer
        .get(&stack, &[&format!("/bot/api/calls/{call}")])
        .json();
    let segments = kept["transcript"].as_array().expect("segments").clone();
    let speakers: Vec<&str> = segments
        .iter()
        .filter_map(|s| s["speaker"].as_str())
        .collect();
    assert_eq!(
        speakers,
        ["agent", "customer", "agent", "customer", "agent"],
        "{kept:#}"
    );
    assert_eq!(kept["status"], "completed");
    assert!(
        segments[2]["latency"]["voice_to_voice_ms"]
            .as_u64()
            .is_some_and(|ms| ms < 5_000),
        "{kept:#}"
    );

    // Both directions are in the recording, each on its side.
    let recording = stack.data.path().join("recording.wav");
    let url = format!("/bot/api/calls/{call}/recording");
    let got = customer.get(&stack, &[&url, &format!("-o{}", recording.display())]);
    assert_eq!(got.status, 200);
    let separate = stack.transcribe(&recording, &["multichannel=true"]).json();
    let text = |channel: u64| {
        let segments = separate["segments"].as_array().expect("segments").iter();
        let of = segments.filter(|s| s["channel"] == channel);
        let words: Vec<&str> = of.filter_map(|s| s["text"].as_str()).collect();
        words.join(" ").to_lowercase()
    };
    assert!(
        text(0).contains("capital of france") && !text(0).contains("paris"),
        "{separate:#}"
    );
    assert!(text(1).contains("paris"), "{separate:#}");
}
