//! CTC models: one pass over the audio gives the probability of every token at every frame, action
//! tokens such as `EMOTION_HAPPY` among them. docs/ctc.md tells how to bring one's own.

mod align;
mod aligner;
mod features;
mod graph;
mod lift;
mod posteriors;
mod prefixes;
mod search;
mod settings;
mod tokens;
mod vocabularies;

pub(crate) use aligner::{Aligner, Frames};
pub use lift::{Inline, InlineEntity, InlineTag};

use crate::acoustic::{AcousticModel, Known, SpeechJob, nothing, weighted};
use crate::confidence::{Calibration, evidence};
use crate::decode::{Path, guard};
use crate::vocabulary::Vocabulary;
use crate::words::{self, TokenSpan};
use crate::{
    Alternative, DecoderKind, Hypothesis, Language, Rejection, SpeechError, SpeechSegment,
};
use graph::{Graph, Heard};
use inference::{Runtime, SessionOptions};
use lift::Lifted;
use search::Spoken;
use settings::Settings;
use std::sync::Arc;
use tokens::Tokens;

/// What all workers of a model share.
pub(crate) struct Description {
    settings: Settings,
    tokens: Tokens,
    vocabulary: Vocabulary,
    languages: Vec<Language>,
}

impl Description {
    /// Reads `ctc.json` and the vocabulary of `dir`.
    pub fn load(dir: &std::path::Path) -> Result<Self, SpeechError> {
        let settings = Settings::load(dir)?;
        let tokens = Tokens::load(dir, &settings)?;
        Ok(Self {
            vocabulary: tokens.vocabulary(),
            languages: settings.languages(),
            tokens,
            settings,
        })
    }

    /// Languages it knows, the likeliest first.
    pub fn languages(&self) -> &[Language] {
        &self.languages
    }

    /// Longest audio heard at once, in seconds.
    pub fn longest_s(&self) -> f64 {
        self.settings.max_seconds
    }

    /// For who lists models.
    pub fn about(&self) -> CtcAbout {
        let labels = |ids: &Vec<u32>| {
            ids.iter()
                .filter_map(|&id| self.tokens.action(id))
                .collect()
        };
        CtcAbout {
            description: self.settings.description.clone(),
            licence: self.settings.licence.clone(),
            languages: self.languages.clone(),
            tags: self
                .tokens
                .categories()
                .iter()
                .map(|(category, ids)| (category.to_string(), labels(ids)))
                .collect(),
            heads_first: self.settings.heads_first.clone(),
            entity_types: self.tokens.entity_types(),
        }
    }
}

/// What a CTC model says of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct CtcAbout {
    /// A sentence.
    pub description: String,
    /// Licence of the weights.
    pub licence: String,
    /// Languages it knows.
    pub languages: Vec<Language>,
    /// By category, such as `emotion`, the labels it writes.
    pub tags: std::collections::BTreeMap<String, Vec<String>>,
    /// Categories of these in which tags from elsewhere stand before the model's.
    pub heads_first: Vec<String>,
    /// Types of the entities it marks.
    pub entity_types: Vec<String>,
}

impl CtcAbout {
    /// Reads what the model in `dir` says of itself; its graph is not looked at.
    ///
    /// # Errors
    /// When `ctc.json` or the vocabulary is missing or wrong.
    pub fn read(dir: &std::path::Path) -> Result<Self, SpeechError> {
        Ok(Description::load(dir)?.about())
    }
}

/// One worker's CTC model.
pub(crate) struct Ctc {
    graph: Graph,
    about: Arc<Description>,
    calibration: Calibration,
}

impl Ctc {
    pub fn load(
        runtime: &Runtime,
        dir: &std::path::Path,
        options: &SessionOptions,
        about: Arc<Description>,
        calibration: Calibration,
    ) -> Result<Self, SpeechError> {
        let graph = Graph::load(runtime, dir, options, &about.settings, about.tokens.len())?;
        Ok(Self {
            graph,
            about,
            calibration,
        })
    }

