//! Mains hum: finds the lines of 50 or 60 Hz and its harmonics and takes out just those.

use std::collections::VecDeque;
use std::f64::consts::{PI, TAU};
use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

const RATE_HZ: f64 = 16_000.0;
/// Samples looked at: a second, so that lines are told from voices, which do not hold a pitch.
const WINDOW: usize = 16_384;
const BIN_HZ: f64 = RATE_HZ / WINDOW as f64;
/// Samples between looks.
const STEP: usize = 4_096;
/// How far from its nominal frequency a network, or a recorder's clock, may be.
const TOLERANCE: f64 = 0.004;
const MAINS_HZ: [f64; 2] = [50.0, 60.0];
/// Harmonics above this are too weak to matter.
const HIGHEST_HZ: f64 = 2_000.0;
/// How far a line stands out of its surroundings, in decibels.
const PROMINENCE_DB: f64 = 12.0;
/// Weaker lines than this below the strongest are rounding errors.
const RANGE_DB: f64 = 60.0;
/// Fewer lines than this are somebody humming a tune.
const FEWEST_LINES: usize = 5;
/// So many of them are among the first eight: a hum that is all overtones is a voice.
const FEWEST_LOW_LINES: usize = 3;
/// How exactly lines agree with one another, and looks with the look before (at the fundamental).
const AGREEMENT_HZ: f64 = 0.5;
const STEADY_HZ: f64 = 0.05;
/// Looks without hum until it is believed to be over.
const PATIENCE: usize = 8;
/// Width of a notch at -3 dB.
const NOTCH_HZ: f64 = 2.5;
/// A notch is moved when its line is further off than this.
const RETUNE_HZ: f64 = 0.08;

/// Takes hum out of 16 kHz mono, without delay.
pub(crate) struct HumFilter {
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    /// The last [`WINDOW`] samples, unfiltered.
    recent: VecDeque<f32>,
    /// Samples until the next look.
    until_look: usize,
    /// Mains frequency of the last look, to be confirmed by the next.
    suspected_hz: Option<f64>,
    misses: usize,
    notches: Vec<Notch>,
}

/// Fundamental in Hz and the numbers of the harmonics that stand out.
#[derive(Debug, PartialEq)]
struct Hum {
    mains_hz: f64,
    harmonics: Vec<usize>,
}

impl HumFilter {
    pub(crate) fn new() -> HumFilter {
        let window = (0..WINDOW)
            .map(|n| (0.5 - 0.5 * (TAU * n as f64 / WINDOW as f64).cos()) as f32)
            .collect();
        HumFilter {
            fft: RealFftPlanner::new().plan_fft_forward(WINDOW),
            window,
            recent: VecDeque::with_capacity(WINDOW),
            until_look: WINDOW,
            suspected_hz: None,
            misses: 0,
            notches: Vec::new(),
        }
    }

    /// Looks at the start of a recording before it is filtered, so that hum goes from the first
    /// sample on.
    pub(crate) fn prime(&mut self, samples: &[f32]) {
        for window in samples.windows(WINDOW).step_by(STEP) {
            self.judge(self.look(window.iter()));
        }
    }

    /// Filters in place.
    pub(crate) fn process(&mut self, samples: &mut [f32]) {
        let mut rest = samples;
        while !rest.is_empty() {
            let (now, later) = rest.split_at_mut(self.until_look.min(rest.len()));
            let surplus = (self.recent.len() + now.len()).saturating_sub(WINDOW);
            self.recent.drain(..surplus.min(self.recent.len()));
            self.recent.extend(now.iter());
            for notch in &mut self.notches {
                notch.process(now);
            }
            self.until_look -= now.len();
            if self.until_look == 0 {
                self.until_look = STEP;
                self.judge(self.look(self.recent.iter()));
            }
            rest = later;
        }
    }

    /// Finds hum in [`WINDOW`] samples.
    fn look<'a>(&self, samples: impl Iterator<Item = &'a f32>) -> Option<Hum> {
        let mut input: Vec<f32> = samples.zip(&self.window).map(|(s, w)| s * w).collect();
        let mut spectrum = self.fft.make_output_vec();
        // Both buffers are of the lengths that the transform asks for.
        self.fft.process(&mut input, &mut spectrum).ok()?;
        let top = ((HIGHEST_HZ + 100.0) / BIN_HZ) as usize;
        let level: Vec<f64> = spectrum[..top].iter().map(decibels).collect();
        let found = MAINS_HZ.map(|mains| hum_at(mains, &level));
        found
            .into_iter()
            .flatten()
            .max_by_key(|hum| hum.harmonics.len())
    }

    fn judge(&mut self, found: Option<Hum>) {
        let Some(hum) = found else {
            self.suspected_hz = None;
            self.misses += 1;
            if self.misses >= PATIENCE {
                self.notches.clear();
            }
            return;
        };
        self.misses = 0;
        let before = self.suspected_hz.replace(hum.mains_hz);
        let steady = before.is_some_and(|hz| (hz - hum.mains_hz).abs() < STEADY_HZ);
        if !steady && self.notches.is_empty() {
            return;
        }
        for harmonic in hum.harmonics {
            let hz = hum.mains_hz * harmonic as f64;
            let near = |notch: &&mut Notch| (notch.hz - hz).abs() < NOTCH_HZ;
            match self.notches.iter_mut().find(near) {
                Some(notch) if (notch.hz - hz).abs() > RETUNE_HZ => notch.tune(hz),
                Some(_) => {}
                None => self.notches.push(Notch::new(hz)),
            }
        }
        // What another mains frequency left behind, or drift: never more than the lines there are.
        self.notches.retain(|notch| {
            let harmonic = (notch.hz / hum.mains_hz).round();
            (notch.hz - harmonic * hum.mains_hz).abs() < NOTCH_HZ
        });
    }
}

