//! Claims about polishing.

use super::*;
use proptest::prelude::*;

const ALL: Polish<'static> = Polish {
    language: "en",
    punctuation: true,
    itn: true,
    profanity_filter: false,
};
const PLAIN: Polish<'static> = Polish {
    punctuation: false,
    ..ALL
};

fn words(polish: Polish<'_>, text: &str, words: &[&str]) -> (String, Vec<(String, Range<usize>)>) {
    let (text, words) = polish.words(text, words);
    (
        text,
        words
            .into_iter()
            .map(|word| (word.text, word.source))
            .collect(),
    )
}

fn word(text: &str, source: Range<usize>) -> (String, Range<usize>) {
    (text.to_owned(), source)
}

#[test]
fn the_words_of_a_number_become_one() {
    let given = ["I", "have", "twenty", "three", "dollars,", "please."];
    let (text, found) = words(ALL, "I have twenty three dollars, please.", &given);
    assert_eq!(text, "I have $23, please.");
    let expected = [
        word("I", 0..1),
        word("have", 1..2),
        word("$23", 2..5),
        word("please", 5..6),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_word_that_is_part_number_stays_whole() {
    let (text, found) = words(
        ALL,
        "A forty-five-year-old.",
        &["A", "forty-five-year-old."],
    );
    assert_eq!(text, "A 45-year-old.");
    assert_eq!(found, [word("A", 0..1), word("45-year-old", 1..2)]);
}

#[test]
fn numbers_side_by_side_stay_apart() {
    let given = ["July", "twenty-fifth,", "nineteen", "eighty-four."];
    let (text, found) = words(ALL, "July twenty-fifth, nineteen eighty-four.", &given);
    assert_eq!(text, "July 25, 1984.");
    assert_eq!(
        found,
        [word("July", 0..1), word("25", 1..2), word("1984", 2..4)]
    );
}

#[test]
fn signs_and_abbreviations_stay_with_their_words() {
    let given = [
        "It's", "$5.20", "in", "the", "U.S.", "at", "three", "p", "m.",
    ];
    let (text, found) = words(ALL, "It's $5.20 in the U.S. at three p m.", &given);
    assert_eq!(text, "It's $5.20 in the U.S. at 03:00 p.m.");
    let texts: Vec<_> = found.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(
        texts,
        ["It's", "$5.20", "in", "the", "U.S.", "at", "03:00 p.m."]
    );
    let (text, found) = words(
        PLAIN,
        "It's $5.20, 5 % at three p m.",
        &["It's", "$5.20,", "5", "%", "at", "three", "p", "m."],
    );
    assert_eq!(text, "it's $5.20 5 % at 03:00 pm");
    let texts: Vec<_> = found.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(texts, ["it's", "$5.20", "5", "%", "at", "03:00 pm"]);
}

#[test]
fn punctuation_alone_is_no_word() {
    let (_, found) = words(ALL, "Well - yes.", &["Well", "-", "yes."]);
    assert_eq!(found, [word("Well", 0..1), word("yes", 2..3)]);
}

#[test]
fn a_text_without_marks_gets_the_least_of_them() {
    let text = |language, text: &str| Polish { language, ..ALL }.text(text);
    assert_eq!(text("en", "so i think i'm done"), "So I think I'm done.");
    assert_eq!(text("en", "where are you"), "Where are you?");
    assert_eq!(text("es", "dónde estás"), "¿Dónde estás?");
    assert_eq!(text("hi", "आप कैसे हैं"), "आप कैसे हैं?");
    assert_eq!(text("hi", "मैं ठीक हूँ"), "मैं ठीक हूँ।");
    assert_eq!(text("zh", "你今天好吗"), "你今天好吗？");
    assert_eq!(text("zh", "今天天气很好"), "今天天气很好。");
    assert_eq!(text("en", "Already cased"), "Already cased");
    assert_eq!(text("en", "yes, of course"), "yes, of course");
    let (text, found) = words(
        Polish {
            language: "es",
            ..ALL
        },
        "dónde están los veinte libros",
        &["dónde", "están", "los", "veinte", "libros"],
    );
    assert_eq!(text, "¿Dónde están los 20 libros?");
    assert_eq!(
        (
            found[0].0.as_str(),
            found[3].0.as_str(),
            found[4].0.as_str()
        ),
        ("Dónde", "20", "libros")
    );
}

#[test]
fn swear_words_are_masked_in_text_and_words() {
    let clean = Polish {
        profanity_filter: true,
        ..ALL
    };
    let (text, found) = words(
        clean,
        "What the fuck, man!",
        &["What", "the", "fuck,", "man!"],
    );
    assert_eq!(text, "What the f***, man!");
    assert_eq!(found[2], word("f***", 2..3));
    let plain = Polish {
        punctuation: false,
        ..clean
    };
    let (text, found) = words(
        plain,
        "What the fuck, man!",
        &["What", "the", "fuck,", "man!"],
    );
    assert_eq!(
        (text.as_str(), &found[2]),
        ("what the f*** man", &word("f***", 2..3))
    );
    let hindi = Polish {
        language: "hi",
        ..clean
    };
    let (text, found) = words(hindi, "वह चूतिया है।", &["वह", "चूतिया", "है।"]);
    assert_eq!(text, "वह चू** है।");
    assert_eq!(found[1], word("चू**", 1..2));
}

#[test]
fn characters_that_are_words_become_one_number() {
    let zh = Polish {
        language: "zh",
        ..ALL
    };
    let (text, found) = words(zh, "一共二十三元。", &["一", "共", "二", "十", "三", "元"]);
    assert_eq!(text, "一共¥23。");
    assert_eq!(
        found,
        [word("一", 0..1), word("共", 1..2), word("¥23", 2..6)]
    );
    let hi = Polish {
        language: "hi",
        ..ALL
    };
    let (text, found) = words(
        hi,
        "मुझे पाँच सौ रुपये चाहिए।",
        &["मुझे", "पाँच", "सौ", "रुपये", "चाहिए।"],
    );
    assert_eq!(text, "मुझे ₹500 चाहिए।");
    assert_eq!(found[1..], [word("₹500", 1..4), word("चाहिए", 4..5)]);
}

#[test]
fn words_that_are_not_the_texts_are_polished_by_themselves() {
    let (text, found) = words(ALL, "Twenty dogs.", &["Other", "thirty"]);
    assert_eq!(text, "20 dogs.");
    assert_eq!(found, [word("Other", 0..1), word("30", 1..2)]);
}

fn any_polish() -> impl Strategy<Value = Polish<'static>> {
    let language = prop::sample::select(vec!["en", "es", "fr", "de", "hi", "zh", "ja", "ko", "xx"]);
    (language, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(language, punctuation, itn, profanity_filter)| Polish {
            language,
            punctuation,
            itn,
            profanity_filter,
        },
    )
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| crate::chars::is_word(*c)).collect()
}

