//! Word times from where an aligner hears their letters.

/// How far a word reaches beyond the frames of its first and last letter, at most, in seconds: those
/// are where a letter is surest, not where it begins or ends. Neighbours meet halfway.
const REACH_S: f64 = 0.08;

/// Start and end of each word: `letters` has those of its letters, where it could be spelled; the
/// others take what `attention` says, as far as it lies between their neighbours.
pub(super) fn refine(letters: &[Option<(f64, f64)>], attention: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut words: Vec<Option<(f64, f64)>> = letters.to_vec();
    for (i, word) in words.iter_mut().enumerate() {
        let Some((start, end)) = word else { continue };
        let neighbour = |at: Option<usize>| letters.get(at?).copied().flatten();
        let room_before = neighbour(i.checked_sub(1)).map_or(f64::INFINITY, |it| *start - it.1);
        let room_after = neighbour(Some(i + 1)).map_or(f64::INFINITY, |it| it.0 - *end);
        *start -= REACH_S.min(room_before.max(0.0) / 2.0);
        *end += REACH_S.min(room_after.max(0.0) / 2.0);
    }
    let between = |i: usize, (start, end): (f64, f64)| {
        let before = words[..i].iter().rev().find_map(|it| *it);
        let after = words[i + 1..].iter().find_map(|it| *it);
        let from = before.map_or(f64::NEG_INFINITY, |it| it.1);
        let to = after.map_or(f64::INFINITY, |it| it.0).max(from);
        (start.clamp(from, to), end.clamp(from, to))
    };
    let told = words.iter().zip(attention).enumerate();
    told.map(|(i, (word, &by_attention))| word.unwrap_or_else(|| between(i, by_attention)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(got: &[(f64, f64)], want: &[(f64, f64)]) {
        let same = |(a, b): (&(f64, f64), &(f64, f64))| {
            (a.0 - b.0).abs() < 1e-9 && (a.1 - b.1).abs() < 1e-9
        };
        assert!(
            got.len() == want.len() && got.iter().zip(want).all(same),
            "{got:?}"
        );
    }

    #[test]
    fn neighbours_meet_halfway_and_no_word_reaches_far_into_a_pause() {
        let letters = [Some((0.5, 0.7)), Some((0.8, 1.0)), Some((2.0, 2.2))];
        let words = refine(&letters, &[(0.0, 0.0); 3]);
        near(&words, &[(0.42, 0.75), (0.75, 1.08), (1.92, 2.28)]);
    }

    #[test]
    fn a_word_that_cannot_be_spelled_lies_between_its_neighbours() {
        let letters = [Some((0.5, 0.7)), None, Some((1.5, 1.7))];
        let by = |attention| refine(&letters, &[(0.0, 0.0), attention, (0.0, 0.0)])[1];
        near(&[by((0.9, 1.2))], &[(0.9, 1.2)]);
        near(&[by((0.6, 1.6))], &[(0.78, 1.42)]);
        near(&[by((3.0, 4.0))], &[(1.42, 1.42)]);
    }

    #[test]
    fn attention_alone_stays_as_it_is() {
        let attention = [(0.1, 0.2), (0.2, 0.5)];
        near(&refine(&[None, None], &attention), &attention);
        near(&refine(&[], &[]), &[]);
    }

    proptest::proptest! {
        #[test]
        fn spelled_words_stay_in_order(gaps in proptest::collection::vec(0.0..0.5f64, 2..20)) {
            let mut at = 0.0;
            let mut next = |gap: f64| { at += gap; at };
            let letters: Vec<_> = gaps.chunks_exact(2).map(|it| Some((next(it[0]), next(it[1])))).collect();
            let words = refine(&letters, &vec![(0.0, 0.0); letters.len()]);
            proptest::prop_assert!(words.windows(2).all(|it| it[0].1 <= it[1].0 + 1e-9));
            proptest::prop_assert!(words.iter().zip(&letters).all(|(word, it)| it.is_some_and(|it| word.0 <= it.0 && word.1 >= it.1)));
        }
    }
}
