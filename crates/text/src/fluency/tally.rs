//! Everything counted of one speaker, before it becomes measures.

use super::hesitation::{self, hesitation};
use super::measures::{Fillers, Pace, Pauses, Repairs, SpeechMeasures};
use super::pace::{Span, timing};
use super::words::{Word, spaced, unspaced_script, words};
use super::{grammar, syllables::syllables, vocabulary};
use crate::Utterance;
use std::collections::BTreeMap;

/// Fewest words for a measure of words, and seconds for one of time.
const FEWEST_WORDS: usize = 20;
const FEWEST_SECONDS: f64 = 3.0;
/// An error of grammar in every tenth word is a score of 0.
const ERROR_WEIGHT: f64 = 10.0;

/// Counts; those of several speakers add up.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Tally {
    /// Words that say something, in lower case, in order.
    vocabulary: Vec<String>,
    words: usize,
    /// `None` as soon as one word has none.
    syllables: Option<usize>,
    errors: usize,
    fillers: BTreeMap<String, usize>,
    repairs: Repairs,
    phonation_s: f64,
    /// Seconds of sound and pauses.
    pub speaking_s: f64,
    pauses: Vec<f64>,
    within_clause: usize,
    /// Utterances whose words have no times, so that pauses in them are unknown.
    untimed: usize,
    /// Utterances written without spaces.
    unspaced: usize,
    utterances: usize,
}

impl Tally {
    /// Counts utterances of one speaker; `others` are the times of everybody else's, in order.
    pub fn new(utterances: &[&Utterance], others: &[(f64, f64)], language: &str) -> Self {
        let mut out = Self {
            syllables: Some(0),
            ..Self::default()
        };
        let mut spans = Vec::new();
        for utterance in utterances {
            let said = words(&utterance.text);
            spans.extend(out.spans(utterance, &said));
            out.count(&said, language);
            out.unspaced += usize::from(unspaced_script(&utterance.text));
            out.utterances += 1;
        }
        let timing = timing(spans, others);
        out.phonation_s = timing.phonation_s;
        out.speaking_s = timing.phonation_s + timing.pauses.iter().sum::<f64>();
        out.pauses = timing.pauses;
        out.within_clause = timing.within_clause;
        out
    }

    /// Times of the words, or of the whole where they have none.
    fn spans(&mut self, utterance: &Utterance, said: &[Word]) -> Vec<Span> {
        let timed = &utterance.words;
        if timed.is_empty() {
            self.untimed += usize::from(!said.is_empty());
            let (start, end) = (utterance.start, utterance.end);
            return vec![Span {
                start,
                end,
                ends_clause: true,
            }];
        }
        // The text has the punctuation, where it can be laid word for word on the timed ones.
        let aligned = said.len() == timed.len();
        let span = |(i, word): (usize, &crate::TimedWord)| {
            let own = || words(&word.word).last().is_some_and(|w| w.ends_clause);
            let ends = i + 1 == timed.len() || if aligned { said[i].ends_clause } else { own() };
            Span {
                start: word.start,
                end: word.end,
                ends_clause: ends,
            }
        };
        timed.iter().enumerate().map(span).collect()
    }

    fn count(&mut self, said: &[Word], language: &str) {
        let hesitation = hesitation(said, language);
        let of = |word: &Word| syllables(&word.lower, language);
        for word in said {
            self.syllables = self.syllables.and_then(|sum| Some(sum + of(word)?));
        }
        let fluent: Vec<&Word> = hesitation.fluent.iter().map(|&i| &said[i]).collect();
        if language == "en" {
            self.errors += grammar::errors(&fluent).len();
        }
        self.words += said.len();
        self.vocabulary
            .extend(fluent.iter().map(|word| word.lower.clone()));
        for (filler, count) in hesitation.fillers {
            *self.fillers.entry(filler).or_default() += count;
        }
        self.repairs.repetitions += hesitation.repairs.repetitions;
        self.repairs.false_starts += hesitation.repairs.false_starts;
    }

    /// Adds another speaker's.
    pub fn add(&mut self, other: &Self) {
        self.syllables = match self.utterances {
            0 => other.syllables,
            _ => self.syllables.zip(other.syllables).map(|(a, b)| a + b),
        };
        self.vocabulary.extend_from_slice(&other.vocabulary);
        self.words += other.words;
        self.errors += other.errors;
        for (filler, count) in &other.fillers {
            *self.fillers.entry(filler.clone()).or_default() += count;
        }
        self.repairs.repetitions += other.repairs.repetitions;
        self.repairs.false_starts += other.repairs.false_starts;
        self.phonation_s += other.phonation_s;
        self.speaking_s += other.speaking_s;
        self.pauses.extend_from_slice(&other.pauses);
        self.within_clause += other.within_clause;
        self.untimed += other.untimed;
        self.unspaced += other.unspaced;
        self.utterances += other.utterances;
    }

    /// What the counts come to.
    pub fn measures(&self, language: &str) -> SpeechMeasures {
        let spaced = spaced(language) && self.unspaced * 2 <= self.utterances;
        let fluent = self.vocabulary.len();
        let enough = spaced && fluent >= FEWEST_WORDS;
        let long = self.speaking_s >= FEWEST_SECONDS;
        let known = spaced && hesitation::known(language);
        let per_minute = |count: usize| long.then(|| count as f64 * 60.0 / self.speaking_s);
        let fillers: usize = self.fillers.values().sum();
        let hesitations =
            fillers + self.repairs.repetitions + self.repairs.false_starts + self.within_clause;
        let score = |errors: f64| (1.0 - ERROR_WEIGHT * errors / fluent as f64).max(0.0);
        let total_s: f64 = self.pauses.iter().sum();
        let count = self.pauses.len();
        SpeechMeasures {
            lexical_fluency: (enough && known && self.untimed == 0)
                .then(|| fluent as f64 / (fluent + hesitations) as f64),
            vocabulary_range: spaced
                .then(|| vocabulary::moving_average_type_token_ratio(&self.vocabulary))
                .flatten(),
            grammar_score: (enough && language == "en").then(|| score(self.errors as f64)),
            words: spaced.then_some(self.words),
            pace: Pace {
                speaking_s: self.speaking_s,
                words_per_minute: per_minute(self.words).filter(|_| spaced),
                articulation_rate: self
                    .syllables
                    .filter(|_| spaced && long && self.untimed == 0)
                    .map(|sum| sum as f64 / self.phonation_s)
                    .filter(|rate| rate.is_finite()),
            },
            pauses: Pauses {
                count,
                total_s,
                mean_s: (count > 0).then(|| total_s / count as f64),
                longest_s: self.pauses.iter().copied().reduce(f64::max),
                per_minute: per_minute(count),
            },
            fillers: known.then(|| Fillers {
                count: fillers,
                per_minute: per_minute(fillers),
                words: self.fillers.clone(),
            }),
            repairs: spaced.then_some(self.repairs),
        }
    }
}
