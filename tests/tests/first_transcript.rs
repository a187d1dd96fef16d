//! What a stranger does in her first minute: a file in, words out, through the gateway.

use e2e::{Stack, converted, recording};

const WORDS: [&str; 22] = [
    "and",
    "so",
    "my",
    "fellow",
    "americans",
    "ask",
    "not",
    "what",
    "your",
    "country",
    "can",
    "do",
    "for",
    "you",
    "ask",
    "what",
    "you",
    "can",
    "do",
    "for",
    "your",
    "country",
];

/// Lower-case words without punctuation.
fn words(text: &str) -> Vec<String> {
    text.split_whitespace()
        .map(|word| {
            word.chars()
                .filter(|c| c.is_alphanumeric())
                .collect::<String>()
                .to_lowercase()
        })
        .filter(|word| !word.is_empty())
        .collect()
}

#[test]
fn an_mp3_gives_the_right_words_with_times() {
    let stack = Stack::start(&[]);
    let mp3 = converted(stack.data.path(), "any.mp3", &["-b:a", "64k"]);
    let answer = stack.transcribe(&mp3, &["word_timestamps=true"]);
    assert_eq!(answer.status, 200, "{}", answer.body);

    let transcript = answer.json();
    assert_eq!(words(transcript["transcript"].as_str().unwrap()), WORDS);
    let duration = transcript["duration"].as_f64().unwrap();
    let mut previous_end = 0.0;
    let mut spoken = Vec::new();
    for segment in transcript["segments"].as_array().unwrap() {
        for word in segment["words"].as_array().unwrap() {
            let (start, end) = (
                word["start"].as_f64().unwrap(),
                word["end"].as_f64().unwrap(),
            );
            assert!(
                previous_end <= start && start < end && end <= duration + 0.05,
                "{word}"
            );
            let confidence = word["confidence"].as_f64().unwrap();
            assert!((0.0..=1.0).contains(&confidence), "{word}");
            previous_end = end;
            spoken.extend(words(word["word"].as_str().unwrap()));
        }
    }
    assert_eq!(spoken, WORDS);
}

#[test]
fn every_documented_container_gives_the_same_words() {
    let stack = Stack::start(&[]);
    let folder = stack.data.path();
    let formats: &[(&str, &[&str])] = &[
        ("pcm24.wav", &["-c:a", "pcm_s24le"]),
        ("float.wav", &["-c:a", "pcm_f32le"]),
        ("mulaw.wav", &["-ar", "8000", "-c:a", "pcm_mulaw"]),
        ("adpcm.wav", &["-c:a", "adpcm_ima_wav"]),
        ("lossless.flac", &[]),
        ("vorbis.ogg", &["-c:a", "libvorbis"]),
        ("voice.opus", &["-c:a", "libopus"]),
        ("aac.m4a", &["-c:a", "aac"]),
        ("alac.m4a", &["-c:a", "alac"]),
        (
            "live.webm",
            &["-c:a", "libopus", "-f", "webm", "-live", "1"],
        ),
        ("vorbis.webm", &["-c:a", "libvorbis"]),
        ("big-endian.aiff", &["-ac", "2", "-ar", "44100"]),
    ];
    for (name, arguments) in formats {
        let answer = stack.transcribe(&converted(folder, name, arguments), &[]);
        assert_eq!(answer.status, 200, "{name}: {}", answer.body);
        let text = answer.json()["transcript"].as_str().unwrap().to_owned();
        // Telephone quality and ADPCM may cost a word; the others may not.
        let right = words(&text)
            .iter()
            .filter(|word| WORDS.contains(&word.as_str()))
            .count();
        assert!(right + 1 >= WORDS.len(), "{name}: {text}");
    }
}

#[test]
fn without_a_token_nothing_is_transcribed() {
    let stack = Stack::start(&[]);
    let part = format!("file=@{}", recording().display());
    let answer = stack.curl(&["-F", &part, "/asr/transcribe"]);
    assert_eq!(
        (answer.status, answer.error_code().as_str()),
        (401, "missing_token")
    );

    let answer = stack.with_token(
        "wh_0000000000000000000000000000000000000000000",
        &["-F", &part, "/asr/transcribe"],
    );
    assert_eq!(
        (answer.status, answer.error_code().as_str()),
        (401, "invalid_token")
    );
}

#[test]
fn a_text_file_named_mp3_is_refused_and_the_next_request_works() {
    let stack = Stack::start(&[]);
    let fake = stack.data.path().join("speech.mp3");
    std::fs::write(&fake, "This is not audio at all.\n".repeat(100)).unwrap();
    let answer = stack.transcribe(&fake, &[]);
    assert_eq!(
        (answer.status, answer.error_code().as_str()),
        (415, "unsupported_audio"),
        "{}",
        answer.body
    );

    assert_eq!(stack.transcribe(&recording(), &[]).status, 200);
}

#[test]
fn subtitles_come_as_subtitles() {
    let stack = Stack::start(&[]);
    let answer = stack.transcribe(&recording(), &["format=srt"]);
    assert_eq!(answer.status, 200);
    assert!(
        answer.body.starts_with("1\n00:00:0") || answer.body.starts_with("1\r\n00:00:0"),
        "{}",
        answer.body
    );
    let answer = stack.transcribe(&recording(), &["format=vtt"]);
    assert!(answer.body.starts_with("WEBVTT"), "{}", answer.body);
}
