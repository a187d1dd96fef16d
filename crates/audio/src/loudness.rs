//! Bringing speech to an even level: gated loudness, a gain from it, and a soft limiter.

use crate::GainCurve;

/// Level that speech is brought to.
const TARGET_DB: f32 = -20.0;
/// More gain than this only lifts the noise floor.
pub(crate) const MAX_GAIN_DB: f32 = 30.0;
/// Frames quieter than this are silence (EBU R 128 uses -70 for broadcast; speech is nearer).
const GATE_DB: f32 = -60.0;
/// Frames this much below the mean of the rest are pauses (ITU-R BS.1770).
const RELATIVE_GATE_DB: f32 = -10.0;
/// Nothing leaves louder than this.
const CEILING: f32 = 0.891_250_9; // -1 dBFS
/// The limiter leaves samples below this alone.
const KNEE: f32 = 0.7;
/// How far a peak may go beyond the ceiling before the gain yields to it; the limiter takes
/// the rest. Plosives and clicks do not hold down a whole recording.
const OVERSHOOT_DB: f32 = 6.0;
/// Seconds of a frame.
pub(crate) const FRAME_SECONDS: f32 = 0.1;
/// One histogram bin is half a decibel from the gate to +12 dBFS, so that memory is fixed.
const BINS: usize = 144;

/// Frames quieter than the whole by more than this are no quieter speech, but pauses.
const QUIET_SPEECH_DB: f32 = -32.0;

/// Measures speech block by block; [`LoudnessMeter::curve`] says what to multiply it with. Keeps
/// 40 bytes a second.
pub struct LoudnessMeter {
    sample_rate_hz: u32,
    /// Levels of all frames in dBFS.
    levels: Vec<f32>,
    frame_len: usize,
    sum: f64,
    filled: usize,
    peak: f32,
    /// Count and energy of frames by level.
    bins: Vec<(u64, f64)>,
}

impl LoudnessMeter {
    /// A meter for mono samples at `sample_rate_hz`.
    pub fn new(sample_rate_hz: u32) -> LoudnessMeter {
        let frame_len = ((sample_rate_hz as f32 * FRAME_SECONDS) as usize).max(1);
        LoudnessMeter {
            sample_rate_hz,
            levels: Vec::new(),
            frame_len,
            sum: 0.0,
            filled: 0,
            peak: 0.0,
            bins: vec![(0, 0.0); BINS],
        }
    }

    /// Takes more samples.
    pub fn push(&mut self, mut samples: &[f32]) {
        while !samples.is_empty() {
            let (now, later) = samples.split_at((self.frame_len - self.filled).min(samples.len()));
            for sample in now {
                self.sum += f64::from(sample * sample);
                self.peak = self.peak.max(sample.abs());
            }
            self.filled += now.len();
            if self.filled == self.frame_len {
                self.close_frame();
            }
            samples = later;
        }
    }

    fn close_frame(&mut self) {
        let energy = self.sum / self.filled as f64;
        let level = 10.0 * (energy.max(1e-20).log10() as f32);
        self.levels.push(level);
        if level > GATE_DB {
            let bin = (((level - GATE_DB) * 2.0) as usize).min(BINS - 1);
            self.bins[bin].0 += 1;
            self.bins[bin].1 += energy;
        }
        (self.sum, self.filled) = (0.0, 0);
    }

    /// Level of the speech in dBFS, pauses left out; `None` when all is silence.
    pub fn level_db(&self) -> Option<f32> {
        let mean = |bins: &[(u64, f64)]| {
            let (count, energy) = bins
                .iter()
                .fold((0, 0.0), |(n, e), bin| (n + bin.0, e + bin.1));
            (count > 0).then(|| 10.0 * ((energy / count as f64).log10() as f32))
        };
        let ungated = mean(&self.bins)?;
        let first = ((ungated + RELATIVE_GATE_DB - GATE_DB) * 2.0).max(0.0) as usize;
        mean(&self.bins[first.min(BINS - 1)..])
    }

    /// What to multiply the samples with, one after the other: [`LoudnessMeter::gain`], but less
    /// where the speech is much louder than in the rest, and more where it is much quieter.
    pub fn curve(&self) -> GainCurve {
        let whole_db = self.level_db().unwrap_or(TARGET_DB);
        // What stands above the quietest tenth is speech, however quiet.
        let mut sorted = self.levels.clone();
        sorted.sort_unstable_by(f32::total_cmp);
        let floor_db = sorted.get(sorted.len() / 10).copied().unwrap_or(GATE_DB);
        let gate_db = (floor_db + 6.0)
            .max(whole_db + QUIET_SPEECH_DB)
            .max(GATE_DB)
            .min(whole_db + RELATIVE_GATE_DB);
        GainCurve::new(
            &self.levels,
            whole_db,
            gate_db,
            self.gain(),
            self.sample_rate_hz,
        )
    }

    /// What to multiply all samples with; 1 for silence.
    pub fn gain(&self) -> f32 {
        let Some(level) = self.level_db() else {
            return 1.0;
        };
        let wanted = from_db((TARGET_DB - level).min(MAX_GAIN_DB));
        let allowed = CEILING * from_db(OVERSHOOT_DB) / self.peak.max(1e-9);
        wanted.min(allowed)
    }
}

pub(crate) fn from_db(db: f32) -> f32 {
    10f32.powf(db / 20.0)
}

/// Multiplies samples with `gain` and bends what would exceed -1 dBFS smoothly below it.
/// A gain of exactly 1 changes nothing.
pub fn apply_gain(samples: &mut [f32], gain: f32) {
    if gain == 1.0 {
        return;
    }
    for sample in samples {
        *sample = bend(*sample * gain);
    }
}

/// Leaves samples below the knee alone and none above the ceiling.
pub(crate) fn bend(value: f32) -> f32 {
    let size = value.abs();
    if size <= KNEE {
        return value;
    }
    let room = CEILING - KNEE;
    (KNEE + room * ((size - KNEE) / room).tanh()).copysign(value)
}
