//! What a CTC model wrote between the words: its tags and entities beside those of the heads.
//!
//! A tag that the model wrote stands, unless the model itself says that heads know better; where it
//! wrote none of a category, a head may. Its entities stand as well, and others only where they
//! share no character with one of its own.

use super::words::Known;
use crate::answer::{probability, seconds};
use crate::readable::Readable;
use api::entities::{Entity, EntityType};
use speech::{Hypothesis, Inline, InlineEntity};

/// Names of entity types in use for CTC models, and what they are here.
const TYPES: [(&str, EntityType); 22] = [
    ("PERSON", EntityType::Person),
    ("PERSON_NAME", EntityType::Person),
    ("PER", EntityType::Person),
    ("NAME", EntityType::Person),
    ("ORG", EntityType::Org),
    ("ORGANIZATION", EntityType::Org),
    ("COMPANY", EntityType::Org),
    ("PLACE", EntityType::Place),
    ("LOC", EntityType::Place),
    ("LOCATION", EntityType::Place),
    ("PLACE_NAME", EntityType::Place),
    ("GPE", EntityType::Place),
    ("CITY", EntityType::Place),
    ("COUNTRY", EntityType::Place),
    ("MONEY", EntityType::Money),
    ("CURRENCY", EntityType::Money),
    ("DATE", EntityType::Date),
    ("TIME", EntityType::Time),
    ("PHONE", EntityType::Phone),
    ("PHONE_NUMBER", EntityType::Phone),
    ("EMAIL", EntityType::Email),
    ("ACCOUNT", EntityType::Account),
];

/// Puts down the model's own tags; in the categories of `heads_first` only where no head is sure.
pub fn tags(known: &mut Known, inline: &Inline, heads_first: &[String]) {
    for (category, tag) in &inline.tags {
        let told = matches!(known.tags.get(category), Some(Some(_)));
        if told && heads_first.contains(category) {
            continue;
        }
        let label = Some(tag.label.clone());
        known.tags.insert(category.clone(), label);
        let all = tag.probabilities.iter();
        let all = all.map(|(label, p)| (label.clone(), probability(*p)));
        known.probabilities.insert(category.clone(), all.collect());
    }
}

/// Puts the model's own entities among those found in the text.
pub fn entities(known: &mut Known, hypothesis: &Hypothesis, readable: &Readable) {
    let own = hypothesis.inline.entities.iter();
    let own: Vec<Entity> = own
        .filter_map(|it| entity(it, hypothesis, readable))
        .collect();
    if own.is_empty() {
        return;
    }
    let apart = |it: &Entity| {
        let beside =
            |mine: &Entity| it.end_char <= mine.start_char || mine.end_char <= it.start_char;
        own.iter().all(beside)
    };
    known.entities.retain(apart);
    known.entities.extend(own);
    known.entities.sort_by_key(|it| it.start_char);
}

/// An entity where it stands in the text as its reader sees it, by its words; `None` where those
/// were rewritten beyond recognition.
fn entity(own: &InlineEntity, hypothesis: &Hypothesis, readable: &Readable) -> Option<Entity> {
    let chars = hypothesis.text.chars();
    let said: String = chars.skip(own.chars.start).take(own.chars.len()).collect();
    let before = hypothesis
        .text
        .chars()
        .take(own.chars.start)
        .collect::<String>();
    // The same occurrence of the same words, whatever their case.
    let folded = |text: &str| text.to_lowercase();
    let nth = folded(&before).matches(&folded(&said)).count();
    let text = folded(&readable.text);
    let at = text.match_indices(&folded(&said)).nth(nth).map(|it| it.0)?;
    let start_char = text.get(..at)?.chars().count();
    let end_char = start_char + said.chars().count();
    let times = times(own, hypothesis);
    Some(Entity {
        kind: kind(&own.kind),
        value: readable
            .text
            .chars()
            .skip(start_char)
            .take(end_char - start_char)
            .collect(),
        start_char,
        end_char,
        start: times.map(|it| seconds(it.0)),
        end: times.map(|it| seconds(it.1)),
    })
}

