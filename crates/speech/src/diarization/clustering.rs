//! Agglomerative clustering of embeddings: average linkage on cosine distance.
//!
//! For vectors of length one, the average distance between two clusters is one less the product of
//! their means. So clusters are kept as means, and memory grows with the number of embeddings,
//! not with its square.

/// Two clusters became one. Clusters are numbered as they arise: the embeddings first, then a new
/// number for each merge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Merge {
    /// Number of the one.
    pub left: usize,
    /// Number of the other.
    pub right: usize,
    /// Average cosine distance between their members, 0..2.
    pub distance: f32,
}

/// What is clustered.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// Of length one.
    pub embedding: &'a [f32],
    /// How much it counts in means, above zero.
    pub weight: f32,
}

/// What is being merged.
struct Cluster {
    number: usize,
    /// Weighted mean of its members.
    mean: Vec<f32>,
    weight: f32,
    /// Where the nearest of those before it is, and how far.
    nearest: (usize, f32),
}

/// All merges of the items, nearest first: one less than there are items.
pub fn merges(items: &[Item<'_>]) -> Vec<Merge> {
    let mut clusters: Vec<Cluster> = Vec::with_capacity(items.len());
    for (number, item) in items.iter().enumerate() {
        let mut cluster = Cluster {
            number,
            mean: item.embedding.to_vec(),
            weight: item.weight,
            nearest: NONE,
        };
        cluster.nearest = nearest(&clusters, &cluster);
        clusters.push(cluster);
    }
    let mut merges = Vec::with_capacity(items.len().saturating_sub(1));
    while clusters.len() > 1 {
        let later = (1..clusters.len())
            .min_by(|&a, &b| clusters[a].nearest.1.total_cmp(&clusters[b].nearest.1))
            .expect("two are left");
        let (earlier, distance) = clusters[later].nearest;
        merges.push(Merge {
            left: clusters[earlier].number,
            right: clusters[later].number,
            distance,
        });
        let taken = clusters.remove(later);
        clusters[earlier].absorb(&taken, items.len() + merges.len() - 1);
        renew(&mut clusters, earlier, later);
    }
    in_order(merges, items.len())
}

/// Nothing is before the first.
const NONE: (usize, f32) = (usize::MAX, f32::INFINITY);

/// Finds who is nearest again, after the cluster at `gone` went into that at `changed`.
fn renew(clusters: &mut [Cluster], changed: usize, gone: usize) {
    for place in changed..clusters.len() {
        let (before, from) = clusters.split_at_mut(place);
        let cluster = &mut from[0];
        let stale = place == changed || [changed, gone].contains(&cluster.nearest.0);
        if stale {
            cluster.nearest = nearest(before, cluster);
            continue;
        }
        if cluster.nearest.0 > gone && cluster.nearest.0 != usize::MAX {
            cluster.nearest.0 -= 1;
        }
        let distance = cluster.distance(&before[changed]);
        if distance < cluster.nearest.1 {
            cluster.nearest = (changed, distance);
        }
    }
}

fn nearest(before: &[Cluster], cluster: &Cluster) -> (usize, f32) {
    let mut best = NONE;
    for (place, other) in before.iter().enumerate() {
        let distance = cluster.distance(other);
        if distance < best.1 {
            best = (place, distance);
        }
    }
    best
}

impl Cluster {
    fn distance(&self, other: &Self) -> f32 {
        1.0 - dot(&self.mean, &other.mean)
    }

    fn absorb(&mut self, other: &Self, number: usize) {
        let weight = self.weight + other.weight;
        let share = other.weight / weight;
        for (x, &y) in self.mean.iter_mut().zip(&other.mean) {
            *x += (y - *x) * share;
        }
        self.weight = weight;
        self.number = number;
    }
}

/// A merge can bring clusters nearer than it was itself: sorts by distance, parts before wholes,
/// and numbers anew.
fn in_order(merges: Vec<Merge>, items: usize) -> Vec<Merge> {
    // A merge never comes before those that made its parts, even when rounding says so.
    let mut distances: Vec<f32> = Vec::with_capacity(merges.len());
    for merge in &merges {
        let of = |number: usize| number.checked_sub(items).map_or(0.0, |i| distances[i]);
        let least = of(merge.left).max(of(merge.right));
        distances.push(merge.distance.max(least));
    }
    let mut order: Vec<usize> = (0..merges.len()).collect();
    order.sort_by(|&a, &b| distances[a].total_cmp(&distances[b]));
    let mut renamed = vec![0; merges.len()];
    for (place, &old) in order.iter().enumerate() {
        renamed[old] = items + place;
    }
    let name = |number: usize| number.checked_sub(items).map_or(number, |i| renamed[i]);
    order
        .iter()
        .map(|&old| Merge {
            left: name(merges[old].left),
            right: name(merges[old].right),
            distance: distances[old],
        })
        .collect()
}

/// The clusters after the first `count` merges of `items`: for each item a number from zero.
pub fn labels(merges: &[Merge], items: usize, count: usize) -> Vec<usize> {
    let mut parent: Vec<usize> = (0..items + count).collect();
    for (place, merge) in merges.iter().take(count).enumerate() {
        parent[merge.left] = items + place;
        parent[merge.right] = items + place;
    }
    // Parents have higher numbers: from the top down every root is known.
    for number in (0..parent.len()).rev() {
        parent[number] = parent[parent[number]];
    }
    let mut names = std::collections::HashMap::new();
    (0..items)
        .map(|item| {
            let next = names.len();
            *names.entry(parent[item]).or_insert(next)
        })
        .collect()
}

/// Product of two vectors of the same length.
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    // Eight sums, so that the compiler may use vector instructions.
    let (mut sums, (a, b)) = ([0f32; 8], (a.chunks_exact(8), b.chunks_exact(8)));
    let rest: f32 = a
        .remainder()
        .iter()
        .zip(b.remainder())
        .map(|(x, y)| x * y)
        .sum();
    for (x, y) in a.zip(b) {
        for i in 0..8 {
            sums[i] += x[i] * y[i];
        }
    }
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unit(numbers: &[f32]) -> Vec<f32> {
        let length = dot(numbers, numbers).sqrt().max(1e-6);
        numbers.iter().map(|x| x / length).collect()
    }

    fn items(embeddings: &[Vec<f32>]) -> Vec<Item<'_>> {
        let item = |embedding| Item {
            embedding,
            weight: 1.0,
        };
        embeddings.iter().map(|embedding| item(embedding)).collect()
    }

    #[test]
    fn the_nearest_are_merged_first() {
        let embeddings: Vec<_> = [0.0f32, 0.1, 1.5, 1.7]
            .iter()
            .map(|a| vec![a.cos(), a.sin()])
            .collect();
        let found = merges(&items(&embeddings));
        assert_eq!(
            (
                found[0].left.min(found[0].right),
                found[0].left.max(found[0].right)
            ),
            (0, 1)
        );
        assert_eq!(labels(&found, 4, 2), [0, 0, 1, 1]);
        assert_eq!(labels(&found, 4, 0), [0, 1, 2, 3]);
        assert_eq!(labels(&found, 4, 3), [0, 0, 0, 0]);
    }

    #[test]
    fn nothing_and_one_have_no_merges() {
        assert!(merges(&[]).is_empty());
        assert!(merges(&items(&[vec![1.0, 0.0]])).is_empty());
        assert!(labels(&[], 0, 0).is_empty());
    }

    proptest! {
        #[test]
        fn distances_grow_and_every_cut_has_one_cluster_less(
            numbers in prop::collection::vec(prop::collection::vec(-1.0..1.0f32, 9), 1..40),
        ) {
            let embeddings: Vec<_> = numbers.iter().map(|n| unit(n)).collect();
            let found = merges(&items(&embeddings));
            prop_assert_eq!(found.len(), embeddings.len() - 1);
            prop_assert!(found.windows(2).all(|pair| pair[0].distance <= pair[1].distance));
            for count in 0..=found.len() {
                let labels = labels(&found, embeddings.len(), count);
                let clusters = labels.iter().max().map_or(0, |&most| most + 1);
                prop_assert_eq!(clusters, embeddings.len() - count);
            }
        }

        #[test]
        fn a_merge_is_at_the_average_distance_of_the_members(
            numbers in prop::collection::vec(prop::collection::vec(-1.0..1.0f32, 9), 2..12),
        ) {
            let embeddings: Vec<_> = numbers.iter().map(|n| unit(n)).collect();
            let found = merges(&items(&embeddings));
            let mut members: Vec<Vec<usize>> = (0..embeddings.len()).map(|i| vec![i]).collect();
            for merge in &found {
                let (a, b) = (members[merge.left].clone(), members[merge.right].clone());
                let pairs = a.iter().flat_map(|&i| b.iter().map(move |&j| (i, j)));
                let sum: f32 = pairs.map(|(i, j)| 1.0 - dot(&embeddings[i], &embeddings[j])).sum();
                let average = sum / (a.len() * b.len()) as f32;
                prop_assert!((merge.distance - average).abs() < 1e-4, "{} {}", merge.distance, average);
                members.push([a, b].concat());
            }
        }
    }
}
