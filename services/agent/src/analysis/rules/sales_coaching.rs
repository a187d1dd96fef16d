//! Sales practices by patterns of words and by who spoke how long.

use super::phrases::Phrases;
use super::{OTHER_LANGUAGE, agent, data, is, is_other, knows, note};
use crate::analysis::evidence::{MOST, Words};
use crate::analysis::presets::behaviors;
use crate::analysis::presets::sales_coaching::{overall, tenths};
use crate::analysis::transcript::Call;
use api::analysis::{
    BuyerOutcome, Evidence, Highlight, HighlightKind, Method, Practice, PracticeName, SalesCoaching,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Segments that count as the start.
const START: usize = 8;
/// Segments after an objection in which an answer to it counts.
const REPLY: usize = 4;
/// From this score on a practice is a strength.
const STRONG: f64 = 7.0;
/// Share of the talk that leaves the buyer room.
const BALANCED: std::ops::RangeInclusive<f64> = 0.3..=0.65;

/// `rules/sales_coaching.toml`.
#[derive(Debug, Deserialize)]
pub struct Rules {
    practice: Vec<Rule>,
    objections: Objections,
    outcome: Vec<Outcome>,
}

#[derive(Debug, Deserialize)]
struct Rule {
    name: PracticeName,
    r#where: Where,
    signal: Vec<Signal>,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Where {
    Start,
    End,
    Any,
}

#[derive(Debug, Deserialize)]
struct Signal {
    what: String,
    points: f64,
    #[serde(default)]
    each: bool,
    phrases: Phrases,
}

#[derive(Debug, Deserialize)]
struct Objections {
    phrases: Phrases,
    answers: Phrases,
}

#[derive(Debug, Deserialize)]
struct Outcome {
    name: BuyerOutcome,
    phrases: Phrases,
}

static RULES: LazyLock<Rules> =
    LazyLock::new(|| data(include_str!("../../../rules/sales_coaching.toml")));

/// The patterns.
pub fn rules() -> &'static Rules {
    &RULES
}

/// What the patterns support.
pub fn judge(call: &Call) -> SalesCoaching {
    let words = Words::of(call);
    let seller = agent(&words);
    let seller = seller.as_deref();
    let practices: Vec<Practice> = PracticeName::ALL
        .into_iter()
        .map(|name| match (knows(call), name) {
            (false, _) => unscored(name, OTHER_LANGUAGE),
            (true, PracticeName::ObjectionHandling) => objections(&words, seller),
            (true, name) => patterns(&words, seller, name),
        })
        .collect();
    let mut reasons = BTreeMap::new();
    if overall(&practices).is_none() {
        reasons.insert("overall_score".into(), "No practice has a score.".into());
    }
    let (buyer_outcome, buyer_outcome_evidence) = outcome(&words, seller);
    if buyer_outcome == BuyerOutcome::Unknown {
        let reason = if knows(call) {
            "The buyer says none of the words that tell."
        } else {
            OTHER_LANGUAGE
        };
        reasons.insert("buyer_outcome".into(), reason.into());
    }
    let (behaviors, _) = behaviors::of(call, Vec::new());
    if behaviors.is_empty() {
        reasons.insert(
            "behaviors".into(),
            "Segments have no behavior tags and no wording that tells.".into(),
        );
    }
    SalesCoaching {
        method: Method::Rules,
        overall_score: overall(&practices),
        highlights: highlights(&practices),
        practices,
        buyer_outcome,
        buyer_outcome_evidence,
        behaviors,
        participants: call.participants(),
        dropped_evidence: 0,
        reasons,
    }
}

fn unscored(name: PracticeName, why: &str) -> Practice {
    Practice {
        name,
        score: None,
        evidence: Vec::new(),
        comment: why.to_owned(),
    }
}

/// Points for the signals that the seller's words give.
fn patterns(words: &Words, seller: Option<&str>, name: PracticeName) -> Practice {
    let Some(rule) = rules().practice.iter().find(|rule| rule.name == name) else {
        return unscored(name, "There is no pattern of it.");
    };
    let total = words.call.segments.len();
    let range = match rule.r#where {
        Where::Start => 0..total.min(START),
        Where::End => total - total.div_ceil(4)..total,
        Where::Any => 0..total,
    };
    let theirs: Vec<usize> = range
        .filter(|at| is(&words.call.segments[*at], seller))
        .collect();
    let (mut points, mut evidence, mut found) = (0.0, Vec::new(), Vec::new());
    for signal in &rule.signal {
        let hits = theirs
            .iter()
            .flat_map(|at| signal.phrases.in_segment(words, *at));
        // Once a segment: repeating a phrase in one breath earns nothing.
        let mut hits: Vec<Evidence> = hits.map(|(from, to)| words.evidence(from, to)).collect();
        hits.dedup_by_key(|hit| hit.segment);
        if hits.is_empty() {
            continue;
        }
        points += if signal.each {
            signal.points * hits.len() as f64
        } else {
            signal.points
        };
        found.push(match signal.each {
            true => format!("{} ({} times)", signal.what, hits.len()),
            false => signal.what.clone(),
        });
        evidence.extend(hits);
    }
    if found.is_empty() {
        let reason = format!(
            "No words of it were found, which does not prove that it was missing.{}",
            note(seller)
        );
        return unscored(name, &reason);
    }
    let mut comment = format!("The seller {}.", found.join(", "));
    if name == PracticeName::ActiveListening
        && let Some(share) = share(words.call, seller)
    {
        points += if BALANCED.contains(&share) { 4.0 } else { 0.0 };
        comment += &format!(" They had {:.0}% of the talk.", share * 100.0);
    }
    evidence.truncate(MOST);
    Practice {
        name,
        score: Some(tenths(points.min(10.0))),
        evidence,
        comment: comment + note(seller),
    }
}

