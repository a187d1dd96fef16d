//! Words to speakers.

use super::{Diarization, Turn};
use std::ops::Range;

/// What a change of speaker between two words costs, in seconds of words: a word shorter than twice
/// this is not torn out of another's run, unless its neighbours go with it.
const CHANGE_S: f64 = 0.15;
/// What a word counts at least, in seconds: recognisers give some no length.
const LEAST_WORD_S: f64 = 0.02;

/// Words in a row that one speaker says.
#[derive(Debug, Clone, PartialEq)]
pub struct WordRun {
    /// Indices of the words.
    pub words: Range<usize>,
    /// Who.
    pub speaker: usize,
    /// How likely it is this speaker and no other, 0..1.
    pub confidence: f32,
}

impl<F> Diarization<F> {
    /// Splits words, `(start, end)` in seconds and in order, into runs by speaker. A word is whose
    /// turns cover most of it, of the nearest turn where none does; the whole is chosen so that few
    /// words lie in others' turns and speakers change seldom. Every word is in one run. Without
    /// any turns all words are speaker 0's, with confidence 0.
    pub fn attribute(&self, words: &[(f64, f64)]) -> Vec<WordRun> {
        attribute(&self.turns, self.speakers.len(), words)
    }
}

/// The same of any turns of so many speakers.
pub(super) fn attribute(turns: &[Turn], speakers: usize, words: &[(f64, f64)]) -> Vec<WordRun> {
    let mut of: Vec<Vec<&Turn>> = vec![Vec::new(); speakers.max(1)];
    for turn in turns {
        of[turn.speaker].push(turn);
    }
    let said: Vec<Vec<Claim>> = words.iter().map(|&word| claims(&of, word)).collect();
    let mut runs: Vec<WordRun> = Vec::new();
    let mut lengths: Vec<f64> = Vec::new();
    for (place, speaker) in path(&said).into_iter().enumerate() {
        let all: f64 = said[place].iter().map(|claim| claim.seconds).sum();
        let claim = said[place][speaker];
        let sure = claim.seconds / all.max(1e-9) * f64::from(claim.confidence);
        let length = length(words[place]);
        match (runs.last_mut(), lengths.last_mut()) {
            (Some(run), Some(sum)) if run.speaker == speaker => {
                run.words.end = place + 1;
                *sum += length;
                run.confidence += ((sure - f64::from(run.confidence)) * length / *sum) as f32;
            }
            _ => {
                runs.push(WordRun {
                    words: place..place + 1,
                    speaker,
                    confidence: sure as f32,
                });
                lengths.push(length);
            }
        }
    }
    runs
}

/// How much of a word is a speaker's.
#[derive(Debug, Clone, Copy)]
struct Claim {
    seconds: f64,
    confidence: f32,
}

fn length((start, end): (f64, f64)) -> f64 {
    let length = end - start;
    if length.is_finite() {
        length.clamp(LEAST_WORD_S, 10.0)
    } else {
        LEAST_WORD_S
    }
}

/// What each speaker, whose turns are given, has of a word.
fn claims(of: &[Vec<&Turn>], word: (f64, f64)) -> Vec<Claim> {
    let start = if word.0.is_finite() { word.0 } else { 0.0 };
    let end = start + length(word);
    let near = |turns: &Vec<&Turn>| {
        // Turns of one speaker do not overlap: the first that ends after the word begins.
        let first = turns.partition_point(|turn| turn.end_s <= start);
        let mut claim = Claim {
            seconds: 0.0,
            confidence: 0.0,
        };
        for turn in turns[first..].iter().take_while(|turn| turn.start_s < end) {
            claim.seconds += turn.end_s.min(end) - turn.start_s.max(start);
            claim.confidence = claim.confidence.max(turn.confidence);
        }
        let before = first
            .checked_sub(1)
            .map(|i| (start - turns[i].end_s, turns[i].confidence));
        let after = turns
            .get(first)
            .map(|turn| (turn.start_s - end, turn.confidence));
        let nearest = before
            .into_iter()
            .chain(after)
            .min_by(|a, b| a.0.total_cmp(&b.0));
        (claim, nearest)
    };
    let near: Vec<_> = of.iter().map(near).collect();
    if near.iter().any(|(claim, _)| claim.seconds > 0.0) {
        return near.into_iter().map(|(claim, _)| claim).collect();
    }
    // In nobody's turn: less sure the further away, and half as sure at the best.
    let far = |nearest: Option<(f64, f32)>| {
        let (gap, confidence) = nearest.unwrap_or((f64::INFINITY, 0.0));
        Claim {
            seconds: 0.5 * (end - start) / (1.0 + 4.0 * gap.max(0.0)),
            confidence: 0.5 * confidence,
        }
    };
    near.into_iter().map(|(_, nearest)| far(nearest)).collect()
}

