//! Tables of nasty inputs in Spanish, Italian and Portuguese, and what they have in common.

use synthesis::spoken::spoken;

use super::joined;

fn check(language: &str, table: &str) {
    let rows = table.lines().filter(|line| !line.starts_with("# "));
    let rows: Vec<(&str, &str)> = rows.filter_map(|line| line.split_once('\t')).collect();
    assert!(rows.len() >= 20, "{} rows", rows.len());
    let mut passed = 0;
    for (input, wanted) in &rows {
        let heard = joined(&spoken(input, language));
        if heard == *wanted {
            passed += 1;
        } else {
            println!("{input:?}\n  wanted {wanted}\n  said   {heard}");
        }
    }
    assert_eq!(passed, rows.len(), "inputs said as wanted in {language}");
}

#[test]
fn nasty_spanish_is_said_as_the_table_has_it() {
    check("es", include_str!("es.tsv"));
}

#[test]
fn nasty_italian_is_said_as_the_table_has_it() {
    check("it", include_str!("it.tsv"));
}

#[test]
fn nasty_portuguese_is_said_as_the_table_has_it() {
    check("pt-br", include_str!("pt.tsv"));
}

#[test]
fn words_keep_the_place_of_what_they_stand_for() {
    let text = "Son 5,50 € para la Dra. Ruiz a las 15:30.";
    let of = |word: &str| {
        let tokens = spoken(text, "es");
        let token = tokens.into_iter().find(|token| token.text == word);
        token.map(|token| &text[token.source])
    };
    assert_eq!(of("céntimos"), Some("5,50 €"));
    assert_eq!(of("doctora"), Some("Dra."));
    assert_eq!(of("quince"), Some("15:30"));
    assert_eq!(of("."), Some("."));
}

#[test]
fn letters_of_two_characters_are_one() {
    assert_eq!(joined(&spoken("can\u{303}o\u{301}n", "es")), "cañón");
}

#[test]
fn emoji_without_a_name_are_called_emoji() {
    assert_eq!(joined(&spoken("🦖", "es")), "emoji");
    assert_eq!(joined(&spoken("👍🏽👍", "it")), "pollice in su");
}
