//! Real models on real speech, and on sounds that are none.

mod support;

use speech::{
    DecodeOptions, DecoderKind, EngineOptions, Language, Rejection, SpeechError, SpeechSegment,
};
use std::sync::Arc;
use support::{engine, plain, recording, segments, sounds, transcribe};

const BECKETT: &str = "ever tried ever failed no matter try again fail again fail better";

/// Words of `text` that are not in the same place of Beckett's line, roughly.
fn misheard(text: &str) -> usize {
    let (heard, said) = (plain(text), plain(BECKETT));
    let found = said.iter().filter(|word| heard.contains(word)).count();
    said.len() - found + heard.len().saturating_sub(said.len())
}

#[test]
fn moonshine_hears_the_words() {
    for beam_width in [1, 5] {
        let options = DecodeOptions {
            beam_width,
            ..DecodeOptions::default()
        };
        let heard = transcribe("moonshine-tiny-en", &recording("beckett.wav"), &options);
        let text: Vec<&str> = heard.iter().map(|part| part.text.as_str()).collect();
        assert!(misheard(&text.join(" ")) <= 2, "{text:?}");
        assert!(
            heard.iter().all(
                |part| part.language == Language::ENGLISH && part.language_confidence.is_none()
            )
        );
        let decoder = if beam_width > 1 {
            DecoderKind::Beam
        } else {
            DecoderKind::Greedy
        };
        assert!(heard.iter().all(|part| part.decoder == decoder));
    }
}

#[test]
fn whisper_hears_the_words_and_the_language() {
    let heard = transcribe(
        "whisper-base",
        &recording("beckett.wav"),
        &DecodeOptions::default(),
    );
    let text: Vec<&str> = heard.iter().map(|part| part.text.as_str()).collect();
    assert!(misheard(&text.join(" ")) <= 3, "{text:?}");
    for part in &heard {
        assert_eq!(part.language, Language::ENGLISH, "{part:?}");
        assert!(
            part.language_confidence
                .is_some_and(|p| p > 0.3 && p <= 1.0),
            "{part:?}"
        );
    }
}

#[test]
fn words_have_growing_times_inside_speech_and_differing_confidence() {
    let samples = recording("beckett.wav");
    for model in ["moonshine-tiny-en", "whisper-base"] {
        let options = DecodeOptions {
            word_timestamps: true,
            ..DecodeOptions::default()
        };
        let mut confidences = Vec::new();
        for segment in segments(&samples) {
            let heard = support::one(model, segment.clone(), &options).expect("audible");
            assert_eq!(heard.words.len(), plain(&heard.text).len(), "{heard:?}");
            let (start, end) = (segment.start_s, segment.end_s());
            assert!(
                heard
                    .words
                    .iter()
                    .all(|word| word.start_s >= start && word.end_s <= end + 1e-6)
            );
            assert!(
                heard.words.iter().all(|word| word.end_s > word.start_s),
                "{heard:?}"
            );
            assert!(
                heard
                    .words
                    .windows(2)
                    .all(|pair| pair[0].end_s <= pair[1].start_s + 1e-9),
                "{heard:?}"
            );
            assert!(heard.confidence > 0.0 && heard.confidence < 1.0);
            confidences.extend(heard.words.iter().map(|word| word.confidence));
        }
        assert!(confidences.iter().all(|p| (0.0..=1.0).contains(p)));
        confidences.sort_by(f32::total_cmp);
        confidences.dedup();
        assert!(confidences.len() > 5, "{model}: {confidences:?}");
    }
}

