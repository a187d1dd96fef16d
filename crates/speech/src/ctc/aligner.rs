//! Where known words lie in the audio: a CTC head that reads the states of another model's encoder,
//! and so costs no pass of its own over the audio.

use super::align::{ANY, align};
use super::posteriors::Posteriors;
use super::settings::Settings;
use super::tokens::{Token, Tokens};
use crate::SpeechError;
use crate::graph::{STATES, States};
use inference::ort::session::{Session, SessionInputValue};
use inference::{InferenceError, Runtime, SessionOptions, timed};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

/// Name of the graph.
const FILE: &str = "aligner.onnx";
/// A text that is further behind what is likeliest frame by frame, in nats a letter, is taken for
/// another than the audio's. Measured: own texts of 43 segments are 0.2 to 2.9 behind; of 505
/// pairings with another's text half are over 9 and two under 4.
const FURTHEST_BEHIND: f32 = 4.0;

/// A loaded head; owned by one worker.
pub(crate) struct Aligner {
    session: Session,
    letters: Letters,
}

/// How words are spelled for it.
pub(crate) struct Letters {
    ids: HashMap<char, u32>,
    space: u32,
    blank: u32,
    tokens: usize,
}

/// What the head says of a stretch of audio.
pub(crate) struct Frames<'a> {
    letters: &'a Letters,
    posteriors: Posteriors,
}

impl Aligner {
    /// Loads `aligner.onnx` and `tokens.txt` of `dir`.
    pub fn load(
        runtime: &Runtime,
        dir: &Path,
        options: &SessionOptions,
    ) -> Result<Self, SpeechError> {
        let tokens = Tokens::load(dir, &Settings::default())?;
        let letters = Letters::of(&tokens).ok_or_else(|| SpeechError::ModelFile {
            path: dir.join("tokens.txt"),
            reason: "no token is a space".into(),
        })?;
        let session = runtime.session(&dir.join(FILE), options)?;
        Ok(Self { session, letters })
    }

    /// What it says of the audio whose encoder's states these are.
    pub fn hear(&mut self, states: &States) -> Result<Frames<'_>, SpeechError> {
        let input = SessionInputValue::from(&states.0);
        let inputs = vec![(Cow::from(STATES), input)];
        let session = &mut self.session;
        let outputs = timed("aligner", || session.run(inputs))?;
        let (shape, values) = outputs["logits"].try_extract_tensor::<f32>()?;
        if shape.last().copied() != i64::try_from(self.letters.tokens).ok() {
            let wrong = format!("{FILE} gave {shape:?} for {} tokens", self.letters.tokens);
            return Err(InferenceError::Run(wrong).into());
        }
        Ok(Frames {
            posteriors: Posteriors::of_scores(values.to_vec(), self.letters.tokens),
            letters: &self.letters,
        })
    }
}

impl Letters {
    fn of(tokens: &Tokens) -> Option<Self> {
        let mut ids = HashMap::new();
        for id in 0..tokens.len() as u32 {
            if let Token::Text(bytes) = tokens.get(id)
                && let Ok(text) = std::str::from_utf8(bytes)
                && let mut letters = text.chars()
                && let (Some(letter), None) = (letters.next(), letters.next())
            {
                ids.insert(letter, id);
            }
        }
        Some(Self {
            space: ids.remove(&' ')?,
            ids,
            blank: tokens.blank(),
            tokens: tokens.len(),
        })
    }

    /// The tokens of a word; `None` of one that is not said as it is written: digits, symbols, other
    /// alphabets.
    fn spell(&self, word: &str) -> Option<Vec<u32>> {
        let mut tokens = Vec::with_capacity(word.len());
        for letter in word.chars().flat_map(char::to_lowercase) {
            let letter = if letter == '’' { '\'' } else { letter };
            match self.ids.get(&letter) {
                Some(&id) => tokens.push(id),
                None if letter.is_alphanumeric() || SAID.contains(letter) => return None,
                // A hyphen parts words.
                None if tokens.last().is_some_and(|&last| last != self.space) => {
                    tokens.push(self.space)
                }
                None => {}
            }
        }
        // Quotation marks are written as apostrophes are.
        let mark = |token: &u32| *token == self.space || Some(token) == self.ids.get(&'\'');
        let from = tokens.iter().position(|token| !mark(token))?;
        let to = tokens.iter().rposition(|token| !mark(token))? + 1;
        Some(tokens[from..to].to_vec())
    }
}

/// Signs that are words when read aloud.
const SAID: &str = "$€£¥₹%&@#+=°";

