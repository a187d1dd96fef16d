//! Which tokens a model may write, and when to stop it.

/// What holds for every segment of a model.
pub(crate) struct Rules {
    /// Ends the text.
    pub end: u32,
    /// Never written.
    pub suppressed: Vec<u32>,
    /// Not written first.
    pub not_first: Vec<u32>,
    /// From this id on, never written (but for `end`).
    pub special_from: u32,
}

impl Rules {
    /// Masks what must not be written next.
    pub fn apply(&self, row: &mut [f32], first: bool) {
        let end = row.get(self.end as usize).copied();
        let special = (self.special_from as usize).min(row.len());
        row[special..].fill(f32::NEG_INFINITY);
        if let (Some(score), Some(slot)) = (end, row.get_mut(self.end as usize)) {
            *slot = score;
        }
        let not_first = if first {
            self.not_first.as_slice()
        } else {
            &[]
        };
        for &token in self.suppressed.iter().chain(not_first) {
            if let Some(slot) = row.get_mut(token as usize) {
                *slot = f32::NEG_INFINITY;
            }
        }
    }
}

/// Longest phrase, in tokens, whose repetition is noticed.
const LONGEST_PHRASE: usize = 24;

/// How many tokens at the end only say again what was said before: the same phrase at least
/// `4` times (`8` for a single token, which numbers and laughter have honestly).
pub(crate) fn repeated_tail(tokens: &[u32]) -> Option<usize> {
    (1..=LONGEST_PHRASE).find_map(|period| {
        let repeats = if period == 1 { 8 } else { 4 };
        let tail = tokens
            .len()
            .checked_sub(period * repeats)
            .map(|from| &tokens[from..])?;
        let same = tail.iter().zip(&tail[period..]).all(|(a, b)| a == b);
        same.then_some(period * (repeats - 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masked_tokens_cannot_win_but_the_end_can() {
        let rules = Rules {
            end: 7,
            suppressed: vec![1],
            not_first: vec![7, 2],
            special_from: 5,
        };
        let mut row = vec![1.0; 9];
        rules.apply(&mut row, false);
        let allowed: Vec<usize> = (0..9).filter(|&i| row[i] > f32::NEG_INFINITY).collect();
        assert_eq!(allowed, [0, 2, 3, 4, 7]);
        rules.apply(&mut row, true);
        assert_eq!(row[7], f32::NEG_INFINITY);
    }

    #[test]
    fn a_loop_is_noticed_and_honest_repetition_is_not() {
        assert_eq!(repeated_tail(&[5, 1, 2, 1, 2, 1, 2, 1, 2]), Some(6));
        assert_eq!(repeated_tail(&[9; 8]), Some(7));
        assert_eq!(repeated_tail(&[9; 5]), None);
        assert_eq!(repeated_tail(&[1, 2, 3, 1, 2, 3, 1, 2, 3]), None);
        assert_eq!(repeated_tail(&[]), None);
    }
}
