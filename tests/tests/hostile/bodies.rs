//! Bodies: packed, hollow, nested and endless.

use crate::wire::ask;
use crate::{assert_well, stack};
use e2e::{Stack, converted};
use std::path::Path;
use std::process::Command;

/// POST of these bytes; the status and the code of the error.
fn post(stack: &Stack, path: &str, headers: &str, body: &[u8]) -> (u16, String) {
    let (token, length) = (stack.admin_token(), body.len());
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n{headers}Content-Length: {length}\r\n\r\n"
    );
    let (reply, _) = ask(stack.port, &[head.as_bytes(), body].concat());
    (reply.status, reply.code())
}

#[test]
fn packed_bodies_are_not_unpacked() {
    let stack = stack();
    // A member of gzip that would be zeros for ever.
    let packed = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &[0xec; 100_000]].concat();
    for (path, kind) in [
        ("/asr/transcribe/pcm", "application/octet-stream"),
        ("/asr/transcribe", "multipart/form-data; boundary=b"),
        ("/auth/tokens", "application/json"),
        ("/tts/synthesize", "application/json"),
        ("/bot/api/auth/login", "application/json"),
        ("/agent/process", "application/json"),
    ] {
        for encoding in ["gzip", "br", "zstd", "gzip, gzip", "identity, gzip"] {
            let headers = format!("Content-Type: {kind}\r\nContent-Encoding: {encoding}\r\n");
            let refused = post(&stack, path, &headers, &packed);
            assert_eq!(
                refused,
                (415, "unsupported_media_type".into()),
                "{path} {encoding}"
            );
        }
    }
    assert_well(&stack);
}

#[test]
fn files_that_claim_or_unpack_to_hours_cost_what_they_hold() {
    let stack = stack();
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let before = stack.memory_mb("asr-server");

    let zip = folder.path().join("bomb.mp3");
    std::fs::write(&zip, [&b"PK\x03\x04"[..], &[0; 100_000]].concat()).expect("our own folder");
    let answer = stack.transcribe(&zip, &[]);
    assert_eq!(
        (answer.status, answer.error_code().as_str()),
        (415, "unsupported_audio")
    );

    // STREAMINFO: the last four bits of byte 21 and the four bytes after it are the samples.
    let claims = converted(folder.path(), "claims.flac", &["-ar", "16000"]);
    patch(&claims, |bytes| {
        bytes[21] |= 0x0f;
        bytes[22..26].fill(0xff);
    });
    // RIFF and `data` claim four gigabytes.
    let vast = converted(
        folder.path(),
        "vast.wav",
        &["-fflags", "+bitexact", "-ar", "16000"],
    );
    patch(&vast, |bytes| {
        bytes[4..8].fill(0xfe);
        let data = bytes
            .windows(4)
            .position(|four| four == b"data")
            .expect("a data chunk");
        bytes[data + 4..data + 8].fill(0xfe);
    });
    for file in [&claims, &vast] {
        let answer = stack.transcribe(file, &[]);
        assert_eq!(answer.status, 200, "{}", answer.body);
        let duration = answer.json()["duration"].as_f64().unwrap_or_default();
        assert!((10.0..13.0).contains(&duration), "{duration} s");
    }

    // Hours of silence in a few hundred kilobytes.
    for name in ["silence.flac", "silence.ogg"] {
        let path = folder.path().join(name);
        let status = Command::new("ffmpeg")
            .args([
                "-v",
                "error",
                "-f",
                "lavfi",
                "-i",
                "anullsrc=r=16000:cl=mono",
                "-t",
                "3600",
            ])
            .arg(&path)
            .status()
            .expect("ffmpeg is installed (scripts/setup.sh test)");
        assert!(status.success());
        let answer = stack.transcribe(&path, &[]);
        assert_eq!(
            (answer.status, answer.error_code().as_str()),
            (413, "audio_too_long"),
            "{name}"
        );
    }
    let grown = stack.memory_mb("asr-server") - before;
    println!("asr-server grew by {grown:.0} MB");
    assert!(grown < 400.0, "{grown} MB");
    assert_well(&stack);
}

fn patch(path: &Path, change: impl FnOnce(&mut [u8])) {
    let mut bytes = std::fs::read(path).expect("ffmpeg wrote it");
    change(&mut bytes);
    std::fs::write(path, bytes).expect("our own folder");
}

#[test]
fn json_of_absurd_depth_is_refused() {
    let stack = stack();
    let json = "Content-Type: application/json\r\n";
    let deep = "[".repeat(500_000);
    let named = format!("{}1{}", r#"{"a":"#.repeat(100_000), "}".repeat(100_000));
    for path in [
        "/auth/tokens",
        "/bot/api/auth/login",
        "/tts/synthesize",
        "/agent/process",
    ] {
        for body in [&deep, &named] {
            let (status, code) = post(&stack, path, json, body.as_bytes());
            assert!([400, 413, 422].contains(&status), "{path}: {status} {code}");
        }
        let (status, _) = post(&stack, path, json, "[".repeat(5_000_000).as_bytes());
        assert_eq!(status, 413, "{path}");
    }
    assert_well(&stack);
}

#[test]
fn forms_of_absurd_length_are_refused() {
    let stack = stack();
    let before = stack.memory_mb("asr-server");
    let form = "Content-Type: multipart/form-data; boundary=b\r\n";
    let part = |name: &str, text: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{text}\r\n\r\n1\r\n")
    };
    let fields: String = (0..100_000).map(|at| part(&format!("x{at}"), "")).collect();
    let files = part("file", "; filename=\"a.wav\"").repeat(100_000);
    let heads: String = (0..100_000).map(|at| format!("X-{at}: 1\r\n")).collect();
    let long = format!("X: {}", "a".repeat(30_000_000));
    let name = part(&"n".repeat(5_000_000), "");
    let cases = [
        ("/asr/transcribe", fields.as_str(), 422, "invalid_parameter"),
        ("/asr/transcribe/batch", &files, 422, "invalid_parameter"),
        (
            "/asr/transcribe",
            &format!("--b\r\n{heads}"),
            400,
            "malformed_multipart",
        ),
        (
            "/asr/transcribe",
            &format!("--b\r\n{long}"),
            400,
            "malformed_multipart",
        ),
        ("/asr/transcribe", &name, 400, "malformed_multipart"),
    ];
    for (path, body, status, code) in cases {
        let refused = post(&stack, path, form, body.as_bytes());
        assert_eq!(refused, (status, code.into()), "{path}: {}", &body[..80]);
    }
    let grown = stack.memory_mb("asr-server") - before;
    println!("asr-server grew by {grown:.0} MB");
    assert!(grown < 300.0, "{grown} MB");
    assert_well(&stack);
}
