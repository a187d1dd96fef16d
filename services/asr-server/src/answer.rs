//! From hypotheses to what a client reads.

use crate::alternatives;
use crate::insight::{self, Speaker};
use crate::options::{Format, Options};
use crate::pipeline::{Outcome, Recognised};
use crate::readable::{self, Readable};
use api::recognition::{Segment, Timings, Transcript};
use api::tags::SpeakerSummary;
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, header};
use speech::Language;
use std::time::{Duration, Instant};
use text::{TimedWord, Utterance};

/// Tells the gateway how much audio a request was, for its usage records.
pub const X_AUDIO_SECONDS: HeaderName = HeaderName::from_static("x-audio-seconds");
/// Carries warnings where the body has no room for them.
const X_WARNING: HeaderName = HeaderName::from_static("x-warning");
/// ISO 639-2 for a language that could not be determined: nobody spoke.
const UNDETERMINED: &str = "und";

/// A finished request.
#[derive(Debug)]
pub struct Answer {
    /// The whole of it.
    pub transcript: Transcript,
    /// The segments with their punctuation and their words, for subtitles.
    utterances: Vec<Utterance>,
}

/// Makes the answer. `began` is the end of the upload.
pub fn build(
    outcome: Outcome,
    options: &Options,
    mut warnings: Vec<String>,
    began: Instant,
) -> Answer {
    let post = Instant::now();
    let language = outcome.language.map(|(language, _)| language);
    let read = |r: &Recognised| read(r, options);
    let readable: Vec<Readable> = outcome.segments.iter().map(read).collect();
    let utterances = match options.format.is_subtitles() {
        true => outcome
            .segments
            .iter()
            .zip(&readable)
            .map(|(r, readable)| utterance(r, readable))
            .collect(),
        false => Vec::new(),
    };
    let segments: Vec<Segment> = outcome
        .segments
        .iter()
        .zip(readable)
        .map(|(r, readable)| readable_segment(r, readable, options))
        .collect();
    warnings.extend(outcome.warnings);
    let speaker_embedding = outcome
        .embedding
        .filter(|_| options.wishes.speaker_embedding);
    let speakers = outcome.speakers.as_ref().map(|speakers| {
        let told = speakers.iter().enumerate();
        told.map(|(at, speaker)| summary(at, speaker, &outcome.segments, options))
            .collect()
    });
    let speech_analysis = options.wishes.speech_analysis.then(|| {
        let code = language.map_or(UNDETERMINED, Language::code);
        insight::fluency::analyse(&outcome.segments, speaker_of, code)
    });
    let transcript = join(
        outcome
            .segments
            .iter()
            .zip(&segments)
            .map(|(r, s)| (r.hypothesis.language, s.text.as_str())),
    );
    let total = began.elapsed();
    let timings = Timings {
        decode: millis(outcome.decode),
        vad: millis(outcome.vad),
        inference: millis(outcome.inference),
        metadata: millis(outcome.metadata),
        post: millis(post.elapsed()),
        total: millis(total),
        analysis: None,
    };
    let transcript = Transcript {
        request_id: service::request_id::current().as_str().to_owned(),
        transcript,
        duration: seconds(outcome.duration_s),
        inference_time: format!("{:.3}s", total.as_secs_f64()),
        model: options.profile.id.clone(),
        decoder: outcome.decoder.to_owned(),
        language: language.map_or(UNDETERMINED, Language::code).to_owned(),
        language_confidence: outcome
            .language
            .and_then(|(_, confidence)| confidence)
            .map(probability),
        num_speakers: outcome.speakers.as_ref().map(Vec::len),
        speakers,
        segments,
        alternatives: match outcome.readings.is_empty() {
            true => None,
            false => Some(alternatives::shown(&outcome.readings, options)),
        },
        speaker_embedding,
        speech_analysis,
        summary: None,
        analysis: None,
        analysis_error: None,
        warnings,
        timings,
    };
    Answer {
        transcript,
        utterances,
    }
}

impl Answer {
    /// The response in the format asked for.
    pub fn respond(self, format: Format) -> Response {
        let audio_seconds = self.transcript.duration;
        let warnings = warning_headers(&self.transcript.warnings);
        let mut response = match format {
            Format::Json => {
                return with_audio_seconds(Json(self.transcript).into_response(), audio_seconds);
            }
            Format::Segments => Json(self.transcript.segments).into_response(),
            Format::Srt => file(
                "application/x-subrip; charset=utf-8",
                text::srt(&self.utterances),
            ),
            Format::Vtt => file("text/vtt; charset=utf-8", text::vtt(&self.utterances)),
        };
        for warning in warnings {
            response.headers_mut().append(X_WARNING, warning);
        }
        with_audio_seconds(response, audio_seconds)
    }
}

/// Adds the header the gateway counts.
pub fn with_audio_seconds(mut response: Response, seconds: f64) -> Response {
    if let Ok(value) = HeaderValue::from_str(&format!("{seconds:.3}")) {
        response.headers_mut().insert(X_AUDIO_SECONDS, value);
    }
    response
}

fn file(media_type: &'static str, text: String) -> Response {
    (
        [(header::CONTENT_TYPE, HeaderValue::from_static(media_type))],
        text,
    )
        .into_response()
}

