//! Addresses, handles, hashtags, files: their points and dashes are said.

use super::super::reader::Reader;
use super::{Tongue, digits};

/// Longest address taken for one, in characters.
const LONGEST: usize = 2000;

/// Ends of addresses and files that are written without anything else to know them by.
const ENDINGS: [&str; 36] = [
    "com", "org", "net", "fr", "in", "eu", "io", "ai", "de", "uk", "ch", "be", "ca", "co", "gov",
    "edu", "info", "app", "dev", "tv", "me", "pdf", "doc", "docx", "txt", "jpg", "png", "mp3",
    "mp4", "zip", "csv", "xlsx", "html", "json", "py", "rs",
];

/// Reads what is made for machines, up to the next space.
pub(super) fn read(reader: &mut Reader<'_>, tongue: &dyn Tongue) -> bool {
    let mut cursor = reader.cursor();
    let begins = cursor
        .before()
        .is_none_or(|c| c.is_whitespace() || "([{<\"'“‘«:=,;>’".contains(c));
    let first = cursor.peek().unwrap_or(' ');
    if !begins || !(first.is_ascii_alphanumeric() || first == '@' || first == '#') {
        return false;
    }
    let start = cursor.at;
    // Within a word many places may begin one: looking less far keeps the time in proportion.
    let apart = cursor.before().is_none_or(char::is_whitespace);
    let most = if apart { LONGEST } else { LONGEST / 10 };
    cursor.take(most, |c| !c.is_whitespace() && !"<>[]\"“”«»".contains(c));
    let whole = &reader.text[start..cursor.at];
    let whole = whole.trim_end_matches(|c: char| ".,;:!?)]}'’*`…।".contains(c));
    let until = start + whole.len();
    let scheme = ["https://", "http://", "mailto:", "HTTPS://", "HTTP://"]
        .iter()
        .find(|scheme| whole.starts_with(*scheme) && whole.len() > scheme.len())
        .map_or(0, |scheme| scheme.len());
    let is = scheme > 0
        || is_email(whole)
        || is_host(whole)
        || is_handle(whole)
        || (whole.contains('_')
            && whole
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
            && whole.contains(char::is_alphanumeric));
    is && spell(reader, tongue, start + scheme, until)
}

fn is_email(whole: &str) -> bool {
    let fits = |part: &str, more: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || more.contains(c))
    };
    whole
        .split_once('@')
        .is_some_and(|(user, host)| fits(user, "._%+-") && fits(host, ".-") && host.contains('.'))
}

fn is_host(whole: &str) -> bool {
    let end = whole.find(['/', ':', '?']).unwrap_or(whole.len());
    let host = &whole[..end];
    let Some((lead, last)) = host.rsplit_once('.') else {
        return false;
    };
    let small = last.to_ascii_lowercase();
    let known = lead.starts_with("www.") || ENDINGS.contains(&small.as_str());
    known
        && !last.is_empty()
        && lead.len() > 1
        && lead
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
        && !lead.contains("..")
        && lead.contains(|c: char| c.is_ascii_alphabetic())
}

/// `@name`, `#name`.
fn is_handle(whole: &str) -> bool {
    let name = whole.strip_prefix('@').or_else(|| whole.strip_prefix('#'));
    name.is_some_and(|name| {
        name.chars().filter(|c| c.is_alphabetic()).count() > 1
            && name.chars().all(|c| {
                c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '\u{900}'..='\u{963}')
            })
    })
}

/// Says runs of letters and figures and the signs between them, each with its place.
fn spell(reader: &mut Reader<'_>, tongue: &dyn Tongue, from: usize, until: usize) -> bool {
    let text = reader.text;
    let mut start = reader.at;
    let said = reader.tokens.len();
    let mut pieces = vec![from];
    let mut last: Option<char> = None;
    for (at, c) in text[from..until].char_indices() {
        let is_mark = |c: char| matches!(c, '\u{900}'..='\u{963}');
        let joins = last.is_some_and(|last| {
            let letters =
                (last.is_alphabetic() || is_mark(last)) && (c.is_alphabetic() || is_mark(c));
            let camel = last.is_lowercase() && c.is_uppercase();
            (letters && !camel) || (digits::value(last).is_some() && digits::value(c).is_some())
        });
        if !joins && at > 0 {
            pieces.push(from + at);
        }
        last = Some(c);
    }
    pieces.push(until);
    for pair in pieces.windows(2) {
        let piece = &text[pair[0]..pair[1]];
        let words = piece_words(tongue, piece);
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

fn piece_words(tongue: &dyn Tongue, piece: &str) -> String {
    let first = piece.chars().next().unwrap_or(' ');
    if digits::value(first).is_some() {
        let ascii: String = piece.chars().filter_map(digits::value).collect();
        return if ascii.len() > 4 {
            digits::one_by_one(tongue, &ascii)
        } else {
            digits::cardinal(tongue, &ascii, false)
        };
    }
    if !piece.contains(char::is_alphanumeric) {
        return tongue.tables().sign(piece).unwrap_or_default().to_owned();
    }
    super::words::in_address(tongue, piece)
}
