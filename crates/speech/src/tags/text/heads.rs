//! The heads that tag text, embedded in the binary.

use super::labels;
use super::sentence::{LAYERS, WIDTH};
use crate::{Head, SpeechError};
use std::path::PathBuf;

/// Every layer of a sentence and of the turn before it.
pub(super) const FEATURES: usize = 2 * LAYERS * WIDTH;

/// What a sentence can be asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextHead {
    /// What the speaker does with the sentence, after motivational interviewing.
    Behavior,
    /// How an interviewer judges the answer before.
    Eval,
    /// Who says such things in an interview.
    RoleInterview,
    /// Who says such things in a call with an agent.
    RoleCall,
    /// What is wanted in a call about a debt.
    IntentCollections,
    /// What is wanted in any other talk.
    IntentGeneral,
    /// What the sentence does, after ISO 24617-2.
    SpeechAct,
    /// What the sentence is about.
    Domain,
}

impl TextHead {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Behavior,
        Self::Eval,
        Self::RoleInterview,
        Self::RoleCall,
        Self::IntentCollections,
        Self::IntentGeneral,
        Self::SpeechAct,
        Self::Domain,
    ];

    /// Its name, which is that of its files: `intent_general`.
    pub fn name(self) -> &'static str {
        self.file().0
    }

    /// Its labels and what each of them means, in a sentence. A label named here that the head was
    /// not trained on is in no distribution.
    pub fn definitions(self) -> &'static [(String, String)] {
        labels::section(self.name())
    }

    /// Its labels, in the order of [`Self::definitions`].
    pub fn labels(self) -> impl Iterator<Item = &'static str> {
        let label = |(label, _): &'static (String, String)| label.as_str();
        self.definitions().iter().map(label)
    }

    /// Those of `wanted` that are no labels of this head.
    pub fn unknown<S: AsRef<str>>(self, wanted: &[S]) -> Vec<String> {
        let names = wanted.iter().map(AsRef::as_ref);
        names
            .filter(|name| self.labels().all(|label| label != *name))
            .map(str::to_owned)
            .collect()
    }

    fn file(self) -> (&'static str, &'static [u8]) {
        macro_rules! file {
            ($name:literal) => {
                (
                    $name,
                    include_bytes!(concat!(
                        "../../../../../models/heads/",
                        $name,
                        ".safetensors"
                    )),
                )
            };
        }
        match self {
            Self::Behavior => file!("behavior"),
            Self::Eval => file!("eval"),
            Self::RoleInterview => file!("role_interview"),
            Self::RoleCall => file!("role_call"),
            Self::IntentCollections => file!("intent_collections"),
            Self::IntentGeneral => file!("intent_general"),
            Self::SpeechAct => file!("speech_act"),
            Self::Domain => file!("domain"),
        }
    }
}

/// All heads, in the order of [`TextHead::ALL`].
pub(super) fn all() -> Result<Vec<Head>, SpeechError> {
    let read = |head: TextHead| {
        let (name, bytes) = head.file();
        let head = Head::read(name, bytes)?;
        if head.inputs() == FEATURES {
            return Ok(head);
        }
        Err(SpeechError::ModelFile {
            path: PathBuf::from(format!("{name}.safetensors")),
            reason: format!("reads {} features, not {FEATURES}", head.inputs()),
        })
    };
    TextHead::ALL.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_head_loads_and_has_the_labels_that_are_defined() {
        let heads = all().expect("they load");
        for (head, which) in heads.iter().zip(TextHead::ALL) {
            let mut found: Vec<&str> = head.labels().iter().map(String::as_str).collect();
            let mut defined: Vec<&str> = which.labels().collect();
            found.sort_unstable();
            defined.sort_unstable();
            assert_eq!(found, defined, "{}", which.name());
        }
    }

    #[test]
    fn no_guess_is_below_chance() {
        for head in all().expect("they load") {
            let chance = 1.0 / head.labels().len() as f32;
            assert!(head.threshold() > chance, "{}", head.name());
        }
    }

    #[test]
    fn heads_are_in_the_order_of_their_enum() {
        for (at, head) in TextHead::ALL.into_iter().enumerate() {
            assert_eq!(at, head as usize);
        }
    }

    #[test]
    fn labels_that_a_head_does_not_know_are_named() {
        let wanted = ["INTENT_BOOK", "INTENT_DANCE"];
        assert_eq!(TextHead::IntentGeneral.unknown(&wanted), ["INTENT_DANCE"]);
    }
}
