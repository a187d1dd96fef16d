//! Entities of a segment, as responses carry them.

use super::Models;
use crate::answer::seconds;
use crate::readable::Readable;
use api::entities::{Entity, EntityType};
use speech::{Language, NameKind};
use text::entities::Name;
use text::{EntityKind, TimedWord};

impl Models {
    /// Names, amounts, dates and numbers in a segment's text, with times where its words have
    /// them.
    pub fn entities(&self, readable: &Readable, language: Language) -> Vec<Entity> {
        let timed = |word: &api::recognition::Word| TimedWord {
            word: word.word.clone(),
            start: word.start,
            end: word.end,
        };
        let words: Vec<TimedWord> = readable.words.iter().map(timed).collect();
        let names = match language == Language::ENGLISH {
            true => self.names.find(&readable.text),
            false => Vec::new(),
        };
        let names: Vec<Name> = names.into_iter().map(name).collect();
        let found = text::entities::with_names(&readable.text, language.code(), &names);
        let times = text::entities::spoken_at(&readable.text, &found, &words);
        let entity = |(found, times): (text::Entity, Option<(f64, f64)>)| Entity {
            kind: kind(found.kind),
            value: found.value,
            start_char: found.span.start,
            end_char: found.span.end,
            start: times.map(|(start, _)| seconds(start)),
            end: times.map(|(_, end)| seconds(end)),
        };
        found.into_iter().zip(times).map(entity).collect()
    }
}

fn name(found: speech::Name) -> Name {
    let kind = match found.kind {
        NameKind::Person => EntityKind::Person,
        NameKind::Organization => EntityKind::Org,
        NameKind::Place => EntityKind::Place,
    };
    let span = found.span;
    Name { kind, span }
}

fn kind(kind: EntityKind) -> EntityType {
    match kind {
        EntityKind::Person => EntityType::Person,
        EntityKind::Org => EntityType::Org,
        EntityKind::Place => EntityType::Place,
        EntityKind::Money => EntityType::Money,
        EntityKind::Date => EntityType::Date,
        EntityKind::Time => EntityType::Time,
        EntityKind::Phone => EntityType::Phone,
        EntityKind::Email => EntityType::Email,
        EntityKind::Account => EntityType::Account,
    }
}
