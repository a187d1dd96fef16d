//! Words as they are, words in capitals, single letters, Roman numerals, letters of
//! other scripts.

use super::super::cursor::{Cursor, is_accent, is_invisible};
use super::super::reader::Reader;
use super::{Gender, Kind, Romance, numbers};

/// Longest run of letters taken for one word.
const LONGEST: usize = 64;

impl Romance {
    /// Reads one word.
    pub(super) fn word(&self, reader: &mut Reader<'_>) -> bool {
        let mut cursor = reader.cursor();
        if !cursor.peek().is_some_and(is_letter) {
            return false;
        }
        let from = cursor.at;
        if cursor.peek().is_some_and(is_wide) {
            cursor.bump();
        } else {
            take(&mut cursor);
        }
        let written: String = compose(&reader.text[from..cursor.at]);
        if !written.chars().all(|c| c <= '\u{24f}') {
            let said = self.latin(&written);
            return reader.say(&said, cursor.at);
        }
        if let Some(said) = self.elided(&written) {
            return reader.say(&said, cursor.at);
        }
        let quote = cursor.peek().map_or(0, char::len_utf8);
        let elides = self.kind == Kind::Italian
            && cursor.rest().starts_with(['\'', '’'])
            && cursor
                .rest()
                .chars()
                .nth(1)
                .is_some_and(|c| c.is_ascii_digit());
        if elides && written.chars().all(|c| c.is_ascii_alphabetic()) {
            return reader.say(&format!("{}'", written.to_lowercase()), cursor.at + quote);
        }
        let count = written.chars().count();
        if let Some(words) = self.roman_words(reader, cursor, &written) {
            return reader.say(&words, cursor.at);
        }
        if count == 1 {
            return self.letter(reader, cursor, &written);
        }
        match self.capitals(&written) {
            Some(words) => reader.say(&words, cursor.at),
            None => reader.say(&written, cursor.at),
        }
    }

    /// `l'FBI`: an article before letters.
    fn elided(&self, written: &str) -> Option<String> {
        let (article, rest) = written.split_once('\'')?;
        let letters = self.capitals(rest)?;
        (!article.is_empty()).then(|| format!("{article}' {letters}"))
    }

    /// A letter alone: a small word, or its name.
    fn letter(&self, reader: &mut Reader<'_>, cursor: Cursor<'_>, written: &str) -> bool {
        let small = written.to_lowercase();
        // `E' vero`: an accent typed as an apostrophe.
        let mut quote = cursor;
        if self.kind == Kind::Italian
            && written == "E"
            && quote.eat_if(|c| matches!(c, '\'' | '’')).is_some()
            && quote.peek().is_some_and(char::is_whitespace)
        {
            return reader.say("è", quote.at);
        }
        let is_word = self
            .phrase("letters that are words")
            .split(' ')
            .any(|word| word == small);
        let mut next = cursor;
        let spaced = next.blanks() > 0;
        let starts =
            reader.begins_sentence() || reader.tokens.last().is_some_and(|last| last.is_mark);
        let before = reader
            .cursor()
            .before()
            .is_none_or(|c| !c.is_alphanumeric());
        // Among words in capitals it is one of them.
        let loud = |word: &str| word.chars().count() > 1 && word.chars().all(char::is_uppercase);
        let mut ahead = next;
        let shouted = loud(reader.last_written()) && loud(ahead.take(LONGEST, char::is_alphabetic));
        let reads = written == small
            || (starts && spaced && next.peek().is_some_and(char::is_alphabetic))
            || shouted;
        if is_word && reads && before {
            return reader.say(&small, cursor.at);
        }
        let upper = written.to_uppercase();
        // Letters whose capitals are two, and signs such as º.
        let said = match small.as_str() {
            "º" => "O".to_owned(),
            "ª" => "A".to_owned(),
            _ => upper,
        };
        reader.say(&said, cursor.at)
    }

    /// A word in capitals: what is said, or none where it is ordinary.
    pub(super) fn capitals(&self, word: &str) -> Option<String> {
        let plural = word
            .strip_suffix('s')
            .filter(|core| core.chars().count() > 1);
        let core = plural.unwrap_or(word);
        if core.chars().count() < 2 || !core.chars().all(char::is_uppercase) {
            return None;
        }
        let small = core.to_lowercase();
        let spelled = || {
            let letters: Vec<String> = core.chars().map(String::from).collect();
            letters.join(" ")
        };
        match self.acronyms.get(core) {
            Some(&"word") => return Some(small),
            Some(&"spell") => return Some(spelled()),
            Some(said) => return Some((*said).to_owned()),
            None => {}
        }
        let long = core.chars().count() > 3 && self.is_sayable(&small);
        Some(if long || self.shouted.contains(small.as_str()) {
            small
        } else {
            spelled()
        })
    }

    /// Whether letters look like a word of the language: vowels, and few consonants together.
    pub(super) fn is_sayable(&self, small: &str) -> bool {
        let is_vowel = |c: char| "aeiouyáàâãéèêíìóòôõúùü".contains(c);
        let longest = small.split(is_vowel).map(str::len).max().unwrap_or(0);
        let start = small.chars().take_while(|c| !is_vowel(*c)).count();
        let end = small.chars().rev().take_while(|c| !is_vowel(*c)).count();
        small.chars().any(is_vowel)
            && longest < 4
            && start < 3
            && end < 3
            && small.chars().count() > 2
    }

