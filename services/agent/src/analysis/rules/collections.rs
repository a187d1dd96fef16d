//! Compliance of collections calls by tags, amounts and patterns of words.

use super::entities;
use super::phrases::Phrases;
use super::{OTHER_LANGUAGE, agent, data, is, is_other, knows, note};
use crate::analysis::evidence::{MOST, Words};
use crate::analysis::presets::collections::score;
use crate::analysis::transcript::Call;
use api::analysis::{
    CallOutcome, Collections, ComplianceItem, ComplianceName, Evidence, Method, Sentiment,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

const GLAD: [&str; 1] = ["EMOTION_HAPPY"];
const UPSET: [&str; 3] = ["EMOTION_ANGRY", "EMOTION_SAD", "EMOTION_FEAR"];

/// `rules/collections.toml`.
#[derive(Debug, Deserialize)]
pub struct Rules {
    item: Vec<Item>,
    harassment: Harassment,
    outcome: Vec<Outcome>,
    sentiment: Feelings,
}

#[derive(Debug, Deserialize)]
struct Item {
    name: ComplianceName,
    intents: Vec<String>,
    phrases: Phrases,
}

#[derive(Debug, Deserialize)]
struct Harassment {
    phrases: Phrases,
}

#[derive(Debug, Deserialize)]
struct Outcome {
    name: CallOutcome,
    next_action: String,
    #[serde(default)]
    intents: Vec<String>,
    phrases: Phrases,
}

#[derive(Debug, Deserialize)]
struct Feelings {
    positive: Phrases,
    negative: Phrases,
}

static RULES: LazyLock<Rules> =
    LazyLock::new(|| data(include_str!("../../../rules/collections.toml")));

/// The patterns.
pub fn rules() -> &'static Rules {
    &RULES
}

/// What tags and patterns support.
pub fn judge(call: &Call) -> Collections {
    let words = Words::of(call);
    let collector = agent(&words);
    let collector = collector.as_deref();
    let compliance: Vec<ComplianceItem> = ComplianceName::ALL
        .into_iter()
        .map(|item| match item {
            ComplianceName::AmountMentioned => amount(&words, collector),
            ComplianceName::NoHarassment => no_harassment(&words, collector),
            item => said(&words, collector, item),
        })
        .collect();
    let mut reasons = BTreeMap::new();
    let (outcome, outcome_evidence) = outcome(&words, collector);
    let call_outcome = outcome.map_or(CallOutcome::Unknown, |outcome| outcome.name);
    let why = if knows(call) {
        "The customer says none of the words that tell."
    } else {
        OTHER_LANGUAGE
    };
    if outcome.is_none() {
        reasons.insert("call_outcome".into(), why.to_owned());
        reasons.insert(
            "next_action".into(),
            "It follows from the outcome, which is not known.".into(),
        );
    }
    let (customer_sentiment, sentiment_evidence) = sentiment(&words, collector);
    if customer_sentiment == Sentiment::Unknown {
        reasons.insert("customer_sentiment".into(), why.to_owned());
    }
    Collections {
        method: Method::Rules,
        compliance_score: score(&compliance),
        compliance,
        call_outcome,
        outcome_evidence,
        customer_sentiment,
        sentiment_evidence,
        next_action: outcome.map(|outcome| outcome.next_action.clone()),
        dropped_evidence: 0,
        reasons,
    }
}

fn of(
    item: ComplianceName,
    met: Option<bool>,
    evidence: Vec<Evidence>,
    comment: String,
) -> ComplianceItem {
    ComplianceItem {
        item,
        met,
        evidence,
        comment,
    }
}

/// Positions of the collector's segments.
fn theirs<'a>(words: &'a Words, collector: Option<&'a str>) -> impl Iterator<Item = usize> + 'a {
    let segments = &words.call.segments;
    (0..segments.len()).filter(move |at| is(&segments[*at], collector))
}

/// Items that are met by saying something.
fn said(words: &Words, collector: Option<&str>, name: ComplianceName) -> ComplianceItem {
    let Some(rule) = rules().item.iter().find(|rule| rule.name == name) else {
        return of(name, None, Vec::new(), "There is no pattern of it.".into());
    };
    let tagged = tagged(words, theirs(words, collector), &rule.intents);
    let phrased = theirs(words, collector).flat_map(|at| rule.phrases.in_segment(words, at));
    let phrased = phrased.map(|(from, to)| words.evidence(from, to));
    let evidence: Vec<Evidence> = tagged.into_iter().chain(phrased).take(MOST).collect();
    match (evidence.is_empty(), knows(words.call)) {
        (false, _) => of(
            name,
            Some(true),
            evidence,
            format!("Found by its words or tags.{}", note(collector)),
        ),
        (true, true) => of(
            name,
            Some(false),
            evidence,
            format!("No words of it were found.{}", note(collector)),
        ),
        (true, false) => of(name, None, evidence, OTHER_LANGUAGE.into()),
    }
}

