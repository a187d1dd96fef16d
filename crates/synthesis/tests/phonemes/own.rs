//! Pronunciations that the caller gives.

use synthesis::SynthesisError;
use synthesis::phonemes::{Accent, Pronunciations};

use crate::support::{AMERICAN, BRITISH, words};

fn read(accent: Accent, word: &str, said: &str) -> Result<String, SynthesisError> {
    let english = match accent {
        Accent::American => &*AMERICAN,
        Accent::British => &*BRITISH,
    };
    let own = Pronunciations::new(accent, [(word, said)])?;
    Ok(english.phonemes(&words(word), &own).text)
}

#[test]
fn ipa_and_respellings_become_the_voices_own_letters() {
    for (said, american, british) in [
        ("/ˈnaɪki/", "nˈIki", "nˈIki"),
        ("[kuːbərˈnɛtiːz]", "kubəɹnˈɛtiz", "kuːbəɹnˈɛtiːz"),
        ("ˈt͡ʃoʊ̯p", "ʧˈOp", "ʧˈQp"),
        ("koo-ber-NET-eez", "kubəɹnˈɛtiz", "kuːbənˈɛtiːz"),
        ("NY-kee", "nˈIki", "nˈIkiː"),
        ("shi-VAWN", "ʃɪvˈɔn", "ʃɪvˈɔːn"),
        ("win", "wˈɪn", "wˈɪn"),
        ("yoo", "jˈu", "jˈuː"),
    ] {
        for (accent, wanted) in [(Accent::American, american), (Accent::British, british)] {
            assert_eq!(read(accent, "xyz", said).unwrap(), wanted, "{said}");
        }
    }
}

#[test]
fn they_win_over_the_lexicon_in_any_case_and_with_a_possessive() {
    let own = Pronunciations::new(Accent::American, [("Tomato", "/təˈmɑtoʊ/")]).unwrap();
    let said = AMERICAN.phonemes(&words("The tomato, TOMATO’s tomato's end."), &own);
    assert_eq!(said.text, "ðə təmˈɑtO, təmˈɑtOz təmˈɑtOz ˈɛnd.");
}

#[test]
fn the_word_before_leans_on_them() {
    let own = Pronunciations::new(Accent::American, [("xyz", "AP-ul")]).unwrap();
    let said = AMERICAN.phonemes(&words("to the xyz"), &own);
    assert_eq!(said.text, "tə ði ˈæpəl");
}

#[test]
fn what_cannot_be_followed_is_refused_by_name() {
    let long = "a".repeat(1000);
    for (word, said) in [
        ("x", ""),
        ("x", "--"),
        ("x", "/ˈ/"),
        ("x", "/a.b, c/"),
        ("x", "/漢/"),
        ("x", "a1"),
        ("x", "kä!"),
        ("", "a"),
        ("two words", "too"),
        ("x", long.as_str()),
        (long.as_str(), "a"),
    ] {
        let error = Pronunciations::new(Accent::American, [(word, said)]).unwrap_err();
        assert!(
            matches!(error, SynthesisError::Pronunciation { .. }),
            "{said}: {error}"
        );
    }
}
