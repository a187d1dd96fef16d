//! Live sessions through third-party WebSocket clients, as plans: what to send, and then what
//! came back.

use crate::Stack;
pub use crate::clients::{client, example, node, node_command, python};
pub use crate::heard::{assert_heard, spoken, words};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::path::Path;

/// What one client sends. `tests/clients/session.py` plays it.
#[derive(Debug, Clone)]
pub struct Plan {
    url: String,
    headers: Value,
    steps: Vec<Value>,
    after: f64,
}

impl Plan {
    /// A session at this path of the gateway, with the admin token.
    pub fn new(stack: &Stack, path: &str) -> Plan {
        Plan {
            url: stack.websocket(path),
            headers: json!({"Authorization": format!("Bearer {}", stack.admin_token())}),
            steps: Vec::new(),
            after: 0.0,
        }
    }

    /// Connects so many seconds later than the others of a [`run`].
    pub fn after(mut self, seconds: f64) -> Plan {
        self.after = seconds;
        self
    }

    /// The same without the `Authorization` header.
    pub fn without_token(mut self) -> Plan {
        self.headers = json!({});
        self
    }

    fn step(mut self, step: Value) -> Plan {
        self.steps.push(step);
        self
    }

    /// A text message.
    pub fn text(self, text: &str) -> Plan {
        self.step(json!({"text": text}))
    }

    /// A JSON message of this type with these fields.
    pub fn message(self, kind: &str, fields: Value) -> Plan {
        let mut message = json!({"type": kind});
        if let (Some(message), Value::Object(fields)) = (message.as_object_mut(), fields) {
            message.extend(fields);
        }
        self.text(&message.to_string())
    }

    /// A configuration.
    pub fn config(self, fields: Value) -> Plan {
        self.message("config", fields)
    }

    /// A file, as fast as it goes, in messages of 100 ms of 16 kHz s16le.
    pub fn audio(self, path: &Path) -> Plan {
        self.paced_audio(path, &[3200], 0.0)
    }

    /// A file in messages of these many bytes, in turn, and a pause in seconds after each.
    pub fn paced_audio(self, path: &Path, chunk: &[usize], pace: f64) -> Plan {
        self.step(json!({"audio": path, "chunk": chunk, "pace": pace}))
    }

    /// The packets of an Ogg Opus file, one a message.
    pub fn opus(self, path: &Path) -> Plan {
        self.step(json!({"opus": path}))
    }

    /// One binary message of zeros.
    pub fn zeros(self, bytes: usize) -> Plan {
        self.step(json!({"bytes": bytes}))
    }

    /// Waits for another message of this type.
    pub fn wait(self, kind: &str) -> Plan {
        self.step(json!({"wait": kind}))
    }

    /// Does nothing for so many seconds.
    pub fn sleep(self, seconds: f64) -> Plan {
        self.step(json!({"sleep": seconds}))
    }

    /// Closes properly.
    pub fn close(self) -> Plan {
        self.step(json!({"close": 1000}))
    }

    /// Drops the connection without a word.
    pub fn vanish(self) -> Plan {
        self.step(json!({"vanish": true}))
    }

    /// Says that there is no more audio. The last step of most plans.
    pub fn end(self) -> Plan {
        self.message("end", json!({}))
    }

    /// Plays it.
    pub fn run(self) -> Session {
        run(vec![self]).remove(0)
    }
}

/// Plays these at the same time; the sessions come in the order of the plans.
pub fn run(plans: Vec<Plan>) -> Vec<Session> {
    let plans: Vec<Value> = plans
        .into_iter()
        .map(|plan| json!({"url": plan.url, "headers": plan.headers, "after": plan.after, "steps": plan.steps}))
        .collect();
    let output = python("session.py", &[], &json!(plans).to_string());
    let sessions: Vec<Value> =
        serde_json::from_slice(&output.stdout).expect("session.py prints JSON");
    sessions.into_iter().map(Session::new).collect()
}

