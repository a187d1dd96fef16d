//! Pitch: the likeliest way through the candidates of all frames (Boersma 1993, "Accurate
//! short-term analysis of the fundamental frequency and the harmonics-to-noise ratio of a sampled
//! sound"), with the constants of his program Praat.

use super::frames::Frame;

/// Lowest pitch that is found.
pub const LOWEST_HZ: f32 = 60.0;
/// Highest pitch that is found: above a child's or a shout.
pub const HIGHEST_HZ: f32 = 600.0;

const VOICING_THRESHOLD: f32 = 0.45;
const SILENCE_THRESHOLD: f32 = 0.03;
const OCTAVE_COST: f32 = 0.01;
const OCTAVE_JUMP_COST: f32 = 0.35;
const VOICING_CHANGE_COST: f32 = 0.14;

/// A possible pitch of a frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    hz: f32,
    octave: f32,
    /// Normalised autocorrelation there, 0..1.
    strength: f32,
}

impl Candidate {
    pub fn new(hz: f32, strength: f32) -> Self {
        Self {
            hz,
            octave: hz.log2(),
            strength,
        }
    }

    /// Strength, higher pitches being preferred a little to their subharmonics.
    pub fn merit(&self) -> f32 {
        self.strength + OCTAVE_COST * (self.octave - LOWEST_HZ.log2())
    }
}

/// A way that ends in a frame: what it is worth and which choice of the frame before it came by.
#[derive(Clone, Copy)]
struct Way {
    worth: f32,
    from: usize,
}

/// Pitch of each frame in Hz, nothing where it is unvoiced.
pub(super) fn track(frames: &[Frame]) -> Vec<Option<f32>> {
    let loudest_db = frames.iter().map(|f| f.level_db).fold(f32::MIN, f32::max);
    // Choice 0 of a frame is "unvoiced", choice n its candidate n - 1.
    let mut ways: Vec<Vec<Way>> = Vec::with_capacity(frames.len());
    for (index, frame) in frames.iter().enumerate() {
        let before = index
            .checked_sub(1)
            .map(|b| (&ways[b], &frames[b].candidates));
        let choices = std::iter::once(None).chain(frame.candidates.iter().map(Some));
        let here = choices
            .map(|choice| {
                let merit = choice.map_or(unvoiced_merit(frame, loudest_db), Candidate::merit);
                let (from, best) = before.map_or((0, 0.0), |(ways, candidates)| {
                    best_way(ways, candidates, choice)
                });
                let worth = merit + best;
                Way { worth, from }
            })
            .collect();
        ways.push(here);
    }
    let mut track = vec![None; frames.len()];
    let best = |ways: &Vec<Way>| {
        let all = ways.iter().enumerate();
        all.max_by(|a, b| a.1.worth.total_cmp(&b.1.worth))
            .map_or(0, |(i, _)| i)
    };
    let mut choice = ways.last().map_or(0, best);
    for index in (0..frames.len()).rev() {
        let candidate = choice.checked_sub(1).map(|c| frames[index].candidates[c]);
        track[index] = candidate.map(|candidate| candidate.hz);
        choice = ways[index][choice].from;
    }
    track
}

/// How good it is to call a frame unvoiced: the better, the softer it is.
fn unvoiced_merit(frame: &Frame, loudest_db: f32) -> f32 {
    let loudness = 10_f32.powf((frame.level_db - loudest_db) / 20.0);
    let silent = 2.0 - loudness / (SILENCE_THRESHOLD / (1.0 + VOICING_THRESHOLD));
    VOICING_THRESHOLD + silent.max(0.0)
}

/// The best choice of the frame before for `choice`, and what the way up to there is worth after
/// the cost of the step.
fn best_way(ways: &[Way], candidates: &[Candidate], choice: Option<&Candidate>) -> (usize, f32) {
    let step = |before: Option<&Candidate>| match (before, choice) {
        (None, None) => 0.0,
        (Some(a), Some(b)) => OCTAVE_JUMP_COST * (a.octave - b.octave).abs(),
        _ => VOICING_CHANGE_COST,
    };
    let before = std::iter::once(None).chain(candidates.iter().map(Some));
    let all = ways.iter().zip(before).map(|(way, b)| way.worth - step(b));
    let best = all.enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
    best.unwrap_or((0, 0.0))
}
