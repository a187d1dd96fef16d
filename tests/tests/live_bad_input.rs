//! What strangers, broken clients and telephones in tunnels do: each gets a clear answer, and the
//! server stays well.

use e2e::live::{Plan, number, run, words};
use e2e::{Stack, converted};
use serde_json::json;
use std::path::Path;
use std::time::{Duration, Instant};

const S16LE: [&str; 6] = ["-f", "s16le", "-ar", "16000", "-ac", "1"];
/// Close codes (RFC 6455, section 7.4.1).
const BAD_MESSAGE: u64 = 1003;
const POLICY: u64 = 1008;
const TOO_BIG: u64 = 1009;
const SERVER: u64 = 1011;
const TRY_LATER: u64 = 1013;

/// A session like any other still works.
fn assert_well(stack: &Stack, folder: &Path) {
    let file = converted(folder, "well.s16", &S16LE);
    let session = Plan::new(stack, "/asr/stream")
        .config(json!({"language": "en"}))
        .audio(&file)
        .end()
        .run();
    session.assert_complete();
    assert!(
        session
            .words()
            .ends_with(&words("what you can do for your country")),
        "{}",
        session.text()
    );
}

/// Waits for no stream to be open: at once, or after seconds on a busy machine.
fn assert_freed(stack: &Stack) {
    let began = Instant::now();
    while stack.asr_metric("asr_streams_active") > 0.0 {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "streams are still open after a minute"
        );
    }
}

/// What is sent, and the code, parameter and close code that must come back.
type Case = (Plan, &'static str, &'static str, u64);

fn bad_configurations(stack: &Stack) -> Vec<Case> {
    let (value, language, model) = (
        "invalid_parameter",
        "unsupported_language",
        "model_not_loaded",
    );
    let cases = [
        (json!({"sample_rate": 1}), value, "sample_rate"),
        (json!({"sample_rate": "fast"}), value, "sample_rate"),
        (json!({"encoding": "mp3"}), value, "encoding"),
        (json!({"endpointing_ms": -1}), value, "endpointing_ms"),
        (
            json!({"endpointing_ms": 3_000_000}),
            value,
            "endpointing_ms",
        ),
        (json!({"language": "xx"}), language, "language"),
        (json!({"model": "en-huge"}), model, "model"),
    ];
    let in_message = cases.into_iter().map(|(config, code, param)| {
        let plan = Plan::new(stack, "/asr/stream").config(config);
        (plan.wait("error"), code, param, BAD_MESSAGE)
    });
    let queries = [
        ("sample_rate=1", value, "sample_rate"),
        ("encoding=mulaw&encoding=alaw", value, "encoding"),
    ];
    let in_query = queries.into_iter().map(|(query, code, param)| {
        let plan = Plan::new(stack, &format!("/listen?{query}"));
        (plan.wait("error"), code, param, BAD_MESSAGE)
    });
    in_message.chain(in_query).collect()
}

