//! Tags of text with the real encoder and the heads that ship.

mod support;

use speech::{Distribution, Scene, Sentence, TextHead, TextTagger, roles};
use std::time::Instant;
use support::tagger;

fn embed(text: &str) -> Sentence {
    let found = tagger().embed(&[text]).expect("the encoder runs");
    found.into_iter().next().expect("a sentence a text")
}

fn ask(head: TextHead, previous: &str, text: &str) -> Option<Distribution> {
    let before = (!previous.is_empty()).then(|| embed(previous));
    tagger().tag(head, &embed(text), before.as_ref())
}

fn top(head: TextHead, previous: &str, text: &str) -> String {
    let found = ask(head, previous, text).expect("it is English");
    let top = found.top().map_or("none", |(label, _)| label);
    top.to_owned()
}

#[test]
fn obvious_sentences_get_the_obvious_tags() {
    use TextHead::{Behavior, Domain, Eval, IntentCollections, IntentGeneral, SpeechAct};
    let was = "A stack is first in, first out.";
    let expected = [
        (
            Behavior,
            "",
            "How did you come to work in logistics?",
            "BEHAVIOR_QUESTION_OPEN",
        ),
        (
            Behavior,
            "",
            "I am so sorry you are going through this, I'm here for you.",
            "BEHAVIOR_SUPPORT",
        ),
        (
            Behavior,
            "",
            "If you miss another payment we will cut you off.",
            "BEHAVIOR_WARN",
        ),
        (
            Eval,
            was,
            "No, that is wrong, that would be a queue.",
            "EVAL_INCORRECT",
        ),
        (Eval, was, "Let's skip this one and go on.", "EVAL_SKIP"),
        (
            IntentCollections,
            "",
            "I will pay the full amount on Friday.",
            "INTENT_PROMISE_TO_PAY",
        ),
        (
            IntentCollections,
            "",
            "I lost my job and I cannot afford it.",
            "INTENT_FINANCIAL_HARDSHIP",
        ),
        (
            IntentCollections,
            "",
            "I already paid that last week.",
            "INTENT_CLAIMS_PAID",
        ),
        (
            IntentGeneral,
            "",
            "Could I speak to a manager, please?",
            "INTENT_REQUEST_HUMAN",
        ),
        (IntentGeneral, "", "I want my money back.", "INTENT_REFUND"),
        (
            IntentGeneral,
            "",
            "Turn off the lights in the kitchen.",
            "INTENT_CONTROL_DEVICE",
        ),
        (
            SpeechAct,
            "",
            "What time do you open on Sundays?",
            "ACT_QUESTION",
        ),
        (
            SpeechAct,
            "",
            "Thank you so much for your help.",
            "ACT_THANK",
        ),
        (Domain, "", "Will it rain tomorrow?", "DOMAIN_WEATHER"),
        (
            Domain,
            "",
            "My tooth hurts and I need to see the dentist.",
            "DOMAIN_HEALTH",
        ),
    ];
    for (head, previous, text, label) in expected {
        assert_eq!(top(head, previous, text), label, "{text}");
        let bare = text.to_lowercase().replace(['.', ',', '?'], "");
        assert_eq!(top(head, previous, &bare), label, "{bare}");
    }
}

#[test]
fn probabilities_sum_to_one_in_every_head() {
    for head in TextHead::ALL {
        let found = ask(head, "Hello?", "Good morning, this is Anna from the bank.");
        let found = found.expect("it is English");
        let sum: f32 = found.probabilities().iter().sum();
        assert!((sum - 1.0).abs() < 1e-4, "{}: {sum}", head.name());
        assert_eq!(found.labels().len(), head.labels().count());
    }
}

#[test]
fn what_cannot_be_read_has_no_tags() {
    for text in [
        "",
        "   ",
        "😀😀",
        "नमस्ते आप कैसे हैं",
        "你好",
        "...",
        "\u{0}\u{fffd}",
    ] {
        for head in TextHead::ALL {
            assert_eq!(ask(head, "", text), None, "{text}");
        }
    }
}

#[test]
fn a_previous_turn_that_cannot_be_read_counts_as_none() {
    let alone = ask(TextHead::Behavior, "", "Yes, I can do that.");
    assert_eq!(
        ask(TextHead::Behavior, "नमस्ते", "Yes, I can do that."),
        alone
    );
}

#[test]
fn ten_thousand_characters_are_read_as_far_as_the_encoder_goes() {
    let long = "I want to cancel my order. ".repeat(400);
    let longer = format!("{long}{long}");
    let found = ask(TextHead::IntentGeneral, &long, &long).expect("it is English");
    assert_eq!(Some(found), ask(TextHead::IntentGeneral, &long, &longer));
}

