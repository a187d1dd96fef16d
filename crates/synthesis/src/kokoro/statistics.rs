//! Means and variances that the generator's normalisations would take over all frames.

/// Of one stage, one number a channel of each statistic.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Moments {
    /// Means.
    pub mean: Vec<f32>,
    /// Variances.
    pub variance: Vec<f32>,
}

/// Of both stages of the generator.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Statistics {
    /// The first stage's and the second's.
    pub stages: [Moments; 2],
}
