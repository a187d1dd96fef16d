//! Which frames each token of a known sequence takes: the likeliest of its CTC alignments.

use super::posteriors::Posteriors;
use std::ops::Range;

/// Where a token is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Aligned {
    /// Its frames; at least one.
    pub frames: Range<usize>,
    /// The frame where it is likeliest.
    pub peak: usize,
    /// ln P there.
    pub ln_prob: f32,
}

/// Viterbi over the sequence with a blank before, between and after its tokens; `None` when there
/// are too few frames to hold it.
pub(crate) fn align(posteriors: &Posteriors, tokens: &[u32], blank: u32) -> Option<Vec<Aligned>> {
    let states = 2 * tokens.len() + 1;
    let of = |state: usize| match state % 2 {
        0 => blank,
        _ => tokens[state / 2],
    };
    let frames = posteriors.frames();
    let mut scores = vec![f32::NEG_INFINITY; states];
    // How many states back each best path came from: 0, 1 or 2.
    let mut back = vec![0u8; frames * states];
    for (t, frame) in posteriors.iter().enumerate() {
        // From the end, so that the scores read are the frame before's.
        for state in (0..states).rev() {
            let mut best = match t {
                0 => (if state < 2 { 0.0 } else { f32::NEG_INFINITY }, 0),
                _ => (scores[state], 0),
            };
            if t > 0 && state > 0 && scores[state - 1] > best.0 {
                best = (scores[state - 1], 1);
            }
            let skips = state > 2 && state % 2 == 1 && of(state) != of(state - 2);
            if t > 0 && skips && scores[state - 2] > best.0 {
                best = (scores[state - 2], 2);
            }
            scores[state] = best.0 + frame[of(state) as usize];
            back[t * states + state] = best.1;
        }
    }
    let mut state = match states > 1 && scores[states - 2] > scores[states - 1] {
        true => states - 2,
        false => states - 1,
    };
    if frames == 0 || scores[state] == f32::NEG_INFINITY {
        return None;
    }
    let mut found: Vec<Option<Aligned>> = vec![None; tokens.len()];
    for t in (0..frames).rev() {
        if state % 2 == 1 {
            let ln_prob = posteriors.frame(t)[of(state) as usize];
            let it = found[state / 2].get_or_insert(Aligned {
                frames: t..t + 1,
                peak: t,
                ln_prob,
            });
            it.frames.start = t;
            if ln_prob > it.ln_prob {
                (it.peak, it.ln_prob) = (t, ln_prob);
            }
        }
        state -= usize::from(back[t * states + state]);
    }
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of probabilities of blank, a, b.
    fn posteriors(rows: &[[f32; 3]]) -> Posteriors {
        Posteriors::of_probabilities(rows.concat(), 3)
    }

    const BLANK: [f32; 3] = [0.9, 0.05, 0.05];
    const A: [f32; 3] = [0.1, 0.8, 0.1];
    const B: [f32; 3] = [0.1, 0.1, 0.8];

    #[test]
    fn tokens_take_the_frames_that_say_them() {
        let heard = posteriors(&[BLANK, A, A, BLANK, B, BLANK]);
        let found = align(&heard, &[1, 2], 0).expect("room for two");
        let frames: Vec<_> = found.iter().map(|it| it.frames.clone()).collect();
        assert_eq!(frames, [1..3, 4..5]);
    }

    #[test]
    fn a_repeated_token_needs_a_blank_between() {
        let found = align(&posteriors(&[A, A, A]), &[1, 1], 0).expect("room for a, blank, a");
        let frames: Vec<_> = found.iter().map(|it| it.frames.clone()).collect();
        assert_eq!(frames, [0..1, 2..3]);
        assert_eq!(align(&posteriors(&[A, A]), &[1, 1], 0), None);
    }

    #[test]
    fn neighbours_need_none() {
        let found = align(&posteriors(&[A, B]), &[1, 2], 0).expect("room for two");
        assert_eq!((found[0].peak, found[1].peak), (0, 1));
    }

    #[test]
    fn no_tokens_or_no_frames_are_no_trouble() {
        assert_eq!(align(&posteriors(&[A]), &[], 0), Some(Vec::new()));
        assert_eq!(align(&posteriors(&[]), &[1], 0), None);
        assert_eq!(align(&posteriors(&[]), &[], 0), None);
    }

    proptest::proptest! {
        #[test]
        fn spans_are_in_order_and_apart(
            rows in proptest::collection::vec(proptest::array::uniform3(0.01f32..1.0), 1..24),
            tokens in proptest::collection::vec(1u32..3, 0..8),
        ) {
            if let Some(found) = align(&posteriors(&rows), &tokens, 0) {
                proptest::prop_assert_eq!(found.len(), tokens.len());
                for it in &found {
                    proptest::prop_assert!(it.frames.contains(&it.peak) && it.frames.end <= rows.len());
                }
                for pair in found.windows(2) {
                    proptest::prop_assert!(pair[0].frames.end <= pair[1].frames.start);
                }
            }
        }
    }
}
