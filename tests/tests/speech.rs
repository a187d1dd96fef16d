//! Speech through the whole stack: the reference's own example, and what is said is heard again.

use e2e::Stack;
use e2e::live::{example, python, words};
use serde_json::{Value, json};
use std::path::Path;

const SENTENCE: &str =
    "Please bring the small black umbrella, because it will rain this afternoon.";

/// What Moonshine hears in a file.
fn heard(stack: &Stack, file: &Path) -> String {
    let answer = stack.transcribe(file, &["language=en"]);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let transcript = answer.json()["transcript"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    words(&transcript).join(" ")
}

fn post(stack: &Stack, token: &str, path: &str, body: &Value, file: &Path) -> u16 {
    // What begins with a slash would be taken for an address.
    let (body, file) = (body.to_string(), format!("-o{}", file.display()));
    let json = "Content-Type: application/json";
    stack
        .with_token(token, &["-H", json, "-d", &body, &file, path])
        .status
}

#[test]
fn the_references_example_speaks_and_is_understood() {
    let stack = Stack::speaking(&[]);
    let folder = tempfile::tempdir().unwrap();
    let printed = std::fs::read_to_string(example("speak.py")).unwrap();
    let token = stack.admin_token();
    let through = format!("ws://localhost:{}/tts/stream?token={token}", stack.port);
    let direct = format!("ws://localhost:{}/stream", stack.tts_port);
    for (name, url) in [("through", through), ("direct", direct)] {
        let wav = folder.path().join(format!("{name}.wav"));
        // Only what must differ on this machine: the address and the file.
        let here = printed
            .replace("ws://localhost:8003/stream", &url)
            .replace("out.wav", &wav.display().to_string());
        let script = folder.path().join(format!("{name}.py"));
        std::fs::write(&script, here).unwrap();
        python(&script.display().to_string(), &[], "");
        let heard = heard(&stack, &wav);
        assert!(heard.starts_with("hello from"), "{name}: {heard}");
    }

    let rows = stack.with_token(&token, &["/auth/usage"]).json();
    let row = rows["usage"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["service"] == "tts")
        .expect("the stream is counted");
    assert_eq!(
        (&row["route"], &row["characters"]),
        (&json!("/tts/stream"), &json!(27))
    );
    assert!(row["audio_seconds"].as_f64().unwrap() > 0.8, "{row}");
}

#[test]
fn files_of_every_format_say_what_was_written() {
    let stack = Stack::speaking(&[]);
    let folder = tempfile::tempdir().unwrap();
    let admin = stack.admin_token();
    let wanted = words(SENTENCE).join(" ");
    for format in ["wav", "mp3", "opus", "flac"] {
        let file = folder.path().join(format!("said.{format}"));
        let body = json!({"text": SENTENCE, "format": format});
        assert_eq!(post(&stack, &admin, "/tts/synthesize", &body, &file), 200);
        assert_eq!(heard(&stack, &file), wanted, "{format}");
    }
    let file = folder.path().join("openai.mp3");
    let body = json!({"model": "tts-1", "input": SENTENCE, "voice": "onyx"});
    assert_eq!(
        post(&stack, &admin, "/tts/v1/audio/speech", &body, &file),
        200
    );
    assert_eq!(heard(&stack, &file), wanted);

    // One text a minute, then no more.
    let wish = json!({"user_id": "terse", "rate_limit_characters": 50}).to_string();
    let json_type = "Content-Type: application/json";
    let created = stack
        .with_token(&admin, &["-H", json_type, "-d", &wish, "/auth/tokens"])
        .json();
    let terse = created["token"].as_str().unwrap();
    let body = json!({"text": SENTENCE});
    let file = folder.path().join("terse.wav");
    let statuses: Vec<u16> = (0..2)
        .map(|_| post(&stack, terse, "/tts/synthesize", &body, &file))
        .collect();
    assert_eq!(statuses, [200, 429]);
    let rows = stack
        .with_token(&admin, &["/auth/usage?user_id=terse"])
        .json();
    let served = &rows["usage"][1];
    assert_eq!(served["characters"], SENTENCE.len());
    assert!(served["audio_seconds"].as_f64().unwrap() > 2.0, "{served}");

    let ready = stack.curl(&["/ready"]).json();
    assert_eq!(ready["checks"]["tts"], "ok");
    let voices = stack.with_token(&admin, &["/tts/voices"]).json();
    assert_eq!(voices["voices"].as_object().unwrap().len(), 54);
    let document = stack.curl(&["/openapi.json"]).json();
    for path in ["/tts/synthesize", "/tts/voices", "/tts/stream"] {
        assert!(document["paths"][path].is_object(), "{path}");
    }
}

#[test]
fn a_stack_that_speaks_stops_when_told() {
    let mut stack = Stack::speaking(&[("PRELOAD", "true")]);
    for status in stack.stop() {
        assert!(status.success(), "{status}");
    }
}
