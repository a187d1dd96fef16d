//! Texts become files of every format, while they are made.

use crate::harness::{Answer, SENTENCE, server};
use base64::Engine as _;
use serde_json::{Value, json};

fn spoken(body: &Value) -> Answer {
    let answer = server().post("/synthesize", body);
    assert_eq!(
        answer.status,
        200,
        "{}",
        String::from_utf8_lossy(&answer.body)
    );
    answer
}

/// Seconds and loudest sample of a file.
fn decode(bytes: &[u8]) -> (f64, f32) {
    let source = Box::new(std::io::Cursor::new(bytes.to_vec()));
    let audio = audio::decode_all(source, &audio::DecodeOptions::default()).unwrap();
    let samples = &audio.channels[0];
    let loudest = samples
        .iter()
        .fold(0.0f32, |peak, sample| peak.max(sample.abs()));
    (samples.len() as f64 / 16_000.0, loudest)
}

fn seconds_said(answer: &Answer) -> f64 {
    let length = answer.trailers.get("x-audio-seconds").expect("a trailer");
    length.to_str().unwrap().parse().unwrap()
}

#[test]
fn every_format_decodes_to_the_length_that_was_said() {
    for (format, rate, media_type) in [
        ("wav", 44_100, "audio/wav"),
        ("mp3", 24_000, "audio/mpeg"),
        ("opus", 48_000, "audio/ogg;codecs=opus"),
        ("flac", 8_000, "audio/flac"),
    ] {
        let answer = spoken(&json!({"text": SENTENCE, "format": format, "sample_rate": rate}));
        assert_eq!(answer.header("content-type"), media_type);
        assert_eq!(answer.header("x-characters"), SENTENCE.len().to_string());
        let (length, loudest) = decode(&answer.body);
        let said = seconds_said(&answer);
        let slack = if format == "mp3" { 0.35 } else { 0.01 };
        assert!(
            (length - said).abs() < slack,
            "{format} {rate}: {length} of {said} s"
        );
        assert!(
            (2.0..10.0).contains(&said) && loudest > 0.05,
            "{format} {rate}: {loudest}"
        );
    }
}

#[test]
fn headerless_formats_have_a_byte_or_two_a_sample() {
    for (format, bytes) in [("pcm", 2.0), ("mulaw", 1.0), ("alaw", 1.0)] {
        let answer =
            spoken(&json!({"text": "Good morning.", "format": format, "sample_rate": 8000}));
        let length = answer.body.len() as f64 / bytes / 8000.0;
        assert!((length - seconds_said(&answer)).abs() < 0.001, "{format}");
    }
}

#[test]
fn the_default_is_a_wav_of_unknown_length() {
    let answer = spoken(&json!({"text": "Good morning."}));
    assert_eq!(answer.header("content-type"), "audio/wav");
    assert_eq!(&answer.body[40..44], [0xff; 4]);
    assert!(answer.headers.get("content-length").is_none());
    assert!(answer.headers.get("x-warnings").is_none());
}

#[test]
fn with_timestamps_the_answer_is_lines() {
    for query in ["", "?timestamps=true"] {
        let mut body = json!({"text": SENTENCE, "format": "flac", "temperature": 1});
        if query.is_empty() {
            body["timestamps"] = true.into();
        }
        let answer = server().post(&format!("/synthesize{query}"), &body);
        assert_eq!(answer.header("content-type"), "application/x-ndjson");
        let lines = answer.lines();
        let (done, pieces) = lines.split_last().unwrap();
        assert_eq!(
            (done["type"].as_str(), done["format"].as_str()),
            (Some("done"), Some("flac"))
        );
        assert_eq!(done["warnings"].as_array().unwrap().len(), 1);
        let file: Vec<u8> = pieces
            .iter()
            .flat_map(|line| {
                let piece = line["audio"].as_str().unwrap();
                base64::engine::general_purpose::STANDARD
                    .decode(piece)
                    .unwrap()
            })
            .collect();
        let (length, _) = decode(&file);
        assert!((length * 1000.0 - done["audio_ms"].as_f64().unwrap()).abs() < 10.0);
        let words: Vec<&Value> = pieces
            .iter()
            .flat_map(|line| line["words"].as_array().unwrap())
            .collect();
        let names: Vec<&str> = words
            .iter()
            .map(|word| word["text"].as_str().unwrap())
            .collect();
        assert_eq!(names.len(), SENTENCE.split(' ').count(), "{names:?}");
        let starts: Vec<u64> = words
            .iter()
            .map(|word| word["start_ms"].as_u64().unwrap())
            .collect();
        assert!(starts.is_sorted(), "{starts:?}");
        assert!(seconds_said(&answer) > 1.0);
    }
}

#[test]
fn openais_clients_are_served() {
    let body = json!({"model": "gpt-4o-mini-tts", "input": "Good morning.", "voice": "nova", "instructions": "calm"});
    let answer = server().post("/v1/audio/speech", &body);
    assert_eq!(
        answer.status,
        200,
        "{}",
        String::from_utf8_lossy(&answer.body)
    );
    assert_eq!(answer.header("content-type"), "audio/mpeg");
    let warnings = answer.header("x-warnings");
    assert!(
        warnings.contains("af_nova") && warnings.contains("gpt-4o-mini-tts"),
        "{warnings}"
    );
    assert!(decode(&answer.body).0 > 0.5);
    let wrong = server().post("/v1/audio/speech", &json!({"model": "tts-1"}));
    wrong.error(422, "missing_parameter", Some("input"));
}
