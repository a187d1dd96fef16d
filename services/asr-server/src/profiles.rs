//! The table in `profiles.toml`: what can be passed as `model` in which variant.

use crate::insight::Heads;
use model_store::{Store, Variant};
use serde::Deserialize;
use speech::{CtcAbout, Language, ModelKind};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    toml::from_str(include_str!("../profiles.toml")).expect("a test checks the embedded table")
});

/// What tags the segments of an acoustic model that is asked for by its own id.
pub static OWN_HEADS: LazyLock<Heads> =
    LazyLock::new(|| Heads::named(&TABLE.own.heads).expect("a test checks the embedded table"));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    acoustic: BTreeMap<String, AcousticRow>,
    profile: BTreeMap<String, ProfileRow>,
    own: OwnRow,
    variant: BTreeMap<String, VariantRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AcousticRow {
    kind: Kind,
    description: String,
    languages: Vec<String>,
    word_error_rates: BTreeMap<String, f32>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Moonshine,
    Whisper,
    Ctc,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileRow {
    description: String,
    languages: Vec<String>,
    heads: Vec<String>,
    #[serde(default)]
    absent: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnRow {
    heads: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VariantRow {
    default: String,
    profiles: BTreeMap<String, String>,
    acoustic: Vec<String>,
}

/// What a `model` stands for.
#[derive(Debug, Clone)]
pub struct Profile {
    /// What to pass as `model`.
    pub id: String,
    /// What it is, in a sentence.
    pub description: String,
    /// Id of the acoustic model.
    pub acoustic: String,
    /// Family of the acoustic model.
    pub kind: ModelKind,
    /// Licence of the weights.
    pub licence: String,
    /// Languages it takes.
    pub languages: Vec<Language>,
    /// What tags the segments.
    pub heads: Heads,
    /// By category, the tags that the acoustic model writes itself between the words.
    pub inline: BTreeMap<String, Vec<String>>,
    /// Categories of those in which the heads' tags stand before the model's.
    pub heads_first: Vec<String>,
    /// Tags that it does not give though the API reference lists them, and why.
    pub absent: BTreeMap<String, String>,
    /// Measured word error rates of the acoustic model, in percent, by test set.
    pub word_error_rates: BTreeMap<String, f32>,
}

impl Profile {
    /// Labels of its intent head, if it has one.
    pub fn intents(&self) -> Option<Vec<&'static str>> {
        Some(self.heads.intent()?.labels().collect())
    }

    /// The codes of its languages.
    pub fn language_codes(&self) -> Vec<String> {
        self.languages
            .iter()
            .map(|language| language.code().to_owned())
            .collect()
    }
}

/// The profiles of one variant.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// The variant.
    pub variant: Variant,
    /// Id of the profile used when `model` is left out.
    pub default: String,
    /// The profiles: the default first.
    pub profiles: Vec<Arc<Profile>>,
}

impl Catalogue {
    /// The catalogue of a variant.
    pub fn of(variant: Variant) -> Self {
        let row = TABLE
            .variant
            .get(variant.as_str())
            .expect("a test checks that every variant is in the table");
        let named = row.profiles.iter().filter_map(|(id, acoustic)| {
            let profile = TABLE.profile.get(id)?;
            let built = build(
                id,
                acoustic,
                &profile.description,
                &profile.languages,
                &profile.heads,
            )?;
            Some(Profile {
                absent: profile.absent.clone(),
                ..built
            })
        });
        let own = row.acoustic.iter().filter_map(|id| {
            let acoustic = TABLE.acoustic.get(id)?;
            build(
                id,
                id,
                &acoustic.description,
                &acoustic.languages,
                &TABLE.own.heads,
            )
        });
        let mut profiles: Vec<_> = named.chain(own).map(Arc::new).collect();
        profiles.sort_by_key(|profile| profile.id != row.default);
        Catalogue {
            variant,
            default: row.default.clone(),
            profiles,
        }
    }

    /// Reads what the CTC models of the variant write between the words.
    ///
    /// # Errors
    /// When a model is not installed; one whose files are no good is told when it is loaded.
    pub fn describe(&mut self, store: &Store) -> Result<(), model_store::StoreError> {
        for profile in &mut self.profiles {
            if profile.kind == ModelKind::Ctc
                && let Ok(about) = CtcAbout::read(&store.dir(&profile.acoustic)?)
            {
                let profile = Arc::make_mut(profile);
                (profile.inline, profile.heads_first) = (about.tags, about.heads_first);
            }
        }
        Ok(())
    }

    /// The profile with this id; `default` and the empty id mean the default one.
    pub fn find(&self, id: &str) -> Option<&Arc<Profile>> {
        let id = if matches!(id, "" | "default") {
            &self.default
        } else {
            id
        };
        self.profiles.iter().find(|profile| profile.id == id)
    }

    /// All ids.
    pub fn ids(&self) -> Vec<&str> {
        self.profiles
            .iter()
            .map(|profile| profile.id.as_str())
            .collect()
    }

    /// Ids of the acoustic models, each once, the default's first.
    pub fn acoustic_ids(&self) -> Vec<&str> {
        let mut ids = Vec::new();
        for profile in &self.profiles {
            if !ids.contains(&profile.acoustic.as_str()) {
                ids.push(profile.acoustic.as_str());
            }
        }
        ids
    }
}

fn build(
    id: &str,
    acoustic: &str,
    description: &str,
    languages: &[String],
    heads: &[String],
) -> Option<Profile> {
    let weights = TABLE.acoustic.get(acoustic)?;
    let languages = if languages == ["*"] {
        &weights.languages
    } else {
        languages
    };
    let languages = if languages == ["*"] {
        Language::all().collect()
    } else {
        languages
            .iter()
            .filter_map(|code| code.parse().ok())
            .collect()
    };
    Some(Profile {
        id: id.into(),
        description: description.into(),
        acoustic: acoustic.into(),
        kind: match weights.kind {
            Kind::Moonshine => ModelKind::Moonshine,
            Kind::Whisper => ModelKind::Whisper,
            Kind::Ctc => ModelKind::Ctc,
        },
        licence: model_store::Catalogue::embedded()
            .get(acoustic)
            .map_or_else(|_| String::new(), |m| m.licence.clone()),
        languages,
        heads: Heads::named(heads).expect("a test checks the embedded table"),
        inline: BTreeMap::new(),
        heads_first: Vec::new(),
        absent: BTreeMap::new(),
        word_error_rates: weights.word_error_rates.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_names_only_rows_and_weights_that_exist() {
        assert_eq!(TABLE.variant.len(), Variant::ALL.len());
        for variant in Variant::ALL {
            let row = &TABLE.variant[variant.as_str()];
            let catalogue = Catalogue::of(variant);
            assert_eq!(
                catalogue.profiles.len(),
                row.profiles.len() + row.acoustic.len(),
                "{variant}"
            );
            assert_eq!(catalogue.profiles[0].id, row.default, "{variant}");
            let fetched = model_store::variant_models(variant);
            for profile in &catalogue.profiles {
                assert!(
                    !profile.languages.is_empty() && !profile.licence.is_empty(),
                    "{variant} {}",
                    profile.id
                );
                assert!(
                    fetched.contains(&profile.acoustic),
                    "{variant} is not fetched with {}",
                    profile.acoustic
                );
            }
        }
    }

    #[test]
    fn every_language_code_of_the_table_is_known() {
        let rows = TABLE.profile.values().map(|row| &row.languages);
        for code in rows
            .chain(TABLE.acoustic.values().map(|row| &row.languages))
            .flatten()
        {
            assert!(code == "*" || code.parse::<Language>().is_ok(), "{code}");
        }
    }

    #[test]
    fn default_means_the_default_profile() {
        let catalogue = Catalogue::of(Variant::MultiZh);
        assert_eq!(
            catalogue.find("").map(|p| p.id.as_str()),
            Some("whissle-large")
        );
        assert_eq!(
            catalogue.find("default").map(|p| p.id.as_str()),
            Some("whissle-large")
        );
        assert_eq!(
            catalogue.find("zh").map(|p| p.language_codes()),
            Some(vec!["zh".to_owned()])
        );
        assert!(catalogue.find("hinglish-loans").is_none());
    }
}
