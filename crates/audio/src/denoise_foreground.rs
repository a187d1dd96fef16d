//! Where the nearest voice begins and ends in a stretch that other voices fill: to a voice
//! activity model they are all speech, but one stands above the others.

use std::ops::Range;

const RATE_HZ: usize = 16_000;
/// Samples of a frame (20 ms): short enough to fall between the words of a clean voice.
const FRAME: usize = RATE_HZ / 50;
/// Frames over which levels are smoothed (0.3 s): longer than a syllable.
const SMOOTH: usize = 15;
/// Where the quiet tenth of the frames is further below the voice than this, the background does
/// not matter, and what is quiet is part of the voice.
const BACKGROUND_DB: f32 = 14.0;
/// The nearest voice is within this of its own loudest tenth.
const VOICE_DB: f32 = 3.0;
/// Frames of background alone (0.6 s) that are worth cutting off; less may be a weak word.
const WORTH: usize = 30;
/// What is cut off is voices only where its quietest tenth of frames is so far below its middle:
/// 2.2 to 6 dB with eight voices, 0.2 to 2.2 in steady noise. There the voice activity model is
/// right, and what seems to be background has weak words in it.
const RESTLESS_DB: f32 = 2.2;
/// Frames kept before the voice (0.25 s) and after it (0.5 s), for sentences end weakly.
const BEFORE: usize = 12;
const AFTER: usize = 25;

/// The part of 16 kHz `samples` from the first to the last word of the nearest voice, with a
/// little around it. All of it where the background is quiet, or where the voice
/// reaches to the ends.
pub fn foreground(samples: &[f32]) -> Range<usize> {
    let all = 0..samples.len();
    let energies: Vec<f32> = samples
        .chunks_exact(FRAME)
        .map(|frame| frame.iter().map(|sample| sample * sample).sum::<f32>() / FRAME as f32)
        .collect();
    if energies.len() <= 2 * WORTH {
        return all;
    }
    let quiet = quantile(&energies, 0.1);
    let smooth = smoothed(&energies);
    let loud = quantile(&smooth, 0.9);
    if quiet < loud * from_db(-BACKGROUND_DB) {
        return all;
    }
    let is_voice = |energy: &f32| *energy > loud * from_db(-VOICE_DB);
    let (Some(first), Some(last)) = (
        smooth.iter().position(is_voice),
        smooth.iter().rposition(is_voice),
    ) else {
        return all;
    };
    let (mut start, mut end) = (0, samples.len());
    let (before, after) = (first.saturating_sub(BEFORE), last + 1 + AFTER);
    if first >= WORTH && is_restless(&energies[..before]) {
        start = before * FRAME;
    }
    if smooth.len() > last + WORTH && is_restless(&energies[after..]) {
        end = after * FRAME;
    }
    start..end
}

fn is_restless(energies: &[f32]) -> bool {
    quantile(energies, 0.5) > quantile(energies, 0.1) * from_db(RESTLESS_DB)
}

/// Mean over [`SMOOTH`] frames around each.
fn smoothed(energies: &[f32]) -> Vec<f32> {
    let half = SMOOTH / 2;
    (0..energies.len())
        .map(|at| {
            let around = &energies[at.saturating_sub(half)..(at + half + 1).min(energies.len())];
            around.iter().sum::<f32>() / around.len() as f32
        })
        .collect()
}

fn quantile(values: &[f32], share: f32) -> f32 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    let at = (sorted.len().saturating_sub(1) as f32 * share) as usize;
    sorted.get(at).copied().unwrap_or(0.0)
}

fn from_db(db: f32) -> f32 {
    10f32.powf(db / 10.0)
}
