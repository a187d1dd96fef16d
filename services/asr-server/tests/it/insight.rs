//! Who spoke, and how: speakers, tags, entities, fluency.

use crate::harness::{beckett, recording, samples, server, wav_of};
use serde_json::Value;

/// Half a minute of two people, from pyannote's package.
fn dialogue() -> Vec<u8> {
    recording("sample.wav")
}

fn segments(body: &Value) -> &Vec<Value> {
    body["segments"].as_array().expect("segments")
}

fn assert_adds_up(distribution: &Value) {
    let all = distribution.as_object().expect("labels").values();
    let sum: f64 = all.filter_map(Value::as_f64).sum();
    assert!((sum - 1.0).abs() < 0.01, "{distribution}");
}

#[test]
fn two_people_are_told_apart_and_each_turn_has_its_tags() {
    let fields = [
        "diarize=true",
        "metadata_prob=true",
        "structured_intents=true",
        "speech_analysis=true",
        "speaker_embedding=true",
        "word_timestamps=true",
    ];
    let body = server().transcribe(&dialogue(), &fields).ok();
    assert_eq!(body["warnings"], serde_json::json!([]));
    assert_eq!(body["num_speakers"], 2, "{body:#}");
    let speakers = body["speakers"].as_array().expect("speakers");
    for (at, speaker) in speakers.iter().enumerate() {
        assert_eq!(speaker["speaker"], format!("SPEAKER_{at:02}"));
        assert!(speaker["seconds"].as_f64().is_some_and(|s| s > 5.0));
        let vector = speaker["speaker_embedding"].as_array().expect("a vector");
        let square = |x: &Value| x.as_f64().map(|x| x * x);
        let length: f64 = vector.iter().filter_map(square).sum();
        assert!(vector.len() == 192 && (length - 1.0).abs() < 1e-3);
    }
    assert_eq!(segments(&body)[0]["speaker"], "SPEAKER_00");
    let mut last = None;
    for segment in segments(&body) {
        let speaker = segment["speaker"].as_str().expect("a speaker");
        let gap = segment["start"].as_f64().zip(last);
        last = segment["end"].as_f64();
        assert!(
            segment["speaker_confidence"]
                .as_f64()
                .is_some_and(|p| (0.0..=1.0).contains(&p))
        );
        assert!(speakers.iter().any(|s| s["speaker"] == speaker));
        assert!(gap.is_none_or(|(start, end)| start > end - 5.0), "{body:#}");
        let tags = segment["metadata"].as_object().expect("tags");
        for category in [
            "emotion", "age", "gender", "behavior", "role", "eval", "intent",
        ] {
            assert!(tags.contains_key(category), "{segment:#}");
        }
        let probabilities = segment["metadata_probs"]
            .as_object()
            .expect("probabilities");
        probabilities.values().for_each(assert_adds_up);
        let words = segment["words"].as_array().expect("words");
        assert!(!words.is_empty(), "{segment:#}");
        let intent = segment["structured_intent"].as_object().expect("two tiers");
        assert!(intent.contains_key("speech_act") && intent.contains_key("domain"));
    }
    let spoken = body["speech_analysis"]["speakers"]
        .as_object()
        .expect("speakers");
    let shares = spoken.values().filter_map(|s| s["talk_ratio"].as_f64());
    assert!((shares.sum::<f64>() - 1.0).abs() < 0.01, "{spoken:#?}");
}

#[test]
fn without_asking_segments_have_tags_and_nothing_else() {
    let body = server().transcribe(beckett(), &[]).ok();
    let segment = &segments(&body)[0];
    assert_eq!(segment["metadata"]["gender"], "GENDER_MALE", "{segment:#}");
    for absent in ["speaker", "metadata_probs", "structured_intent", "words"] {
        assert_eq!(segment[absent], Value::Null);
    }
    for absent in [
        "num_speakers",
        "speakers",
        "speech_analysis",
        "speaker_embedding",
    ] {
        assert_eq!(body[absent], Value::Null);
    }
    let body = server().transcribe(beckett(), &["metadata=false"]).ok();
    assert_eq!(segments(&body)[0]["metadata"], serde_json::json!({}));
}

