//! Services that are killed, and an orderly end, as supervisord does both.

use e2e::live::{Plan, assert_heard};
use e2e::{Answer, Stack, pause_for, recording, until};
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::time::Duration;

/// The answer of `/ready` as soon as it pleases; the gateway may not be there yet.
fn ready_when(stack: &Stack, pleases: impl Fn(&Answer) -> bool) -> Answer {
    until(|| stack.try_get("/ready").filter(|answer| pleases(answer)))
}

#[test]
fn a_killed_service_comes_back_and_the_others_go_on() {
    let stack = Stack::kept(&[]);
    let before = stack.pids();
    for name in ["postgres", "asr-server", "voice-bot", "agent", "gateway"] {
        let pids = stack.pids();
        stack.kill_pid(pids[name]);
        // Its death is noticed within a second.
        until(|| (stack.pids()[name] != pids[name]).then_some(()));
        ready_when(&stack, |answer| answer.status == 200);
        let after = stack.pids();
        for (other, pid) in pids.iter().filter(|(other, _)| *other != name) {
            assert_eq!(after[other], *pid, "{other} ended with {name}");
        }
    }
    assert_eq!(stack.pids()["tts-server"], before["tts-server"]);
    assert_eq!(stack.transcribe(&recording(), &[]).status, 200);
}

#[test]
fn what_is_open_at_sigterm_is_finished_and_a_damaged_database_leaves_speech_working() {
    let mut stack = Stack::kept(&[]);
    let token = stack.admin_token();
    std::thread::scope(|scope| {
        let live = Plan::new(&stack, "/listen?sample_rate=16000");
        let live = live.paced_audio(&recording(), &[3200], 0.08).end();
        let live = scope.spawn(|| live.run());
        // The upload takes six seconds.
        let part = format!("file=@{}", recording().display());
        let stack = &stack;
        let upload = scope.spawn(move || {
            let slowly = ["--limit-rate", "60k", "-F", &part, "/asr/transcribe"];
            stack.with_token(&token, &slowly)
        });
        until(|| (stack.asr_metric("asr_streams_active") >= 1.0).then_some(()));
        pause_for(Duration::from_secs(2));
        stack.end_kept();

        let session = live.join().expect("the session ran");
        session.assert_complete();
        assert_heard(&session.words());
        let answer = upload.join().expect("curl ran");
        assert_eq!(answer.status, 200, "{}", answer.body);
    });
    for status in stack.stop() {
        assert!(status.success(), "{status}\n{}", stack.log());
    }

    let control = stack.cluster().join("global/pg_control");
    let file = OpenOptions::new().write(true).open(control);
    let file = file.expect("a cluster has a control file");
    file.write_all_at(&[0xff; 64], 8)
        .expect("it can be written");
    stack.launch_kept();
    let answer = ready_when(&stack, |answer| {
        answer.status == 503 && {
            let checks = &answer.json()["checks"];
            checks["asr"] == "ok" && checks["tts"] == "ok"
        }
    });
    let checks = &answer.json()["checks"];
    assert_eq!(checks["bot"], "not ready: database", "{checks}");
    assert_eq!(stack.transcribe(&recording(), &[]).status, 200);
    let account = r#"{"email": "user@example.com", "password": "securepass123"}"#;
    let json = "Content-Type: application/json";
    let signup = stack.curl(&["-H", json, "-d", account, "/bot/api/auth/signup"]);
    assert_eq!(signup.status, 503, "{}", signup.body);
    until(|| stack.log().contains("pg_control is damaged").then_some(()));
}
