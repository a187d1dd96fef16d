//! Live recognition with clients that others wrote: Python's `websockets`, npm's `ws` and `wscat`.

use e2e::live::{
    Plan, assert_heard, client, example, node, node_command, number, python, run, words,
};
use e2e::{Stack, converted};
use serde_json::{Value, json};

#[test]
fn the_python_example_of_the_reference_runs_as_printed() {
    let stack = Stack::shared();
    let folder = tempfile::tempdir().unwrap();
    let wav = converted(folder.path(), "call.wav", &["-ar", "16000", "-ac", "1"]);
    let printed_there = std::fs::read_to_string(example("stream.py")).unwrap();
    let through = format!(
        "ws://localhost:{}/asr/stream?token={}",
        stack.port,
        stack.admin_token()
    );
    let direct = format!("ws://localhost:{}/stream", stack.asr_port);
    for (name, url) in [("through.py", through), ("direct.py", direct)] {
        // Only what must differ on this machine: the address and the file.
        let here = printed_there
            .replace("ws://localhost:8001/stream", &url)
            .replace("call.wav", &wav.display().to_string());
        let script = folder.path().join(name);
        std::fs::write(&script, here).unwrap();
        let printed = python(&script.display().to_string(), &[], "").stdout;
        let printed = String::from_utf8(printed).unwrap();
        let finals: Vec<&str> = printed
            .lines()
            .filter_map(|line| line.strip_prefix("FINAL: "))
            .collect();
        assert_heard(&words(&finals.join(" ")));
        let count = |start: &str| {
            printed
                .lines()
                .filter(|line| line.starts_with(start))
                .count()
        };
        assert_eq!(count(" emotion="), finals.len(), "{printed}");
        assert!(count(" interim: ") >= 3, "{printed}");
    }
}

#[test]
fn npm_ws_listens_with_its_configuration_in_the_query_and_its_token_as_protocol() {
    let stack = Stack::shared();
    let folder = tempfile::tempdir().unwrap();
    // As a telephone sends: 20 ms of 8 kHz mu-law a message.
    let file = converted(
        folder.path(),
        "jfk.ulaw",
        &["-f", "mulaw", "-ar", "8000", "-ac", "1"],
    );
    let url = stack.websocket(
        "/listen?sample_rate=8000&encoding=mulaw&language=en&interim_results=true&channel=phone",
    );
    let script = client("listen.mjs");
    let arguments = [
        script.to_str().unwrap(),
        &url,
        &stack.admin_token(),
        file.to_str().unwrap(),
        "160",
        "2",
    ];
    let printed = String::from_utf8(node(&arguments).stdout).unwrap();
    let messages: Vec<Value> = printed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let ready = &messages[0];
    assert_eq!(
        (&ready["type"], &ready["encoding"], &ready["sample_rate"]),
        (&json!("ready"), &json!("mulaw"), &json!(8000))
    );
    let closed = messages.last().unwrap();
    assert_eq!(
        (&closed["code"], &closed["protocol"]),
        (&json!(1000), &json!("token"))
    );
    assert_eq!(messages[messages.len() - 2]["type"], "end");
    let finals: Vec<&Value> = messages.iter().filter(|m| m["is_final"] == true).collect();
    assert!(finals.iter().all(|m| m["channel"] == "phone"));
    let text: Vec<&str> = finals.iter().filter_map(|m| m["text"].as_str()).collect();
    assert_heard(&words(&text.join(" ")));
}

#[test]
fn wscat_can_say_end_and_is_answered() {
    let stack = Stack::shared();
    let wscat = node_command("wscat");
    let token = stack.admin_token();
    let url = stack.websocket("/asr/stream");
    let end = r#"{"type": "end"}"#;
    let arguments = [
        wscat.to_str().unwrap(),
        "-c",
        &url,
        "-s",
        "token",
        "-s",
        &token,
        "-x",
        end,
        "-w",
        "5",
    ];
    let printed = String::from_utf8(node(&arguments).stdout).unwrap();
    let kinds: Vec<Value> = printed
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line.trim_start_matches(['<', ' '])).ok())
        .map(|message| message["type"].clone())
        .collect();
    assert_eq!(kinds, [json!("ready"), json!("end")], "{printed}");
}

#[test]
fn a_law_and_opus_packets_are_heard_too() {
    let stack = Stack::shared();
    let folder = tempfile::tempdir().unwrap();
    let alaw = converted(
        folder.path(),
        "jfk.alaw",
        &["-f", "alaw", "-ar", "16000", "-ac", "1"],
    );
    let opus = converted(
        folder.path(),
        "jfk.opus",
        &["-c:a", "libopus", "-ar", "48000", "-frame_duration", "20"],
    );
    let sessions = run(vec![
        Plan::new(&stack, "/asr/stream")
            .config(json!({"encoding": "alaw", "language": "en"}))
            .paced_audio(&alaw, &[320], 0.0)
            .end(),
        Plan::new(&stack, "/asr/stream")
            .config(json!({"encoding": "opus", "sample_rate": 48000, "language": "en"}))
            .opus(&opus)
            .end(),
    ]);
    for session in sessions {
        session.assert_complete();
        assert_heard(&session.words());
        assert!((number(session.of("end")[0], "duration") - 11.0).abs() < 0.1);
    }
}
