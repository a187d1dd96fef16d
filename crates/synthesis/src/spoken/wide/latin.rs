//! Words in Latin letters among characters, and words of scripts that the language does not have.

use super::{is_han, is_latin, narrow};
use crate::spoken::cursor::{is_accent, is_invisible};
use crate::spoken::en;
use crate::spoken::reader::Reader;

/// Longest run of letters taken for one word.
const LONGEST: usize = 64;

/// A word in Latin letters: as it is, or letter by letter where it is in capitals that spell.
pub fn word(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    let inner = |c| is_latin(c) || is_accent(c) || is_invisible(c);
    if !cursor.peek().is_some_and(is_latin) {
        return false;
    }
    cursor.take(LONGEST, inner);
    // `don't`: an apostrophe with letters on both sides.
    let mut ahead = cursor;
    if ahead.eat_if(|c| matches!(c, '\'' | '’' | '＇')).is_some()
        && !ahead.take(LONGEST, inner).is_empty()
    {
        cursor = ahead;
    }
    let said = said(&reader.text[reader.at..cursor.at]);
    reader.say(&said, cursor.at)
}

/// What is said for a word in Latin letters.
pub fn said(written: &str) -> String {
    let word: String = written
        .chars()
        .filter(|&c| !is_invisible(c) && !is_accent(c))
        .map(|c| {
            if matches!(c, '’' | '＇') {
                '\''
            } else {
                narrow(c)
            }
        })
        .collect();
    let count = word.chars().count();
    let capitals = word.chars().all(char::is_uppercase);
    if count == 1 {
        return word.to_uppercase();
    }
    // Among characters nothing is in capitals for loudness.
    if count < 4 && capitals {
        return spelled(&word);
    }
    en::capitals(&word, false, false).unwrap_or(word)
}

/// Letter by letter.
pub fn spelled(word: &str) -> String {
    let letters: Vec<String> = word.chars().map(|c| c.to_uppercase().collect()).collect();
    letters.join(" ")
}

/// Words of other scripts in Latin letters; `else_said` where nobody knows any.
pub fn other(reader: &mut Reader<'_>, is_own: impl Fn(char) -> bool, else_said: &str) -> bool {
    let mut cursor = reader.cursor();
    let foreign = |c: char| c.is_alphabetic() && !is_latin(c) && !is_han(c) && !is_own(c);
    if !cursor.peek().is_some_and(foreign) {
        return false;
    }
    cursor.take(LONGEST, |c| foreign(c) || is_accent(c) || is_invisible(c));
    let latin = deunicode::deunicode(&reader.text[reader.at..cursor.at]);
    let letters = latin
        .chars()
        .filter(|c| c.is_ascii_alphabetic() || *c == ' ');
    let letters: String = letters.collect::<String>().to_lowercase();
    let said = match letters.trim() {
        "" => else_said.to_owned(),
        one if one.len() == 1 => one.to_uppercase(),
        more => more.to_owned(),
    };
    reader.say(&said, cursor.at)
}
