//! Addresses, handles, hashtags, paths, file and code names: their points and dashes are said.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::super::reader::Reader;
use super::super::tables;
use super::{numbers, words};

static DOMAINS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| tables::words(include_str!("../../../data/spoken/en/domains.txt")).collect());
static EXTENSIONS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    tables::words(include_str!("../../../data/spoken/en/extensions.txt")).collect()
});

/// Longest address taken for one, in characters.
const LONGEST: usize = 2000;

/// Reads what is made for machines, up to the next space.
pub fn read(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    let begins = cursor
        .before()
        .is_none_or(|c| c.is_whitespace() || "([{<\"'“‘«:=,;>".contains(c));
    if !begins
        || !cursor
            .peek()
            .is_some_and(|c| c.is_alphanumeric() || "@#/~.\\".contains(c))
    {
        return false;
    }
    let start = cursor.at;
    // Within a word many places may begin one: looking less far keeps the time in proportion.
    let apart = cursor.before().is_none_or(char::is_whitespace);
    cursor.take(if apart { LONGEST } else { LONGEST / 10 }, |c| {
        !c.is_whitespace() && !"<>[]\"“”«»".contains(c)
    });
    let whole = &reader.text[start..cursor.at];
    let whole = whole.trim_end_matches(|c: char| ".,;:!?)]}'’*`…".contains(c));
    let until = start + whole.len();
    if let Some(tag) = whole.strip_prefix('#') {
        return hashtag(reader, tag);
    }
    if let Some(handle) = whole.strip_prefix('@') {
        let name = handle.len() > 1
            && handle
                .chars()
                .all(|c| c.is_alphanumeric() || "_.-@".contains(c));
        return name && spell(reader, start, until);
    }
    let from = start + scheme(whole);
    if from > start {
        return spell(reader, from, until);
    }
    let is =
        is_email(whole) || is_domain(whole) || is_path(whole) || is_file(whole) || is_snake(whole);
    is && spell(reader, start, until)
}

/// Length of the scheme that is not said.
fn scheme(whole: &str) -> usize {
    [
        "https://", "http://", "mailto:", "tel:", "HTTPS://", "HTTP://",
    ]
    .iter()
    .find(|scheme| whole.starts_with(*scheme) && whole.len() > scheme.len())
    .map_or(0, |scheme| scheme.len())
}

fn is_email(whole: &str) -> bool {
    let Some((user, host)) = whole.split_once('@') else {
        return false;
    };
    let fits = |part: &str, more: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_alphanumeric() || more.contains(c))
    };
    fits(user, "._%+-") && fits(host, ".-") && host.contains('.')
}

fn is_domain(whole: &str) -> bool {
    let end = whole.find(['/', ':', '?']).unwrap_or(whole.len());
    let (host, path) = whole.split_at(end);
    let Some((lead, last)) = host.rsplit_once('.') else {
        return path.starts_with("://") && host.chars().all(|c| c.is_ascii_alphabetic());
    };
    let known = lead.starts_with("www.") || DOMAINS.contains(last);
    let host_like = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    known
        && !lead.is_empty()
        && lead.chars().all(host_like)
        && !lead.contains("..")
        && lead.chars().any(char::is_alphabetic)
        && (lead.len() > 1 || !path.is_empty())
}

fn is_path(whole: &str) -> bool {
    let rooted = ["/", "./", "../", "~/"]
        .iter()
        .find_map(|lead| whole.strip_prefix(lead))
        .is_some_and(|rest| rest.starts_with(char::is_alphanumeric) || rest.starts_with('.'));
    let drive = whole.len() > 3 && whole.get(1..).is_some_and(|rest| rest.starts_with(":\\"));
    let inside =
        whole.contains(['/', '\\']) && whole.rsplit(['/', '\\']).next().is_some_and(is_file);
    (rooted
        && whole
            .chars()
            .all(|c| c.is_alphanumeric() || "/._-~+".contains(c)))
        || drive
        || inside
}

fn is_file(whole: &str) -> bool {
    whole.rsplit_once('.').is_some_and(|(lead, last)| {
        let like = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '(' | ')');
        let lower = last.to_ascii_lowercase();
        EXTENSIONS.contains(lower.as_str())
            && (last == lower || last == last.to_ascii_uppercase())
            && lead.chars().all(like)
            && (lead.chars().any(char::is_alphabetic) || last.len() > 2)
            && !(lead.is_empty() && last.len() < 2)
            && !(lead.starts_with(char::is_uppercase) && lead.len() == 1)
    })
}

