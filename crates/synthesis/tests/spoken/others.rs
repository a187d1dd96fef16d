//! Languages that have numbers and signs of their own.

use synthesis::spoken::spoken;

use super::joined;

#[test]
fn numbers_come_in_the_language_of_the_text() {
    for (language, text, wanted) in [
        ("es", "Tengo 42 gatos.", "Tengo cuarenta y dos gatos ."),
        (
            "es",
            "1.234.567 y 21.000",
            "un millón doscientos treinta y cuatro mil quinientos sesenta y siete y veintiún mil",
        ),
        (
            "es",
            "¿Cuesta $5,50?",
            "Cuesta cinco coma cincuenta dólares ?",
        ),
        ("es", "100 y 101", "cien y ciento uno"),
        (
            "fr",
            "L'an 1999 : 80 % de 71",
            "L'an mille neuf cent quatre vingt dix neuf : quatre vingts pour cent de soixante et onze",
        ),
        ("fr", "2\u{202f}000\u{202f}000 €", "deux millions d'euros"),
        (
            "it",
            "Sono 28 su 2.300",
            "Sono ventotto su due mila trecento",
        ),
        ("it", "-3,5 °", "meno tre virgola cinque gradi"),
        (
            "pt",
            "Faltam 2.345 reais",
            "Faltam dois mil trezentos e quarenta e cinco reais",
        ),
        ("pt-BR", "1.100 e 1000000", "mil e cem e um milhão"),
        ("es", "La ONU y el PDF", "La O N U y el P D F"),
    ] {
        assert_eq!(
            joined(&spoken(text, language)),
            wanted,
            "{language}: {text}"
        );
    }
}
