//! Where utterances begin and end, told from frames: hysteresis, pauses, forced cuts.

use super::{FRAME, SegmenterOptions};
use crate::SAMPLE_RATE_HZ;
use std::collections::VecDeque;

/// What is known of 32 ms of audio.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    /// Probability of speech.
    pub speech: f32,
    /// Level in decibels of full scale.
    pub level_db: f32,
}

/// A finished utterance, in samples of the stream.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Span {
    pub start: u64,
    pub end: u64,
    pub regions: Vec<(u64, u64)>,
}

/// Watches frames go by. All positions are frames of the stream.
pub(super) struct Tracker {
    options: SegmenterOptions,
    /// Frames seen.
    seen: u64,
    /// Speech of the open utterance, as `[from, to)`; empty when none is open.
    regions: Vec<(u64, u64)>,
    speaking: bool,
    /// Frames since the start of the open utterance.
    frames: VecDeque<Frame>,
    /// End of the last utterance, in samples: the next does not reach before it.
    taken: u64,
}

const FRAME_S: f64 = FRAME as f64 / SAMPLE_RATE_HZ as f64;

impl Tracker {
    pub fn new(options: SegmenterOptions) -> Self {
        Self {
            options,
            seen: 0,
            regions: Vec::new(),
            speaking: false,
            frames: VecDeque::new(),
            taken: 0,
        }
    }

    pub fn options(&self) -> &SegmenterOptions {
        &self.options
    }

    /// Takes the next frame; gives the utterance that ends with it.
    pub fn push(&mut self, frame: Frame) -> Option<Span> {
        let at = self.seen;
        self.seen += 1;
        let threshold = if self.speaking {
            self.options.offset
        } else {
            self.options.onset
        };
        let voiced = frame.speech >= threshold;
        match (voiced, self.speaking) {
            (true, true) => self
                .regions
                .last_mut()
                .into_iter()
                .for_each(|region| region.1 = at + 1),
            (true, false) => self.regions.push((at, at + 1)),
            _ => {}
        }
        self.speaking = voiced;
        let (Some(&(first, _)), Some(&(_, last))) = (self.regions.first(), self.regions.last())
        else {
            return None;
        };
        self.frames.push_back(frame);
        let length = (self.seen - first) as f64 * FRAME_S;
        if (self.seen - last) as f64 * FRAME_S >= self.pause_needed(length) {
            return self.close();
        }
        (length + 2.0 * self.options.padding_s >= self.options.max_segment_s)
            .then(|| self.force())
            .flatten()
    }

    /// Frames seen.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// First frame of the open utterance, the one after its last with speech, and how many have
    /// speech.
    pub fn open(&self) -> Option<(u64, u64, u64)> {
        let (first, last) = (self.regions.first()?.0, self.regions.last()?.1);
        let voiced = self.regions.iter().map(|(from, to)| to - from).sum();
        Some((first, last, voiced))
    }

    /// The open utterance up to now.
    pub fn so_far(&self) -> Option<Span> {
        let end = self.regions.last()?.1 * FRAME as u64 + self.padding();
        self.span(self.regions.clone(), end.min(self.seen * FRAME as u64))
    }

    /// Ends the open utterance at this sample.
    pub fn finish(&mut self, samples: u64) -> Option<Span> {
        let mut span = self.close()?;
        span.end = span.end.min(samples);
        Some(span)
    }

    /// Samples before this one are not needed any more.
    pub fn needed_from(&self) -> u64 {
        let first = self.regions.first().map_or(self.seen, |region| region.0);
        (first * FRAME as u64)
            .saturating_sub(self.padding())
            .max(self.taken.min(self.seen * FRAME as u64))
    }

    /// A few words need a long pause after them, for models hear whole sentences better; the
    /// longer someone has spoken, the shorter a pause will do: better a cut there than a forced
    /// one later.
    fn pause_needed(&self, length: f64) -> f64 {
        let between = |from: f64, to: f64| ((length - from) / (to - from).max(1.0)).clamp(0.0, 1.0);
        let patience = 2.0 - between(3.0, 10.0) - 0.7 * between(10.0, self.options.max_segment_s);
        (self.options.min_silence_s * patience).max(2.0 * FRAME_S)
    }

    fn padding(&self) -> u64 {
        (self.options.padding_s * f64::from(SAMPLE_RATE_HZ)) as u64
    }

    fn close(&mut self) -> Option<Span> {
        let regions = std::mem::take(&mut self.regions);
        self.frames.clear();
        self.speaking = false;
        let end = regions.last()?.1 * FRAME as u64 + self.padding();
        self.take(regions, end.min(self.seen * FRAME as u64))
    }

    /// Cuts the open utterance at its quietest moment and keeps the rest open.
    fn force(&mut self) -> Option<Span> {
        let first = self.regions.first()?.0;
        let cut = first + self.quietest() as u64;
        let before = self
            .regions
            .iter()
            .filter(|region| region.0 < cut)
            .map(|&(from, to)| (from, to.min(cut)));
        let after = self
            .regions
            .iter()
            .filter(|region| region.1 > cut)
            .map(|&(from, to)| (from.max(cut), to));
        let (before, after): (Vec<_>, Vec<_>) = (before.collect(), after.collect());
        let start = after.first().map_or(self.seen, |region| region.0);
        self.frames
            .drain(..((start - first) as usize).min(self.frames.len()));
        self.speaking &= !after.is_empty();
        self.regions = after;
        self.take(before, cut * FRAME as u64)
    }

