//! The English trigrams as installed, and `models lm`.
#![cfg(feature = "fetch")]
#![allow(clippy::unwrap_used)] // tests fail by panicking

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use language_model::{LanguageModel, State};
use model_store::Store;

const ABSENT: &str = "the model cache lacks it: run \
    `cargo run -p model-store --bin models -- fetch english-trigram-lm`";

/// log10 of the last word after those before it, as pocketsphinx 5.1.1 has them of the source:
/// `NGramModel.prob(words reversed) * log10(1.0001)`.
const POCKETSPHINX: [(&str, f32); 18] = [
    ("the", -1.3895),
    ("yes", -3.1640),
    ("aardvark", -6.9023),
    ("new york", -0.6292),
    ("york new", -2.2912),
    ("i am", -1.5255),
    ("don't know", -0.7327),
    ("new york city", -0.8570),
    ("i don't know", -0.5455),
    ("the united states", -0.0526),
    ("states the united", -1.2044),
    ("zebra ate my", -1.6994),
    ("thank you very", -1.2012),
    ("how are you", -0.2193),
    ("<s> i", -1.0624),
    ("<s> how are", -1.2829),
    ("you </s>", -1.3244),
    ("thank you </s>", -0.4909),
];

fn english() -> LanguageModel {
    let path = Store::from_env()
        .unwrap()
        .file("english-trigram-lm", "en.klm")
        .expect(ABSENT);
    LanguageModel::open(&path).unwrap()
}

fn log10(model: &LanguageModel, words: &str) -> f32 {
    let mut state = State::default();
    let mut log10 = f32::NAN;
    for word in words.split(' ') {
        let scored = model.score(&state, word);
        log10 = scored.ln_prob / std::f32::consts::LN_10;
        state = if word == "<s>" {
            model.begin()
        } else {
            scored.state
        };
    }
    log10
}

#[test]
fn the_installed_trigrams_are_those_of_pocketsphinx() {
    let model = english();
    assert_eq!(model.counts(), [72_548, 2_051_541, 1_669_625]);
    for (words, wanted) in POCKETSPHINX {
        let found = log10(&model, words);
        assert!(
            (found - wanted).abs() < 2e-4,
            "{words}: {found}, not {wanted}"
        );
    }
}

#[test]
fn its_words_are_lower_case_and_an_unknown_one_is_as_rare_as_the_rarest() {
    let model = english();
    for word in ["hello", "i'm", "x-ray", "a."] {
        assert!(model.contains(word), "{word}");
    }
    for word in ["Hello", "I'm", "<sil>", "read(2)", "25"] {
        assert!(!model.contains(word), "{word}");
    }
    let unknown = model.score(&model.begin(), "whissle");
    assert!(!unknown.known);
    assert!(
        (-30.0..-15.0).contains(&unknown.ln_prob),
        "{}",
        unknown.ln_prob
    );
}

fn models(arguments: &[&str], folder: &Path, input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_models"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that has refused its arguments reads nothing.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

#[test]
fn twenty_sentences_become_a_model_from_a_file_and_from_stdin() {
    let folder = tempfile::tempdir().unwrap();
    let text = "Please call Doctor Zweig, at the Krone!\nWHERE is Dr. Zweig?\n".repeat(10);
    fs::write(folder.path().join("own.txt"), &text).unwrap();
    let file = ["lm", "build", "--text", "own.txt", "--out", "file.klm"];
    let stdin = ["lm", "build", "--order", "3", "--out", "stdin.klm"];
    let arpa = [
        "lm", "build", "--text", "own.txt", "--arpa", "--out", "own.arpa",
    ];
    let convert = ["lm", "convert", "own.arpa", "--out", "converted.klm"];
    for arguments in [&file[..], &stdin, &arpa, &convert] {
        let done = models(arguments, folder.path(), text.as_bytes());
        let said = String::from_utf8(done.stderr).unwrap();
        assert!(done.status.success(), "{arguments:?}: {said}");
        assert!(said.contains("n-grams"), "{said}");
    }
    let bytes = |name: &str| fs::read(folder.path().join(name)).unwrap();
    assert_eq!(bytes("file.klm"), bytes("stdin.klm"));
    assert_eq!(bytes("file.klm"), bytes("converted.klm"));
    let model = LanguageModel::open(&folder.path().join("file.klm")).unwrap();
    assert!(model.contains("zweig") && !model.contains("Zweig,"));
    assert!(log10(&model, "call doctor zweig") > log10(&model, "call doctor krone"));
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 5, "{left:?}");
}

#[test]
fn what_cannot_be_built_is_refused_with_words() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("latin1.txt"), b"gr\xfcezi\n").unwrap();
    for (arguments, input, wanted) in [
        (&["lm", "build", "--out", "o.klm"][..], "", "no words"),
        (
            &["lm", "build", "--text", "none.txt", "--out", "o.klm"],
            "",
            "none.txt",
        ),
        (
            &["lm", "build", "--text", "latin1.txt", "--out", "o.klm"],
            "",
            "line 1",
        ),
        (
            &["lm", "build", "--out", "no/o.klm"],
            "hello world",
            "no/o.klm",
        ),
        (
            &["lm", "build", "--order", "9", "--out", "o.klm"],
            "",
            "2..=6",
        ),
        (
            &["lm", "convert", "latin1.txt", "--out", "o.klm"],
            "",
            "latin1.txt",
        ),
    ] {
        let done = models(arguments, folder.path(), input.as_bytes());
        let said = String::from_utf8(done.stderr).unwrap();
        assert!(!done.status.success() && said.contains(wanted), "{said}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