/// The seller's share of the talk, where the segments have times and speakers.
fn share(call: &Call, seller: Option<&str>) -> Option<f64> {
    let participants = call.participants();
    let who = participants
        .iter()
        .find(|who| Some(who.speaker.as_str()) == seller)?;
    who.share.filter(|_| participants.len() > 1)
}

/// Ten times the share of objections that the seller's next words answer.
fn objections(words: &Words, seller: Option<&str>) -> Practice {
    let name = PracticeName::ObjectionHandling;
    let segments = &words.call.segments;
    let (mut raised, mut answered, mut evidence) = (0usize, 0usize, Vec::new());
    for at in (0..segments.len()).filter(|at| is_other(&segments[*at], seller)) {
        let Some((from, to)) = rules()
            .objections
            .phrases
            .in_segment(words, at)
            .first()
            .copied()
        else {
            continue;
        };
        raised += 1;
        evidence.push(words.evidence(from, to));
        let replies = (at + 1..segments.len().min(at + 1 + REPLY))
            .filter(|next| is(&segments[*next], seller));
        let reply = replies
            .flat_map(|next| rules().objections.answers.in_segment(words, next))
            .next();
        if let Some((from, to)) = reply {
            answered += 1;
            evidence.push(words.evidence(from, to));
        }
    }
    if raised == 0 {
        return unscored(name, "No objection was found.");
    }
    evidence.truncate(MOST);
    Practice {
        name,
        score: Some(tenths(10.0 * answered as f64 / raised as f64)),
        evidence,
        comment: format!(
            "{raised} objections were found; the seller took up {answered}.{}",
            note(seller)
        ),
    }
}

/// The last of the words that tell, by the buyer.
fn outcome(words: &Words, seller: Option<&str>) -> (BuyerOutcome, Vec<Evidence>) {
    let segments = &words.call.segments;
    if !knows(words.call) {
        return (BuyerOutcome::Unknown, Vec::new());
    }
    for at in (0..segments.len())
        .rev()
        .filter(|at| is_other(&segments[*at], seller))
    {
        let hits = rules().outcome.iter().filter_map(|outcome| {
            let (from, to) = outcome.phrases.in_segment(words, at).last().copied()?;
            Some((to, to - from, outcome.name, from))
        });
        if let Some((to, _, name, from)) = hits.max_by_key(|(to, length, ..)| (*to, *length)) {
            return (name, vec![words.evidence(from, to)]);
        }
    }
    (BuyerOutcome::Unknown, Vec::new())
}

/// Practices that are strong, and objections.
fn highlights(practices: &[Practice]) -> Vec<Highlight> {
    let highlight = |practice: &Practice| {
        let kind = match (practice.name, practice.score?) {
            (_, score) if score >= STRONG => HighlightKind::Strength,
            (PracticeName::ObjectionHandling, _) => HighlightKind::KeyMoment,
            _ => return None,
        };
        Some(Highlight {
            kind,
            text: practice.comment.clone(),
            evidence: practice.evidence.clone(),
        })
    };
    practices.iter().filter_map(highlight).collect()
}
