//! A hypothesis as a person wants to read it.

use crate::answer::{probability, seconds};
use crate::options::Options;
use api::recognition::Word;
use speech::Hypothesis;
use text::{Polish, PolishedWord};

/// Text and words of a segment.
#[derive(Debug, Clone, PartialEq)]
pub struct Readable {
    /// The text.
    pub text: String,
    /// Its words with times; empty where the hypothesis has none.
    pub words: Vec<Word>,
}

/// As [`readable`], as the options of a request ask.
pub fn of(hypothesis: &Hypothesis, options: &Options) -> Readable {
    readable(
        hypothesis,
        options.punctuation,
        options.itn,
        options.profanity_filter,
    )
}

/// Makes a hypothesis readable: punctuation and casing, numbers as digits (`itn`), swear words
/// masked (`profanity`).
///
/// Words that become one (`twenty three`, `23`) are one from the start of the first to the end
/// of the last, and as sure as the least sure of them: one wrong word makes the number wrong.
pub fn readable(
    hypothesis: &Hypothesis,
    punctuation: bool,
    itn: bool,
    profanity: bool,
) -> Readable {
    let polish = Polish {
        language: hypothesis.language.code(),
        punctuation,
        itn,
        profanity_filter: profanity,
    };
    let said: Vec<&str> = hypothesis.words.iter().map(|w| w.text.as_str()).collect();
    let (text, words) = polish.words(&hypothesis.text, &said);
    let words = words
        .into_iter()
        .filter_map(|PolishedWord { text, source }| {
            let parts = hypothesis.words.get(source)?;
            let (first, last) = (parts.first()?, parts.last()?);
            let confidence = parts.iter().map(|w| w.confidence).fold(1.0, f32::min);
            Some(Word {
                word: text,
                start: seconds(first.start_s),
                end: seconds(last.end_s),
                confidence: probability(confidence),
            })
        });
    Readable {
        text,
        words: words.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use speech::{DecoderKind, Language};

    fn said(text: &str) -> Hypothesis {
        let word = |(i, word): (usize, &str)| speech::Word {
            text: word.to_owned(),
            start_s: i as f64,
            end_s: i as f64 + 0.5,
            confidence: 0.9 - 0.1 * i as f32,
            evidence: [0.0; 3],
        };
        Hypothesis {
            text: text.to_owned(),
            tokens: Vec::new(),
            given: 0,
            raw_text: text.to_owned(),
            alternatives: Vec::new(),
            inline: speech::Inline::default(),
            words: text.split(' ').enumerate().map(word).collect(),
            confidence: 0.9,
            language: Language::ENGLISH,
            language_confidence: None,
            avg_logprob: -0.1,
            no_speech_prob: 0.0,
            compression_ratio: 1.0,
            temperature: 0.0,
            decoder: DecoderKind::Greedy,
            rejected: None,
        }
    }

    #[test]
    fn a_number_spans_its_words_and_is_as_sure_as_the_least_sure() {
        let said = said("Twenty three dollars, please.");
        let written = readable(&said, true, true, false);
        assert_eq!(written.text, "$23, please.");
        let [number, please] = &written.words[..] else {
            panic!("{written:?}");
        };
        assert_eq!(
            (number.word.as_str(), number.start, number.end),
            ("$23", 0.0, 2.5)
        );
        assert_eq!(number.confidence, probability(0.7));
        assert_eq!((please.word.as_str(), please.start), ("please", 3.0));
        let spoken = readable(&said, true, false, false);
        assert_eq!((spoken.text, spoken.words.len()), (said.text, 4));
    }

    #[test]
    fn without_punctuation_numbers_are_written_all_the_same() {
        let written = readable(&said("Twenty three dollars, please."), false, true, false);
        assert_eq!(written.text, "$23 please");
        let words: Vec<&str> = written.words.iter().map(|w| w.word.as_str()).collect();
        assert_eq!(words, ["$23", "please"]);
    }
}
