//! Means and variances that the generator's normalisations would take over all frames.

/// What the normalisations add to a variance.
const EPSILON: f32 = 1e-5;

/// Of one stage, one number a channel of each statistic.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Moments {
    /// Means.
    pub mean: Vec<f32>,
    /// Variances.
    pub variance: Vec<f32>,
}

impl Moments {
    /// Those of so many channels that are normal already: what a stage is given that takes its
    /// statistics itself.
    pub fn neutral(channels: usize) -> Self {
        Self {
            mean: vec![0.0; channels],
            variance: vec![1.0 - EPSILON; channels],
        }
    }
}

/// Of both stages of the generator.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Statistics {
    /// The first stage's and the second's.
    pub stages: [Moments; 2],
}
