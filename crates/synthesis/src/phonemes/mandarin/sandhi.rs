//! Tones that change with their neighbours: 一, 不, third tones in a row (Duanmu 2007, chapter 11).

use super::syllables::Syllable;

/// A syllable of a stretch without pauses.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// What is written.
    pub character: char,
    /// Which word it belongs to.
    pub word: usize,
    pub syllable: Syllable,
    /// What is said instead, where the caller wants it.
    pub own: Option<String>,
}

/// Changes the tones of a stretch without pauses.
pub(super) fn apply(stretch: &mut [Place]) {
    for at in 0..stretch.len() {
        match stretch[at].character {
            '不' => stretch[at].syllable.tone = no(stretch, at),
            '一' => stretch[at].syllable.tone = one(stretch, at),
            _ => {}
        }
    }
    third_tones(stretch);
}

/// 不 rises before a fall, and has no tone in 好不好.
fn no(stretch: &[Place], at: usize) -> u8 {
    let (before, after) = (at.checked_sub(1).map(|b| &stretch[b]), stretch.get(at + 1));
    if let (Some(before), Some(after)) = (before, after)
        && before.character == after.character
    {
        return 5;
    }
    match after {
        Some(after) if after.syllable.tone == 4 => 2,
        _ => 4,
    }
}

const DIGITS: &str = "零〇一二三四五六七八九十幺两点";
const SCALES: &str = "百千万亿";
/// What is counted off in order: 一月 is the first month.
const ORDERED: &str = "月号級级班";

fn one(stretch: &[Place], at: usize) -> u8 {
    let before = at.checked_sub(1).map(|before| stretch[before].character);
    let Some(after) = stretch.get(at + 1) else {
        return 1;
    };
    let word = stretch[at].word;
    let ends_word = after.word != word && at > 0 && stretch[at - 1].word == word;
    if ends_word {
        return 1;
    }
    if before == Some(after.character) && !DIGITS.contains(after.character) {
        return 5;
    }
    let is_part = |c: char| DIGITS.contains(c);
    let ordered = before == Some('第')
        || before.is_some_and(|c| is_part(c) || SCALES.contains(c))
            && !SCALES.contains(after.character)
        || is_part(after.character)
        || ORDERED.contains(after.character);
    match after.syllable.tone {
        _ if ordered => 1,
        4 => 2,
        // 一个: the counter has lost its fall, and 一 rises all the same.
        5 => 2,
        _ => 4,
    }
}

/// Of third tones in a row all but the last rise: inside a word, and between words that are short
/// enough to be said as one.
fn third_tones(stretch: &mut [Place]) {
    let mut from = 0;
    while from < stretch.len() {
        let mut end = word_end(stretch, from);
        while end < stretch.len() {
            let next = word_end(stretch, end);
            let both = stretch[end - 1].syllable.tone == 3 && stretch[end].syllable.tone == 3;
            if !both || next - from > 3 {
                break;
            }
            end = next;
        }
        foot(&mut stretch[from..end]);
        from = end;
    }
}

fn word_end(stretch: &[Place], from: usize) -> usize {
    let word = stretch[from].word;
    from + stretch[from..]
        .iter()
        .take_while(|place| place.word == word)
        .count()
}

fn foot(places: &mut [Place]) {
    // 小老虎: one and two. Longer words go by twos.
    let is_split = places.len() == 3 && places[0].word != places[1].word;
    let first = if is_split { 1 } else { 0 };
    let size = if places.len() > 3 { 2 } else { 3 };
    let mut at = first;
    while at < places.len() {
        let end = (at + size).min(places.len());
        for here in at..end.saturating_sub(1) {
            if places[here].syllable.tone == 3 && places[here + 1].syllable.tone == 3 {
                places[here].syllable.tone = 2;
            }
        }
        at = end;
    }
}