#[test]
fn one_voice_is_one_speaker_whatever_is_asked() {
    for fields in [
        &["diarize=true"][..],
        &["diarize=true", "max_speakers=1"],
        &["diarize=true", "num_speakers=1"],
    ] {
        let body = server().transcribe(beckett(), fields).ok();
        assert_eq!(body["num_speakers"], 1, "{fields:?}");
    }
    let body = server()
        .transcribe(beckett(), &["diarize=true", "num_speakers=5"])
        .ok();
    assert!(
        body["num_speakers"]
            .as_u64()
            .is_some_and(|n| (1..=5).contains(&n))
    );
}

#[test]
fn a_channel_is_a_speaker() {
    let (whole, quiet) = (samples(), vec![0.0; samples().len()]);
    let later: Vec<f32> = quiet.iter().chain(whole).copied().collect();
    let stereo = wav_of(&[&later, whole]);
    let body = server()
        .transcribe(&stereo, &["diarize=true", "multichannel=true"])
        .ok();
    assert_eq!(body["num_speakers"], 2);
    let first = &segments(&body)[0];
    assert_eq!(
        (&first["channel"], &first["speaker"]),
        (&1.into(), &"SPEAKER_00".into())
    );
}

#[test]
fn nobody_and_hardly_anybody_are_normal_answers() {
    let silence = wav_of(&[&[0.0; 32_000]]);
    let body = server()
        .transcribe(
            &silence,
            &[
                "diarize=true",
                "speech_analysis=true",
                "speaker_embedding=true",
            ],
        )
        .ok();
    assert_eq!(
        (&body["num_speakers"], segments(&body).len()),
        (&0.into(), 0)
    );
    assert_eq!(body["speech_analysis"]["lexical_fluency"], Value::Null);
    let moment = wav_of(&[&samples()[16_000..20_800]]);
    server()
        .transcribe(
            &moment,
            &["diarize=true", "num_speakers=3", "metadata_prob=true"],
        )
        .ok();
    let tone: Vec<f32> = (0..64_000).map(|n| (n as f32 * 0.17).sin() * 0.4).collect();
    server()
        .transcribe(&wav_of(&[&tone]), &["diarize=true"])
        .ok();
}

#[test]
fn intents_are_chosen_from_those_that_are_named() {
    let known = server().get("/intents").ok();
    let known: Vec<&str> = known["intents"]
        .as_array()
        .expect("labels")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(known.len(), 31, "{known:?}");
    let two = format!("intent_labels={}, {}", known[0], known[1].to_lowercase());
    let body = server()
        .transcribe(beckett(), &[&two, "metadata_prob=true"])
        .ok();
    for segment in segments(&body) {
        let intents = &segment["metadata_probs"]["intent"];
        assert_eq!(
            intents.as_object().map(|all| all.len()),
            Some(2),
            "{segment:#}"
        );
        assert_adds_up(intents);
    }
    let answer = server().transcribe(beckett(), &["intent_labels=INTENT_NO_SUCH"]);
    let message = answer.error(422, "invalid_parameter", Some("intent_labels"));
    assert!(message.contains(known[0]), "{message}");
}

#[test]
fn speakers_stand_in_subtitles() {
    let body = server().transcribe(&dialogue(), &["diarize=true", "format=vtt"]);
    assert!(
        body.text().contains("<v Speaker 1>") && body.text().contains("<v Speaker 2>"),
        "{}",
        body.text()
    );
}

#[test]
fn what_tags_the_segments_says_how_well() {
    let body = server().get("/models").ok();
    let heads = body["models"][0]["heads"].as_array().expect("heads");
    for head in heads {
        assert!(
            head["labels"]
                .as_array()
                .is_some_and(|labels| labels.len() > 1),
            "{head:#}"
        );
        assert!(
            head["accuracy"]
                .as_object()
                .is_some_and(|all| !all.is_empty()),
            "{head:#}"
        );
    }
    let emotion = heads
        .iter()
        .find(|head| head["category"] == "emotion")
        .expect("emotion");
    let absent = emotion["absent_labels"]
        .as_array()
        .expect("classes without data");
    assert!(absent.contains(&"EMOTION_SURPRISE".into()), "{emotion:#}");
}
