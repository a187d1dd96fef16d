//! `sales_coaching`: how well a call was sold.

use super::behaviors::{self, Labelled};
use super::{Judged, Preset, dropped, some};
use crate::analysis::evidence::{Checked, Words};
use crate::analysis::rules;
use crate::analysis::transcript::Call;
use api::analysis::{
    BuyerOutcome, Highlight, HighlightKind, Method, Practice, PracticeName, PresetAnalysis,
    SalesCoaching,
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The preset.
pub struct Coaching;

/// What a model answers.
#[derive(Debug, Deserialize)]
pub struct Draft {
    #[serde(default)]
    summary: String,
    practices: Vec<DraftPractice>,
    buyer_outcome: BuyerOutcome,
    #[serde(default)]
    buyer_outcome_quotes: Vec<String>,
    #[serde(default)]
    highlights: Vec<DraftHighlight>,
    #[serde(default)]
    behaviors: Vec<Labelled>,
}

#[derive(Debug, Deserialize)]
struct DraftPractice {
    name: PracticeName,
    #[serde(default = "applies")]
    applies: bool,
    score: f64,
    #[serde(default)]
    quotes: Vec<String>,
    #[serde(default)]
    comment: String,
}

fn applies() -> bool {
    true
}

#[derive(Debug, Deserialize)]
struct DraftHighlight {
    kind: HighlightKind,
    text: String,
    #[serde(default)]
    quotes: Vec<String>,
}

impl Preset for Coaching {
    type Draft = Draft;
    const NAME: &'static str = "sales_coaching";
    const PROMPT: &'static str = include_str!("../../../prompts/sales_coaching.md");
    const SCHEMA: &'static str = include_str!("../../../prompts/sales_coaching.schema.json");

    fn extra(call: &Call, parts: usize) -> String {
        match behaviors::asked(call, parts) {
            true => "Label the behaviors of the numbered segments.".into(),
            false => "Leave `behaviors` empty.".into(),
        }
    }

    fn check(draft: &Draft) -> Result<(), String> {
        for name in PracticeName::ALL {
            let count = draft.practices.iter().filter(|p| p.name == name).count();
            if count != 1 {
                let name = serde_json::to_string(&name).unwrap_or_default();
                return Err(format!(
                    "`practices` must have {name} once, not {count} times"
                ));
            }
        }
        match draft
            .practices
            .iter()
            .find(|p| !(0.0..=10.0).contains(&p.score))
        {
            Some(practice) => Err(format!(
                "`score` must be from 0 to 10, not {}",
                practice.score
            )),
            None => Ok(()),
        }
    }

    fn finish(draft: Draft, call: &Call) -> Judged {
        let words = Words::of(call);
        let mut checked = Checked {
            words: &words,
            dropped: 0,
        };
        let mut practices: Vec<Practice> = draft
            .practices
            .into_iter()
            .map(|practice| Practice {
                name: practice.name,
                score: practice.applies.then(|| tenths(practice.score)),
                evidence: checked.all(&practice.quotes),
                comment: some(practice.comment).unwrap_or_default(),
            })
            .collect();
        practices.sort_by_key(|practice| practice.name);
        let highlights = draft
            .highlights
            .into_iter()
            .take(12)
            .filter_map(|highlight| {
                Some(Highlight {
                    kind: highlight.kind,
                    text: some(highlight.text)?,
                    evidence: checked.all(&highlight.quotes),
                })
            });
        let highlights = highlights.collect();
        let buyer_outcome_evidence = checked.all(&draft.buyer_outcome_quotes);
        let (behaviors, unknown) = behaviors::of(call, draft.behaviors);
        let mut warnings: Vec<String> = dropped(checked.dropped).into_iter().collect();
        if unknown > 0 {
            warnings.push(format!("{unknown} behaviors of the model have labels or segments that do not exist and were left out."));
        }
        let coaching = SalesCoaching {
            method: Method::Llm,
            overall_score: overall(&practices),
            practices,
            buyer_outcome: draft.buyer_outcome,
            buyer_outcome_evidence,
            highlights,
            behaviors,
            participants: call.participants(),
            dropped_evidence: checked.dropped,
            reasons: BTreeMap::new(),
        };
        Judged {
            summary: some(draft.summary).unwrap_or_else(|| summary(&coaching)),
            analysis: PresetAnalysis::SalesCoaching(coaching),
            warnings,
        }
    }

    fn by_rules(call: &Call) -> Judged {
        let coaching = rules::sales_coaching::judge(call);
        Judged {
            summary: summary(&coaching),
            analysis: PresetAnalysis::SalesCoaching(coaching),
            warnings: Vec::new(),
        }
    }
}

/// The mean of the scores there are.
pub fn overall(practices: &[Practice]) -> Option<f64> {
    let scores: Vec<f64> = practices
        .iter()
        .filter_map(|practice| practice.score)
        .collect();
    (!scores.is_empty()).then(|| tenths(scores.iter().sum::<f64>() / scores.len() as f64))
}

/// To a tenth.
pub fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// The scores in words.
fn summary(coaching: &SalesCoaching) -> String {
    let word = |name: &PracticeName| {
        let name = serde_json::to_value(name).ok();
        let name = name
            .as_ref()
            .and_then(|name| name.as_str())
            .unwrap_or_default();
        name.replace('_', " ")
    };
    let mut scored: Vec<&Practice> = coaching
        .practices
        .iter()
        .filter(|p| p.score.is_some())
        .collect();
    scored.sort_by(|a, b| {
        b.score
            .partial_cmp(&a.score)
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    let Some(overall) = coaching.overall_score else {
        return "No practice could be scored.".into();
    };
    let list = |practices: &[&Practice]| -> String {
        let named = practices
            .iter()
            .map(|p| format!("{} ({})", word(&p.name), p.score.unwrap_or_default()));
        named.collect::<Vec<_>>().join(", ")
    };
    let unscored: Vec<String> = coaching
        .practices
        .iter()
        .filter(|p| p.score.is_none())
        .map(|p| word(&p.name))
        .collect();
    let mut text = format!(
        "Overall {overall} of 10, over {} of 8 practices: {}.",
        scored.len(),
        list(&scored)
    );
    if !unscored.is_empty() {
        text += &format!(" Without a score: {}.", unscored.join(", "));
    }
    text
}
