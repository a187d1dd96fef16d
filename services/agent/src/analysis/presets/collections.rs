//! `collections`: whether a collector kept to the rules, and what came of it.

use super::sales_coaching::tenths;
use super::{Judged, Preset, dropped, some};
use crate::analysis::evidence::{Checked, Words};
use crate::analysis::rules;
use crate::analysis::transcript::Call;
use api::analysis::{
    CallOutcome, Collections, ComplianceItem, ComplianceName, Method, PresetAnalysis, Sentiment,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The preset.
pub struct Compliance;

/// What a model answers.
#[derive(Debug, Deserialize)]
pub struct Draft {
    #[serde(default)]
    summary: String,
    compliance: Vec<DraftItem>,
    call_outcome: CallOutcome,
    #[serde(default)]
    outcome_quotes: Vec<String>,
    customer_sentiment: Sentiment,
    #[serde(default)]
    sentiment_quotes: Vec<String>,
    #[serde(default)]
    next_action: String,
}

#[derive(Debug, Deserialize)]
struct DraftItem {
    item: ComplianceName,
    met: bool,
    #[serde(default)]
    quotes: Vec<String>,
    #[serde(default)]
    comment: String,
}

impl Preset for Compliance {
    type Draft = Draft;
    const NAME: &'static str = "collections";
    const PROMPT: &'static str = include_str!("../../../prompts/collections.md");
    const SCHEMA: &'static str = include_str!("../../../prompts/collections.schema.json");

    fn check(draft: &Draft) -> Result<(), String> {
        for item in ComplianceName::ALL {
            let count = draft
                .compliance
                .iter()
                .filter(|given| given.item == item)
                .count();
            if count != 1 {
                let item = serde_json::to_string(&item).unwrap_or_default();
                return Err(format!(
                    "`compliance` must have {item} once, not {count} times"
                ));
            }
        }
        Ok(())
    }

    fn finish(draft: Draft, call: &Call) -> Judged {
        let words = Words::of(call);
        let mut checked = Checked {
            words: &words,
            dropped: 0,
        };
        let mut compliance: Vec<ComplianceItem> = draft
            .compliance
            .into_iter()
            .map(|item| judged(item, &mut checked))
            .collect();
        compliance.sort_by_key(|item| item.item);
        let outcome_evidence = checked.all(&draft.outcome_quotes);
        let sentiment_evidence = checked.all(&draft.sentiment_quotes);
        let collections = Collections {
            method: Method::Llm,
            compliance_score: score(&compliance),
            compliance,
            call_outcome: draft.call_outcome,
            outcome_evidence,
            customer_sentiment: draft.customer_sentiment,
            sentiment_evidence,
            next_action: some(draft.next_action),
            dropped_evidence: checked.dropped,
            reasons: BTreeMap::new(),
        };
        Judged {
            warnings: dropped(checked.dropped).into_iter().collect(),
            summary: some(draft.summary).unwrap_or_else(|| summary(&collections)),
            analysis: PresetAnalysis::Collections(collections),
        }
    }

    fn by_rules(call: &Call) -> Judged {
        let collections = rules::collections::judge(call);
        Judged {
            summary: summary(&collections),
            analysis: PresetAnalysis::Collections(collections),
            warnings: Vec::new(),
        }
    }
}

/// A claim that something was said needs the words: without a quote that is there, it is not judged.
fn judged(item: DraftItem, checked: &mut Checked) -> ComplianceItem {
    let evidence = checked.all(&item.quotes);
    let said = match item.item {
        ComplianceName::NoHarassment => !item.met,
        _ => item.met,
    };
    let supported = !said || !evidence.is_empty();
    let comment = some(item.comment).unwrap_or_default();
    ComplianceItem {
        item: item.item,
        met: supported.then_some(item.met),
        evidence,
        comment: match supported {
            true => comment,
            false => format!("{comment} Not judged: no quote of the model is in the transcript.")
                .trim()
                .to_owned(),
        },
    }
}

/// Ten times the share of judged items that are met.
pub fn score(items: &[ComplianceItem]) -> Option<f64> {
    let judged: Vec<bool> = items.iter().filter_map(|item| item.met).collect();
    let met = judged.iter().filter(|met| **met).count();
    (!judged.is_empty()).then(|| tenths(10.0 * met as f64 / judged.len() as f64))
}

/// The items in words.
fn summary(collections: &Collections) -> String {
    let of = |met: Option<bool>| {
        let items = collections
            .compliance
            .iter()
            .filter(move |item| item.met == met);
        items
            .map(|item| word(item.item))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let lines = [
        ("Met", of(Some(true))),
        ("Not met", of(Some(false))),
        ("Not judged", of(None)),
    ];
    let mut text: Vec<String> = lines
        .into_iter()
        .filter(|(_, items)| !items.is_empty())
        .map(|(head, items)| format!("{head}: {items}."))
        .collect();
    text.push(format!("Outcome: {}.", word(collections.call_outcome)));
    text.push(format!(
        "Customer: {}.",
        word(collections.customer_sentiment)
    ));
    text.extend(
        collections
            .next_action
            .as_ref()
            .map(|action| format!("Next: {action}")),
    );
    text.join(" ")
}

fn word(name: impl Serialize) -> String {
    let name = serde_json::to_value(name).ok();
    name.as_ref()
        .and_then(|name| name.as_str())
        .unwrap_or_default()
        .replace('_', " ")
}
