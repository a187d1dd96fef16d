//! What an acoustic model must do, and what all of them share around the search.

use crate::confidence::{Calibration, evidence};
use crate::decode::{Path, guard};
use crate::graph::{Attention, EncoderDecoder};
use crate::vocabulary::Vocabulary;
use crate::words::{self, Moments, TokenSpan};
use crate::{
    DecodeOptions, DecoderKind, Hypothesis, Language, Rejection, SpeechError, SpeechSegment,
};
use std::sync::Arc;
use std::time::Instant;

/// One segment to recognise.
#[derive(Clone)]
pub(crate) struct SpeechJob {
    pub segment: Arc<SpeechSegment>,
    pub options: DecodeOptions,
    /// When the audio came in, where it is live.
    pub since: Option<Instant>,
}

/// An acoustic model, owned by one worker thread.
pub(crate) trait AcousticModel {
    /// Recognises the segments together; one answer each, in order.
    fn transcribe(&mut self, jobs: &[SpeechJob]) -> Vec<Result<Hypothesis, SpeechError>>;
}

/// What a model is made of, whatever its family.
pub(crate) struct Parts {
    pub graph: EncoderDecoder,
    pub vocabulary: Arc<Vocabulary>,
    pub calibration: Calibration,
}

/// A finished search, before it is judged and put into words.
pub(crate) struct Found {
    pub path: Path,
    pub prompt: Vec<u32>,
    /// Seconds the model heard before the segment.
    pub before_s: f64,
    pub language: Language,
    pub language_confidence: Option<f32>,
    pub no_speech: f32,
    pub temperature: f32,
    pub decoder: DecoderKind,
}

/// How sure a word is, and why.
#[derive(Clone, Copy)]
pub(crate) struct Known {
    pub evidence: [f32; 3],
    pub confidence: f32,
}

impl Known {
    fn of(calibration: &Calibration, evidence: [f32; 3]) -> Self {
        Self {
            evidence,
            confidence: calibration.probability(evidence),
        }
    }
}

/// How attention becomes time.
#[derive(Clone, Copy)]
pub(crate) struct TimeBase {
    /// Seconds per encoder frame.
    pub frame_s: f64,
    /// Seconds to add to every moment the attention gives: it lags or leads.
    pub shift_s: f64,
}

/// What [`conclude`] must know of a model.
pub(crate) struct Traits<'a> {
    pub vocabulary: &'a Vocabulary,
    pub calibration: &'a Calibration,
    pub limits: &'a guard::Limits,
    /// Seconds per encoder frame.
    pub frame_s: f64,
    /// Whether it makes words up after the last one spoken, so that the end must be checked.
    pub runs_on: bool,
}

/// Turns a search into a hypothesis. `attend` gives the attention of the given tokens, where word
/// times are wanted or the end is checked.
pub(crate) fn conclude(
    job: &SpeechJob,
    found: Found,
    model: &Traits<'_>,
    attend: impl FnOnce(&[u32]) -> Result<Attention, SpeechError>,
) -> Result<Hypothesis, SpeechError> {
    let mut path = found.path;
    let text = model.vocabulary.text(&path.tokens).trim().to_owned();
    let all: Vec<u32> = found.prompt.iter().chain(&path.tokens).copied().collect();
    let mut hypothesis = Hypothesis {
        raw_text: model.vocabulary.raw_text(&all),
        compression_ratio: guard::compression_ratio(&text),
        rejected: guard::rejection(&path, &text, found.no_speech, model.limits),
        text,
        given: found.prompt.len(),
        tokens: all,
        words: Vec::new(),
        confidence: 0.0,
        language: found.language,
        language_confidence: found.language_confidence,
        avg_logprob: path.avg_logprob(),
        no_speech_prob: found.no_speech,
        temperature: found.temperature,
        decoder: found.decoder,
    };
    let mut spans = words::group(model.vocabulary, &path.tokens, found.language.is_spaced());
    if hypothesis.rejected.is_some() || !spans.iter().any(TokenSpan::is_spoken) {
        hypothesis.text.clear();
        return Ok(hypothesis);
    }
    let mut known: Vec<Known> = spans
        .iter()
        .map(|span| Known::of(model.calibration, evidence(span, &path)))
        .collect();
    if job.options.word_timestamps || model.runs_on {
        let time = TimeBase {
            frame_s: model.frame_s,
            shift_s: model.calibration.lead_s,
        };
        let attention = attend(&hypothesis.tokens)?;
        let moments = Moments::new(
            &job.segment,
            &attention,
            found.prompt.len(),
            found.before_s,
            time,
        );
        if model.runs_on {
            let heard = moments.heard(&spans, &known);
            if let Some(first_unheard) = spans.get(heard) {
                path.tokens.truncate(first_unheard.tokens.start);
                hypothesis
                    .tokens
                    .truncate(found.prompt.len() + path.tokens.len());
                hypothesis.text = model.vocabulary.text(&path.tokens).trim().to_owned();
            }
            spans.truncate(heard);
            known.truncate(heard);
        }
        if job.options.word_timestamps {
            hypothesis.words = words::timed(&moments, &spans, &known);
        }
    }
    hypothesis.confidence = weighted(&spans, &known);
    Ok(hypothesis)
}

/// Mean over words, each counted by its length: a long word is more of the text.
fn weighted(spans: &[TokenSpan], known: &[Known]) -> f32 {
    let weight =
        |span: &TokenSpan| span.text.chars().filter(|c| c.is_alphanumeric()).count() as f32;
    let total: f32 = spans.iter().map(weight).sum();
    spans
        .iter()
        .zip(known)
        .map(|(span, known)| weight(span) * known.confidence)
        .sum::<f32>()
        / total.max(1.0)
}

/// The answer for a segment too quiet to be heard.
pub(crate) fn nothing(job: &SpeechJob, why: Rejection) -> Hypothesis {
    Hypothesis {
        text: String::new(),
        tokens: Vec::new(),
        given: 0,
        raw_text: String::new(),
        words: Vec::new(),
        confidence: 0.0,
        language: job.options.language.unwrap_or(Language::ENGLISH),
        language_confidence: None,
        avg_logprob: 0.0,
        no_speech_prob: 1.0,
        compression_ratio: 0.0,
        temperature: 0.0,
        decoder: DecoderKind::Greedy,
        rejected: Some(why),
    }
}

/// Seconds of speech in a segment, by its regions; at least a quarter of it.
pub(crate) fn speech_s(segment: &SpeechSegment) -> f64 {
    let voiced: f64 = segment.regions.iter().map(|(start, end)| end - start).sum();
    voiced.max(segment.duration_s() / 4.0)
}
