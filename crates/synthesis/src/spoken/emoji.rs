//! Emoji by their names: sequences, flags and keycaps as one, skin tones left out, repeats said once.

use super::cursor::Cursor;
use super::reader::{Reader, Rules};

/// Longest sequence in Unicode's list, in characters without selectors and tones.
const LONGEST: usize = 10;

/// Reads one emoji and its repetitions.
pub(super) fn read(reader: &mut Reader<'_>, rules: &dyn Rules) -> bool {
    let mut cursor = reader.cursor();
    let Some((key, name)) = one(&mut cursor, rules) else {
        return false;
    };
    loop {
        let mut ahead = cursor;
        ahead.take(8, |c| c == ' ');
        match one(&mut ahead, rules) {
            Some((again, _)) if again == key => cursor = ahead,
            _ => break,
        }
    }
    reader.say(&name.replace('-', " "), cursor.at)
}

/// The longest emoji at a place.
fn one(cursor: &mut Cursor<'_>, rules: &dyn Rules) -> Option<(String, &'static str)> {
    let first = cursor.peek()?;
    let mut ahead = *cursor;
    if first.is_ascii() {
        // Only keycaps begin with ASCII: a digit, perhaps a selector, and the cap.
        ahead.bump();
        ahead.eat('\u{fe0f}');
        if ahead.peek() != Some('\u{20e3}') {
            return None;
        }
        ahead = *cursor;
    } else if first.is_alphabetic() && !('\u{1f100}'..='\u{1f1ff}').contains(&first) {
        return None;
    }
    let mut key = String::new();
    let mut best = None;
    for _ in 0..LONGEST {
        let Some(c) = ahead.bump() else { break };
        key.push(c);
        ahead.take(4, |c| {
            matches!(c, '\u{fe0e}' | '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
        });
        if let Some(name) = rules.emoji(&key) {
            best = Some((key.clone(), name, ahead.at));
        }
    }
    let (key, name, end) = best?;
    cursor.at = end;
    Some((key, name))
}
