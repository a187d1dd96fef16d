//! What else may have been said: readings of segments, and of a whole recording.

use crate::answer::{join, probability};
use crate::options::Options;
use crate::pipeline::Recognised;
use crate::readable::{self, Readable};
use api::recognition::{Alternative, TranscriptAlternative};
use speech::{Hypothesis, Language};
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// One reading of each segment.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// In the order of the segments.
    pub segments: Vec<Hypothesis>,
    /// Probability that a word of it is right, 0..1.
    pub confidence: f32,
}

/// The readings of one segment, best first; `None` where only one was asked for. `read` makes a
/// hypothesis what a client reads.
pub fn of_segment(
    hypothesis: &Hypothesis,
    wanted: usize,
    words: bool,
    read: impl Fn(&Hypothesis) -> Readable,
) -> Option<Vec<Alternative>> {
    let show = |it: &speech::Alternative| {
        let readable = read(&of(hypothesis, it));
        Alternative {
            text: readable.text,
            confidence: probability(it.confidence),
            words: words.then_some(readable.words),
        }
    };
    (wanted > 1 && !hypothesis.alternatives.is_empty()).then(|| {
        let mut all: Vec<Alternative> = hypothesis.alternatives.iter().map(show).collect();
        // `twenty three` and `23` are one when both are written as digits.
        let mut seen: Vec<String> = Vec::new();
        all.retain(|it| {
            let fresh = !seen.contains(&it.text);
            seen.push(it.text.clone());
            fresh
        });
        all
    })
}

/// The hypothesis with the words of one of its alternatives.
fn of(hypothesis: &Hypothesis, alternative: &speech::Alternative) -> Hypothesis {
    Hypothesis {
        text: alternative.text.clone(),
        words: alternative.words.clone(),
        confidence: alternative.confidence,
        alternatives: Vec::new(),
        ..hypothesis.clone()
    }
}

/// The likeliest readings of a whole recording, best first: at most `wanted`.
pub fn of_recording(segments: &[Recognised], wanted: usize) -> Vec<Reading> {
    let all: Vec<&Hypothesis> = segments.iter().map(|r| &r.hypothesis).collect();
    let losses: Vec<Vec<f32>> = all
        .iter()
        .map(|it| it.alternatives.iter().map(|other| -other.score).collect())
        .collect();
    let reading = |choice: Choice| {
        let mut chosen: Vec<Hypothesis> = all.iter().map(|&it| it.clone()).collect();
        for (segment, rank) in choice.others {
            chosen[segment] = of(all[segment], &all[segment].alternatives[rank]);
        }
        let weight = |it: &Hypothesis| it.text.chars().count().max(1) as f32;
        let total: f32 = chosen.iter().map(weight).sum();
        let sum: f32 = chosen.iter().map(|it| weight(it) * it.confidence).sum();
        Reading {
            confidence: sum / total.max(1.0),
            segments: chosen,
        }
    };
    best_choices(&losses, wanted)
        .into_iter()
        .map(reading)
        .collect()
}

/// The readings as clients see them.
pub fn shown(readings: &[Reading], options: &Options) -> Vec<TranscriptAlternative> {
    let mut all: Vec<TranscriptAlternative> = Vec::new();
    for reading in readings {
        let texts: Vec<(Language, String)> = reading
            .segments
            .iter()
            .map(|it| (it.language, readable::of(it, options).text))
            .collect();
        let transcript = join(
            texts
                .iter()
                .map(|(language, text)| (*language, text.as_str())),
        );
        if !all.iter().any(|it| it.transcript == transcript) {
            all.push(TranscriptAlternative {
                transcript,
                confidence: probability(reading.confidence),
            });
        }
    }
    all
}

/// Which segments are read otherwise than at their best, and how.
#[derive(Debug, Clone, PartialEq)]
struct Choice {
    loss: f32,
    others: Vec<(usize, usize)>,
}

impl Eq for Choice {}

impl Ord for Choice {
    /// The smallest loss is the greatest, for a heap that gives the greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        let loss = other.loss.total_cmp(&self.loss);
        loss.then_with(|| other.others.cmp(&self.others))
    }
}

impl PartialOrd for Choice {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The choices with the least loss, of all combinations of one loss (ascending, the first 0) from
/// each list.
fn best_choices(losses: &[Vec<f32>], wanted: usize) -> Vec<Choice> {
    // Only where a second reading costs least can it be among the best so many.
    let mut doubtful: Vec<usize> = (0..losses.len())
        .filter(|&it| losses[it].len() > 1)
        .collect();
    doubtful.sort_by(|&a, &b| losses[a][1].total_cmp(&losses[b][1]));
    doubtful.truncate(wanted);
    let mut heap = BinaryHeap::from([Choice {
        loss: 0.0,
        others: Vec::new(),
    }]);
    let mut best = Vec::new();
    while best.len() < wanted
        && let Some(choice) = heap.pop()
    {
        // Each combination comes of exactly one other: its last place is raised, or one after it.
        let last = choice.others.last().copied();
        let from = last.map_or(0, |(segment, _)| {
            doubtful.iter().position(|&it| it == segment).unwrap_or(0)
        });
        for &segment in &doubtful[from.min(doubtful.len())..] {
            let mut others = choice.others.clone();
            let rank = match last {
                Some((same, rank)) if same == segment => {
                    others.pop();
                    rank + 1
                }
                _ => 1,
            };
            let Some(loss) = losses[segment].get(rank) else {
                continue;
            };
            others.push((segment, rank));
            heap.push(Choice {
                loss: choice.loss + loss - losses[segment][rank - 1],
                others,
            });
        }
        best.push(choice);
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_of_the_whole_come_by_their_likelihood_each_once() {
        let losses = [vec![0.0, 1.0, 4.0], vec![0.0], vec![0.0, 0.5], vec![]];
        let found: Vec<(f32, Vec<(usize, usize)>)> = best_choices(&losses, 10)
            .into_iter()
            .map(|it| (it.loss, it.others))
            .collect();
        assert_eq!(
            found,
            [
                (0.0, vec![]),
                (0.5, vec![(2, 1)]),
                (1.0, vec![(0, 1)]),
                (1.5, vec![(2, 1), (0, 1)]),
                (4.0, vec![(0, 2)]),
                (4.5, vec![(2, 1), (0, 2)]),
            ]
        );
        assert_eq!(best_choices(&losses, 2).len(), 2);
    }

    #[test]
    fn an_hour_of_segments_is_no_more_work() {
        let losses = vec![vec![0.0, 0.1, 0.2]; 5_000];
        assert_eq!(best_choices(&losses, 16).len(), 16);
    }
}
