//! Which frames each token of a known sequence takes: the likeliest of its CTC alignments.

use super::posteriors::Posteriors;
use std::ops::Range;

/// A token that stands for whatever is said.
pub(crate) const ANY: u32 = u32::MAX;
/// ln P of [`ANY`] at every frame: surer letters and blanks are not swallowed by it.
const ANY_LN_PROB: f32 = -0.7;

/// The likeliest alignment of a sequence.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Alignment {
    /// Of each token, in order.
    pub tokens: Vec<Aligned>,
    /// How much less likely it is than what is likeliest frame by frame, in nats, frames of [`ANY`]
    /// aside: zero or less.
    pub behind: f32,
}

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
pub(crate) fn align(posteriors: &Posteriors, tokens: &[u32], blank: u32) -> Option<Alignment> {
    if tokens.len() > posteriors.frames() {
        return None;
    }
    let states = 2 * tokens.len() + 1;
    let of = |state: usize| match state % 2 {
        0 => blank,
        _ => tokens[state / 2],
    };
    let ln_prob = |frame: &[f32], token: u32| match token {
        ANY => ANY_LN_PROB,
        token => frame[token as usize],
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
            scores[state] = best.0 + ln_prob(frame, of(state));
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
    let mut behind = 0.0;
    for t in (0..frames).rev() {
        let ln_prob = ln_prob(posteriors.frame(t), of(state));
        if of(state) != ANY {
            let best = posteriors.frame(t).iter().copied().fold(f32::MIN, f32::max);
            behind += ln_prob - best;
        }
        if state % 2 == 1 {
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
    let tokens = found.into_iter().collect::<Option<_>>()?;
    Some(Alignment { tokens, behind })
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
        let frames: Vec<_> = found.tokens.iter().map(|it| it.frames.clone()).collect();
        assert_eq!(frames, [1..3, 4..5]);
    }

    #[test]
    fn a_repeated_token_needs_a_blank_between() {
        let found = align(&posteriors(&[A, A, A]), &[1, 1], 0).expect("room for a, blank, a");
        let frames: Vec<_> = found.tokens.iter().map(|it| it.frames.clone()).collect();
        assert_eq!(frames, [0..1, 2..3]);
        assert_eq!(align(&posteriors(&[A, A]), &[1, 1], 0), None);
    }

    #[test]
    fn neighbours_need_none() {
        let found = align(&posteriors(&[A, B]), &[1, 2], 0).expect("room for two");
        assert_eq!((found.tokens[0].peak, found.tokens[1].peak), (0, 1));
    }

    #[test]
    fn anything_takes_what_the_rest_does_not_explain() {
        let heard = posteriors(&[A, BLANK, B, B, BLANK, A]);
        let found = align(&heard, &[1, ANY, 1], 0).expect("room for three");
        let frames: Vec<_> = found.tokens.iter().map(|it| it.frames.clone()).collect();
        assert_eq!(frames, [0..1, 2..4, 5..6]);
        assert!(found.behind.abs() < 1e-4, "{}", found.behind);
    }

    #[test]
    fn another_text_is_far_behind_what_is_likeliest() {
        let heard = posteriors(&[A, BLANK, A, BLANK]);
        let behind = |tokens| align(&heard, tokens, 0).expect("room for two").behind;
        assert!(behind(&[1, 1]).abs() < 1e-4 && behind(&[2, 2]) < -3.0);
    }

    #[test]
    fn no_tokens_or_no_frames_are_no_trouble() {
        let none = align(&posteriors(&[A]), &[], 0).expect("a blank fits");
        assert!(none.tokens.is_empty());
        assert_eq!(align(&posteriors(&[]), &[1], 0), None);
        assert_eq!(align(&posteriors(&[]), &[], 0), None);
    }

    proptest::proptest! {
        #[test]
        fn spans_are_in_order_and_apart(
            rows in proptest::collection::vec(proptest::array::uniform3(0.01f32..1.0), 1..24),
            tokens in proptest::collection::vec(proptest::sample::select(vec![1, 2, ANY]), 0..8),
        ) {
            if let Some(found) = align(&posteriors(&rows), &tokens, 0) {
                proptest::prop_assert!(found.behind <= 1e-4);
                let found = found.tokens;
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
