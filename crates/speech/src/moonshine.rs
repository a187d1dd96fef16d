//! Moonshine: English from raw samples, at a cost in proportion to their number.

use crate::acoustic::{
    AcousticModel, Found, Parts, SpeechJob, Traits, conclude, nothing, speech_s,
};
use crate::ctc::Aligner;
use crate::decode::beam::{Search, beam};
use crate::decode::greedy::{Start, greedy};
use crate::decode::rules::Rules;
use crate::decode::{Path, guard};
use crate::graph::Cross;
use crate::{
    DecoderKind, Hypothesis, Language, Rejection, SAMPLE_RATE_HZ, SpeechError, SpeechSegment,
};
use std::borrow::Cow;

/// Longest audio the model hears at once, in seconds.
pub(crate) const LONGEST_S: f64 = 29.5;
/// Shorter audio is padded with silence: half a second, in samples.
const LEAST_SAMPLES: usize = 8_000;
/// The authors' bound on what is said in a second.
const TOKENS_PER_SECOND: f64 = 6.5;

/// Seconds per encoder frame.
const FRAME_S: f64 = 0.024;

const LIMITS: guard::Limits = guard::Limits {
    compression_ratio: 2.4,
    avg_logprob: -1.0,
    worst_logprob: -1.5,
    no_speech: 1.0,
    doubt_weight: 0.0,
    max_rate: 35.0,
};

const TEMPERATURES: [f32; 3] = [0.2, 0.4, 0.6];

/// Silence that must follow the last word, in seconds, or its end is misheard: live audio and
/// files may end with the word.
const TAIL_S: f64 = 0.25;

/// As many samples as the model should be given.
fn wanted_samples(segment: &SpeechSegment) -> usize {
    let tail_s = segment.speech_span().1 + TAIL_S - segment.start_s;
    let with_tail = (tail_s.max(0.0) * f64::from(SAMPLE_RATE_HZ)) as usize;
    with_tail.max(LEAST_SAMPLES)
}

/// One worker's Moonshine.
pub(crate) struct Moonshine {
    parts: Parts,
    /// Tells when words are said; without it, attention does.
    aligner: Option<Aligner>,
    begin: u32,
    rules: Rules,
}

impl Moonshine {
    pub fn new(
        parts: Parts,
        aligner: Option<Aligner>,
        dir: &std::path::Path,
    ) -> Result<Self, SpeechError> {
        let path = dir.join("tokenizer.json");
        let token = |name: &str| parts.vocabulary.required(name, &path);
        let (begin, end) = (token("<s>")?, token("</s>")?);
        let rules = Rules {
            end,
            suppressed: vec![token("<unk>")?, begin],
            not_first: Vec::new(),
            special_from: token("<<ST_0>>")?,
        };
        Ok(Self {
            parts,
            aligner,
            begin,
            rules,
        })
    }

    fn one(&mut self, job: &SpeechJob) -> Result<Hypothesis, SpeechError> {
        let context = job.options.context.as_deref();
        let context = context.and_then(|it| Some((it.join(&job.segment)?, it.tokens())));
        if let Some((joined, said)) = context {
            let heard = self.hear(job, &joined, said)?;
            // Given words, the model may take everything for said.
            if !heard.text.is_empty() {
                return Ok(heard);
            }
        }
        self.hear(job, &job.segment, &[])
    }

    /// Recognises a segment by a stretch of audio that ends with it and begins with what was `said`.
    fn hear(
        &mut self,
        job: &SpeechJob,
        audio: &SpeechSegment,
        said: &[u32],
    ) -> Result<Hypothesis, SpeechError> {
        let mut prompt = vec![self.begin];
        prompt.extend_from_slice(said);
        let mut samples = Cow::from(audio.samples.as_slice());
        let wanted = wanted_samples(audio);
        if samples.len() < wanted {
            samples.to_mut().resize(wanted, 0.0);
        }
        let shape = [1, samples.len()];
        let (cross, states) = match job.options.word_timestamps && self.aligner.is_some() {
            true => {
                let (cross, states) = self.parts.graph.encode_with_states(&shape, &samples)?;
                (cross, Some(states))
            }
            false => (self.parts.graph.encode(&shape, &samples)?, None),
        };
        let limit = (audio.duration_s() * TOKENS_PER_SECOND) as usize + 5;
        let start = self.start(&cross, &prompt)?;
        let Parts {
            graph, vocabulary, ..
        } = &mut self.parts;
        let (mut paths, mut decoder) = match job.options.beam_width {
            1 => (
                greedy(graph, start, &self.rules, &[limit], 0.0)?,
                DecoderKind::Greedy,
            ),
            _ => {
                let fusion = job.options.fusion.as_ref();
                let fusion = fusion.map(|it| it.in_language(Language::ENGLISH));
                let search = Search::of(
                    &job.options,
                    &self.rules,
                    limit,
                    vocabulary,
                    fusion.as_ref(),
                    said,
                );
                (beam(graph, start, &search)?, search.kind())
            }
        };
        let mut others = paths.split_off(1);
        let mut path = paths.remove(0);
        let mut temperature = 0.0;
        let mut doubtful = self.doubt(job, &path).is_some();
        // Hotwords may have led it astray: first without them.
        let plain = (decoder != DecoderKind::Greedy && job.options.fusion.is_some()).then_some(0.0);
        for warmer in plain
            .into_iter()
            .chain(TEMPERATURES)
            .filter(|_| job.options.temperature_fallback)
        {
            if !doubtful {
                break;
            }
            let start = self.start(&cross, &prompt)?;
            let other =
                greedy(&mut self.parts.graph, start, &self.rules, &[limit], warmer)?.remove(0);
            doubtful = self.doubt(job, &other).is_some();
            if !doubtful
                || (!other.looped, other.avg_logprob()) > (!path.looped, path.avg_logprob())
            {
                (path, temperature, decoder) = (other, warmer, DecoderKind::Greedy);
                others.clear();
            }
        }
        let found = Found {
            path,
            others,
            prompt,
            before_s: job.segment.start_s - audio.start_s,
            language: Language::ENGLISH,
            language_confidence: None,
            no_speech: 0.0,
            temperature,
            decoder,
        };
        let frames = match (&mut self.aligner, states) {
            (Some(aligner), Some(states)) if !found.path.tokens.is_empty() => {
                Some(aligner.hear(&states)?)
            }
            _ => None,
        };
        let Parts {
            graph,
            vocabulary,
            calibration,
        } = &mut self.parts;
        let traits = Traits {
            vocabulary,
            calibration,
            limits: &LIMITS,
            frame_s: FRAME_S,
            runs_on: true,
            frames,
        };
        conclude(job, found, &traits, |tokens| {
            graph.attention(tokens, &cross)
        })
    }

    fn start<'a>(&mut self, cross: &'a Cross, prompt: &[u32]) -> Result<Start<'a>, SpeechError> {
        let mut past = self.parts.graph.empty_past(1)?;
        let logits = self
            .parts
            .graph
            .step(&[prompt.to_vec()], cross, &mut past)?;
        Ok(Start {
            cross,
            past,
            logits,
        })
    }

    fn doubt(&self, job: &SpeechJob, path: &Path) -> Option<Rejection> {
        guard::doubt(
            path,
            &self.parts.vocabulary.text(&path.tokens),
            speech_s(&job.segment),
            &LIMITS,
        )
    }
}

impl AcousticModel for Moonshine {
    fn transcribe(&mut self, jobs: &[SpeechJob]) -> Vec<Result<Hypothesis, SpeechError>> {
        // Without a mask, rows of different length cannot share a batch.
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
