//! Conversations through the gateway: spoken questions are heard, answers are played, and what was
//! said is kept. The language model is a stand-in; everything else is real.

use e2e::call::{Customer, Heard, Model, spoken, transcript};
use e2e::{Stack, pause_for as pause, words};
use serde_json::{Value, json};
use std::time::Duration;

/// The record of a call, once it is over.
fn kept(stack: &Stack, customer: &Customer, heard: &Heard) -> Value {
    let call = format!("/bot/api/calls/{}", heard.call_id());
    e2e::until(|| {
        let kept = customer.get(stack, &[&call]).json();
        (kept["status"] != "in-progress").then_some(kept)
    })
}

#[test]
fn a_spoken_question_is_answered_and_kept() {
    let model = Model::start(&json!([
        {"when": "capital", "say": "The capital of France is Paris. Would you like to know more?"},
        {"when": "thank", "say": "You are welcome. Goodbye!"},
    ]));
    let stack = Stack::conversing(&model.variables());
    let agent = json!({"name": "Guide", "system_prompt": "You know cities.", "greeting": "Hello, this is the city guide."});
    let customer = Customer::with_agent(&stack, &agent);
    let question = spoken(&stack, "What is the capital of France?");
    let thanks = spoken(&stack, "No, thank you. Goodbye.");
    let heard = customer.call(
        &stack,
        &json!([
            {"wait": "segment", "speaker": "agent"},
            {"sleep": 0.3},
            {"say": question},
            {"wait": "segment", "speaker": "customer"},
            {"wait": "segment", "speaker": "agent"},
            {"sleep": 0.3},
            {"say": thanks},
            {"wait": "closed"},
        ]),
    );
    let said = transcript(&stack, heard.sound.path());
    for words in ["this is the city guide", "the capital of france is paris"] {
        assert!(
            e2e::holds(&said, words),
            "heard: {said}\n{:#?}",
            heard.messages
        );
    }
    assert!(
        model.requests()[0]["messages"][0]["content"]
            .to_string()
            .contains("You know cities.")
    );

    let call = heard.call_id();
    let kept = customer
        .get(&stack, &[&format!("/bot/api/calls/{call}")])
        .json();
    let segments = kept["transcript"].as_array().expect("segments").clone();
    let speakers: Vec<&str> = segments
        .iter()
        .filter_map(|s| s["speaker"].as_str())
        .collect();
    assert_eq!(
        speakers,
        ["agent", "customer", "agent", "customer", "agent"],
        "{kept:#}"
    );
    assert_eq!(kept["status"], "completed");
    // How the customer sounds and what they want is kept with their words.
    let tags = &segments[1]["metadata"];
    assert_eq!(tags["gender"], "GENDER_MALE", "{kept:#}");
    assert!(
        tags["behavior"]
            .as_str()
            .is_some_and(|tag| tag.starts_with("BEHAVIOR_QUESTION")),
        "{kept:#}"
    );
    assert!(
        segments[2]["latency"]["voice_to_voice_ms"]
            .as_u64()
            .is_some_and(|ms| ms < 5_000),
        "{kept:#}"
    );

    // Both directions are in the recording, each on its side.
    let recording = stack.data.path().join("recording.wav");
    let url = format!("/bot/api/calls/{call}/recording");
    let got = customer.get(&stack, &[&url, &format!("-o{}", recording.display())]);
    assert_eq!(got.status, 200);
    let separate = stack.transcribe(&recording, &["multichannel=true"]).json();
    let text = |channel: u64| {
        let segments = separate["segments"].as_array().expect("segments").iter();
        let of = segments.filter(|s| s["channel"] == channel);
        let words: Vec<&str> = of.filter_map(|s| s["text"].as_str()).collect();
        words.join(" ").to_lowercase()
    };
    assert!(
        text(0).contains("capital of france") && !text(0).contains("paris"),
        "{separate:#}"
    );
    assert!(text(1).contains("paris"), "{separate:#}");
}

