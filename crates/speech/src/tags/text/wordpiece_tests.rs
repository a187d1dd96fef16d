//! The tokenizer against the reference one's answers.

use super::*;
use model_store::Store;
use proptest::prelude::*;
use std::sync::LazyLock;

static PIECES: LazyLock<WordPiece> = LazyLock::new(|| {
    let path = Store::from_env().and_then(|store| store.file("minilm", "tokenizer.json"));
    let path = path.expect("installed by `cargo run -p model-store --bin models -- fetch`");
    WordPiece::load(&path).expect("it loads")
});

/// Texts and the ids that the package `tokenizers` 0.23.3 gives, without the first and the last,
/// which mark start and end.
const REFERENCE: &[(&str, &[i64])] = &[
    ("Hello, how are you?", &[7592, 1010, 2129, 2024, 2017, 1029]),
    (
        "unaffable  antidisestablishmentarianism",
        &[
            14477, 20961, 3468, 3424, 10521, 4355, 7875, 13602, 3672, 12199, 2964,
        ],
    ),
    (
        "I'll pay ₹1,500.50 by 5th—okay?",
        &[
            1045, 1005, 2222, 3477, 1576, 2487, 1010, 3156, 1012, 2753, 2011, 4833, 1517, 3100,
            1029,
        ],
    ),
    (
        "Café naïve Ångström İstanbul straße",
        &[7668, 15743, 17076, 15687, 9960, 2358, 27807],
    ),
    (
        "tabs\u{9}and\u{a}lines\u{b}and\u{c}controls\u{0} \u{200b}zero",
        &[21628, 2015, 1998, 3210, 5685, 8663, 13181, 4877, 5717],
    ),
    ("😀 great 👍🏽", &[100, 2307, 100]),
    (
        "नमस्ते आप कैसे हैं",
        &[1327, 29867, 29874, 29859, 1312, 29864, 1315, 29874, 1339],
    ),
    (
        "你好 world 日本語テスト",
        &[100, 100, 2088, 1864, 1876, 1950, 1713, 30233, 30240],
    ),
    (
        "Привет мир",
        &[1194, 16856, 10325, 25529, 15290, 22919, 1191, 10325, 16856],
    ),
    ("", &[]),
    ("  ...!!", &[1012, 1012, 1012, 999, 999]),
    (
        "x@y.com http://a.b/c?d=e",
        &[
            1060, 1030, 1061, 1012, 4012, 8299, 1024, 1013, 1013, 1037, 1012, 1038, 1013, 1039,
            1029, 1040, 1027, 1041,
        ],
    ),
    ("ﬁne ½ ①", &[1984, 2638, 1092, 100]),
    ("e\u{301} e\u{301}\u{302} \u{301}", &[1041, 1041]),
    (
        "{}[]()<>~`^|$+=",
        &[
            1063, 1065, 1031, 1033, 1006, 1007, 1026, 1028, 1066, 1036, 1034, 1064, 1002, 1009,
            1027,
        ],
    ),
    (
        "한국어 العربية ไทย",
        &[
            1469, 30006, 30021, 29991, 30014, 30020, 29999, 30008, 1270, 23673, 29830, 17149,
            29816, 14498, 19433, 100,
        ],
    ),
];

#[test]
fn ids_are_those_of_the_reference() {
    for (text, expected) in REFERENCE {
        let found = PIECES.encode(text);
        assert_eq!(found[1..found.len() - 1], **expected, "{text}");
        assert_eq!((found[0], found[found.len() - 1]), (101, 102), "{text}");
    }
}

#[test]
fn a_word_of_more_than_a_hundred_letters_is_unknown() {
    assert_eq!(PIECES.encode(&"a".repeat(101)), [101, 100, 102]);
    assert_eq!(PIECES.encode(&"a".repeat(100)).len(), 52);
}

#[test]
fn a_long_text_is_cut_after_128_tokens() {
    let found = PIECES.encode(&"hello ".repeat(10_000));
    assert_eq!((found.len(), found[126], found[127]), (128, 7592, 102));
    let long = PIECES.encode(&"a".repeat(1_000_000));
    assert_eq!(long, [101, 100, 102]);
}

#[test]
fn special_tokens_cannot_be_written() {
    let found = PIECES.encode("[SEP] [MASK]");
    assert!(
        found[1..found.len() - 1].iter().all(|id| *id > 103),
        "{found:?}"
    );
}

#[test]
fn a_file_that_is_no_tokenizer_is_refused() {
    assert!(WordPiece::load(Path::new("absent.json")).is_err());
}

proptest! {
    #[test]
    fn any_text_has_a_start_an_end_and_at_most_128_tokens(text in "\\PC{0,300}|[\\x00-\\xff]{0,300}") {
        let found = PIECES.encode(&text);
        prop_assert!(found.len() >= 2 && found.len() <= 128);
        prop_assert_eq!((found[0], found[found.len() - 1]), (101, 102));
    }
}
