//! How many speakers there are, and which embeddings make each.

use super::clustering::{self, Item, Merge, dot};
use super::recording::Unit;
use super::{DiarizationOptions, SpeakerLimits};

/// A unit shorter than this, in seconds, is given to a speaker but does not make one.
const LEAST_TRAINING_S: f32 = 1.0;
/// A cluster of little speech is a speaker only at this average cosine distance from all others.
const STRANGE: f32 = 0.8;

/// Units that make speakers: long and pure ones, or what there is; by index.
pub fn training(units: &[Unit], least: usize) -> Vec<usize> {
    let all = |holds: &dyn Fn(&Unit) -> bool| -> Vec<usize> {
        (0..units.len()).filter(|&i| holds(&units[i])).collect()
    };
    let good = all(&|unit| unit.pure && unit.seconds >= LEAST_TRAINING_S);
    let pure = all(&|unit| unit.pure);
    [good, pure]
        .into_iter()
        .find(|found| !found.is_empty() && found.len() >= least)
        .unwrap_or_else(|| all(&|_| true))
}

/// Items of each speaker, the one with most speech first. Items of clusters that are no speakers
/// are in none.
pub fn groups(
    items: &[Item<'_>],
    limits: &SpeakerLimits,
    options: &DiarizationOptions,
) -> Vec<Vec<usize>> {
    let merges = clustering::merges(items);
    let near = |merge: &&Merge| merge.distance < options.threshold;
    let mut count = merges.iter().filter(near).count();
    let enough = |largest_s: f32| options.enough_s(largest_s);
    let mut groups = speakers(items, &merges, count, &enough);
    let (least, most) = limits.range();
    while groups.len() > most && count < merges.len() {
        count += 1;
        groups = speakers(items, &merges, count, &enough);
    }
    if groups.len() < least {
        let finer = |enough: &dyn Fn(f32) -> f32| {
            let cuts = (0..=count).rev();
            cuts.map(|count| speakers(items, &merges, count, enough))
                .find(|groups| groups.len() >= least)
        };
        // Where there is not speech enough for so many, the little there is must do.
        let any = || speakers(items, &merges, items.len().saturating_sub(least), &|_| 0.0);
        groups = finer(&enough)
            .or_else(|| finer(&|_| options.least_speech_s))
            .or_else(|| finer(&|_| LEAST_TRAINING_S))
            .unwrap_or_else(any);
    }
    groups.truncate(most);
    groups
}

/// The clusters after `count` merges that are speakers: with enough speech for how much the largest
/// has, or a second of it in a voice unlike all others; at least one.
fn speakers(
    items: &[Item<'_>],
    merges: &[Merge],
    count: usize,
    enough_s: &dyn Fn(f32) -> f32,
) -> Vec<Vec<usize>> {
    let labels = clustering::labels(merges, items.len(), count);
    let mut groups = vec![Vec::new(); labels.iter().max().map_or(0, |&most| most + 1)];
    for (item, label) in labels.into_iter().enumerate() {
        groups[label].push(item);
    }
    let seconds = |group: &Vec<usize>| group.iter().map(|&i| items[i].weight).sum::<f32>();
    groups.sort_by(|a, b| seconds(b).total_cmp(&seconds(a)));
    let enough_s = enough_s(groups.first().map_or(0.0, seconds));
    let mut kept: Vec<(Vec<f32>, Vec<usize>)> = Vec::new();
    for group in groups {
        let average = average(items, &group);
        let strange = || {
            seconds(&group) >= LEAST_TRAINING_S
                && kept
                    .iter()
                    .all(|(other, _)| 1.0 - dot(other, &average) > STRANGE)
        };
        if kept.is_empty() || seconds(&group) >= enough_s || strange() {
            kept.push((average, group));
        }
    }
    kept.into_iter().map(|(_, group)| group).collect()
}

/// Weighted mean, as it is: products of such are average products of the members.
fn average(items: &[Item<'_>], group: &[usize]) -> Vec<f32> {
    let weight: f32 = group.iter().map(|&i| items[i].weight).sum();
    let mut average: Vec<f32> = Vec::new();
    for &i in group {
        average.resize(items[i].embedding.len(), 0.0);
        for (slot, &x) in average.iter_mut().zip(items[i].embedding) {
            *slot += x * items[i].weight / weight;
        }
    }
    average
}

/// Weighted mean, of length one.
pub fn mean<'a>(items: impl Iterator<Item = Item<'a>>) -> Vec<f32> {
    let mut sum: Vec<f32> = Vec::new();
    for item in items {
        sum.resize(item.embedding.len(), 0.0);
        for (slot, &x) in sum.iter_mut().zip(item.embedding) {
            *slot += item.weight * x;
        }
    }
    normalise(sum)
}

fn normalise(mut vector: Vec<f32>) -> Vec<f32> {
    let length = dot(&vector, &vector).sqrt().max(1e-9);
    vector.iter_mut().for_each(|x| *x /= length);
    vector
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Two seconds each of voices that lie near one of the axes.
    fn voices(axes: &[usize]) -> Vec<Vec<f32>> {
        let voice = |(i, &axis): (usize, &usize)| {
            let mut vector = vec![0.0; 64];
            vector[axis] = 1.0;
            vector[20 + i % 40] = 0.6;
            normalise(vector)
        };
        axes.iter().enumerate().map(voice).collect()
    }

    fn found(axes: &[usize], limits: SpeakerLimits) -> Vec<Vec<usize>> {
        let voices = voices(axes);
        let item = |embedding| Item {
            embedding,
            weight: 2.0,
        };
        let items: Vec<Item<'_>> = voices.iter().map(|voice| item(voice)).collect();
        groups(&items, &limits, &DiarizationOptions::default())
    }

    #[test]
    fn voices_are_told_apart_and_the_one_heard_most_comes_first() {
        let groups = found(&[0, 1, 1, 0, 1], SpeakerLimits::default());
        assert_eq!(groups, [vec![1, 2, 4], vec![0, 3]]);
    }

    #[test]
    fn a_voice_heard_once_is_a_speaker_when_it_is_unlike_all_others() {
        let groups = found(&[0, 0, 0, 1], SpeakerLimits::default());
        assert_eq!(groups, [vec![0, 1, 2], vec![3]]);
    }

    proptest! {
        #[test]
        fn there_are_as_many_as_asked_for_where_there_are_items(
            axes in prop::collection::vec(0usize..6, 1..24),
            count in 1usize..8,
        ) {
            let exact = SpeakerLimits { exact: Some(count), ..SpeakerLimits::default() };
            prop_assert_eq!(found(&axes, exact).len(), count.min(axes.len()));
            let at_most = SpeakerLimits { max: count, ..SpeakerLimits::default() };
            prop_assert!((1..=count).contains(&found(&axes, at_most).len()));
        }
    }
}
