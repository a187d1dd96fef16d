//! Tokens as spaCy's English tokenizer makes them: at white space, then marks off either end,
//! contractions apart, and hyphens between letters. Addresses stay whole.

use super::msgpack::Value;
use std::collections::HashMap;
use std::ops::Range;

/// Where in an exception's map the form and the norm stand.
const FORM: u64 = 65;
const NORM: u64 = 67;

/// A token of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// Bytes of the text.
    pub span: Range<usize>,
    /// What it is taken for, where an exception says so.
    pub norm: Option<String>,
}

/// Parts of an exception: bytes each, and norm.
type Parts = Vec<(usize, Option<String>)>;

/// Knows the exceptions: `don't`, `gonna`, `Mr.`
pub(super) struct Tokenizer {
    exceptions: HashMap<String, Parts>,
}

impl Tokenizer {
    /// From the tokenizer's file of the pipeline.
    pub fn new(file: &Value) -> Option<Self> {
        let mut exceptions = HashMap::new();
        for (form, parts) in file.get("exceptions")?.entries()? {
            let form = form.text()?;
            let part = |part: &Value| {
                let of = |key: u64| {
                    let entry = part
                        .entries()?
                        .iter()
                        .find(|(k, _)| k.unsigned() == Some(key));
                    entry.and_then(|(_, value)| value.text())
                };
                Some((of(FORM)?.len(), of(NORM).map(str::to_owned)))
            };
            let parts: Parts = parts.array()?.iter().map(part).collect::<Option<_>>()?;
            // Its parts are the whole of it, cut where characters begin.
            let mut at = 0;
            let whole = parts.iter().all(|(length, _)| {
                at += length;
                *length > 0 && form.is_char_boundary(at)
            });
            if whole && at == form.len() {
                exceptions.insert(form.to_owned(), parts);
            }
        }
        (!exceptions.is_empty()).then_some(Self { exceptions })
    }

    /// The tokens of a text; none for white space, however long.
    pub fn tokens(&self, text: &str) -> Vec<Token> {
        let mut out = Vec::new();
        let mut start = None;
        for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
            match (c.is_whitespace(), start) {
                (true, Some(from)) => {
                    self.chunk(text, from..at, &mut out);
                    start = None;
                }
                (false, None) => start = Some(at),
                _ => {}
            }
        }
        out
    }

    /// What stands between white spaces.
    fn chunk(&self, text: &str, mut rest: Range<usize>, out: &mut Vec<Token>) {
        let mut suffixes = Vec::new();
        while !rest.is_empty() && !self.exceptions.contains_key(&text[rest.clone()]) {
            let inner = &text[rest.clone()];
            let prefix = prefix(inner);
            let suffix = suffix(&inner[prefix..]);
            if prefix == 0 && suffix == 0 {
                break;
            }
            if prefix > 0 {
                out.push(Token {
                    span: rest.start..rest.start + prefix,
                    norm: None,
                });
                rest.start += prefix;
                // What is left may be an exception before its end is cut off.
                if self.exceptions.contains_key(&text[rest.clone()]) {
                    break;
                }
            }
            if suffix > 0 {
                suffixes.push(Token {
                    span: rest.end - suffix..rest.end,
                    norm: None,
                });
                rest.end -= suffix;
            }
        }
        if let Some(parts) = self.exceptions.get(&text[rest.clone()]) {
            let mut at = rest.start;
            for (length, norm) in parts {
                out.push(Token {
                    span: at..at + length,
                    norm: norm.clone(),
                });
                at += length;
            }
        } else if !rest.is_empty() {
            infixes(text, rest, out);
        }
        out.extend(suffixes.into_iter().rev());
    }
}

fn is_mark(c: char) -> bool {
    matches!(
        c,
        ',' | ':'
            | ';'
            | '!'
            | '?'
            | '¿'
            | '؟'
            | '¡'
            | '('
            | ')'
            | '['
            | ']'
            | '{'
            | '}'
            | '<'
            | '>'
            | '_'
            | '#'
            | '*'
            | '&'
            | '。'
            | '？'
            | '！'
            | '，'
            | '、'
            | '；'
            | '：'
            | '～'
            | '·'
            | '।'
            | '،'
            | '۔'
            | '؛'
            | '٪'
            | '…'
            | '\''
            | '"'
            | '”'
            | '“'
            | '`'
            | '‘'
            | '´'
            | '’'
            | '‚'
            | '„'
            | '»'
            | '«'
            | '「'
            | '」'
            | '『'
            | '』'
            | '（'
            | '）'
            | '【'
            | '】'
            | '《'
            | '》'
    )
}

fn is_currency(c: char) -> bool {
    matches!(c, '$' | '£' | '€' | '¥' | '฿' | '₹' | '₩' | '₽' | '₺' | '₱')
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '–' | '—' | '~')
}

/// Bytes of the mark that a chunk begins with; 0 without one.
fn prefix(inner: &str) -> usize {
    if let Some(sign) = ["US$", "C$", "A$"].iter().find(|s| inner.starts_with(**s)) {
        return sign.len();
    }
    let mut chars = inner.chars();
    let Some(first) = chars.next() else { return 0 };
    let dots = inner.len() - inner.trim_start_matches('.').len();
    let next = chars.next();
    match first {
        '.' if dots > 1 => dots,
        '+' if !next.is_some_and(|c| c.is_ascii_digit()) => 1,
        '§' | '%' | '=' | '—' | '–' => first.len_utf8(),
        _ if is_mark(first) || is_currency(first) => first.len_utf8(),
        _ => 0,
    }
}

