//! Entities by their shape: amounts, dates, times, telephone numbers, e-mail addresses.

use super::data;
use crate::analysis::evidence::Words;
use api::analysis::{Entity, Evidence};
use regex::{Regex, RegexBuilder};
use serde::Deserialize;
use std::collections::HashSet;
use std::sync::LazyLock;

/// Most entities of a call.
const MOST: usize = 200;

#[derive(Deserialize)]
struct File {
    entity: Vec<Written>,
}

#[derive(Deserialize)]
struct Written {
    r#type: String,
    pattern: String,
    #[serde(default)]
    least_digits: usize,
}

/// A shape.
pub struct Shape {
    kind: String,
    pattern: Regex,
    least_digits: usize,
}

static RULES: LazyLock<Vec<Shape>> = LazyLock::new(|| {
    let file: File = data(include_str!("../../../rules/entities.toml"));
    let shape = |written: Written| Shape {
        kind: written.r#type,
        pattern: RegexBuilder::new(&written.pattern)
            .case_insensitive(true)
            .build()
            .expect("patterns compiled in are read by a test"),
        least_digits: written.least_digits,
    };
    file.entity.into_iter().map(shape).collect()
});

/// The shapes, those that win first.
pub fn rules() -> &'static [Shape] {
    &RULES
}

/// The entities of a call, each once, in order.
pub fn of(words: &Words) -> Vec<Entity> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    for at in 0..words.call.segments.len() {
        let mut here = shaped(&words.call.segments[at].text);
        let named = words.call.segments[at].entities.iter();
        let named = named.filter(|entity| words.call.segments[at].text.contains(&entity.value));
        here.extend(named.map(|entity| (entity.r#type.clone(), entity.value.clone())));
        for (kind, value) in here {
            if seen.insert((kind.clone(), value.to_lowercase())) && !value.is_empty() {
                let evidence = words.segment(at);
                found.push(Entity {
                    r#type: kind,
                    value,
                    evidence,
                });
            }
            if found.len() == MOST {
                return found;
            }
        }
    }
    found
}

/// The segments of these with an amount of money in them.
pub fn money(words: &Words, segments: impl Iterator<Item = usize>) -> Vec<Evidence> {
    let amounts = segments.filter_map(|at| {
        let (_, value) = shaped(&words.call.segments[at].text)
            .into_iter()
            .find(|(kind, _)| kind == "MONEY")?;
        Some(Evidence {
            quote: value,
            ..words.segment(at)
        })
    });
    amounts.take(crate::analysis::evidence::MOST).collect()
}

/// Kinds and values in the order of the text; what stands in another is left out.
fn shaped(text: &str) -> Vec<(String, String)> {
    let mut taken: Vec<(usize, usize, &str)> = Vec::new();
    for shape in rules() {
        for hit in shape.pattern.find_iter(text) {
            let digits = hit.as_str().chars().filter(char::is_ascii_digit).count();
            let free = taken
                .iter()
                .all(|(from, to, _)| hit.end() <= *from || hit.start() >= *to);
            if free && digits >= shape.least_digits {
                taken.push((hit.start(), hit.end(), &shape.kind));
            }
        }
    }
    taken.sort_unstable();
    let value = |from: usize, to: usize| text[from..to].trim().to_owned();
    taken
        .into_iter()
        .map(|(from, to, kind)| (kind.to_owned(), value(from, to)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(String, String)> {
        shaped(text)
    }

    fn one(text: &str, kind: &str, value: &str) {
        assert_eq!(kinds(text), [(kind.to_owned(), value.to_owned())], "{text}");
    }

    #[test]
    fn amounts_are_found_in_digits_and_words_in_english_and_hindi() {
        one("you owe $1,500.50 now", "MONEY", "$1,500.50");
        one("it is Rs. 5000 only", "MONEY", "Rs. 5000");
        one(
            "five thousand two hundred and ten rupees please",
            "MONEY",
            "five thousand two hundred and ten rupees",
        );
        one(
            "paanch hazaar rupaye dena hai",
            "MONEY",
            "paanch hazaar rupaye",
        );
        one("पाँच हजार रुपये देना है", "MONEY", "पाँच हजार रुपये");
        assert!(kinds("no rupees and dollars").is_empty());
    }

    #[test]
    fn addresses_numbers_and_dates_are_told_apart() {
        one(
            "write to dana.k@mail.co.uk today",
            "EMAIL",
            "dana.k@mail.co.uk",
        );
        one("call +91 98765 43210 please", "PHONE", "+91 98765 43210");
        one("call 415-555-1234", "PHONE", "415-555-1234");
        one("on 24 November", "DATE", "24 November");
        one("at 5:30 pm", "TIME", "5:30 pm");
        one("on 2026-11-22", "DATE", "2026-11-22");
        assert!(kinds("call 12 34").is_empty());
    }
}
