//! Who speaks when within one utterance of a stream, before it is known who they are.

use super::attribute::attribute;
use super::segmentation::{Activity, FRAME, LOCAL, frame_start_s};
use super::stretch::{excerpt, stretches};
use super::{Diarizer, Turn, WordRun};
use crate::{SAMPLE_RATE_HZ, SpeechError, SpeechSegment};

/// Frames (0.6 s) that somebody must speak alone to be told from the others.
const LEAST_ALONE: usize = 36;
/// Turns of fewer frames (0.1 s) are noise.
const LEAST: usize = 6;
/// Utterances of more samples (30 s) are not looked into.
const LONGEST: usize = 30 * SAMPLE_RATE_HZ as usize;

/// Several who speak in one utterance.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternation {
    /// Of each, as they begin, up to 4 s spoken alone (16 kHz): what to embed.
    pub excerpts: Vec<Vec<f32>>,
    /// By start; `speaker` is a place in `excerpts`.
    pub turns: Vec<Turn>,
}

impl Alternation {
    /// Splits words, `(start, end)` in seconds and in order, into runs by speaker, as
    /// [`super::Diarization::attribute`] does.
    pub fn attribute(&self, words: &[(f64, f64)]) -> Vec<WordRun> {
        attribute(&self.turns, self.excerpts.len(), words)
    }
}

impl Diarizer {
    /// Whether several speak in an utterance, and when; `None` where the model hears one alone, or
    /// others too shortly to tell who they are. Blocks for some 3 ms a second of audio.
    ///
    /// # Errors
    /// [`inference::InferenceError::Run`] when the graph fails.
    pub fn alternation(
        &self,
        utterance: &SpeechSegment,
    ) -> Result<Option<Alternation>, SpeechError> {
        let samples = &utterance.samples;
        if samples.len() < 2 * LEAST_ALONE * FRAME || samples.len() > LONGEST {
            return Ok(None);
        }
        let activity = self.segmentation.over(samples)?;
        Ok(told_apart(&activity, samples, utterance.start_s))
    }
}

/// One of the model's local speakers.
struct Local {
    turns: Vec<(f64, f64)>,
    excerpt: Vec<f32>,
}

fn told_apart(activity: &Activity, samples: &[f32], start_s: f64) -> Option<Alternation> {
    let all = 0..activity.len();
    let mut heard: Vec<Local> = Vec::with_capacity(LOCAL);
    for local in 0..LOCAL {
        let alone = all.clone().filter(|&frame| activity.alone(frame, local));
        if alone.count() < LEAST_ALONE {
            continue;
        }
        let turns = stretches(activity, &all)
            .into_iter()
            .filter_map(|(who, frames)| {
                let at = |frame| start_s + frame_start_s(frame);
                (who == local && frames.len() >= LEAST).then(|| (at(frames.start), at(frames.end)))
            });
        if let Some((excerpt, _)) = excerpt(activity, local, &all, samples) {
            heard.push(Local {
                turns: turns.collect(),
                excerpt,
            });
        }
    }
    if heard.len() < 2 {
        return None;
    }
    let begins = |local: &Local| local.turns.first().map_or(f64::INFINITY, |turn| turn.0);
    heard.sort_by(|a, b| begins(a).total_cmp(&begins(b)));
    let mut turns: Vec<Turn> = Vec::new();
    for (speaker, local) in heard.iter().enumerate() {
        turns.extend(local.turns.iter().map(|&(start_s, end_s)| Turn {
            start_s,
            end_s,
            speaker,
            confidence: 1.0,
        }));
    }
    turns.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
    let excerpts = heard.into_iter().map(|local| local.excerpt).collect();
    Some(Alternation { excerpts, turns })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Local speakers who are on in runs of frames, 200 in all.
    fn told(on: &[(usize, std::ops::Range<usize>)]) -> Option<Alternation> {
        let mut frames = vec![[0; LOCAL]; 200];
        for (local, run) in on {
            frames[run.clone()]
                .iter_mut()
                .for_each(|frame| frame[*local] = 255);
        }
        told_apart(&Activity::of(frames), &vec![0.1; 200 * FRAME], 10.0)
    }

    #[test]
    fn two_who_alternate_are_told_apart_and_get_their_words() {
        let found = told(&[(2, 0..100), (0, 102..200)]).expect("two");
        assert_eq!(found.excerpts.len(), 2);
        let runs = found.attribute(&[(10.1, 10.6), (10.7, 11.6), (11.8, 12.4), (12.5, 13.2)]);
        let runs: Vec<_> = runs
            .into_iter()
            .map(|run| (run.words, run.speaker))
            .collect();
        assert_eq!(runs, [(0..2, 0), (2..4, 1)]);
    }

    #[test]
    fn one_alone_and_a_word_in_between_are_one() {
        assert_eq!(told(&[(1, 0..200)]), None);
        assert_eq!(told(&[(1, 0..100), (0, 100..120), (1, 120..200)]), None);
        assert_eq!(told(&[(1, 0..200), (0, 50..150)]), None);
        assert_eq!(told(&[]), None);
    }
}