/// Words as engines give them, numbers among them.
fn given_words() -> impl Strategy<Value = Vec<String>> {
    let known = prop::sample::select(vec![
        "twenty",
        "three",
        "Twenty-three,",
        "dollars",
        "five",
        "p",
        "m.",
        "percent",
        "hundred",
        "and",
        "half",
        "past",
        "I",
        "i",
        "where",
        "July",
        "fifth,",
        "veintitrés",
        "euros",
        "deux",
        "heures",
        "zwei",
        "Uhr",
        "बीस",
        "रुपये",
        "-",
        "%",
        "$5",
        "don't",
        "word—word",
        "二十三",
        "円",
        "두",
        "시",
        "fuck",
        "shit!",
    ]);
    let any = "[A-Za-z0-9.,'’$%é你十，ß]{1,6}";
    prop::collection::vec(
        prop_oneof![4 => known.prop_map(str::to_owned), 1 => any],
        0..14,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn a_text_and_its_words_come_out_alike(polish in any_polish(), given in given_words(), spaced in any::<bool>()) {
        let text = given.join(if spaced { " " } else { "" });
        let list: Vec<&str> = given.iter().map(String::as_str).collect();
        let (text, words) = polish.words(&text, &list);
        let joined: String = words.iter().map(|word| letters(&word.text)).collect();
        prop_assert_eq!(joined, letters(&text));
        if spaced && !polish.punctuation {
            let texts: Vec<_> = words.iter().map(|word| word.text.as_str()).collect();
            prop_assert_eq!(texts.join(" "), text);
        }
    }

    #[test]
    fn sources_are_in_order_and_none_is_used_twice(polish in any_polish(), given in given_words()) {
        let list: Vec<&str> = given.iter().map(String::as_str).collect();
        let (_, words) = polish.words(&given.join(" "), &list);
        let mut done = 0;
        for word in words {
            prop_assert!(done <= word.source.start && word.source.start < word.source.end);
            prop_assert!(word.source.end <= given.len() && !word.text.is_empty());
            done = word.source.end;
        }
    }

    #[test]
    fn anything_is_survived(polish in any_polish(), text in "\\PC{0,60}", given in prop::collection::vec("\\PC{0,8}", 0..8)) {
        let list: Vec<&str> = given.iter().map(String::as_str).collect();
        polish.words(&text, &list);
    }
}
