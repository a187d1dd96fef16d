//! Puts rough word times right by where there is sound: no word spans a pause, begins in one, or
//! overlaps its neighbour.

/// Seconds between energy frames.
const HOP_S: f64 = 0.01;
const HOP: usize = 160;
/// A quieter stretch is a pause between words from here on; shorter ones are closures of stops.
const PAUSE_S: f64 = 0.12;
/// Sound shorter than this is a click.
const BURST_S: f64 = 0.03;
/// How far a word next to a pause may be stretched to where the sound begins or ends.
const REACH_S: f64 = 0.25;
/// No word is shorter.
const SHORTEST_S: f64 = 0.02;

/// Corrected `(start, end)` of each word, in seconds from the first sample: strictly ordered,
/// not overlapping. `regions` are where the voice activity model hears speech.
pub(crate) fn correct(
    rough: &[(f64, f64)],
    samples: &[f32],
    regions: &[(f64, f64)],
) -> Vec<(f64, f64)> {
    let islands = islands(samples, regions);
    let mut words: Vec<(f64, f64)> = rough.iter().map(|&word| clip(word, &islands)).collect();
    stretch(&mut words, &islands);
    order(&mut words, samples.len() as f64 / (HOP as f64 / HOP_S));
    words
}

/// Stretches of sound in the regions, pauses between them.
fn islands(samples: &[f32], regions: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let level = |frame: &[f32]| {
        10.0 * (frame.iter().map(|x| x * x).sum::<f32>() / frame.len() as f32 + 1e-10).log10()
    };
    let levels: Vec<f32> = samples.chunks(HOP).map(level).collect();
    let mut sorted = levels.clone();
    sorted.sort_unstable_by(f32::total_cmp);
    let at = |share: f64| {
        sorted
            .get((sorted.len() as f64 * share) as usize)
            .copied()
            .unwrap_or(-100.0)
    };
    let (floor, loud) = (at(0.05), at(0.9));
    // A third of the way up from the floor to the voice, in decibels.
    let threshold = floor + (loud - floor) * 0.22;
    let heard = |i: usize| {
        let moment = i as f64 * HOP_S;
        // The model's frames are 32 ms and late: give it some room.
        let voiced = regions
            .iter()
            .any(|&(start, end)| moment > start - 0.1 && moment < end + 0.1);
        voiced && levels[i] > threshold
    };
    let mut islands: Vec<(f64, f64)> = Vec::new();
    for i in (0..levels.len()).filter(|&i| heard(i)) {
        let (start, end) = (i as f64 * HOP_S, (i + 1) as f64 * HOP_S);
        match islands.last_mut() {
            Some(last) if start - last.1 < PAUSE_S => last.1 = end,
            _ => islands.push((start, end)),
        }
    }
    islands.retain(|(start, end)| end - start >= BURST_S);
    islands
}

/// The part of a word that lies in sound; of a word over a pause, the longer part.
fn clip((start, end): (f64, f64), islands: &[(f64, f64)]) -> (f64, f64) {
    let parts = islands
        .iter()
        .map(|island| (start.max(island.0), end.min(island.1)));
    let best = parts
        .filter(|(a, b)| b - a >= SHORTEST_S)
        .max_by(|a, b| (a.1 - a.0).total_cmp(&(b.1 - b.0)));
    best.unwrap_or((start, end))
}

/// The first word of an island begins with it and the last ends with it, within reach.
fn stretch(words: &mut [(f64, f64)], islands: &[(f64, f64)]) {
    for &(from, to) in islands {
        let inside = |word: &(f64, f64)| word.1 > from && word.0 < to;
        if let Some(first) = words.iter().position(inside)
            && words[first].0 - from < REACH_S
        {
            words[first].0 = from;
        }
        if let Some(last) = words.iter().rposition(inside)
            && to - words[last].1 < REACH_S
        {
            words[last].1 = to;
        }
    }
}

/// Makes starts and ends grow; a word without room takes a little from its neighbours.
fn order(words: &mut [(f64, f64)], duration: f64) {
    // Where there are more words than the audio has room for, all are shorter.
    let shortest = SHORTEST_S.min(duration / words.len().max(1) as f64);
    let mut earliest = 0.0;
    for i in 0..words.len() {
        let after = (words.len() - i) as f64;
        let latest = (duration - shortest * after).max(earliest);
        let next = words.get(i + 1).map_or(duration, |word| word.0);
        let (start, end) = words[i];
        let start = start.clamp(earliest, latest);
        let room = duration - shortest * (after - 1.0);
        let end = end
            .min(next)
            .max(start + shortest)
            .min(room.max(start + shortest));
        words[i] = (start, end);
        earliest = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Noise-like sound in the given stretches of two seconds.
    fn sound(stretches: &[(f64, f64)]) -> Vec<f32> {
        let loud = |t: f64| stretches.iter().any(|&(from, to)| t >= from && t < to);
        let sample = |i: usize| ((i * 7919) % 1000) as f32 / 1000.0 - 0.5;
        (0..32_000)
            .map(|i| sample(i) * if loud(i as f64 / 16_000.0) { 0.5 } else { 1e-4 })
            .collect()
    }

    #[test]
    fn no_word_reaches_into_a_pause() {
        let samples = sound(&[(0.2, 0.8), (1.3, 1.8)]);
        let words = correct(
            &[(0.1, 0.5), (0.5, 1.25), (1.25, 1.9)],
            &samples,
            &[(0.0, 2.0)],
        );
        let want = [(0.2, 0.5), (0.5, 0.8), (1.3, 1.8)];
        for (got, want) in words.iter().zip(want) {
            assert!(
                (got.0 - want.0).abs() < 0.02 && (got.1 - want.1).abs() < 0.02,
                "{words:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn times_grow_whatever_the_alignment_says(rough in prop::collection::vec((0.0..2.0f64, 0.0..2.0f64), 1..40)) {
            let samples = sound(&[(0.3, 0.9), (1.2, 1.7)]);
            let words = correct(&rough, &samples, &[(0.3, 1.7)]);
            prop_assert!(words.iter().all(|(start, end)| end > start && *start >= 0.0 && *end <= 2.0 + 1e-6));
            prop_assert!(words.windows(2).all(|pair| pair[0].1 <= pair[1].0 + 1e-9));
        }
    }
}
