//! Quotes: found in the transcript, with their time and speaker, or dropped.

use super::transcript::Call;
use api::analysis::Evidence;
use std::collections::HashMap;

/// Quotes longer than this are not looked for.
const MAX_QUOTE: usize = 2_000;
/// Most quotes of one judgement.
pub const MOST: usize = 5;

/// A word as it is compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// Lower case, without accents of writing such as apostrophes.
    pub word: String,
    /// Position in [`Call::segments`].
    pub segment: usize,
    /// Bytes of the segment's text.
    pub from: usize,
    /// Bytes of the segment's text.
    pub to: usize,
}

/// All words of a call.
pub struct Words<'a> {
    /// The call.
    pub call: &'a Call,
    /// Its words.
    pub tokens: Vec<Token>,
    places: HashMap<String, Vec<usize>>,
}

impl<'a> Words<'a> {
    /// The words of a call.
    pub fn of(call: &'a Call) -> Self {
        let mut tokens = Vec::new();
        for (segment, spoken) in call.segments.iter().enumerate() {
            tokens.extend(
                split(&spoken.text)
                    .into_iter()
                    .map(|(word, from, to)| Token {
                        word,
                        segment,
                        from,
                        to,
                    }),
            );
        }
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, token) in tokens.iter().enumerate() {
            places.entry(token.word.clone()).or_default().push(at);
        }
        Words {
            call,
            tokens,
            places,
        }
    }

    /// Where a quote stands; letter case, punctuation and spacing do not matter, words do. Parts
    /// on both sides of an ellipsis must follow each other.
    pub fn find(&self, quote: &str) -> Option<Evidence> {
        if quote.len() > MAX_QUOTE {
            return None;
        }
        let quote = quote.replace("...", "…");
        let mut span: Option<(usize, usize)> = None;
        for part in quote.split('…') {
            let wanted: Vec<String> = split(part).into_iter().map(|(word, ..)| word).collect();
            if wanted.is_empty() {
                continue;
            }
            let begin = span.map_or(0, |(_, end)| end);
            let at = self.position(&wanted, begin)?;
            span = Some((span.map_or(at, |(start, _)| start), at + wanted.len()));
        }
        let (start, end) = span?;
        Some(self.evidence(start, end))
    }

    fn position(&self, wanted: &[String], begin: usize) -> Option<usize> {
        let starts = self.places.get(&wanted[0])?;
        let fits = |at: usize| {
            let window = self.tokens.get(at..at + wanted.len());
            window.is_some_and(|window| {
                window
                    .iter()
                    .zip(wanted)
                    .all(|(token, word)| token.word == *word)
            })
        };
        starts.iter().copied().find(|at| *at >= begin && fits(*at))
    }

    /// The words from one position to another (exclusive) in the transcript's own writing.
    pub fn evidence(&self, start: usize, end: usize) -> Evidence {
        let (first, last) = (&self.tokens[start], &self.tokens[end - 1]);
        let spoken = &self.call.segments[first.segment..=last.segment];
        let parts: Vec<&str> = spoken
            .iter()
            .enumerate()
            .map(|(at, segment)| {
                let from = if at == 0 { first.from } else { 0 };
                let to = if at + 1 == spoken.len() {
                    last.to
                } else {
                    segment.text.len()
                };
                &segment.text[from..to]
            })
            .collect();
        let speaker = spoken[0].speaker.clone();
        Evidence {
            quote: cut(&parts.join(" ")),
            start: spoken[0].start,
            end: spoken[spoken.len() - 1].end,
            speaker: speaker.filter(|_| spoken.iter().all(|s| s.speaker == spoken[0].speaker)),
            segment: spoken[0].index,
        }
    }

    /// A whole segment as evidence; `at` is its position in [`Call::segments`].
    pub fn segment(&self, at: usize) -> Evidence {
        let spoken = &self.call.segments[at];
        Evidence {
            quote: cut(&spoken.text),
            start: spoken.start,
            end: spoken.end,
            speaker: spoken.speaker.clone(),
            segment: spoken.index,
        }
    }
}

/// Finds the quotes of a model and counts those that are not there.
pub struct Checked<'a> {
    /// The words.
    pub words: &'a Words<'a>,
    /// How many quotes were not found.
    pub dropped: u32,
}

