//! What a language model writes for the eye is not spoken: Markdown, tags, emoji, stage directions.

use crate::wording::{Wording, plain};

/// Longest stage direction, in words.
const DIRECTION: usize = 6;
/// Pairs of marks around what may be a stage direction.
const PAIRS: [(char, char); 5] = [('*', '*'), ('(', ')'), ('[', ']'), ('（', '）'), ('_', '_')];
/// Faces made of letters and punctuation.
const FACES: [&str; 8] = [":)", ":-)", ";)", ";-)", ":(", ":-(", ":D", ":-D"];

/// A line, or a part of one, as it is spoken. White space becomes single spaces.
pub fn speakable(raw: &str, wording: &Wording) -> String {
    let line = lead(raw.trim());
    let line = links(line);
    let line = directions(&line, wording);
    let line = signs(&line);
    let words = line.split_whitespace().filter(|word| !FACES.contains(word));
    let line = words.collect::<Vec<_>>().join(" ");
    tightened(line, raw)
}

/// Without the spaces before marks that stand where something was left out; French has its own.
fn tightened(mut line: String, raw: &str) -> String {
    for mark in [",", ".", "!", "?", ";", ":"] {
        let apart = format!(" {mark}");
        if line.contains(&apart) && !raw.contains(&apart) {
            line = line.replace(&format!("{apart} "), &format!("{mark} "));
            if let Some(end) = line.strip_suffix(&apart) {
                line = format!("{end}{mark}");
            }
        }
    }
    line
}

/// Without what stands before the text of a heading, an item, a quote or a table's row.
fn lead(line: &str) -> &str {
    // A fence, perhaps with the name of a language.
    let fence = line.strip_prefix("```").or(line.strip_prefix("~~~"));
    if fence.is_some_and(|name| !name.contains(['`', '~', ' '])) {
        return "";
    }
    let is_rule = |c: char| matches!(c, '-' | '*' | '_' | '=' | '|' | ':' | ' ');
    if line.chars().all(is_rule) {
        return "";
    }
    let mut line = line;
    for _ in 0..4 {
        let after = line.trim_start_matches(['#', '>']).trim_start();
        let after = ["- ", "* ", "+ ", "• ", "– ", "[ ] ", "[x] "]
            .iter()
            .find_map(|mark| after.strip_prefix(mark))
            .unwrap_or(after);
        let is_heading = line.starts_with(['>', '#']) && !is_number_sign(line);
        if after.len() == line.len() || (line.starts_with('#') && !is_heading) {
            break;
        }
        line = after.trim_start();
    }
    line
}

/// `#1`, `#hiring`: said, unlike `# Heading`.
fn is_number_sign(line: &str) -> bool {
    let after = line.trim_start_matches('#');
    line.starts_with('#') && !after.starts_with(char::is_whitespace)
}

/// `[text](target)` and `![text](target)` are their text; tags such as `<break/>` are nothing.
fn links(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(['[', '<']) {
        let (before, from) = rest.split_at(at);
        let link = from.strip_prefix('[').and_then(|inside| {
            let (text, after) = inside.split_once(']')?;
            let (_, after) = after.strip_prefix('(')?.split_once(')')?;
            Some((text, after))
        });
        let tag = from.strip_prefix('<').and_then(|inside| {
            let (inside, after) = inside.split_once('>')?;
            let name = inside.trim_start_matches('/');
            let is_tag = name.starts_with(|c: char| c.is_ascii_alphabetic()) && !name.contains('<');
            (is_tag && !inside.contains("://") && !inside.contains('@')).then_some((" ", after))
        });
        match link.or(tag) {
            Some((text, after)) => {
                let is_image = from.starts_with('[') && before.ends_with('!');
                out.push_str(if is_image {
                    &before[..before.len() - 1]
                } else {
                    before
                });
                out.push_str(text);
                rest = after;
            }
            None => {
                out.push_str(before);
                out.push_str(&from[..1]);
                rest = &from[1..];
            }
        }
    }
    out + rest
}

/// Without `*laughs*`, `(sighs softly)`, `[pause]`.
fn directions(line: &str, wording: &Wording) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    'places: while let Some(at) = rest.find(PAIRS.map(|(open, _)| open)) {
        out.push_str(&rest[..at]);
        let from = &rest[at..];
        for (open, close) in PAIRS {
            let inside = from
                .strip_prefix(open)
                .and_then(|from| from.split_once(close));
            if let Some((inside, after)) = inside
                && is_direction(inside, wording)
            {
                rest = after;
                continue 'places;
            }
        }
        let width = from.chars().next().map_or(1, char::len_utf8);
        out.push_str(&from[..width]);
        rest = &from[width..];
    }
    out + rest
}

fn is_direction(inside: &str, wording: &Wording) -> bool {
    let words = plain(inside);
    let mut words = words.split(' ');
    let first = words.next().unwrap_or_default();
    let known = |word: &str| wording.directions.iter().any(|known| known == word);
    words.count() < DIRECTION && known(first)
}

