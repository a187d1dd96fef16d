//! Tags of what was said: what the text heads make of a sentence and of the turn before it.

use super::Models;
use super::heads::category;
use super::wishes::Wishes;
use crate::answer::probability;
use crate::profiles::Profile;
use api::entities::Entity;
use api::tags::{LabelProbability, StructuredIntent, TagProbabilities, Tags};
use speech::{Distribution, Role, Scene, Sentence, TextHead};
use speech::{Language, SpeechError};

/// What is known of a segment beside its words.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// The likeliest of each category.
    pub tags: Tags,
    /// All of each category.
    pub probabilities: TagProbabilities,
    /// Names, amounts, dates and numbers.
    pub entities: Vec<Entity>,
    /// Speech act and domain, where asked for.
    pub structured_intent: Option<StructuredIntent>,
}

impl Known {
    /// The categories of a profile, all of them unsure. Emotion is always there, so that a client
    /// may always read it.
    pub fn of(profile: &Profile) -> Self {
        let text = profile.heads.text.iter().map(|head| category(head.name()));
        let names = profile.heads.voice.iter().copied().chain(text);
        Known {
            tags: names
                .chain(["emotion"])
                .map(|name| (name.to_owned(), None))
                .collect(),
            ..Known::default()
        }
    }

    /// What a head says.
    pub fn put(&mut self, category: &str, found: &Distribution) {
        let tag = found.top().map(|(label, _)| label.to_owned());
        self.tags.insert(category.to_owned(), tag);
        let all = found.iter();
        let all = all.map(|(label, p)| (label.to_owned(), probability(p)));
        self.probabilities
            .insert(category.to_owned(), all.collect());
    }

    /// The speaker's role.
    pub fn put_role(&mut self, role: &Role) {
        let tag = role.is_sure().then(|| role.label.clone());
        self.tags.insert("role".to_owned(), tag);
    }
}

impl Models {
    /// Sentences for the text heads; what they cannot read is `None`.
    pub fn sentences(
        &self,
        texts: &[(&str, Language)],
    ) -> Result<Vec<Option<Sentence>>, SpeechError> {
        // The encoder takes a batch; it is kept small, for its memory.
        const TOGETHER: usize = 16;
        let english: Vec<&str> = texts
            .iter()
            .filter(|(_, language)| *language == Language::ENGLISH)
            .map(|(text, _)| *text)
            .collect();
        let mut embedded = Vec::with_capacity(english.len());
        for texts in english.chunks(TOGETHER) {
            embedded.extend(self.text_tags.embed(texts)?);
        }
        let mut embedded = embedded.into_iter();
        let one = |(_, language): &(&str, Language)| match *language == Language::ENGLISH {
            true => embedded.next(),
            false => None,
        };
        Ok(texts.iter().map(one).collect())
    }

    /// Everything the words say but the role; gives what the sentence says of the role.
    pub fn read(
        &self,
        profile: &Profile,
        wishes: &Wishes,
        sentence: &Sentence,
        previous: Option<&Sentence>,
        known: &mut Known,
    ) -> Option<Distribution> {
        let tag = |head| self.text_tags.tag(head, sentence, previous);
        let mut role = None;
        for &head in profile.heads.text.iter().filter(|_| wishes.metadata) {
            let Some(mut found) = tag(head) else { continue };
            if Some(head) == profile.heads.intent()
                && !wishes.intent_labels.is_empty()
                && let Ok(chosen) = found.only(&wishes.intent_labels)
            {
                found = chosen;
            }
            match category(head.name()) {
                "role" => role = Some(found),
                category => known.put(category, &found),
            }
        }
        if wishes.structured_intents {
            let likeliest = |head| {
                let found = tag(head)?;
                let (label, p) = found.top()?;
                Some(LabelProbability {
                    label: label.to_owned(),
                    probability: probability(p),
                })
            };
            known.structured_intent = Some(StructuredIntent {
                speech_act: likeliest(TextHead::SpeechAct),
                domain: likeliest(TextHead::Domain),
            });
        }
        role
    }
}

/// Whether a profile tells roles, and of what kind of talk.
pub fn scene(profile: &Profile) -> Option<Scene> {
    [Scene::Interview, Scene::Call]
        .into_iter()
        .find(|scene| profile.heads.text.contains(&scene.head()))
}
