//! Claims about masking.

use super::mask;
use proptest::prelude::*;

#[test]
fn a_swear_word_keeps_its_first_letter_and_its_length() {
    assert_eq!(mask("What the fuck?", "en"), "What the f***?");
    assert_eq!(mask("SHIT! Fucking hell.", "en"), "S***! F****** hell.");
}

#[test]
fn inflections_are_masked_whole() {
    assert_eq!(
        mask("motherfuckers, bitches", "en"),
        "m************, b******"
    );
    assert_eq!(
        mask("verdammte Scheiße, du Arschloch", "de"),
        "verdammte S******, du A********"
    );
    assert_eq!(
        mask("¡Hijo de puta! Gilipollas.", "es"),
        "¡Hijo de p***! G*********."
    );
    assert_eq!(
        mask("Putain, ça m'emmerde, enculé.", "fr"),
        "P*****, ça m'e******, e*****."
    );
}

#[test]
fn innocent_words_that_hold_a_swear_word_stay() {
    for text in [
        "Scunthorpe, assess the class, a cocktail for Dick Cheney",
        "a shiitake mushroom, Essex, pass the bass, title, analysis, grape",
        "Mishit and Matsushita played in Penistone",
    ] {
        assert_eq!(mask(text, "en"), text);
    }
    let text = "Das Ass im Ärmel, die Arschäologie nicht";
    assert_eq!(mask(text, "de"), text);
    let text = "Un cul-de-sac à Cucugnan, il concourt";
    assert_eq!(mask(text, "fr"), text);
    let text = "La computadora y la disputa, reputación";
    assert_eq!(mask(text, "es"), text);
}

#[test]
fn hindi_is_masked_in_both_scripts_by_what_a_reader_sees_as_letters() {
    assert_eq!(mask("तू चूतिया है।", "hi"), "तू चू** है।");
    assert_eq!(mask("मादरचोद!", "hi"), "मा****!");
    assert_eq!(
        mask("Abe madarchod, kya fuck hai", "hi"),
        "Abe m********, kya f*** hai"
    );
    let text = "चोर, लंदन, गाँव, chutney, gandhi, london";
    assert_eq!(mask(text, "hi"), text);
}

#[test]
fn chinese_is_masked_by_the_longest_entry_outside_innocent_compounds() {
    assert_eq!(mask("他妈的,你这个傻逼!", "zh"), "他**,你这个傻*!");
    assert_eq!(mask("操你妈的fuck你", "zh"), "操***f***你");
    let text = "他做体操,操作简单,今日你好,他妈妈来了。";
    assert_eq!(mask(text, "zh"), text);
}

#[test]
fn japanese_is_masked_outside_innocent_compounds() {
    assert_eq!(mask("くそったれ、死ね!", "ja"), "く****、死*!");
    let text = "パチンコとニクソン大統領、死ねば終わり、サクソフォン";
    assert_eq!(mask(text, "ja"), text);
}

#[test]
fn korean_is_masked_at_the_beginning_of_a_word_and_keeps_particles() {
    assert_eq!(mask("이 씨발놈아, 병신이야?", "ko"), "이 씨**아, 병*이야?");
    let text = "시발점에서 보지 마세요, 자지 말고, 고양이 새끼";
    assert_eq!(mask(text, "ko"), text);
}

#[test]
fn a_language_without_a_list_is_left_as_it_is() {
    assert_eq!(mask("fuck", "xx"), "fuck");
}

/// Text with swear words in it.
fn anything() -> impl Strategy<Value = (String, &'static str)> {
    let word = prop_oneof![
        any::<String>(),
        "[a-z]{1,8}",
        Just("fuck".to_owned()),
        Just("Scheiße".to_owned()),
        Just("चूतिया".to_owned()),
        Just("भोसड़ी".to_owned()),
        Just("操你妈".to_owned()),
        Just("クソ".to_owned()),
        Just("씨발".to_owned()),
    ];
    let language = prop::sample::select(vec!["en", "es", "fr", "de", "hi", "zh", "ja", "ko", "xx"]);
    (
        prop::collection::vec(word, 0..8).prop_map(|w| w.join(" ")),
        language,
    )
}

proptest! {
    #[test]
    fn masking_keeps_the_words_and_is_done_once((text, language) in anything()) {
        let once = mask(&text, language);
        prop_assert_eq!(once.split_whitespace().count(), text.split_whitespace().count());
        prop_assert_eq!(mask(&once, language), once.clone());
        if matches!(language, "zh" | "ja" | "ko") {
            let letters = |s: &str| s.chars().filter(|c| !crate::chars::is_mark(*c)).count();
            prop_assert_eq!(letters(&once), letters(&text));
        }
    }
}
