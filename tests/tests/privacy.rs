//! `HIPAA_MODE` through all services: a full run, and then neither the logs nor anything on the disk
//! has a word of it.

use e2e::call::{Customer, Model, spoken};
use e2e::live::Plan;
use e2e::{Answer, Stack, recording};
use serde_json::{Value, json};
use std::path::Path;

const JSON: &str = "Content-Type: application/json";
/// What is said by file, stream, synthesis and telephone, and who the people are. Words that nothing
/// else in a log would have.
const SECRETS: [&str; 12] = [
    "fellow",
    "country",
    "capital of",
    "paris",
    "marzipan",
    "Guglielmo",
    "guglielmo@example.com",
    "14155559876",
    "user@example.com",
    "securepass123",
    "diabetes",
    "strudel",
];

fn post(stack: &Stack, customer: &Customer, path: &str, body: &Value) -> Answer {
    let body = body.to_string();
    customer.get(stack, &["-X", "POST", path, "-H", JSON, "-d", &body])
}

/// A file is transcribed with everything that is told of speakers, a stream is heard, a text is spoken.
fn speech(stack: &Stack) {
    let fields = ["diarize=true", "metadata=true", "hotwords=marzipan"];
    let heard = stack.transcribe(&recording(), &fields);
    assert_eq!(heard.status, 200, "{}", heard.body);
    let words = heard.body.to_lowercase();
    assert!(
        e2e::holds(&words, "what your country can do for you"),
        "{words}"
    );
    let session = Plan::new(stack, "/asr/stream")
        .audio(&recording())
        .end()
        .run();
    let told = session.text().to_lowercase();
    assert!(
        e2e::holds(&told, "what your country can do for you"),
        "{told}"
    );
    let text = json!({"text": "The marzipan strudel is ready.", "voice": "af_heart"}).to_string();
    let out = format!("-o{}", stack.data.path().join("out.wav").display());
    let said = stack.with_token(
        &stack.admin_token(),
        &[
            "-X",
            "POST",
            "/tts/synthesize",
            "-H",
            JSON,
            "-d",
            &text,
            &out,
        ],
    );
    assert_eq!(said.status, 200);
    std::fs::remove_file(stack.data.path().join("out.wav")).expect("it was written");
    // What is wrong is told to the client, and to nobody else.
    let wrong = json!({"text": "The marzipan strudel", "voice": "nobody"}).to_string();
    let token = stack.admin_token();
    let arguments = ["-X", "POST", "/tts/synthesize", "-H", JSON, "-d", &wrong];
    assert_eq!(stack.with_token(&token, &arguments).status, 422);
}

/// Customers, a call with one, its record, its recording.
fn call(stack: &Stack, customer: &Customer) -> String {
    let made = post(
        stack,
        customer,
        "/bot/api/customers",
        &json!({"name": "Guglielmo", "phone_number": "+14155559876",
                "email": "guglielmo@example.com", "metadata": {"note": "diabetes"}}),
    );
    assert_eq!(made.status, 201, "{}", made.body);
    let question = spoken(stack, "What is the capital of France?");
    let heard = customer.call(
        stack,
        &json!([
            {"wait": "segment", "speaker": "agent"},
            {"say": question},
            {"wait": "segment", "speaker": "customer"},
            {"wait": "segment", "speaker": "agent"},
            {"hangup": true},
        ]),
    );
    let path = format!("/bot/api/calls/{}", heard.call_id());
    let kept = e2e::until(|| {
        let kept = customer.get(stack, &[&path]).json();
        kept["summary"].is_string().then_some(kept)
    });
    let text = kept["transcript"].to_string().to_lowercase();
    assert!(text.contains("paris"), "{kept:#}");
    let list = customer.get(stack, &["/bot/api/calls"]);
    assert_eq!(list.status, 200);
    path
}

/// What the agent is asked, and what it is asked wrongly.
fn reasoning(stack: &Stack) {
    let said = json!([{"speaker": "customer", "text": "I ate marzipan in spite of my diabetes."}]);
    let token = stack.admin_token();
    let body = json!({"segments": said}).to_string();
    let summary = stack.with_token(
        &token,
        &["-X", "POST", "/agent/summarize", "-H", JSON, "-d", &body],
    );
    assert_eq!(summary.status, 200, "{}", summary.body);
    let wrong = json!({"segments": "marzipan"}).to_string();
    let wrong = stack.with_token(
        &token,
        &["-X", "POST", "/agent/summarize", "-H", JSON, "-d", &wrong],
    );
    assert!((400..500).contains(&wrong.status), "{}", wrong.body);
}