#[test]
fn whoever_interrupts_is_heard_and_the_answer_ends_where_they_did() {
    let long = "Once upon a time there was a king who had twelve daughters, each more beautiful than the other. \
                They slept in twelve beds all in one room, and when they went to bed the doors were shut and locked up. \
                But every morning their shoes were found to be quite worn through, as if they had been danced in all night.";
    let model = Model::start(&json!([
        {"when": "story", "say": long},
        {"when": "time", "say": "It is noon."},
    ]));
    let stack = Stack::conversing(&model.variables());
    let customer = Customer::with_agent(&stack, &json!({"name": "Teller"}));
    let story = spoken(&stack, "Please tell me a story.");
    let okay = spoken(&stack, "Okay.");
    let stop = spoken(&stack, "Excuse me, what time is it now?");
    let heard = customer.call(
        &stack,
        &json!([
            {"sleep": 0.5},
            {"say": story},
            {"wait": "state", "state": "speaking"},
            {"sleep": 2.5},
            {"say": okay},
            {"sleep": 3},
            {"say": stop},
            {"wait": "segment", "speaker": "agent"},
            {"wait": "segment", "speaker": "agent"},
            {"hangup": true},
            {"wait": "closed"},
        ]),
    );
    let said = heard.segments("agent");
    let cut = said[0]["text"].as_str().expect("text");
    let (cut, whole) = (words(cut), words(long));
    assert_eq!(said[0]["interrupted"], true, "{:#?}", heard.messages);
    assert!(cut.len() > 10 && cut.len() < whole.len(), "{cut:?}");
    assert_eq!(cut[..], whole[..cut.len()], "the beginning of the answer");
    assert_eq!(said[1]["text"], "It is noon.");
    // An "okay" is no wish to speak; the model is asked with what was really heard.
    let interruptions = heard
        .messages
        .iter()
        .filter(|m| m["state"] == "interrupted");
    assert_eq!(interruptions.count(), 1, "{:#?}", heard.messages);
    let last = model.requests().pop().expect("a request");
    let told = last["messages"].to_string();
    assert!(!told.contains("danced in all night"), "{told}");
}

/// Services may take this long to come back, on a busy machine.
const BACK: Duration = Duration::from_secs(6);

#[test]
fn what_fails_in_a_call_is_said_and_comes_back() {
    let model = Model::start(&json!([
        {"when": "capital", "say": "The capital of France is Paris."},
        {"when": "river", "say": "The longest river of France is the Loire."},
        {"when": "mountain", "say": "The highest mountain is the Mont Blanc."},
    ]));
    let mut stack = Stack::conversing(&model.variables());
    let customer = Customer::with_agent(&stack, &json!({"name": "Guide", "greeting": "Hello."}));
    let [capital, river, mountain] = [
        "What is the capital of France?",
        "Which river of France is the longest?",
        "And which mountain is the highest?",
    ]
    .map(|text| spoken(&stack, text));
    let plan = json!([
        {"wait": "segment", "speaker": "agent"},
        {"sleep": 0.3},
        {"say": capital},
        {"wait": "segment", "has": "Paris"},
        // Speech goes away here, and comes back.
        {"sleep": 3},
        {"say": river},
        {"wait": "failed"},
        {"wait": "recovered"},
        {"sleep": 6},
        {"say": mountain},
        {"wait": "segment", "has": "Mont Blanc"},
        // And here hearing does.
        {"sleep": 3},
        {"say": river},
        {"wait": "failed"},
        {"wait": "recovered"},
        {"sleep": 6},
        {"say": capital},
        {"wait": "segment", "has": "Paris"},
        // The database is away as the caller hangs up.
        {"sleep": 3},
        {"hangup": true},
        {"wait": "closed"},
    ]);
    let (socket, cookie) = customer.socket(&stack);
    let calling = std::thread::spawn(move || e2e::call::play(&socket, &cookie, &plan));
    for (service, answer, times) in [
        ("tts-server", "Paris", 1),
        ("asr-server", "Mont Blanc", 1),
        ("postgres", "Paris", 2),
    ] {
        customer.wait_until_said(&stack, answer, times);
        stack.kill(service);
        pause(BACK);
        stack.launch_one(service);
    }
    let heard = calling.join().expect("the call is played");
    let failed: Vec<&str> = heard
        .messages
        .iter()
        .filter(|m| m["type"] == "failed")
        .filter_map(|m| m["part"].as_str())
        .collect();
    assert_eq!(failed, ["tts", "asr"], "{:#?}", heard.messages);
    let said = transcript(&stack, heard.sound.path());
    assert!(
        said.contains("highest mountain") && said.contains("sorry"),
        "{said}"
    );
    assert_eq!(said.matches("paris").count(), 2, "{said}");

    // Nothing of it is lost.
    stack.wait_until_ready();
    let kept = kept(&stack, &customer, &heard);
    let told = heard.messages.iter().filter(|m| m["type"] == "segment");
    let told: Vec<&str> = told.filter_map(|m| m["segment"]["text"].as_str()).collect();
    let kept: Vec<&str> = kept["transcript"]
        .as_array()
        .expect("segments")
        .iter()
        .filter_map(|s| s["text"].as_str())
        .collect();
    assert_eq!(kept, told);
}

