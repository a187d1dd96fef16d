//! IPA as people write it, in the letters that the voices of these languages learnt.

/// What is written otherwise; the longest first. What is not here stands for itself.
const WRITTEN: [(&str, &str); 14] = [
    ("t͡ʃ", "ʧ"),
    ("d͡ʒ", "ʤ"),
    ("t͡s", "ʦ"),
    ("d͡z", "ʣ"),
    ("tʃ", "ʧ"),
    ("dʒ", "ʤ"),
    ("ts", "ʦ"),
    ("dz", "ʣ"),
    ("aɪ", "I"),
    ("eɪ", "A"),
    ("aʊ", "W"),
    ("g", "ɡ"),
    (".", ""),
    ("'", "ˈ"),
];

/// The sounds of IPA between slashes or brackets; none where it is not.
pub(super) fn ipa(said: &str) -> Option<String> {
    let within =
        |open: char, close: char| said.strip_prefix(open).and_then(|s| s.strip_suffix(close));
    let ipa = within('/', '/').or_else(|| within('[', ']'))?;
    let mut sounds = ipa.trim().to_owned();
    for (written, meant) in WRITTEN {
        sounds = sounds.replace(written, meant);
    }
    Some(before_vowels(&sounds))
}

/// Moves each mark of stress from before its syllable to before its vowel.
fn before_vowels(sounds: &str) -> String {
    let mut moved = String::with_capacity(sounds.len());
    let mut mark = None;
    for symbol in sounds.chars() {
        if matches!(symbol, 'ˈ' | 'ˌ') {
            mark = Some(symbol);
            continue;
        }
        if "aeiouæɐɑɒəɛɜɔøœɪʊʌyɨIAOWQY".contains(symbol) {
            moved.extend(mark.take());
        }
        moved.push(symbol);
    }
    moved
}
