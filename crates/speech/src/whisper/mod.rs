//! Whisper: a window just longer than the segment, prompt, search, second thoughts.

pub(crate) mod mel;
mod prompt;

use crate::acoustic::{
    AcousticModel, Found, Parts, SpeechJob, Traits, conclude, nothing, speech_s,
};
use crate::decode::beam::{Search, beam};
use crate::decode::greedy::{Start, greedy};
use crate::decode::{Path, guard};
use crate::graph::Cross;
use crate::{DecoderKind, Hypothesis, Language, Rejection, SpeechError};
use mel::{BANDS, LogMel};
pub(crate) use prompt::Prompts;
use std::sync::Arc;

/// Longest audio the model hears at once, in seconds, some silence included.
pub(crate) const LONGEST_S: f64 = 29.5;
/// Frames of the longest window (30 s).
const MOST_FRAMES: usize = 3000;
/// Silence after the segment, without which the model loops or stops early, in frames.
const TAIL_FRAMES: usize = 400;
/// Windows under 6 s fail more often than they save.
const LEAST_FRAMES: usize = 600;

/// Seconds per encoder frame.
const FRAME_S: f64 = 0.02;

const LIMITS: guard::Limits = guard::Limits {
    compression_ratio: 2.4,
    avg_logprob: -1.0,
    worst_logprob: -1.6,
    no_speech: 0.85,
    doubt_weight: 0.4,
    max_rate: 35.0,
};

/// Temperatures to try when the likeliest text looks wrong.
const TEMPERATURES: [f32; 5] = [0.2, 0.4, 0.6, 0.8, 1.0];

/// One worker's Whisper.
pub(crate) struct Whisper {
    parts: Parts,
    prompts: Arc<Prompts>,
    mel: LogMel,
}

/// What the first step says of a row.
#[derive(Clone, Copy)]
struct FirstLook {
    language: Language,
    confidence: Option<f32>,
    no_speech: f32,
}

/// Frames of the window for audio of this many samples.
pub(crate) fn window_frames(samples: usize) -> usize {
    let frames = samples.div_ceil(mel::HOP) + TAIL_FRAMES;
    frames.next_multiple_of(2).clamp(LEAST_FRAMES, MOST_FRAMES)
}

impl Whisper {
    pub fn new(parts: Parts, prompts: Arc<Prompts>) -> Self {
        Self {
            parts,
            prompts,
            mel: LogMel::new(),
        }
    }

    fn encode(&mut self, jobs: &[&SpeechJob], frames: usize) -> Result<Cross, SpeechError> {
        let mut features = vec![0.0; jobs.len() * BANDS * frames];
        for (job, out) in jobs.iter().zip(features.chunks_exact_mut(BANDS * frames)) {
            self.mel.compute(&job.segment.samples, frames, out);
        }
        self.parts
            .graph
            .encode(&[jobs.len(), BANDS, frames], &features)
    }

