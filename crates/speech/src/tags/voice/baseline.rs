//! What is known of a speaker from the segments heard so far.

use super::VoiceFeatures;

/// How one speaker sounds: sums over the segments heard, so it does not grow with the call.
#[derive(Clone, Debug, Default)]
pub struct VoiceBaseline {
    pub(super) emotion: Sum,
    pub(super) age: Sum,
    pub(super) gender: Sum,
}

impl VoiceBaseline {
    /// Adds a segment; one without voice changes nothing.
    pub fn add(&mut self, features: &VoiceFeatures) {
        self.emotion.add(&features.emotion, features.weight);
        self.age.add(&features.age, features.weight);
        self.gender.add(&features.gender, features.weight);
    }

    /// Adds all segments of another baseline: two speakers turned out to be one.
    pub fn merge(&mut self, other: &Self) {
        self.emotion.merge(&other.emotion);
        self.age.merge(&other.age);
        self.gender.merge(&other.gender);
    }

    /// How many segments were heard, short ones counting less than one.
    pub fn segments(&self) -> f64 {
        self.emotion.weight
    }
}

/// A weighted sum of vectors.
#[derive(Clone, Debug, Default)]
pub(super) struct Sum {
    pub values: Vec<f64>,
    pub weight: f64,
}

impl Sum {
    fn add(&mut self, vector: &[f32], weight: f32) {
        let weight = f64::from(weight);
        if weight <= 0.0 {
            return;
        }
        self.values.resize(vector.len(), 0.0);
        for (slot, x) in self.values.iter_mut().zip(vector) {
            *slot += f64::from(*x) * weight;
        }
        self.weight += weight;
    }

    fn merge(&mut self, other: &Self) {
        self.values
            .resize(self.values.len().max(other.values.len()), 0.0);
        for (slot, x) in self.values.iter_mut().zip(&other.values) {
            *slot += x;
        }
        self.weight += other.weight;
    }

    /// The sum less a vector that was added to it.
    pub fn without(&self, vector: &[f32], weight: f32) -> Self {
        let mut rest = self.clone();
        for (slot, x) in rest.values.iter_mut().zip(vector) {
            *slot -= f64::from(*x) * f64::from(weight);
        }
        rest.weight = (rest.weight - f64::from(weight)).max(0.0);
        rest
    }

    /// The mean; nothing where nothing was added.
    pub fn mean(&self) -> Option<Vec<f32>> {
        let mean = |x: &f64| (x / self.weight) as f32;
        (self.weight > 0.0).then(|| self.values.iter().map(mean).collect())
    }

    /// The mean with `prior` added as if it had been heard `count` times.
    pub fn shrunk(&self, prior: &[f32], count: f64) -> Vec<f32> {
        let heard = self.values.iter().copied().chain(std::iter::repeat(0.0));
        prior
            .iter()
            .zip(heard)
            .map(|(p, sum)| ((sum + f64::from(*p) * count) / (self.weight + count)) as f32)
            .collect()
    }
}
