//! Addresses, handles and hashtags: their points and dashes are said.

use super::super::reader::Reader;
use super::Romance;

/// Longest address taken for one, in characters.
const LONGEST: usize = 300;

impl Romance {
    /// Reads what is made for machines, up to the next space.
    pub(super) fn address(&self, reader: &mut Reader<'_>) -> bool {
        let mut cursor = reader.cursor();
        let apart = cursor
            .before()
            .is_none_or(|c| c.is_whitespace() || "([{<\"“‘«:=,;".contains(c));
        let may = |c: char| c.is_alphanumeric() || matches!(c, '@' | '#');
        if !apart || !cursor.peek().is_some_and(may) {
            return false;
        }
        let start = cursor.at;
        cursor.take(LONGEST, |c| !c.is_whitespace() && !"<>[]\"“”«»".contains(c));
        let whole = &reader.text[start..cursor.at];
        let whole = whole.trim_end_matches(|c: char| ".,;:!?)]}'’*`…".contains(c));
        let until = start + whole.len();
        if let Some(name) = whole.strip_prefix(['#', '@']) {
            let letters = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
            let is_name = name.starts_with(char::is_alphabetic) && name.chars().all(letters);
            if !is_name || name.len() < 2 {
                return false;
            }
            let lead = if whole.starts_with('#') {
                "hashtag"
            } else {
                "@"
            };
            reader.say(self.phrase(lead), start + 1);
            return self.spell(reader, start + 1, until);
        }
        let scheme = ["https://", "http://", "mailto:", "HTTPS://", "HTTP://"]
            .iter()
            .find(|scheme| whole.starts_with(*scheme) && whole.len() > scheme.len());
        if let Some(scheme) = scheme {
            return self.spell(reader, start + scheme.len(), until);
        }
        (is_email(whole) || self.is_domain(whole)) && self.spell(reader, start, until)
    }

    fn is_domain(&self, whole: &str) -> bool {
        let end = whole.find(['/', ':', '?']).unwrap_or(whole.len());
        let host = &whole[..end];
        let Some((lead, last)) = host.rsplit_once('.') else {
            return false;
        };
        let known =
            lead.starts_with("www.") || self.phrase("domains").split(' ').any(|d| d == last);
        known
            && lead.len() > 1
            && lead.starts_with(char::is_alphanumeric)
            && lead.chars().any(char::is_alphabetic)
            && !lead.contains("..")
            && lead
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'))
    }

    /// Says runs of letters and figures and the signs between them, each with its place; the first
    /// also has what stands before it unsaid.
    fn spell(&self, reader: &mut Reader<'_>, from: usize, until: usize) -> bool {
        let mut start = reader.at;
        let text = reader.text;
        let said = reader.tokens.len();
        let mut borders = Vec::new();
        let mut last: Option<char> = None;
        for (at, c) in text[from..until].char_indices() {
            let joins = last.is_some_and(|last| {
                let both = last.is_alphabetic() && c.is_alphabetic();
                let camel = last.is_lowercase() && c.is_uppercase();
                (both && !camel) || (last.is_ascii_digit() && c.is_ascii_digit())
            });
            if !joins {
                borders.push(from + at);
            }
            last = Some(c);
        }
        borders.push(until);
        for pair in borders.windows(2) {
            let piece = &text[pair[0]..pair[1]];
            let is_last = pair[1] == until && piece == "/";
            let words = if is_last {
                String::new()
            } else {
                self.piece(piece)
            };
            reader.say_at(&words, start..pair[1]);
            if reader.tokens.len() > said {
                start = pair[1];
            }
        }
        let any = reader.tokens.len() > said;
        if any {
            reader.at = until;
        }
        any
    }

    fn piece(&self, piece: &str) -> String {
        let mut chars = piece.chars();
        let Some(first) = chars.next() else {
            return String::new();
        };
        if first.is_ascii_digit() {
            return self.cardinal(piece);
        }
        if first.is_alphabetic() {
            let small = piece.to_lowercase();
            let domain = self
                .phrase("domains")
                .split(' ')
                .any(|domain| domain == small);
            if domain && small.len() > 1 && small.contains(['a', 'e', 'i', 'o']) {
                return small;
            }
            return match self.capitals(&piece.to_uppercase()) {
                Some(spelled) if piece.len() < 4 && !self.is_sayable(&small) => spelled,
                _ if small.chars().count() == 1 => piece.to_uppercase(),
                _ => self.latin(&small),
            };
        }
        if first.is_alphanumeric() {
            let latin = deunicode::deunicode(piece);
            let digits: String = latin.chars().filter(char::is_ascii_digit).collect();
            return if digits.is_empty() {
                self.latin(piece)
            } else {
                self.cardinal(&digits)
            };
        }
        let named = self.phrases.get(piece).copied();
        named
            .or_else(|| self.symbols.get(&first).copied())
            .unwrap_or("")
            .to_owned()
    }
}

fn is_email(whole: &str) -> bool {
    let Some((user, host)) = whole.split_once('@') else {
        return false;
    };
    let fits = |part: &str, more: &str| {
        let letters = |c: char| c.is_alphanumeric() || more.contains(c);
        !part.is_empty() && part.chars().all(letters)
    };
    fits(user, "._%+-") && fits(host, ".-") && host.contains('.')
}
