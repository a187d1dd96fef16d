//! Every recipe, by the name that manifests use.

mod copy;
mod ctranslate2;
pub mod ecapa;
mod files;
pub mod kokoro;
pub mod linear;
mod mecab;
pub mod minilm;
pub mod moonshine;
mod optimum;
pub mod silero;
mod sphinx_lm;
mod transformer;
pub mod turn;
pub mod weights;
pub mod whisper;

use crate::recipe::Recipe;

/// All recipes of this build.
pub static ALL: &[&dyn Recipe] = &[
    &copy::Copy,
    &ecapa::Ecapa,
    &kokoro::Full,
    &kokoro::Rounded,
    &kokoro::Half,
    &mecab::Mecab,
    &minilm::MiniLm,
    &moonshine::Moonshine,
    &moonshine::MoonshineCtc,
    &silero::Silero,
    &sphinx_lm::SphinxLm,
    &turn::SmartTurn,
    &whisper::Whisper,
];

/// The recipe of that name, or `None`.
pub fn by_name(name: &str) -> Option<&'static dyn Recipe> {
    ALL.iter().copied().find(|recipe| recipe.name() == name)
}