/// What came back.
#[derive(Debug)]
pub struct Session {
    /// Every message, in order, with `at`: seconds since the start.
    pub messages: Vec<Value>,
    /// Close code; `None` where the upgrade was refused.
    pub code: Option<u64>,
    /// HTTP status of the upgrade.
    pub status: u64,
}

impl Session {
    fn new(value: Value) -> Session {
        let session = Session {
            messages: value["messages"].as_array().cloned().unwrap_or_default(),
            code: value["code"].as_u64(),
            status: value["status"].as_u64().unwrap_or_default(),
        };
        let problem = value["problem"].as_str().unwrap_or_default();
        assert!(problem.is_empty(), "{problem}: {session:#?}");
        session
    }

    /// Messages of a type.
    pub fn of(&self, kind: &str) -> Vec<&Value> {
        self.messages
            .iter()
            .filter(|message| message["type"] == kind)
            .collect()
    }

    /// Transcripts that never change, or those that may.
    pub fn transcripts(&self, is_final: bool) -> Vec<&Value> {
        let mut transcripts = self.of("transcript");
        transcripts.retain(|transcript| transcript["is_final"] == is_final);
        transcripts
    }

    /// All finals, joined.
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self
            .transcripts(true)
            .iter()
            .filter_map(|transcript| transcript["text"].as_str())
            .collect();
        texts.join(" ")
    }

    /// The words of all finals, lower-case.
    pub fn words(&self) -> Vec<String> {
        words(&self.text())
    }

    /// The error frame: `(code, param, close code)`. It has the documented shape and is last.
    pub fn error(&self) -> (String, String, u64) {
        let last = self.messages.last().expect("there is an error frame");
        assert_eq!(last["type"], "error", "{self:#?}");
        assert!(last["session_id"].is_string(), "{last}");
        let error = &last["error"];
        for field in ["type", "code", "message", "request_id"] {
            let text = error[field].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "no {field}: {last}");
        }
        let text = |field: &str| error[field].as_str().unwrap_or_default().to_owned();
        (
            text("code"),
            text("param"),
            self.code.expect("it was closed"),
        )
    }

    /// What holds for every session that ended well: `ready` first, `end` last and close 1000, one
    /// `session_id`, times that never go back, interims where the next final is.
    pub fn assert_complete(&self) {
        assert_eq!(self.code, Some(1000), "{self:#?}");
        assert_eq!(
            self.messages.first().map(|m| &m["type"]),
            Some(&json!("ready")),
            "{self:#?}"
        );
        assert_eq!(
            self.messages.last().map(|m| &m["type"]),
            Some(&json!("end")),
            "{self:#?}"
        );
        let ids: HashSet<&str> = self
            .messages
            .iter()
            .filter_map(|m| m["session_id"].as_str())
            .collect();
        assert_eq!(ids.len(), 1, "{ids:?}");
        assert!(
            self.messages.iter().all(|m| m["session_id"].is_string()),
            "{self:#?}"
        );

        let duration = self.of("end")[0]["duration"]
            .as_f64()
            .expect("end has a duration");
        let mut finals_end = 0.0;
        for transcript in self.of("transcript") {
            let (start, end) = (number(transcript, "start"), number(transcript, "end"));
            assert!(
                finals_end <= start + 1e-6 && start <= end,
                "after {finals_end}: {transcript}"
            );
            assert!(end <= duration + 0.05, "{duration}: {transcript}");
            assert!(
                !transcript["text"].as_str().unwrap_or_default().is_empty(),
                "{transcript}"
            );
            if transcript["is_final"] == true {
                finals_end = end;
                let confidence = number(transcript, "confidence");
                assert!((0.0..=1.0).contains(&confidence), "{transcript}");
                assert!(transcript["process_ms"].is_u64(), "{transcript}");
                let tagged = transcript["metadata"].is_object();
                assert_eq!(transcript["entities"].is_array(), tagged, "{transcript}");
            } else {
                assert_eq!(transcript["utterance_end"], false, "{transcript}");
            }
        }
    }
}

/// A number that must be there.
pub fn number(message: &Value, field: &str) -> f64 {
    message[field]
        .as_f64()
        .unwrap_or_else(|| panic!("no number `{field}` in {message}"))
}
