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
            let whole = (recognised.start_s, recognised.end_s);
            let spans = spans(&recognised.hypothesis, whole, runs);
            let piece = |((start_s, end_s), run): ((f64, f64), &WordRun)| Recognised {
                placed: placed(run),
                start_s,
                end_s,
                hypothesis: part(
                    &recognised.hypothesis,
                    &recognised.hypothesis.words[run.words.clone()],
                ),
                ..recognised.clone()
            };
            spans.into_iter().zip(runs).map(piece).collect()
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
    let offset = whole.text.chars().count() + usize::from(whole.language.is_spaced());
    if whole.language.is_spaced() {
        whole.text.push(' ');
    }
    whole.text.push_str(&more.text);
    whole.raw_text.push('\n');
    whole.raw_text.push_str(&more.raw_text);
    whole.tokens.extend_from_slice(more.own_tokens());
    whole.words.extend(more.words);
    whole.inline.append(more.inline, offset);
    whole.alternatives.clear();
}

/// Where the runs of an utterance's words begin and end, in seconds: the first where the utterance
/// does, the last where it ends.
pub fn spans(hypothesis: &Hypothesis, whole: (f64, f64), runs: &[WordRun]) -> Vec<(f64, f64)> {
    let span = |(at, run): (usize, &WordRun)| {
        let words = &hypothesis.words[run.words.clone()];
        let start_s = words.first().filter(|_| at > 0);
        let end_s = words.last().filter(|_| at + 1 < runs.len());
        (
            start_s.map_or(whole.0, |word| word.start_s),
            end_s.map_or(whole.1, |word| word.end_s),
        )
    };
    runs.iter().enumerate().map(span).collect()
}

/// The hypothesis of some of the words.
pub fn part(whole: &Hypothesis, words: &[Word]) -> Hypothesis {
    let between = if whole.language.is_spaced() { " " } else { "" };
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let sum: f32 = words.iter().map(|word| word.confidence).sum();
    let mut inline = whole.inline.clone();
    if words.len() < whole.words.len() {
        // Which of the parts they are in is not known.
        inline.entities.clear();
    }
    Hypothesis {
        text: texts.join(between),
        confidence: sum / words.len().max(1) as f32,
        words: words.to_vec(),
        alternatives: Vec::new(),
        inline,
        ..whole.clone()
    }
}