/// Speakers of the words such that the seconds claimed, less the cost of changes, are most
/// (Viterbi).
fn path(said: &[Vec<Claim>]) -> Vec<usize> {
    let Some(first) = said.first() else {
        return Vec::new();
    };
    let top = |scores: &[f64]| {
        let better = |best: usize, i: usize| if scores[i] > scores[best] { i } else { best };
        (0..scores.len()).fold(0, better)
    };
    let mut scores: Vec<f64> = first.iter().map(|claim| claim.seconds).collect();
    let mut from: Vec<Vec<usize>> = Vec::with_capacity(said.len());
    for claims in &said[1..] {
        let best = top(&scores);
        let changed = scores[best] - CHANGE_S;
        let back: Vec<usize> = (0..scores.len())
            .map(|speaker| {
                if scores[speaker] >= changed {
                    speaker
                } else {
                    best
                }
            })
            .collect();
        for (speaker, score) in scores.iter_mut().enumerate() {
            *score = score.max(changed) + claims[speaker].seconds;
        }
        from.push(back);
    }
    let mut speaker = top(&scores);
    let mut path = vec![speaker];
    for back in from.iter().rev() {
        speaker = back[speaker];
        path.push(speaker);
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn turn(start_s: f64, end_s: f64, speaker: usize) -> Turn {
        Turn {
            start_s,
            end_s,
            speaker,
            confidence: 0.9,
        }
    }

    fn runs(turns: &[Turn], words: &[(f64, f64)]) -> Vec<(Range<usize>, usize)> {
        let speakers = turns.iter().map(|turn| turn.speaker + 1).max().unwrap_or(0);
        let found = attribute(turns, speakers, words);
        found
            .into_iter()
            .map(|run| (run.words, run.speaker))
            .collect()
    }

    #[test]
    fn words_go_to_whoever_speaks() {
        let turns = [turn(0.0, 2.0, 0), turn(2.1, 4.0, 1)];
        let words = [(0.2, 0.6), (0.7, 1.9), (2.0, 2.5), (2.6, 3.9)];
        assert_eq!(runs(&turns, &words), [(0..2, 0), (2..4, 1)]);
    }

    #[test]
    fn a_short_word_is_not_torn_out_of_anothers_run() {
        let turns = [turn(0.0, 1.0, 0), turn(1.0, 1.2, 1), turn(1.2, 3.0, 0)];
        let words = [(0.1, 0.9), (1.0, 1.2), (1.3, 2.8)];
        assert_eq!(runs(&turns, &words), [(0..3, 0)]);
    }

    #[test]
    fn a_long_word_in_anothers_turn_is_the_others() {
        let turns = [turn(0.0, 1.0, 0), turn(1.0, 1.6, 1), turn(1.6, 3.0, 0)];
        let words = [(0.1, 0.9), (1.0, 1.6), (1.7, 2.8)];
        assert_eq!(runs(&turns, &words), [(0..1, 0), (1..2, 1), (2..3, 0)]);
    }

    #[test]
    fn a_word_in_no_turn_goes_to_the_nearest() {
        let turns = [turn(0.0, 1.0, 0), turn(9.0, 10.0, 1)];
        assert_eq!(runs(&turns, &[(8.0, 8.6)]), [(0..1, 1)]);
        assert_eq!(runs(&turns, &[(1.5, 2.0)]), [(0..1, 0)]);
    }

    #[test]
    fn without_turns_all_is_one_run_that_nothing_speaks_for() {
        let found = attribute(&[], 0, &[(0.0, 1.0), (1.0, 2.0)]);
        assert_eq!((found.len(), found[0].confidence), (1, 0.0));
        assert!(attribute(&[], 0, &[]).is_empty());
    }

    proptest! {
        #[test]
        fn every_word_is_in_one_run_and_neighbours_differ(
            turns in prop::collection::vec((0.0..60.0f64, 0.0..5.0f64, 0usize..4), 0..12),
            words in prop::collection::vec((prop::num::f64::ANY, prop::num::f64::ANY), 0..30),
        ) {
            // One speaker's turns do not overlap.
            let mut ends = [0.0f64; 4];
            let turns: Vec<Turn> = turns.into_iter().map(|(gap, length, speaker)| {
                let start = ends[speaker] + gap;
                ends[speaker] = start + length;
                turn(start, start + length, speaker)
            }).collect();
            let runs = attribute(&turns, 4, &words);
            let all: Vec<usize> = runs.iter().flat_map(|run| run.words.clone()).collect();
            prop_assert_eq!(all, (0..words.len()).collect::<Vec<_>>());
            prop_assert!(runs.windows(2).all(|pair| pair[0].speaker != pair[1].speaker));
            prop_assert!(runs.iter().all(|run| (0.0..=1.0).contains(&run.confidence)));
        }
    }
}
