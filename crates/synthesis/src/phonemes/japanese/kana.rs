//! Kana to the voice's alphabet, as misaki has it.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::phonemes::table::{column, rows};

static SOUNDS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    rows(include_str!("../../../data/japanese/sounds.tsv"))
        .map(|row| (row[0], column(&row, 1)))
        .collect()
});

/// Whether it is a kana, or the sign of a long vowel.
pub(super) fn is_kana(c: char) -> bool {
    matches!(c, 'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ー' | 'ゝ' | 'ゞ' | 'ヽ' | 'ヾ' | 'ｦ'..='ﾟ' | 'ㇰ'..='ㇿ')
}

/// Whether it is a katakana, or the sign of a long vowel.
pub(super) fn is_katakana(c: char) -> bool {
    is_kana(c) && !matches!(c, 'ぁ'..='ゖ' | 'ゝ' | 'ゞ')
}

const HALF: &str = "ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン";
const SMALL: &str = "クシストヌハヒフヘホムラリルレロ";

/// In katakana of full width; signs of repetition repeat, everything else is left out.
pub(super) fn katakana(text: &str) -> String {
    let mut out: Vec<char> = Vec::new();
    for c in text.chars() {
        let code = u32::from(c);
        match c {
            'ぁ'..='ゖ' => out.extend(char::from_u32(code + 0x60)),
            'ァ'..='ヺ' | 'ー' => out.push(c),
            'ｦ'..='ﾝ' => out.extend(HALF.chars().nth((code - 0xff66) as usize)),
            'ㇰ'..='ㇿ' => out.extend(SMALL.chars().nth((code - 0x31f0) as usize)),
            'ゝ' | 'ヽ' => out.extend(out.last().copied()),
            'ゞ' | 'ヾ' => out.extend(out.last().map(|c| voiced(*c))),
            'ﾞ' | '\u{3099}' => {
                *(out.last_mut().unwrap_or(&mut ' ')) = out.last().map_or(' ', |c| voiced(*c))
            }
            'ﾟ' | '\u{309a}' => {
                *(out.last_mut().unwrap_or(&mut ' ')) = out.last().map_or(' ', |c| half_voiced(*c))
            }
            _ => {}
        }
    }
    out.into_iter().collect()
}

/// カ to ガ.
pub(super) fn voiced(c: char) -> char {
    const PAIRS: &str =
        "カガキギクグケゲコゴサザシジスズセゼソゾタダチヂツヅテデトドハバヒビフブヘベホボウヴ";
    paired(PAIRS, c)
}

/// ハ to パ.
pub(super) fn half_voiced(c: char) -> char {
    paired("ハパヒピフプヘペホポ", c)
}

fn paired(pairs: &str, c: char) -> char {
    let pairs: Vec<char> = pairs.chars().collect();
    let pair = pairs.chunks(2).find(|pair| pair[0] == c);
    pair.map_or(c, |pair| pair[1])
}

/// The sounds of one word in katakana.
pub(super) fn sounds(word: &str) -> String {
    let kana: Vec<char> = word.chars().collect();
    let single = |c: char| SOUNDS.get(c.encode_utf8(&mut [0; 4]) as &str).copied();
    let double = |a: char, b: char| SOUNDS.get(format!("{a}{b}").as_str()).copied();
    let is_small = |c: char| "ァィゥェォャュョヮ".contains(c);
    let mut said = String::new();
    let mut at = 0;
    while at < kana.len() {
        let (here, next) = (kana[at], kana.get(at + 1).copied());
        at += 1;
        if let Some(both) = next.and_then(|next| double(here, next)) {
            said.push_str(both);
            at += 1;
            continue;
        }
        match here {
            'ー' if said.is_empty() => {}
            'ー' => said.push('ː'),
            'ッ' => said.push('ʔ'),
            'ン' => said.push_str(nasal(next.and_then(single))),
            _ => {
                let Some(sounds) = single(here) else { continue };
                // A small vowel takes the place of the large one: クァ where the table lacks it.
                if let Some(small) = next.filter(|next| is_small(*next)).and_then(single) {
                    let mut stem = sounds.to_owned();
                    stem.pop();
                    said.push_str(&stem);
                    said.push_str(small);
                    at += 1;
                } else {
                    said.push_str(sounds);
                }
            }
        }
    }
    said
}

/// ン before what follows in the word.
fn nasal(next: Option<&str>) -> &'static str {
    match next.and_then(|next| next.chars().next()) {
        Some('m' | 'p' | 'b') => "m",
        Some('k' | 'ɡ') => "ŋ",
        Some('ɲ' | 'ʨ' | 'ʥ') => "ɲ",
        Some('n' | 't' | 'd' | 'ɾ' | 'z') => "n",
        _ => "ɴ",
    }
}
