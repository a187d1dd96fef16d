//! How many syllables a word has, by its vowels.

/// Syllables of a word; `None` for a language we have no rule for, or for a word with neither a
/// vowel nor a digit that says how many it has.
///
/// Groups of vowels are counted. English leaves out a silent final `e` and the `e` of `-ed` and
/// `-es` where it is silent, French a final `e`, `es` and `ent`; Spanish splits two strong vowels. A
/// digit counts as one.
pub fn syllables(word: &str, language: &str) -> Option<usize> {
    let word = word.to_lowercase();
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let parts = word
        .split(|c: char| !c.is_alphabetic())
        .filter(|p| !p.is_empty());
    let spoken = |part: &str| match language {
        "en" => Some(english(part)),
        "es" => Some(spanish(part)),
        "de" => Some(groups(part, german_break).max(1)),
        "fr" => Some(french(part)),
        _ => None,
    };
    // `don't`, `it's`: what follows the apostrophe adds no vowel, or its own.
    let mut count = digits;
    for (i, part) in parts.enumerate() {
        let some = spoken(part)?;
        let bare = i > 0 && !part.contains(is_vowel);
        count += if bare { 0 } else { some };
    }
    Some(count.max(1))
}

fn is_vowel(c: char) -> bool {
    matches!(
        c,
        'a' | 'e'
            | 'i'
            | 'o'
            | 'u'
            | 'y'
            | 'ä'
            | 'ö'
            | 'ü'
            | 'á'
            | 'é'
            | 'í'
            | 'ó'
            | 'ú'
            | 'à'
            | 'â'
            | 'è'
            | 'ê'
            | 'ë'
            | 'î'
            | 'ï'
            | 'ô'
            | 'ù'
            | 'û'
            | 'ÿ'
            | 'œ'
            | 'æ'
    )
}

/// Groups of vowels, a group ending between two that `splits` parts.
fn groups(word: &str, splits: impl Fn(char, char) -> bool) -> usize {
    let mut before = None;
    let mut count = 0;
    for c in word.chars() {
        if is_vowel(c) && before.is_none_or(|b| !is_vowel(b) || splits(b, c)) {
            count += 1;
        }
        before = Some(c);
    }
    count
}

fn english(word: &str) -> usize {
    let splits = |a, b| {
        matches!(
            (a, b),
            ('i', 'a' | 'o') | ('e', 'o') | ('u', 'a') | ('y', 'i' | 'o')
        )
    };
    let joined = [
        "tion", "sion", "cial", "tial", "cian", "cious", "tious", "gion", "gious", "geo", "cean",
    ];
    let mut count = groups(word, splits);
    // `-tion` and its like are one syllable, though `io` is two elsewhere.
    count -= joined
        .iter()
        .map(|j| word.matches(j).count())
        .sum::<usize>()
        .min(count);
    let vowel_at = |back: usize| word.chars().rev().nth(back).is_some_and(is_vowel);
    let consonant_le = word.ends_with("le") && !vowel_at(2);
    let silent = word.ends_with('e') && !vowel_at(1) && !consonant_le
        || word.ends_with("ed") && !vowel_at(2) && !word.ends_with("ted") && !word.ends_with("ded")
        || word.ends_with("es")
            && !vowel_at(2)
            && !["ses", "zes", "xes", "ches", "shes", "ces", "ges"]
                .iter()
                .any(|e| word.ends_with(e))
        || word.ends_with("ely") && word.len() > 4
        || word.ends_with("eful") | word.ends_with("ement");
    if silent && count > 1 {
        count -= 1;
    }
    // `rhythm`, `ism`.
    if word.ends_with("sm") || word.ends_with("thm") {
        count += 1;
    }
    count.max(1)
}

fn spanish(word: &str) -> usize {
    let strong = |c| matches!(c, 'a' | 'e' | 'o' | 'á' | 'é' | 'ó' | 'í' | 'ú');
    // The `u` of `que`, `qui`, `gue` and `gui` is silent, and a final `y` is no syllable.
    groups(word, |a, b| strong(a) && strong(b)).max(1)
}

fn german_break(a: char, b: char) -> bool {
    !matches!(
        (a, b),
        ('a', 'i' | 'u' | 'a' | 'y')
            | ('e', 'i' | 'u' | 'e' | 'y')
            | ('ä', 'u')
            | ('o', 'o' | 'u' | 'i')
            | ('i', 'e')
            | ('u', 'i')
    )
}

fn french(word: &str) -> usize {
    let splits = |a, b| matches!((a, b), ('é', 'a' | 'o' | 'e') | (_, 'ï' | 'ë'));
    let count = groups(word, splits);
    let before = |ending: &str| {
        word.strip_suffix(ending)
            .and_then(|stem| stem.chars().next_back())
            .is_some_and(|c| !is_vowel(c))
    };
    match before("e") || before("es") {
        true if count > 1 => count - 1,
        _ => count.max(1),
    }
}