    /// A Roman numeral where it surely is one.
    fn roman_words(
        &self,
        reader: &Reader<'_>,
        cursor: Cursor<'_>,
        written: &str,
    ) -> Option<String> {
        if written.len() > 7 || !written.bytes().all(|b| b"IVXLC".contains(&b)) {
            return None;
        }
        let value = numbers::roman(written)?;
        let cardinal = self.cardinal(&value.to_string());
        let last = reader.tokens.last().filter(|token| !token.is_mark);
        let before = last.map_or("", |_| reader.last_written());
        let ordinal = |gender| self.nth(value, gender).unwrap_or_else(|| cardinal.clone());
        let listed = self.roman.get(before.to_lowercase().as_str()).copied();
        let most_ordinal = if self.kind == Kind::Italian { 99 } else { 10 };
        match listed {
            Some("cardinal") => return Some(cardinal),
            Some(gender @ ("m" | "f")) if value <= most_ordinal => {
                return Some(ordinal(Gender::of(gender)));
            }
            Some(_) => return Some(cardinal),
            None => {}
        }
        // `XXI secolo`.
        let mut next = cursor;
        next.blanks();
        let behind = next.take(24, char::is_alphabetic);
        if let Some(gender) = self
            .roman
            .get(format!("+{}", behind.to_lowercase()).as_str())
        {
            return Some(ordinal(Gender::of(gender)));
        }
        let is_name = before.starts_with(char::is_uppercase) && before.chars().count() > 2;
        let listed = self.acronyms.contains_key(written);
        let alone = written.len() == 1;
        if listed || (alone && !(is_name && matches!(written, "I" | "V"))) {
            return None;
        }
        if is_name && value <= most_ordinal {
            let gender = if before.ends_with('a') {
                Gender::Feminine
            } else {
                Gender::Masculine
            };
            return Some(ordinal(gender));
        }
        let plain = written.bytes().all(|b| b"IVX".contains(&b)) && !alone;
        plain.then_some(cardinal)
    }

    /// Letters of other scripts in Latin ones, as far as a table without rules of reading goes.
    pub(super) fn latin(&self, written: &str) -> String {
        let own = |c: char| c.is_alphabetic() && c <= '\u{24f}';
        if written.chars().all(own) {
            return written.to_owned();
        }
        let latin = deunicode::deunicode(written);
        let kept: String = latin
            .chars()
            .filter(|&c| c.is_ascii_alphabetic() || c == ' ')
            .collect();
        match kept.trim() {
            "" => self.phrase("unknown letter").to_owned(),
            kept if kept.len() == 1 => kept.to_uppercase(),
            kept => kept.to_lowercase(),
        }
    }
}

/// Steps over letters, with apostrophes and unseen characters between them.
fn take(cursor: &mut Cursor<'_>) {
    for _ in 0..LONGEST {
        cursor.take(LONGEST, |c| (is_letter(c) && !is_wide(c)) || is_accent(c));
        let mut ahead = *cursor;
        let inner = ahead.take(4, |c| {
            (is_invisible(c) && !c.is_control()) || matches!(c, '\'' | '’' | '＇')
        });
        if inner.is_empty() || !ahead.peek().is_some_and(|c| is_letter(c) && !is_wide(c)) {
            break;
        }
        *cursor = ahead;
    }
}

/// Without unseen characters, with accents in their letters and straight apostrophes.
fn compose(text: &str) -> String {
    let mut composed = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '’' | '＇' => composed.push('\''),
            c if is_accent(c) => {
                let joined = composed
                    .chars()
                    .next_back()
                    .and_then(|last| accented(last, c));
                if let Some(joined) = joined {
                    composed.pop();
                    composed.push(joined);
                }
            }
            c if is_invisible(c) => {}
            c => composed.push(c),
        }
    }
    composed
}

/// The letters of these languages that may come in two characters.
fn accented(letter: char, accent: char) -> Option<char> {
    const ROWS: [(char, &str, &str); 6] = [
        ('\u{301}', "aeiouAEIOU", "áéíóúÁÉÍÓÚ"),
        ('\u{300}', "aeiouAEIOU", "àèìòùÀÈÌÒÙ"),
        ('\u{302}', "aeoAEO", "âêôÂÊÔ"),
        ('\u{303}', "anoANO", "ãñõÃÑÕ"),
        ('\u{308}', "uU", "üÜ"),
        ('\u{327}', "cC", "çÇ"),
    ];
    let (_, plain, joined) = ROWS.iter().find(|(mark, ..)| *mark == accent)?;
    let at = plain.chars().position(|c| c == letter)?;
    joined.chars().nth(at)
}

fn is_letter(c: char) -> bool {
    c.is_alphabetic() && !c.is_numeric()
}

/// Letters of scripts without spaces go one by one, lest a text become a word.
fn is_wide(c: char) -> bool {
    c >= '\u{2e80}'
}