fn decibels(value: &Complex<f32>) -> f64 {
    10.0 * (f64::from(value.norm_sqr()) + 1e-12).log10()
}

/// Lines near the multiples of `mains` in a spectrum in decibels.
fn hum_at(mains: f64, level: &[f64]) -> Option<Hum> {
    let count = (HIGHEST_HZ / mains) as usize;
    let floor = level.iter().copied().fold(f64::MIN, f64::max) - RANGE_DB;
    let lines: Vec<(usize, f64)> = (1..=count)
        .filter_map(|harmonic| {
            let hz = line_near(harmonic as f64 * mains, mains, level, floor)?;
            Some((harmonic, hz))
        })
        .collect();
    let agreeing = |mains_hz: f64| {
        lines
            .iter()
            .filter(move |&&(harmonic, hz)| (hz - harmonic as f64 * mains_hz).abs() < AGREEMENT_HZ)
    };
    // The pitch that most lines agree on.
    let best = lines
        .iter()
        .map(|&(harmonic, hz)| hz / harmonic as f64)
        .max_by_key(|&mains_hz| agreeing(mains_hz).count())?;
    // High lines tell it the most exactly.
    let (sum, weight) = agreeing(best).fold((0.0, 0.0), |(sum, weight), &(harmonic, hz)| {
        (
            sum + hz * harmonic as f64,
            weight + (harmonic * harmonic) as f64,
        )
    });
    let harmonics: Vec<usize> = agreeing(best).map(|&(harmonic, _)| harmonic).collect();
    let low = harmonics.iter().filter(|harmonic| **harmonic <= 8).count();
    (harmonics.len() >= FEWEST_LINES && low >= FEWEST_LOW_LINES).then(|| Hum {
        mains_hz: sum / weight,
        harmonics,
    })
}

/// The line that stands out around `hz`, if any, between bins by a parabola through its peak.
fn line_near(hz: f64, mains: f64, level: &[f64], floor: f64) -> Option<f64> {
    let bin = |hz: f64| ((hz / BIN_HZ) as usize).clamp(1, level.len() - 2);
    let (from, to) = (
        bin(hz * (1.0 - TOLERANCE)) - 1,
        bin(hz * (1.0 + TOLERANCE)) + 2,
    );
    let peak =
        (from.max(1)..=to.min(level.len() - 2)).max_by(|&a, &b| level[a].total_cmp(&level[b]))?;
    let (left, top, right) = (level[peak - 1], level[peak], level[peak + 1]);
    if left > top || right > top || top < floor {
        return None;
    }
    let reach = (0.4 * mains / BIN_HZ) as usize;
    let mut around: Vec<f64> = (peak.saturating_sub(reach)..(peak + reach).min(level.len()))
        .filter(|&other| other.abs_diff(peak) > 3)
        .map(|other| level[other])
        .collect();
    let middle = around.len() / 2;
    let (_, median, _) = around.select_nth_unstable_by(middle, f64::total_cmp);
    if top - *median < PROMINENCE_DB {
        return None;
    }
    let curve = left - 2.0 * top + right;
    let offset = if curve < 0.0 {
        0.5 * (left - right) / curve
    } else {
        0.0
    };
    Some((peak as f64 + offset) * BIN_HZ)
}

/// A second-order notch, in transposed direct form II.
struct Notch {
    hz: f64,
    /// Twice the cosine of the frequency.
    turn: f64,
    state: [f64; 2],
}

/// Radius of the poles.
const RADIUS: f64 = 1.0 - PI * NOTCH_HZ / RATE_HZ;

impl Notch {
    fn new(hz: f64) -> Notch {
        let mut notch = Notch {
            hz,
            turn: 0.0,
            state: [0.0; 2],
        };
        notch.tune(hz);
        notch
    }

    fn tune(&mut self, hz: f64) {
        self.hz = hz;
        self.turn = 2.0 * (TAU * hz / RATE_HZ).cos();
    }

    fn process(&mut self, samples: &mut [f32]) {
        let [mut first, mut second] = self.state;
        for sample in samples {
            let input = f64::from(*sample);
            let output = input + first;
            first = self.turn * (RADIUS * output - input) + second;
            second = input - RADIUS * RADIUS * output;
            *sample = output as f32;
        }
        self.state = [first, second];
    }
}