    /// Frame of the open utterance, in its later half, around which there is the least speech.
    fn quietest(&self) -> usize {
        let count = self.frames.len();
        let cost = |i: usize| {
            let around = i.saturating_sub(2)..(i + 3).min(count);
            let width = around.len() as f32;
            // Ten decibels weigh as much as certainty of speech against certainty of none.
            around
                .map(|j| self.frames[j].speech + self.frames[j].level_db / 10.0)
                .sum::<f32>()
                / width
        };
        (count / 2..count.saturating_sub(3))
            .min_by(|&a, &b| cost(a).total_cmp(&cost(b)))
            .unwrap_or(count / 2)
    }

    /// A span that the next one will not reach into.
    fn take(&mut self, regions: Vec<(u64, u64)>, end: u64) -> Option<Span> {
        let span = self.span(regions, end)?;
        self.taken = span.end;
        Some(span)
    }

    fn span(&self, regions: Vec<(u64, u64)>, end: u64) -> Option<Span> {
        let speech: u64 = regions.iter().map(|(from, to)| to - from).sum();
        if (speech as f64) * FRAME_S < self.options.min_speech_s {
            return None;
        }
        let start = (regions.first()?.0 * FRAME as u64)
            .saturating_sub(self.padding())
            .max(self.taken);
        let regions = regions
            .into_iter()
            .map(|(from, to)| (from * FRAME as u64, to * FRAME as u64))
            .collect();
        Some(Span {
            start,
            end,
            regions,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spans(speech: &[f32]) -> Vec<Span> {
        let mut tracker = Tracker::new(SegmenterOptions::default());
        let mut spans: Vec<Span> = speech
            .iter()
            .filter_map(|&p| {
                tracker.push(Frame {
                    speech: p,
                    level_db: p * 40.0 - 60.0,
                })
            })
            .collect();
        spans.extend(tracker.finish((speech.len() * FRAME) as u64));
        spans
    }

    fn pattern(parts: &[(f32, usize)]) -> Vec<f32> {
        parts
            .iter()
            .flat_map(|&(p, frames)| std::iter::repeat_n(p, frames))
            .collect()
    }

    #[test]
    fn a_pause_parts_long_utterances_sooner_than_short_ones() {
        let parts = |speech: usize, pause: usize| {
            spans(&pattern(&[
                (0.0, 30),
                (0.9, speech),
                (0.0, pause),
                (0.9, 40),
                (0.0, 40),
            ]))
            .len()
        };
        // 1.3 s of speech; pauses of 0.6 s and 1.3 s.
        assert_eq!((parts(40, 20), parts(40, 40)), (1, 2));
        // 10.5 s of speech; pauses of 0.25 s and 0.64 s.
        assert_eq!((parts(330, 8), parts(330, 20)), (1, 2));
    }

    #[test]
    fn hysteresis_bridges_a_dip() {
        let got = spans(&pattern(&[
            (0.0, 30),
            (0.9, 20),
            (0.4, 5),
            (0.9, 20),
            (0.0, 30),
        ]));
        assert_eq!(got[0].regions, [(30 * 512, 75 * 512)]);
        assert!(spans(&pattern(&[(0.4, 100)])).is_empty());
    }

    #[test]
    fn clicks_are_dropped_and_padding_is_kept() {
        assert!(spans(&pattern(&[(0.0, 30), (0.9, 3), (0.0, 30)])).is_empty());
        let got = spans(&pattern(&[(0.0, 30), (0.9, 30), (0.0, 30)]));
        assert_eq!(
            (got[0].start, got[0].end),
            (30 * 512 - 4000, 60 * 512 + 4000)
        );
    }

    #[test]
    fn endless_speech_is_cut_where_it_is_quietest() {
        let mut speech = vec![0.95; 2000];
        speech[700..703].fill(0.6);
        let got = spans(&speech);
        assert!(
            (698..705).contains(&(got[0].end / 512)),
            "{}",
            got[0].end / 512
        );
        assert_eq!(got[0].end, got[1].start);
    }

    proptest! {
        #[test]
        fn spans_are_ordered_bounded_and_lose_no_speech(speech in prop::collection::vec(0.0f32..1.0, 0..3000)) {
            let mut options = SegmenterOptions::default();
            (options.min_speech_s, options.max_segment_s) = (0.0, 15.0);
            let mut tracker = Tracker::new(options);
            let mut spans: Vec<Span> = Vec::new();
            for &p in &speech {
                spans.extend(tracker.push(Frame { speech: p, level_db: -20.0 }));
            }
            spans.extend(tracker.finish((speech.len() * FRAME) as u64));
            prop_assert!(spans.iter().all(|s| s.start < s.end && s.end - s.start <= 15 * 16_000));
            prop_assert!(spans.windows(2).all(|pair| pair[0].end <= pair[1].start));
            for (i, _) in speech.iter().enumerate().filter(|(_, p)| **p >= 0.5) {
                let (from, to) = ((i * FRAME) as u64, ((i + 1) * FRAME) as u64);
                prop_assert!(spans.iter().any(|s| s.start <= from && s.end >= to), "frame {i}");
            }
        }
    }
}