/// From its first word to its last, where words have times.
fn times(own: &InlineEntity, hypothesis: &Hypothesis) -> Option<(f64, f64)> {
    let mut at = 0;
    let mut times: Option<(f64, f64)> = None;
    for word in &hypothesis.words {
        let start = at;
        at += word.text.chars().count() + 1;
        if start < own.chars.end && at > own.chars.start + 1 {
            times = Some((times.map_or(word.start_s, |it| it.0), word.end_s));
        }
    }
    times
}

fn kind(name: &str) -> EntityType {
    let known = TYPES.iter().find(|(known, _)| *known == name);
    known.map_or_else(|| EntityType::Own(name.to_owned()), |it| it.1.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readable::readable;
    use speech::{InlineTag, Language, Word};

    fn heard() -> Hypothesis {
        let word = |(i, text): (usize, &str)| Word {
            text: text.to_owned(),
            start_s: i as f64,
            end_s: i as f64 + 0.5,
            confidence: 0.9,
            evidence: [0.0; 3],
        };
        let text = "ann asked ann lee about soup";
        let entity = |kind: &str, chars| InlineEntity {
            kind: kind.into(),
            chars,
            confidence: 0.8,
        };
        let tag = InlineTag {
            label: "AGE_60+".into(),
            probabilities: vec![("AGE_0_18".into(), 0.25), ("AGE_60+".into(), 0.75)],
        };
        Hypothesis {
            text: text.into(),
            words: text.split(' ').enumerate().map(word).collect(),
            language: Language::ENGLISH,
            inline: Inline {
                tags: [("age".to_owned(), tag)].into(),
                entities: vec![entity("PERSON_NAME", 10..17), entity("DISH", 24..28)],
            },
            ..Hypothesis::nothing()
        }
    }

    #[test]
    fn a_tag_of_the_model_replaces_that_of_a_head_and_leaves_the_others() {
        let mut known = Known::default();
        known.tags.insert("age".into(), Some("AGE_18_30".into()));
        known
            .tags
            .insert("gender".into(), Some("GENDER_MALE".into()));
        tags(&mut known, &heard().inline, &["age".to_owned()]);
        assert_eq!(known.tags["age"].as_deref(), Some("AGE_18_30"));
        tags(&mut known, &heard().inline, &[]);
        assert_eq!(known.tags["age"].as_deref(), Some("AGE_60+"));
        assert_eq!(known.tags["gender"].as_deref(), Some("GENDER_MALE"));
        assert_eq!(known.probabilities["age"]["AGE_0_18"], 0.25);
    }

    #[test]
    fn entities_stand_where_their_words_stand_with_their_times() {
        let (heard, mut known) = (heard(), Known::default());
        let readable = readable(&heard, true, true, false);
        entities(&mut known, &heard, &readable);
        let [name, dish] = &known.entities[..] else {
            panic!("{known:?}");
        };
        assert_eq!((&name.kind, name.start_char), (&EntityType::Person, 10));
        assert_eq!((name.start, name.end), (Some(2.0), Some(3.5)));
        assert_eq!(dish.kind, EntityType::Own("DISH".into()));
        assert_eq!((dish.value.as_str(), dish.start), ("soup", Some(5.0)));
        let json = serde_json::to_value(dish).expect("an entity");
        assert_eq!(json["type"], "DISH");
    }

    #[test]
    fn an_entity_found_in_the_text_gives_way_where_it_overlaps() {
        let (heard, mut known) = (heard(), Known::default());
        let found = |start_char, end_char| Entity {
            kind: EntityType::Org,
            value: String::new(),
            start_char,
            end_char,
            start: None,
            end: None,
        };
        known.entities = vec![found(0, 3), found(14, 17)];
        entities(&mut known, &heard, &readable(&heard, true, true, false));
        let starts: Vec<_> = known.entities.iter().map(|it| it.start_char).collect();
        assert_eq!(starts, [0, 10, 24]);
    }
}
