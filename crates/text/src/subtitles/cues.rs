//! Groups pieces into cues and cues into lines.

use super::atoms::{Atom, atoms};
use super::timing::{keep_up_long_enough, millis, stretch};
use super::{CUE_SECONDS, Cue, LINE_COLUMNS, MIN_CUE_SECONDS, PAUSE_SECONDS, Utterance};
use crate::chars::{columns, width};

/// Cues of all utterances, by start time. Cues of one utterance never overlap.
///
/// `labelled` says whether the label is written on the first line and takes room there.
pub(super) fn cues(utterances: &[Utterance], labelled: bool) -> Vec<Cue> {
    let mut cues: Vec<Cue> = Vec::new();
    for utterance in utterances {
        let label = utterance
            .label
            .as_deref()
            .map(|l| l.split_whitespace().collect::<Vec<_>>().join(" "));
        let (label, indent) = match label {
            Some(label) if labelled => {
                let label = shortened(label, LINE_COLUMNS / 2 - 2);
                let indent = columns(&label) + 2;
                (Some(label), indent)
            }
            label => (label, 0),
        };
        let atoms = atoms(utterance, LINE_COLUMNS - indent);
        let mut rest = &atoms[..];
        let first = cues.len();
        while !rest.is_empty() {
            let count = cut(rest, indent);
            let (now, later) = rest.split_at(count);
            cues.push(cue(now, indent, label.clone()));
            rest = later;
        }
        stretch(&mut cues[first..], utterance.end);
    }
    cues.sort_by_key(|cue| cue.start_ms);
    keep_up_long_enough(&mut cues);
    cues
}

/// As much of a label as leaves room for text beside it.
fn shortened(label: String, room: usize) -> String {
    let mut used = 0;
    let fits = |c: &char| {
        used += width(*c);
        used <= room
    };
    label.chars().take_while(fits).collect()
}

/// How many of the pieces go into the next cue: at least one.
fn cut(atoms: &[Atom], indent: usize) -> usize {
    let begin = atoms[0].start;
    let mut fits = 1;
    while fits < atoms.len() {
        let paused = atoms[fits].start - atoms[fits - 1].end >= PAUSE_SECONDS;
        if paused {
            return fits;
        }
        if atoms[fits].end - begin > CUE_SECONDS || lines_break(&atoms[..=fits], indent).is_none() {
            break;
        }
        fits += 1;
    }
    if fits == atoms.len() {
        return fits;
    }
    // Rather end with a sentence, or else a clause, than in the middle of one; but not so soon
    // that nobody can read it.
    let last_where = |least: usize, test: fn(&Atom) -> bool| {
        let readable = |n: &usize| atoms[n - 1].end - begin >= MIN_CUE_SECONDS;
        (least.max(1)..=fits)
            .rev()
            .find(|n| test(&atoms[n - 1]) && readable(n))
    };
    last_where(fits / 3, Atom::ends_sentence)
        .or_else(|| last_where(fits / 2, Atom::ends_clause))
        .unwrap_or_else(|| leave_enough(atoms, fits))
}

/// The same cut, or one before it that leaves the next cue a second as well.
fn leave_enough(atoms: &[Atom], fits: usize) -> usize {
    let mut until = fits;
    // How long speech goes on after the cut, a second being enough.
    while until + 1 < atoms.len()
        && atoms[until].end - atoms[fits].start < MIN_CUE_SECONDS
        && atoms[until + 1].start - atoms[until].end < PAUSE_SECONDS
    {
        until += 1;
    }
    let end = atoms[until].end;
    (1..=fits)
        .rev()
        .find(|&n| end - atoms[n].start >= MIN_CUE_SECONDS)
        .filter(|&n| atoms[n - 1].end - atoms[0].start >= MIN_CUE_SECONDS)
        .unwrap_or(fits)
}

fn cue(atoms: &[Atom], indent: usize, label: Option<String>) -> Cue {
    let at = lines_break(atoms, indent).unwrap_or(atoms.len());
    let (upper, lower) = atoms.split_at(at);
    let lines = [upper, lower]
        .into_iter()
        .filter(|line| !line.is_empty())
        .map(join)
        .collect();
    let start_ms = millis(atoms[0].start);
    let end_ms = millis(atoms[atoms.len() - 1].end).max(start_ms + 1);
    Cue {
        start_ms,
        end_ms,
        lines,
        label,
    }
}

/// Where the second line starts (`atoms.len()`: nowhere), or `None` when two lines are too few.
fn lines_break(atoms: &[Atom], indent: usize) -> Option<usize> {
    let columns_of = |line: &[Atom]| -> usize {
        line.iter()
            .enumerate()
            .map(|(i, a)| a.columns + usize::from(i > 0 && a.space))
            .sum()
    };
    // One piece goes on whatever its width.
    let fits = |line: &[Atom], room: usize| line.len() <= 1 || columns_of(line) <= room;
    if fits(atoms, LINE_COLUMNS - indent) {
        return Some(atoms.len());
    }
    (1..atoms.len())
        .filter(|&at| fits(&atoms[..at], LINE_COLUMNS - indent) && fits(&atoms[at..], LINE_COLUMNS))
        .min_by_key(|&at| {
            let (upper, lower) = (columns_of(&atoms[..at]) + indent, columns_of(&atoms[at..]));
            // A break after punctuation is worth some imbalance.
            let end = &atoms[at - 1];
            upper.abs_diff(lower)
                + if end.ends_sentence() || end.ends_clause() {
                    0
                } else {
                    12
                }
        })
}