impl Checked<'_> {
    /// A quote, if it is there.
    pub fn one(&mut self, quote: &str) -> Option<Evidence> {
        if quote.trim().is_empty() {
            return None;
        }
        let found = self.words.find(quote);
        self.dropped += u32::from(found.is_none());
        found
    }

    /// Those that are there, at most [`MOST`].
    pub fn all(&mut self, quotes: &[String]) -> Vec<Evidence> {
        quotes
            .iter()
            .take(MOST)
            .filter_map(|quote| self.one(quote))
            .collect()
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_QUOTE / 4) {
        Some((at, _)) => text[..at].to_owned() + "…",
        None => text.to_owned(),
    }
}

/// Words with their bytes. Scripts without spaces give a word a character.
pub fn split(text: &str) -> Vec<(String, usize, usize)> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut from = 0;
    let mut to = 0;
    for (at, c) in text.char_indices() {
        let alone = is_unspaced(c);
        if !word.is_empty() && (alone || !(is_part(c) || is_apostrophe(c))) {
            words.push((std::mem::take(&mut word), from, to));
        }
        if alone {
            words.push((c.to_string(), at, at + c.len_utf8()));
        } else if is_part(c) {
            if word.is_empty() {
                from = at;
            }
            to = at + c.len_utf8();
            word.extend(c.to_lowercase());
        }
    }
    if !word.is_empty() {
        words.push((word, from, to));
    }
    words
}

/// Letters, digits, and what stands on letters in the scripts of India.
fn is_part(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(c, '\u{900}'..='\u{963}' | '\u{966}'..='\u{dff}' | '\u{300}'..='\u{36f}' | '\u{200c}' | '\u{200d}')
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}')
}

/// Han, kana, Thai.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{e7f}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{2ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::analysis::SpokenSegment;

    fn call(texts: &[(&str, &str)]) -> Call {
        let segments = texts
            .iter()
            .enumerate()
            .map(|(at, (speaker, text))| SpokenSegment {
                text: (*text).into(),
                speaker: Some((*speaker).into()),
                start: Some(at as f64),
                end: Some(at as f64 + 0.5),
                ..SpokenSegment::default()
            });
        Call::read(Some(segments.collect()), None, None, "transcript").expect("a call")
    }

    #[test]
    fn a_quote_is_found_whatever_its_case_and_punctuation() {
        let call = call(&[("A", "Hello, I'm Dana."), ("B", "Don’t call me again!")]);
        let words = Words::of(&call);
        let found = words.find("\"don't CALL me…\"").expect("it is there");
        assert_eq!(
            (found.quote.as_str(), found.start, found.speaker.as_deref()),
            ("Don’t call me", Some(1.0), Some("B"))
        );
        assert!(words.find("call me never").is_none());
        assert!(words.find("...").is_none());
    }

    #[test]
    fn a_quote_over_two_speakers_has_none_and_both_times() {
        let call = call(&[("A", "so you agree"), ("B", "yes I do")]);
        let words = Words::of(&call);
        let found = words.find("agree yes").expect("it is there");
        assert_eq!(
            (found.quote.as_str(), found.start, found.end, found.speaker),
            ("agree yes", Some(0.0), Some(1.5), None)
        );
    }

    #[test]
    fn parts_around_an_ellipsis_must_be_in_order() {
        let call = call(&[("A", "one two three four")]);
        let words = Words::of(&call);
        assert!(words.find("one ... four").is_some());
        assert!(words.find("four ... one").is_none());
    }

    #[test]
    fn hindi_and_chinese_have_words() {
        let hindi: Vec<String> = split("नमस्ते, क्या हाल है?").into_iter().map(|w| w.0).collect();
        assert_eq!(hindi, ["नमस्ते", "क्या", "हाल", "है"]);
        assert_eq!(split("你好").len(), 2);
    }

    proptest::proptest! {
        #[test]
        fn every_stretch_of_a_call_is_found_in_it(text in "[a-z]{1,3}( [a-z]{1,3}){0,20}", from in 0usize..20, len in 1usize..6) {
            let call = call(&[("A", &text)]);
            let words = Words::of(&call);
            let list: Vec<&str> = text.split(' ').collect();
            let from = from.min(list.len() - 1);
            let quote = list[from..(from + len).min(list.len())].join(" ");
            proptest::prop_assert_eq!(words.find(&quote).expect("it is there").quote, quote);
        }

        #[test]
        fn no_text_breaks_the_split(text in ".{0,200}") {
            for (_, from, to) in split(&text) {
                proptest::prop_assert!(text.get(from..to).is_some_and(|word| !word.is_empty()));
            }
        }
    }
}
