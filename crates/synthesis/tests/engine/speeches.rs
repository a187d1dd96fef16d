//! Texts said whole.

use std::time::Duration;

use synthesis::{Event, Language, Style, SynthesisError, Synthesizer, SynthesizerOptions, Urgency};

use super::support::{ENGINE, FILES, RUNTIME, in_voice, request, say, whole};

#[tokio::test(flavor = "multi_thread")]
async fn every_word_of_the_source_has_its_time_in_order() {
    let text = "When you're ready, please pay $5.50 to Dr. Smith. The river that runs behind the \
                old mill has risen for three days now and the people have begun to worry.";
    let said = say(request(text)).await;
    let mut at = (0, 0.0);
    for word in &said.words {
        assert_eq!(&text[word.source.clone()], word.text);
        assert!(word.source.start >= at.0, "{} comes late", word.text);
        assert!(
            word.start >= at.1 - 1e-6 && word.end >= word.start,
            "{word:?}"
        );
        assert!(word.end <= said.seconds() + 1e-6);
        at = (word.source.end, word.start);
    }
    let letters = |text: &str| {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .collect::<String>()
    };
    assert_eq!(letters(&said.words().concat()), letters(text));
    assert!(
        (7.0..16.0).contains(&said.seconds()),
        "{} s",
        said.seconds()
    );
    assert!(said.level() > 0.02);
    assert!(
        said.samples
            .iter()
            .all(|sample| sample.is_finite() && sample.abs() <= 1.0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_very_short_text_sounds_like_speech() {
    for text in ["Yes.", "No", "I", "5"] {
        let said = say(request(text)).await;
        assert!(
            (0.3..1.6).contains(&said.seconds()),
            "{text}: {} s",
            said.seconds()
        );
        assert!(said.level() > 0.02, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_language_has_a_voice_that_speaks() {
    for (voice, text, word) in [
        ("bf_emma", "The lift is on the left.", "lift"),
        ("ef_dora", "La reunión es el jueves.", "jueves"),
        ("ff_siwis", "Le train part à sept heures.", "train"),
        ("if_sara", "Il treno parte alle sette.", "treno"),
        ("pf_dora", "O trem sai às sete.", "trem"),
        ("hf_alpha", "नमस्ते, आप कैसे हैं?", "कैसे"),
        ("zf_xiaobei", "会议改到了星期四下午。", "会议"),
        ("jf_alpha", "電車は七時に出ます。", "電車は"),
    ] {
        let said = say(in_voice(voice, text)).await;
        assert!(
            (1.0..6.0).contains(&said.seconds()),
            "{voice}: {} s",
            said.seconds()
        );
        assert!(said.words().contains(&word), "{voice}: {:?}", said.words());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn speed_and_instructions_change_how_long_it_takes_and_how_loud_it_is() {
    let text = "The museum is closed on Mondays, except in July.";
    let plain = say(request(text)).await;
    let mut fast = request(text);
    fast.speed = 2.0;
    let fast = say(fast).await;
    let ratio = fast.seconds() / plain.seconds();
    assert!((0.4..0.7).contains(&ratio), "{ratio}");
    let mut soft = request(text);
    soft.style = Style::parse("slowly and softly").0;
    let soft = say(soft).await;
    assert!(soft.seconds() > plain.seconds() * 1.1);
    assert!(soft.level() < plain.level() * 0.7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_longer_than_the_model_is_said_in_slices() {
    let text = format!("{} end.", "rhubarb".repeat(120));
    let said = say(request(&text)).await;
    assert!(said.seconds() > 20.0, "{} s", said.seconds());
    assert_eq!(said.words().last(), Some(&"end"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_said_is_refused() {
    for text in ["", "  \n", "...", "\u{200b}"] {
        let speech = ENGINE.speak(request(text)).expect("a place");
        assert!(
            matches!(whole(speech).await, Err(SynthesisError::NothingToSay)),
            "{text:?}"
        );
    }
    for (speed, exaggeration) in [
        (9.0, 0.0),
        (f32::NAN, 0.0),
        (1.0, -1.0),
        (1.0, f32::INFINITY),
    ] {
        let mut odd = request("Hello.");
        (odd.speed, odd.exaggeration) = (speed, exaggeration);
        assert!(matches!(
            ENGINE.speak(odd),
            Err(SynthesisError::OutOfRange { .. })
        ));
    }
    let mut odd = request("Hello.");
    odd.pronunciations = vec![("Hello".into(), "/☃/".into())];
    let speech = ENGINE.speak(odd).expect("a place");
    assert!(matches!(
        whole(speech).await,
        Err(SynthesisError::Pronunciation { .. })
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_speech_that_is_dropped_frees_its_place_and_others_go_on() {
    let options = SynthesizerOptions {
        workers: 1,
        speeches: 2,
    };
    let engine = Synthesizer::start(&RUNTIME, &FILES, options).expect("it starts");
    let long = "This sentence is said again and again. ".repeat(40);
    let mut first = engine.speak(request(&long)).expect("a place");
    assert!(matches!(first.next().await, Some(Ok(Event::Sound(_)))));
    let mut second = engine.speak(request(&long)).expect("a place");
    assert!(matches!(
        engine.speak(request("No.")),
        Err(SynthesisError::Busy)
    ));
    assert!(matches!(
        second.next().await,
        Some(Ok(Event::Waiting { ahead: 1 }))
    ));
    drop(first);
    let event = tokio::time::timeout(Duration::from_secs(20), second.next()).await;
    assert!(matches!(event, Ok(Some(Ok(Event::Sound(_))))), "{event:?}");
    assert_eq!(engine.speeches(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_comes_before_files() {
    let mut file = request(&"This one can wait for a while. ".repeat(20));
    file.urgency = Urgency::Batch;
    let file = ENGINE.speak(file).expect("a place");
    let listened = say(request("Hello there.")).await;
    assert!(listened.seconds() > 0.5);
    drop(file);
}

#[test]
fn mixes_and_names_from_elsewhere_are_voices() {
    let voices = ENGINE.voices();
    assert_eq!(voices.list().len(), 54);
    let (mix, warnings) = voices
        .parse("af_heart:0.6+am_adam:0.4", None)
        .expect("a mix");
    assert!(warnings.is_empty());
    assert_eq!(mix.parts().len(), 2);
    assert_eq!(mix.language(), Language::AmericanEnglish);
    let (tara, warnings) = voices.parse("tara", None).expect("an alias");
    assert_eq!(
        (tara.parts()[0].0.as_str(), warnings.len()),
        ("af_heart", 1)
    );
    let (man, _) = voices
        .parse("tara", Some(synthesis::Gender::Male))
        .expect("an alias");
    assert!(man.parts()[0].0.starts_with("am_"));
    for odd in [
        "",
        "nobody",
        "af_heart:0",
        "af_heart:-1",
        "af_heart:x",
        "af_heart+",
        "af_heart:NaN",
    ] {
        assert!(voices.parse(odd, None).is_err(), "{odd}");
    }
}
