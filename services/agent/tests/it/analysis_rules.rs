//! Analyses without a model: what tags, times and patterns support, and no more.

use crate::support::Agent;
use serde_json::{Value, json};

async fn by_rules(mode: &str, language: &str, segments: Value) -> Value {
    let agent = Agent::with(None, |_| ()).await;
    let (status, answer) = agent
        .post(
            "/analyze",
            json!({"mode": mode, "segments": segments, "language": language}),
        )
        .await;
    assert_eq!(
        (status, &answer["method"]),
        (200, &json!("rules")),
        "{answer}"
    );
    answer["analysis"].clone()
}

/// Turns of two speakers, the one at work first.
fn turns(texts: &[&str]) -> Value {
    let turn = |(at, text): (usize, &&str)| json!({"text": text, "start": at * 5, "end": at * 5 + 4, "channel": at % 2});
    texts.iter().enumerate().map(turn).collect()
}

fn met(analysis: &Value) -> Vec<Option<bool>> {
    analysis["compliance"]
        .as_array()
        .expect("four")
        .iter()
        .map(|item| item["met"].as_bool())
        .collect()
}

#[tokio::test]
async fn a_correct_collections_call_is_met_by_its_words_in_english_hinglish_and_hindi() {
    for (language, texts, outcome) in [
        (
            "en",
            [
                "Hello, am I speaking with Mr. Rao? I'm calling from Lender Bank.",
                "Yes, this is he.",
                "Your payment is overdue, five thousand rupees.",
                "I will pay on Friday.",
            ],
            "promise_to_pay",
        ),
        (
            "hi",
            [
                "Namaste, main Lender Bank se bol raha hoon, kya meri baat Ramesh ji se ho rahi hai?",
                "Haan ji.",
                "Aapki EMI ke baare mein call kiya hai, 5000 rupaye pending hai.",
                "Main kal payment kar dunga.",
            ],
            "promise_to_pay",
        ),
        (
            "hi",
            [
                "नमस्ते, मैं लेंडर बैंक से बोल रहा हूं, क्या मेरी बात रमेश जी से हो रही है?",
                "हां जी।",
                "आपकी किस्त बकाया है, पाँच हजार रुपये।",
                "पैसे नहीं हैं, नौकरी चली गई।",
            ],
            "hardship",
        ),
    ] {
        let analysis = by_rules("collections", language, turns(&texts)).await;
        assert_eq!(met(&analysis), [Some(true); 4], "{analysis:#}");
        assert_eq!(
            (&analysis["method"], &analysis["call_outcome"]),
            (&json!("rules"), &json!(outcome)),
            "{analysis:#}"
        );
        assert_eq!(analysis["outcome_evidence"][0]["speaker"], "CHANNEL_1");
        assert!(analysis["next_action"].is_string());
        for item in &analysis["compliance"].as_array().expect("four")[..3] {
            assert_eq!(item["evidence"][0]["speaker"], "CHANNEL_0", "{item}");
        }
    }
}

#[tokio::test]
async fn threats_are_found_with_their_time_and_missing_words_are_said_to_be_missing() {
    let analysis = by_rules(
        "collections",
        "hi",
        turns(&[
            "Paise do warna ghar par aa jayenge, main bank se bol raha hoon.",
            "Aap call mat karo.",
            "Police bhej denge tumhare ghar.",
        ]),
    )
    .await;
    assert_eq!(
        met(&analysis),
        [Some(false), Some(false), Some(false), Some(false)]
    );
    let harassment = &analysis["compliance"][3]["evidence"];
    assert_eq!(
        (&harassment[0]["quote"], &harassment[0]["start"]),
        (&json!("ghar par aa"), &json!(0.0)),
        "{harassment}"
    );
    assert_eq!(harassment[1]["quote"], "Police bhej");
    assert_eq!(analysis["customer_sentiment"], "negative");
    assert_eq!(analysis["compliance_score"], 0.0);
}

#[tokio::test]
async fn tags_decide_where_there_are_some() {
    let analysis = by_rules("collections", "ta", json!([
        {"text": "aaa", "speaker": "S1", "start": 0.0, "end": 1.0, "metadata": {"role": "ROLE_CUSTOMER", "emotion": "EMOTION_ANGRY", "intent": "INTENT_CLAIMS_PAID"}},
        {"text": "bbb", "speaker": "S0", "metadata": {"role": "ROLE_AGENT", "intent": "INTENT_IDENTITY_VERIFY"}}
    ])).await;
    assert_eq!(
        met(&analysis),
        [Some(true), None, None, None],
        "{analysis:#}"
    );
    assert_eq!(
        (&analysis["call_outcome"], &analysis["customer_sentiment"]),
        (&json!("claims_paid"), &json!("negative"))
    );
}

