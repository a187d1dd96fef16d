//! Tokens into words: at spaces, or at characters where a language writes none.

use crate::vocabulary::Vocabulary;
use std::ops::Range;

/// A word and the tokens that spell it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TokenSpan {
    /// With adjoining punctuation, without spaces around.
    pub text: String,
    /// All its tokens.
    pub tokens: Range<usize>,
    /// Those of them that sound; empty for lone punctuation.
    pub spoken: Range<usize>,
}

impl TokenSpan {
    /// Whether it has a letter or digit.
    pub fn is_spoken(&self) -> bool {
        !self.spoken.is_empty()
    }
}

/// One or more tokens that make whole characters.
struct Unit {
    text: String,
    tokens: Range<usize>,
}

/// Groups the tokens of a text; `spaced` tells whether the language puts spaces between words.
pub(crate) fn group(vocabulary: &Vocabulary, tokens: &[u32], spaced: bool) -> Vec<TokenSpan> {
    let units = units(tokens.iter().map(|&token| vocabulary.bytes(token)));
    let mut words: Vec<TokenSpan> = Vec::new();
    let mut gap: Option<usize> = None;
    for mut unit in units {
        let bare = unit.text.trim();
        if bare.is_empty() {
            // A space by itself, as before numbers, belongs to what follows.
            gap = gap.or(Some(unit.tokens.start));
            continue;
        }
        let parted = gap.is_some() || unit.text.starts_with(char::is_whitespace);
        let sounds = bare.chars().any(char::is_alphanumeric);
        let spoken = if sounds {
            unit.tokens.clone()
        } else {
            unit.tokens.end..unit.tokens.end
        };
        let fresh = match words.last() {
            None => true,
            // An opening bracket or quotation mark waits for its word.
            Some(last) if !last.is_spoken() && opens(&last.text) => false,
            Some(_) if !sounds => parted && opens(bare),
            Some(_) if !spaced && !continues_latin(words.last(), &unit.text) => true,
            Some(_) => parted,
        };
        unit.tokens.start = gap.take().unwrap_or(unit.tokens.start);
        match words.last_mut() {
            Some(last) if !fresh => {
                last.text.push_str(if last.text.is_empty() {
                    bare
                } else {
                    unit.text.trim_end()
                });
                if sounds {
                    last.spoken = if last.is_spoken() {
                        last.spoken.start..unit.tokens.end
                    } else {
                        spoken
                    };
                }
                last.tokens.end = unit.tokens.end;
            }
            _ => words.push(TokenSpan {
                text: bare.to_owned(),
                tokens: unit.tokens,
                spoken,
            }),
        }
    }
    words.retain(|word| !word.text.is_empty());
    words
}

/// Whole characters: tokens that break one are joined. Broken text at the end is replaced.
fn units<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<Unit> {
    let mut units = Vec::new();
    let (mut bytes, mut from, mut count) = (Vec::new(), 0, 0);
    for (i, piece) in pieces.enumerate() {
        count = i + 1;
        bytes.extend_from_slice(piece);
        if let Ok(text) = std::str::from_utf8(&bytes) {
            units.push(Unit {
                text: text.to_owned(),
                tokens: from..count,
            });
            bytes.clear();
            from = count;
        }
    }
    if !bytes.is_empty() {
        units.push(Unit {
            text: String::from_utf8_lossy(&bytes).into_owned(),
            tokens: from..count,
        });
    }
    units
}

fn opens(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| "\"'“‘¿¡([{«「『（《-—–".contains(c))
}

/// Latin words and numbers within Chinese or Japanese stay whole.
fn continues_latin(last: Option<&TokenSpan>, text: &str) -> bool {
    let latin = |c: char| c.is_ascii_alphanumeric();
    last.is_some_and(|word| word.text.ends_with(latin)) && text.starts_with(latin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::Spelling;

    fn words(pieces: &[&str], spaced: bool) -> Vec<(String, Range<usize>)> {
        let vocabulary = Vocabulary::of(pieces, Spelling::Metaspace);
        let tokens: Vec<u32> = (0..pieces.len() as u32).collect();
        group(&vocabulary, &tokens, spaced)
            .into_iter()
            .map(|word| (word.text, word.spoken))
            .collect()
    }

    #[test]
    fn punctuation_joins_its_word_and_does_not_sound() {
        let got = words(&["▁Ever", "▁tri", "ed", ".", "▁\"", "No", ",\""], true);
        let want = [("Ever", 0..1), ("tried.", 1..3), ("\"No,\"", 5..6)];
        assert_eq!(got, want.map(|(text, spoken)| (text.to_owned(), spoken)));
    }

    #[test]
    fn characters_are_words_where_there_are_no_spaces() {
        let got = words(
            &["你", "<0xE5>", "<0xA5>", "<0xBD>", "。", "GP", "S"],
            false,
        );
        let want = [("你", 0..1), ("好。", 1..4), ("GPS", 5..7)];
        assert_eq!(got, want.map(|(text, spoken)| (text.to_owned(), spoken)));
    }

    #[test]
    fn a_number_after_a_lone_space_is_a_word_of_its_own() {
        let got = words(&["▁about", "▁", "14", "55", ",", "▁", "15"], true);
        let want = [("about", 0..1), ("1455,", 2..4), ("15", 6..7)];
        assert_eq!(got, want.map(|(text, spoken)| (text.to_owned(), spoken)));
    }

    #[test]
    fn lone_punctuation_is_not_spoken() {
        assert!(
            words(&["▁...", "."], true)
                .iter()
                .all(|(_, spoken)| spoken.is_empty())
        );
        assert!(words(&[], true).is_empty());
    }
}
