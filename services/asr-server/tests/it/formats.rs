//! What a transcript looks like, in every format, and what the options do to it.

use crate::harness::{
    Answer, Form, WORDS, assert_close, beckett, interleave, samples, server, wait, wav_of, words,
};
use serde_json::Value;

fn transcript(recording: &[u8], fields: &[&str]) -> Value {
    server().transcribe(recording, fields).ok()
}

fn text_of(value: &Value) -> String {
    words(
        value["transcript"]
            .as_str()
            .unwrap_or_else(|| panic!("{value}")),
    )
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    keys
}

#[test]
fn the_answer_has_the_documented_shape_and_nothing_else() {
    let answer = server().transcribe(beckett(), &["word_timestamps=true"]);
    let body = answer.ok();
    assert_eq!(
        keys(&body),
        [
            "decoder",
            "duration",
            "inference_time",
            "language",
            "language_confidence",
            "model",
            "request_id",
            "segments",
            "timings",
            "transcript",
            "warnings"
        ]
    );
    assert_eq!(
        keys(&body["segments"][0]),
        [
            "confidence",
            "end",
            "entities",
            "metadata",
            "start",
            "text",
            "words"
        ]
    );
    assert_eq!(
        keys(&body["segments"][0]["words"][0]),
        ["confidence", "end", "start", "word"]
    );
    assert_eq!(
        keys(&body["timings"]),
        ["decode", "inference", "metadata", "post", "total", "vad"]
    );
    assert_eq!(body["model"], "en-in-tech-misc");
    assert_eq!(body["decoder"], "beam_search_kenlm", "what suits Moonshine");
    assert_eq!(body["language"], "en");
    assert_eq!(body["language_confidence"], Value::Null);
    assert_eq!(body["warnings"], serde_json::json!([]));
    assert_eq!(
        body["request_id"].as_str(),
        answer.headers["x-request-id"].to_str().ok()
    );
    let seconds: f64 = answer.headers["x-audio-seconds"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((seconds - samples().len() as f64 / 16_000.0).abs() < 0.01);
    assert_eq!(body["duration"].as_f64(), Some(seconds));
    let time = body["inference_time"].as_str().unwrap();
    let total: f64 = time.strip_suffix('s').unwrap().parse().unwrap();
    assert!(
        (total * 1000.0 - body["timings"]["total"].as_f64().unwrap()).abs() < 1.0,
        "{body}"
    );
}

#[test]
fn words_have_times_in_order_within_their_segment() {
    let body = transcript(beckett(), &["word_timestamps=true"]);
    assert_close(&text_of(&body), WORDS, 0.2);
    let (mut spoken, mut previous) = (Vec::new(), 0.0);
    for segment in body["segments"].as_array().unwrap() {
        let bounds = (
            segment["start"].as_f64().unwrap(),
            segment["end"].as_f64().unwrap(),
        );
        for word in segment["words"].as_array().unwrap() {
            let (start, end) = (
                word["start"].as_f64().unwrap(),
                word["end"].as_f64().unwrap(),
            );
            assert!(previous <= start && start < end, "{segment}");
            assert!(
                bounds.0 - 0.3 <= start && end <= bounds.1 + 0.3,
                "{segment}"
            );
            assert!((0.0..=1.0).contains(&word["confidence"].as_f64().unwrap()));
            let text = word["word"].as_str().unwrap();
            assert!(
                text.chars().all(char::is_alphanumeric),
                "punctuation is stripped: {text}"
            );
            spoken.push(text.to_lowercase());
            previous = end;
        }
    }
    assert_eq!(spoken.join(" "), text_of(&body));
    assert!(
        transcript(beckett(), &[])["segments"][0]
            .get("words")
            .is_none()
    );
}

#[test]
fn without_punctuation_text_and_words_are_plain() {
    let body = transcript(beckett(), &["punctuation=false", "word_timestamps=yes"]);
    let plain = body["transcript"].as_str().unwrap();
    assert!(
        plain.chars().all(|c| c.is_lowercase() || c == ' '),
        "{plain}"
    );
    assert_close(plain, WORDS, 0.2);
    let spoken: Vec<&str> = body["segments"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|segment| segment["words"].as_array().unwrap())
        .map(|word| word["word"].as_str().unwrap())
        .collect();
    assert_eq!(spoken.join(" "), text_of(&body));
}

#[test]
fn what_is_no_number_and_no_oath_is_left_alone() {
    let plain = transcript(beckett(), &["itn=false", "word_timestamps=true"]);
    let fields = ["itn=true", "profanity_filter=true", "word_timestamps=true"];
    let read = transcript(beckett(), &fields);
    assert_eq!(read["warnings"], serde_json::json!([]));
    assert_eq!(read["transcript"], plain["transcript"]);
    assert_eq!(read["segments"], plain["segments"]);
}

#[test]
fn segments_are_the_array_alone() {
    let body = transcript(beckett(), &["format=segments"]);
    assert!(
        body.as_array().is_some_and(|segments| !segments.is_empty()),
        "{body}"
    );
    let fields = ["confidence", "end", "entities", "metadata", "start", "text"];
    assert_eq!(keys(&body[0]), fields);
}

#[test]
fn subtitles_come_with_their_media_type_and_every_word() {
    let shown = |answer: &Answer| {
        assert_eq!(answer.status, 200, "{}", answer.text());
        let lines = answer.text().lines();
        let lines =
            lines.filter(|l| !l.contains("-->") && *l != "WEBVTT" && l.parse::<u32>().is_err());
        words(&lines.collect::<Vec<_>>().join(" "))
    };
    let srt = server().transcribe(beckett(), &["format=srt", "colour=red"]);
    assert_eq!(
        srt.headers["content-type"],
        "application/x-subrip; charset=utf-8"
    );
    assert!(srt.text().starts_with("1\n00:00:0"), "{}", srt.text());
    assert!(
        srt.headers["x-warning"]
            .to_str()
            .unwrap()
            .contains("colour")
    );
    assert_close(&shown(&srt), WORDS, 0.2);
    let vtt = server().transcribe(beckett(), &["format=vtt"]);
    assert_eq!(vtt.headers["content-type"], "text/vtt; charset=utf-8");
    assert!(
        vtt.text().starts_with("WEBVTT\n\n00:00:0"),
        "{}",
        vtt.text()
    );
    assert_close(&shown(&vtt), WORDS, 0.2);
}

#[test]
fn silence_gives_no_words_and_is_no_error() {
    let silence = vec![0.0; 16_000 * 3];
    let body = transcript(&wav_of(&[&silence]), &["word_timestamps=true"]);
    assert_eq!(body["transcript"], "");
    assert_eq!(body["segments"], serde_json::json!([]));
    assert_eq!(body["duration"], 3.0);
    let vtt = server().transcribe(&wav_of(&[&silence]), &["format=vtt"]);
    assert_eq!(vtt.text(), "WEBVTT\n\n");
}

#[test]
fn channels_are_mixed_unless_they_are_wanted_apart() {
    // Beckett on the left now, on the right ten seconds later.
    let late = [vec![0.0; samples().len()], samples().to_vec()].concat();
    let stereo = wav_of(&[samples(), &late]);
    let mixed = transcript(&stereo, &[]);
    assert_close(&text_of(&mixed), &format!("{WORDS} {WORDS}"), 0.2);
    assert!(
        mixed["segments"]
            .as_array()
            .unwrap()
            .iter()
            .all(|segment| segment.get("channel").is_none())
    );

    let apart = transcript(&stereo, &["multichannel=true"]);
    let mut previous = 0.0;
    let mut spoken = [String::new(), String::new()];
    for segment in apart["segments"].as_array().unwrap() {
        let start = segment["start"].as_f64().unwrap();
        assert!(previous <= start, "merged by time");
        previous = start;
        let channel = segment["channel"].as_u64().unwrap() as usize;
        spoken[channel] += &format!("{} ", words(segment["text"].as_str().unwrap()));
    }
    for text in spoken {
        assert_close(text.trim(), WORDS, 0.2);
    }
    let vtt = server().transcribe(&stereo, &["multichannel=true", "format=vtt"]);
    assert!(vtt.text().contains("<v Channel 0>") && vtt.text().contains("<v Channel 1>"));
}

#[test]
fn a_whisper_is_understood_with_its_gain_normalised() {
    let quiet: Vec<f32> = samples().iter().map(|sample| sample * 0.03).collect();
    let body = transcript(&wav_of(&[&quiet]), &["gain_normalize=true"]);
    assert_close(&text_of(&body), WORDS, 0.2);
}

#[test]
fn noise_reduction_leaves_the_words_and_their_times() {
    let body = transcript(beckett(), &["noise_reduce=true"]);
    let plain = transcript(beckett(), &[]);
    assert_close(&text_of(&body), WORDS, 0.3);
    let start = |value: &Value| value["segments"][0]["start"].as_f64().unwrap();
    assert!((start(&body) - start(&plain)).abs() < 0.3);
}

#[test]
fn clean_gives_the_text_and_raw_the_tokens() {
    let post = |path: &str| wait(server().post_form(path, Form::of(beckett(), &[])));
    let clean = post("/transcribe/clean");
    assert_eq!(keys(&clean.ok()), ["transcript"]);
    assert_close(&text_of(&clean.ok()), WORDS, 0.2);
    assert!(clean.headers.contains_key("x-audio-seconds"));
    let raw = post("/transcribe/raw").ok();
    assert_eq!(
        keys(&raw),
        ["model", "raw", "request_id", "segments", "warnings"]
    );
    assert!(
        raw["segments"][0]["tokens"]
            .as_array()
            .is_some_and(|tokens| tokens.len() > 5),
        "{raw}"
    );
}

#[test]
fn pcm_is_understood_in_every_encoding() {
    let s16 = interleave(&[samples()]);
    let stereo = interleave(&[samples(), samples()]);
    let f32le: Vec<u8> = samples()
        .iter()
        .flat_map(|sample| sample.to_le_bytes())
        .collect();
    let s16_of = |sample: &f32| (sample * 32767.0) as i16;
    let mulaw: Vec<u8> = samples()
        .iter()
        .map(|sample| audio::g711::encode_mulaw(s16_of(sample)))
        .collect();
    let alaw: Vec<u8> = samples()
        .iter()
        .map(|sample| audio::g711::encode_alaw(s16_of(sample)))
        .collect();
    for (query, body) in [
        ("", s16.clone()),
        ("?encoding=s16le&sample_rate=16000&channels=1", s16.clone()),
        ("?channels=2", stereo),
        ("?encoding=f32le", f32le),
        ("?encoding=mulaw", mulaw),
        ("?encoding=alaw&punctuation=false", alaw),
    ] {
        let answer = wait(server().post(
            &format!("/transcribe/pcm{query}"),
            "application/octet-stream",
            body,
        ));
        assert_close(&text_of(&answer.ok()), WORDS, 0.2);
    }
    let form = Form::of(&s16, &["sample_rate=16000", "word_timestamps=1"]);
    let body = wait(server().post_form("/transcribe/pcm", form)).ok();
    assert_close(&text_of(&body), WORDS, 0.2);
    assert!(body["segments"][0]["words"].is_array());
}

#[test]
fn wrong_pcm_is_refused_with_its_parameter() {
    let post = |query: &str, body: Vec<u8>| {
        wait(server().post(&format!("/transcribe/pcm{query}"), "audio/l16", body))
    };
    let samples = interleave(&[samples()]);
    post("?sample_rate=1", samples.clone()).error(422, "invalid_parameter", Some("sample_rate"));
    post("?channels=0", samples.clone()).error(422, "invalid_parameter", Some("channels"));
    let message = post("?encoding=mp3", samples).error(422, "invalid_parameter", Some("encoding"));
    assert!(message.contains("s16le, mulaw, alaw, f32le"), "{message}");
    post("", Vec::new()).error(422, "empty_audio", Some("file"));
}
