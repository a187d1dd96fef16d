//! Turns on the recording's timeline from the stretches and whose they are.

use super::assignment::{self, Label};
use super::confidence;
use super::recording::Heard;
use super::segmentation::frame_start_s;
use super::{DiarizationOptions, Speaker, SpeakerLimits, Turn};
use std::ops::Range;

/// Pauses of a speaker up to this many frames (0.44 s) are within the turn: what annotators fill is
/// 0.5 s, and the model's edges lie a little outside the words.
const PAUSE: usize = 26;
/// Turns of fewer frames (0.1 s) are noise.
const LEAST: usize = 6;

impl<F> Heard<F> {
    /// Turns, speakers, and for each unit its speaker where that one has a turn.
    pub(super) fn resolve(
        &self,
        limits: &SpeakerLimits,
        options: &DiarizationOptions,
    ) -> (Vec<Turn>, Vec<Speaker>, Vec<Option<usize>>) {
        let assignment = assignment::assign(&self.stretches, &self.units, limits, options);
        let labels = self.attached(assignment.labels);
        let mut turns = Vec::new();
        for cluster in 0..assignment.centroids.len() {
            let labelled = self.stretches.iter().zip(&labels);
            let own = labelled.filter_map(|(stretch, label)| {
                let label = label.filter(|label| label.cluster == cluster)?;
                Some((stretch.frames.clone(), label.margin))
            });
            turns.extend(
                joined(own.collect())
                    .into_iter()
                    .map(|(frames, margin)| Turn {
                        start_s: frame_start_s(frames.start),
                        end_s: frame_start_s(frames.end),
                        speaker: cluster,
                        confidence: confidence(margin),
                    }),
            );
        }
        turns.sort_by(|a, b| {
            a.start_s
                .total_cmp(&b.start_s)
                .then(a.speaker.cmp(&b.speaker))
        });
        // Clusters get their numbers in the order in which they are heard.
        let mut numbers: Vec<Option<usize>> = vec![None; assignment.centroids.len()];
        let mut speakers: Vec<Speaker> = Vec::new();
        for turn in &mut turns {
            let number = *numbers[turn.speaker].get_or_insert_with(|| {
                speakers.push(Speaker {
                    embedding: assignment.centroids[turn.speaker].clone(),
                    seconds: 0.0,
                });
                speakers.len() - 1
            });
            turn.speaker = number;
            speakers[number].seconds += turn.end_s - turn.start_s;
        }
        let mut units = vec![None; self.units.len()];
        for (stretch, label) in self.stretches.iter().zip(&labels) {
            if let (Some(unit), Some(label)) = (stretch.unit, label) {
                units[unit] = numbers[label.cluster];
            }
        }
        (turns, speakers, units)
    }

    /// Stretches with nothing to go by are given to whoever speaks nearest to them.
    fn attached(&self, mut labels: Vec<Option<Label>>) -> Vec<Option<Label>> {
        let mut known: Vec<usize> = (0..labels.len()).filter(|&i| labels[i].is_some()).collect();
        known.sort_by_key(|&i| self.stretches[i].frames.start);
        for i in 0..labels.len() {
            if labels[i].is_some() {
                continue;
            }
            let frames = &self.stretches[i].frames;
            let place = known.partition_point(|&k| self.stretches[k].frames.start < frames.start);
            let near = &known[place.saturating_sub(3)..(place + 2).min(known.len())];
            let gap = |&&k: &&usize| {
                let other = &self.stretches[k].frames;
                let after = other.start.saturating_sub(frames.end);
                after.max(frames.start.saturating_sub(other.end))
            };
            let nearest = near.iter().min_by_key(gap).and_then(|&k| labels[k]);
            labels[i] = nearest.map(|label| Label {
                margin: 0.0,
                ..label
            });
        }
        labels
    }
}

/// Turns of one speaker from stretches with their margins: joined over short pauses, without
/// those that are too short then.
fn joined(mut own: Vec<(Range<usize>, f32)>) -> Vec<(Range<usize>, f32)> {
    own.sort_by_key(|(frames, _)| frames.start);
    // Frames, and the sums of margins and of frames that they are the mean of.
    let mut joined: Vec<(Range<usize>, f32, f32)> = Vec::new();
    for (frames, margin) in own {
        let length = frames.len() as f32;
        match joined.last_mut() {
            Some((last, sum, weight)) if frames.start <= last.end + PAUSE => {
                last.end = last.end.max(frames.end);
                *sum += margin * length;
                *weight += length;
            }
            _ => joined.push((frames, margin * length, length)),
        }
    }
    joined.retain(|(frames, ..)| frames.len() >= LEAST);
    let mean = |(frames, sum, weight): (Range<usize>, f32, f32)| (frames, sum / weight.max(1.0));
    joined.into_iter().map(mean).collect()
}
