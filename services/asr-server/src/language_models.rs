//! The language models there are: the user's own in `LM_DIR`, and the installed one for English.

use api::recognition::LanguageModelInfo;
use language_model::{LanguageModel, LmError};
use model_store::Store;
use speech::Language;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The installed model of English: id and file.
const ENGLISH: (&str, &str) = ("english-trigram-lm", "en.klm");
/// What a language model's file is called, after its language.
const ENDINGS: [&str; 3] = ["klm", "arpa", "bin"];

/// Why the language models of `LM_DIR` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LanguageModelError {
    /// The folder cannot be read.
    #[error("LM_DIR={}: {source}", dir.display())]
    Dir {
        /// The folder.
        dir: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file cannot be read as a language model.
    #[error("LM_DIR: {0}")]
    File(#[from] LmError),
    /// A file is not called by its language.
    #[error("LM_DIR: {}: a language model is called by its language, such as `en.klm` or `de.arpa`", .0.display())]
    Name(PathBuf),
    /// Two files are for one language.
    #[error("LM_DIR: {} and another file are both for `{language}`; one is wanted", file.display())]
    Twice {
        /// One of them.
        file: PathBuf,
        /// ISO 639-1 code.
        language: &'static str,
    },
}

/// All language models, by language. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct LanguageModels {
    models: Arc<BTreeMap<Language, Arc<LanguageModel>>>,
    infos: Arc<BTreeMap<Language, LanguageModelInfo>>,
}

impl LanguageModels {
    /// Opens them all. Those of the user come first; what cannot be read stops the start.
    pub fn open(dir: Option<&Path>, store: &Store) -> Result<Self, LanguageModelError> {
        let mut all = BTreeMap::new();
        if let Some(dir) = dir {
            for path in files(dir)? {
                let language = language_of(&path)?;
                let model = LanguageModel::open(&path)?;
                let name = path.file_name().unwrap_or_default();
                let name = name.to_string_lossy().into_owned();
                if all.insert(language, (model, name, "LM_DIR")).is_some() {
                    return Err(LanguageModelError::Twice {
                        file: path,
                        language: language.code(),
                    });
                }
            }
        }
        if let std::collections::btree_map::Entry::Vacant(slot) = all.entry(Language::ENGLISH) {
            match store.file(ENGLISH.0, ENGLISH.1) {
                Ok(path) => {
                    slot.insert((
                        LanguageModel::open(&path)?,
                        ENGLISH.0.to_owned(),
                        "installed",
                    ));
                }
                Err(error) => {
                    tracing::warn!(%error, "English is recognised without a language model")
                }
            }
        }
        let mut models = Self::default();
        for (language, (model, name, source)) in all {
            tracing::info!(
                language = language.code(),
                name,
                source,
                order = model.order(),
                "language model"
            );
            models.add(language, model, name, source);
        }
        Ok(models)
    }

    fn add(&mut self, language: Language, model: LanguageModel, name: String, source: &str) {
        let info = LanguageModelInfo {
            language: language.code().to_owned(),
            name,
            order: model.order(),
            words: model.vocabulary_size(),
            source: source.to_owned(),
        };
        Arc::make_mut(&mut self.infos).insert(language, info);
        Arc::make_mut(&mut self.models).insert(language, Arc::new(model));
    }

    /// To score with.
    pub fn by_language(&self) -> Arc<BTreeMap<Language, Arc<LanguageModel>>> {
        self.models.clone()
    }

    /// To tell about: the one of a language.
    pub fn info(&self, language: Language) -> Option<LanguageModelInfo> {
        self.infos.get(&language).cloned()
    }
}

/// The files of a folder that look like language models, by name.
fn files(dir: &Path) -> Result<Vec<PathBuf>, LanguageModelError> {
    let wrong = |source| LanguageModelError::Dir {
        dir: dir.to_owned(),
        source,
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(wrong)? {
        let path = entry.map_err(wrong)?.path();
        let ending = path
            .extension()
            .and_then(|it| it.to_str())
            .unwrap_or_default();
        if ENDINGS.contains(&ending) {
            files.push(path);
        } else {
            tracing::warn!(file = %path.display(), "LM_DIR: not a language model: its name ends in none of .klm, .arpa, .bin");
        }
    }
    files.sort();
    Ok(files)
}

fn language_of(path: &Path) -> Result<Language, LanguageModelError> {
    let stem = path
        .file_stem()
        .and_then(|it| it.to_str())
        .unwrap_or_default();
    stem.parse()
        .map_err(|_| LanguageModelError::Name(path.to_owned()))
}

#[cfg(test)]
impl LanguageModels {
    /// One of English with a word in it.
    pub fn for_tests() -> Self {
        let model = LanguageModel::from_bytes(tests::ARPA.into()).expect("a small model");
        let mut models = Self::default();
        models.add(Language::ENGLISH, model, "en.arpa".into(), "LM_DIR");
        models
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub const ARPA: &str = "\\data\\\nngram 1=4\nngram 2=1\n\n\\1-grams:\n-4.0\t<unk>\n-99\t<s>\t0.0\n-1.0\t</s>\n-1.0\thello\t0.0\n\n\\2-grams:\n-0.1\t<s> hello\n\n\\end\\\n";

    fn open(files: &[(&str, &str)]) -> Result<LanguageModels, LanguageModelError> {
        let dir = tempfile::tempdir().expect("a folder");
        for (name, content) in files {
            std::fs::write(dir.path().join(name), content).expect("room");
        }
        let empty = Store::open(dir.path().join("models"));
        LanguageModels::open(Some(dir.path()), &empty)
    }

    #[test]
    fn the_users_own_is_known_by_its_language() {
        let models = open(&[("de.arpa", ARPA), ("README.txt", "notes")]).expect("good files");
        let german: Language = "de".parse().expect("a code");
        let info = models.info(german).expect("there");
        assert_eq!(
            (info.name.as_str(), info.order, info.words),
            ("de.arpa", 2, 4)
        );
        assert!(models.info(Language::ENGLISH).is_none());
    }

    #[test]
    fn what_cannot_be_read_stops_the_start_with_its_name() {
        for (files, named) in [
            (
                &[("en.klm", "mmap lm http://kheafield.com/code")][..],
                "en.klm",
            ),
            (
                &[(
                    "en.arpa",
                    "\\data\\\nngram 1=5\n\n\\1-grams:\n-1 a\n\\end\\\n",
                )],
                "en.arpa",
            ),
            (&[("klingon.arpa", ARPA)], "klingon.arpa"),
            (&[("en.arpa", ARPA), ("en.klm", ARPA)], "`en`"),
        ] {
            let message = open(files).expect_err(named).to_string();
            assert!(message.contains(named), "{message}");
        }
        let nowhere =
            LanguageModels::open(Some(Path::new("/no/such/folder")), &Store::open("/none"));
        assert!(
            nowhere
                .expect_err("no folder")
                .to_string()
                .contains("/no/such/folder")
        );
    }
}