#[test]
fn the_aligner_moves_words_a_little_and_changes_none() {
    let options = DecodeOptions {
        word_timestamps: true,
        ..DecodeOptions::default()
    };
    let by_attention = support::load(
        "moonshine-tiny-en",
        EngineOptions {
            aligner: false,
            ..EngineOptions::default()
        },
    );
    let (mut words, mut near, mut moved) = (0, 0, 0);
    for segment in segments(&recording("beckett.wav")) {
        let aligned = support::one("moonshine-tiny-en", segment.clone(), &options);
        let attended = support::through(&by_attention, segment, &options);
        let (aligned, attended) = (aligned.expect("audible"), attended.expect("audible"));
        assert_eq!(aligned.text, attended.text);
        for (a, b) in aligned.words.iter().zip(&attended.words) {
            assert_eq!(a.text, b.text);
            words += 1;
            near += usize::from((a.start_s - b.start_s).abs() < 0.3);
            moved += usize::from(a.start_s != b.start_s || a.end_s != b.end_s);
        }
    }
    assert!(
        moved > 0 && 2 * near > words,
        "{moved} moved, {near} near, of {words}"
    );
}

#[test]
fn sounds_without_speech_give_no_segments() {
    for (name, samples) in sounds() {
        assert!(segments(&samples).is_empty(), "{name}");
    }
}

#[test]
fn sounds_without_speech_give_no_words_even_where_the_vad_is_bypassed() {
    for (name, samples) in sounds() {
        for model in ["moonshine-tiny-en", "whisper-base"] {
            let segment = Arc::new(SpeechSegment::whole(samples.clone()));
            let heard =
                support::one(model, segment, &DecodeOptions::default()).expect("short enough");
            assert_eq!(heard.text, "", "{model}, {name}: {heard:?}");
        }
    }
}

#[test]
fn silence_gives_no_words_and_says_why() {
    let segment = Arc::new(SpeechSegment::whole(vec![0.0; 16_000]));
    let heard =
        support::one("whisper-base", segment, &DecodeOptions::default()).expect("short enough");
    assert_eq!(
        (heard.text.as_str(), heard.rejected),
        ("", Some(Rejection::Silence))
    );
}

#[test]
fn a_segment_beyond_the_window_is_refused() {
    let segment = Arc::new(SpeechSegment::whole(vec![0.1; 16_000 * 31]));
    let refused = support::one("moonshine-tiny-en", segment, &DecodeOptions::default());
    assert!(matches!(refused, Err(SpeechError::SegmentTooLong { .. })));
}

#[test]
fn a_language_the_model_does_not_know_is_refused() {
    let segment = Arc::new(SpeechSegment::whole(vec![0.1; 16_000]));
    let options = DecodeOptions {
        language: "de".parse().ok(),
        ..DecodeOptions::default()
    };
    let refused = support::one("moonshine-tiny-en", segment, &options);
    assert!(matches!(
        refused,
        Err(SpeechError::UnsupportedLanguage { language: "de", .. })
    ));
    assert!(engine("whisper-base").languages().len() > 90);
}

#[test]
fn a_batch_hears_what_each_segment_alone_says() {
    let parts = segments(&recording("beckett.wav"));
    let options = DecodeOptions {
        language: Some(Language::ENGLISH),
        ..DecodeOptions::default()
    };
    let alone: Vec<String> = parts
        .iter()
        .map(|part| {
            support::one("whisper-base", part.clone(), &options)
                .expect("audible")
                .text
        })
        .collect();
    let together = transcribe("whisper-base", &recording("beckett.wav"), &options);
    let differing = alone
        .iter()
        .zip(&together)
        .filter(|(a, b)| plain(a) != plain(&b.text))
        .count();
    // Padding to a longer window may change a doubtful word.
    assert!(differing <= 1, "{alone:?} {together:?}");
}

#[test]
fn odd_samples_do_no_harm() {
    for samples in [
        vec![],
        vec![0.3],
        vec![f32::NAN; 8000],
        vec![f32::INFINITY; 8000],
        vec![1e30; 8000],
    ] {
        for model in ["moonshine-tiny-en", "whisper-base"] {
            let segment = Arc::new(SpeechSegment::whole(samples.clone()));
            let heard = support::one(
                model,
                segment,
                &DecodeOptions {
                    word_timestamps: true,
                    ..DecodeOptions::default()
                },
            );
            assert!(heard.is_ok_and(|heard| heard.text.is_empty()), "{model}");
        }
        assert!(segments(&samples).is_empty());
    }
}