/// Headers are ASCII: other characters become `?`.
fn warning_headers(warnings: &[String]) -> Vec<HeaderValue> {
    let ascii = |text: &String| -> String {
        text.chars()
            .map(|c| {
                if c.is_ascii_graphic() || c == ' ' {
                    c
                } else {
                    '?'
                }
            })
            .collect()
    };
    warnings
        .iter()
        .take(32)
        .filter_map(|warning| HeaderValue::from_str(&ascii(warning)).ok())
        .collect()
}

/// A segment as clients see it.
pub fn segment(recognised: &Recognised, options: &Options) -> Segment {
    readable_segment(recognised, read(recognised, options), options)
}

/// The text and words of a segment as clients read them.
pub fn read(recognised: &Recognised, options: &Options) -> Readable {
    readable::of(&recognised.hypothesis, options)
}

fn readable_segment(recognised: &Recognised, readable: Readable, options: &Options) -> Segment {
    let known = &recognised.known;
    Segment {
        speaker: recognised.placed.map(|placed| label(placed.speaker)),
        speaker_confidence: recognised
            .placed
            .map(|placed| probability(placed.confidence)),
        text: readable.text,
        start: seconds(recognised.start_s),
        end: seconds(recognised.end_s),
        confidence: probability(recognised.hypothesis.confidence),
        channel: recognised.channel,
        metadata: known.tags.clone(),
        metadata_probs: options
            .wishes
            .metadata_prob
            .then(|| known.probabilities.clone()),
        entities: known.entities.clone(),
        structured_intent: known.structured_intent.clone(),
        words: options.word_timestamps.then_some(readable.words),
        alternatives: alternatives::of_segment(
            &recognised.hypothesis,
            options.search.n_best,
            options.word_timestamps,
            |it| readable::of(it, options),
        ),
    }
}

/// A speaker as segments name them.
pub fn label(speaker: usize) -> String {
    format!("SPEAKER_{speaker:02}")
}

/// Who says it: the speaker, else the channel.
fn speaker_of(recognised: &Recognised) -> Option<String> {
    let channel = || Some(format!("CHANNEL_{}", recognised.channel?));
    let speaker = recognised.placed.map(|placed| label(placed.speaker));
    speaker.or_else(channel)
}

fn summary(
    at: usize,
    speaker: &Speaker,
    segments: &[Recognised],
    options: &Options,
) -> SpeakerSummary {
    let own = |r: &&Recognised| r.placed.is_some_and(|placed| placed.speaker == at);
    SpeakerSummary {
        speaker: label(at),
        seconds: seconds(speaker.seconds),
        segments: segments.iter().filter(own).count(),
        speaker_embedding: match options.wishes.speaker_embedding {
            true => speaker.embedding.clone(),
            false => None,
        },
    }
}

fn utterance(recognised: &Recognised, readable: &Readable) -> Utterance {
    Utterance {
        text: readable.text.clone(),
        start: recognised.start_s,
        end: recognised.end_s,
        words: readable
            .words
            .iter()
            .map(|word| TimedWord {
                word: word.word.clone(),
                start: word.start,
                end: word.end,
            })
            .collect(),
        label: recognised
            .placed
            .map(|placed| format!("Speaker {}", placed.speaker + 1))
            .or_else(|| Some(format!("Channel {}", recognised.channel?))),
    }
}

/// One text from the texts of the segments, with spaces where the language writes them.
pub fn join<'a>(texts: impl Iterator<Item = (Language, &'a str)>) -> String {
    let mut whole = String::new();
    let mut spaced_before = true;
    for (language, text) in texts.filter(|(_, text)| !text.is_empty()) {
        if !whole.is_empty() && (spaced_before || language.is_spaced()) {
            whole.push(' ');
        }
        whole.push_str(text);
        spaced_before = language.is_spaced();
    }
    whole
}

/// Rounded to milliseconds.
pub fn seconds(value: f64) -> f64 {
    (value.max(0.0) * 1000.0).round() / 1000.0
}

/// Rounded to a thousandth.
pub fn probability(value: f32) -> f32 {
    // In double precision, so that JSON shows three digits and not the nearest float's eight.
    ((f64::from(value.clamp(0.0, 1.0)) * 1000.0).round() / 1000.0) as f32
}

fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 100_000.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_stand_where_the_language_writes_them() {
        let of = |code: &str| code.parse::<Language>().expect("a known code");
        assert_eq!(
            join([(of("en"), "One."), (of("en"), "Two.")].into_iter()),
            "One. Two."
        );
        assert_eq!(
            join([(of("zh"), "你好。"), (of("zh"), "再见。")].into_iter()),
            "你好。再见。"
        );
        assert_eq!(
            join([(of("zh"), "你好。"), (of("en"), "Hello.")].into_iter()),
            "你好。 Hello."
        );
    }

    #[test]
    fn numbers_are_rounded() {
        assert_eq!(seconds(1.234_56), 1.235);
        assert_eq!(
            serde_json::to_string(&probability(0.987_654)).expect("a number"),
            "0.988"
        );
        assert_eq!(millis(Duration::from_micros(12_345)), 12.35);
    }
}
