//! Heads of requests: slow, endless, contradictory, and on their way to somewhere else.

use crate::wire::{Reply, ask, connect, is_closed, read};
use crate::{assert_well, stack};
use e2e::Stack;
use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// A request of these headers with the admin token, or of another first line.
fn request(stack: &Stack, line: &str, headers: &str, body: &str) -> (Reply, TcpStream) {
    let token = stack.admin_token();
    let bytes = format!("{line}\r\n{headers}Authorization: Bearer {token}\r\n\r\n{body}");
    ask(stack.port, bytes.as_bytes())
}

#[test]
fn slow_clients_are_given_up_and_hold_nobody_else_up() {
    let stack = stack();
    let token = stack.admin_token();
    let body = format!(
        "POST /asr/transcribe/pcm HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nContent-Length: 1000000\r\n\r\n"
    );
    let begun = |start: &str| -> Vec<TcpStream> {
        let begin = |_| {
            let mut stream = connect(stack.port);
            stream.write_all(start.as_bytes()).expect("it is read");
            stream
        };
        (0..20).map(begin).collect()
    };
    let mut heads = begun("GET /asr/models HTTP/1.1\r\nHost: a\r\n");
    let mut dripping = begun(&body);
    let mut silent = begun(&body);

    // 30 seconds are the limit of each; a byte a second does not help.
    let began = Instant::now();
    let mut answered = Vec::new();
    while !(heads.is_empty() && dripping.is_empty()) {
        let seconds = began.elapsed().as_secs();
        assert!(
            seconds < 50,
            "{} heads and {} bodies take as long as they like",
            heads.len(),
            dripping.len()
        );
        heads.retain_mut(|stream| !has_answer(stream) && stream.write_all(b"X").is_ok());
        answered.extend(dripping.extract_if(.., |stream| has_answer(stream)));
        for stream in &mut dripping {
            let _ = stream.write_all(b"x");
        }
        if seconds < 3 {
            assert_well(&stack);
        }
        e2e::pause_for(Duration::from_secs(1));
    }
    answered.append(&mut silent);
    assert_eq!(answered.len(), 40);
    for mut stream in answered {
        let reply = read(&mut stream);
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (408, "request_timeout")
        );
    }
    assert_well(&stack);
}

/// Whether something, or the end, waits to be read.
fn has_answer(stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).expect("a socket");
    let waits = stream.peek(&mut [0]).is_ok();
    stream.set_nonblocking(false).expect("a socket");
    waits
}

#[test]
fn floods_of_headers_are_refused() {
    let stack = stack();
    let many: String = (0..500).map(|at| format!("X-{at}: 1\r\n")).collect();
    let large = format!("X: {}\r\n", "a".repeat(400_000));
    for headers in [many, large] {
        let (reply, stream) = request(
            &stack,
            "GET /health HTTP/1.1",
            &format!("Host: a\r\n{headers}"),
            "",
        );
        assert_eq!(reply.status, 431, "{}", reply.head);
        assert!(is_closed(stream));
    }
    let (reply, _) = request(
        &stack,
        &format!("GET /{} HTTP/1.1", "a".repeat(100_000)),
        "Host: a\r\n",
        "",
    );
    assert_eq!(reply.status, 414, "{}", reply.head);
    assert_well(&stack);
}

#[test]
fn what_two_readers_could_read_differently_is_refused() {
    let stack = stack();
    let post = "POST /asr/transcribe/pcm HTTP/1.1";
    for headers in [
        "Host: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n",
        "Host: a\r\nContent-Length: 5, 6\r\n",
        "Host: a\r\nContent-Length: +5\r\n",
        "Host: a\r\nTransfer-Encoding: xchunked\r\n",
        "Host: a\r\nTransfer-Encoding: chunked, identity\r\n",
        "Host: a\r\nContent-Length : 5\r\n",
        "Host: a\r\nX-Folded: a\r\n b\r\n",
        "Host: a\r\nX\u{0}: a\r\n",
    ] {
        let (reply, stream) = request(&stack, post, headers, "abcdef");
        assert_eq!(reply.status, 400, "{headers}: {}", reply.head);
        assert!(is_closed(stream), "{headers}");
    }
    for headers in ["", "Host: a\r\nHost: b\r\n"] {
        let (reply, _) = request(&stack, "GET /asr/models HTTP/1.1", headers, "");
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "malformed_request"),
            "{headers}"
        );
    }
    // With both, the chunks count (RFC 9112, section 6.1), and what follows them is never read.
    let both = "Host: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n";
    let second = "0\r\n\r\nGET /auth/tokens HTTP/1.1\r\nHost: a\r\n\r\n";
    let (reply, stream) = request(&stack, post, both, second);
    assert_eq!((reply.status, reply.code().as_str()), (422, "empty_audio"));
    assert!(is_closed(stream), "a second request was answered");
    // Chunks that never say how long they are, or too much.
    for chunks in [
        format!("1;{}\r\nx\r\n0\r\n\r\n", "a".repeat(200_000)),
        "fffffffffffffffff\r\nx\r\n".into(),
    ] {
        let (reply, _) = request(
            &stack,
            post,
            "Host: a\r\nTransfer-Encoding: chunked\r\n",
            &chunks,
        );
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "malformed_request")
        );
    }
    assert_well(&stack);
}

#[test]
fn no_path_leads_elsewhere() {
    let stack = stack();
    for path in [
        "/asr/../auth/tokens",
        "/asr/%2e%2e/auth/tokens",
        "/asr/%2E./auth/tokens",
        "/asr/..%2fauth/tokens",
        "/asr/..%5cauth/tokens",
        "/asr/..;/auth/tokens",
        "/asr/%252e%252e/auth/tokens",
        "/asr//models",
        "//auth/tokens",
        "/asr\\..\\auth\\tokens",
        "/asr/models%00",
        "/bot/api/../internal/calls",
        "/bot/api/%2e%2e/internal/calls",
        "/bot/internal/calls",
        "/bot/api/calls/..%2f..%2fetc%2fpasswd/recording",
        "/bot/api/calls/%2e%2e/recording",
        "/bot/api/agents/..%2forgs",
        "/tts/voices/../../etc/passwd",
        "/docs/../../etc/passwd",
        "/docs/%2e%2e/%2e%2e/etc/passwd",
        "/agent/..%2finternal",
        "*",
    ] {
        let (reply, _) = request(&stack, &format!("GET {path} HTTP/1.1"), "Host: a\r\n", "");
        assert!(
            [400, 404].contains(&reply.status),
            "{path}: {} {}",
            reply.status,
            reply.body
        );
        let code = reply.code();
        assert!(
            ["malformed_request", "not_found"].contains(&&*code),
            "{path}: {code}"
        );
    }
    // Names that become no paths.
    let answer = stack.transcribe(&e2e::recording(), &["model=../../etc/passwd"]);
    assert_eq!(
        (answer.status, answer.error_code().as_str()),
        (422, "model_not_loaded")
    );
    let token = stack.admin_token();
    for voice in ["../../etc/passwd", "..%2f..%2fetc%2fpasswd", "/etc/passwd"] {
        let body = format!(r#"{{"text": "Hello.", "voice": "{voice}"}}"#);
        let json = "Content-Type: application/json";
        let answer = stack.with_token(&token, &["/tts/synthesize", "-H", json, "-d", &body]);
        assert_eq!(
            (answer.status, answer.error_code().as_str()),
            (422, "unknown_voice"),
            "{voice}"
        );
    }
    assert_well(&stack);
}
