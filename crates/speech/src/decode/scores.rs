//! Arithmetic over a row of logits.

/// Natural log of the sum of exponentials. `-inf` entries count for nothing.
pub(crate) fn log_sum_exp(row: &[f32]) -> f32 {
    let max = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if max == f32::NEG_INFINITY {
        return max;
    }
    // Eight running sums let the compiler use vectors.
    let mut sums = [0f32; 8];
    let chunks = row.chunks_exact(8);
    let rest: f32 = chunks.remainder().iter().map(|&x| fast_exp(x - max)).sum();
    for chunk in chunks {
        for (sum, &x) in sums.iter_mut().zip(chunk) {
            *sum += fast_exp(x - max);
        }
    }
    max + (sums.iter().sum::<f32>() + rest).ln()
}

/// `e^x` for `x <= 0`, within 0.01 %: a row has fifty thousand entries and the library's is slow.
fn fast_exp(x: f32) -> f32 {
    let y = x.max(-80.0) * std::f32::consts::LOG2_E;
    let whole = y.floor();
    let part = y - whole;
    // 2^part on [0, 1), a minimax polynomial of degree 4.
    let mantissa = 1.0
        + part * (std::f32::consts::LN_2 + part * (0.240_16 + part * (0.055_8 + part * 0.010_9)));
    mantissa * f32::from_bits(((whole as i32 + 127) << 23) as u32)
}

/// Position of the largest entry; the first of equals.
pub(crate) fn argmax(row: &[f32]) -> usize {
    let mut best = (0, f32::NEG_INFINITY);
    // Whole blocks first: most hold nothing larger, and a block's maximum is quick to find.
    for (block, chunk) in row.chunks(64).enumerate() {
        let max = chunk.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        if max > best.1 {
            let within = chunk.iter().position(|&x| x == max).unwrap_or(0);
            best = (block * 64 + within, max);
        }
    }
    best.0
}

/// Positions of the `count` largest entries, largest first.
pub(crate) fn top(row: &[f32], count: usize) -> Vec<usize> {
    let mut best: Vec<usize> = Vec::with_capacity(count + 1);
    for (i, &x) in row.iter().enumerate() {
        if best.len() == count && best.last().is_some_and(|&last| x <= row[last]) {
            continue;
        }
        let place = best.partition_point(|&other| row[other] >= x);
        best.insert(place, i);
        best.truncate(count);
    }
    best
}

/// A small seeded generator (SplitMix64): the same audio gives the same text.
pub(crate) struct Dice(pub u64);

impl Dice {
    /// Uniform in [0, 1).
    fn roll(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 40) as f32 / (1u64 << 24) as f32
    }

    /// Draws a token from the distribution at `temperature`.
    pub fn draw(&mut self, row: &[f32], temperature: f32) -> usize {
        let scaled: Vec<f32> = row.iter().map(|&x| x / temperature).collect();
        let norm = log_sum_exp(&scaled);
        let mut left = self.roll();
        for (token, &x) in scaled.iter().enumerate() {
            left -= fast_exp((x - norm).min(0.0));
            if left < 0.0 && x > f32::NEG_INFINITY {
                return token;
            }
        }
        argmax(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_of_probabilities_is_one() {
        let row: Vec<f32> = (0..1003)
            .map(|i| ((i * 37) % 101) as f32 / 7.0 - 9.0)
            .collect();
        let norm = log_sum_exp(&row);
        let exact = row.iter().map(|&x| f64::from(x - norm).exp()).sum::<f64>();
        assert!((exact - 1.0).abs() < 3e-4, "{exact}");
        assert_eq!(log_sum_exp(&[f32::NEG_INFINITY; 3]), f32::NEG_INFINITY);
    }

    #[test]
    fn the_largest_are_found_in_order() {
        let mut row: Vec<f32> = (0..500).map(|i| ((i * 193) % 499) as f32).collect();
        row[137] = 1000.0;
        let mut sorted: Vec<usize> = (0..500).collect();
        sorted.sort_by(|&a, &b| row[b].total_cmp(&row[a]));
        assert_eq!(argmax(&row), 137);
        assert_eq!(top(&row, 6), sorted[..6]);
    }

    #[test]
    fn draws_follow_the_distribution_and_repeat_with_the_seed() {
        let row = [0.0f32, 2.0f32.ln(), f32::NEG_INFINITY, 1.0f32.ln()];
        let draw = |seed| {
            let mut dice = Dice(seed);
            (0..4000).map(|_| dice.draw(&row, 1.0)).collect::<Vec<_>>()
        };
        let drawn = draw(1);
        let share = drawn.iter().filter(|&&token| token == 1).count() as f32 / 4000.0;
        assert!((share - 0.5).abs() < 0.03, "{share}");
        assert!(!drawn.contains(&2));
        assert_eq!(drawn, draw(1));
    }
}
