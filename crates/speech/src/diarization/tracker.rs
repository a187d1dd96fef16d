//! Speakers of a live stream: each utterance gets one when it ends, and keeps it.

use super::clustering::{self, Item, dot};
use super::confidence;

/// An utterance at least this similar (cosine) to a speaker's mean may be the speaker's.
const SAME: f32 = 0.36;
/// An utterance shorter than this, in seconds, does not make a new speaker.
const LEAST_NEW_S: f64 = 1.0;
/// A speaker with less speech than this by the end, in seconds, was likely somebody else.
const LEAST_SPEAKER_S: f32 = 2.0;
/// Speakers whose average distance is below this by the end are one.
const MERGE: f32 = 0.65;

/// Follows the speakers of one stream. Memory is bounded by the number of speakers.
#[derive(Debug, Clone)]
pub struct SpeakerTracker {
    most: usize,
    speakers: Vec<Known>,
}

/// A speaker so far.
#[derive(Debug, Clone)]
struct Known {
    /// Mean of the embeddings, weighted by length; not of length one.
    mean: Vec<f32>,
    seconds: f32,
}

impl Known {
    fn similarity(&self, embedding: &[f32]) -> f32 {
        let length = dot(&self.mean, &self.mean).sqrt().max(1e-9);
        dot(&self.mean, embedding) / length
    }

    fn hear(&mut self, embedding: &[f32], seconds: f32) {
        self.seconds += seconds;
        let share = seconds / self.seconds.max(1e-6);
        for (slot, &x) in self.mean.iter_mut().zip(embedding) {
            *slot += (x - *slot) * share;
        }
    }
}

impl SpeakerTracker {
    /// For a stream of at most this many speakers (at least one is taken).
    pub fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            speakers: Vec::new(),
        }
    }

    /// Whose utterance it is, and how surely (0..1). Numbers begin at zero, in order of appearance.
    /// `embedding` is of length one, of so many `seconds` of speech.
    pub fn place(&mut self, embedding: &[f32], seconds: f64) -> (usize, f32) {
        let similar: Vec<f32> = self
            .speakers
            .iter()
            .map(|known| known.similarity(embedding))
            .collect();
        let mut order: Vec<usize> = (0..similar.len()).collect();
        order.sort_by(|&a, &b| similar[b].total_cmp(&similar[a]));
        let new = match order.first() {
            None => true,
            Some(&nearest) => {
                similar[nearest] < SAME && seconds >= LEAST_NEW_S && similar.len() < self.most
            }
        };
        let length = seconds.clamp(0.0, 6.0) as f32;
        if new {
            self.speakers.push(Known {
                mean: embedding.to_vec(),
                seconds: length,
            });
            // As unlike the others as it is beyond what would have been one of them.
            let nearest = order.first().map_or(0.0, |&nearest| similar[nearest]);
            return (self.speakers.len() - 1, confidence(SAME - nearest));
        }
        let nearest = order[0];
        let second = order.get(1).map_or(SAME - 0.1, |&next| similar[next]);
        // What is unlike and was only taken for want of more must not spoil the mean.
        if similar[nearest] >= SAME {
            self.speakers[nearest].hear(embedding, length);
        }
        (nearest, confidence(similar[nearest] - second))
    }

    /// How many speakers there are so far.
    pub fn count(&self) -> usize {
        self.speakers.len()
    }

    /// Late corrections, when all has been heard: `(from, to)` for each number whose utterances are
    /// another speaker's after all. No `to` is corrected itself.
    pub fn finish(&self) -> Vec<(usize, usize)> {
        let items: Vec<Item<'_>> = self
            .speakers
            .iter()
            .map(|known| Item {
                embedding: &known.mean,
                weight: known.seconds.max(1e-3),
            })
            .collect();
        let merges = clustering::merges(&items);
        let near = merges.iter().filter(|merge| merge.distance < MERGE).count();
        let mut labels = clustering::labels(&merges, items.len(), near);
        self.attach_small(&mut labels);
        let first = |label: usize| labels.iter().position(|&other| other == label);
        (0..labels.len())
            .filter_map(|i| first(labels[i]).filter(|&to| to != i).map(|to| (i, to)))
            .collect()
    }

    /// Who hardly spoke becomes the most similar of those who did.
    fn attach_small(&self, labels: &mut [usize]) {
        let seconds = |labels: &[usize], label: usize| -> f32 {
            let own = self
                .speakers
                .iter()
                .zip(labels)
                .filter(|(_, l)| **l == label);
            own.map(|(known, _)| known.seconds).sum()
        };
        let whole = labels.to_vec();
        for (i, known) in self.speakers.iter().enumerate() {
            if seconds(&whole, whole[i]) >= LEAST_SPEAKER_S {
                continue;
            }
            let others =
                (0..labels.len()).filter(|&j| seconds(&whole, whole[j]) >= LEAST_SPEAKER_S);
            let alike = |&j: &usize| self.speakers[j].similarity(&known.mean);
            let nearest = others.max_by(|a, b| alike(a).total_cmp(&alike(b)));
            if let Some(nearest) = nearest.filter(|j| alike(j) > 0.2) {
                labels[i] = whole[nearest];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of length one, mostly along one axis.
    fn voice(axis: usize, other: usize, share: f32) -> Vec<f32> {
        let mut embedding = vec![0.0; 192];
        embedding[other] = share;
        embedding[axis] = (1.0 - share * share).sqrt();
        embedding
    }

    #[test]
    fn utterances_of_a_voice_keep_their_speaker() {
        let mut tracker = SpeakerTracker::new(10);
        let placed: Vec<usize> = [0, 1, 0, 2, 1, 0]
            .iter()
            .enumerate()
            .map(|(i, &axis)| tracker.place(&voice(axis, 10 + i, 0.6), 2.0).0)
            .collect();
        assert_eq!(placed, [0, 1, 0, 2, 1, 0]);
        assert_eq!((tracker.count(), tracker.finish()), (3, Vec::new()));
    }

    #[test]
    fn a_short_utterance_makes_no_speaker_and_there_are_never_too_many() {
        let mut tracker = SpeakerTracker::new(2);
        assert_eq!(tracker.place(&voice(0, 9, 0.1), 2.0).0, 0);
        assert_eq!(tracker.place(&voice(1, 9, 0.1), 0.5).0, 0);
        assert_eq!(tracker.place(&voice(1, 9, 0.1), 2.0).0, 1);
        assert!(tracker.place(&voice(2, 9, 0.1), 2.0).0 < 2);
    }

    #[test]
    fn who_hardly_spoke_is_found_to_be_the_most_similar() {
        let mut tracker = SpeakerTracker::new(5);
        tracker.place(&voice(0, 9, 0.1), 5.0);
        tracker.place(&voice(1, 0, 0.3), 1.2);
        tracker.place(&voice(2, 9, 0.1), 5.0);
        assert_eq!(tracker.count(), 3);
        assert_eq!(tracker.finish(), [(1, 0)]);
    }

    #[test]
    fn the_first_utterance_is_a_speaker_however_short() {
        let mut tracker = SpeakerTracker::new(0);
        let (speaker, confidence) = tracker.place(&voice(0, 9, 0.1), 0.4);
        assert!(speaker == 0 && (0.0..=1.0).contains(&confidence));
        assert!(SpeakerTracker::new(3).finish().is_empty());
    }
}