#[tokio::test]
async fn sales_practices_have_a_score_only_where_words_support_one() {
    let analysis = by_rules(
        "sales_coaching",
        "en",
        turns(&[
            "Hi, my name is Sam, calling from Acme. How are you?",
            "Fine, thanks.",
            "What challenges do you have today? How do you handle billing now?",
            "We use paper. But it sounds too expensive.",
            "I understand. You mentioned paper: this will save you two hours a day.",
            "Okay, tell me more, send me the details.",
        ]),
    )
    .await;
    let score = |at: usize| analysis["practices"][at]["score"].as_f64();
    assert_eq!(score(0), Some(10.0), "{analysis:#}");
    assert!(score(1).is_some_and(|s| s >= 3.0) && score(3) == Some(10.0) && score(4).is_some());
    assert_eq!(
        (score(5), &analysis["practices"][5]["evidence"]),
        (None, &json!([]))
    );
    assert!(
        analysis["practices"][5]["comment"]
            .as_str()
            .is_some_and(|c| c.contains("does not prove"))
    );
    assert_eq!(
        analysis["practices"][0]["evidence"][0]["speaker"],
        "CHANNEL_0"
    );
    assert_eq!(analysis["buyer_outcome"], "interested");
    assert!(analysis["participants"][0]["share"].is_number());
    let behaviors = analysis["behaviors"].as_array().expect("a list");
    assert!(
        behaviors.iter().any(|b| b["segment"] == 2
            && b["behavior"] == "BEHAVIOR_QUESTION_OPEN"
            && b["source"] == "rules"),
        "{behaviors:?}"
    );
}

#[tokio::test]
async fn a_call_in_another_language_gets_no_score_and_the_reason() {
    let analysis = by_rules(
        "sales_coaching",
        "fr",
        turns(&["Bonjour, je vous appelle.", "Oui?"]),
    )
    .await;
    assert_eq!(analysis["overall_score"], Value::Null);
    assert!(
        analysis["practices"]
            .as_array()
            .expect("eight")
            .iter()
            .all(|p| p["score"].is_null()
                && p["comment"]
                    .as_str()
                    .is_some_and(|c| c.contains("English and Hindi")))
    );
    assert_eq!(
        (
            &analysis["buyer_outcome"],
            analysis["reasons"]["buyer_outcome"].is_string()
        ),
        (&json!("unknown"), true)
    );
}

#[tokio::test]
async fn the_general_preset_extracts_and_counts_and_says_what_it_cannot() {
    let analysis = by_rules("true", "en", json!([
        {"text": "The solar panels cost $9,000, says Diana.", "start": 0.0, "end": 6.0, "speaker": "SPEAKER_00", "metadata": {"emotion": "EMOTION_NEUTRAL"}, "entities": [{"type": "PERSON", "value": "Diana"}, {"type": "PERSON", "value": "Nobody"}]},
        {"text": "That much for solar panels? Write to me at k@mail.com.", "start": 6.0, "end": 8.0, "speaker": "SPEAKER_01", "metadata": {"emotion": "EMOTION_SURPRISE"}}
    ])).await;
    assert_eq!(
        (
            &analysis["topics"][0]["topic"],
            &analysis["topics"][0]["mentions"]
        ),
        (&json!("solar panels"), &json!(2))
    );
    let entities: Vec<&str> = analysis["entities"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|e| e["value"].as_str())
        .collect();
    assert_eq!(entities, ["$9,000", "Diana", "k@mail.com"]);
    assert_eq!(
        (
            &analysis["participants"][0]["seconds"],
            &analysis["participants"][0]["share"]
        ),
        (&json!(6.0), &json!(0.75))
    );
    let moments = &analysis["emotional_dynamics"]["moments"];
    assert_eq!(
        (
            moments.as_array().map(Vec::len),
            &moments[0]["emotion"],
            &moments[0]["source"]
        ),
        (Some(1), &json!("EMOTION_SURPRISE"), &json!("tags"))
    );
    assert_eq!(
        (
            &analysis["outcome"],
            analysis["reasons"]["outcome"].is_string()
        ),
        (&Value::Null, true)
    );
}

#[tokio::test]
async fn the_longest_call_is_judged_in_seconds() {
    let spoken = |at: usize| json!({"text": "I will pay the amount of five hundred rupees that is overdue on Monday, do not send the police, good morning, thank you.", "start": at, "end": at + 1, "speaker": format!("S{}", at % 2)});
    let segments: Value = (0..14_400).map(spoken).collect();
    let began = std::time::Instant::now();
    for mode in ["true", "sales_coaching", "collections"] {
        by_rules(mode, "en", segments.clone()).await;
    }
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}
