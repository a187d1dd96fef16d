//! What a keeper sees: the metrics and the state of all services at one address.

use e2e::{Stack, python, recording};
use serde_json::Value;
use std::collections::BTreeSet;

/// Of these a series appears with the first call, question, tool or WebSocket; that they are recorded
/// at all is seen in the sources (`services/gateway/tests/metric_names.rs`).
const LATER: [&str; 7] = [
    "agent_analyses_total",
    "agent_tool_calls_total",
    "call_part_failures_total",
    "calls_total",
    "gateway_websockets_open",
    "llm_first_token_seconds",
    "llm_requests_total",
];

/// `/metrics` of the gateway, read as Prometheus reads it.
fn metrics(stack: &Stack) -> Value {
    let text = stack.curl(&["/metrics"]).body;
    let read = python("metrics.py", &[], &text);
    assert!(
        read.status.success(),
        "{}\n{text}",
        String::from_utf8_lossy(&read.stderr)
    );
    serde_json::from_slice(&read.stdout).expect("the client prints JSON")
}

fn samples(metrics: &Value) -> impl Iterator<Item = (&str, &Value, f64)> {
    let samples = metrics["samples"].as_array().into_iter().flatten();
    samples.filter_map(|s| Some((s[0].as_str()?, &s[1], s[2].as_f64()?)))
}

/// Sum of the samples of a name and a service.
fn sum(metrics: &Value, name: &str, service: &str) -> f64 {
    let mine = samples(metrics).filter(|(n, labels, _)| *n == name && labels["service"] == service);
    mine.map(|(_, _, value)| value).sum()
}

/// Names as `docs/operating.md` lists them.
fn documented() -> BTreeSet<String> {
    let page = include_str!("../../docs/operating.md");
    let (_, table) = page
        .split_once("| metric | meaning |")
        .expect("the table of metrics");
    let rows = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let names = rows.filter_map(|row| row.split('`').nth(1));
    names.map(str::to_owned).collect()
}

#[test]
fn the_gateway_tells_the_metrics_and_the_state_of_every_service() {
    let mut stack = Stack::everything(false, &[]);
    let heard = stack.transcribe(&recording(), &[]);
    assert_eq!(heard.status, 200, "{}", heard.body);
    let sound = format!("-o{}", stack.data.path().join("hello.wav").display());
    let wish = [
        "-X",
        "POST",
        "/tts/synthesize",
        "-H",
        "Content-Type: application/json",
        "-d",
        r#"{"text": "Hello."}"#,
        &sound,
    ];
    let admin = stack.admin_token();
    assert_eq!(stack.with_token(&admin, &wish).status, 200);

    let told = metrics(&stack);
    for service in ["gateway", "asr", "tts", "bot", "agent"] {
        assert_eq!(sum(&told, "up", service), 1.0, "{service}");
        assert!(
            sum(&told, "process_resident_memory_bytes", service) > 1e6,
            "{service}"
        );
    }
    assert!(sum(&told, "asr_audio_milliseconds_total", "asr") > 5_000.0);
    assert!(sum(&told, "asr_model_memory_bytes", "asr") > 1e6);
    assert!(sum(&told, "tts_audio_milliseconds_total", "tts") > 100.0);
    let parts = ["_bucket", "_sum", "_count"];
    let names: BTreeSet<&str> = samples(&told)
        .map(|(name, _, _)| {
            parts
                .iter()
                .find_map(|part| name.strip_suffix(part))
                .unwrap_or(name)
        })
        .collect();
    let documented = documented();
    for name in &documented {
        assert!(
            names.contains(&**name) || LATER.contains(&&**name),
            "{name} is documented and not told"
        );
    }
    for name in names {
        assert!(
            documented.contains(name),
            "{name} is told and not documented"
        );
    }

    let status = stack.with_token(&admin, &["/status"]).json();
    let services = &status["services"];
    assert_eq!(services["asr"]["variant"], "en-lite", "{status:#}");
    assert_eq!(services["bot"]["database"]["state"], "ok", "{status:#}");
    assert!(
        services["bot"]["database"]["version"].is_string(),
        "{status:#}"
    );
    let acoustic = &services["asr"]["acoustic_models"][0];
    assert_eq!(acoustic["loaded"], true, "{status:#}");
    assert_eq!(services["agent"]["storage"], "sqlite", "{status:#}");
    assert!(
        services["tts"]["model_memory_bytes"].as_u64() > Some(1_000_000),
        "{status:#}"
    );

    stack.kill("asr-server");
    let told = metrics(&stack);
    assert_eq!(
        (sum(&told, "up", "asr"), sum(&told, "up", "tts")),
        (0.0, 1.0)
    );
    let status = stack.with_token(&admin, &["/status"]).json();
    assert_eq!(status["services"]["asr"]["status"], "down", "{status:#}");
}
