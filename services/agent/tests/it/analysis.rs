//! Analyses by a model: what becomes of its answers, and how long calls are read.

use crate::analysis_support::{NAMES, analysed, collections, sales};
use crate::support::{Agent, Provider};
use serde_json::{Value, json};

#[tokio::test]
async fn quotes_get_the_times_and_speaker_of_the_transcript_and_invented_ones_are_dropped() {
    let (status, answer, _) =
        analysed(&[collections("Am I speaking with Mr Rao")], "collections").await;
    assert_eq!(status, 200, "{answer}");
    let analysis = &answer["analysis"];
    assert_eq!(
        (&analysis["preset"], &analysis["method"]),
        (&json!("collections"), &json!("llm"))
    );
    assert_eq!(
        analysis["compliance"][0]["evidence"],
        json!([{"quote": "Am I speaking with Mr. Rao", "start": 0.5, "end": 4.0, "speaker": "CHANNEL_0", "segment": 0}])
    );
    assert_eq!(
        analysis["compliance"][2]["evidence"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    assert_eq!(
        analysis["outcome_evidence"][0]["quote"],
        "I will pay on Friday"
    );
    assert_eq!(analysis["dropped_evidence"], 1);
    assert_eq!(
        answer["warnings"].as_array().map(Vec::len),
        Some(1),
        "{answer}"
    );
    assert_eq!(
        (&answer["provider"], &answer["summary"]),
        (&json!("openai"), &json!("A reminder."))
    );
}

#[tokio::test]
async fn a_rule_said_to_be_met_without_words_of_the_transcript_is_not_judged() {
    let (_, answer, _) = analysed(
        &[collections("please confirm your date of birth")],
        "collections",
    )
    .await;
    let item = &answer["analysis"]["compliance"][0];
    assert_eq!(
        (&item["met"], &item["evidence"]),
        (&Value::Null, &json!([])),
        "{answer}"
    );
    assert_eq!(answer["analysis"]["compliance_score"], 10.0);
}

#[tokio::test]
async fn eight_practices_are_scored_and_the_overall_score_is_ours() {
    let (status, answer, _) = analysed(&[sales(6.0)], "sales_coaching").await;
    assert_eq!(status, 200, "{answer}");
    let analysis = &answer["analysis"];
    let names: Vec<&str> = analysis["practices"]
        .as_array()
        .expect("eight")
        .iter()
        .filter_map(|p| p["name"].as_str())
        .collect();
    assert_eq!(names, NAMES);
    assert_eq!(analysis["overall_score"], 6.0);
    assert_eq!(analysis["practices"][3]["score"], Value::Null);
    assert_eq!(analysis["practices"][0]["evidence"][0]["start"], 0.5);
    assert_eq!(analysis["behaviors"][0]["behavior"], "BEHAVIOR_INFORM");
    assert!(!answer.to_string().contains("BEHAVIOR_DANCE"));
    let share = analysis["participants"][0]["share"]
        .as_f64()
        .expect("a share");
    assert!((0.7..0.8).contains(&share), "{share}");
}

#[tokio::test]
async fn the_general_summary_is_markdown_of_the_checked_analysis() {
    let draft = json!({
        "overview": "A loan payment was discussed.",
        "participants": [{"speaker": "CHANNEL_0", "role": "collector", "description": "Asha"}, {"speaker": "GHOST", "role": "x", "description": "y"}],
        "topics": [{"topic": "Overdue loan", "quotes": ["your loan"]}],
        "emotional_dynamics": {"description": "Calm.", "moments": [{"emotion": "EMOTION_ANGRY", "quote": "I hate you"}, {"emotion": "EMOTION_HAPPY", "quote": "Yes, speaking"}]},
        "entities": [{"type": "MONEY", "value": "$500"}, {"type": "PERSON", "value": "Napoleon"}],
        "outcome": "Payment promised.", "outcome_quotes": ["pay on Friday"]
    });
    let (status, answer, _) = analysed(&[draft], "true").await;
    assert_eq!(status, 200, "{answer}");
    let summary = answer["summary"].as_str().expect("Markdown");
    for part in [
        "## Overview\nA loan",
        "**CHANNEL_0**: collector; Asha",
        "- Overdue loan",
        "## Emotional dynamics\nCalm.",
        "MONEY: $500",
        "## Outcome\nPayment",
    ] {
        assert!(summary.contains(part), "{part}: {summary}");
    }
    assert!(
        !summary.contains("GHOST") && !summary.contains("Napoleon") && !summary.contains("hate")
    );
    assert_eq!(answer["analysis"]["dropped_evidence"], 2);
}

#[tokio::test]
async fn three_hours_are_read_in_parts_that_fit_and_nothing_is_left_out() {
    let spoken = |at: usize| json!({"text": format!("This is what somebody said as number{at} of a very long call about the weather."), "start": at * 4, "end": at * 4 + 3, "speaker": format!("SPEAKER_0{}", at % 2)});
    let segments: Vec<Value> = (0..2_700).map(spoken).collect();
    let mut draft = collections("number2699 of a very long call");
    draft["outcome_quotes"] = json!(["number1500 of a very long call"]);
    let provider = Provider::saying(&[&draft.to_string()]).await;
    let agent = Agent::asking(&provider).await;
    let (status, answer) = agent
        .post(
            "/analyze",
            json!({"mode": "collections", "segments": segments, "language": "en"}),
        )
        .await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(
        answer["analysis"]["compliance"][0]["evidence"][0]["start"],
        2699.0 * 4.0
    );
    assert_eq!(answer["analysis"]["outcome_evidence"][0]["start"], 6000.0);
    let asked = provider.asked();
    assert!((25..=35).contains(&asked.len()), "{} requests", asked.len());
    let texts: Vec<String> = asked
        .iter()
        .map(|request| request["messages"].to_string())
        .collect();
    for (request, text) in asked.iter().zip(&texts) {
        let answer = request["max_tokens"]
            .as_u64()
            .or(request["max_completion_tokens"].as_u64())
            .expect("a limit");
        assert!(
            text.len() / 4 + answer as usize <= 8_192,
            "{} characters and {answer} tokens",
            text.len()
        );
    }
    let parts = &texts[..texts.len() - 1];
    for at in 0..2_700 {
        let word = format!("number{at} ");
        assert_eq!(
            parts.iter().filter(|part| part.contains(&word)).count(),
            1,
            "{word}"
        );
    }
    assert!(texts[texts.len() - 1].contains("Notes on part 2 of"));
}

#[tokio::test]
async fn a_prompt_of_ones_own_gives_text_or_the_json_it_asks_for() {
    let (status, answer, provider) = analysed(&[json!("It was polite.")], "Was it polite?").await;
    assert_eq!(
        (status, &answer["summary"], &answer["analysis"]),
        (200, &json!("It was polite."), &Value::Null)
    );
    let user = provider.asked()[0]["messages"][1]["content"]
        .as_str()
        .expect("text")
        .to_owned();
    assert!(user.starts_with("Was it polite?\n\n<<<DATA-"), "{user}");
    let json = json!({"empathy": 7, "summary": "Fine.", "proof": [{"quote": "I will pay"}, {"quote": "never said"}]});
    let (_, answer, _) = analysed(
        &[json!(format!("Here you are:\n```json\n{json}\n```"))],
        "Return JSON with empathy (0-10).",
    )
    .await;
    assert_eq!(
        answer["analysis"],
        json!({"empathy": 7, "summary": "Fine.", "proof": [{"quote": "I will pay"}]})
    );
    assert_eq!(
        (
            &answer["summary"],
            answer["warnings"].as_array().map(Vec::len)
        ),
        (&json!("Fine."), Some(1))
    );
    let (status, answer, provider) = analysed(&[json!("Sorry.")], "Return JSON.").await;
    assert_eq!(
        (status, &answer["summary"], provider.asked().len()),
        (200, &json!("Sorry."), 2)
    );
}

#[tokio::test]
async fn summaries_are_by_the_model_or_picked_sentences() {
    let text = "Hello. The solar panels are on the roof. Nice day. Solar panels save money on a south roof. Bye.";
    let provider = Provider::saying(&[" Panels save money. "]).await;
    let agent = Agent::asking(&provider).await;
    let (status, answer) = agent
        .post("/summarize", json!({"text": text, "max_sentences": 1}))
        .await;
    assert_eq!(
        (status, &answer["summary"], &answer["method"]),
        (200, &json!("Panels save money."), &json!("llm"))
    );
    let agent = Agent::with(None, |_| ()).await;
    let (_, answer) = agent
        .post("/summarize", json!({"text": text, "max_sentences": 2}))
        .await;
    assert_eq!(
        answer["summary"],
        "The solar panels are on the roof. Solar panels save money on a south roof."
    );
    assert_eq!(answer["method"], "rules");
    let (status, _) = agent
        .post("/summarize", json!({"text": text, "max_sentences": 0}))
        .await;
    assert_eq!(status, 422);
    let (status, _) = agent.post("/summarize", json!({"text": ""})).await;
    assert_eq!(status, 422);
}
