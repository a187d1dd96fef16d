//! Consonants.

use super::super::sounds::Sounds;
use super::accent::is_vowel;

/// Whether a word ends in the vowel at a place, but for an s.
fn is_vowel_end(letters: &[char], at: usize) -> bool {
    matches!(&letters[at + 1..], [] | ['s'])
}

/// A consonant; how many letters.
pub(super) fn consonant(letters: &[char], at: usize, sounds: &mut Sounds) -> usize {
    let letter = |ahead: usize| letters.get(at + ahead).copied().unwrap_or(' ');
    let (this, next, behind) = (letter(0), letter(1), letter(2));
    let before = at.checked_sub(1).map_or(' ', |at| letters[at]);
    let soft = |c: char| "eiéêíy".contains(c);
    // A final e is said i.
    let is_i = matches!(next, 'i' | 'í' | 'y')
        || (next == 'e' && (behind == ' ' || (behind == 's' && letter(3) == ' ')))
        || (this == 'd'
            && next == 'e'
            && matches!(behind, 'o' | 'a')
            && is_vowel_end(letters, at + 2));
    let between = is_vowel(before) && is_vowel(next);
    let voiced = |c: char| "bdgvzjmnlr".contains(c);
    let (sound, length) = match this {
        'b' => ("b", 1),
        'c' if next == 'h' => ("ʃ", 2),
        'c' if soft(next) => ("s", 1),
        'c' if next == 'c' || next == 'ç' => ("k", 1),
        'c' if next == 'k' => ("k", 2),
        'c' => ("k", 1),
        'ç' => ("s", 1),
        'd' if is_i => ("ʤ", 1),
        'd' => ("d", 1),
        'f' => ("f", 1),
        'g' if soft(next) => ("ʒ", 1),
        'g' => ("ɡ", 1),
        'h' => return 1,
        'j' => ("ʒ", 1),
        'k' => ("k", 1),
        'l' if next == 'h' && at == 0 => ("ʎ", 2),
        'l' if next == 'h' => ("lj", 2),
        'l' => ("l", if next == 'l' { 2 } else { 1 }),
        'm' => ("m", 1),
        'n' if next == 'h' => ("ɲ", 2),
        'n' => ("n", if next == 'n' { 2 } else { 1 }),
        'p' if next == 'h' => ("f", 2),
        'p' => ("p", 1),
        'q' => ("k", 1),
        'r' if next == 'r' => ("x", 2),
        'r' if at == 0 || matches!(before, 'n' | 'l' | 's') => ("x", 1),
        'r' if is_vowel(before) && is_vowel(next) => ("ɾ", 1),
        'r' if next == ' ' || !is_vowel(before) => ("r", 1),
        'r' => ("ɾə", 1),
        's' if next == 's' => ("s", 2),
        's' if next == 'c' && soft(behind) => ("s", 2),
        's' if next == 'ç' => ("s", 2),
        's' if next == 'h' => ("ʃ", 2),
        's' if between || (is_vowel(before) && voiced(next)) => ("z", 1),
        's' => ("s", 1),
        't' if is_i => ("ʧ", 1),
        't' => ("t", if next == 't' { 2 } else { 1 }),
        'v' => ("v", 1),
        'w' => ("w", 1),
        'x' if at == 0 => ("ʃ", 1),
        'x' if before == 'e' && at == 1 && is_vowel(next) => ("z", 1),
        'x' if next == 'c' && soft(behind) => ("s", 2),
        'x' if !is_vowel(next) && next != ' ' => ("s", 1),
        'x' if next == ' ' => ("ks", 1),
        'x' => ("ʃ", 1),
        'ś' => ("s", 1),
        'ẋ' => ("ks", 1),
        'ẑ' => ("z", 1),
        'z' if next == ' ' => ("s", 1),
        'z' => ("z", if next == 'z' { 2 } else { 1 }),
        _ => return 1,
    };
    sounds.consonant(sound);
    length
}
