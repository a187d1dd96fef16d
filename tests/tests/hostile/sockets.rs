//! WebSockets that break the rules, or keep them and never stop.

use crate::wire::{ending, frame, frame_of, websocket};
use crate::{assert_well, stack};
use e2e::Stack;
use serde_json::Value;
use std::io::Write;

/// FIN and the opcodes.
const FIN: u8 = 0x80;
const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
/// Close codes (RFC 6455, section 7.4.1).
const PROTOCOL: u16 = 1002;
const BAD_MESSAGE: u16 = 1003;
const NOT_TEXT: u16 = 1007;
const TOO_BIG: u16 = 1009;

#[test]
fn a_socket_that_breaks_the_rules_is_told_which() {
    let stack = stack();
    let token = stack.admin_token();
    let unmasked = vec![FIN | BINARY, 1, b'x'];
    let cases: [(&str, &str, Vec<u8>, u16); 14] = [
        ("no mask", "/asr/stream", unmasked, PROTOCOL),
        (
            "reserved bits",
            "/asr/stream",
            frame(FIN | 0x70 | BINARY, b"x"),
            PROTOCOL,
        ),
        (
            "reserved opcode",
            "/asr/stream",
            frame(FIN | 3, b"x"),
            PROTOCOL,
        ),
        (
            "a long ping",
            "/asr/stream",
            frame(FIN | PING, &[0; 126]),
            PROTOCOL,
        ),
        (
            "a ping in pieces",
            "/asr/stream",
            frame(PING, b"x"),
            PROTOCOL,
        ),
        (
            "a rest of nothing",
            "/asr/stream",
            frame(FIN | CONTINUATION, b"x"),
            PROTOCOL,
        ),
        (
            "no UTF-8",
            "/asr/stream",
            frame(FIN | TEXT, b"\xff\xfe"),
            NOT_TEXT,
        ),
        (
            "a terabyte",
            "/asr/stream",
            frame_of(FIN | BINARY, 1 << 40, b"x"),
            TOO_BIG,
        ),
        (
            "17 MiB",
            "/asr/stream",
            frame(FIN | BINARY, &vec![0; 17 << 20]),
            TOO_BIG,
        ),
        (
            "text that is no JSON",
            "/asr/stream",
            frame(FIN | TEXT, b"hello"),
            BAD_MESSAGE,
        ),
        (
            "text where sound is due",
            "/listen",
            frame(FIN | TEXT, b"UklGRg=="),
            BAD_MESSAGE,
        ),
        (
            "deep JSON",
            "/asr/stream",
            frame(FIN | TEXT, "[".repeat(60_000).as_bytes()),
            BAD_MESSAGE,
        ),
        (
            "a long text",
            "/asr/stream",
            frame(FIN | TEXT, "[".repeat(200_000).as_bytes()),
            TOO_BIG,
        ),
        (
            "sound to be spoken",
            "/tts/stream",
            frame(FIN | BINARY, b"hello"),
            BAD_MESSAGE,
        ),
    ];
    for (name, path, bytes, code) in cases {
        let mut socket = websocket(stack.port, path, &token);
        let _ = socket.write_all(&bytes);
        let (ended, text) = ending(&mut socket);
        assert_eq!(ended, Some(code), "{name}: {text}");
        let error: Value = serde_json::from_str(&text).unwrap_or_default();
        assert_eq!(error["type"], "error", "{name}: {text}");
        assert!(error["error"]["code"].is_string(), "{name}: {text}");
    }
    // A proper close is answered, one with a code that may not be sent as well.
    for (sent, answered) in [(1000u16, 1000), (999, PROTOCOL)] {
        let mut socket = websocket(stack.port, "/asr/stream", &token);
        let close = frame(FIN | CLOSE, &sent.to_be_bytes());
        socket.write_all(&close).expect("it is read");
        assert_eq!(ending(&mut socket).0, Some(answered));
    }
    assert_well(&stack);
}

#[test]
fn a_message_that_never_ends_is_cut_off() {
    let stack = stack();
    let mut socket = websocket(stack.port, "/asr/stream", &stack.admin_token());
    let piece = frame(CONTINUATION, &vec![0; 1 << 20]);
    let _ = socket.write_all(&frame(BINARY, b"x"));
    let sent = (0..64)
        .take_while(|_| socket.write_all(&piece).is_ok())
        .count();
    assert!(sent < 64, "64 MiB were taken");
    // Pieces of nothing cost nothing, and do not count as a word either: the stream ends as idle.
    let mut empty = websocket(stack.port, "/asr/stream", &stack.admin_token());
    empty.write_all(&frame(BINARY, b"x")).expect("it is read");
    empty
        .write_all(&frame(CONTINUATION, b"").repeat(200_000))
        .expect("it is read");
    assert_well(&stack);
}

#[test]
fn somebody_who_pings_and_never_reads_costs_little() {
    // Of its own: what others send at the same time would be counted too.
    let stack = Stack::start(&[]);
    let before = stack.memory_mb("gateway");
    let mut socket = websocket(stack.port, "/asr/stream", &stack.admin_token());
    let pings = frame(FIN | PING, &[b'x'; 125]).repeat(8000);
    let mut sent = 0;
    while sent < 40 << 20 && socket.write_all(&pings).is_ok() {
        sent += pings.len();
    }
    let grown = stack.memory_mb("gateway") - before;
    println!(
        "{} MB of pings: the gateway grew by {grown:.0} MB",
        sent >> 20
    );
    assert!(grown < 38.0, "{grown} MB");
    assert_well(&stack);
}

#[test]
fn sockets_that_say_nothing_and_never_close_keep_nobody_out() {
    let stack = stack();
    let token = stack.admin_token();
    // As many as a token may have; one more is refused before the upgrade.
    let body = r#"{"user_id": "crowd", "label": "crowd", "rate_limit_streams": 5}"#;
    let json = "Content-Type: application/json";
    let made = stack
        .with_token(&token, &["/auth/tokens", "-H", json, "-d", body])
        .json();
    let theirs = made["token"].as_str().expect("a token").to_owned();
    let held: Vec<_> = (0..5)
        .map(|_| websocket(stack.port, "/asr/stream", &theirs))
        .collect();
    let refused = stack.with_token(
        &theirs,
        &[
            "-H",
            "Connection: Upgrade",
            "-H",
            "Upgrade: websocket",
            "-H",
            "Sec-WebSocket-Version: 13",
            "-H",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "/asr/stream",
        ],
    );
    assert_eq!(
        (refused.status, refused.error_code().as_str()),
        (429, "rate_limited")
    );
    assert_well(&stack);
    // Gone without a word: their places are free again.
    drop(held);
    e2e::until(|| (stack.asr_metric("asr_streams_active") < 6.0).then_some(()));
    drop(websocket(stack.port, "/asr/stream", &theirs));
}
