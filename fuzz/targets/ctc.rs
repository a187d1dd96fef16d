//! CTC models of an installation's own: `ctc.json`, and after a NUL a vocabulary of one of the kinds.
#![no_main]

use fuzz::Input;
use libfuzzer_sys::fuzz_target;
use speech::CtcAbout;
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

const VOCABULARIES: [&str; 5] = [
    "tokens.txt",
    "vocab.json",
    "tokenizer.json",
    "tokenizer.vocab",
    "spm.vocab",
];

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| fuzz::folder("ctc"));

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input(bytes);
    let vocabulary = FOLDER.join(input.one_of(&VOCABULARIES));
    fs::write(FOLDER.join("ctc.json"), input.until(0)).expect("a file can be written");
    fs::write(&vocabulary, input.0).expect("a file can be written");
    if let Ok(about) = CtcAbout::read(&FOLDER) {
        assert!(!about.languages.is_empty());
        assert!(about.tags.values().all(|labels| !labels.is_empty()));
    }
    fs::remove_file(&vocabulary).expect("it was just written");
});