#[test]
fn emoji_do_not_hide_the_words() {
    let found = top(TextHead::SpeechAct, "", "Thank you so much! 🙏🏽🎉");
    assert_eq!(found, "ACT_THANK");
}

#[test]
fn a_batch_gives_what_each_text_gives_alone() {
    let texts = [
        "Hi.",
        "",
        "Could you tell me what the balance on my account is?",
        "नमस्ते",
    ];
    let together = tagger().embed(&texts).expect("the encoder runs");
    assert_eq!(together.len(), texts.len());
    for (text, found) in texts.iter().zip(&together) {
        let alone = embed(text).embedding();
        let cosine: f32 = alone
            .iter()
            .zip(found.embedding())
            .map(|(a, b)| a * b)
            .sum();
        assert!(cosine > 0.9999, "{text}: {cosine}");
    }
    assert!(tagger().embed(&[]).expect("nothing to do").is_empty());
}

#[test]
fn embeddings_are_those_of_the_training_scripts() {
    // The first numbers of `training/text/encoder.py`, with the reference tokenizer.
    let expected = [
        0.04183, 0.05867, 0.05135, 0.07539, 0.02578, -0.03747, 0.00015, -0.06061,
    ];
    let found = embed("The quick brown fox jumps over the lazy dog.").embedding();
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-3, "{found} {expected}");
    }
}

#[test]
fn embeddings_of_like_sentences_are_near() {
    let cosine = |one: &str, other: &str| -> f32 {
        let (one, other) = (embed(one).embedding(), embed(other).embedding());
        one.iter().zip(&other).map(|(a, b)| a * b).sum()
    };
    let near = cosine("A dog is chasing a cat.", "The cat runs away from the dog.");
    let far = cosine("A dog is chasing a cat.", "Interest rates rose again.");
    assert!(near > 0.6 && far < 0.2, "{near} {far}");
}

#[test]
fn a_choice_of_intents_is_scaled_to_one() {
    let found = ask(TextHead::IntentGeneral, "", "I want my money back.").expect("English");
    let chosen = found
        .only(&["INTENT_REFUND", "INTENT_WEATHER"])
        .expect("known");
    assert_eq!(chosen.labels().len(), 2);
    assert!(chosen.of("INTENT_REFUND") > Some(0.9), "{chosen:?}");
    assert_eq!(
        found.only(&["INTENT_DANCE"]),
        Err(vec!["INTENT_DANCE".to_owned()])
    );
}

#[test]
fn roles_come_out_of_a_whole_call() {
    let call = [
        (
            0,
            "Hello, thank you for calling Northern Energy, my name is Claire, how can I help?",
        ),
        (1, "Yes hi, um, I got a bill that I don't understand."),
        (
            0,
            "I'm happy to look into that. Can I take your account number, please?",
        ),
        (1, "It's four four seven one."),
        (0, "Thank you. And your date of birth for verification?"),
        (1, "Third of May."),
        (
            0,
            "I can see the bill here, it includes a late fee which I will take off for you.",
        ),
        (1, "Oh, great, thanks."),
    ];
    let texts: Vec<&str> = call.iter().map(|(_, text)| *text).collect();
    let sentences = tagger().embed(&texts).expect("the encoder runs");
    let mut said: [Vec<Distribution>; 2] = Default::default();
    let mut previous = None;
    for ((speaker, _), sentence) in call.iter().zip(&sentences) {
        let found = tagger().tag(Scene::Call.head(), sentence, previous);
        said[*speaker].extend(found);
        previous = Some(sentence);
    }
    let found = roles(&[&said[0], &said[1]]);
    let labels: Vec<&str> = found
        .iter()
        .flatten()
        .map(|role| role.label.as_str())
        .collect();
    assert_eq!(labels, ["ROLE_AGENT", "ROLE_CUSTOMER"]);
    assert!(
        found.iter().flatten().all(|role| role.is_sure()),
        "{found:?}"
    );
}

#[test]
fn a_sentence_is_tagged_faster_than_anybody_speaks() {
    let text = "Could you please tell me what the balance on my account is right now?";
    let before = embed("Hello, how can I help you today?");
    let begun = Instant::now();
    for _ in 0..10 {
        let sentence = embed(text);
        for head in TextHead::ALL {
            tagger().tag(head, &sentence, Some(&before));
        }
    }
    let each = begun.elapsed() / 10;
    // 10 ms on a quiet machine; machines that test are not quiet.
    assert!(each.as_millis() < 1_000, "{each:?}");
    println!("a sentence with all heads: {each:?}");
}

#[test]
fn a_folder_without_the_model_is_refused() {
    let absent = std::path::Path::new("absent");
    assert!(TextTagger::load(support::runtime(), absent, 1).is_err());
}
