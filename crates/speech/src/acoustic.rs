//! What an acoustic model must do, and what all of them share around the search.

use crate::confidence::{Calibration, evidence};
use crate::ctc::Frames;
use crate::decode::spelling::folded;
use crate::decode::{Path, guard};
use crate::graph::{Attention, EncoderDecoder};
use crate::vocabulary::Vocabulary;
use crate::words::{self, Moments, TokenSpan};
use crate::{
    Alternative, DecodeOptions, DecoderKind, Hypothesis, Inline, Language, Rejection, SpeechError,
    SpeechSegment, Word,
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
    /// What else the search found, best first.
    pub others: Vec<Path>,
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
    pub fn of(calibration: &Calibration, evidence: [f32; 3]) -> Self {
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
    /// What an aligner says of the audio, where the model has one and word times are wanted.
    pub frames: Option<Frames<'a>>,
}

/// Turns a search into a hypothesis. `attend` gives the attention of the given tokens, where word
/// times are wanted or the end is checked.
pub(crate) fn conclude(
    job: &SpeechJob,
    found: Found,
    model: &Traits<'_>,
    mut attend: impl FnMut(&[u32]) -> Result<Attention, SpeechError>,
) -> Result<Hypothesis, SpeechError> {
    let best = words_of(job, &found, &found.path, model, &mut attend)?;
    let text = model.vocabulary.text(&found.path.tokens).trim().to_owned();
    let all: Vec<u32> = found
        .prompt
        .iter()
        .chain(&found.path.tokens)
        .copied()
        .collect();
    let rejected = guard::rejection(&found.path, &text, found.no_speech, model.limits);
    let Some(best) = best.filter(|_| rejected.is_none()) else {
        return Ok(Hypothesis {
            rejected,
            ..hypothesis(&found, model, &text, all)
        });
    };
    let mut alternatives = Vec::new();
    if job.options.n_best > 1 && !best.text.is_empty() {
        alternatives = alternatives_of(job, &found, &best, model, &mut attend)?;
    }
    let tokens = all[..found.prompt.len() + best.tokens].to_vec();
    Ok(Hypothesis {
        text: best.text,
        words: best.words,
        confidence: best.confidence,
        alternatives,
        tokens,
        ..hypothesis(&found, model, &text, all)
    })
}

/// A hypothesis without words.
fn hypothesis(found: &Found, model: &Traits<'_>, text: &str, tokens: Vec<u32>) -> Hypothesis {
    Hypothesis {
        text: String::new(),
        raw_text: model.vocabulary.raw_text(&tokens),
        compression_ratio: guard::compression_ratio(text),
        rejected: None,
        given: found.prompt.len(),
        tokens,
        words: Vec::new(),
        alternatives: Vec::new(),
        inline: Inline::default(),
        confidence: 0.0,
        language: found.language,
        language_confidence: found.language_confidence,
        avg_logprob: found.path.avg_logprob(),
        no_speech_prob: found.no_speech,
        temperature: found.temperature,
        decoder: found.decoder,
    }
}

/// A path in words.
struct Worded {
    text: String,
    words: Vec<Word>,
    confidence: f32,
    /// How many tokens of the path they are.
    tokens: usize,
}

/// The words of a path; `None` where there are none.
fn words_of(
    job: &SpeechJob,
    found: &Found,
    path: &Path,
    model: &Traits<'_>,
    attend: &mut impl FnMut(&[u32]) -> Result<Attention, SpeechError>,
) -> Result<Option<Worded>, SpeechError> {
    let mut spans = words::group(model.vocabulary, &path.tokens, found.language.is_spaced());
    if !spans.iter().any(TokenSpan::is_spoken) {
        return Ok(None);
    }
    let mut known: Vec<Known> = spans
        .iter()
        .map(|span| Known::of(model.calibration, evidence(span, path)))
        .collect();
    let mut tokens = path.tokens.len();
    let mut timed = Vec::new();
    if job.options.word_timestamps || model.runs_on {
        let time = TimeBase {
            frame_s: model.frame_s,
            shift_s: model.calibration.lead_s,
        };
        let all: Vec<u32> = found.prompt.iter().chain(&path.tokens).copied().collect();
        let attention = attend(&all)?;
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
                tokens = first_unheard.tokens.start;
            }
            spans.truncate(heard);
            known.truncate(heard);
        }
        if job.options.word_timestamps {
            timed = words::timed(&moments, &spans, &known, model.frames.as_ref());
        }
    }
    let mut text = model.vocabulary.text(&path.tokens[..tokens]);
    text.truncate(text.trim_end().len());
    let mut worded = Worded {
        text: text.trim_start().to_owned(),
        words: timed,
        confidence: weighted(&spans, &known),
        tokens,
    };
    let fusion = job.options.fusion.as_deref();
    if let Some(hotwords) = fusion.and_then(|fusion| fusion.hotwords.as_deref())
        && found.language.is_spaced()
    {
        words::respell(hotwords, &mut worded.text, &mut worded.words);
    }
    Ok(Some(worded))
}

/// The best and what else was found, as far as it differs in its words.
fn alternatives_of(
    job: &SpeechJob,
    found: &Found,
    best: &Worded,
    model: &Traits<'_>,
    attend: &mut impl FnMut(&[u32]) -> Result<Attention, SpeechError>,
) -> Result<Vec<Alternative>, SpeechError> {
    let mut all = vec![Alternative {
        text: best.text.clone(),
        words: best.words.clone(),
        confidence: best.confidence,
        score: 0.0,
    }];
    let mut seen = vec![folded(&best.text)];
    let length = (found.path.tokens.len() + 1) as f32;
    for path in &found.others {
        if all.len() == job.options.n_best {
            break;
        }
        if seen.contains(&folded(&model.vocabulary.text(&path.tokens))) {
            continue;
        }
        let Some(other) = words_of(job, found, path, model, attend)? else {
            continue;
        };
        let words = folded(&other.text);
        if !seen.contains(&words) {
            seen.push(words);
            let (confidence, score) = all
                .last()
                .map_or((1.0, 0.0), |it| (it.confidence, it.score));
            all.push(Alternative {
                text: other.text,
                words: other.words,
                confidence: other.confidence.min(confidence),
                score: ((path.rank() - found.path.rank()) * length).min(score),
            });
        }
    }
    Ok(all)
}

/// Mean over words, each counted by its length: a long word is more of the text.
pub(crate) fn weighted(spans: &[TokenSpan], known: &[Known]) -> f32 {
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
        language: job.options.language.unwrap_or(Language::ENGLISH),
        no_speech_prob: 1.0,
        rejected: Some(why),
        ..Hypothesis::nothing()
    }
}

/// Seconds of speech in a segment, by its regions; at least a quarter of it.
pub(crate) fn speech_s(segment: &SpeechSegment) -> f64 {
    let voiced: f64 = segment.regions.iter().map(|(start, end)| end - start).sum();
    voiced.max(segment.duration_s() / 4.0)
}
