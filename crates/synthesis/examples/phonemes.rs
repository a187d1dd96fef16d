//! Prints the phonemes of each line of standard input: `... --example phonemes -- en-gb`.

use std::io::{self, BufRead};
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use model_store::Store;
use synthesis::phonemes::{Accent, English, Japanese, Mandarin, Pronunciations, Speller};
use synthesis::spoken::spoken;

fn main() -> anyhow::Result<()> {
    let language = std::env::args().nth(1).unwrap_or_else(|| "en".to_owned());
    let accent = if language == "en-gb" {
        Accent::British
    } else {
        Accent::American
    };
    let store = Store::from_env()?;
    let weights = store.file("g2p-en", "checkpoint20.npz")?;
    let began = Instant::now();
    let english = English::new(accent, Arc::new(Speller::load(&weights)?));
    let english = Arc::new(english);
    let mandarin = Mandarin::new(Some(Arc::clone(&english)));
    let japanese = match language.get(..2) {
        Some("ja") => Some(Japanese::load(
            &store.dir("g2p-ja")?,
            Some(Arc::clone(&english)),
        )?),
        _ => None,
    };
    eprintln!("loaded in {} ms", began.elapsed().as_millis());
    for line in io::stdin().lock().lines() {
        let line = line.context("standard input")?;
        let words = spoken(&line, &language);
        let began = Instant::now();
        let own = Pronunciations::default();
        let said = match (language.get(..2), &japanese) {
            (_, Some(japanese)) => japanese.phonemes(&words, &own),
            (Some("zh"), _) => mandarin.phonemes(&words, &own),
            _ => english.phonemes(&words, &own),
        };
        println!("{}\t{} µs", said.text, began.elapsed().as_micros());
    }
    Ok(())
}
