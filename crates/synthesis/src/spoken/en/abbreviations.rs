//! Abbreviations with a full stop, and initials.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::super::cursor::Cursor;
use super::super::reader::Reader;
use super::super::tables;

static TABLE: LazyLock<HashMap<&str, Vec<(&str, &str)>>> = LazyLock::new(|| {
    let mut table: HashMap<&str, Vec<(&str, &str)>> = HashMap::new();
    for row in tables::rows(include_str!("../../../data/spoken/en/abbreviations.tsv")) {
        if let [written, said, when] = row[..] {
            table.entry(written).or_default().push((said, when));
        }
    }
    table
});

static STARTERS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| tables::words(include_str!("../../../data/spoken/en/starters.txt")).collect());

/// Abbreviations that are also written without their stop.
const WITHOUT_STOP: [&str; 12] = [
    "Mr", "Mrs", "Ms", "Dr", "St", "Prof", "Jr", "Sr", "Mt", "etc", "vs", "Blvd",
];

/// Reads an abbreviation.
pub fn read(reader: &mut Reader<'_>) -> bool {
    let start = reader.cursor();
    if !start.word_begins() {
        return false;
    }
    // `e`, `e.g`: all the ways to end it, longest first.
    let mut ends = Vec::new();
    let mut cursor = start;
    while ends.len() < 6 {
        let letters = cursor.letters();
        if letters.is_empty() || !cursor.word_ends() {
            break;
        }
        ends.push(cursor);
        if !cursor.eat('.') {
            break;
        }
    }
    for end in ends.iter().rev() {
        let written = &reader.text[start.at..end.at];
        let stop = end.peek() == Some('.');
        if !stop && !written.contains('.') && !WITHOUT_STOP.contains(&written) {
            continue;
        }
        if let Some(rows) = TABLE.get(written.to_ascii_lowercase().as_str())
            && let Some((said, when)) = rows.iter().find(|(_, when)| fits(reader, *end, when))
        {
            return finish(reader, *end, said, when);
        }
    }
    match ends.last() {
        Some(end) => initials(reader, *end),
        None => false,
    }
}

/// The text behind the stop and the spaces.
fn behind(mut end: Cursor<'_>) -> Cursor<'_> {
    end.eat('.');
    end.blanks();
    end
}

fn fits(reader: &Reader<'_>, end: Cursor<'_>, when: &str) -> bool {
    let next = behind(end).peek();
    let capital = next.is_some_and(char::is_uppercase);
    match when {
        "title" => capital,
        "number" => next.is_some_and(|c| c.is_ascii_digit()),
        "inner" => next.is_some_and(|c| c.is_lowercase() || c.is_ascii_digit()),
        "after" => {
            let last = reader.tokens.last().filter(|token| !token.is_mark);
            let named = last.is_some() && reader.last_written().starts_with(char::is_uppercase);
            let house = || {
                let recent = reader.tokens.iter().rev().take(8);
                recent
                    .map(|token| &reader.text[token.source.clone()])
                    .any(|written| written.starts_with(|c: char| c.is_ascii_digit()))
            };
            named && (!capital || house())
        }
        _ => true,
    }
}

/// Speaks it, and leaves the stop to be a mark where a sentence ends too.
fn finish(reader: &mut Reader<'_>, end: Cursor<'_>, said: &str, when: &str) -> bool {
    let next = behind(end);
    let last = next
        .peek()
        .is_none_or(|c| matches!(c, '\n' | '\r' | '"' | '”' | ')'));
    let ends = match when {
        "title" | "number" | "inner" => false,
        "name" => next.peek().is_none(),
        "end" => last || next.peek().is_some_and(char::is_uppercase),
        _ => last || starts_sentence(next),
    };
    let until = end.at + usize::from(end.peek() == Some('.') && !ends);
    reader.say(said, until)
}

/// Whether a word that begins sentences comes next.
fn starts_sentence(mut next: Cursor<'_>) -> bool {
    STARTERS.contains(next.letters())
}

/// `U.S.A.`, `J. R. R. Tolkien`: letters with stops.
fn initials(reader: &mut Reader<'_>, end: Cursor<'_>) -> bool {
    let written = &reader.text[reader.at..end.at];
    let stop = end.peek() == Some('.');
    let letters = written.split('.').all(|part| part.len() == 1);
    let capitals = written.starts_with(|c: char| c.is_ascii_uppercase());
    if !letters || !(written.contains('.') || stop && capitals) {
        return false;
    }
    let next = behind(end);
    let more = next.peek().is_some_and(|c| c.is_uppercase()) && !starts_sentence(next);
    let small = next.peek().is_some_and(|c| c.is_lowercase() || c == ',');
    let single = written.len() == 1;
    if single && !more {
        return false;
    }
    let until = end.at + usize::from(stop && (more || small));
    let said = written.to_ascii_uppercase().replace('.', " ");
    reader.say(&said, until)
}
