//! Texts over a WebSocket become sound, in order, with their words.

use crate::harness::{SENTENCE, Said, Stream, kinds, peak, seconds, server, sound, wait};
use serde_json::{Value, json};

#[test]
fn a_text_without_any_configuration_is_spoken() {
    wait(async {
        let mut stream = Stream::open(server(), "").await;
        stream
            .send(json!({"type": "speak", "text": "Hello from Whissle Gateway."}))
            .await;
        let all = stream.until("done").await;
        assert_eq!(kinds(&all), ["ready", "started", "sound", "done"]);
        let ready = all[0].event();
        assert_eq!(
            (
                &ready["voice"],
                &ready["language"],
                &ready["sample_rate"],
                &ready["format"]
            ),
            (
                &json!("af_heart"),
                &json!("en-us"),
                &json!(24_000),
                &json!("s16le")
            )
        );
        let audio = sound(&all);
        let done = all.last().unwrap().event();
        let length = seconds(&audio);
        assert!((0.8..6.0).contains(&length), "{length} s");
        assert!((done["audio_ms"].as_f64().unwrap() - length * 1000.0).abs() <= 1.0);
        assert_eq!(done["characters"], 27);
        assert!(done["ttfb_ms"].as_u64().unwrap() > 0);
        assert!(peak(&audio) > 0.05, "{}", peak(&audio));
    });
}

#[test]
fn sound_comes_in_pieces_of_20_to_100_ms() {
    wait(async {
        for (config, bytes_a_ms) in [
            (json!({"type": "config"}), 48.0),
            (
                json!({"type": "config", "sample_rate": 8000, "encoding": "mulaw"}),
                8.0,
            ),
            (json!({"type": "config", "sample_rate": 44100}), 88.2),
            (
                json!({"type": "config", "sample_rate": 11025, "format": "alaw"}),
                11.025,
            ),
        ] {
            let mut stream = Stream::open(server(), "").await;
            stream.send(config.clone()).await;
            stream.speak(SENTENCE, "a").await;
            let all = stream.until("done").await;
            let sizes = all.iter().filter_map(|said| match said {
                Said::Sound(bytes) => Some(bytes.len() as f64 / bytes_a_ms),
                _ => None,
            });
            let sizes: Vec<f64> = sizes.collect();
            let (last, others) = sizes.split_last().unwrap();
            assert!(
                others.iter().all(|ms| (19.9..=100.0).contains(ms)),
                "{config}: {sizes:?}"
            );
            assert!(*last <= 100.0);
            let done = all.last().unwrap().event()["audio_ms"].as_f64().unwrap();
            let total: f64 = sizes.iter().sum();
            assert!((total - done).abs() < 3.0, "{config}: {total} of {done} ms");
        }
    });
}

#[test]
fn fifty_texts_wait_their_turn() {
    wait(async {
        let mut stream = Stream::open(server(), "?voice=am_adam&speed=2").await;
        for number in 0..50 {
            stream.speak("Yes.", &format!("text {number}")).await;
        }
        stream.send(json!({"type": "end"})).await;
        let all = stream.until("closed").await;
        let of = |kind: &'static str| -> Vec<String> {
            let events = all.iter().filter(|said| said.kind() == kind);
            events
                .map(|said| said.event()["id"].as_str().unwrap().to_owned())
                .collect()
        };
        let expected: Vec<String> = (0..50).map(|number| format!("text {number}")).collect();
        assert_eq!(of("done"), expected);
        assert_eq!(of("started"), expected);
        // Sound between the start and the end of each text, and nowhere else.
        let mut inside = false;
        for said in &all {
            match said.kind() {
                "started" => inside = true,
                "done" => inside = false,
                "sound" => assert!(inside),
                _ => {}
            }
        }
        let end = &all[all.len() - 2];
        assert_eq!(end.kind(), "end");
        let spoken: u64 = all
            .iter()
            .filter(|said| said.kind() == "done")
            .map(|said| said.event()["audio_ms"].as_u64().unwrap())
            .sum();
        assert_eq!(end.event()["audio_ms"], spoken);
        assert!(matches!(all.last(), Some(Said::Closed(1000))));
    });
}

