//! `gateway doctor` as a user runs it, while nothing runs.

use serde_json::Value;
use std::collections::BTreeMap;
use std::process::{Command, Output};

fn doctor(variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
    command
        .env_clear()
        .arg("doctor")
        .args(arguments)
        .env("DATA_DIR", folder.path().join("data"))
        .env("WHISSLE_MODELS", folder.path())
        .env("DATABASE_URL", "postgresql://u:hunter2@127.0.0.1:9/x");
    // Any free port of this machine.
    for port in [
        "GATEWAY_PORT",
        "ASR_PORT",
        "TTS_PORT",
        "BOT_PORT",
        "AGENT_PORT",
    ] {
        command.env(port, "0");
    }
    let output = command.envs(variables.iter().copied()).output().unwrap();
    for text in [&output.stdout, &output.stderr] {
        let text = String::from_utf8_lossy(text);
        assert!(
            !text.contains("hunter2") && !text.contains("wh_key"),
            "{text}"
        );
    }
    output
}

/// Worst level and all texts of each check.
fn lines(output: &Output) -> BTreeMap<String, (String, String)> {
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut checks = BTreeMap::<String, (String, String)>::new();
    for line in report["lines"].as_array().unwrap() {
        let check = checks
            .entry(line["check"].as_str().unwrap().into())
            .or_default();
        let level = line["level"].as_str().unwrap();
        let rank = |level: &str| ["", "ok", "warn", "fail"].iter().position(|l| *l == level);
        if rank(level) > rank(&check.0) {
            check.0 = level.into();
        }
        for part in ["what", "advice"] {
            check.1 += line[part].as_str().unwrap_or_default();
            check.1 += "\n";
        }
    }
    checks
}

#[test]
fn the_doctor_says_of_each_thing_that_is_wrong_what_to_do() {
    let relay = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let ice = format!("stun:{}", relay.local_addr().unwrap());
    let output = doctor(
        &[
            ("VARIANT", "en-lite"),
            ("TWILIO_AUTH_TOKEN", "wh_key"),
            ("PUBLIC_URL", "not an address"),
            ("ICE_SERVERS", &ice),
            ("LLM_PROVIDER", "claude"),
        ],
        &["--json"],
    );
    assert_eq!(output.status.code(), Some(1));
    let checks = lines(&output);
    for (check, word) in [
        ("models", "models fetch"),
        ("telephone", "TWILIO_ACCOUNT_SID and TWILIO_PHONE_NUMBER"),
        ("addresses", "https://voice.example.com"),
        ("ICE servers", "does not answer"),
        ("database", "DATABASE_URL"),
        ("language model", "ANTHROPIC_API_KEY"),
    ] {
        let (level, text) = &checks[check];
        assert_eq!(level, "fail", "{check}: {text}");
        assert!(text.contains(word), "{check}: {text}");
    }
    for check in ["ports", "clock"] {
        let (level, text) = &checks[check];
        assert_eq!(level, "ok", "{check}: {text}");
    }
    assert_eq!(checks.len(), 12, "{checks:#?}");
}

#[test]
fn the_doctors_report_for_people_has_a_line_and_advice_for_each() {
    let output = doctor(&[("VARIANT", "tiny")], &[]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    let at = text.find("FAIL  models: ").expect("the variant is wrong");
    assert!(
        text[at..].lines().nth(1).unwrap().starts_with("      -> "),
        "{text}"
    );
    assert!(
        text.contains("en-lite"),
        "the valid ones are listed: {text}"
    );
    assert!(text.trim_end().ends_with("wrong"), "{text}");
}
