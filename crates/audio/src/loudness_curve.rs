//! Gain that follows a recording whose speakers are not equally loud, from a first pass over it.

use crate::loudness::{FRAME_SECONDS, MAX_GAIN_DB, bend, from_db};

/// Frames on either side that a frame's speech is levelled with (0.7 s): about a phrase, so that
/// stress within it stays.
const REACH: usize = 7;
/// How far speech may be from the level of the whole before it is brought nearer: what one
/// speaker does by herself is left alone.
const FREE_DB: f32 = 8.0;
/// Further from the gain of the whole recording than this, it would lift noise to speech.
const WIDEST_DB: f32 = 18.0;

/// What to multiply the samples of one channel with, in their order.
pub struct GainCurve {
    /// Factors at the middle of each frame; at least one.
    factors: Vec<f32>,
    frame_len: usize,
    /// Samples multiplied so far.
    at: u64,
}

impl GainCurve {
    /// From the levels of frames in dBFS, the level of speech in all of them, the level below
    /// which frames are pauses, and the gain that suits the whole.
    pub(crate) fn new(
        levels: &[f32],
        whole_db: f32,
        gate_db: f32,
        gain: f32,
        sample_rate_hz: u32,
    ) -> GainCurve {
        let deviations: Vec<Option<f32>> = (0..levels.len())
            .map(|at| {
                let around = at.saturating_sub(REACH)..(at + REACH + 1).min(levels.len());
                let spoken = levels[around].iter().filter(|level| **level > gate_db);
                let (count, energy) = spoken.fold((0, 0.0), |(count, energy), level| {
                    (count + 1, energy + from_db(*level).powi(2))
                });
                (count > 0).then(|| 10.0 * (energy / count as f32).log10() - whole_db)
            })
            .collect();
        // In pauses the gain stays what it was.
        let mut last = deviations.iter().flatten().next().copied().unwrap_or(0.0);
        let factors: Vec<f32> = deviations
            .into_iter()
            .map(|deviation| {
                last = deviation.unwrap_or(last);
                let beyond = last - last.clamp(-FREE_DB, FREE_DB);
                let most = from_db(MAX_GAIN_DB).max(gain);
                (gain * from_db(-beyond.clamp(-WIDEST_DB, WIDEST_DB))).min(most)
            })
            .collect();
        GainCurve {
            factors: if factors.is_empty() {
                vec![gain]
            } else {
                factors
            },
            frame_len: ((sample_rate_hz as f32 * FRAME_SECONDS) as usize).max(1),
            at: 0,
        }
    }

    /// Multiplies the next samples; what would exceed -1 dBFS is bent smoothly below it.
    pub fn apply(&mut self, samples: &mut [f32]) {
        for sample in samples {
            let gain = self.gain();
            self.at += 1;
            if gain != 1.0 {
                *sample = bend(*sample * gain);
            }
        }
    }

    /// Between the middles of frames, the line between their gains.
    fn gain(&self) -> f32 {
        let place = (self.at as f64 / self.frame_len as f64 - 0.5).max(0.0);
        let last = self.factors.len() - 1;
        let (before, share) = ((place as usize).min(last), place.fract() as f32);
        let (from, to) = (self.factors[before], self.factors[(before + 1).min(last)]);
        from + (to - from) * share
    }
}