fn join(line: &[Atom]) -> String {
    let mut text = String::new();
    for (i, atom) in line.iter().enumerate() {
        if i > 0 && atom.space {
            text.push(' ');
        }
        text.push_str(&atom.text);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn utterance(text: &str, start: f64, end: f64) -> Utterance {
        Utterance {
            text: text.into(),
            start,
            end,
            ..Default::default()
        }
    }

    #[test]
    fn a_long_utterance_becomes_cues_that_can_be_read() {
        let text = "The quick brown fox jumps over the lazy dog, and then it runs away. ".repeat(8);
        let cues = cues(&[utterance(&text, 0.0, 40.0)], false);
        assert!(cues.len() >= 7);
        for cue in &cues {
            assert!(
                cue.lines.len() <= 2 && cue.lines.iter().all(|l| columns(l) <= LINE_COLUMNS),
                "{cue:?}"
            );
            assert!(cue.end_ms - cue.start_ms <= 7_000, "{cue:?}");
        }
        assert!(
            cues[0].lines.concat().ends_with('.'),
            "cut after the sentence: {:?}",
            cues[0]
        );
    }

    #[test]
    fn chinese_lines_hold_half_as_many_characters() {
        let cues = cues(
            &[utterance(&"我们今天去公园散步。".repeat(6), 0.0, 12.0)],
            false,
        );
        for cue in &cues {
            assert!(
                cue.lines
                    .iter()
                    .all(|l| l.chars().count() <= 21 && !l.starts_with('。')),
                "{cue:?}"
            );
        }
    }

    #[test]
    fn a_pause_starts_a_new_cue() {
        let word = |word: &str, start, end| crate::TimedWord {
            word: word.into(),
            start,
            end,
        };
        let mut said = utterance("Yes. No.", 0.0, 5.0);
        said.words = vec![word("Yes", 0.0, 0.4), word("No", 4.0, 4.4)];
        let cues = cues(&[said], false);
        assert_eq!(cues.len(), 2);
        assert_eq!(
            (cues[0].start_ms, cues[0].end_ms, cues[1].start_ms),
            (0, 1000, 4000)
        );
    }

    proptest! {
        #[test]
        fn no_word_is_lost_and_cues_are_in_order(
            words in prop::collection::vec("[a-z你好世é,.]{1,50}", 0..80),
            start in 0.0..100.0f64, length in 0.0..100.0f64,
        ) {
            let said = utterance(&words.join(" "), start, start + length);
            let cues = cues(&[said], false);
            let shown: String = cues.iter().flat_map(|c| c.lines.concat().chars().collect::<Vec<_>>())
                .filter(|c| !c.is_whitespace()).collect();
            prop_assert_eq!(shown, words.concat());
            for cue in &cues {
                prop_assert!(cue.start_ms < cue.end_ms);
            }
            for pair in cues.windows(2) {
                prop_assert!(pair[0].end_ms <= pair[1].start_ms);
            }
        }

        #[test]
        fn cues_can_be_read(
            words in prop::collection::vec(("[a-z你好é]{1,12}[,.]?", 0.05..0.9f64, prop_oneof![6 => 0.0..0.2f64, 1 => 0.2..3.0]), 1..60),
            label in prop::option::of("[A-Za-z你 ]{1,40}"), written in any::<bool>(),
        ) {
            // No faster than thirty letters a second.
            let mut at = 0.0;
            let timed: Vec<_> = words.iter().map(|(word, length, pause)| {
                let start = at;
                let end = start + length.max(columns(word) as f64 / 30.0);
                at = end + pause;
                crate::TimedWord { word: word.clone(), start, end }
            }).collect();
            let text = words.iter().map(|(word, ..)| word.as_str()).collect::<Vec<_>>().join(" ");
            let said = Utterance { text, start: 0.0, end: at, words: timed, label };
            let cues = cues(&[said], written);
            for cue in &cues {
                let beside = match &cue.label {
                    Some(label) if written => columns(label) + 2,
                    _ => 0,
                };
                prop_assert!((1..=2).contains(&cue.lines.len()));
                for (i, line) in cue.lines.iter().enumerate() {
                    let beside = if i == 0 { beside } else { 0 };
                    prop_assert!(beside + columns(line) <= LINE_COLUMNS, "{:?}", cue);
                }
                let shown = cue.end_ms - cue.start_ms;
                prop_assert!((1000..=7000).contains(&shown), "{:?}", cues);
            }
        }

        #[test]
        fn any_times_give_cues(start in any::<f64>(), end in any::<f64>()) {
            let cues = cues(&[utterance("one two", start, end)], true);
            prop_assert!(!cues.is_empty());
        }
    }
}
