//! Parity with the library that trained the model, and texts of any kind.

use super::*;
use proptest::prelude::*;
use std::sync::LazyLock;

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let store = model_store::Store::from_env().expect("a model store");
    let file = store
        .file("en-core-web-sm", "ner.msgpack")
        .expect("models fetch en-core-web-sm");
    Names::load(file.parent().expect("a file is in a folder")).expect("the model loads")
});

fn found(text: &str) -> Vec<(NameKind, &str)> {
    NAMES
        .find(text)
        .into_iter()
        .map(|name| (name.kind, &text[name.span]))
        .collect()
}

#[test]
fn people_organizations_and_places_are_found() {
    assert_eq!(
        found("Hello, this is Diana Ross from American Amicable, calling from the United States."),
        [
            (NameKind::Person, "Diana Ross"),
            (NameKind::Organization, "American Amicable"),
            (NameKind::Place, "United States"),
        ]
    );
    assert_eq!(found(""), []);
    assert_eq!(found("I would like to pay it now."), []);
}

#[test]
fn entities_are_those_of_the_models_library() {
    let (mut texts, mut wrong) = (0, Vec::new());
    let parity = include_str!("parity.tsv");
    for line in parity.lines().filter(|line| !line.starts_with('#')) {
        let mut columns = line.split('\t');
        let text = columns.next().unwrap();
        let (tokens, entities) = NAMES.labelled(text);
        let tokens: Vec<&str> = tokens.into_iter().map(|span| &text[span]).collect();
        let entities: Vec<String> = entities
            .into_iter()
            .map(|(label, span)| format!("{label}={}", &text[span]))
            .collect();
        let found = [tokens.join(" "), entities.join("; ")];
        let wanted = [columns.next().unwrap(), columns.next().unwrap()];
        if found != wanted {
            wrong.push((found, wanted));
        }
        texts += 1;
    }
    assert!(wrong.is_empty(), "{} of {texts}: {wrong:#?}", wrong.len());
    assert!(texts > 100);
}

#[test]
fn a_folder_without_the_model_says_which_file_is_missing() {
    let error = Names::load(Path::new("nowhere"))
        .err()
        .expect("nothing is there")
        .to_string();
    assert!(error.contains("moves.msgpack"), "{error}");
}

#[test]
fn a_file_cut_short_is_no_messagepack() {
    for bytes in [
        &b"\x81\xa1"[..],
        b"\xdf\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\xc1",
        b"",
        &[0x91; 64],
    ] {
        assert_eq!(Value::read(bytes), None);
    }
}

#[test]
fn long_texts_are_read_in_windows() {
    let text = "Diana Ross lives in Berlin. ".repeat(300);
    assert!(found(&text).len() >= 550);
    assert!(!found(&"Diana ".repeat(1000)).is_empty());
}

proptest! {
    #[test]
    fn any_text_is_read_without_harm(text in "\\PC{0,60}") {
        let mut last = 0;
        for name in NAMES.find(&text) {
            prop_assert!(name.span.start >= last && text.get(name.span.clone()).is_some_and(|t| !t.is_empty()));
            last = name.span.end;
        }
    }

    #[test]
    fn any_bytes_are_messagepack_or_not(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Value::read(&bytes);
    }
}
