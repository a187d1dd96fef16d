//! Utterances become turns: cut where the speaker changes, joined where the same one goes on.

use crate::pipeline::{Placed, Recognised};
use speech::WordRun;
use speech::{Hypothesis, Word};

/// A pause longer than this in seconds parts two turns of one speaker.
const LONGEST_PAUSE_S: f64 = 1.0;
/// Seconds that joined turns take at most: who reads along wants a new line now and then.
const LONGEST_TURN_S: f64 = 30.0;

/// Cuts an utterance where the speaker changes. `runs` cover its words in order.
pub fn cut(recognised: Recognised, runs: &[WordRun]) -> Vec<Recognised> {
    let placed = |run: &WordRun| {
        Some(Placed {
            speaker: run.speaker,
            confidence: run.confidence,
        })
    };
    match runs {
        [] => vec![recognised],
        [only] => vec![Recognised {
            placed: placed(only),
            ..recognised
        }],
        runs => {
            let last = runs.len() - 1;
            let piece = |(at, run): (usize, &WordRun)| {
                let words = &recognised.hypothesis.words[run.words.clone()];
                let start_s = words
                    .first()
                    .map_or(recognised.start_s, |word| word.start_s);
                let end_s = words.last().map_or(recognised.end_s, |word| word.end_s);
                Recognised {
                    placed: placed(run),
                    start_s: if at == 0 { recognised.start_s } else { start_s },
                    end_s: if at == last { recognised.end_s } else { end_s },
                    hypothesis: part(&recognised.hypothesis, words),
                    ..recognised.clone()
                }
            };
            runs.iter().enumerate().map(piece).collect()
        }
    }
}

/// Joins neighbours of one speaker that hardly pause between them.
pub fn join(pieces: Vec<Recognised>) -> Vec<Recognised> {
    let mut turns: Vec<Recognised> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match turns.last_mut() {
            Some(turn) if goes_on(turn, &piece) => append(turn, piece),
            _ => turns.push(piece),
        }
    }
    turns
}

fn goes_on(turn: &Recognised, next: &Recognised) -> bool {
    let speaker = |r: &Recognised| r.placed.map(|placed| placed.speaker);
    speaker(turn).is_some()
        && speaker(turn) == speaker(next)
        && turn.channel == next.channel
        && turn.hypothesis.language == next.hypothesis.language
        && next.start_s - turn.end_s <= LONGEST_PAUSE_S
        && next.end_s - turn.start_s <= LONGEST_TURN_S
}

fn append(turn: &mut Recognised, next: Recognised) {
    let weight = |r: &Recognised| r.hypothesis.words.len().max(1) as f32;
    let mean =
        |a: f32, b: f32| (a * weight(turn) + b * weight(&next)) / (weight(turn) + weight(&next));
    let confidence = mean(turn.hypothesis.confidence, next.hypothesis.confidence);
    if let (Some(first), Some(second)) = (turn.placed, next.placed) {
        let confidence = mean(first.confidence, second.confidence);
        turn.placed = Some(Placed {
            confidence,
            ..first
        });
    }
    turn.end_s = turn.end_s.max(next.end_s);
    let (whole, more) = (&mut turn.hypothesis, next.hypothesis);
    whole.confidence = confidence;
    if whole.language.is_spaced() {
        whole.text.push(' ');
    }
    whole.text.push_str(&more.text);
    whole.raw_text.push('\n');
    whole.raw_text.push_str(&more.raw_text);
    whole.tokens.extend_from_slice(more.own_tokens());
    whole.words.extend(more.words);
    whole.alternatives.clear();
}

/// The hypothesis of some of the words.
fn part(whole: &Hypothesis, words: &[Word]) -> Hypothesis {
    let between = if whole.language.is_spaced() { " " } else { "" };
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let sum: f32 = words.iter().map(|word| word.confidence).sum();
    Hypothesis {
        text: texts.join(between),
        confidence: sum / words.len().max(1) as f32,
        words: words.to_vec(),
        alternatives: Vec::new(),
        ..whole.clone()
    }
}