fn bad_messages(stack: &Stack) -> Vec<Case> {
    let plan = || Plan::new(stack, "/asr/stream");
    let (json, unexpected) = ("malformed_json", "unexpected_message");
    let telephone = json!({"encoding": "mulaw", "sample_rate": 8000});
    let cases = [
        (
            plan().config(json!({})).config(json!({})),
            unexpected,
            BAD_MESSAGE,
        ),
        (
            plan().zeros(3200).config(json!({})),
            unexpected,
            BAD_MESSAGE,
        ),
        (plan().text("hello"), json, BAD_MESSAGE),
        (plan().text(r#"{"type": "config""#), json, BAD_MESSAGE),
        (plan().text("[1, 2]"), unexpected, BAD_MESSAGE),
        (plan().text(r#"{"type": "speak"}"#), unexpected, BAD_MESSAGE),
        (plan().text(r#"{"text": "hello"}"#), unexpected, BAD_MESSAGE),
        (plan().zeros(10 << 20), "body_too_large", TOO_BIG),
        // Two minutes of a telephone in one message.
        (
            plan().config(telephone).zeros(1 << 20),
            "backpressure",
            POLICY,
        ),
    ];
    let all = cases.into_iter();
    all.map(|(plan, code, close)| (plan.wait("error"), code, "", close))
        .collect()
}

#[test]
fn wrong_messages_are_refused_by_name() {
    let stack = Stack::start(&[]);
    let mut cases = bad_configurations(&stack);
    cases.extend(bad_messages(&stack));
    let sessions = run(cases.iter().map(|case| case.0.clone()).collect());
    let mut wrong = Vec::new();
    for (session, (_, code, param, close)) in sessions.iter().zip(cases) {
        let got = session.error();
        if got != (code.to_owned(), param.to_owned(), close) {
            wrong.push(format!("{code} {param} {close} expected, {got:?} came"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_freed(&stack);
    assert_well(&stack, tempfile::tempdir().unwrap().path());
}

#[test]
fn odd_but_lawful_input_is_served() {
    let stack = Stack::shared();
    let folder = tempfile::tempdir().unwrap();
    let plan = || Plan::new(&stack, "/asr/stream");
    let short = converted(
        folder.path(),
        "short.s16",
        &[&["-t", "2.3"], &S16LE[..]].concat(),
    );
    // 48 kHz that is said to be 16 kHz: speech three times too slow. Nonsense, but no harm.
    let fast = converted(
        folder.path(),
        "48k.s16",
        &["-f", "s16le", "-ar", "48000", "-ac", "1", "-t", "5"],
    );
    let sessions = run(vec![
        plan().paced_audio(&short, &[3], 0.0).end(),
        plan().audio(&short).end().end(),
        plan()
            .audio(&short)
            .end()
            .audio(&short)
            .message("finalize", json!({})),
        plan()
            .config(json!({"sample_rate": 16000}))
            .audio(&fast)
            .end(),
        plan().end(),
        plan().zeros(1).end(),
        plan()
            .message("keepalive", json!({}))
            .message("KeepAlive", json!({}))
            .message("finalize", json!({}))
            .wait("finalized")
            .end(),
    ]);
    for session in &sessions {
        session.assert_complete();
    }
    // Audio before any configuration is 16 kHz s16le; what comes after `end` is not heard.
    for session in &sessions[..3] {
        assert_eq!(session.words(), words("and so my fellow americans"));
        assert!((number(session.of("end")[0], "duration") - 2.3).abs() < 0.01);
    }
    assert!((number(sessions[3].of("end")[0], "duration") - 15.0).abs() < 0.01);
    for session in &sessions[4..] {
        assert!(session.of("transcript").is_empty());
    }
}

#[test]
fn silence_and_music_give_no_words() {
    let stack = Stack::shared();
    let folder = tempfile::tempdir().unwrap();
    // Ten minutes, and a minor chord that swells and trembles.
    let chord = "aevalsrc=exprs='(sin(2*PI*220*t)+sin(2*PI*261.6*t)+sin(2*PI*329.6*t))*0.15*(1+sin(2*PI*0.5*t))*(1+0.3*sin(2*PI*6*t))':s=16000:d=8";
    let music = folder.path().join("music.s16");
    let status = std::process::Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", chord])
        .args(S16LE)
        .arg(&music)
        .status()
        .unwrap();
    assert!(status.success());
    let silence = folder.path().join("silence.ulaw");
    std::fs::write(&silence, vec![0xff; 600 * 8000]).unwrap();
    let sessions = run(vec![
        Plan::new(&stack, "/asr/stream?encoding=mulaw&sample_rate=8000")
            .paced_audio(&silence, &[8000], 0.0)
            .end(),
        Plan::new(&stack, "/asr/stream").audio(&music).end(),
    ]);
    for session in &sessions {
        session.assert_complete();
        assert!(session.of("transcript").is_empty(), "{session:#?}");
    }
    assert_eq!(sessions[0].of("end")[0]["duration"], 600.0);
}

#[test]
fn a_quiet_connection_is_closed_and_keepalive_keeps_it() {
    let stack = Stack::start(&[("STREAM_IDLE_SECONDS", "1")]);
    let idle = || Plan::new(&stack, "/asr/stream").config(json!({}));
    let kept = (0..5).fold(idle(), |plan, _| {
        plan.sleep(0.5).message("keepalive", json!({}))
    });
    let sessions = run(vec![idle().wait("error"), kept.end()]);
    let (code, _, close) = sessions[0].error();
    assert_eq!((code.as_str(), close), ("idle_timeout", SERVER));
    sessions[1].assert_complete();
    assert_freed(&stack);
}

#[test]
fn clients_that_vanish_leave_nothing_behind() {
    let stack = Stack::start(&[("RATE_LIMIT_STREAMS", "500")]);
    let folder = tempfile::tempdir().unwrap();
    let file = converted(folder.path(), "jfk.s16", &S16LE);
    let plan = || {
        Plan::new(&stack, "/asr/stream")
            .config(json!({"language": "en"}))
            .wait("ready")
    };
    // In the middle of a word, and with the work for what it said under way.
    let leave = |count: usize| {
        run((0..count).map(|_| plan().audio(&file).vanish()).collect());
        assert_freed(&stack);
    };
    // The first sessions grow the memory pools.
    for _ in 0..2 {
        for session in run((0..4).map(|_| plan().audio(&file).end()).collect()) {
            session.assert_complete();
        }
    }
    leave(4);
    let leave_at_once = || {
        run((0..100).map(|_| plan().vanish()).collect());
        assert_freed(&stack);
    };
    leave_at_once();
    let before = stack.memory_mb("asr-server");
    leave_at_once();
    leave_at_once();
    let grown = stack.memory_mb("asr-server") - before;
    assert!(
        grown < 40.0,
        "{grown:.0} MB more after 200 connections that vanished"
    );
    leave(4);
    let closed = run(vec![plan().audio(&file).close()]);
    assert_eq!(closed[0].code, Some(1000));
    assert_freed(&stack);
    assert_well(&stack, folder.path());
}

#[test]
fn more_streams_than_there_is_room_for_are_sent_away_and_may_come_back() {
    let stack = Stack::start(&[("ASR_STREAMS", "2")]);
    let stay = || {
        Plan::new(&stack, "/asr/stream")
            .config(json!({}))
            .wait("ready")
            .sleep(1.5)
            .end()
    };
    let late = Plan::new(&stack, "/asr/stream").wait("error");
    let sessions = run(vec![stay(), stay(), late.after(0.7)]);
    let (code, _, close) = sessions[2].error();
    assert_eq!((code.as_str(), close), ("overloaded", TRY_LATER));
    sessions[0].assert_complete();
    sessions[1].assert_complete();
    assert_freed(&stack);
    let folder = tempfile::tempdir().unwrap();
    assert_well(&stack, folder.path());
}

#[test]
fn without_a_token_nothing_is_heard() {
    let stack = Stack::shared();
    let wrong = Plan::new(
        &stack,
        "/listen?token=wh_0000000000000000000000000000000000000000000",
    )
    .without_token();
    let sessions = run(vec![Plan::new(&stack, "/listen").without_token(), wrong]);
    for (session, code) in sessions.iter().zip(["missing_token", "invalid_token"]) {
        assert_eq!(
            (session.status, &session.messages[0]["error"]["code"]),
            (401, &json!(code))
        );
    }
}
