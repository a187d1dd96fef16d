//! Hindi syllables as sounds of the voice: nasals, long consonants, and stress.

use super::akshara::{self, Nasal, SCHWA, Syllable};

/// The sounds of a word in Devanagari, with stress; nothing where no letter has a sound.
pub(super) fn word(word: &str) -> String {
    let mut syllables = akshara::syllables(word);
    let written = syllables.clone();
    let loud = loudest(&written);
    akshara::drop_schwas(&mut syllables);
    let mut sounds = String::new();
    for (at, syllable) in syllables.iter().enumerate() {
        let next = syllables.get(at + 1);
        onset(
            &mut sounds,
            &syllable.onset,
            syllable.vowel.is_none().then_some(next).flatten(),
        );
        let Some(vowel) = syllable.vowel else {
            continue;
        };
        let far = at.abs_diff(loud);
        let mark = if at == loud {
            "ˈ"
        } else if (at > loud && far == 2) || (at == 0 && far >= 2) {
            "ˌ"
        } else {
            ""
        };
        let is_last = next.is_none();
        self::vowel(&mut sounds, syllable, vowel, mark, is_last, next);
    }
    sounds
}

/// Which syllable, of all that are written, is loudest: the last heavy one before the last, else
/// the first.
fn loudest(syllables: &[Syllable]) -> usize {
    let before_last = syllables.len().saturating_sub(1);
    let heavy = |at: &usize| {
        let syllable = &syllables[*at];
        let closed = syllables
            .get(at + 1)
            .is_some_and(|next| next.onset.len() > 1);
        let long = syllable.vowel.is_some_and(is_long);
        long || closed || syllable.nasal.is_some()
    };
    (0..before_last).rev().find(heavy).unwrap_or(0)
}

fn is_long(vowel: &str) -> bool {
    vowel.ends_with('ː') || matches!(vowel, "i" | "ɔ" | "ɛ")
}

/// Consonants before a vowel, or at the end of a syllable whose vowel has fallen.
fn onset(sounds: &mut String, onset: &[&'static str], then: Option<&Syllable>) {
    let next = then.and_then(|next| next.onset.first().copied());
    let mut at = 0;
    while at < onset.len() {
        let here = onset[at];
        let behind = onset
            .get(at + 1)
            .copied()
            .or(next.filter(|_| at + 1 == onset.len()));
        let plain = here.trim_end_matches('ʰ');
        match behind {
            // A stop twice is one long one; *cch* is said twice.
            Some(behind) if at + 1 < onset.len() && is_stop(plain) && behind.starts_with(plain) => {
                if behind == "cʰ" {
                    sounds.push_str("cʰcʰ");
                } else {
                    sounds.push_str(behind);
                    sounds.push('ː');
                }
                at += 1;
            }
            Some("j") if at + 1 < onset.len() && matches!(here, "k" | "p" | "t") => {
                sounds.push_str(here);
                sounds.push('ː');
            }
            Some("ɲ") if here == "ɟ" && at + 1 < onset.len() => {
                sounds.push_str("ɡj");
                at += 1;
            }
            Some(behind) if here == "ɾ" && at + 1 < onset.len() && !is_stop(behind) => {
                sounds.push('r');
            }
            Some("ʂ") if here == "k" && at + 1 < onset.len() => {
                sounds.push_str("kʃ");
                at += 1;
            }
            _ => sounds.push_str(here),
        }
        at += 1;
    }
}

fn is_stop(sound: &str) -> bool {
    sound.starts_with(['k', 'ɡ', 'c', 'ɟ', 'ʈ', 'ɖ', 't', 'd', 'p', 'b'])
}

fn vowel(
    sounds: &mut String,
    syllable: &Syllable,
    vowel: &'static str,
    mark: &str,
    is_last: bool,
    next: Option<&Syllable>,
) {
    // The r of `ृ` belongs to the consonants.
    let vowel = match vowel {
        "ɾɪ" | "lɪ" => {
            sounds.push_str(&vowel[..vowel.len() - "ɪ".len()]);
            "ɪ"
        }
        vowel => vowel,
    };
    sounds.push_str(mark);
    let follows = next.and_then(|next| next.onset.first().copied());
    let before_y = next.is_some_and(|next| next.vowel.is_none() && next.onset == ["j"]);
    let quality = match vowel {
        SCHWA if before_y && mark == "ˈ" => "ʌɛ",
        SCHWA if before_y => "ɛ",
        SCHWA if is_last && at_start(sounds) => SCHWA,
        SCHWA if mark == "ˈ" => "ʌ",
        SCHWA if syllable.onset.is_empty() && sounds.trim_end_matches('ˌ').is_empty() => "ʌ",
        "i" if mark == "ˈ" && !is_last => "iː",
        vowel => vowel,
    };
    match syllable.nasal {
        Some(Nasal::Anusvara) if matches!(vowel, SCHWA | "ɔ" | "ɛ") => {
            sounds.push_str(quality);
            sounds.push_str(homorganic(follows));
        }
        Some(_) => {
            sounds.push_str(match quality {
                "ɪ" => "i",
                "ʊ" => "u",
                quality => quality.trim_end_matches('ː'),
            });
            sounds.push('\u{303}');
            if vowel == "eː" {
                sounds.push('ː');
            }
        }
        None => sounds.push_str(quality),
    }
    if syllable.is_breathed {
        sounds.push('h');
    }
}

/// Whether no vowel is before this one.
fn at_start(sounds: &str) -> bool {
    !sounds.contains(|c| "aeiouɪʊəʌɛɔ".contains(c))
}

/// The nasal that is said with the same lips and tongue as a consonant.
fn homorganic(consonant: Option<&str>) -> &'static str {
    match consonant.and_then(|consonant| consonant.chars().next()) {
        Some('k' | 'ɡ' | 'x' | 'ɣ' | 'q') => "ŋ",
        Some('c' | 'ɟ' | 'j') => "ɲ",
        Some('ʈ' | 'ɖ') => "ɳ",
        Some('p' | 'b' | 'm' | 'f') => "m",
        _ => "n",
    }
}
