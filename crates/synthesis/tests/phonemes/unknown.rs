//! Words in no lexicon.

use crate::support::{AMERICAN, BRITISH, SPELLER, said};

#[test]
fn names_that_nobody_listed_can_be_said() {
    for name in [
        "Zyxtorvan",
        "Xiomara",
        "Siobhan",
        "Nguyen",
        "Tchaikovsky",
        "Kubernetes",
        "Okonkwo",
        "Przybylski",
        "Vlahovic",
        "Szczesny",
        "Ng",
        "Xi",
        "Bjork",
        "Anthropic",
        "Qwxyz",
        "Hrvoje",
        "O'Quillan",
        "McGonagall",
        "Zelensky's",
        "Beyoncé",
        "Łódź",
        "Zürich",
        "Привет",
        "東京",
        "Mbappé",
        "naïveté",
        "señorita",
        "brrr",
        "hmm",
        "tsk",
        "𓀀",
    ] {
        for english in [&*AMERICAN, &*BRITISH] {
            let phonemes = said(english, name).text;
            assert!(
                phonemes.contains(char::is_alphabetic),
                "{name}: `{phonemes}`"
            );
        }
    }
}

#[test]
fn letters_are_spelled_with_the_last_one_loudest() {
    for (written, american, british) in [
        ("API", "ˌApˌiˈI", "ˌApˌiːˈI"),
        ("GPUs", "ʤˌipˌijˈuz", "ʤˌiːpˌiːjˈuːz"),
        ("xkcd", "ˌɛkskˌAsˌidˈi", "ˌɛkskˌAsˌiːdˈiː"),
    ] {
        assert_eq!(said(&AMERICAN, written).text, american);
        assert_eq!(said(&BRITISH, written).text, british);
    }
}

#[test]
fn new_words_are_made_of_known_ones() {
    for (written, american) in [
        ("chatbot", "ʧˈætbˌɑt"),
        ("should've", "ʃˌʊdəv"),
        ("chatbots", "ʧˈætbˌɑts"),
        ("unfollowable", "ʌnfˈɑlOəbᵊl"),
        ("OpenAI", "ˌOpᵊnˌAˈI"),
        ("Beyoncé's", "biˈɑnsAz"),
        ("KUBERNETES", "kˌubəɹnˈɛTiz"),
        ("vlogging", "vlˈɑɡɪŋ"),
        ("tweetable", "twˈiTəbᵊl"),
    ] {
        assert_eq!(said(&AMERICAN, written).text, american, "{written}");
    }
}

#[test]
fn capitals_without_an_entry_are_read_where_they_can_be() {
    assert_eq!(
        said(&AMERICAN, "ZYXTORVAN").text,
        said(&AMERICAN, "zyxtorvan").text
    );
    assert!(said(&AMERICAN, "HTTPS").text.starts_with("ˌAʧ"));
}

/// What the reference implementation gives (g2p_en 2.1.0, `G2p.predict`).
#[test]
fn the_network_spells_as_its_reference_does() {
    for (written, phones) in [
        ("kubernetes", "K AH0 B ER1 N AH0 T S"),
        ("zyxtorvan", "Z IH0 K S T ER1 V AH0 N"),
        ("siobhan", "SH OW1 B AA2 N"),
        ("okonkwo", "OW2 K AA1 NG K OW0"),
        ("tchaikovsky", "CH EY1 K AH0 V S K IY0"),
        ("activationist", "AE2 K T IH0 V EY1 SH AH0 N IH0 S T"),
        ("xiomara", "Z IY0 OW0 M AA1 R AH0"),
        ("flibbertigibbety", "F L IH0 B ER0 T IH1 JH IH0 T IY0"),
    ] {
        assert_eq!(SPELLER.phones(written).join(" "), phones, "{written}");
    }
}
