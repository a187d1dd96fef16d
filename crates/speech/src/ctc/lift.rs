//! Action tokens lifted out of the text: tags of the utterance, and entities within it.

use super::align::Aligned;
use super::posteriors::Posteriors;
use super::tokens::{Token, Tokens};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// What a model wrote between the words.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inline {
    /// One of each category that was told, by its name, such as `emotion`.
    pub tags: BTreeMap<String, InlineTag>,
    /// Entities in the order of the text.
    pub entities: Vec<InlineEntity>,
}

impl Inline {
    /// Adds what was written with text that follows `offset` characters of this one's. The tags
    /// said first hold.
    pub fn append(&mut self, next: Inline, offset: usize) {
        for (category, tag) in next.tags {
            self.tags.entry(category).or_insert(tag);
        }
        self.entities
            .extend(next.entities.into_iter().map(|it| InlineEntity {
                chars: it.chars.start + offset..it.chars.end + offset,
                ..it
            }));
    }
}

/// A tag that a model wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct InlineTag {
    /// Such as `EMOTION_HAPPY`.
    pub label: String,
    /// Each label of the category with its probability where the tag was written; they add up to 1.
    pub probabilities: Vec<(String, f32)>,
}

/// A stretch of the text that a model marked.
#[derive(Debug, Clone, PartialEq)]
pub struct InlineEntity {
    /// Its type, such as `PERSON_NAME` for `ENTITY_PERSON_NAME`.
    pub kind: String,
    /// Its characters in [`crate::Hypothesis::text`].
    pub chars: Range<usize>,
    /// Mean probability of its opening token and its letters, 0..1.
    pub confidence: f32,
}

/// Text and what was lifted out of it.
#[derive(Debug, Default)]
pub(crate) struct Lifted {
    /// Text tokens with where they are.
    pub tokens: Vec<u32>,
    /// As `tokens`.
    pub aligned: Vec<Aligned>,
    /// Trimmed, with single spaces.
    pub text: String,
    /// Everything inline.
    pub raw_text: String,
    pub inline: Inline,
}

/// An entity that is not closed yet.
struct Open {
    kind: Arc<str>,
    from: usize,
    ln_probs: Vec<f32>,
}

/// Parts words from actions.
pub(crate) fn lift(
    spoken: &[u32],
    aligned: &[Aligned],
    tokens: &Tokens,
    posteriors: &Posteriors,
) -> Lifted {
    let mut lifted = Lifted::default();
    let mut sure: BTreeMap<String, f32> = BTreeMap::new();
    let mut text = Text::default();
    let mut raw = Vec::new();
    let mut open: Option<Open> = None;
    for (&id, at) in spoken.iter().zip(aligned) {
        let token = tokens.get(id);
        if let Some(name) = tokens.action(id) {
            // Words do not run into names.
            raw.extend_from_slice(format!(" {name} ").as_bytes());
            text.part();
        }
        match token {
            Token::Text(bytes) => {
                text.push(bytes);
                raw.extend_from_slice(bytes);
                lifted.tokens.push(id);
                lifted.aligned.push(at.clone());
                if let Some(open) = &mut open {
                    open.ln_probs.push(at.ln_prob);
                }
            }
            Token::Tag { category, label } => {
                let tag = tag(category, label, at, tokens, posteriors);
                // Said twice, the surer one holds.
                let p = tag.probabilities.iter().find(|it| *it.0 == **label);
                let p = p.map_or(0.0, |it| it.1);
                if sure.get(&**category).is_none_or(|&before| p > before) {
                    sure.insert(category.to_string(), p);
                    lifted.inline.tags.insert(category.to_string(), tag);
                }
            }
            Token::Open(kind) => {
                close(open.take(), &text, &mut lifted.inline.entities);
                open = Some(Open {
                    kind: kind.clone(),
                    from: text.next_char(),
                    ln_probs: vec![at.ln_prob],
                });
            }
            Token::Close => close(open.take(), &text, &mut lifted.inline.entities),
            Token::Blank | Token::Silent(_) => {}
        }
    }
    // What is not closed ends with the text.
    close(open, &text, &mut lifted.inline.entities);
    lifted.text = text.finish();
    let length = lifted.text.chars().count();
    lifted.inline.entities.retain_mut(|it| {
        it.chars.end = it.chars.end.min(length);
        !it.chars.is_empty()
    });
    let raw = String::from_utf8_lossy(&raw);
    lifted.raw_text = raw.split_whitespace().collect::<Vec<_>>().join(" ");
    lifted
}

fn close(open: Option<Open>, text: &Text, entities: &mut Vec<InlineEntity>) {
    let Some(open) = open else { return };
    let p: f32 = open.ln_probs.iter().map(|it| it.exp()).sum();
    entities.push(InlineEntity {
        kind: open.kind.to_string(),
        chars: open.from..text.chars,
        confidence: p / open.ln_probs.len() as f32,
    });
}

