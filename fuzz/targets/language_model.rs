//! Language models as their owners find them: ARPA text, KenLM's binaries of every kind, and those of
//! CMU Sphinx. What opens gives finite scores, and what is written is read back.
#![no_main]

use language_model::{LanguageModel, SPHINX_MAGIC, read_arpa, read_sphinx, write_arpa, write_trie};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if bytes.starts_with(SPHINX_MAGIC) {
        if let Ok(ngrams) = read_sphinx(bytes) {
            let _ = write_trie(ngrams, std::io::sink());
        }
        return;
    }
    if let Ok(ngrams) = read_arpa(bytes) {
        let mut text = Vec::new();
        if write_arpa(&ngrams, &mut text).is_ok() {
            let again = read_arpa(text.as_slice()).expect("our own text is read");
            let mut same = Vec::new();
            write_arpa(&again, &mut same).expect("as before");
            assert_eq!(text, same);
        }
    }
    let Ok(model) = LanguageModel::from_bytes(bytes.to_vec()) else {
        return;
    };
    assert!((2..=6).contains(&model.order()));
    for sentence in [
        "a table for two is free",
        "zebra can you help <s> me </s> a",
    ] {
        let mut state = model.begin();
        for word in sentence.split(' ') {
            let scored = model.score(&state, word);
            assert!(scored.ln_prob.is_finite() && scored.ln_prob <= 0.0);
            assert!(!scored.known || model.contains(word));
            state = scored.state;
        }
        assert!(model.end(&state).is_finite());
    }
});
