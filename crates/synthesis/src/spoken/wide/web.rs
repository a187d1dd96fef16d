//! Addresses: e-mail, web, file names. Letters as words, digits one by one, signs by their names.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::latin;
use crate::spoken::reader::Reader;
use crate::spoken::tables;

static DOMAINS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| tables::words(include_str!("../../../data/spoken/en/domains.txt")).collect());
static EXTENSIONS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    tables::words(include_str!("../../../data/spoken/en/extensions.txt")).collect()
});

/// Longest address taken for one, in characters.
const LONGEST: usize = 2000;

/// Reads an address. `names` has the names of signs and of digits.
pub fn read(reader: &mut Reader<'_>, names: &HashMap<&'static str, &'static str>) -> bool {
    let mut cursor = reader.cursor();
    let before = cursor.before();
    let may_begin = before.is_none_or(|c| !c.is_ascii_graphic() || "([{<\"'=:,;".contains(c));
    if !may_begin || !cursor.peek().is_some_and(|c| c.is_ascii_alphanumeric()) {
        return false;
    }
    let most = if before.is_some_and(|c| c.is_ascii_graphic()) {
        LONGEST / 10
    } else {
        LONGEST
    };
    let run = cursor.take(most, |c| c.is_ascii_graphic() && !"<>[]\"`|".contains(c));
    let whole = run.trim_end_matches(|c: char| ".,;:!?)}'*".contains(c));
    let scheme = ["https://", "http://", "mailto:", "tel:", "ftp://"]
        .iter()
        .find(|scheme| {
            whole
                .get(..scheme.len())
                .is_some_and(|lead| lead.eq_ignore_ascii_case(scheme))
        })
        .map_or(0, |scheme| scheme.len());
    let rest = &whole[scheme..];
    if rest.is_empty() || !rest.contains(char::is_alphanumeric) {
        return false;
    }
    if scheme == 0 && !is_email(rest) && !is_domain(rest) && !is_file(rest) {
        return false;
    }
    spell(reader, scheme, whole.len(), names)
}

fn is_email(whole: &str) -> bool {
    let Some((user, host)) = whole.split_once('@') else {
        return false;
    };
    let fits = |part: &str, more: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || more.contains(c))
    };
    fits(user, "._%+-") && fits(host, ".-") && host.contains('.')
}

fn is_domain(whole: &str) -> bool {
    let host = &whole[..whole.find(['/', ':', '?']).unwrap_or(whole.len())];
    let Some((lead, last)) = host.rsplit_once('.') else {
        return false;
    };
    (lead.starts_with("www.") || DOMAINS.contains(last))
        && lead.len() > 1
        && !lead.contains("..")
        && lead.contains(|c: char| c.is_ascii_alphabetic())
        && lead
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
}

fn is_file(whole: &str) -> bool {
    whole.rsplit_once('.').is_some_and(|(lead, last)| {
        EXTENSIONS.contains(last.to_ascii_lowercase().as_str())
            && last.len() > 1
            && lead.contains(|c: char| c.is_ascii_alphabetic())
            && lead
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    })
}

/// Says an address of the next `length` bytes; the first word also stands for the scheme.
fn spell(
    reader: &mut Reader<'_>,
    scheme: usize,
    length: usize,
    names: &HashMap<&'static str, &'static str>,
) -> bool {
    let (from, until) = (reader.at, reader.at + length);
    let kind = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' => 0,
        b'0'..=b'9' => 1,
        _ => 2,
    };
    let text = reader.text;
    let bytes = &text.as_bytes()[from + scheme..until];
    let runs = bytes.chunk_by(|a, b| kind(*a) == kind(*b) && kind(*a) < 2);
    let (mut at, mut start) = (from + scheme, from);
    for run in runs {
        let written = &text[at..at + run.len()];
        at += run.len();
        let said = match kind(run[0]) {
            0 if written.len() < 6 && !written.contains(|c| "aeiouyAEIOUY".contains(c)) => {
                latin::spelled(written)
            }
            0 => latin::said(written),
            // A slash at the end is not said.
            _ if at == until && written == "/" => String::new(),
            _ => written
                .split("")
                .filter_map(|sign| names.get(sign).copied())
                .collect(),
        };
        let before = reader.tokens.len();
        reader.say_at(&said, start..at);
        if reader.tokens.len() > before {
            start = at;
        }
    }
    reader.at = until;
    true
}
