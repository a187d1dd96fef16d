//! Many files in one request, and events while the work goes on.

use crate::harness::{Form, WORDS, assert_close, beckett, samples, server, wait, wav_of, words};
use axum::body::Bytes;
use http::Request;
use http_body_util::Full;
use serde_json::Value;

fn spoken(result: &Value) -> String {
    words(
        result["transcript"]
            .as_str()
            .unwrap_or_else(|| panic!("{result}")),
    )
}

/// The first sentence, the second, and so on: files that cannot be mistaken for each other.
fn parts() -> [Vec<u8>; 3] {
    let seconds = samples().len() / 16_000;
    let piece = |from: usize, to: usize| wav_of(&[&samples()[from * 16_000..to * 16_000]]);
    [piece(0, seconds), piece(0, 4), vec![b'x'; 4000]]
}

#[test]
fn a_batch_keeps_its_order_and_one_failure_does_not_fail_the_rest() {
    let [whole, half, rubbish] = parts();
    let form = Form::default()
        .file("a.wav", &whole)
        .field("word_timestamps", "true")
        .file("b.txt", &rubbish)
        .file("c.wav", &half)
        .file("d.wav", b"");
    let answer = wait(server().post_form("/transcribe/batch", form));
    let body = answer.ok();
    let results = body["results"].as_array().unwrap();
    let summary: Vec<_> = results
        .iter()
        .map(|r| {
            (
                r["index"].as_u64(),
                r["filename"].as_str(),
                r["status"].as_u64(),
            )
        })
        .collect();
    assert_eq!(
        summary,
        [
            (Some(0), Some("a.wav"), Some(200)),
            (Some(1), Some("b.txt"), Some(415)),
            (Some(2), Some("c.wav"), Some(200)),
            (Some(3), Some("d.wav"), Some(422)),
        ]
    );
    assert_close(&spoken(&results[0]["result"]), WORDS, 0.2);
    assert!(
        results[0]["result"]["segments"][0]["words"].is_array(),
        "options are for all"
    );
    assert_eq!(results[1]["error"]["code"], "unsupported_audio");
    assert!(spoken(&results[2]["result"]).starts_with("ever tried"));
    assert_eq!(results[3]["error"]["code"], "empty_audio");
    assert_eq!(
        body["request_id"].as_str(),
        answer.headers["x-request-id"].to_str().ok()
    );
    assert!(answer.headers.contains_key("x-audio-seconds"));
}

#[test]
fn a_streamed_batch_tells_each_file_once_and_ends() {
    let [whole, half, rubbish] = parts();
    let form = Form::default()
        .file("a", &whole)
        .file("b", &rubbish)
        .file("c", &half);
    let events = wait(server().post_form("/transcribe/batch?stream=true", form)).events();
    let (name, done) = events.last().unwrap();
    assert_eq!(
        (
            name.as_str(),
            done["files"].as_u64(),
            done["failed"].as_u64()
        ),
        ("done", Some(3), Some(1))
    );
    let mut indexes: Vec<_> = events[..events.len() - 1]
        .iter()
        .map(|(name, data)| {
            assert_eq!(name, "result");
            data["result"]["index"].as_u64().unwrap()
        })
        .collect();
    indexes.sort_unstable();
    assert_eq!(indexes, [0, 1, 2]);
}

#[test]
fn a_batch_of_nothing_or_of_too_many_is_refused() {
    let post = |form| wait(server().post_form("/transcribe/batch", form));
    post(Form::default().field("language", "en")).error(422, "missing_parameter", Some("file"));
    let many = (0..65).fold(Form::default(), |form, _| form.file("a", b"x"));
    let message = post(many).error(422, "invalid_parameter", Some("file"));
    assert!(message.contains("64"), "{message}");
}

fn long(form: Form) -> crate::harness::Answer {
    let request = Request::post(format!("http://{}/transcribe/long", server().address))
        .header("content-type", Form::TYPE)
        .header("accept", "text/event-stream")
        .body(Full::new(Bytes::from(form.end())))
        .unwrap();
    wait(server().send(request))
}

#[test]
fn long_audio_tells_its_segments_in_order_and_ends_with_the_whole() {
    let minute = wav_of(&[&samples().repeat(6)]);
    let answer = long(Form::of(&minute, &["word_timestamps=true"]));
    assert_eq!(answer.headers["content-type"], "text/event-stream");
    let events = answer.events();
    let done = &events.last().unwrap().1;
    assert_eq!(done["type"], "done");
    // Tags need the whole: they come at the end.
    let words = |segment: &Value| {
        ["text", "start", "end", "confidence", "words"].map(|field| segment[field].clone())
    };
    let segments: Vec<_> = events
        .iter()
        .filter(|(name, _)| name == "segment")
        .map(|(_, e)| words(&e["segment"]))
        .collect();
    assert_eq!(
        segments,
        done["result"]["segments"]
            .as_array()
            .unwrap()
            .iter()
            .map(words)
            .collect::<Vec<_>>()
    );
    assert_close(&spoken(&done["result"]), &[WORDS; 6].join(" "), 0.2);
    let progress: Vec<f64> = events
        .iter()
        .filter(|(name, _)| name == "progress")
        .map(|(_, event)| event["seconds_done"].as_f64().unwrap())
        .collect();
    assert!(
        progress.windows(2).all(|pair| pair[0] <= pair[1]),
        "{progress:?}"
    );
    assert_eq!(
        progress.last(),
        done["result"]["duration"].as_f64().as_ref()
    );
    assert!(!events.iter().any(|(name, _)| name == "error"));
}

#[test]
fn long_audio_without_events_is_one_answer() {
    let body = wait(server().post_form("/transcribe/long", Form::of(beckett(), &[]))).ok();
    assert_close(&spoken(&body), WORDS, 0.2);
    assert!(body["segments"].is_array());
}

#[test]
fn a_failure_after_the_start_is_an_event_and_one_before_is_a_status() {
    let events = long(Form::of(&[b'x'; 4000], &[])).events();
    let (name, event) = events.last().unwrap();
    assert_eq!(
        (name.as_str(), event["type"].as_str()),
        ("error", Some("error"))
    );
    assert_eq!(event["error"]["code"], "unsupported_audio");
    long(Form::of(beckett(), &["model=nope"])).error(422, "model_not_loaded", Some("model"));
}
