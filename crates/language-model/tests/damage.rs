//! Damaged files: refused with words, or scored with finite numbers; never a panic.
#![allow(clippy::unwrap_used)] // tests fail by panicking

use std::path::PathBuf;

use language_model::{LanguageModel, LmError};

const KINDS: [&str; 7] = [
    "plain-trie.klm",
    "array-trie.klm",
    "quantised-trie.klm",
    "quantised-array-trie.klm",
    "probing.klm",
    "rest-probing.klm",
    "pruned.arpa",
];

fn data(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name);
    std::fs::read(path).unwrap()
}

/// Opens and, where that works, scores.
fn try_out(bytes: Vec<u8>) -> Result<(), LmError> {
    let model = LanguageModel::from_bytes(bytes)?;
    assert!((2..=6).contains(&model.order()));
    for sentence in [
        "a table for two is free",
        "zebra can you help me with the order",
    ] {
        let mut state = model.begin();
        for word in sentence.split(' ') {
            let scored = model.score(&state, word);
            assert!(scored.ln_prob.is_finite() && scored.ln_prob <= 0.0);
            state = scored.state;
        }
        assert!(model.end(&state).is_finite());
    }
    Ok(())
}

/// Numbers that look random and are the same every time (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most as u64) as usize
    }
}

#[test]
fn a_file_cut_anywhere_is_refused_or_lacks_only_what_is_not_read() {
    for kind in KINDS {
        let whole = data(kind);
        try_out(whole.clone()).unwrap();
        let mut refused = 0;
        let cuts: Vec<usize> = (0..whole.len()).step_by(23).collect();
        for &cut in &cuts {
            if let Err(error) = try_out(whole[..cut].to_vec()) {
                assert!(!error.to_string().is_empty());
                refused += 1;
            }
        }
        // The words as text, at a binary's end, are for people.
        assert!(
            refused * 10 > cuts.len() * 8,
            "{kind}: {refused}/{}",
            cuts.len()
        );
    }
}

#[test]
fn changed_bytes_never_make_a_panic_or_an_infinity() {
    for kind in KINDS {
        let whole = data(kind);
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
        for _ in 0..3000 {
            let mut bytes = whole.clone();
            for _ in 0..=numbers.below(4) {
                let at = numbers.below(bytes.len());
                bytes[at] = numbers.below(256) as u8;
            }
            let _ = try_out(bytes);
        }
    }
}

#[test]
fn wild_numbers_in_the_header_are_refused_without_room_being_made_for_them() {
    let whole = data("plain-trie.klm");
    for at in 88..140 {
        for value in [0u8, 1, 0x7f, 0xff] {
            let mut bytes = whole.clone();
            bytes[at..(at + 8).min(140)].fill(value);
            let _ = try_out(bytes);
        }
    }
}

fn refusal(change: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut bytes = data("plain-trie.klm");
    change(&mut bytes);
    try_out(bytes).unwrap_err().to_string()
}

#[test]
fn refusals_say_what_is_wrong() {
    let cut = refusal(|bytes| bytes.truncate(1000));
    assert!(cut.contains("cut short") && cut.contains("1000"), "{cut}");
    let order = refusal(|bytes| bytes[88] = 9);
    assert!(order.contains("order is 9"), "{order}");
    let kind = refusal(|bytes| bytes[96] = 77);
    assert!(kind.contains("77"), "{kind}");
    let version = refusal(|bytes| bytes[49] = b'4');
    assert!(version.contains("another version"), "{version}");
    let counts = refusal(|bytes| bytes[108..116].fill(0xff));
    assert!(counts.contains("claims"), "{counts}");
}

#[test]
fn an_unreadable_or_foreign_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let told = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        LanguageModel::open(&path).unwrap_err().to_string()
    };
    let missing = LanguageModel::open(&folder.path().join("none.klm")).unwrap_err();
    assert!(missing.to_string().contains("none.klm"), "{missing}");
    for (name, bytes, wanted) in [
        ("empty.klm", b"".as_slice(), "no language model"),
        ("gzip.arpa", &[0x1f, 0x8b, 8, 0], "gunzip"),
        (
            "sphinx.bin",
            b"Trie Language Model\x03...",
            "models lm convert",
        ),
        ("text.txt", b"hello\nworld\n", "\\data\\"),
    ] {
        let told = told(name, bytes);
        assert!(told.contains(name) && told.contains(wanted), "{told}");
    }
}
