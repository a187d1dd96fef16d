//! A machine that misbehaves: a full disk, a read-only one, a clock that jumps.

use e2e::{Stack, converted, recording, until};
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

const JSON: &str = "Content-Type: application/json";
const NEW_TOKEN: [&str; 5] = ["-H", JSON, "-d", r#"{"user_id": "x"}"#, "/auth/tokens"];

/// A data folder of 4 MB for each service, seen by it alone.
const SMALL_DISK: [&str; 5] = [
    "unshare",
    "-rm",
    "sh",
    "-c",
    r#"mount -t tmpfs -o size=4m none "$DATA_DIR" && exec "$0" "$@""#,
];
const READ_ONLY: [&str; 5] = [
    "unshare",
    "-rm",
    "sh",
    "-c",
    r#"mount --bind "$DATA_DIR" "$DATA_DIR" && mount -o remount,ro,bind "$DATA_DIR" && exec "$0" "$@""#,
];

/// Writes to a file until the disk is full.
fn fill(path: &Path) {
    let mut file = File::create(path).expect("the disk is not full yet");
    let zeros = [0; 4096];
    while file.write_all(&zeros).is_ok() {}
}

#[test]
fn a_full_disk_refuses_what_must_be_kept_and_nothing_else() {
    let stack = Stack::started_by(
        &SMALL_DISK,
        &[("GATEWAY_INTERNAL_SECRET", "sixteen-characters")],
    );
    let folder = stack.data.path();
    let token = fs::read_to_string(stack.seen_by("gateway", &folder.join("auth/admin_token.txt")));
    let token = token.expect("the first start writes it").trim().to_owned();
    let full = ["gateway", "asr-server"].map(|name| stack.seen_by(name, &folder.join("fill")));
    full.iter().for_each(|path| fill(path));

    let part = format!("file=@{}", recording().display());
    let transcribe = || stack.with_token(&token, &["-F", &part, "/asr/transcribe"]);
    assert_eq!(transcribe().status, 200);
    let refused = stack.with_token(&token, &NEW_TOKEN);
    assert_eq!(refused.status, 503, "{}", refused.body);
    assert_eq!(refused.error_code(), "not_ready");
    let checks = until(|| {
        let ready = stack.curl(&["/ready"]);
        assert_eq!(ready.status, 200, "it still serves: {}", ready.body);
        let checks = ready.json()["checks"].clone();
        (checks["storage"] != "ok").then_some(checks)
    });
    assert!(checks["storage"].to_string().contains("full"), "{checks}");

    for path in full {
        fs::remove_file(path).expect("it was filled");
    }
    until(|| (stack.curl(&["/ready"]).json()["checks"]["storage"] == "ok").then_some(()));
    assert_eq!(stack.with_token(&token, &NEW_TOKEN).status, 200);
    assert_eq!(transcribe().status, 200);
    // What was used while nothing could be written is known all the same.
    until(|| {
        let summary = stack
            .with_token(&token, &["/auth/usage/summary?days=1"])
            .json();
        let lines = summary["summary"].as_array()?.clone();
        let asr = lines.into_iter().find(|line| line["service"] == "asr")?;
        (asr["requests"] == 2).then_some(())
    });
}

#[test]
fn an_upload_that_finds_no_room_is_told_to_come_again() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let long = converted(folder.path(), "long.wav", &["-af", "apad=pad_dur=120"]);
    let mut stack = Stack::start(&[]);
    let room = stack.data.path().display().to_string();
    stack.restart_by(
        &SMALL_DISK,
        &[
            ("TMPDIR", &room),
            ("GATEWAY_INTERNAL_SECRET", "sixteen-characters"),
        ],
    );
    fill(&stack.seen_by("asr-server", &stack.data.path().join("fill")));
    let url = format!("http://127.0.0.1:{}/transcribe", stack.asr_port);
    let send = |file: &Path| stack.curl(&["-F", &format!("file=@{}", file.display()), &url]);
    let refused = send(&long);
    assert_eq!(
        (refused.status, refused.error_code().as_str()),
        (503, "overloaded")
    );
    assert_eq!(send(&recording()).status, 200, "small ones need no room");
}

#[test]
fn tokens_are_known_on_a_read_only_disk() {
    let mut stack = Stack::start(&[]);
    let token = stack.admin_token();
    assert_eq!(stack.transcribe(&recording(), &[]).status, 200);
    stack.restart_by(&READ_ONLY, &[]);
    assert_eq!(stack.transcribe(&recording(), &[]).status, 200);
    let refused = stack.with_token(&token, &NEW_TOKEN);
    assert_eq!(
        (refused.status, refused.error_code().as_str()),
        (503, "not_ready")
    );
    assert_eq!(stack.with_token("wh_wrong", &["/asr/models"]).status, 401);
    assert!(stack.log().contains("the file system is read-only"));
}

#[test]
fn a_clock_that_jumps_ends_sessions_no_sooner_and_services_never() {
    let libraries = fs::read_dir("/usr/lib").expect("a system has libraries");
    let library = libraries
        .flatten()
        .map(|entry| entry.path().join("faketime/libfaketimeMT.so.1"))
        .find(|path| path.exists())
        .expect("libfaketime is installed (scripts/setup.sh test)");
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(folder.path(), open).expect("our own folder");
    let clock = folder.path().join("clock");
    let set = |offset: &str| {
        let new = folder.path().join("new");
        fs::write(&new, offset)
            .and_then(|()| fs::rename(new, &clock))
            .expect("our own folder");
    };
    set("+0");
    let path = |path: &Path| path.display().to_string();
    // Not PostgreSQL, which changes its user on the way and then cannot share the library's memory.
    let preload = format!("LD_PRELOAD={}", path(&library));
    let mut stack = Stack::people(&[]);
    stack.restart_by(
        &["env", &preload],
        &[
            ("FAKETIME_TIMESTAMP_FILE", &path(&clock)),
            ("FAKETIME_NO_CACHE", "1"),
            // Real clocks that are set leave this one alone, too.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ],
    );
    let jar = path(&stack.data.path().join("jar"));
    let (read, write) = (format!("-b{jar}"), format!("-c{jar}"));
    let account = r#"{"email": "user@example.com", "password": "securepass123"}"#;
    let signup = stack.curl(&["-H", JSON, &write, "-d", account, "/bot/api/auth/signup"]);
    assert_eq!(signup.status, 201, "{}", signup.body);
    let me = || stack.curl(&[&read, "/bot/api/auth/me"]).status;
    let refresh = || {
        stack
            .curl(&[&read, &write, "-X", "POST", "/bot/api/auth/refresh"])
            .status
    };
    let admin = stack.admin_token();
    let token = || stack.with_token(&admin, &NEW_TOKEN).status;
    assert_eq!((me(), token()), (200, 200));

    // A day ahead: the access token is over, the session is not.
    set("+1d");
    assert_eq!(me(), 401);
    assert_eq!((refresh(), me(), token()), (200, 200, 200));
    // And back: what was made in a future that did not come is still good.
    set("+0");
    assert_eq!((me(), refresh(), me(), token()), (200, 200, 200, 200));
    assert_eq!(
        stack.with_token(&admin, &["/auth/usage?days=7"]).status,
        200
    );
    assert_eq!(stack.curl(&["/ready"]).status, 200);
}
