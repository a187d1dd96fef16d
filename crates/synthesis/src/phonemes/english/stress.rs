//! Where stress marks stand, and which parts of a long word keep them.

/// Of the word's loudest vowel.
pub const PRIMARY: char = 'ˈ';
/// Of a vowel that is loud, but less.
pub const SECONDARY: char = 'ˌ';

/// Whether a symbol is a vowel.
pub fn is_vowel(symbol: char) -> bool {
    "AIOQWYaiuæɑɒɐɔəɛɜɪʊʌᵻ".contains(symbol)
}

/// Moves each mark to where Kokoro was taught to find it: right before its vowel, while IPA writes
/// it before the syllable.
pub fn before_vowels(sounds: &str) -> String {
    let mut moved = String::with_capacity(sounds.len());
    let mut mark = None;
    for symbol in sounds.chars() {
        match symbol {
            PRIMARY | SECONDARY => mark = Some(symbol),
            _ => {
                if is_vowel(symbol) {
                    moved.extend(mark.take());
                }
                moved.push(symbol);
            }
        }
    }
    moved
}

/// The same with its loudest vowels less loud.
pub fn softened(sounds: &str) -> String {
    if !sounds.contains(PRIMARY) {
        return sounds.to_owned();
    }
    let kept = sounds.chars().filter(|symbol| *symbol != SECONDARY);
    kept.map(|symbol| if symbol == PRIMARY { SECONDARY } else { symbol })
        .collect()
}

/// Joins letters' names: the last is the loudest.
pub fn letters(names: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let mut names: Vec<String> = names
        .into_iter()
        .map(|name| softened(name.as_ref()))
        .collect();
    if let Some(last) = names.last_mut() {
        *last = last.replace(SECONDARY, "ˈ");
    }
    names.concat()
}

/// Joins the parts of a word, as misaki does (`resolve_tokens`): where more than half of them are
/// loud, the lighter half is made less so. `first_is_letter`: as in *e-mail*.
pub fn compound(mut parts: Vec<String>, first_is_letter: bool) -> String {
    parts.retain(|part| !part.is_empty());
    let loud = parts.iter().filter(|part| part.contains(PRIMARY)).count();
    if parts.len() == 2 && first_is_letter {
        parts[1] = softened(&parts[1]);
    } else if parts.len() >= 2 && loud > parts.len().div_ceil(2) {
        let mut lightest: Vec<usize> = (0..parts.len()).collect();
        lightest.sort_by_key(|part| (parts[*part].contains(PRIMARY), weight(&parts[*part])));
        for part in lightest.into_iter().take(parts.len() / 2) {
            parts[part] = softened(&parts[part]);
        }
    }
    parts.concat()
}

/// How much there is to say: diphthongs and affricates count twice.
fn weight(sounds: &str) -> usize {
    let symbol = |symbol| 1 + usize::from("AIOQWYʤʧ".contains(symbol));
    sounds.chars().map(symbol).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_move_to_their_vowels() {
        assert_eq!(before_vowels("ˈstɹɔbˌɛɹi"), "stɹˈɔbˌɛɹi");
        assert_eq!(before_vowels("həˈlO"), "həlˈO");
        assert_eq!(before_vowels("ˈ"), "");
    }

    #[test]
    fn the_last_letter_is_the_loudest() {
        assert_eq!(letters(["ˈA", "pˈi", "ˈI"]), "ˌApˌiˈI");
    }

    #[test]
    fn a_compound_keeps_one_loud_part() {
        let parts = vec!["kˈɔkəs".to_owned(), "ɹˈAs".to_owned()];
        assert_eq!(compound(parts, false), "kˈɔkəsɹˌAs");
    }
}
