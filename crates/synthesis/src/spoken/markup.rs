//! What is written for machines: tags of HTML and SSML, entities, comments, Markdown's signs.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::cursor::Cursor;
use super::reader::{Reader, Rules};
use super::tables;

/// Longest tag or link target that is taken for one, in bytes or characters.
const LONGEST: usize = 2000;

/// What a tag does besides vanishing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    Plain,
    Pause,
    Hides,
}

static TAGS: LazyLock<HashMap<&str, Tag>> = LazyLock::new(|| {
    tables::words(include_str!("../../data/spoken/tags.txt"))
        .map(|word| match word.split_at(1) {
            ("+", name) => (name, Tag::Pause),
            ("-", name) => (name, Tag::Hides),
            _ => (word, Tag::Plain),
        })
        .collect()
});

/// Entities and the sign that each stands for.
const ENTITIES: [(&str, &str); 12] = [
    ("&amp;", "&"),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", ""),
    ("&#34;", ""),
    ("&apos;", ""),
    ("&#39;", ""),
    ("&nbsp;", ""),
    ("&#160;", ""),
    ("&ndash;", "—"),
    ("&mdash;", "—"),
    ("&hellip;", "…"),
];

/// Passes over markup, with a pause where it stands for one.
pub(super) fn read(reader: &mut Reader<'_>, rules: &dyn Rules) -> bool {
    match reader.cursor().peek() {
        Some('>') if reader.closing == reader.at => reader.skip(reader.at + 1),
        Some('<') => comment(reader) || tag(reader),
        Some('&') => entity(reader, rules),
        Some('[' | '!') => link(reader),
        Some(']') => link_target(reader),
        Some('#' | '-' | '*' | '+' | '>' | '=' | '•' | '|' | '–') => line_start(reader),
        _ => false,
    }
}

fn comment(reader: &mut Reader<'_>) -> bool {
    let rest = reader.cursor().rest();
    let (close, known) = if rest.starts_with("<!--") {
        ("-->", true)
    } else if rest.starts_with("<![CDATA[") {
        return reader.skip(reader.at + "<![CDATA[".len());
    } else if rest.starts_with("<?") {
        ("?>", true)
    } else {
        (
            ">",
            rest.starts_with("<!DOCTYPE") || rest.starts_with("<!doctype"),
        )
    };
    if !known {
        return false;
    }
    // An unclosed comment hides nothing: its sign alone is passed over.
    match find(rest, close, LONGEST) {
        Some(end) => reader.skip(reader.at + end),
        None => reader.skip(reader.at + 2),
    }
}

/// Where `wanted` ends in the first `most` bytes.
fn find(text: &str, wanted: &str, most: usize) -> Option<usize> {
    let most = text.floor_char_boundary(most.min(text.len()));
    text[..most].find(wanted).map(|at| at + wanted.len())
}

fn tag(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    cursor.bump();
    let closes = cursor.eat('/');
    let name = cursor
        .take(24, |c| c.is_ascii_alphanumeric() || matches!(c, ':' | '-'))
        .to_ascii_lowercase();
    if name.is_empty() || !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return false;
    }
    let Some(&kind) = TAGS.get(name.as_str()) else {
        return placeholder(reader, cursor);
    };
    let rest = cursor.rest();
    let most = rest.floor_char_boundary(LONGEST.min(rest.len()));
    let end = rest[..most].find(['<', '>']);
    let Some(end) = end.filter(|&end| rest[end..].starts_with('>')) else {
        return false;
    };
    cursor.at += end + 1;
    if kind == Tag::Hides && !closes {
        let rest = cursor.rest();
        let close = format!("</{name}");
        if let Some(inside) = find(rest, &close, 5 * LONGEST) {
            cursor.at += inside;
            cursor.at += find(cursor.rest(), ">", 24).unwrap_or(0);
        }
    }
    if kind == Tag::Pause {
        return reader.pause(",", cursor.at);
    }
    reader.skip(cursor.at)
}

/// `<name>` of an unknown name: the brackets are passed over and the name is read.
fn placeholder(reader: &mut Reader<'_>, mut cursor: Cursor<'_>) -> bool {
    cursor.take(64, |c| !matches!(c, '<' | '>' | '\n'));
    let closed = cursor.peek() == Some('>');
    reader.closing = cursor.at;
    closed && reader.skip(reader.at + 1)
}

fn entity(reader: &mut Reader<'_>, rules: &dyn Rules) -> bool {
    let rest = reader.cursor().rest();
    let Some((entity, sign)) = ENTITIES.iter().find(|(entity, _)| rest.starts_with(entity)) else {
        return false;
    };
    let until = reader.at + entity.len();
    match *sign {
        "" => reader.skip(until),
        "—" | "…" => reader.pause(sign, until),
        sign => {
            let said = sign.chars().next().and_then(|sign| rules.symbol(sign));
            reader.say(said.unwrap_or(""), until)
        }
    }
}

/// `[text](target)` and `![text](target)`: the brackets before the text.
fn link(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    cursor.eat('!');
    if !cursor.eat('[') {
        return false;
    }
    let inside = cursor;
    cursor.take(200, |c| !matches!(c, '[' | ']' | '\n'));
    let closing = cursor.at;
    cursor.eat_str("](") && {
        reader.closing = closing;
        reader.skip(inside.at)
    }
}

/// The target behind the text: never read.
fn link_target(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    if reader.closing != reader.at || !cursor.eat_str("](") {
        return false;
    }
    cursor.take(LONGEST, |c| !matches!(c, ')' | ']' | '\n'));
    cursor.eat(')') && reader.skip(cursor.at)
}

/// Headings, bullets, quotes, rules and table rows at the start of a line.
fn line_start(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    let line_begins = reader.text[..reader.at]
        .chars()
        .rev()
        .take(16)
        .find(|&c| !matches!(c, ' ' | '\t' | '>' | '#'))
        .is_none_or(|c| c == '\n');
    if !line_begins {
        return false;
    }
    let Some(first) = cursor.peek() else {
        return false;
    };
    let run = cursor.take(usize::MAX, |c| c == first).chars().count();
    let line_ends = cursor.peek().is_none_or(|c| c == '\n' || c == '\r');
    let spaced = matches!(cursor.peek(), Some(' ' | '\t'));
    let is_rule = run >= 3 && line_ends && matches!(first, '-' | '*' | '=');
    let is_lead = match first {
        '#' => run <= 6 && spaced,
        '-' | '*' | '+' | '•' | '–' => run == 1 && spaced,
        '>' => spaced,
        '|' => true,
        _ => false,
    };
    (is_rule || is_lead) && reader.skip(cursor.at)
}
