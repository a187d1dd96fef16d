//! From frames to numbers about an utterance.

use super::FRAMES_PER_S;
use super::frames::{BANDS, Frame};
use super::pitch::Point;

/// What is measured, in the order of the numbers. `st` are semitones above 27.5 Hz, `db` decibels.
/// Spectral measures are of voiced frames; levels of frames within 35 dB of the loud ones.
pub const NAMES: &[&str] = &[
    "pitch_mean_st",
    "pitch_sd_st",
    "pitch_p20_st",
    "pitch_p50_st",
    "pitch_p80_st",
    "pitch_rise_st_per_s",
    "pitch_fall_st_per_s",
    "pitch_trend_st_per_s",
    "level_mean_db",
    "level_sd_db",
    "level_p20_db",
    "level_p50_db",
    "level_p80_db",
    "level_change_db_per_s",
    "hnr_mean_db",
    "hnr_sd_db",
    "jitter",
    "shimmer_db",
    "h1_h2_mean_db",
    "h1_h2_sd_db",
    "alpha_mean_db",
    "alpha_sd_db",
    "hammarberg_mean_db",
    "hammarberg_sd_db",
    "centroid_mean_hz",
    "centroid_sd_hz",
    "voiced_share",
    "voiced_runs_per_s",
    "voiced_run_mean_s",
    "voiced_run_sd_s",
    "pause_mean_s",
    "nuclei_per_s",
    "band_100_db",
    "band_300_db",
    "band_600_db",
    "band_1000_db",
    "band_1600_db",
    "band_2500_db",
];

/// Frames softer than the loud ones by more than this are pauses.
const PAUSE_DB: f32 = 35.0;
/// A syllable's nucleus stands out of what surrounds it by this (de Jong and Wempe 2009).
const NUCLEUS_DB: f32 = 2.0;

/// The numbers of [`NAMES`]; `track` has the pitch of each of `frames`, at least one of them.
pub(super) fn summarize(frames: &[Frame], track: &[Option<Point>]) -> Vec<f32> {
    let voiced: Vec<(&Frame, Point)> = frames
        .iter()
        .zip(track)
        .filter_map(|(frame, point)| point.map(|point| (frame, point)))
        .collect();
    let of = |measure: fn(&Frame, Point) -> f32| -> Vec<f32> {
        voiced
            .iter()
            .map(|(frame, point)| measure(frame, *point))
            .collect()
    };
    let levels: Vec<f32> = frames.iter().map(|frame| frame.level_db).collect();
    let loud = quantile(&levels, 0.95);
    let spoken: Vec<f32> = levels
        .iter()
        .copied()
        .filter(|l| *l > loud - PAUSE_DB)
        .collect();
    let runs = Runs::of(track);
    let speaking_s = (spoken.len().max(1)) as f32 / FRAMES_PER_S;

    let pitch = of(|_, point| semitones(point.hz));
    let (rise, fall) = movements(track);
    let mut values = spread(&pitch).to_vec();
    values.extend(quantiles(&pitch));
    values.extend([rise, fall, trend(track)]);
    values.extend(spread(&spoken));
    values.extend(quantiles(&spoken));
    values.push(mean_change(&spoken) * FRAMES_PER_S);
    values.extend(spread(&of(|_, point| point.hnr_db)));
    values.extend([jitter(track), shimmer(frames, track)]);
    values.extend(spread(&of(|frame, point| {
        frame.first_harmonics_db(point.hz)
    })));
    values.extend(spread(&of(|frame, _| frame.alpha_db)));
    values.extend(spread(&of(|frame, _| frame.hammarberg_db)));
    values.extend(spread(&of(|frame, _| frame.centroid_hz)));
    values.push(voiced.len() as f32 / spoken.len().max(1) as f32);
    values.push(runs.voiced_s.len() as f32 / speaking_s);
    values.extend(spread(&runs.voiced_s));
    values.push(mean(&runs.pauses_s));
    values.push(nuclei(frames, track) as f32 / speaking_s);
    for band in 0..BANDS {
        let shares: Vec<f32> = voiced
            .iter()
            .map(|(frame, _)| frame.bands_db[band])
            .collect();
        values.push(mean(&shares));
    }
    debug_assert_eq!(values.len(), NAMES.len());
    for value in &mut values {
        *value = if value.is_finite() { *value } else { 0.0 };
    }
    values
}

/// Lengths of the stretches with voice, and of those without between them.
struct Runs {
    voiced_s: Vec<f32>,
    pauses_s: Vec<f32>,
}

