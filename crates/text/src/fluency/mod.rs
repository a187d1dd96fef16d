//! How somebody speaks: pace, pauses, hesitation, vocabulary and grammar, from words and times.
//!
//! `docs/speech-analysis.md` defines each measure with its formula and source. A measure is `None`
//! where there is too little speech for it, or no rules for the language.

mod dialogue;
mod grammar;
mod hesitation;
mod measures;
mod pace;
mod syllables;
mod tally;
#[cfg(test)]
mod tests;
mod vocabulary;
mod words;

pub use grammar::{GrammarError, grammar_errors};
pub use measures::{
    Fillers, Pace, Pauses, Repairs, SpeakerMeasures, SpeechAnalysis, SpeechMeasures,
};
pub use syllables::syllables;

use crate::Utterance;
use std::collections::BTreeMap;
use tally::Tally;

/// Analyses the utterances of a recording. [`Utterance::label`] is who speaks: utterances without
/// one are of one and the same speaker, and then there are no measures by speaker.
///
/// `language` is an ISO 639-1 code. Words are best given as they were said: a number written in
/// digits is one word. Times that are not finite count as absent.
pub fn analyse(utterances: &[Utterance], language: &str) -> SpeechAnalysis {
    let mut by_speaker: BTreeMap<Option<&str>, Vec<&Utterance>> = BTreeMap::new();
    for utterance in utterances {
        let speaker = utterance.label.as_deref();
        by_speaker.entry(speaker).or_default().push(utterance);
    }
    let tallies: BTreeMap<Option<&str>, Tally> = by_speaker
        .iter()
        .map(|(speaker, own)| {
            let others = dialogue::spans(utterances, |label| label != *speaker);
            (*speaker, Tally::new(own, &others, language))
        })
        .collect();
    let mut all = Tally::default();
    tallies.values().for_each(|tally| all.add(tally));
    let interruptions = dialogue::interruptions(utterances);
    let speakers = tallies
        .iter()
        .filter_map(|(speaker, tally)| {
            let name = (*speaker)?;
            let measures = SpeakerMeasures {
                speech: tally.measures(language),
                talk_ratio: dialogue::share(tally.speaking_s, all.speaking_s),
                interruptions: interruptions.get(name).copied().unwrap_or(0),
            };
            Some((name.to_owned(), measures))
        })
        .collect();
    SpeechAnalysis {
        speech: all.measures(language),
        speakers,
    }
}