#[test]
fn a_language_model_that_dies_is_apologised_for_and_the_call_ends_with_a_word() {
    let model = Model::start(&json!([
        {"when": "capital", "say": "The capital of France is Paris."},
    ]));
    let stack = Stack::conversing(&model.variables());
    let customer = Customer::with_agent(&stack, &json!({"name": "Guide", "greeting": "Hello."}));
    let [capital, river] = [
        "What is the capital of France?",
        "Which river of France is the longest?",
    ]
    .map(|text| spoken(&stack, text));
    let plan = json!([
        {"wait": "segment", "speaker": "agent"},
        {"sleep": 0.3},
        {"say": capital},
        {"wait": "segment", "has": "Paris"},
        {"sleep": 3},
        {"say": river},
        {"wait": "failed"},
        {"wait": "closed"},
    ]);
    let (socket, cookie) = customer.socket(&stack);
    let calling = std::thread::spawn(move || e2e::call::play(&socket, &cookie, &plan));
    customer.wait_until_said(&stack, "Paris", 1);
    drop(model);
    let heard = calling.join().expect("the call is played");
    let said = transcript(&stack, heard.sound.path());
    for words in ["paris", "sorry", "bye"] {
        assert!(said.contains(words), "{said}\n{:#?}", heard.messages);
    }
    let kept = kept(&stack, &customer, &heard);
    assert_eq!(kept["metadata"]["end_reason"], "failed", "{kept:#}");
    assert_eq!(kept["transcript"][3]["speaker"], "customer", "{kept:#}");
}

#[test]
fn a_call_whose_process_is_killed_keeps_what_was_said() {
    let model = Model::start(&json!([
        {"when": "capital", "say": "The capital of France is Paris."},
    ]));
    let mut stack = Stack::conversing(&model.variables());
    let customer = Customer::with_agent(&stack, &json!({"name": "Guide", "greeting": "Hello."}));
    let capital = spoken(&stack, "What is the capital of France?");
    let plan = json!([
        {"wait": "segment", "speaker": "agent"},
        {"sleep": 0.3},
        {"say": capital},
        {"wait": "segment", "has": "Paris"},
        {"wait": "closed"},
    ]);
    let (socket, cookie) = customer.socket(&stack);
    let calling = std::thread::spawn(move || e2e::call::play(&socket, &cookie, &plan));
    customer.wait_until_said(&stack, "Paris", 1);
    stack.kill("voice-bot");
    let heard = calling.join().expect("the call is played");
    stack.launch_one("voice-bot");
    stack.wait_until_ready();
    let kept = kept(&stack, &customer, &heard);
    let said: Vec<&str> = kept["transcript"]
        .as_array()
        .expect("segments")
        .iter()
        .filter_map(|s| s["text"].as_str())
        .collect();
    assert_eq!(said.len(), 3, "{kept:#}");
    assert_eq!(said[2], "The capital of France is Paris.");
    // What was heard before is in the recording.
    let recording = stack.data.path().join("recording.wav");
    let url = format!("/bot/api/calls/{}/recording", heard.call_id());
    let got = customer.get(&stack, &[&url, &format!("-o{}", recording.display())]);
    assert_eq!(got.status, 200, "{kept:#}");
    let text = stack.transcribe(&recording, &[]).json()["transcript"].to_string();
    assert!(text.to_lowercase().contains("paris"), "{text}");
}
