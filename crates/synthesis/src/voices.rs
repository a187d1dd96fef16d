//! Who can speak: the voices, mixes of them, and names they go by elsewhere.

use std::collections::HashMap;
use std::path::Path;
use std::sync::LazyLock;

use crate::kokoro::{STYLE, Styles};
use crate::phonemes::table;
use crate::{Language, SynthesisError};

/// The voice that speaks when none is named.
pub const DEFAULT_VOICE: &str = "af_heart";

/// The male one.
const DEFAULT_MALE: &str = "am_michael";

/// Voices in one mix.
const MOST_PARTS: usize = 8;

/// Grammatical gender of a name, as people ask for voices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Gender {
    /// A woman's voice.
    Female,
    /// A man's voice.
    Male,
}

impl Gender {
    /// `female` or `male`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
        }
    }

    /// Reads one of these, in any case.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "female" | "f" | "woman" => Some(Self::Female),
            "male" | "m" | "man" => Some(Self::Male),
            _ => None,
        }
    }
}

/// One voice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voice {
    /// Such as `af_heart`.
    pub id: String,
    /// Such as `Heart`.
    pub name: String,
    /// The language it was trained on.
    pub language: Language,
    /// Such as `American English`.
    pub accent: &'static str,
    /// As it sounds.
    pub gender: Gender,
    /// A line for people.
    pub description: String,
}

/// One voice, or several with their shares.
#[derive(Debug, Clone, PartialEq)]
pub struct VoiceMix {
    /// Ids and shares, which together are 1.
    parts: Vec<(String, f32)>,
    language: Language,
}

impl VoiceMix {
    /// The language of the voice with the largest share.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Ids and their shares.
    pub fn parts(&self) -> &[(String, f32)] {
        &self.parts
    }
}

/// All voices and their styles.
#[derive(Debug)]
pub struct Voices {
    list: Vec<Voice>,
    places: HashMap<String, usize>,
    styles: Styles,
}

/// Name, gender, and the voice nearest to it.
type Alias = (&'static str, Gender, Option<&'static str>);

static ALIASES: LazyLock<Vec<Alias>> = LazyLock::new(|| {
    let rows = table::rows(include_str!("../data/aliases.tsv"));
    rows.filter_map(|row| Some((row[0], Gender::parse(row.get(1)?)?, row.get(2).copied())))
        .collect()
});

impl Voices {
    /// Reads the styles of a folder, `voices.bin` and `voices.json`.
    ///
    /// # Errors
    /// When a file is absent or lacks a voice.
    pub fn load(folder: &Path) -> Result<Self, SynthesisError> {
        let styles = Styles::load(folder)?;
        let rows = table::rows(include_str!("../data/voices.tsv"));
        let list = rows.map(voice).collect::<Result<Vec<Voice>, _>>()?;
        if let Some(absent) = list.iter().find(|voice| styles.row(&voice.id, 1).is_none()) {
            return Err(SynthesisError::ModelFile {
                path: folder.join("voices.json"),
                reason: format!("no voice `{}`", absent.id),
            });
        }
        let places = list.iter().enumerate();
        Ok(Self {
            places: places
                .map(|(place, voice)| (voice.id.clone(), place))
                .collect(),
            list,
            styles,
        })
    }

    /// Every voice, by language.
    pub fn list(&self) -> &[Voice] {
        &self.list
    }

    /// The voice of an id.
    pub fn get(&self, id: &str) -> Option<&Voice> {
        self.places.get(id).map(|&place| &self.list[place])
    }

    /// Reads a voice (`af_heart`), a mix (`af_heart:0.6+am_adam:0.4`; without shares in equal
    /// parts), or a name known from elsewhere (`tara`), which a warning says. `gender` decides
    /// about the last only.
    ///
    /// # Errors
    /// [`SynthesisError::UnknownVoice`], and [`SynthesisError::Mix`] for shares that are none.
    pub fn parse(
        &self,
        text: &str,
        gender: Option<Gender>,
    ) -> Result<(VoiceMix, Vec<String>), SynthesisError> {
        let mut warnings = Vec::new();
        let mut parts: Vec<(String, f32)> = Vec::new();
        for part in text.split('+') {
            let (id, share) = match part.split_once(':') {
                Some((id, share)) => (id, share.trim().parse::<f32>().ok()),
                None => (part, Some(1.0)),
            };
            let share = share.filter(|share| share.is_finite() && *share > 0.0 && *share <= 1e6);
            let share = share.ok_or(SynthesisError::Mix(
                "a share is a number above 0, as in `af_heart:0.6`",
            ))?;
            let voice = self.named(id.trim(), gender, &mut warnings)?;
            match parts.iter_mut().find(|(id, _)| *id == voice.id) {
                Some((_, before)) => *before += share,
                None => parts.push((voice.id.clone(), share)),
            }
            if parts.len() > MOST_PARTS {
                return Err(SynthesisError::Mix("a mix has at most 8 voices"));
            }
        }
        let all: f32 = parts.iter().map(|(_, share)| share).sum();
        parts.iter_mut().for_each(|(_, share)| *share /= all);
        let largest = parts.iter().max_by(|a, b| a.1.total_cmp(&b.1));
        let voice = largest.and_then(|(id, _)| self.get(id));
        let language = voice.map_or(Language::AmericanEnglish, |voice| voice.language);
        Ok((VoiceMix { parts, language }, warnings))
    }

    fn named(
        &self,
        id: &str,
        gender: Option<Gender>,
        warnings: &mut Vec<String>,
    ) -> Result<&Voice, SynthesisError> {
        if let Some(voice) = self.get(id) {
            return Ok(voice);
        }
        let small = id.to_lowercase();
        let alias = ALIASES.iter().find(|(name, ..)| *name == small);
        let found = alias.and_then(|&(_, own, nearest)| {
            let wanted = gender.unwrap_or(own);
            let fallback = match wanted {
                Gender::Female => DEFAULT_VOICE,
                Gender::Male => DEFAULT_MALE,
            };
            self.get(nearest.filter(|_| wanted == own).unwrap_or(fallback))
        });
        let voice = found.ok_or_else(|| SynthesisError::UnknownVoice {
            id: id.chars().take(60).collect(),
        })?;
        warnings.push(format!(
            "voice `{small}` is not one of ours: `{}` speaks",
            voice.id
        ));
        Ok(voice)
    }

    /// The style of a mix for a text of `phonemes` phonemes.
    pub fn style(&self, mix: &VoiceMix, phonemes: usize) -> [f32; STYLE] {
        let mut style = [0.0; STYLE];
        for (id, share) in &mix.parts {
            for (sum, value) in style
                .iter_mut()
                .zip(self.styles.row(id, phonemes).into_iter().flatten())
            {
                *sum += share * value;
            }
        }
        style
    }
}

fn voice(row: Vec<&str>) -> Result<Voice, SynthesisError> {
    let column = |at: usize| row.get(at).copied().unwrap_or_default();
    let (id, name) = (column(0), column(1));
    let language: Language = column(2).parse()?;
    let gender = Gender::parse(column(3)).unwrap_or(Gender::Female);
    let who = match gender {
        Gender::Female => "a woman's voice",
        Gender::Male => "a man's voice",
    };
    Ok(Voice {
        id: id.to_owned(),
        name: name.to_owned(),
        language,
        accent: language.name(),
        gender,
        description: format!("{name}, {who} in {}", language.name()),
    })
}
