//! ARPAbet to the letters of Kokoro's English voices.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::stress::{PRIMARY, SECONDARY, is_vowel};
use super::{Accent, flaps};
use crate::phonemes::table::{column, rows};

static SOUNDS: LazyLock<HashMap<&'static str, [&'static str; 2]>> = LazyLock::new(|| {
    let table = include_str!("../../../data/english/arpabet.tsv");
    rows(table)
        .map(|row| (row[0], [column(&row, 1), column(&row, 2)]))
        .collect()
});

/// The phones of a word that is spelled so. Phones are American; a British voice drops each `R`
/// that no vowel follows and says *lot* otherwise than *father*, which ARPAbet does not tell apart.
pub(super) fn sounds(accent: Accent, phones: &[&str], spelling: &str) -> String {
    let mut sounds = String::new();
    let mut stressed = false;
    let has_primary = phones.iter().any(|phone| phone.ends_with('1'));
    for (at, phone) in phones.iter().enumerate() {
        let bare = phone.trim_end_matches(|c: char| c.is_ascii_digit());
        let row = SOUNDS.get(phone).or_else(|| SOUNDS.get(bare));
        let mut sound = row.map_or("", |row| row[accent.column()]);
        let is_loud = phone.ends_with('1') && !stressed;
        let is_lot = matches!(bare, "AA" | "AO") && phones.get(at + 1) != Some(&"R");
        if accent == Accent::British && is_lot && spelling.contains('o') {
            sound = "ɒ";
        }
        if phone.ends_with(|c: char| c.is_ascii_digit()) {
            let is_first_vowel = !sounds.contains(is_vowel);
            if is_loud || (!has_primary && is_first_vowel) {
                sounds.push(PRIMARY);
                stressed = true;
            } else if phone.ends_with(['1', '2']) {
                sounds.push(SECONDARY);
            }
            // Loud vowels keep a full t before them: *attend*, not *a-dend*.
            if sounds.ends_with('t') && accent == Accent::American {
                let before = sounds.len() - 1;
                if flaps(&sounds[..before]) {
                    sounds.truncate(before);
                    sounds.push('T');
                }
            }
        }
        sounds.push_str(sound);
    }
    match accent {
        Accent::American => sounds,
        Accent::British => without_silent_r(&sounds),
    }
}

/// British: `ɹ` stays before vowels only, and colours the vowel before it where it goes.
fn without_silent_r(sounds: &str) -> String {
    let mut kept = String::new();
    let mut rest = sounds.chars().peekable();
    while let Some(symbol) = rest.next() {
        let before_vowel = rest
            .peek()
            .is_some_and(|next| is_vowel(*next) || [PRIMARY, SECONDARY].contains(next));
        if symbol != 'ɹ' || before_vowel || kept.is_empty() {
            kept.push(symbol);
            continue;
        }
        for (short, long) in [
            ("ɛ", "ɛː"),
            ("iː", "ɪə"),
            ("ɪ", "ɪə"),
            ("i", "ɪə"),
            ("ʊ", "ʊə"),
            ("I", "Iə"),
            ("W", "Wə"),
        ] {
            if let Some(start) = kept.strip_suffix(short) {
                kept = format!("{start}{long}");
                break;
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_are_said_as_the_accent_says_them() {
        for (phones, spelling, american, british) in [
            ("K AE1 T", "cat", "kˈæt", "kˈat"),
            ("L EH1 T ER0", "letter", "lˈɛTəɹ", "lˈɛtə"),
            ("AH0 T EH1 N D", "attend", "ətˈɛnd", "ətˈɛnd"),
            ("B ER1 D", "bird", "bˈɜɹd", "bˈɜːd"),
            ("S K W EH1 R", "square", "skwˈɛɹ", "skwˈɛː"),
            ("N IH1 R", "near", "nˈɪɹ", "nˈɪə"),
            ("K AA1 R", "car", "kˈɑɹ", "kˈɑː"),
            ("L AA1 T", "lot", "lˈɑt", "lˈɒt"),
            ("K AA1 R L OW0", "carlo", "kˈɑɹlO", "kˈɑːlQ"),
            ("F AO1 R", "four", "fˈɔɹ", "fˈɔː"),
            ("G OW1", "go", "ɡˈO", "ɡˈQ"),
            ("HH AE1 P IY0", "happy", "hˈæpi", "hˈapi"),
            ("V EH1 R IY0", "very", "vˈɛɹi", "vˈɛɹi"),
            ("T AH0", "ta", "tˈə", "tˈə"),
        ] {
            let phones: Vec<&str> = phones.split(' ').collect();
            assert_eq!(sounds(Accent::American, &phones, spelling), american);
            assert_eq!(sounds(Accent::British, &phones, spelling), british);
        }
    }
}
