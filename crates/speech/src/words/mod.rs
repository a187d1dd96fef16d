//! From tokens to words with times.

mod align;
mod correct;
mod group;
mod refine;
mod respell;

pub(crate) use group::{TokenSpan, group};
pub(crate) use respell::respell;

use crate::acoustic::{Known, TimeBase};
use crate::ctc::Frames;
use crate::graph::Attention;
use crate::{SAMPLE_RATE_HZ, SpeechSegment, Word};
use std::ops::Range;

/// When each token begins, as attention tells.
pub(crate) struct Moments<'a> {
    segment: &'a SpeechSegment,
    starts: Vec<usize>,
    time: TimeBase,
    /// The segment's frames among all that were heard.
    within: Range<usize>,
    /// Where the first of them begins, in seconds from the start of the segment.
    first_s: f64,
}

/// A word that takes less time than this was not spoken: a frame or two.
const UNHEARD_S: f64 = 0.04;
/// A word surer than this is kept, however short.
const SURE: f32 = 0.6;

impl<'a> Moments<'a> {
    /// `attention` covers prompt and text; `prompt` is the number of prompt tokens, `before_s` what
    /// the model heard before the segment, in seconds.
    pub fn new(
        segment: &'a SpeechSegment,
        attention: &Attention,
        prompt: usize,
        before_s: f64,
        time: TimeBase,
    ) -> Self {
        let from = (before_s / time.frame_s) as usize;
        let to = ((before_s + segment.duration_s()) / time.frame_s).ceil() as usize;
        // The row before a token is the one that predicts it.
        let starts = align::token_starts(attention, prompt.saturating_sub(1), from..to);
        Self {
            segment,
            starts,
            time,
            within: from..to,
            first_s: from as f64 * time.frame_s - before_s,
        }
    }

    /// Seconds from the start of the segment to where the token begins.
    fn of(&self, token: usize) -> f64 {
        let frame = self.starts.get(token).or(self.starts.last()).copied();
        (frame.unwrap_or(0) as f64 * self.time.frame_s + self.first_s + self.time.shift_s)
            .clamp(0.0, self.segment.duration_s())
    }

    /// Start and end of words by the frames of an aligner; `None` of one that it cannot spell, and
    /// of all where it hears something else.
    fn by_frames(
        &self,
        frames: &Frames<'_>,
        spoken: &[&TokenSpan],
    ) -> Option<Vec<Option<(f64, f64)>>> {
        let words: Vec<&str> = spoken.iter().map(|span| span.text.as_str()).collect();
        let moment = |frame: usize| {
            let frame = frame - self.within.start;
            frame as f64 * self.time.frame_s + self.first_s
        };
        let placed = frames.place(&words, self.within.clone())?;
        let times = |it: Option<Range<usize>>| it.map(|it| (moment(it.start), moment(it.end)));
        Some(placed.into_iter().map(times).collect())
    }

    /// How many of `spans` remain without words at the end that no audio is left for: what a
    /// decoder makes up when a sentence stops halfway.
    pub fn heard(&self, spans: &[TokenSpan], known: &[Known]) -> usize {
        let unheard = |(span, known): &(&TokenSpan, &Known)| {
            !span.is_spoken()
                || (known.confidence < SURE
                    && self.of(span.spoken.end) - self.of(span.spoken.start) < UNHEARD_S)
        };
        let tail = spans.iter().zip(known).rev().take_while(unheard);
        // Punctuation alone is not worth a cut.
        let words = tail.clone().filter(|(span, _)| span.is_spoken()).count();
        match words {
            0 => spans.len(),
            _ => spans.len() - tail.count(),
        }
    }
}

/// Words of `spans` with times on the source's timeline: by the `frames` of an aligner where there
/// are any that fit, else by attention. `known` tells how sure each span is.
pub(crate) fn timed(
    moments: &Moments<'_>,
    spans: &[TokenSpan],
    known: &[Known],
    frames: Option<&Frames<'_>>,
) -> Vec<Word> {
    let spoken: Vec<&TokenSpan> = spans.iter().filter(|span| span.is_spoken()).collect();
    let by_attention = |span: &&TokenSpan| {
        let Range { start, end } = span.spoken;
        (moments.of(start), moments.of(end))
    };
    let mut rough: Vec<(f64, f64)> = spoken.iter().map(by_attention).collect();
    if let Some(exact) = frames.and_then(|frames| moments.by_frames(frames, &spoken)) {
        rough = refine::refine(&exact, &rough);
    }
    placed(moments.segment, spans, known, &rough)
}

/// Words with times, where `rough` has start and end of each spoken span in seconds from the start
/// of the segment.
pub(crate) fn placed(
    segment: &SpeechSegment,
    spans: &[TokenSpan],
    known: &[Known],
    rough: &[(f64, f64)],
) -> Vec<Word> {
    let spoken = spans
        .iter()
        .zip(known.iter().copied())
        .filter(|(span, _)| span.is_spoken());
    let regions: Vec<(f64, f64)> = segment
        .regions
        .iter()
        .map(|(start, end)| (start - segment.start_s, end - segment.start_s))
        .collect();
    let exact = correct::correct(rough, &segment.samples, &regions);
    let offset = segment.start_s;
    let word = |((span, known), (start, end)): ((&TokenSpan, Known), (f64, f64))| Word {
        text: span.text.clone(),
        start_s: offset + start,
        end_s: offset + end,
        confidence: known.confidence,
        evidence: known.evidence,
    };
    debug_assert!(
        segment.samples.len() < SAMPLE_RATE_HZ as usize * 60,
        "a segment is under a minute"
    );
    spoken.zip(exact).map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Five words, of which `spoken` share the audio and the rest crowd into its last frames.
    fn moments_of(spoken: usize, segment: &SpeechSegment) -> (Vec<TokenSpan>, Moments<'_>) {
        const WORDS: usize = 5;
        const FRAMES: usize = 100;
        let mut weights = vec![0.0; (WORDS + 2) * FRAMES];
        for token in 0..WORDS + 2 {
            // Rows: one of prompt, the words, the end.
            let seen = if token < spoken {
                token * 92 / spoken..(token + 1) * 92 / spoken
            } else {
                92..FRAMES
            };
            weights[token * FRAMES..][seen].fill(1.0);
        }
        let attention = Attention {
            heads: 1,
            tokens: WORDS + 2,
            frames: FRAMES,
            weights,
        };
        let time = TimeBase {
            frame_s: 0.02,
            shift_s: 0.0,
        };
        let span = |i: usize| TokenSpan {
            text: format!("word{i}"),
            tokens: i..i + 1,
            spoken: i..i + 1,
        };
        let moments = Moments::new(segment, &attention, 1, 0.0, time);
        ((0..WORDS).map(span).collect(), moments)
    }

    fn segment() -> SpeechSegment {
        SpeechSegment {
            start_s: 0.0,
            samples: vec![0.0; 2 * SAMPLE_RATE_HZ as usize],
            regions: vec![(0.0, 2.0)],
        }
    }

    #[test]
    fn words_that_no_audio_is_left_for_are_dropped_unless_they_are_sure() {
        let segment = segment();
        let known = |confidence| {
            let evidence = [0.0; 3];
            vec![
                Known {
                    evidence,
                    confidence
                };
                5
            ]
        };
        let (spans, moments) = moments_of(2, &segment);
        assert_eq!(moments.heard(&spans, &known(0.3)), 2);
        assert_eq!(moments.heard(&spans, &known(0.9)), 5);
        let (spans, moments) = moments_of(5, &segment);
        assert_eq!(moments.heard(&spans, &known(0.3)), 5);
    }
}