#[test]
fn words_come_before_their_sound_in_order_and_by_their_own_names() {
    const TEXT: &str = "On 3 May, Zoë paid $5.50 for 2 cafés.";
    wait(async {
        let mut stream = Stream::open(server(), "?timestamps=true").await;
        stream.speak(TEXT, "a").await;
        let all = stream.until("done").await;
        let (mut played_ms, mut said) = (0.0, Vec::<Value>::new());
        for message in &all {
            match message {
                Said::Sound(bytes) => played_ms += seconds(bytes) * 1000.0,
                Said::Event(event) if event["type"] == "word" => {
                    let start = event["start_ms"].as_f64().unwrap();
                    assert!(start >= played_ms - 1.0, "{event} after {played_ms} ms");
                    said.push(event.clone());
                }
                _ => {}
            }
        }
        let letters: Vec<char> = TEXT.chars().collect();
        let mut before = (0, 0);
        for word in &said {
            let number = |name: &str| word[name].as_u64().unwrap();
            let (start, end) = (number("start_ms"), number("end_ms"));
            assert!(start >= before.0 && end > start, "{said:?}");
            let (from, to) = (number("char_start") as usize, number("char_end") as usize);
            let source: String = letters[from..to].iter().collect();
            assert_eq!(word["text"], source.as_str());
            assert!(from as u64 >= before.1);
            before = (start, from as u64);
        }
        assert!((before.0 as f64) < played_ms);
        let words: Vec<&str> = said
            .iter()
            .filter_map(|word| word["text"].as_str())
            .collect();
        for wanted in ["On", "May", "Zoë", "paid", "for", "cafés"] {
            assert!(
                words.iter().any(|word| word.starts_with(wanted)),
                "{wanted}: {words:?}"
            );
        }
        assert!(words.iter().any(|word| word.contains("5.50")), "{words:?}");
    });
}

#[test]
fn a_configuration_between_texts_holds_for_those_after_it() {
    wait(async {
        let mut stream = Stream::open(server(), "").await;
        stream
            .send(json!({"type": "config", "voice": "bf_emma", "speed": 0.5}))
            .await;
        let ready = stream.event("ready").await;
        assert_eq!(
            (&ready["voice"], &ready["language"]),
            (&json!("bf_emma"), &json!("en-gb"))
        );
        stream.speak(SENTENCE, "slow").await;
        stream
            .send(json!({"type": "config", "speed": 2, "temperature": 0.6}))
            .await;
        stream.speak(SENTENCE, "fast").await;
        let slow = stream.event("done").await;
        let fast = stream.event("done").await;
        let ms = |done: &Value| done["audio_ms"].as_f64().unwrap();
        assert!(ms(&slow) > 2.0 * ms(&fast), "{slow} {fast}");
        stream
            .send(json!({"type": "config", "temperature": 0.6, "top_k": 50}))
            .await;
        let ready = stream.event("ready").await;
        assert_eq!(ready["voice"], "bf_emma", "what is not named stays");
        assert_eq!(ready["warnings"].as_array().unwrap().len(), 2, "{ready}");
    });
}

#[test]
fn instructions_and_pronunciations_change_what_is_heard() {
    wait(async {
        let mut stream = Stream::open(server(), "").await;
        let mut length = async |message: Value| {
            stream.send(message).await;
            let done = stream.event("done").await;
            (done["audio_ms"].as_f64().unwrap(), done["warnings"].clone())
        };
        let (plain, _) = length(json!({"type": "speak", "text": SENTENCE})).await;
        let slow =
            json!({"type": "speak", "text": SENTENCE, "instruct": "speak slowly and calmly"});
        let (slow, warnings) = length(slow).await;
        assert!(slow > 1.05 * plain, "{slow} against {plain} ms");
        assert!(warnings.is_null(), "{warnings}");
        let odd = json!({"type": "speak", "text": "Hi.", "instruct": "like a pirate", "colour": 1});
        let (_, warnings) = length(odd).await;
        assert!(
            warnings.as_array().is_some_and(|all| all.len() >= 2),
            "{warnings}"
        );

        let said = json!({"type": "config", "pronunciations": {"dog": "hippopotamus"}});
        stream.send(said).await;
        stream.event("ready").await;
        stream.speak("The dog. The dog. The dog.", "long").await;
        let long = stream.event("done").await["audio_ms"].as_f64().unwrap();
        stream
            .send(json!({"type": "config", "pronunciations": {}}))
            .await;
        stream.speak("The dog. The dog. The dog.", "short").await;
        let short = stream.event("done").await["audio_ms"].as_f64().unwrap();
        assert!(long > 1.1 * short, "{long} against {short} ms");
    });
}

#[test]
fn the_next_text_leaves_no_gap() {
    wait(async {
        let mut stream = Stream::open(server(), "").await;
        stream.speak(SENTENCE, "first").await;
        stream.speak("And this is the second one.", "second").await;
        let first = stream.event("done").await;
        let second = stream.event("done").await;
        // It may be as late as the sound of the first lasts after it was made.
        let late = second["ttfb_ms"].as_f64().unwrap();
        assert!(
            late < first["audio_ms"].as_f64().unwrap(),
            "{first} {second}"
        );
    });
}
