//! Commands and notes that are known without a language model: patterns, in `data/commands.toml`.

mod patterns;
mod quantities;

use api::conversation::{Command, CommandKind};
use patterns::{ByLanguage, Politeness, compiled};
use quantities::Quantities;
use regex::{Captures, Regex};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

const DATA: &str = include_str!("../../data/commands.toml");
/// Longest utterance that can be a command, in characters: what is longer is talk.
const LONGEST: usize = 400;

/// What an utterance is, as far as patterns tell.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// Something to do.
    Command(Command),
    /// Something to keep.
    Note(String),
    /// Text to be typed.
    Dictation(String),
}

/// The patterns, compiled.
pub struct Commands {
    polite: Politeness,
    kinds: Vec<Kind>,
    note: ByLanguage,
    dictation: ByLanguage,
    quantities: Quantities,
}

struct Kind {
    name: String,
    description: String,
    arguments: BTreeMap<String, String>,
    patterns: ByLanguage,
    except: ByLanguage,
}

#[derive(Deserialize)]
struct File {
    command: Vec<Entry>,
    note: BTreeMap<String, Vec<String>>,
    dictation: BTreeMap<String, Vec<String>>,
    polite: patterns::PoliteWords,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    description: String,
    #[serde(default)]
    arguments: BTreeMap<String, String>,
    patterns: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    except: BTreeMap<String, Vec<String>>,
}

impl Commands {
    /// Reads the patterns, which are part of the program.
    pub fn new() -> Self {
        let file: File = toml::from_str(DATA).expect("data/commands.toml is well-formed, by test");
        let kinds = file.command.into_iter().map(|entry| Kind {
            name: entry.name,
            description: entry.description,
            arguments: entry.arguments,
            patterns: compiled(entry.patterns),
            except: compiled(entry.except),
        });
        Commands {
            polite: Politeness::new(&file.polite),
            kinds: kinds.collect(),
            note: compiled(file.note),
            dictation: compiled(file.dictation),
            quantities: Quantities::new(),
        }
    }

    /// What there is.
    pub fn kinds(&self) -> Vec<CommandKind> {
        let kinds = self.kinds.iter().map(|kind| CommandKind {
            name: kind.name.clone(),
            description: kind.description.clone(),
            arguments: (kind.arguments.iter())
                .map(|(name, what)| (name.clone(), Value::from(what.as_str())))
                .collect(),
            languages: kind.patterns.keys().cloned().collect(),
        });
        kinds.collect()
    }

    /// Whether there is such a command.
    pub fn knows(&self, name: &str) -> bool {
        self.kinds.iter().any(|kind| kind.name == name)
    }

    /// What an utterance is, and in which language. `language` is tried first, then the others.
    pub fn find(&self, utterance: &str, language: Option<&str>) -> Option<(Found, String)> {
        let whole = utterance.split_whitespace().collect::<Vec<_>>().join(" ");
        for language in self.languages(language) {
            if let Some(text) = first_text(&self.note, &language, &whole, &self.polite) {
                return Some((Found::Note(text), language));
            }
            if let Some(text) = first_text(&self.dictation, &language, &whole, &self.polite) {
                return Some((Found::Dictation(text), language));
            }
            if whole.chars().count() > LONGEST {
                continue;
            }
            let bare = self.polite.strip(&whole);
            if let Some(command) = self.command(bare, &language) {
                return Some((Found::Command(command), language));
            }
        }
        None
    }

    fn languages(&self, first: Option<&str>) -> Vec<String> {
        let mut all: Vec<String> = self.note.keys().cloned().collect();
        // English words are said in every language, so it comes before the rest.
        all.sort_by_key(|language| (Some(language.as_str()) != first, language != "en"));
        all
    }

    fn command(&self, text: &str, language: &str) -> Option<Command> {
        for kind in &self.kinds {
            let patterns = |of: &ByLanguage| -> Option<Vec<Regex>> { of.get(language).cloned() };
            let excepted = patterns(&kind.except).unwrap_or_default();
            if excepted.iter().any(|pattern| pattern.is_match(text)) {
                continue;
            }
            for pattern in kind.patterns.get(language).into_iter().flatten() {
                let found = pattern.captures(text);
                let arguments = found.and_then(|found| self.arguments(pattern, &found, language));
                if let Some(arguments) = arguments {
                    return Some(Command {
                        name: kind.name.clone(),
                        arguments,
                    });
                }
            }
        }
        None
    }

    /// None when a group is not what its name says: then it is not this command.
    fn arguments(
        &self,
        pattern: &Regex,
        found: &Captures<'_>,
        language: &str,
    ) -> Option<Map<String, Value>> {
        let mut arguments = Map::new();
        for name in pattern.capture_names().flatten() {
            let Some(text) = found.name(name).map(|group| group.as_str().trim()) else {
                continue;
            };
            match name {
                "duration" => {
                    let seconds = self.quantities.duration(text, language)?;
                    arguments.insert("seconds".into(), seconds.into());
                }
                "time" => {
                    let time = self.quantities.time(text, language)?;
                    arguments.insert("time".into(), time.text.into());
                    if time.ambiguous {
                        arguments.insert("ambiguous".into(), true.into());
                    }
                }
                "day" | "day2" => {
                    let day = self.quantities.day(text, language)?;
                    arguments.insert("day".into(), day.into());
                }
                "percent" => {
                    let percent = self.quantities.number(text, language)?;
                    let percent =
                        Some(percent).filter(|percent| (0.0..=100.0).contains(percent))?;
                    arguments.insert("percent".into(), (percent.round() as i64).into());
                }
                _ => {
                    arguments.insert(name.into(), text.into());
                }
            }
        }
        Some(arguments)
    }
}

impl Default for Commands {
    fn default() -> Self {
        Commands::new()
    }
}

/// The group `text` of the first pattern that fits, with or without polite words around it.
fn first_text(
    patterns: &ByLanguage,
    language: &str,
    whole: &str,
    polite: &Politeness,
) -> Option<String> {
    let begun = polite.strip_before(whole);
    for pattern in patterns.get(language)? {
        let text = pattern.captures(begun).and_then(|found| found.name("text"));
        if let Some(text) = text.map(|text| text.as_str().trim())
            && text.chars().any(char::is_alphanumeric)
        {
            return Some(text.to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests;
