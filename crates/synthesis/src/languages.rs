//! How each language becomes phonemes; loaded when it is first spoken.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use model_store::{Store, StoreError};

use crate::phonemes::{
    Accent, English, French, Hindi, Japanese, Mandarin, Phonemes, Pronunciations, Romance, Speller,
    Tongue,
};
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

macro_rules! phonemizer {
    ($kind:ident) => {
        impl Phonemizer for $kind {
            fn phonemes(&self, words: &[Token], own: &Pronunciations) -> Phonemes {
                $kind::phonemes(self, words, own)
            }

            fn pronunciations(
                &self,
                pairs: &[(String, String)],
            ) -> Result<Pronunciations, SynthesisError> {
                let pairs = pairs
                    .iter()
                    .map(|(word, said)| (word.as_str(), said.as_str()));
                $kind::pronunciations(self, pairs)
            }
        }
    };
}

phonemizer!(English);
phonemizer!(Romance);
phonemizer!(French);
phonemizer!(Hindi);
phonemizer!(Mandarin);
phonemizer!(Japanese);

/// Files of languages.
#[derive(Debug, Clone)]
pub struct LanguageFiles {
    /// Weights for English words that are in no lexicon.
    pub speller: PathBuf,
    /// Folder of the Japanese dictionary.
    pub japanese: PathBuf,
}

impl LanguageFiles {
    /// Those of the models `g2p-en` and `g2p-ja`.
    ///
    /// # Errors
    /// When one is not installed.
    pub fn find(store: &Store) -> Result<Self, StoreError> {
        Ok(Self {
            speller: store.file("g2p-en", "checkpoint20.npz")?,
            japanese: store.dir("g2p-ja")?,
        })
    }
}

/// Something that is loaded once.
type Once<T> = Mutex<Option<Arc<T>>>;

/// All languages, each loaded once.
pub struct Languages {
    files: LanguageFiles,
    speller: Once<Speller>,
    american: Once<English>,
    british: Once<English>,
    spanish: Once<Romance>,
    italian: Once<Romance>,
    portuguese: Once<Romance>,
    french: Once<French>,
    hindi: Once<Hindi>,
    mandarin: Once<Mandarin>,
    japanese: Once<Japanese>,
}

impl Languages {
    /// Loads nothing yet.
    pub fn new(files: LanguageFiles) -> Self {
        Self {
            files,
            speller: Once::default(),
            american: Once::default(),
            british: Once::default(),
            spanish: Once::default(),
            italian: Once::default(),
            portuguese: Once::default(),
            french: Once::default(),
            hindi: Once::default(),
            mandarin: Once::default(),
            japanese: Once::default(),
        }
    }

    /// The language's phonemizer. Takes part of a second the first time.
    ///
    /// # Errors
    /// When its files cannot be read.
    pub fn get(&self, language: Language) -> Result<Arc<dyn Phonemizer>, SynthesisError> {
        Ok(match language {
            Language::AmericanEnglish => self.american()?,
            Language::BritishEnglish => self.british()?,
            Language::Spanish => once(&self.spanish, || Ok(Romance::new(Tongue::Spanish)))?,
            Language::Italian => once(&self.italian, || Ok(Romance::new(Tongue::Italian)))?,
            Language::Portuguese => {
                once(&self.portuguese, || Ok(Romance::new(Tongue::Portuguese)))?
            }
            Language::French => once(&self.french, || Ok(French::new()))?,
            Language::Hindi => once(&self.hindi, || Ok(Hindi::new(Some(self.british()?))))?,
            Language::Mandarin => {
                once(&self.mandarin, || Ok(Mandarin::new(Some(self.american()?))))?
            }
            Language::Japanese => {
                let load = || Japanese::load(&self.files.japanese, Some(self.american()?));
                once(&self.japanese, load)?
            }
        })
    }

    fn american(&self) -> Result<Arc<English>, SynthesisError> {
        once(&self.american, || {
            Ok(English::new(Accent::American, self.speller()?))
        })
    }

    fn british(&self) -> Result<Arc<English>, SynthesisError> {
        let english = || Ok(English::new(Accent::British, self.speller()?));
        once(&self.british, english)
    }

    fn speller(&self) -> Result<Arc<Speller>, SynthesisError> {
        once(&self.speller, || Speller::load(&self.files.speller))
    }
}

/// What is there, or else what `load` gives. Whoever else wants it meanwhile waits rather than
/// loads it twice.
fn once<T>(
    place: &Once<T>,
    load: impl FnOnce() -> Result<T, SynthesisError>,
) -> Result<Arc<T>, SynthesisError> {
    let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
    match &*place {
        Some(known) => Ok(known.clone()),
        None => Ok(place.insert(Arc::new(load()?)).clone()),
    }
}
