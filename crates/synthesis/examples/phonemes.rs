//! Prints what becomes of text: the words as they are spoken, then their phonemes, line by line.
//!
//! `cargo run -p synthesis --example phonemes -- en-gb < text`

use std::io::{BufRead, stdin};

use model_store::Store;
use synthesis::phonemes::Pronunciations;
use synthesis::spoken::spoken;
use synthesis::{Language, LanguageFiles, Languages};

fn main() -> anyhow::Result<()> {
    let code = std::env::args().nth(1).unwrap_or_else(|| "en".into());
    let language: Language = code.parse()?;
    let languages = Languages::new(LanguageFiles::find(&Store::from_env()?)?);
    let phonemizer = languages.get(language)?;
    for line in stdin().lock().lines() {
        let words = spoken(&line?, language.code());
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        println!("{}", texts.join(" "));
        println!(
            "{}",
            phonemizer.phonemes(&words, &Pronunciations::default()).text
        );
    }
    Ok(())
}
