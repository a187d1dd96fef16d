//! How each language becomes phonemes; loaded when it is first spoken.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::phonemes::{Accent, English, Phonemes, Pronunciations, Speller};
use crate::spoken::Token;
use crate::{Language, SynthesisError};

/// Words of one language to phonemes.
pub trait Phonemizer: Send + Sync {
    /// The phonemes of words as they are spoken.
    fn phonemes(&self, words: &[Token], own: &Pronunciations) -> Phonemes;

    /// Reads how a caller wants words said.
    ///
    /// # Errors
    /// [`SynthesisError::Pronunciation`].
    fn pronunciations(&self, pairs: &[(String, String)]) -> Result<Pronunciations, SynthesisError>;
}

impl Phonemizer for English {
    fn phonemes(&self, words: &[Token], own: &Pronunciations) -> Phonemes {
        English::phonemes(self, words, own)
    }

    fn pronunciations(&self, pairs: &[(String, String)]) -> Result<Pronunciations, SynthesisError> {
        let pairs = pairs
            .iter()
            .map(|(word, said)| (word.as_str(), said.as_str()));
        Pronunciations::new(self.accent(), pairs)
    }
}

/// Files of languages.
#[derive(Debug, Clone)]
pub struct LanguageFiles {
    /// Weights for English words that are in no lexicon.
    pub speller: PathBuf,
}

/// All languages, each loaded once.
pub struct Languages {
    files: LanguageFiles,
    speller: OnceLock<Arc<Speller>>,
    loaded: Mutex<HashMap<Language, Arc<dyn Phonemizer>>>,
}

impl Languages {
    /// Loads nothing yet.
    pub fn new(files: LanguageFiles) -> Self {
        Self {
            files,
            speller: OnceLock::new(),
            loaded: Mutex::default(),
        }
    }

    /// The language's phonemizer. Takes part of a second the first time.
    ///
    /// # Errors
    /// When its files cannot be read.
    pub fn get(&self, language: Language) -> Result<Arc<dyn Phonemizer>, SynthesisError> {
        // Held while loading: whoever else wants it waits rather than loads it twice.
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = loaded.get(&language) {
            return Ok(known.clone());
        }
        let new = self.load(language)?;
        loaded.insert(language, new.clone());
        Ok(new)
    }

    fn load(&self, language: Language) -> Result<Arc<dyn Phonemizer>, SynthesisError> {
        Ok(match language {
            Language::AmericanEnglish => Arc::new(English::new(Accent::American, self.speller()?)),
            Language::BritishEnglish => Arc::new(English::new(Accent::British, self.speller()?)),
            other => return Err(SynthesisError::UnknownLanguage(other.code().to_owned())),
        })
    }

    fn speller(&self) -> Result<Arc<Speller>, SynthesisError> {
        if let Some(speller) = self.speller.get() {
            return Ok(speller.clone());
        }
        let speller = Arc::new(Speller::load(&self.files.speller)?);
        Ok(self.speller.get_or_init(|| speller).clone())
    }
}
