//! Utterances and what they are.

use super::*;
use proptest::prelude::*;
use serde_json::json;
use std::sync::LazyLock;

static COMMANDS: LazyLock<Commands> = LazyLock::new(Commands::new);

fn command(text: &str) -> Option<(String, Value)> {
    match COMMANDS.find(text, None)?.0 {
        Found::Command(command) => Some((command.name, Value::Object(command.arguments))),
        _ => None,
    }
}

#[test]
fn commands_are_known_with_their_arguments() {
    for (text, name, arguments) in [
        ("stop", "stop", json!({})),
        ("Never mind.", "stop", json!({})),
        (
            "Set a timer for 5 minutes",
            "set_timer",
            json!({"seconds": 300}),
        ),
        (
            "could you please set a timer for twenty-five minutes?",
            "set_timer",
            json!({"seconds": 1500}),
        ),
        (
            "timer for an hour and a half",
            "set_timer",
            json!({"seconds": 5400}),
        ),
        (
            "timer for two and a half hours",
            "set_timer",
            json!({"seconds": 9000}),
        ),
        (
            "start a 90 second timer",
            "set_timer",
            json!({"seconds": 90}),
        ),
        (
            "set a timer for 1 hour 20 minutes for the roast",
            "set_timer",
            json!({"seconds": 4800, "label": "the roast"}),
        ),
        (
            "set a timer for half an hour",
            "set_timer",
            json!({"seconds": 1800}),
        ),
        ("cancel the timer", "cancel_timer", json!({})),
        ("Call Mom", "call", json!({"contact": "Mom"})),
        (
            "hey, call +1 415 555 1234 please",
            "call",
            json!({"contact": "+1 415 555 1234"}),
        ),
        (
            "wake me up at 6:30 am tomorrow",
            "set_alarm",
            json!({"time": "06:30", "day": "tomorrow"}),
        ),
        (
            "set an alarm for 7",
            "set_alarm",
            json!({"time": "07:00", "ambiguous": true}),
        ),
        (
            "set an alarm for half past five in the evening",
            "set_alarm",
            json!({"time": "17:30"}),
        ),
        (
            "set an alarm for noon",
            "set_alarm",
            json!({"time": "12:00"}),
        ),
        (
            "remind me to call the bank in 2 hours",
            "create_reminder",
            json!({"text": "call the bank", "seconds": 7200}),
        ),
        (
            "remind me in ten minutes to stretch",
            "create_reminder",
            json!({"text": "stretch", "seconds": 600}),
        ),
        (
            "Remind me to pay rent tomorrow at 9 a.m.",
            "create_reminder",
            json!({"text": "pay rent", "day": "tomorrow", "time": "09:00"}),
        ),
        (
            "remind me to buy milk",
            "create_reminder",
            json!({"text": "buy milk"}),
        ),
        (
            "remind me to put the cake in the oven",
            "create_reminder",
            json!({"text": "put the cake in the oven"}),
        ),
        (
            "set the volume to fifty percent",
            "set_volume",
            json!({"percent": 50}),
        ),
        ("turn it up", "volume_up", json!({})),
        ("hang up", "hang_up", json!({})),
        ("open my calendar", "open", json!({"target": "calendar"})),
        (
            "pon un temporizador de cinco minutos",
            "set_timer",
            json!({"seconds": 300}),
        ),
        (
            "llama a María, por favor",
            "call",
            json!({"contact": "María"}),
        ),
        (
            "mets un minuteur de dix minutes",
            "set_timer",
            json!({"seconds": 600}),
        ),
        (
            "rappelle-moi dans une heure d'appeler Paul",
            "create_reminder",
            json!({"text": "appeler Paul", "seconds": 3600}),
        ),
        (
            "Stelle einen Timer auf zwanzig Minuten",
            "set_timer",
            json!({"seconds": 1200}),
        ),
        (
            "Ruf Anna Schmidt an",
            "call",
            json!({"contact": "Anna Schmidt"}),
        ),
        (
            "पाँच मिनट का टाइमर लगाओ",
            "set_timer",
            json!({"seconds": 300}),
        ),
        ("papa ko call karo", "call", json!({"contact": "papa"})),
        (
            "das minute ka timer lagao",
            "set_timer",
            json!({"seconds": 600}),
        ),
    ] {
        assert_eq!(command(text), Some((name.to_owned(), arguments)), "{text}");
    }
}

#[test]
fn talk_is_not_a_command() {
    for text in [
        "What meetings do I have today?",
        "stop me if you have heard this one",
        "Call center performance was poor this month",
        "call it a day",
        "set a timer for the good of mankind",
        "The timer for the oven is broken",
        "set the volume to four hundred",
        "I want to remind you of our appointment",
        "How long is a timer?",
        "",
        "?!",
    ] {
        assert_eq!(COMMANDS.find(text, None), None, "{text}");
    }
}

#[test]
fn notes_and_dictation_keep_their_words_as_they_were_said() {
    let note = |text: &str| match COMMANDS.find(text, None) {
        Some((Found::Note(note), language)) => Some((note, language)),
        _ => None,
    };
    for (text, kept, language) in [
        (
            "Take a note that Diana called about EMI.",
            "Diana called about EMI.",
            "en",
        ),
        ("please take a note: buy milk", "buy milk", "en"),
        ("write down 42 Main Street", "42 Main Street", "en"),
        (
            "remember that the door code is 4711",
            "the door code is 4711",
            "en",
        ),
        ("toma una nota: comprar leche", "comprar leche", "es"),
        ("note que Paul arrive demain", "Paul arrive demain", "fr"),
        ("Notiere, dass Anna morgen kommt", "Anna morgen kommt", "de"),
        ("नोट करो कि कल मीटिंग है", "कल मीटिंग है", "hi"),
    ] {
        assert_eq!(
            note(text),
            Some((kept.to_owned(), language.to_owned())),
            "{text}"
        );
    }
    assert_eq!(note("remember when we were young"), None);
    let dictated = COMMANDS
        .find("Dictate: dear Anna comma", None)
        .map(|(found, _)| found);
    assert_eq!(dictated, Some(Found::Dictation("dear Anna comma".into())));
}

#[test]
fn every_command_is_known_in_every_language_and_says_what_it_is() {
    let kinds = COMMANDS.kinds();
    assert!(kinds.len() >= 16);
    for kind in kinds {
        assert_eq!(
            kind.languages,
            ["de", "en", "es", "fr", "hi"],
            "{}",
            kind.name
        );
        assert!(kind.description.ends_with('.'), "{}", kind.name);
    }
}

proptest! {
    #[test]
    fn no_utterance_makes_it_panic(text in "\\PC{0,120}") {
        let _ = COMMANDS.find(&text, Some("en"));
    }

    #[test]
    fn durations_in_digits_are_exact(hours in 1u64..24, minutes in 1u64..60) {
        let found = command(&format!("set a timer for {hours} hours and {minutes} minutes"));
        prop_assert_eq!(found, Some(("set_timer".to_owned(), json!({"seconds": hours * 3600 + minutes * 60}))));
    }
}
