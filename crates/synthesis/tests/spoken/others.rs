//! Languages that have numbers and signs of their own.

use synthesis::spoken::spoken;

use super::joined;

#[test]
fn numbers_come_in_the_language_of_the_text() {
    for (language, text, wanted) in [
        (
            "fr",
            "L'an 1999 : 80 % de 71",
            "L'an mille neuf cent quatre vingt dix neuf : quatre vingts pour cent de soixante et onze",
        ),
        ("fr", "2\u{202f}000\u{202f}000 €", "deux millions euros"),
    ] {
        assert_eq!(
            joined(&spoken(text, language)),
            wanted,
            "{language}: {text}"
        );
    }
}
