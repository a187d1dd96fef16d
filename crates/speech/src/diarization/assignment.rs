//! Which speaker of the recording says each stretch.

use super::clustering::{Item, dot};
use super::recording::Unit;
use super::speakers::{groups, mean, training};
use super::stretch::Stretch;
use super::{DiarizationOptions, SpeakerLimits};

/// Fewest frames (0.25 s) together for which two local speakers who speak at once are two.
const TOGETHER: usize = 15;
/// Most frames between stretches that go on from one window to the next.
const SEAM: usize = 4;
/// Weight of what others speak with, beside what is spoken alone.
const MIXED: f32 = 0.3;

/// Whose voice it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Label {
    /// Which cluster.
    pub cluster: usize,
    /// Cosine similarity with it, less that with the next.
    pub margin: f32,
}

/// The outcome.
pub struct Assignment {
    /// For each stretch; none where there is nothing to go by.
    pub labels: Vec<Option<Label>>,
    /// The speakers' embeddings, of length one.
    pub centroids: Vec<Vec<f32>>,
}

/// Clusters the embedded units and assigns every stretch.
pub fn assign(
    stretches: &[Stretch],
    units: &[Unit],
    limits: &SpeakerLimits,
    options: &DiarizationOptions,
) -> Assignment {
    let training = training(units, limits.range().0);
    let items: Vec<Item<'_>> = training
        .iter()
        .map(|&i| Item {
            embedding: &units[i].embedding,
            weight: units[i].seconds,
        })
        .collect();
    let mut centroids: Vec<Vec<f32>> = groups(&items, limits, options)
        .iter()
        .map(|group| mean(group.iter().map(|&i| items[i])))
        .collect();
    let kin = kin(stretches, options);
    let mut labels = label(stretches, units, &kin, &centroids, options);
    // Assigned anew, clusters change a little, and so do their means.
    for _ in 0..2 {
        let mut members: Vec<Vec<Item<'_>>> = vec![Vec::new(); centroids.len()];
        for (stretch, label) in stretches.iter().zip(&labels) {
            if let (Some(unit), Some(label)) = (stretch.unit, label)
                && let Ok(place) = training.binary_search(&unit)
            {
                members[label.cluster].push(items[place]);
            }
        }
        for (centroid, members) in centroids.iter_mut().zip(members) {
            if !members.is_empty() {
                *centroid = mean(members.into_iter());
            }
        }
        labels = label(stretches, units, &kin, &centroids, options);
    }
    Assignment { labels, centroids }
}

/// For each stretch, those likely of the same speaker, with a weight: itself, what goes on in the
/// neighbouring window, what else the same local speaker says in the window.
fn kin(stretches: &[Stretch], options: &DiarizationOptions) -> Vec<Vec<(usize, f32)>> {
    let mut kin: Vec<Vec<(usize, f32)>> = (0..stretches.len()).map(|i| vec![(i, 1.0)]).collect();
    for (i, one) in stretches.iter().enumerate() {
        for (j, other) in stretches.iter().enumerate().skip(i + 1) {
            if other.window > one.window + 1 {
                break;
            }
            let weight = if other.window == one.window {
                if other.local == one.local {
                    options.sibling
                } else {
                    0.0
                }
            } else if other.frames.start.abs_diff(one.frames.end) <= SEAM {
                options.seam
            } else {
                0.0
            };
            if weight > 0.0 {
                kin[i].push((j, weight));
                kin[j].push((i, weight));
            }
        }
    }
    kin
}

fn label(
    stretches: &[Stretch],
    units: &[Unit],
    kin: &[Vec<(usize, f32)>],
    centroids: &[Vec<f32>],
    options: &DiarizationOptions,
) -> Vec<Option<Label>> {
    let similar: Vec<Vec<f32>> = units
        .iter()
        .map(|unit| {
            centroids
                .iter()
                .map(|centroid| dot(centroid, &unit.embedding))
                .collect()
        })
        .collect();
    let evidence: Vec<Option<Vec<f32>>> = kin
        .iter()
        .map(|kin| {
            let (mut mean, mut total) = (vec![0f32; centroids.len()], 0f32);
            for &(stretch, weight) in kin {
                let Some(unit) = stretches[stretch].unit else {
                    continue;
                };
                let weight =
                    weight * units[unit].seconds * if units[unit].pure { 1.0 } else { MIXED };
                total += weight;
                for (slot, &x) in mean.iter_mut().zip(&similar[unit]) {
                    *slot += x * weight;
                }
            }
            mean.iter_mut().for_each(|x| *x /= total);
            (total > 0.0 && !mean.is_empty()).then_some(mean)
        })
        .collect();
    let stranger = 1.0 - options.threshold;
    let best = |i: usize, but: Option<usize>| best(evidence[i].as_ref()?, but, stranger);
    let mut labels: Vec<Option<Label>> = (0..stretches.len()).map(|i| best(i, None)).collect();
    // Two who speak at once are never the same: the one that is less sure gives way.
    for i in 0..stretches.len() {
        for j in i + 1..stretches.len() {
            if stretches[j].window != stretches[i].window {
                break;
            }
            let (Some(a), Some(b)) = (labels[i], labels[j]) else {
                continue;
            };
            if a.cluster == b.cluster && together(&stretches[i], &stretches[j]) >= TOGETHER {
                let loser = if a.margin < b.margin { i } else { j };
                if let Some(second) = best(loser, Some(a.cluster)) {
                    labels[loser] = Some(Label {
                        margin: 0.0,
                        ..second
                    });
                }
            }
        }
    }
    labels
}

fn best(similarities: &[f32], but: Option<usize>, stranger: f32) -> Option<Label> {
    let mut order: Vec<usize> = (0..similarities.len())
        .filter(|&c| Some(c) != but)
        .collect();
    order.sort_by(|&a, &b| similarities[b].total_cmp(&similarities[a]));
    let cluster = *order.first()?;
    let second = order.get(1).map_or(stranger, |&c| similarities[c]);
    Some(Label {
        cluster,
        margin: similarities[cluster] - second,
    })
}

/// Frames in which both speak, as far as the stretches say.
fn together(one: &Stretch, other: &Stretch) -> usize {
    let start = one.frames.start.max(other.frames.start);
    let end = one.frames.end.min(other.frames.end);
    if one.local == other.local {
        0
    } else {
        end.saturating_sub(start)
    }
}
