//! Words of the lexicon: as misaki, which Kokoro learned from, has them.

use misaki_rs::{G2P, Language};

use crate::support::{AMERICAN, BRITISH, said};

/// From the documentation of misaki and misaki-rs.
const REFERENCE: [(&str, &str); 4] = [
    ("Hello, world!", "həlˈO, wˈɜɹld!"),
    (
        "Please read the report I read yesterday.",
        "plˈiz ɹˈid ðə ɹəpˈɔɹt ˌI ɹˈɛd jˈɛstəɹdˌA.",
    ),
    (
        "They record a record every week.",
        "ðˌA ɹəkˈɔɹd ɐ ɹˈɛkəɹd ˈɛvəɹi wˈik.",
    ),
    ("caucus-race", "kˈɔkəsɹˌAs"),
];

/// Sentences of known words.
const SENTENCES: [&str; 44] = [
    "The quick brown fox jumps over the lazy dog.",
    "It's been a long time since we've talked, hasn't it?",
    "I don't know what you're talking about.",
    "The apple and the orange were on the table.",
    "She went to Africa to see the animals.",
    "He wanted to eat an egg.",
    "The children's toys are in the boxes.",
    "The dogs' bowls were empty.",
    "I am an old man.",
    "I am going to the store; what about you?",
    "Who's there?",
    "That well-known five-storied house is hers.",
    "We walked, jumped, wanted and needed it.",
    "Running, hitting, writing and stopping.",
    "The better butter is in the water bottle.",
    "Wait (please) for me!",
    "He said: no — never — and left…",
    "You would have told me they'd gone.",
    "An hour ago the honest heir left.",
    "To err is human, to forgive divine.",
    "The university is the oldest of them all.",
    "What's the matter with you?",
    "Come in, come in!",
    "He's used to it by now.",
    "The weather in Paris and London is lovely.",
    "Doctor Smith and Mister Jones met on Monday.",
    "Twenty-one people came to the party.",
    "One hundred and twenty-three thousand, four hundred fifty-six.",
    "NASA launched it.",
    "The FBI and the CIA agree.",
    "Any rose by any other name would smell as sweet.",
    "I'd like the cheapest ticket to Edinburgh.",
    "Little Mary bought bottles and buttons.",
    "Thank you very much for your patience.",
    "Could you repeat the last sentence, please?",
    "The temperature will rise to thirty degrees this afternoon.",
    "We apologize for the inconvenience.",
    "Your order has been shipped and will arrive tomorrow.",
    "Once upon a time there lived a beautiful princess.",
    "The committee decided to postpone the decision.",
    "Out-of-the-way places are the nicest.",
    "Nothing is impossible.",
    "Photography, photographer, photographic.",
    "My favourite colour is grey.",
];

#[test]
fn documented_sentences_come_out_as_documented() {
    for (sentence, phonemes) in REFERENCE {
        assert_eq!(said(&AMERICAN, sentence).text, phonemes, "{sentence}");
    }
}

#[test]
fn known_words_sound_as_in_misaki() {
    let mut wrong = Vec::new();
    for (english, language) in [
        (&*AMERICAN, Language::EnglishUS),
        (&*BRITISH, Language::EnglishGB),
    ] {
        let misaki = G2P::new(language);
        for sentence in SENTENCES {
            let (reference, _) = misaki.g2p(sentence).unwrap();
            let found = said(english, sentence).text;
            if found != reference {
                wrong.push(format!(
                    "{sentence}\n  ours   {found}\n  misaki {reference}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