impl Runs {
    fn of(track: &[Option<Point>]) -> Self {
        let mut runs = Self {
            voiced_s: Vec::new(),
            pauses_s: Vec::new(),
        };
        for run in track.chunk_by(|a, b| a.is_some() == b.is_some()) {
            let length_s = run.len() as f32 / FRAMES_PER_S;
            match run.first() {
                Some(Some(_)) => runs.voiced_s.push(length_s),
                // What is before the first voice is no pause.
                _ if !runs.voiced_s.is_empty() => runs.pauses_s.push(length_s),
                _ => {}
            }
        }
        if track.last().is_some_and(Option::is_none) {
            runs.pauses_s.pop();
        }
        runs
    }
}

fn semitones(hz: f32) -> f32 {
    12.0 * (hz / 27.5).log2()
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len().max(1) as f32
}

/// Mean and standard deviation.
fn spread(values: &[f32]) -> [f32; 2] {
    let mean = mean(values);
    let square: f32 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
    [mean, (square / values.len().max(1) as f32).sqrt()]
}

fn quantile(values: &[f32], share: f32) -> f32 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    let place = share * sorted.len().saturating_sub(1) as f32;
    let (below, part) = (place as usize, place.fract());
    let at = |i: usize| sorted.get(i.min(sorted.len().saturating_sub(1))).copied();
    let (a, b) = (at(below).unwrap_or(0.0), at(below + 1).unwrap_or(0.0));
    a + (b - a) * part
}

fn quantiles(values: &[f32]) -> [f32; 3] {
    [0.2, 0.5, 0.8].map(|share| quantile(values, share))
}

/// Mean size of the change from one value to the next.
fn mean_change(values: &[f32]) -> f32 {
    let changes: Vec<f32> = values.windows(2).map(|w| (w[1] - w[0]).abs()).collect();
    mean(&changes)
}

/// Neighbouring voiced frames.
fn pairs(track: &[Option<Point>]) -> impl Iterator<Item = (Point, Point)> {
    track
        .windows(2)
        .filter_map(|pair| Some((pair[0]?, pair[1]?)))
}

/// How fast the pitch rises where it rises, and falls where it falls, semitones a second.
fn movements(track: &[Option<Point>]) -> (f32, f32) {
    let steps = pairs(track).map(|(a, b)| semitones(b.hz) - semitones(a.hz));
    // Faster than this, the track has jumped, not the voice.
    let (up, down): (Vec<f32>, Vec<f32>) = steps.filter(|s| s.abs() < 2.0).partition(|s| *s > 0.0);
    (mean(&up) * FRAMES_PER_S, mean(&down) * FRAMES_PER_S)
}

/// Slope of the straight line through the pitch, semitones a second.
fn trend(track: &[Option<Point>]) -> f32 {
    let points: Vec<(f32, f32)> = track
        .iter()
        .enumerate()
        .filter_map(|(i, point)| point.map(|p| (i as f32 / FRAMES_PER_S, semitones(p.hz))))
        .collect();
    let count = points.len().max(1) as f32;
    let (t, st) = points
        .iter()
        .fold((0.0, 0.0), |sum, p| (sum.0 + p.0, sum.1 + p.1));
    let (t, st) = (t / count, st / count);
    let above: f32 = points.iter().map(|p| (p.0 - t) * (p.1 - st)).sum();
    let below: f32 = points.iter().map(|p| (p.0 - t) * (p.0 - t)).sum();
    if below > 0.0 { above / below } else { 0.0 }
}

/// Mean change of the period from frame to frame against the period.
fn jitter(track: &[Option<Point>]) -> f32 {
    let changes: Vec<f32> = pairs(track)
        .map(|(a, b)| 2.0 * (a.hz - b.hz).abs() / (a.hz + b.hz))
        .map(|change| change.min(0.25))
        .collect();
    mean(&changes)
}

/// Mean change of the level from voiced frame to voiced frame, dB.
fn shimmer(frames: &[Frame], track: &[Option<Point>]) -> f32 {
    let changes: Vec<f32> = frames
        .windows(2)
        .zip(track.windows(2))
        .filter(|(_, points)| points.iter().all(Option::is_some))
        .map(|(frames, _)| (frames[1].level_db - frames[0].level_db).abs())
        .collect();
    mean(&changes)
}

/// Peaks of the level that are voiced and stand out: about one a syllable.
fn nuclei(frames: &[Frame], track: &[Option<Point>]) -> usize {
    let (mut count, mut low, mut high, mut is_voiced) = (0, f32::MAX, f32::MIN, false);
    for (frame, point) in frames.iter().zip(track) {
        let level = frame.level_db;
        if level > high {
            (high, is_voiced) = (level, point.is_some());
        }
        low = low.min(level);
        if high - level > NUCLEUS_DB {
            // A peak has passed; it counts when it rose out of a dip.
            if is_voiced && high - low > NUCLEUS_DB {
                count += 1;
            }
            (low, high, is_voiced) = (level, level, false);
        }
    }
    count
}