/// Without marks of emphasis and code, columns of tables and emoji.
fn signs(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    let mut before = ' ';
    let mut is_emoji = false;
    while let Some(c) = chars.next() {
        let next = chars.peek().copied().unwrap_or(' ');
        // What joins emoji belongs to them there, and to letters in Indian scripts.
        let joins = matches!(c, '\u{200D}' | '\u{FE0E}' | '\u{FE0F}' | '\u{20E3}');
        let was_emoji = is_emoji;
        is_emoji = is_pictorial(c) || (was_emoji && joins);
        let is_inner = before.is_alphanumeric() && next.is_alphanumeric();
        let is_apart = before.is_whitespace() && next.is_whitespace();
        match c {
            '`' | '\u{FE0E}' | '\u{FE0F}' | '\u{20E3}' => {}
            '\u{200D}' if was_emoji => {}
            _ if is_emoji => out.push(' '),
            '*' if !is_inner && !is_apart => {}
            '_' if !is_inner => {}
            '~' if before == '~' || next == '~' => {}
            '|' => out.push_str(if out.trim().is_empty() { "" } else { ", " }),
            _ => out.push(c),
        }
        before = c;
    }
    let end = out.trim_end();
    end.strip_suffix(',')
        .filter(|_| line.ends_with('|'))
        .unwrap_or(end)
        .to_owned()
}

fn is_pictorial(c: char) -> bool {
    matches!(c,
        '\u{1F000}'..='\u{1FAFF}'
        | '\u{2600}'..='\u{27BF}'
        | '\u{2B05}'..='\u{2B07}'
        | '\u{2B1B}'..='\u{2B1C}'
        | '\u{2B50}'..='\u{2B55}'
        | '\u{231A}'..='\u{231B}'
        | '\u{23E9}'..='\u{23FA}'
        | '\u{E0020}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spoken(text: &str) -> String {
        speakable(text, Wording::of("en"))
    }

    #[test]
    fn marks_of_markdown_are_not_spoken() {
        for (written, said) in [
            ("## Our **menu** today", "Our menu today"),
            ("- *Fresh* pasta", "Fresh pasta"),
            ("> _Quoted_ words", "Quoted words"),
            ("Use `make run` now.", "Use make run now."),
            (
                "See [our page](https://example.com/a) please.",
                "See our page please.",
            ),
            ("![A cat](cat.png)", "A cat"),
            ("| Pasta | 12 |", "Pasta , 12"),
            ("|---|---|", ""),
            ("---", ""),
            ("```rust", ""),
            ("Wait <break time=\"1s\"/> a moment.", "Wait a moment."),
            ("~~Old~~ new", "Old new"),
        ] {
            assert_eq!(spoken(written), said.replace(" ,", ","), "{written}");
        }
    }

    #[test]
    fn what_only_looks_like_markdown_stays() {
        for text in [
            "2 * 3 is 6.",
            "snake_case and 2*3",
            "You are #1.",
            "#1 it is.",
            "-5 degrees",
            "3 < 5 and 7 > 2",
            "It is 5 - 3.",
            "I (really) mean it.",
            "Write to <jo@example.com> today.",
            "Room [4] is free.",
        ] {
            assert_eq!(spoken(text), text);
        }
    }

    #[test]
    fn stage_directions_are_not_spoken() {
        assert_eq!(spoken("*laughs softly* Of course."), "Of course.");
        assert_eq!(spoken("Of course (chuckles)."), "Of course.");
        assert_eq!(spoken("[pause] Well, [sighs] yes."), "Well, yes.");
        assert_eq!(spoken("I *really* mean it."), "I really mean it.");
        let german = speakable("*lacht* Gern.", Wording::of("de"));
        assert_eq!(german, "Gern.");
        assert_eq!(speakable("（笑）好的。", Wording::of("zh")), "好的。");
    }

    #[test]
    fn spaces_before_marks_stay_where_they_were_written() {
        let french = "Bien sûr : que puis-je faire pour vous ?";
        assert_eq!(speakable(french, Wording::of("fr")), french);
    }

    #[test]
    fn emoji_and_faces_are_not_spoken() {
        assert_eq!(
            spoken("Great 👍🏽! See you 👨‍👩‍👧 soon :)"),
            "Great! See you soon"
        );
        assert_eq!(spoken("Press 1️⃣ now ❤️"), "Press 1 now");
        let hindi = "क्‍या ठीक है";
        assert_eq!(speakable(hindi, Wording::of("hi")), hindi);
    }

    proptest! {
        #[test]
        fn words_are_never_lost(words in prop::collection::vec("[a-zé好]{1,8}", 1..20), mark in "[*_`~|#>-]{0,3}") {
            let text: Vec<String> = words.iter().map(|word| format!("{mark}{word}{mark}")).collect();
            let said = spoken(&text.join(" "));
            let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
            prop_assert_eq!(letters(&said), letters(&words.concat()));
        }

        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,200}") {
            spoken(&text);
        }
    }
}
