//! A stand-in for an OpenAI-compatible language model, on a port of its own.

use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// Says what it is told to say, one message a request, the last one again and again.
pub struct Model {
    /// For `LLM_BASE_URL`.
    pub url: String,
    says: Script,
    asked: Arc<Mutex<Vec<String>>>,
}

type Script = Arc<Mutex<VecDeque<Value>>>;

impl Model {
    /// One that says these texts.
    pub fn saying(texts: &[&str]) -> Model {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        let says: Script = Arc::default();
        let model = Model {
            url: format!("http://{address}/v1/"),
            says: says.clone(),
            asked: Arc::default(),
        };
        let asked = model.asked.clone();
        model.next(
            texts
                .iter()
                .map(|text| json!({ "content": text }))
                .collect(),
        );
        // Ends with the test.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (says, asked) = (says.clone(), asked.clone());
                std::thread::spawn(move || serve(stream, &says, &asked));
            }
        });
        model
    }

    /// The bodies of all requests so far.
    pub fn asked(&self) -> Vec<String> {
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// From now on it says these messages: `{"content"}` or `{"tool_calls": [{"id", "function"}]}`.
    pub fn next(&self, messages: Value) {
        let messages = messages.as_array().cloned().unwrap_or_default();
        *self.says.lock().unwrap_or_else(PoisonError::into_inner) = messages.into();
    }
}

/// Answers requests on a connection until the other side has enough.
fn serve(stream: TcpStream, says: &Script, asked: &Mutex<Vec<String>>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let (mut length, mut line) = (0, String::new());
        loop {
            line.clear();
            if stream.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().ok()?;
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).ok()?;
        let body = String::from_utf8_lossy(&body).into_owned();
        asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(body);
        let message = {
            let mut says = says.lock().unwrap_or_else(PoisonError::into_inner);
            if says.len() > 1 {
                says.pop_front()
            } else {
                says.front().cloned()
            }
        };
        let events = events(&message.unwrap_or_default());
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length:";
        let answer = format!("{head} {}\r\n\r\n{events}", events.len());
        stream.get_mut().write_all(answer.as_bytes()).ok()?;
    }
}

fn events(message: &Value) -> String {
    let mut delta = message.clone();
    let calls = delta["tool_calls"].as_array_mut();
    let finish = if calls.is_some() {
        "tool_calls"
    } else {
        "stop"
    };
    for (at, call) in calls.into_iter().flatten().enumerate() {
        call["index"] = at.into();
        call["type"] = "function".into();
    }
    let chunk = |delta: Value, finish: Value| {
        json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "stand-in",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})
    };
    let usage = json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "stand-in", "choices": [],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}});
    let chunks = [
        chunk(delta, Value::Null),
        chunk(json!({}), finish.into()),
        usage,
    ];
    let lines: String = chunks
        .iter()
        .map(|chunk| format!("data: {chunk}\n\n"))
        .collect();
    lines + "data: [DONE]\n\n"
}
