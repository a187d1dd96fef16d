//! Words, abbreviations, words in capitals, letters by name, Roman numerals, other scripts.

use super::super::cursor::{Cursor, is_accent, is_invisible};
use super::super::reader::Reader;
use super::{Tongue, digits};

/// Longest run of letters taken for one word.
const LONGEST: usize = 64;

/// Abbreviations, and written forms with a reading of their own.
pub(super) fn abbreviation(reader: &mut Reader<'_>, tongue: &dyn Tongue) -> bool {
    let cursor = reader.cursor();
    if !cursor.word_begins() {
        return false;
    }
    for (written, (said, when)) in tongue.tables().abbreviations.at(cursor.rest()) {
        let mut end = cursor;
        end.eat_str(written);
        let dotted = written.ends_with('.');
        if !dotted && (!digits::ends(&end) || is_sign(end.peek())) {
            continue;
        }
        let mut next = end;
        next.blanks();
        let fits = match *when {
            "title" => next
                .peek()
                .is_some_and(|c| c.is_uppercase() || is_uncased(c)),
            "number" => next.peek().and_then(digits::value).is_some(),
            "after" => reader
                .last_written()
                .ends_with(|c: char| digits::value(c).is_some()),
            _ => true,
        };
        if !fits {
            continue;
        }
        // The stop also ends a sentence where nothing or a capital follows.
        let last = next
            .peek()
            .is_none_or(|c| c.is_uppercase() || matches!(c, '\n' | '\r' | '"' | '”' | ')'));
        let ends = dotted && last && !matches!(*when, "title" | "number");
        return reader.say(said, end.at - usize::from(ends));
    }
    false
}

/// A letter of a script without capitals.
fn is_uncased(c: char) -> bool {
    c.is_alphabetic() && !c.is_lowercase() && !c.is_uppercase()
}

/// Signs of vowels and the like that belong to the letter before them.
fn is_sign(c: Option<char>) -> bool {
    c.is_some_and(|c| {
        is_accent(c)
            || matches!(c, '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}'
        | '\u{951}'..='\u{957}' | '\u{962}' | '\u{963}')
    })
}

fn is_letter(c: char) -> bool {
    c.is_alphabetic() && !c.is_numeric()
}

/// Letters that are read as they stand: Latin and Devanagari.
fn is_ours(c: char) -> bool {
    c <= '\u{24f}' || matches!(c, '\u{1e00}'..='\u{1eff}' | '\u{900}'..='\u{97f}')
}

/// Letters of scripts without spaces go one by one, lest a text become a word.
fn is_wide(c: char) -> bool {
    c >= '\u{2e80}'
}

/// Reads one word.
pub(super) fn read(reader: &mut Reader<'_>, tongue: &dyn Tongue) -> bool {
    let mut cursor = reader.cursor();
    let Some(first) = cursor.peek().filter(|c| is_letter(*c)) else {
        return false;
    };
    if is_wide(first) {
        cursor.bump();
        return reader.say(&in_latin(tongue, &first.to_string()), cursor.at);
    }
    take(&mut cursor);
    let written: String = reader.text[reader.at..cursor.at]
        .chars()
        .filter(|&c| !is_invisible(c))
        .map(|c| {
            if matches!(c, '’' | '＇' | 'ʼ') {
                '\''
            } else {
                c
            }
        })
        .collect();
    let written = composed(&written);
    if !written
        .chars()
        .all(|c| is_ours(c) || is_sign(Some(c)) || c == '-' || c == '\'')
    {
        return reader.say(&in_latin(tongue, &written), cursor.at);
    }
    if let Some(words) = roman(reader, tongue, &mut cursor, &written) {
        return reader.say(&words, cursor.at);
    }
    if let Some(words) = letter(tongue, &written, cursor) {
        return reader.say(&words, cursor.at);
    }
    let shouting = shouting(reader);
    let words = capitals(tongue, &written, shouting).unwrap_or(written);
    reader.say(&words, cursor.at)
}

/// Steps over letters, with signs, apostrophes and hyphens between them.
fn take(cursor: &mut Cursor<'_>) {
    for _ in 0..LONGEST {
        cursor.take(LONGEST, |c| {
            (is_letter(c) && !is_wide(c)) || is_sign(Some(c))
        });
        let mut ahead = *cursor;
        let inner = ahead.take(4, |c| {
            (is_invisible(c) && !c.is_control())
                || matches!(c, '\'' | '’' | '＇' | 'ʼ' | '-' | '‑' | '‐')
        });
        let dashes = inner.matches(['-', '‑', '‐', '\'', '’']).count();
        if inner.is_empty()
            || dashes > 1
            || !ahead.peek().is_some_and(|c| is_letter(c) && !is_wide(c))
        {
            break;
        }
        *cursor = ahead;
    }
}

