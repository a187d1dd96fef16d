//! Traces as a collector of OpenTelemetry gets them.

use e2e::call::{Customer, Model, spoken};
use e2e::{Collector, Stack, recording, until};
use serde_json::{Value, json};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CLIENT: &str = "00f067aa0ba902b7";
/// OTLP's numbers of kinds.
const INTERNAL: u64 = 1;
const SERVER: u64 = 2;
const SENDER: u64 = 3;

/// The spans of one transcription within the client's trace: server and client of the gateway, server
/// of recognition.
fn transcribed(more: &[(&str, &str)]) -> (Vec<Value>, Stack) {
    let collector = Collector::start();
    let variables = collector.variables();
    let given = variables.iter().map(|(name, value)| (&**name, &**value));
    let variables: Vec<(&str, &str)> = given.chain(more.iter().copied()).collect();
    let stack = Stack::start(&variables);
    let file = format!("file=@{}", recording().display());
    let parent = format!("traceparent: 00-{TRACE}-{CLIENT}-01");
    let admin = stack.admin_token();
    let request = [
        "-X",
        "POST",
        "/asr/transcribe?secret=hunter2",
        "-F",
        &file,
        "-H",
        &parent,
        "-H",
        "X-Request-Id: the-request",
    ];
    let answer = stack.with_token(&admin, &request);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let spans = until(|| {
        let spans = collector.spans();
        let mine = spans.into_iter().filter(|span| span["trace"] == TRACE);
        let mine: Vec<Value> = mine.collect();
        (mine.len() >= 3).then_some(mine)
    });
    for word in ["hunter2", &admin, "wh_", "transcript"] {
        for span in &spans {
            let raw = span["raw"]
                .as_str()
                .unwrap_or_default()
                .replace("/transcribe", "");
            assert!(!raw.contains(word), "{word}: {raw}");
        }
    }
    (spans, stack)
}

fn one<'s>(spans: &'s [Value], service: &str, kind: u64) -> &'s Value {
    let found = spans
        .iter()
        .find(|s| s["service"] == service && s["kind"] == kind);
    found.unwrap_or_else(|| panic!("no span of {service} of kind {kind} in {spans:#?}"))
}

#[test]
fn a_clients_trace_goes_on_through_the_gateway_into_the_service() {
    let (spans, stack) = transcribed(&[]);
    let gateway = one(&spans, "gateway", SERVER);
    assert_eq!(gateway["parent"], CLIENT);
    assert_eq!(gateway["name"], "POST /asr/{*path}");
    assert_eq!(
        gateway["attributes"]["http.response.status_code"].to_string(),
        "200"
    );
    assert_eq!(gateway["attributes"]["request.id"], "the-request");
    let sent = one(&spans, "gateway", SENDER);
    assert_eq!(sent["parent"], gateway["id"]);
    let asr = one(&spans, "asr-server", SERVER);
    assert_eq!(asr["parent"], sent["id"]);
    assert_eq!(asr["name"], "POST /transcribe");
    assert!(
        asr["attributes"]["phase.inference_ms"].as_f64() > Some(0.0),
        "{asr:#}"
    );
    // The log has its own fields, not those of traces.
    let log = stack.log();
    let answered = log
        .lines()
        .find(|line| line.contains("the-request") && line.contains("answered"));
    let answered: Value = serde_json::from_str(answered.expect("the access log")).expect("JSON");
    assert_eq!(answered["span"]["request_id"], "the-request", "{answered}");
    assert!(!log.contains("otel."), "{log}");
}

#[test]
fn a_call_is_one_trace_with_all_that_it_asked_of_others() {
    let collector = Collector::start();
    let model = Model::start(&json!([{"when": "capital", "say": "It is Paris."}]));
    let (traced, answered) = (collector.variables(), model.variables());
    let variables = traced.iter().chain(&answered);
    let variables: Vec<(&str, &str)> = variables.map(|(name, value)| (&**name, &**value)).collect();
    let stack = Stack::whole(&variables);
    let customer = Customer::with_agent(&stack, &json!({"name": "Guide", "greeting": "Hello."}));
    let question = spoken(&stack, "What is the capital of France?");
    customer.call(
        &stack,
        &json!([
            {"wait": "segment", "speaker": "agent"},
            {"say": question},
            {"wait": "segment", "speaker": "agent"},
            {"hangup": true},
        ]),
    );
    // The services tell their spans one after the other.
    let all = ["gateway", "voice-bot", "asr-server", "tts-server", "agent"];
    let (call, trace) = until(|| {
        let spans = collector.spans();
        let call = spans.iter().find(|span| span["name"] == "call").cloned()?;
        let mut trace = spans;
        trace.retain(|span| span["trace"] == call["trace"]);
        let told = |service| {
            let mut of = trace.iter().filter(|span| span["service"] == service);
            of.any(|span| span["kind"] == SERVER)
        };
        all.into_iter().all(told).then_some((call, trace))
    });
    assert_eq!(
        (&call["service"], &call["kind"]),
        (&json!("voice-bot"), &json!(INTERNAL))
    );
    let socket = trace.iter().find(|span| span["id"] == call["parent"]);
    let socket = socket.unwrap_or_else(|| panic!("nobody called: {trace:#?}"));
    assert_eq!(socket["name"], "GET /api/calls/socket");
    assert_eq!(
        one(&trace, "gateway", SERVER)["name"],
        "GET /bot/api/calls/socket"
    );
    for service in ["asr-server", "tts-server"] {
        let stream = one(&trace, service, SERVER);
        assert_eq!(stream["parent"], call["id"], "{stream:#}");
    }
    let asked = one(&trace, "voice-bot", SENDER);
    assert_eq!(asked["parent"], call["id"]);
    let summary = one(&trace, "agent", SERVER);
    assert_eq!(
        (&summary["parent"], &summary["name"]),
        (&asked["id"], &json!("POST /summarize"))
    );
}

#[test]
fn in_hipaa_mode_a_span_names_nobody() {
    let (spans, _stack) = transcribed(&[("HIPAA_MODE", "true")]);
    for span in &spans {
        let raw = span["raw"].as_str().expect("text");
        assert!(
            !raw.contains("the-request") && !raw.contains("127.0.0.1"),
            "{raw}"
        );
        assert_eq!(span["events"], 0, "{raw}");
    }
}