/// Signing up twice, and signing in with another password.
fn mistakes(stack: &Stack) {
    for (path, password, status) in [
        ("signup", "securepass123", 409),
        ("login", "wrongpass123", 401),
    ] {
        let account = json!({"email": "user@example.com", "password": password}).to_string();
        let url = format!("/bot/api/auth/{path}");
        let answer = stack.curl(&["-X", "POST", &url, "-H", JSON, "-d", &account]);
        assert_eq!(answer.status, status, "{}", answer.body);
    }
}

/// Files below a folder with a text, in any case.
fn holding(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(holding(&path, text));
        } else {
            let bytes = std::fs::read(&path)
                .unwrap_or_default()
                .to_ascii_lowercase();
            let text = text.to_ascii_lowercase();
            if bytes
                .windows(text.len())
                .any(|window| window == text.as_bytes())
            {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

#[test]
fn neither_logs_nor_disk_tell_what_was_said_or_by_whom() {
    let model = Model::start(&json!([
        {"when": "capital", "say": "The capital of France is Paris."},
        {"when": "marzipan", "say": "Somebody with diabetes ate marzipan."},
    ]));
    let variables = model.variables();
    let given = variables.iter().map(|(name, value)| (&**name, &**value));
    // Whoever looks for a fault must not find people either.
    let more = [("HIPAA_MODE", "true"), ("RUST_LOG", "trace")];
    let variables: Vec<(&str, &str)> = given.chain(more).collect();
    let mut stack = Stack::whole(&variables);
    let agent = json!({"name": "Guide", "greeting": "Hello, this is the city guide."});
    let customer = Customer::with_agent(&stack, &agent);
    speech(&stack);
    let call = call(&stack, &customer);
    reasoning(&stack);
    mistakes(&stack);
    let made = json!({"user_id": "guglielmo@example.com", "label": "Guglielmo"}).to_string();
    let token = stack.admin_token();
    let made = stack.with_token(
        &token,
        &["-X", "POST", "/auth/tokens", "-H", JSON, "-d", &made],
    );
    assert_eq!(made.status, 200, "{}", made.body);
    let made = made.json()["token"].as_str().expect("a token").to_owned();
    assert_eq!(stack.with_token(&made, &["/asr/models"]).status, 200);

    // The key is replaced while they run; then they start again and read what they sealed.
    let keys = stack.data.path().join("keys/data.key");
    let before = std::fs::read_to_string(&keys).expect("a key was made");
    let told = stack.command("voice-bot", &["--rotate-data-key"]);
    let after = std::fs::read_to_string(&keys).expect("there is a key");
    assert!(before != after && after.lines().count() == 1, "{told}");
    stack.restart();
    let kept = customer.get(&stack, &[&call]).json();
    assert!(
        kept["transcript"]
            .to_string()
            .to_lowercase()
            .contains("paris"),
        "{kept:#}"
    );
    let recording = stack.data.path().join("whole.wav");
    let whole = format!("-o{}", recording.display());
    let got = customer.get(&stack, &[&format!("{call}/recording"), &whole]);
    assert_eq!(got.status, 200);
    let bytes = std::fs::read(&recording).expect("it was written");
    assert!(bytes.starts_with(b"RIFF") && bytes.len() > 44 + 24_000);
    let part = stack.data.path().join("part.wav");
    let out = format!("-o{}", part.display());
    let got = customer.get(
        &stack,
        &[&format!("{call}/recording"), "-r", "17000-18999", &out],
    );
    assert_eq!(got.status, 206);
    assert!(std::fs::read(&part).expect("it was written") == bytes[17_000..19_000]);
    let audit = customer.get(&stack, &["/bot/api/audit"]).body;
    assert!(
        audit.contains("call.recording_read") && audit.contains("call.read"),
        "{audit}"
    );
    let listed = stack.with_token(&token, &["/auth/tokens"]).body;
    assert!(listed.contains("guglielmo@example.com"), "{listed}");
    let usage = stack.with_token(&token, &["/auth/usage?user_id=guglielmo@example.com"]);
    assert_eq!(
        usage.json()["usage"].as_array().map(Vec::len),
        Some(1),
        "{}",
        usage.body
    );

    let log = stack.log().to_lowercase();
    for secret in SECRETS {
        let secret = secret.to_lowercase();
        let lines = log.lines().filter(|line| line.contains(&secret));
        let lines: Vec<&str> = lines.collect();
        assert!(lines.is_empty(), "{secret} is in the log: {lines:#?}");
        for folder in ["auth", "outbox", "recordings", "keys", "agent"] {
            let files = holding(&stack.data.path().join(folder), &secret);
            assert!(files.is_empty(), "{secret} is in {files:?}");
        }
    }
}
