//! Which vowel of a word is loud, and which letters are vowels of their own.

pub(super) fn is_vowel(c: char) -> bool {
    "aeiouyáàâãéêíóôõúü".contains(c)
}

/// Whether letters at a place are an `i` or `u` that ends a diphthong begun before it.
pub(super) fn is_offglide(letters: &[char], at: usize) -> bool {
    let Some(&before) = at.checked_sub(1).and_then(|at| letters.get(at)) else {
        return false;
    };
    let next = letters.get(at + 1).copied().unwrap_or(' ');
    let behind = letters.get(at + 2).copied().unwrap_or(' ');
    match letters[at] {
        // `rainha`, `ruim`, `ainda`, `sair`, `juiz`.
        'i' => {
            let hiatus = (next == 'n' && behind == 'h')
                || (matches!(next, 'm' | 'n') && !is_vowel(behind))
                || (matches!(next, 'r' | 'l' | 'u' | 'z') && behind == ' ');
            "aeouáéóúâêô".contains(before) && !hiatus && !is_silent_u(letters, at - 1)
        }
        'u' => {
            let hiatus = (matches!(next, 'i' | 'l' | 'm' | 'n' | 'r' | 'z') && !is_vowel(behind))
                || (before == 'e' && next == 'n');
            "aeioáéíóâêô".contains(before) && !hiatus
        }
        _ => false,
    }
}

/// The `u` of *que, gui*, and that of *água*, is no vowel.
pub(super) fn is_silent_u(letters: &[char], at: usize) -> bool {
    letters[at] == 'u'
        && at > 0
        && matches!(letters[at - 1], 'q' | 'g')
        && letters.get(at + 1).copied().is_some_and(is_vowel)
}

/// The index of the loud vowel.
pub(super) fn loud(letters: &[char], back: Option<usize>) -> Option<usize> {
    let marked = |marks: &str| letters.iter().rposition(|c| marks.contains(*c));
    if let Some(at) = marked("áéíóúâêô").or_else(|| marked("ãõ")) {
        return Some(at);
    }
    let vowels: Vec<usize> = (0..letters.len())
        .filter(|&at| {
            is_vowel(letters[at])
                && letters[at] != 'ü'
                && !is_silent_u(letters, at)
                && !is_offglide(letters, at)
        })
        .collect();
    let word: String = letters.iter().collect();
    let stem = word.strip_suffix('s').unwrap_or(&word);
    let weak_end = stem.ends_with(['a', 'e', 'o']) && !is_offglide(letters, letters.len() - 1)
        || stem.ends_with("am")
        || stem.ends_with("em")
        || word.ends_with("ens");
    let back = back.unwrap_or(usize::from(weak_end && vowels.len() > 1));
    vowels.get(vowels.len().saturating_sub(back + 1)).copied()
}