/// Latin letters with their accents in one character, where there is such a character.
fn composed(written: &str) -> String {
    const ACCENTS: [(char, &str, &str); 6] = [
        ('\u{300}', "aeiouAEIOU", "àèìòùÀÈÌÒÙ"),
        ('\u{301}', "aeiouyAEIOUY", "áéíóúýÁÉÍÓÚÝ"),
        ('\u{302}', "aeiouAEIOU", "âêîôûÂÊÎÔÛ"),
        ('\u{308}', "aeiouyAEIOU", "äëïöüÿÄËÏÖÜ"),
        ('\u{327}', "cC", "çÇ"),
        ('\u{303}', "anoANO", "ãñõÃÑÕ"),
    ];
    let mut out = String::with_capacity(written.len());
    for c in written.chars() {
        let accent = ACCENTS.iter().find(|(accent, ..)| *accent == c);
        match (accent, out.pop()) {
            (Some((_, plain, accented)), Some(last)) => {
                let found = plain.chars().position(|letter| letter == last);
                out.push(
                    found
                        .and_then(|at| accented.chars().nth(at))
                        .unwrap_or(last),
                );
            }
            (None, last) => {
                out.extend(last);
                if !is_accent(c) {
                    out.push(c);
                }
            }
            (Some(_), None) => {}
        }
    }
    out
}

/// Letters of other scripts in Latin ones, as far as a table without rules of reading goes.
fn in_latin(tongue: &dyn Tongue, written: &str) -> String {
    let latin: String = deunicode::deunicode(written)
        .chars()
        .map(|c| {
            if c.is_ascii_alphabetic() || c == '\'' {
                c
            } else {
                ' '
            }
        })
        .collect();
    match latin.trim_matches([' ', '\'']) {
        "" => tongue.tables().name("unknown").to_owned(),
        kept if kept.len() == 1 => kept.to_uppercase(),
        kept => kept.to_lowercase(),
    }
}

/// A letter standing alone: its name, or a word of the language.
fn letter(tongue: &dyn Tongue, written: &str, cursor: Cursor<'_>) -> Option<String> {
    let mut letters = written.chars();
    let only = letters
        .next()
        .filter(|c| letters.next().is_none() && is_letter(*c))?;
    if !only.is_uppercase() && !only.is_lowercase() {
        return None;
    }
    let small: String = only.to_lowercase().collect();
    let mut next = cursor;
    let spaced = next.blanks() > 0 && next.peek().is_some_and(char::is_lowercase);
    if tongue.tables().sign(&format!("word {small}")).is_some() && (spaced || !only.is_uppercase())
    {
        return Some(small);
    }
    Some(only.to_uppercase().collect())
}

/// A word in capitals: spelled, or an ordinary word.
fn capitals(tongue: &dyn Tongue, written: &str, shouting: bool) -> Option<String> {
    let acronyms = &tongue.tables().acronyms;
    match acronyms.get(written) {
        Some(&"word") => return Some(written.to_lowercase()),
        Some(&"spelled") => return Some(spelled(written)),
        Some(said) => return Some((*said).to_owned()),
        None => {}
    }
    if let Some((front, rest)) = written.split_once('\'') {
        // *L'ONU*: the article is no letter.
        let rest = capitals(tongue, rest, shouting)?;
        return Some(format!("{}'{rest}", front.to_lowercase()));
    }
    let count = written.chars().count();
    let upper = written
        .chars()
        .all(|c| c.is_uppercase() || matches!(c, '\'' | '-'));
    if !upper || count < 2 {
        return None;
    }
    if shouting || written.contains('-') {
        return Some(written.to_lowercase());
    }
    let small = written.to_lowercase();
    let sayable = is_sayable(&small);
    Some(if count > 4 && sayable {
        small
    } else {
        spelled(written)
    })
}

fn spelled(written: &str) -> String {
    let letters: Vec<String> = written
        .chars()
        .filter(|c| c.is_alphabetic())
        .map(|c| c.to_uppercase().collect())
        .collect();
    letters.join(" ")
}