    fn one(&mut self, job: &SpeechJob) -> Result<Hypothesis, SpeechError> {
        let heard = self.graph.hear(&job.segment.samples)?;
        let (about, options) = (&self.about, &job.options);
        let language = options.language.or(about.languages.first().copied());
        let language = language.unwrap_or(Language::ENGLISH);
        let fusion = options.fusion.as_ref().map(|it| it.in_language(language));
        let fusion = fusion.as_ref();
        let (width, n_best) = (options.beam_width, options.n_best.max(1));
        let (found, decoder) = match width {
            0 | 1 => {
                let found = search::greedy(&heard.posteriors, about.tokens.blank());
                (vec![found], DecoderKind::Greedy)
            }
            _ => {
                let found = search::beam(&heard.posteriors, &about.tokens, fusion, width);
                let with_lm = fusion.is_some_and(|it| it.uses_language_model());
                let kind = if with_lm {
                    DecoderKind::BeamLm
                } else {
                    DecoderKind::Beam
                };
                (found, kind)
            }
        };
        let mut told: Vec<Told> = Vec::new();
        for spoken in &found {
            if told.len() == n_best {
                break;
            }
            if let Some(it) = self.tell(spoken, &heard)
                && told
                    .iter()
                    .all(|before| before.lifted.text != it.lifted.text)
            {
                told.push(it);
            }
        }
        let readings = told.iter().map(|it| it.reading(job, &heard, about));
        let mut readings: Vec<Alternative> = readings.collect();
        let (Some(reading), Some(best)) = (readings.first().cloned(), told.into_iter().next())
        else {
            return Ok(nothing(job, Rejection::NoSpeech));
        };
        in_order(&mut readings);
        if n_best == 1 || reading.text.is_empty() {
            readings.clear();
        }
        Ok(Hypothesis {
            compression_ratio: guard::compression_ratio(&best.lifted.text),
            avg_logprob: best.path.avg_logprob(),
            confidence: reading.confidence,
            words: reading.words,
            text: reading.text,
            language,
            language_confidence: None,
            no_speech_prob: 0.0,
            temperature: 0.0,
            decoder,
            rejected: None,
            given: 0,
            tokens: best.lifted.tokens,
            raw_text: best.lifted.raw_text,
            inline: best.lifted.inline,
            alternatives: readings,
        })
    }

    /// Puts tokens into words; `None` when the frames cannot hold them.
    fn tell(&self, spoken: &Spoken, heard: &Heard) -> Option<Told> {
        let (about, tokens) = (&self.about, &spoken.tokens);
        let aligned = align::align(&heard.posteriors, tokens, about.tokens.blank())?.tokens;
        let lifted = lift::lift(tokens, &aligned, &about.tokens, &heard.posteriors);
        let path = Path {
            logprobs: lifted.aligned.iter().map(|it| it.ln_prob).collect(),
            tokens: lifted.tokens.clone(),
            ..Path::default()
        };
        let spaced = about.languages.first().is_none_or(|it| it.is_spaced());
        let spans = words::group(&about.vocabulary, &path.tokens, spaced);
        let known = spans
            .iter()
            .map(|span| Known::of(&self.calibration, evidence(span, &path)))
            .collect();
        Some(Told {
            score: spoken.score,
            lifted,
            path,
            spans,
            known,
        })
    }
}

/// A finished search in words.
struct Told {
    score: f32,
    lifted: Lifted,
    path: Path,
    spans: Vec<TokenSpan>,
    known: Vec<Known>,
}

impl Told {
    /// The text as its user reads it.
    fn reading(&self, job: &SpeechJob, heard: &Heard, about: &Description) -> Alternative {
        let mut words = match job.options.word_timestamps {
            true => self.words(&job.segment, heard, about),
            false => Vec::new(),
        };
        let mut text = self.lifted.text.clone();
        let fusion = job.options.fusion.as_deref();
        // Entities count characters of the text as it was written.
        if let Some(hotwords) = fusion.and_then(|it| it.hotwords.as_deref())
            && self.lifted.inline.entities.is_empty()
        {
            words::respell(hotwords, &mut text, &mut words);
        }
        Alternative {
            text,
            words,
            confidence: weighted(&self.spans, &self.known),
            score: self.score,
        }
    }

    /// The words with the times of their frames, on the source's timeline.
    fn words(
        &self,
        segment: &SpeechSegment,
        heard: &Heard,
        about: &Description,
    ) -> Vec<crate::Word> {
        let settings = &about.settings;
        let moment = |frame: usize, earlier_s: f64| {
            (frame as f64 * heard.frame_s + settings.offset_seconds - earlier_s)
                .clamp(0.0, segment.duration_s())
        };
        let rough = |span: &TokenSpan| -> (f64, f64) {
            let letters = self.lifted.aligned.get(span.spoken.clone());
            let letters = letters.unwrap_or_default();
            let start = letters.first().map_or(0, |it| it.frames.start);
            let end = letters.last().map_or(start + 1, |it| it.frames.end);
            let spread_s = settings.spread_seconds;
            (moment(start, spread_s), moment(end, -spread_s))
        };
        let spoken = self.spans.iter().filter(|span| span.is_spoken());
        let rough: Vec<(f64, f64)> = spoken.map(rough).collect();
        words::placed(segment, &self.spans, &self.known, &rough)
    }
}

/// Scores relative to the best, and no reading surer than a better one.
fn in_order(readings: &mut [Alternative]) {
    let best = readings.first().map_or(0.0, |it| it.score);
    let mut surest = 1.0;
    for it in readings {
        it.score = (it.score - best).min(0.0);
        it.confidence = it.confidence.min(surest);
        surest = it.confidence;
    }
}

impl AcousticModel for Ctc {
    fn transcribe(&mut self, jobs: &[SpeechJob]) -> Vec<Result<Hypothesis, SpeechError>> {
        jobs.iter()
            .map(
                |job| match guard::loudest(&job.segment.samples) > guard::QUIETEST_RMS {
                    true => self.one(job),
                    false => Ok(nothing(job, Rejection::Silence)),
                },
            )
            .collect()
    }
}