    /// Feeds the prompts: start, then language and task. The first step tells language and silence.
    fn begin<'a>(
        &mut self,
        jobs: &[&SpeechJob],
        cross: &'a Cross,
    ) -> Result<(Start<'a>, Vec<FirstLook>), SpeechError> {
        let prompts = self.prompts.clone();
        let mut past = self.parts.graph.empty_past(jobs.len())?;
        let mut logits =
            self.parts
                .graph
                .step(&vec![vec![prompts.start]; jobs.len()], cross, &mut past)?;
        let mut looks = Vec::with_capacity(jobs.len());
        for (job, row) in jobs.iter().zip(logits.rows()?) {
            let no_speech = prompts.no_speech_probability(row);
            let (language, confidence) = match job.options.language {
                Some(language) => (language, None),
                None => prompts.detect(row),
            };
            looks.push(FirstLook {
                language,
                confidence,
                no_speech,
            });
        }
        let next = looks
            .iter()
            .map(|look| prompts.after_start(look.language))
            .collect::<Result<Vec<_>, _>>()?;
        let logits = self.parts.graph.step(&next, cross, &mut past)?;
        Ok((
            Start {
                cross,
                past,
                logits,
            },
            looks,
        ))
    }

    fn batch(
        &mut self,
        jobs: &[&SpeechJob],
    ) -> Result<Vec<Result<Hypothesis, SpeechError>>, SpeechError> {
        let frames = jobs
            .iter()
            .map(|job| window_frames(job.segment.samples.len()))
            .max()
            .unwrap_or(LEAST_FRAMES);
        let cross = self.encode(jobs, frames)?;
        let (start, looks) = self.begin(jobs, &cross)?;
        let prompts = self.prompts.clone();
        let limits: Vec<usize> = jobs.iter().map(|job| token_limit(job)).collect();
        let Parts {
            graph, vocabulary, ..
        } = &mut self.parts;
        let mut others = Vec::new();
        let (paths, decoder) = match jobs {
            [job] if job.options.beam_width > 1 => {
                let fusion = job.options.fusion.as_ref();
                let fusion = fusion.map(|it| it.in_language(looks[0].language));
                let search = Search::of(
                    &job.options,
                    &prompts.rules,
                    limits[0],
                    vocabulary,
                    fusion.as_ref(),
                    &[],
                );
                let mut paths = beam(graph, start, &search)?;
                others = paths.split_off(1);
                (paths, search.kind())
            }
            _ => (
                greedy(graph, start, &prompts.rules, &limits, 0.0)?,
                DecoderKind::Greedy,
            ),
        };
        let mut answers = Vec::with_capacity(jobs.len());
        for (row, (path, look)) in paths.into_iter().zip(looks).enumerate() {
            let job = jobs[row];
            let first = Attempt {
                path,
                others: std::mem::take(&mut others),
                temperature: 0.0,
                decoder,
            };
            answers.push(match self.doubt(job, &first.path) {
                Some(why) => self.reconsider(job, frames, first, why, look),
                None => self.answer(job, first, look, &cross, (jobs.len() > 1).then_some(row)),
            });
        }
        Ok(answers)
    }

    /// Decodes a doubtful segment again: with the whole window the model was trained on, then
    /// with rising temperatures. The first that is not doubtful wins, else the likeliest.
    fn reconsider(
        &mut self,
        job: &SpeechJob,
        frames: usize,
        first: Attempt,
        why: Rejection,
        look: FirstLook,
    ) -> Result<Hypothesis, SpeechError> {
        tracing::debug!(?why, seconds = job.segment.duration_s(), "decoding again");
        let hopeless = look.no_speech > 0.6 && why == Rejection::LowProbability;
        let cross = self.encode(&[job], MOST_FRAMES)?;
        let again = (frames < MOST_FRAMES && !hopeless).then_some(0.0);
        let warmer = job.options.temperature_fallback && !hopeless;
        let temperatures = again
            .into_iter()
            .chain(TEMPERATURES.into_iter().filter(|_| warmer));
        let mut best = first;
        for temperature in temperatures {
            let (start, _) = self.begin(&[job], &cross)?;
            let rules = &self.prompts.clone().rules;
            let path = greedy(
                &mut self.parts.graph,
                start,
                rules,
                &[token_limit(job)],
                temperature,
            )?
            .remove(0);
            let accepted = self.doubt(job, &path).is_none();
            let better =
                (!path.looped, path.avg_logprob()) > (!best.path.looped, best.path.avg_logprob());
            if accepted || better {
                best = Attempt {
                    path,
                    others: Vec::new(),
                    temperature,
                    decoder: DecoderKind::Greedy,
                };
            }
            if accepted {
                break;
            }
        }
        self.answer(job, best, look, &cross, None)
    }

    fn doubt(&self, job: &SpeechJob, path: &Path) -> Option<Rejection> {
        let text = self.parts.vocabulary.text(&path.tokens);
        let speech = speech_s(&job.segment);
        // Someone speaks for seconds and the model has next to nothing to say: it stopped early.
        let early = speech > 4.0 && (text.trim().chars().count() as f64) < speech;
        guard::doubt(path, &text, speech, &LIMITS).or(early.then_some(Rejection::LowProbability))
    }

    fn answer(
        &mut self,
        job: &SpeechJob,
        attempt: Attempt,
        look: FirstLook,
        cross: &Cross,
        row: Option<usize>,
    ) -> Result<Hypothesis, SpeechError> {
        let found = Found {
            path: attempt.path,
            others: attempt.others,
            prompt: self.prompts.whole(look.language)?,
            before_s: 0.0,
            language: look.language,
            language_confidence: look.confidence,
            no_speech: look.no_speech,
            temperature: attempt.temperature,
            decoder: attempt.decoder,
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
            runs_on: false,
            frames: None,
        };
        conclude(job, found, &traits, |tokens| match row {
            Some(row) => graph.attention(tokens, &cross.select(&[row])?),
            None => graph.attention(tokens, cross),
        })
    }
}

struct Attempt {
    path: Path,
    /// What else a beam found, best first.
    others: Vec<Path>,
    temperature: f32,
    decoder: DecoderKind,
}

/// Scripts that the vocabulary spells byte by byte take some thirty tokens a second.
fn token_limit(job: &SpeechJob) -> usize {
    const MOST_TOKENS: usize = 440;
    (24 + (job.segment.duration_s() * 32.0) as usize).min(MOST_TOKENS)
}

impl AcousticModel for Whisper {
    fn transcribe(&mut self, jobs: &[SpeechJob]) -> Vec<Result<Hypothesis, SpeechError>> {
        let audible = |job: &&SpeechJob| guard::loudest(&job.segment.samples) > guard::QUIETEST_RMS;
        let heard: Vec<&SpeechJob> = jobs.iter().filter(audible).collect();
        let mut answers = match heard.is_empty() {
            true => Vec::new(),
            false => self.batch(&heard).unwrap_or_else(|error| {
                let error = inference::InferenceError::Run(error.to_string());
                heard.iter().map(|_| Err(error.clone().into())).collect()
            }),
        }
        .into_iter();
        let silence = |job| Ok(nothing(job, Rejection::Silence));
        jobs.iter()
            .map(|job| match audible(&job) {
                true => answers.next().unwrap_or_else(|| silence(job)),
                false => silence(job),
            })
            .collect()
    }
}
