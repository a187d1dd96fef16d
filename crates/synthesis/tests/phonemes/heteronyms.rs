//! Words that are spelled alike and said otherwise.

use crate::support::{AMERICAN, BRITISH, said, word};

/// Sentence, word, American, British.
const CASES: [(&str, &str, &str, &str); 56] = [
    ("I will read the book.", "read", "ɹˈid", "ɹˈiːd"),
    ("I read the book yesterday.", "read", "ɹˈɛd", "ɹˈɛd"),
    ("She has read every page.", "read", "ɹˈɛd", "ɹˈɛd"),
    ("Do you read much?", "read", "ɹˈid", "ɹˈiːd"),
    ("They live in London.", "live", "lˈɪv", "lˈɪv"),
    ("We heard live music.", "live", "lˈIv", "lˈIv"),
    ("A cat has nine lives.", "lives", "lˈIvz", "lˈIvz"),
    ("She lives near here.", "lives", "lˈɪvz", "lˈɪvz"),
    ("Please record the meeting.", "record", "ɹəkˈɔɹd", "ɹɪkˈɔːd"),
    ("She broke the record.", "record", "ɹˈɛkəɹd", "ɹˈɛkɔːd"),
    ("They lead the team.", "lead", "lˈid", "lˈiːd"),
    (
        "The old pipes were made of lead pipe.",
        "lead",
        "lˈɛd",
        "lˈɛd",
    ),
    ("Lead poisoning is dangerous.", "Lead", "lˈɛd", "lˈɛd"),
    ("The wind blew all night.", "wind", "wˈɪnd", "wˈɪnd"),
    ("You must wind the clock.", "wind", "wˈInd", "wˈInd"),
    ("A tear ran down her cheek.", "tear", "tˈɪɹ", "tˈɪə"),
    ("Do not tear the page.", "tear", "tˈɛɹ", "tˈɛː"),
    ("They use a hammer.", "use", "jˈuz", "jˈuːz"),
    ("It is of no use.", "use", "jˈus", "jˈuːs"),
    ("Please close the door.", "close", "klˈOz", "klˈQz"),
    ("We are close to home.", "close", "klˈOs", "klˈQs"),
    ("He gave her a present.", "present", "pɹˈɛzᵊnt", "pɹˈɛzᵊnt"),
    (
        "I will present the results.",
        "present",
        "pɹizˈɛnt",
        "pɹɪzˈɛnt",
    ),
    ("The object is round.", "object", "ˈɑbʤəkt", "ˈɒbʤɛkt"),
    ("I object to that.", "object", "əbʤˈɛkt", "əbʤˈɛkt"),
    ("He plays the bass guitar.", "bass", "bˈAs", "bˈAs"),
    ("We caught a bass in the lake.", "bass", "bˈæs", "bˈas"),
    ("She dove into the pool.", "dove", "dˈOv", "dˈQv"),
    ("The dove is a symbol of peace.", "dove", "dˈʌv", "dˈʌv"),
    ("The wound healed slowly.", "wound", "wˈund", "wˈuːnd"),
    (
        "He wound the rope around the post.",
        "wound",
        "wˈWnd",
        "wˈWnd",
    ),
    ("Wait a minute.", "minute", "mˈɪnət", "mˈɪnɪt"),
    (
        "There were minute differences.",
        "minute",
        "mInˈut",
        "mInjˈuːt",
    ),
    ("The desert is hot.", "desert", "dˈɛzəɹt", "dˈɛzət"),
    (
        "He would never desert his friends.",
        "desert",
        "dəzˈɜɹt",
        "dɪzˈɜːt",
    ),
    ("I refuse to go.", "refuse", "ɹəfjˈuz", "ɹɪfjˈuːz"),
    (
        "The refuse is collected on Monday.",
        "refuse",
        "ɹˈɛfjˌus",
        "ɹˈɛfjuːs",
    ),
    (
        "They protest against the war.",
        "protest",
        "pɹətˈɛst",
        "pɹətˈɛst",
    ),
    (
        "The protest was peaceful.",
        "protest",
        "pɹˈOtˌɛst",
        "pɹˈQtɛst",
    ),
    ("Send me your resume.", "resume", "ɹˈɛzəmˌA", "ɹˈɛzjʊmA"),
    (
        "We will resume the meeting.",
        "resume",
        "ɹəzˈum",
        "ɹɪzjˈuːm",
    ),
    ("Do not abuse it.", "abuse", "əbjˈuz", "əbjˈuːz"),
    ("The content is good.", "content", "kˈɑntɛnt", "kˈɒntɛnt"),
    ("She was content.", "content", "kəntˈɛnt", "kəntˈɛnt"),
    ("They project a loss.", "project", "pɹəʤˈɛkt", "pɹəʤˈɛkt"),
    ("The project is late.", "project", "pɹˈɑʤˌɛkt", "pɹˈɒʤɛkt"),
    (
        "Please separate the eggs.",
        "separate",
        "sˈɛpəɹˌAt",
        "sˈɛpəɹAt",
    ),
    (
        "They sleep in separate rooms.",
        "separate",
        "sˈɛpəɹət",
        "sˈɛpəɹət",
    ),
    ("Prices will increase.", "increase", "ɪnkɹˈis", "ɪnkɹˈiːs"),
    ("We saw an increase.", "increase", "ˈɪnkɹˌis", "ˈɪnkɹiːs"),
    ("Please polish the table.", "polish", "pˈɑlɪʃ", "pˈɒlɪʃ"),
    ("She is Polish.", "Polish", "pˈOlɪʃ", "pˈQlɪʃ"),
    ("He took a bow.", "bow", "bˈW", "bˈW"),
    ("She tied a bow.", "bow", "bˈO", "bˈQ"),
    ("I used to smoke.", "used", "jˈust", "jˈuːst"),
    ("I used a hammer.", "used", "jˈuzd", "jˈuːzd"),
];

#[test]
fn words_spelled_alike_are_said_as_the_sentence_means_them() {
    let mut wrong = Vec::new();
    for (sentence, which, american, british) in CASES {
        for (english, wanted) in [(&*AMERICAN, american), (&*BRITISH, british)] {
            let phonemes = said(english, sentence);
            let found = word(&phonemes, sentence, which);
            if found != wanted {
                wrong.push(format!("{which} in `{sentence}`: {found}, not {wanted}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
