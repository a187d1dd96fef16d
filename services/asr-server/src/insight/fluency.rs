//! How the people of a recording speak, as responses carry it.

use crate::pipeline::Recognised;
use api::speech_analysis as wire;
use text::fluency::{self, SpeechMeasures};
use text::{TimedWord, Utterance};

/// Measures the words as they were said, numbers not yet written in digits. `speaker` names who
/// says what, where that is known; `language` is an ISO 639-1 code.
pub fn analyse(
    segments: &[Recognised],
    speaker: impl Fn(&Recognised) -> Option<String>,
    language: &str,
) -> wire::SpeechAnalysis {
    let utterances: Vec<Utterance> = segments
        .iter()
        .map(|segment| Utterance {
            text: segment.hypothesis.text.clone(),
            start: segment.start_s,
            end: segment.end_s,
            words: segment.hypothesis.words.iter().map(timed).collect(),
            label: speaker(segment),
        })
        .collect();
    let found = fluency::analyse(&utterances, language);
    let of_speaker = |(name, measures): (String, fluency::SpeakerMeasures)| {
        let measures = wire::SpeakerMeasures {
            speech: written(measures.speech),
            talk_ratio: measures.talk_ratio.map(rounded),
            interruptions: measures.interruptions,
        };
        (name, measures)
    };
    wire::SpeechAnalysis {
        speech: written(found.speech),
        speakers: found.speakers.into_iter().map(of_speaker).collect(),
    }
}

fn timed(word: &speech::Word) -> TimedWord {
    TimedWord {
        word: word.text.clone(),
        start: word.start_s,
        end: word.end_s,
    }
}

fn written(found: SpeechMeasures) -> wire::SpeechMeasures {
    let round = |value: Option<f64>| value.map(rounded);
    wire::SpeechMeasures {
        lexical_fluency: round(found.lexical_fluency),
        vocabulary_range: round(found.vocabulary_range),
        grammar_score: round(found.grammar_score),
        words: found.words,
        pace: wire::Pace {
            speaking_s: rounded(found.pace.speaking_s),
            words_per_minute: round(found.pace.words_per_minute),
            articulation_rate: round(found.pace.articulation_rate),
        },
        pauses: wire::Pauses {
            count: found.pauses.count,
            total_s: rounded(found.pauses.total_s),
            mean_s: round(found.pauses.mean_s),
            longest_s: round(found.pauses.longest_s),
            per_minute: round(found.pauses.per_minute),
        },
        fillers: found.fillers.map(|fillers| wire::Fillers {
            count: fillers.count,
            per_minute: round(fillers.per_minute),
            words: fillers.words,
        }),
        repairs: found.repairs.map(|repairs| wire::Repairs {
            repetitions: repairs.repetitions,
            false_starts: repairs.false_starts,
        }),
    }
}

/// To a thousandth; never a negative zero.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0 + 0.0
}