/// Bytes of the mark or the ending that a chunk ends with; 0 without one.
fn suffix(inner: &str) -> usize {
    let mut back = inner.chars().rev();
    let Some(last) = back.next() else { return 0 };
    let before = back.next();
    let second = back.next();
    if let Some(ending) = ["'s", "'S", "’s", "’S"]
        .iter()
        .find(|e| inner.ends_with(**e))
    {
        return ending.len();
    }
    let dots = inner.len() - inner.trim_end_matches('.').len();
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    match last {
        '.' if dots > 1 => dots,
        '.' => {
            let small = before.is_some_and(|c| {
                c.is_lowercase()
                    || c.is_ascii_digit()
                    || matches!(c, '%' | '²' | '-' | '+')
                    || is_quote(c)
            });
            let capitals =
                before.is_some_and(char::is_uppercase) && second.is_some_and(char::is_uppercase);
            usize::from(small || capitals)
        }
        '—' | '–' => last.len_utf8(),
        '+' => usize::from(digit(before)),
        '%' => usize::from(digit(before)),
        _ if is_mark(last) => last.len_utf8(),
        _ if is_currency(last) && digit(before) => last.len_utf8(),
        _ => unit(inner),
    }
}

/// `10km`: the unit after a digit.
fn unit(inner: &str) -> usize {
    const UNITS: [&str; 25] = [
        "km", "cm", "mm", "kg", "mg", "ml", "kb", "KB", "mb", "MB", "gb", "GB", "tb", "TB", "mph",
        "hz", "ft", "m", "g", "l", "h", "T", "km/h", "m/s", "kmh",
    ];
    let counted = |unit: &&&str| {
        inner
            .strip_suffix(**unit)
            .is_some_and(|number| number.ends_with(|c: char| c.is_ascii_digit()))
    };
    UNITS.iter().find(counted).map_or(0, |unit| unit.len())
}

fn is_quote(c: char) -> bool {
    matches!(
        c,
        '\'' | '"' | '”' | '“' | '`' | '‘' | '´' | '’' | '»' | '«' | ')' | ']' | '}' | '>'
    )
}

/// Cuts at dots between sentences, commas, hyphens and the like inside a word.
fn infixes(text: &str, rest: Range<usize>, out: &mut Vec<Token>) {
    let inner = &text[rest.clone()];
    let chars: Vec<(usize, char)> = inner.char_indices().collect();
    let at = |i: usize| chars.get(i).map(|c| c.1);
    let letter = |i: Option<usize>| i.and_then(at).is_some_and(char::is_alphabetic);
    let digit = |i: Option<usize>| i.and_then(at).is_some_and(|c| c.is_ascii_digit());
    let address = is_address(inner);
    let mut start = 0;
    let mut i = 0;
    while i < chars.len() {
        let (byte, c) = chars[i];
        let mut length = 1;
        let before = i.checked_sub(1);
        let cut = match c {
            _ if address => false,
            '…' => true,
            '.' if at(i + 1) == Some('.') => {
                length = chars[i..].iter().take_while(|c| c.1 == '.').count();
                true
            }
            '.' => {
                before
                    .and_then(at)
                    .is_some_and(|c| c.is_lowercase() || is_quote(c))
                    && at(i + 1).is_some_and(|c| c.is_uppercase() || is_quote(c))
            }
            '+' | '*' | '^' => digit(before) && (digit(Some(i + 1)) || at(i + 1) == Some('-')),
            '-' if digit(before) && (digit(Some(i + 1)) || at(i + 1) == Some('-')) => true,
            ',' => letter(before) && letter(Some(i + 1)),
            _ if is_hyphen(c) => {
                length = chars[i..].iter().take_while(|h| h.1 == c).count().min(3);
                letter(before) && letter(Some(i + length))
            }
            ':' | '<' | '>' | '=' | '/' => (letter(before) || digit(before)) && letter(Some(i + 1)),
            _ => false,
        };
        if !cut {
            i += 1;
            continue;
        }
        let end = chars.get(i + length).map_or(inner.len(), |c| c.0);
        if byte > start {
            out.push(Token {
                span: rest.start + start..rest.start + byte,
                norm: None,
            });
        }
        out.push(Token {
            span: rest.start + byte..rest.start + end,
            norm: None,
        });
        start = end;
        i += length;
    }
    if start < inner.len() {
        out.push(Token {
            span: rest.start + start..rest.end,
            norm: None,
        });
    }
}

/// `ann@example.com`, `example.com/a-b`.
fn is_address(inner: &str) -> bool {
    let host = inner.split('/').next().unwrap_or(inner);
    let top = host.rsplit_once('.').map_or("", |(_, top)| top);
    let known = (2..=6).contains(&top.len()) && top.chars().all(|c| c.is_ascii_lowercase());
    inner.contains("://") || known && !inner.contains(['…', ','])
}
