//! Words as they are, words in capitals, single letters, Roman numerals, letters of other scripts.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::super::cursor::{Cursor, is_accent, is_invisible};
use super::super::reader::Reader;
use super::super::tables::{self, Signs};
use super::numbers;

static ACRONYMS: LazyLock<HashMap<&str, &str>> =
    LazyLock::new(|| tables::pairs(include_str!("../../../data/spoken/en/acronyms.tsv")));
static SHORT_WORDS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| tables::words(include_str!("../../../data/spoken/en/shouted.txt")).collect());
static ROMAN: LazyLock<HashMap<&str, &str>> =
    LazyLock::new(|| tables::pairs(include_str!("../../../data/spoken/en/roman.tsv")));
static SPECIAL: LazyLock<Signs<&str>> = LazyLock::new(|| {
    let rows = tables::rows(include_str!("../../../data/spoken/en/words.tsv"));
    Signs::new(rows.filter_map(|row| Some((*row.first()?, *row.get(1)?))))
});

/// Longest run of letters taken for one word.
const LONGEST: usize = 64;

/// `C++`, `AT&T`, `w/o`: written forms with a reading of their own.
pub fn special(reader: &mut Reader<'_>) -> bool {
    let cursor = reader.cursor();
    if !cursor.word_begins() {
        return false;
    }
    for (written, said) in SPECIAL.at(cursor.rest()) {
        let mut end = cursor;
        end.eat_str(written);
        let joined = match written.chars().next_back() {
            Some('/') => false,
            _ => !end.word_ends() || matches!(end.peek(), Some('+' | '#')),
        };
        if !joined {
            return reader.say(said, end.at);
        }
    }
    false
}

/// Reads one word.
pub fn read(reader: &mut Reader<'_>, shouting: bool) -> bool {
    let mut cursor = reader.cursor();
    if !cursor.peek().is_some_and(is_letter) {
        return false;
    }
    let from = cursor.at;
    if cursor.peek().is_some_and(is_han) {
        cursor.bump();
        return other_script(reader, cursor);
    }
    take(&mut cursor);
    let written: String = reader.text[from..cursor.at]
        .chars()
        .filter(|&c| !is_invisible(c) && !is_accent(c))
        .map(|c| match c {
            '’' | '＇' => '\'',
            'ª' => 'a',
            'º' => 'o',
            c => c,
        })
        .collect();
    if !written.chars().all(|c| c <= '\u{24f}' || c == 'ẞ') {
        return other_script(reader, cursor);
    }
    let stem = written
        .strip_suffix("'s")
        .or(written.strip_suffix("'S"))
        .unwrap_or(&written);
    if stem.chars().count() == 1 && !is_roman_alone(reader, stem) {
        return letter(reader, cursor, stem, stem.len() < written.len());
    }
    if let Some(words) = roman(reader, cursor, stem) {
        let tail = &written[stem.len()..];
        return reader.say(&format!("{words}{tail}"), cursor.at);
    }
    if let Some(words) = capitals(stem, stem.len() < written.len(), shouting) {
        return reader.say(&words, cursor.at);
    }
    reader.say(
        if shouting {
            written.to_lowercase()
        } else {
            written
        }
        .as_str(),
        cursor.at,
    )
}

/// Steps over letters, with apostrophes and unseen characters between them.
fn take(cursor: &mut Cursor<'_>) {
    for _ in 0..LONGEST {
        cursor.take(LONGEST, |c| (is_letter(c) && !is_han(c)) || is_accent(c));
        let mut ahead = *cursor;
        let inner = ahead.take(4, |c| {
            (is_invisible(c) && !c.is_control()) || matches!(c, '\'' | '’' | '＇')
        });
        if inner.is_empty() || !ahead.peek().is_some_and(|c| is_letter(c) && !is_han(c)) {
            break;
        }
        *cursor = ahead;
    }
}

