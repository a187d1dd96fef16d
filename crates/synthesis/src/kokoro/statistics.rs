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

impl Moments {
    /// Those of everything, when these are of a `share` of it, 0..1, and `other` of the rest.
    #[must_use]
    pub fn with_rest(&self, share: f32, other: &Self) -> Self {
        let mix = |a: f32, b: f32| share * a + (1.0 - share) * b;
        let pairs = self.mean.iter().zip(&other.mean);
        let mean: Vec<f32> = pairs.clone().map(|(a, b)| mix(*a, *b)).collect();
        let variances = self.variance.iter().zip(&other.variance);
        // Within either, and between the two.
        let variance = variances.zip(pairs).map(|((inner, outer), (a, b))| {
            mix(*inner, *outer) + share * (1.0 - share) * (a - b) * (a - b)
        });
        let variance = variance.collect();
        Self { mean, variance }
    }
}

#[cfg(test)]
mod tests {
    use super::Moments;

    #[test]
    fn moments_of_parts_make_those_of_the_whole() {
        let of = |values: &[f32]| {
            let n = values.len() as f32;
            let mean = values.iter().sum::<f32>() / n;
            let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / n;
            Moments {
                mean: vec![mean],
                variance: vec![variance],
            }
        };
        let all = [1.0, 4.0, -2.0, 7.0, 0.5, 0.5];
        let joined = of(&all[..2]).with_rest(2.0 / 6.0, &of(&all[2..]));
        assert!((joined.mean[0] - of(&all).mean[0]).abs() < 1e-5);
        assert!((joined.variance[0] - of(&all).variance[0]).abs() < 1e-4);
    }
}