fn amount(words: &Words, collector: Option<&str>) -> ComplianceItem {
    let evidence = entities::money(words, theirs(words, collector));
    let name = ComplianceName::AmountMentioned;
    match (evidence.is_empty(), knows(words.call)) {
        (false, _) => of(
            name,
            Some(true),
            evidence,
            format!("An amount of money was found.{}", note(collector)),
        ),
        (true, true) => of(
            name,
            Some(false),
            evidence,
            format!("No amount of money was found.{}", note(collector)),
        ),
        (true, false) => of(name, None, evidence, OTHER_LANGUAGE.into()),
    }
}

fn no_harassment(words: &Words, collector: Option<&str>) -> ComplianceItem {
    let name = ComplianceName::NoHarassment;
    if !knows(words.call) {
        return of(name, None, Vec::new(), OTHER_LANGUAGE.into());
    }
    let hits =
        theirs(words, collector).flat_map(|at| rules().harassment.phrases.in_segment(words, at));
    let evidence: Vec<Evidence> = hits
        .map(|(from, to)| words.evidence(from, to))
        .take(MOST)
        .collect();
    let comment = match evidence.is_empty() {
        true => "No threatening, insulting or shaming words were found; tone is not judged.",
        false => "Threatening, insulting or shaming words were found.",
    };
    of(
        name,
        Some(evidence.is_empty()),
        evidence,
        format!("{comment}{}", note(collector)),
    )
}

/// Segments whose intent tag is one of these.
fn tagged(
    words: &Words,
    segments: impl Iterator<Item = usize>,
    intents: &[String],
) -> Vec<Evidence> {
    let fits = |at: &usize| {
        words.call.segments[*at]
            .tags
            .get("intent")
            .is_some_and(|tag| intents.contains(tag))
    };
    segments.filter(fits).map(|at| words.segment(at)).collect()
}

/// The last thing the customer says that tells.
fn outcome<'r>(words: &Words, collector: Option<&str>) -> (Option<&'r Outcome>, Vec<Evidence>) {
    let segments = &words.call.segments;
    for at in (0..segments.len())
        .rev()
        .filter(|at| is_other(&segments[*at], collector))
    {
        let tag = segments[at].tags.get("intent");
        let by_tag = rules()
            .outcome
            .iter()
            .find(|outcome| tag.is_some_and(|tag| outcome.intents.contains(tag)));
        if let Some(outcome) = by_tag {
            return (Some(outcome), vec![words.segment(at)]);
        }
        let worded = rules().outcome.iter().filter(|_| knows(words.call));
        let hits = worded.filter_map(|outcome| {
            let (from, to) = outcome.phrases.in_segment(words, at).last().copied()?;
            Some((to, to - from, from, outcome))
        });
        if let Some((to, _, from, outcome)) = hits.max_by_key(|(to, length, ..)| (*to, *length)) {
            return (Some(outcome), vec![words.evidence(from, to)]);
        }
    }
    (None, Vec::new())
}

/// Emotion tags of the customer, else their words.
fn sentiment(words: &Words, collector: Option<&str>) -> (Sentiment, Vec<Evidence>) {
    let segments = &words.call.segments;
    let customer: Vec<usize> = (0..segments.len())
        .filter(|at| is_other(&segments[*at], collector))
        .collect();
    let felt = |tags: &[&str]| -> Vec<Evidence> {
        let fits = |at: &&usize| {
            segments[**at]
                .tags
                .get("emotion")
                .is_some_and(|tag| tags.contains(&tag.as_str()))
        };
        customer
            .iter()
            .filter(fits)
            .map(|at| words.segment(*at))
            .collect()
    };
    let tagged = customer
        .iter()
        .any(|at| segments[*at].tags.contains_key("emotion"));
    let (positive, negative) = if tagged {
        (felt(&GLAD), felt(&UPSET))
    } else {
        let said = |phrases: &Phrases| -> Vec<Evidence> {
            let hits = customer
                .iter()
                .flat_map(|at| phrases.in_segment(words, *at));
            hits.map(|(from, to)| words.evidence(from, to)).collect()
        };
        (
            said(&rules().sentiment.positive),
            said(&rules().sentiment.negative),
        )
    };
    let sentiment = match (positive.len(), negative.len()) {
        (0, 0) if tagged => Sentiment::Neutral,
        (0, 0) => Sentiment::Unknown,
        (good, bad) if good >= 2 * bad => Sentiment::Positive,
        (good, bad) if bad >= 2 * good => Sentiment::Negative,
        _ => Sentiment::Mixed,
    };
    let mut evidence = match sentiment {
        Sentiment::Positive => positive,
        Sentiment::Mixed => [positive, negative].concat(),
        _ => negative,
    };
    evidence.truncate(MOST);
    (sentiment, evidence)
}