/// Whether somebody might read the letters as a word.
fn is_sayable(small: &str) -> bool {
    let is_vowel = |c: char| "aeiouyàâäéèêëîïôöùûüœæ".contains(c);
    let runs = small.split(is_vowel).map(|run| run.chars().count());
    small.contains(is_vowel) && runs.max() < Some(4)
}

/// A run of letters of an address.
pub(super) fn in_address(tongue: &dyn Tongue, piece: &str) -> String {
    let small = piece.to_lowercase();
    if !piece.chars().all(|c| is_ours(c) || is_sign(Some(c))) {
        return in_latin(tongue, piece);
    }
    if let Some(said) = tongue.tables().sign(&format!("web {small}")) {
        return said.to_owned();
    }
    let count = piece.chars().count();
    let latin = small.is_ascii();
    if latin && (count == 1 || (count < 6 && !is_sayable(&small)) || small == "api") {
        return spelled(&small);
    }
    small
}

/// Whether the sentence at hand is in capitals; looked at once for each sentence.
fn shouting(reader: &mut Reader<'_>) -> bool {
    if reader.at >= reader.shouting.0 {
        let rest = reader.cursor().rest();
        let most = rest.floor_char_boundary(600.min(rest.len()));
        let end = rest[..most]
            .find(['.', '!', '?', '\n'])
            .map_or(most, |at| at + 1)
            .max(1);
        let sentence = &rest[..rest.floor_char_boundary(end)];
        let small = sentence.contains(|c: char| c.is_lowercase() || is_uncased(c));
        let words = sentence
            .split_whitespace()
            .filter(|word| word.chars().filter(|c| c.is_uppercase()).count() > 1)
            .count();
        reader.shouting = (reader.at + end, !small && words > 1);
    }
    reader.shouting.1
}

/// A Roman numeral with an ending (`XXe`), or behind a word that has numbers.
fn roman(
    reader: &Reader<'_>,
    tongue: &dyn Tongue,
    cursor: &mut Cursor<'_>,
    written: &str,
) -> Option<String> {
    let numeral = written.trim_end_matches(|c: char| !"IVXLCDM".contains(c));
    if numeral.is_empty() || !numeral.bytes().all(|b| b"IVXLCDM".contains(&b)) {
        return None;
    }
    let value = super::super::en::numbers::roman(numeral)? as u64;
    let suffix = &written[numeral.len()..];
    if !suffix.is_empty() {
        // `Me`, `De` and `Ce` are words.
        let sure = numeral.len() > 1 || "IVX".contains(numeral);
        return (sure && suffix != "s")
            .then(|| tongue.ordinal(value, suffix))
            .flatten();
    }
    let mut end = *cursor;
    if matches!(end.peek(), Some('ᵉ')) {
        end.bump();
        *cursor = end;
        return tongue.ordinal(value, "e");
    }
    let last = reader.tokens.last().filter(|token| !token.is_mark)?;
    let before = &reader.text[last.source.clone()];
    let small = before.to_lowercase();
    let adjacent = reader.text[last.source.end..reader.at]
        .chars()
        .all(|c| c == ' ');
    let listed = tongue.tables().roman.contains(small.as_str());
    let sure = (numeral.contains("II")
        || numeral.contains("IV")
        || numeral.contains("XI")
        || numeral.contains("XV"))
        && before.starts_with(|c: char| c.is_uppercase() || is_uncased(c))
        && value < 60;
    (adjacent && (listed || sure)).then(|| tongue.cardinal(value, false))
}

/// Letters and figures that nobody else claims: each by its value or as unknown.
pub(super) fn other(reader: &mut Reader<'_>, tongue: &dyn Tongue) -> bool {
    let mut cursor = reader.cursor();
    let Some(next) = cursor.peek().filter(|c| c.is_alphanumeric()) else {
        return false;
    };
    if let Some(words) = super::amounts::vulgar(&mut cursor, tongue) {
        return reader.say(&words, cursor.at);
    }
    if tongue.tables().symbols.contains_key(&next) {
        return false;
    }
    let plain = deunicode::deunicode_char(next).unwrap_or("");
    let figures: String = plain.chars().filter(char::is_ascii_digit).collect();
    cursor.bump();
    let words = if figures.is_empty() || plain.contains(|c: char| c.is_ascii_alphabetic()) {
        let latin = in_latin(tongue, &next.to_string());
        if figures.is_empty() {
            latin
        } else {
            tongue.tables().name("unknown").to_owned()
        }
    } else {
        digits::cardinal(tongue, &figures, false)
    };
    reader.say(&words, cursor.at)
}
