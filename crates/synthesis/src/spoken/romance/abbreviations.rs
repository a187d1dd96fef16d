//! Abbreviations with a full stop or a stroke, and initials.

use super::super::cursor::Cursor;
use super::super::reader::Reader;
use super::Romance;

impl Romance {
    /// `Sr.`, `EE. UU.`, `p. ej.`: as listed, with stops and single spaces.
    pub(super) fn abbreviation(&self, reader: &mut Reader<'_>) -> bool {
        let start = reader.cursor();
        if !start.word_begins() {
            return false;
        }
        // `c/`, `s/n`.
        let mut slashed = start;
        let written = slashed.take(4, |c| c.is_ascii_alphabetic() || c == '/');
        let listed = self.abbreviations.get(written.to_lowercase().as_str());
        if let Some((said, _)) = listed.filter(|_| written.contains('/') && slashed.word_ends()) {
            return reader.say(said, slashed.at);
        }
        let mut found = None;
        let mut end = start;
        for _ in 0..4 {
            let word = end.take(12, |c| c.is_alphabetic() || matches!(c, 'º' | 'ª'));
            if word.is_empty() || !end.word_ends() {
                break;
            }
            let bare = &reader.text[start.at..end.at];
            if let Some((said, when)) = self.abbreviations.get(bare.to_lowercase().as_str())
                && *when == "bare"
            {
                found = Some((*said, *when, end));
            }
            if !end.eat('.') {
                break;
            }
            end.take(1, |c| matches!(c, 'º' | 'ª' | 'o' | 'a') && c > '\u{7f}');
            let written = reader.text[start.at..end.at].to_lowercase();
            if let Some((said, when)) = self.abbreviations.get(written.as_str()) {
                found = Some((*said, *when, end));
            }
            end.take(1, |c| matches!(c, ' ' | '\u{a0}' | '\u{202f}'));
        }
        let Some((said, when, end)) = found else {
            return self.initials(reader);
        };
        let mut next = end;
        next.blanks();
        let follows = next.peek();
        let fits = match when {
            "title" => follows.is_some_and(|c| c.is_uppercase() || c == '"'),
            "number" => follows.is_some_and(|c| c.is_ascii_digit()),
            _ => true,
        };
        if !fits {
            return false;
        }
        // The stop is also the sentence's at the end, or before a capital behind `etc.`
        let stop = reader.text[..end.at].ends_with('.');
        let last = follows.is_none_or(|c| c == '\n')
            || (when == "end" && follows.is_some_and(char::is_uppercase));
        let until = end.at - usize::from(stop && last);
        reader.say(said, until)
    }

    /// `J. R. R. Tolkien`, `U.S.A.`: letters with stops.
    fn initials(&self, reader: &mut Reader<'_>) -> bool {
        let mut cursor = reader.cursor();
        let mut letters = String::new();
        let mut until = cursor;
        while letters.len() < 24 {
            let Some(letter) = cursor.eat_if(char::is_uppercase) else {
                break;
            };
            if !cursor.eat('.') {
                break;
            }
            letters.push(letter);
            letters.push(' ');
            until = cursor;
            cursor.take(1, |c| c == ' ');
        }
        let mut next = until;
        let gap = next.blanks();
        let follows = next.peek();
        let name = follows.is_some_and(char::is_uppercase) && gap > 0;
        let several = letters.chars().filter(|c| *c != ' ').count() > 1;
        if letters.is_empty() || !(several || (name && self.is_name(next))) {
            return false;
        }
        let ends = follows.is_none_or(|c| c == '\n') || (several && name && !self.is_name(next));
        reader.say(&letters, until.at - usize::from(ends))
    }

    /// Whether a capital begins a name and no sentence, as far as small words tell.
    fn is_name(&self, mut next: Cursor<'_>) -> bool {
        let word = next.take(24, char::is_alphabetic).to_lowercase();
        !self.shouted.contains(word.as_str())
    }
}