impl Frames<'_> {
    /// Which of the frames `within` say each of `words`, in order; `None` for a word that cannot be
    /// spelled. Nothing at all where there are too few frames, or they say something else.
    pub fn place(&self, words: &[&str], within: Range<usize>) -> Option<Vec<Option<Range<usize>>>> {
        let mut tokens = Vec::new();
        let mut spans = Vec::with_capacity(words.len());
        for word in words {
            if !tokens.is_empty() {
                tokens.push(self.letters.space);
            }
            let from = tokens.len();
            let spelled = self.letters.spell(word);
            let is_spelled = spelled.is_some();
            tokens.extend(spelled.unwrap_or_else(|| vec![ANY]));
            spans.push((is_spelled, from..tokens.len()));
        }
        let heard = self.posteriors.within(within.clone());
        let aligned = align(&heard, &tokens, self.letters.blank)?;
        let letters = spans.iter().filter(|(is_spelled, _)| *is_spelled);
        let letters: usize = letters.map(|(_, span)| span.len()).sum();
        // Not a number is no better than a bad number.
        let fits = aligned.behind >= -FURTHEST_BEHIND * letters as f32;
        if !fits {
            return None;
        }
        let of = |span: &Range<usize>| aligned.tokens.get(span.clone()).unwrap_or_default();
        let frames = |(is_spelled, span): &(bool, Range<usize>)| {
            let (first, last) = (of(span).first()?, of(span).last()?);
            let start = within.start;
            is_spelled.then_some(first.frames.start + start..last.frames.end + start)
        };
        Some(spans.iter().map(frames).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blank, space, apostrophe and letters.
    const NAMES: &str = "_ 'aefglnorst";

    fn letters() -> Letters {
        let names = NAMES.chars().map(String::from).collect();
        let tokens = Tokens::build(names, &Settings::default()).expect("a vocabulary");
        Letters::of(&tokens).expect("there is a space")
    }

    /// Frames that say one of `NAMES` each.
    fn saying<'a>(letters: &'a Letters, said: &str) -> Frames<'a> {
        let row = |said: char| {
            NAMES
                .chars()
                .map(move |it| if it == said { 0.8 } else { 0.02 })
        };
        let rows: Vec<f32> = said.chars().flat_map(row).collect();
        Frames {
            posteriors: Posteriors::of_probabilities(rows, letters.tokens),
            letters,
        }
    }

    fn spelled(word: &str) -> Option<String> {
        let name = |token: u32| NAMES.chars().nth(token as usize);
        letters().spell(word)?.into_iter().map(name).collect()
    }

    #[test]
    fn words_are_spelled_without_their_marks() {
        for (word, want) in [
            ("Largo,", "largo"),
            ("\"gone.\"", "gone"),
            ("aren’t", "aren't"),
            ("'at", "at"),
            ("far-off", "far off"),
            ("large--so", "large so"),
        ] {
            assert_eq!(spelled(word).as_deref(), Some(want), "{word}");
        }
    }

    #[test]
    fn digits_symbols_and_other_alphabets_are_not_spelled() {
        for word in [
            "1455,",
            "4th",
            "$40",
            "at&t",
            "gar\u{e7}on",
            "\u{4f60}",
            "...",
            "",
        ] {
            assert_eq!(spelled(word), None, "{word}");
        }
    }

    #[test]
    fn words_have_the_frames_of_their_letters() {
        let letters = letters();
        let heard = saying(&letters, "__too__ _f_ar___");
        let found = heard.place(&["to", "far."], 0..16);
        // The second `o` of "too" is the first one, held.
        assert_eq!(found, Some(vec![Some(2..5), Some(9..13)]));
        // Counted from the first frame of all, wherever the segment begins.
        assert_eq!(heard.place(&["far"], 7..40), Some(vec![Some(9..13)]));
    }

    #[test]
    fn a_number_leaves_the_words_around_it_alone() {
        let letters = letters();
        let heard = saying(&letters, "_at_ nonent_ _gate_");
        let found = heard.place(&["at", "90", "gate"], 0..19);
        assert_eq!(found, Some(vec![Some(1..3), None, Some(14..18)]));
        assert_eq!(heard.place(&["90", "90"], 0..19), Some(vec![None, None]));
    }

    #[test]
    fn a_text_that_is_not_in_the_audio_is_not_placed() {
        let letters = letters();
        let heard = saying(&letters, "_gone_ _gone_");
        assert!(heard.place(&["gone", "gone"], 0..13).is_some());
        assert_eq!(heard.place(&["fast", "stall"], 0..13), None);
        // Nor one that it has no room for, nor any in no audio.
        assert_eq!(heard.place(&["gone", "gone"], 0..6), None);
        assert_eq!(heard.place(&["gone"], 13..30), None);
        let broken = Frames {
            posteriors: Posteriors::of_scores(vec![f32::NAN; 5 * letters.tokens], letters.tokens),
            letters: &letters,
        };
        assert!(broken.place(&["so"], 0..5).is_none_or(|it| it.len() == 1));
    }
}
