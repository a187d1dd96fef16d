//! What a live session says, and in which order: no word lost, nothing mixed, nothing taken back.

use e2e::live::{Plan, Session, assert_heard, number, run, spoken, words};
use e2e::{Stack, converted, converted_from, recording_named};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const S16LE: [&str; 6] = ["-f", "s16le", "-ar", "16000", "-ac", "1"];

/// The recording as 16 kHz s16le without a header.
fn raw(folder: &Path) -> PathBuf {
    converted(folder, "jfk.s16", &S16LE)
}

#[test]
fn the_size_of_messages_changes_nothing() {
    let stack = Stack::shared();
    let folder = tempfile::tempdir().unwrap();
    let file = raw(folder.path());
    let plan = |chunk: &[usize]| {
        Plan::new(&stack, "/asr/stream")
            .config(json!({"language": "en"}))
            .paced_audio(&file, chunk, 0.0)
            .end()
    };
    // Odd counts cut samples in two.
    let sessions = run(vec![plan(&[32_000]), plan(&[1, 3, 7, 1001]), plan(&[639])]);
    let finals = |session: &Session| -> Vec<(String, f64, f64)> {
        let fields = |t: &&Value| (t["text"].to_string(), number(t, "start"), number(t, "end"));
        session.transcripts(true).iter().map(fields).collect()
    };
    for session in &sessions {
        session.assert_complete();
        assert_heard(&session.words());
        assert_eq!(finals(session), finals(&sessions[0]));
        assert_eq!(session.of("end")[0]["duration"], 11.0);
    }
}

#[test]
fn an_utterance_begins_with_speech_started_and_ends_with_utterance_end() {
    let stack = Stack::shared();
    let folder = tempfile::tempdir().unwrap();
    // Three seconds of quiet after the last word, at twice the speed of speech.
    let file = converted(
        folder.path(),
        "jfk.s16",
        &[&["-af", "apad=pad_dur=3"], &S16LE[..]].concat(),
    );
    let session = Plan::new(&stack, "/asr/stream?language=en&word_timestamps=true")
        .paced_audio(&file, &[3200], 0.05)
        .end()
        .run();
    session.assert_complete();
    assert_heard(&session.words());
    assert!(session.transcripts(false).len() >= 3, "{session:#?}");

    // Speech may pause and go on within an utterance: then it starts again, after a final that says
    // that the utterance is not over.
    let (mut began, mut open) = (None, false);
    for message in &session.messages {
        match message["type"].as_str().unwrap() {
            "speech_started" => {
                assert!(!open, "two beginnings: {session:#?}");
                began = Some(number(message, "start"));
            }
            "transcript" => {
                let began = began.expect("speech_started comes before a transcript");
                // Speech reaches a little before the point where it was noticed.
                assert!(number(message, "start") >= began - 0.6, "{message}");
                open = message["is_final"] == false;
            }
            "utterance_end" => {
                let began = began.take().expect("it had begun");
                assert!(number(message, "end") >= began && !open, "{message}");
            }
            _ => {}
        }
    }
    assert!(began.is_none(), "quiet ends the last utterance");
    let last = *session.transcripts(true).last().unwrap();
    assert_eq!(last["utterance_end"], true, "{last}");

    let mut previous = 0.0;
    let mut in_words = Vec::new();
    for word in session
        .transcripts(true)
        .iter()
        .flat_map(|t| t["words"].as_array().unwrap())
    {
        let (start, end) = (number(word, "start"), number(word, "end"));
        assert!(
            previous <= start + 1e-6 && start <= end,
            "{word} after {previous}"
        );
        previous = end;
        in_words.extend(words(word["word"].as_str().unwrap()));
    }
    assert_eq!(in_words, session.words());
}

#[test]
fn pauses_within_an_utterance_are_told_to_who_asks() {
    let stack = Stack::shared();
    let folder = tempfile::tempdir().unwrap();
    let file = raw(folder.path());
    let plan = |query: &str| {
        Plan::new(&stack, &format!("/asr/stream?language=en{query}"))
            .paced_audio(&file, &[3200], 0.05)
            .end()
    };
    let sessions = run(vec![plan(""), plan("&vad_events=true&eager=true")]);
    for session in &sessions {
        session.assert_complete();
        assert_heard(&session.words());
    }
    let told = |session: &Session| -> Vec<(String, f64)> {
        let events = session.messages.iter().filter_map(|message| {
            let kind = message["type"].as_str()?;
            let field = match kind {
                "speech_paused" => "end",
                "speech_resumed" => "start",
                _ => return None,
            };
            Some((kind.to_owned(), number(message, field)))
        });
        events.collect()
    };
    assert_eq!(told(&sessions[0]), []);
    let told = told(&sessions[1]);
    assert!(told.len() >= 3, "he pauses: {told:?}");
    for pair in told.windows(2) {
        assert!(pair[0].1 <= pair[1].1, "{pair:?}");
        let twice = pair[0].0 == "speech_resumed" && pair[1].0 == "speech_resumed";
        assert!(!twice, "{pair:?}");
    }
}