fn is_snake(whole: &str) -> bool {
    let trimmed = whole.trim_matches(['_', '*', '(', ')']);
    trimmed.contains('_')
        && whole.starts_with(char::is_alphanumeric)
        && whole
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'))
}

/// `#MachineLearning2024`: its words.
fn hashtag(reader: &mut Reader<'_>, tag: &str) -> bool {
    let len = tag
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(tag.len());
    let tag = &tag[..len];
    if tag.chars().filter(|c| c.is_alphabetic()).count() < 2 {
        return false;
    }
    let start = reader.at;
    reader.say("hashtag", start + 1);
    spell(reader, start + 1, start + 1 + len);
    true
}

/// Says runs of letters and figures and the signs between them, each with its place; the first also
/// has what stands before it unsaid. Whether there was anything to say.
fn spell(reader: &mut Reader<'_>, from: usize, until: usize) -> bool {
    let mut start = reader.at;
    let said = reader.tokens.len();
    let (text, hashtag) = (reader.text, reader.text[..from].ends_with('#'));
    let mut pieces = Vec::new();
    let mut last: Option<char> = None;
    for (at, c) in text[from..until].char_indices() {
        let joins = last.is_some_and(|last| {
            let both = last.is_alphabetic() && c.is_alphabetic();
            let camel = last.is_lowercase() && c.is_uppercase();
            (both && !camel) || (last.is_ascii_digit() && c.is_ascii_digit())
        });
        if !joins {
            pieces.push(from + at);
        }
        last = Some(c);
    }
    pieces.push(until);
    for pair in pieces.windows(2) {
        let piece = &text[pair[0]..pair[1]];
        let trailing = pair[1] == until && piece == "/";
        let words = if trailing || (hashtag && piece == "_") {
            String::new()
        } else {
            piece_words(piece)
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

fn piece_words(piece: &str) -> String {
    let sign = match piece {
        "." => "dot",
        "/" => "slash",
        "-" => "dash",
        "_" => "underscore",
        "@" => "at",
        ":" => "colon",
        "?" => "question mark",
        "=" => "equals",
        "&" => "and",
        "#" => "hash",
        "%" => "percent",
        "+" => "plus",
        "~" => "tilde",
        "\\" => "backslash",
        "," => "comma",
        ";" => "semicolon",
        "!" => "exclamation mark",
        "$" => "dollar",
        "*" => "star",
        "(" | ")" | "[" | "]" | "{" | "}" | "'" | "|" => "",
        _ => return part(piece),
    };
    sign.to_owned()
}

/// A run of letters or figures.
fn part(piece: &str) -> String {
    if piece.bytes().all(|b| b.is_ascii_digit()) {
        return numbers::name(piece);
    }
    let lower = piece.to_lowercase();
    let upper = piece.to_uppercase();
    if !piece.is_ascii() {
        return other_script(piece);
    }
    if piece.len() == 1 {
        return upper;
    }
    let shown = piece.len() < 6 && !words::is_short_word(&lower) && lower != "com";
    let spelled = piece.len() < 3 || !words::pronounceable(&lower);
    let listed = matches!(
        lower.as_str(),
        "html" | "http" | "https" | "api" | "json" | "url" | "faq" | "yaml" | "usa"
    );
    if shown && (spelled || listed) {
        return words::capitals(&upper, false, false).unwrap_or(lower);
    }
    lower
}

/// Letters, figures and signs of other scripts.
fn other_script(piece: &str) -> String {
    let latin = deunicode::deunicode(piece);
    let only = |wanted: fn(&char) -> bool| latin.chars().filter(wanted).collect::<String>();
    let letters = only(|c| c.is_ascii_alphabetic() || *c == ' ');
    let digits = only(char::is_ascii_digit);
    if !letters.trim().is_empty() {
        letters.to_lowercase()
    } else if !digits.is_empty() {
        numbers::cardinal(&digits)
    } else if piece.contains(char::is_alphanumeric) {
        "unknown letter".to_owned()
    } else {
        String::new()
    }
}