/// The tag with the probabilities of all that competed for its place.
fn tag(
    category: &Arc<str>,
    label: &Arc<str>,
    at: &Aligned,
    tokens: &Tokens,
    posteriors: &Posteriors,
) -> InlineTag {
    let frame = posteriors.frame(at.peak);
    let rivals = tokens
        .categories()
        .get(category)
        .map_or(&[][..], Vec::as_slice);
    let most = rivals
        .iter()
        .map(|&id| frame[id as usize])
        .fold(f32::NEG_INFINITY, f32::max);
    let weight = |id: u32| (frame[id as usize] - most).exp();
    let sum: f32 = rivals.iter().map(|&id| weight(id)).sum();
    let probability = |&id: &u32| Some((tokens.action(id)?, weight(id) / sum));
    InlineTag {
        label: label.to_string(),
        probabilities: rivals.iter().filter_map(probability).collect(),
    }
}

/// A text that grows by bytes, with single spaces and none at its ends.
#[derive(Default)]
struct Text {
    text: String,
    /// Characters in `text`.
    chars: usize,
    /// Bytes of a character that is not whole.
    bytes: Vec<u8>,
    /// A space is due before the next character.
    gap: bool,
}

impl Text {
    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&self.bytes) {
            Ok(_) => self.bytes.len(),
            // An unfinished character waits for its end, a broken one is replaced.
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(_) => self.bytes.len(),
        };
        let ready: Vec<u8> = self.bytes.drain(..whole).collect();
        for c in String::from_utf8_lossy(&ready).chars() {
            if c.is_whitespace() {
                self.gap = true;
                continue;
            }
            if std::mem::take(&mut self.gap) && !self.text.is_empty() {
                self.text.push(' ');
                self.chars += 1;
            }
            self.text.push(c);
            self.chars += 1;
        }
    }

    /// What follows is another word.
    fn part(&mut self) {
        self.gap = true;
    }

    /// Where the next character will stand.
    fn next_char(&self) -> usize {
        self.chars + usize::from(self.gap && !self.text.is_empty())
    }

    fn finish(mut self) -> String {
        if !self.bytes.is_empty() {
            self.push(b" ");
        }
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ctc::settings::Settings;

    const NAMES: [&str; 9] = [
        "<blank>",
        " ",
        "h",
        "i",
        "ENTITY_PERSON_NAME",
        "END",
        "AGE_0_18",
        "AGE_60+",
        "b",
    ];

    fn tokens() -> Tokens {
        let names = NAMES.iter().map(|it| (*it).to_owned()).collect();
        Tokens::build(names, &Settings::default()).expect("a vocabulary")
    }

    /// As if each token took a frame of its own, with the odds 3 to 1 against its neighbour.
    fn lifted(said: &[&str]) -> Lifted {
        let set = tokens();
        let ids: Vec<u32> = said
            .iter()
            .map(|it| NAMES.iter().position(|name| name == it).expect("a token") as u32)
            .collect();
        let row = |&id: &u32| {
            let mut row = vec![0.001; NAMES.len()];
            if let Some(rival) = row.get_mut(id as usize ^ 1) {
                *rival = 0.2;
            }
            row[id as usize] = 0.6;
            row
        };
        let rows: Vec<f32> = ids.iter().flat_map(row).collect();
        let posteriors = Posteriors::of_probabilities(rows, NAMES.len());
        let aligned: Vec<Aligned> = (0..ids.len())
            .map(|t| Aligned {
                frames: t..t + 1,
                peak: t,
                ln_prob: posteriors.frame(t)[ids[t] as usize],
            })
            .collect();
        lift(&ids, &aligned, &set, &posteriors)
    }

    #[test]
    fn tags_become_metadata_with_the_odds_of_their_rivals() {
        let it = lifted(&["h", "i", "AGE_60+"]);
        assert_eq!(
            (it.text.as_str(), it.raw_text.as_str()),
            ("hi", "hi AGE_60+")
        );
        let age = &it.inline.tags["age"];
        assert_eq!(age.label, "AGE_60+");
        assert!((age.probabilities[1].1 - 0.75).abs() < 1e-3, "{age:?}");
        assert!((age.probabilities.iter().map(|it| it.1).sum::<f32>() - 1.0).abs() < 1e-5);
    }

    #[test]
    fn entities_know_their_characters() {
        let it = lifted(&[
            "h",
            "i",
            " ",
            "ENTITY_PERSON_NAME",
            " ",
            "b",
            "i",
            "END",
            "h",
        ]);
        assert_eq!(it.text, "hi bi h");
        assert_eq!(it.raw_text, "hi ENTITY_PERSON_NAME bi END h");
        let entity = &it.inline.entities[0];
        assert_eq!(
            (entity.kind.as_str(), entity.chars.clone()),
            ("PERSON_NAME", 3..5)
        );
        assert_eq!(it.tokens.len(), it.aligned.len());
    }

    #[test]
    fn an_entity_that_is_not_closed_ends_with_the_text_and_an_empty_one_is_none() {
        let it = lifted(&[
            "ENTITY_PERSON_NAME",
            "h",
            "ENTITY_PERSON_NAME",
            "END",
            "END",
        ]);
        assert_eq!(it.text, "h");
        let entities = &it.inline.entities;
        assert!(matches!(&entities[..], [one] if one.chars == (0..1)));
        assert!(lifted(&["END", "AGE_60+"]).text.is_empty());
    }
}