#[test]
fn finalize_flushes_and_listening_goes_on() {
    let stack = Stack::shared();
    let folder = tempfile::tempdir().unwrap();
    // "... ask not" | "what your country ...": in the pause between.
    let first = converted(
        folder.path(),
        "first.s16",
        &[&["-t", "4.9"], &S16LE[..]].concat(),
    );
    let second = converted(
        folder.path(),
        "second.s16",
        &[&["-ss", "4.9"], &S16LE[..]].concat(),
    );
    let session = Plan::new(&stack, "/asr/stream")
        .config(json!({"language": "en"}))
        .audio(&first)
        .message("finalize", json!({}))
        .wait("finalized")
        .message("keepalive", json!({}))
        .audio(&second)
        .end()
        .run();
    session.assert_complete();
    let at = session
        .messages
        .iter()
        .position(|m| m["type"] == "finalized")
        .unwrap();
    assert!((number(&session.messages[at], "end") - 4.9).abs() < 0.01);
    let before: Vec<&str> = session.messages[..at]
        .iter()
        .filter(|m| m["is_final"] == true)
        .filter_map(|m| m["text"].as_str())
        .collect();
    let before = words(&before.join(" "));
    assert!(
        before.starts_with(&spoken()[..3]) && before.last() == Some(&"not".to_owned()),
        "{before:?}"
    );
    assert_heard(&session.words());
}

#[test]
fn the_first_and_the_last_word_are_never_lost() {
    let stack = Stack::shared();
    let folder = tempfile::tempdir().unwrap();
    // From the first sample of a word to the last of one, without any quiet around.
    let cut = |name: &str, from: &str, to: &str| {
        let file = converted(
            folder.path(),
            name,
            &[&["-ss", from, "-to", to], &S16LE[..]].concat(),
        );
        Plan::new(&stack, "/asr/stream")
            .config(json!({"language": "en"}))
            .audio(&file)
            .end()
    };
    let sessions = run(vec![
        cut("and.s16", "0.32", "2.14"),
        cut("what.s16", "5.41", "7.68"),
        cut("all.s16", "0.32", "10.61"),
    ]);
    assert!(
        sessions[0].words().starts_with(&spoken()[..4]) && sessions[0].text().contains("merica"),
        "{}",
        sessions[0].text()
    );
    assert_eq!(sessions[1].words(), spoken()[7..14]);
    assert_heard(&sessions[2].words());
    for session in sessions {
        session.assert_complete();
    }
}

#[test]
fn sessions_do_not_mix_and_every_word_of_a_long_one_comes() {
    let stack = Stack::shared();
    let folder = tempfile::tempdir().unwrap();
    let from = |name: &str| {
        converted_from(
            &recording_named(name),
            folder.path(),
            &format!("{name}.s16"),
            &S16LE,
        )
    };
    let plan = |name: &str| {
        Plan::new(&stack, "/asr/stream")
            .config(json!({"language": "en", "channel": name}))
            .audio(&from(name))
            .end()
    };
    let names = ["jfk.wav", "beckett.wav", "two_cities.wav", "jfk.wav"];
    let sessions = run(names.map(plan).to_vec());
    for (session, name) in sessions.iter().zip(names) {
        session.assert_complete();
        assert!(
            session
                .of("transcript")
                .iter()
                .all(|t| t["channel"] == name)
        );
    }
    assert_heard(&sessions[0].words());
    assert_heard(&sessions[3].words());
    assert_ne!(
        sessions[0].messages[0]["session_id"],
        sessions[3].messages[0]["session_id"]
    );
    let has = |session: &Session, phrase: &str| session.words().join(" ").contains(phrase);
    assert!(
        has(&sessions[1], "fail better") && !has(&sessions[1], "country"),
        "{}",
        sessions[1].text()
    );
    for phrase in [
        "best of times",
        "worst of times",
        "season of light",
        "winter of despair",
    ] {
        assert!(
            has(&sessions[2], phrase),
            "{phrase}: {}",
            sessions[2].text()
        );
    }
    assert!(sessions[2].transcripts(true).len() > 1);
}

#[test]
fn query_and_message_configure_alike() {
    let stack = Stack::shared();
    let folder = tempfile::tempdir().unwrap();
    let file = raw(folder.path());
    let query = "language=en&interim_results=false&punctuation=false&word_timestamps=true&channel=left&endpointing_ms=300";
    let message = json!({
        "language": "en", "interim_results": false, "punctuation": false,
        "word_timestamps": true, "channel": "left", "endpointing_ms": 300
    });
    let sessions = run(vec![
        Plan::new(&stack, &format!("/listen?{query}"))
            .wait("ready")
            .audio(&file)
            .end(),
        Plan::new(&stack, "/asr/stream")
            .config(message)
            .audio(&file)
            .end(),
    ]);
    let essence = |session: &Session| -> Vec<Value> {
        let strip = |message: &Value| {
            let mut message = message.clone();
            for varying in ["at", "session_id", "process_ms"] {
                message.as_object_mut().unwrap().remove(varying);
            }
            message
        };
        session.messages.iter().map(strip).collect()
    };
    assert_eq!(essence(&sessions[0]), essence(&sessions[1]));
    assert!(sessions[0].transcripts(false).is_empty());
    let text = sessions[0].text();
    let plain = |c: char| c.is_lowercase() || c == ' ' || c == '-';
    assert!(text.chars().all(plain), "{text}");
    assert_heard(&sessions[0].words());
}

#[test]
fn finals_of_a_conversation_say_who_speaks_each() {
    let stack = Stack::shared();
    let folder = tempfile::tempdir().unwrap();
    let file = converted_from(
        &recording_named("sample.wav"),
        folder.path(),
        "sample.s16",
        &S16LE,
    );
    // Pauses this short end no utterance: who speaks changes within them.
    let config = json!({"language": "en", "diarize": true, "endpointing_ms": 2000});
    let session = Plan::new(&stack, "/asr/stream")
        .config(config)
        .audio(&file)
        .end()
        .run();
    session.assert_complete();
    let speakers: Vec<&str> = session
        .transcripts(true)
        .iter()
        .map(|t| t["speaker"].as_str().unwrap_or_else(|| panic!("{t}")))
        .collect();
    assert!(
        speakers.contains(&"SPEAKER_00") && speakers.contains(&"SPEAKER_01"),
        "{session:#?}"
    );
}