fn is_letter(c: char) -> bool {
    c.is_alphabetic() && !c.is_numeric()
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{2fdf}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

/// Letters of other scripts in Latin ones, as far as a table without rules of reading goes.
fn other_script(reader: &mut Reader<'_>, cursor: Cursor<'_>) -> bool {
    let latin = deunicode::deunicode(&reader.text[reader.at..cursor.at]);
    let kept: String = latin
        .chars()
        .filter(|&c| c.is_ascii_alphabetic() || c == ' ')
        .collect();
    match kept.trim() {
        "" => reader.say("unknown letter", cursor.at),
        kept if kept.len() == 1 => reader.say(&kept.to_uppercase(), cursor.at),
        kept => match capitals(kept, false, false) {
            Some(words) if kept.len() < 6 && !kept.contains(' ') => reader.say(&words, cursor.at),
            _ => reader.say(&kept.to_lowercase(), cursor.at),
        },
    }
}

/// A letter standing alone: the article, the pronoun or the letter's name.
fn letter(reader: &mut Reader<'_>, cursor: Cursor<'_>, stem: &str, possessive: bool) -> bool {
    let begins = cursor_before(reader).is_none_or(|c| !c.is_alphanumeric() && c != '-');
    let quoted = matches!(cursor_before(reader), Some('\'' | '’' | '‘'));
    if quoted && stem.eq_ignore_ascii_case("n") {
        return reader.say("and", cursor.at);
    }
    // The end of `4's`, whose figure was read as a word of its own.
    let behind_figure = cursor_before(reader).is_some_and(|c| c.is_ascii_digit());
    if (quoted || behind_figure)
        && stem == "s"
        && reader
            .tokens
            .last()
            .is_some_and(|last| !last.is_mark && last.source.end + 4 > reader.at)
    {
        let at = cursor.at;
        if let Some(last) = reader.tokens.last_mut() {
            last.text.push_str("'s");
            last.source.end = at;
        }
        return reader.skip(at);
    }
    let spaced = cursor.peek().is_some_and(char::is_whitespace);
    let mut next = cursor;
    next.blanks();
    // `A is better`: the letter is what is spoken of.
    let mut verb = next;
    let named = matches!(verb.letters(), "is" | "was" | "and" | "or");
    let article = begins
        && !named
        && spaced
        && !possessive
        && next.peek().is_some_and(char::is_alphabetic)
        && (stem == "a" || (stem == "A" && reader.begins_sentence()));
    let said = if article {
        "a".to_owned()
    } else {
        stem.to_uppercase()
    };
    reader.say(
        &if possessive {
            format!("{said}'s")
        } else {
            said
        },
        cursor.at,
    )
}

fn cursor_before(reader: &Reader<'_>) -> Option<char> {
    reader.cursor().before()
}

/// `Henry V`, `Act I`: one letter behind a word that has numbers.
fn is_roman_alone(reader: &Reader<'_>, stem: &str) -> bool {
    let ruler = ROMAN.get(reader.last_written());
    match stem {
        "V" | "X" => ruler.is_some(),
        "I" => ruler.is_some() && !reader.tokens.last().is_some_and(|last| last.is_mark),
        _ => false,
    }
}

/// A Roman numeral where it surely is one.
fn roman(reader: &Reader<'_>, cursor: Cursor<'_>, stem: &str) -> Option<String> {
    if stem.len() > 8
        || !stem.bytes().all(|b| b"IVXLCDM".contains(&b))
        || !reader.cursor().word_begins()
    {
        return None;
    }
    let value = numbers::roman(stem)?;
    let cardinal = numbers::cardinal(&value.to_string());
    let before = reader.tokens.last().filter(|token| !token.is_mark);
    let written = before.map_or("", |_| reader.last_written());
    match ROMAN.get(written) {
        Some(&"ordinal") if value < 60 => Some(format!("the {}", numbers::ordinal(&cardinal))),
        Some(_) => Some(cardinal),
        // No word has these, and few names.
        None if (stem.contains("II") || stem.contains("XX") || stem.contains("XV"))
            && value < 60 =>
        {
            let name = written.starts_with(char::is_uppercase) && written.len() > 3;
            let surname = name && reader.tokens.len() > 1 && value < 6 && {
                let first = &reader.tokens[reader.tokens.len() - 2];
                !first.is_mark
                    && first.source.end + 1 == before?.source.start
                    && reader.text[first.source.clone()].starts_with(char::is_uppercase)
                    && cursor.peek().is_none_or(|c| c != '-')
            };
            let known_war = written == "World";
            Some(if surname && !known_war {
                format!("the {}", numbers::ordinal(&cardinal))
            } else {
                cardinal
            })
        }
        None => None,
    }
}

/// A word in capitals (or with a small plural `s`): what is said, or none where it is ordinary.
pub fn capitals(stem: &str, possessive: bool, shouting: bool) -> Option<String> {
    let small_s = stem.len() > 2 && stem.ends_with('s');
    let (core, plural) = match stem.strip_suffix('s') {
        Some(core) if small_s && core.len() > 1 => (core, true),
        _ => (stem, false),
    };
    if core.len() < 2 || !core.chars().all(char::is_uppercase) {
        return None;
    }
    let tail = if plural || possessive { "'s" } else { "" };
    let spelled = || {
        let letters: Vec<String> = core.chars().map(String::from).collect();
        format!("{}{tail}", letters.join(" "))
    };
    match ACRONYMS.get(core) {
        Some(&"word") => return Some(format!("{}{}", core.to_lowercase(), tail)),
        Some(&"spell") => return Some(spelled()),
        Some(said) => return Some(format!("{said}{tail}")),
        None => {}
    }
    let lower = core.to_lowercase();
    let is_word = shouting
        || SHORT_WORDS.contains(lower.as_str())
        || (core.len() > 3 && pronounceable(&lower));
    Some(if is_word {
        format!("{lower}{tail}")
    } else {
        spelled()
    })
}

/// Whether letters look like an English word: vowels, and no start or run that English lacks.
pub fn pronounceable(lower: &str) -> bool {
    let vowel = |c: char| "aeiouyàáâäèéêëìíîïòóôöùúûü".contains(c);
    let start: String = lower.chars().take_while(|&c| !vowel(c)).collect();
    let longest = lower.split(vowel).map(str::len).max().unwrap_or(0);
    let starts = start.len() < 2
        || [
            "bl", "br", "ch", "cl", "cr", "dr", "dw", "fl", "fr", "gh", "gl", "gn", "gr", "kn",
            "kl", "kr", "ph", "pl", "pr", "ps", "qu", "rh", "sc", "sch", "scr", "sh", "shr", "sk",
            "sl", "sm", "sn", "sp", "spl", "spr", "sq", "st", "str", "sw", "th", "thr", "tr", "ts",
            "tw", "wh", "wr",
        ]
        .contains(&start.as_str());
    let vowels = lower.chars().any(vowel);
    vowels && starts && longest < 5
}

/// Whether a sentence is written in capitals: most words, one of them a common one.
pub fn is_shouted(sentence: &str) -> bool {
    let (mut words, mut capital, mut common) = (0, 0, 0);
    for word in sentence
        .split(|c: char| !c.is_alphabetic() && c != '\'')
        .filter(|w| w.len() > 1)
    {
        words += 1;
        if word.chars().all(|c| c.is_uppercase() || c == '\'') {
            capital += 1;
            common += usize::from(SHORT_WORDS.contains(word.to_lowercase().as_str()));
        }
    }
    capital > 2 && common > 0 && 10 * capital >= 8 * words
}

/// Whether a short word is one that may be said as it is.
pub fn is_short_word(lower: &str) -> bool {
    SHORT_WORDS.contains(lower)
}
