//! Prints what becomes of text: the words as they are spoken, then their phonemes, line by line.
//!
//! `cargo run -p synthesis --example phonemes -- en-gb < text`

use std::io::{BufRead, stdin};
use std::sync::Arc;

use model_store::Store;
use synthesis::phonemes::{Accent, English, Phonemes, Pronunciations, Romance, Speller, Tongue};
use synthesis::spoken::{Token, spoken};

/// Words to phonemes in one language.
type Said = Box<dyn Fn(&[Token]) -> Phonemes>;

fn main() -> anyhow::Result<()> {
    let code = std::env::args().nth(1).unwrap_or_else(|| "en".into());
    let own = Pronunciations::default();
    let said: Said = if let Some(tongue) = Tongue::of(&code) {
        Box::new(move |words| Romance::new(tongue).phonemes(words, &own))
    } else {
        let accent = match code.as_str() {
            "en-gb" => Accent::British,
            _ => Accent::American,
        };
        let weights = Store::from_env()?.file("g2p-en", "checkpoint20.npz")?;
        let english = English::new(accent, Arc::new(Speller::load(&weights)?));
        Box::new(move |words| english.phonemes(words, &own))
    };
    for line in stdin().lock().lines() {
        let words = spoken(&line?, &code);
        let text: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        println!("{}\n  {}", text.join(" "), said(&words).text);
    }
    Ok(())
}
