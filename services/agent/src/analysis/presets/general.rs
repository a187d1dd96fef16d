//! `general`: what a call was about.

use super::{Judged, Preset, dropped, some};
use crate::analysis::evidence::{Checked, Words};
use crate::analysis::rules;
use crate::analysis::transcript::{Call, Spoken};
use api::analysis::{
    EmotionalDynamics, EmotionalMoment, Entity, Evidence, General, Method, Participant,
    PresetAnalysis, Source, Topic,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The preset.
pub struct Overview;

/// What a model answers.
#[derive(Debug, Deserialize)]
pub struct Draft {
    overview: String,
    #[serde(default)]
    participants: Vec<DraftParticipant>,
    #[serde(default)]
    topics: Vec<DraftTopic>,
    #[serde(default)]
    emotional_dynamics: DraftDynamics,
    #[serde(default)]
    entities: Vec<DraftEntity>,
    #[serde(default)]
    outcome: String,
    #[serde(default)]
    outcome_quotes: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct DraftParticipant {
    speaker: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    description: String,
}

#[derive(Debug, Deserialize)]
struct DraftTopic {
    topic: String,
    #[serde(default)]
    quotes: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
struct DraftDynamics {
    #[serde(default)]
    description: String,
    #[serde(default)]
    moments: Vec<DraftMoment>,
}

#[derive(Debug, Deserialize)]
struct DraftMoment {
    emotion: String,
    quote: String,
}

#[derive(Debug, Deserialize)]
struct DraftEntity {
    r#type: String,
    value: String,
}

impl Preset for Overview {
    type Draft = Draft;
    const NAME: &'static str = "general";
    const PROMPT: &'static str = include_str!("../../../prompts/general.md");
    const SCHEMA: &'static str = include_str!("../../../prompts/general.schema.json");

    fn check(draft: &Draft) -> Result<(), String> {
        match draft.overview.trim() {
            "" => Err("`overview` is empty".into()),
            _ => Ok(()),
        }
    }

    fn finish(draft: Draft, call: &Call) -> Judged {
        let words = Words::of(call);
        let mut checked = Checked {
            words: &words,
            dropped: 0,
        };
        let topics = draft.topics.into_iter().take(12).filter_map(|topic| {
            Some(Topic {
                topic: some(topic.topic)?,
                mentions: None,
                evidence: checked.all(&topic.quotes),
            })
        });
        let topics: Vec<Topic> = topics.collect();
        let mut moments = rules::general::moments(&words);
        let emotions = &rules::labels().emotions;
        for moment in draft.emotional_dynamics.moments.into_iter().take(20) {
            if !emotions.contains(&moment.emotion) {
                continue;
            }
            if let Some(evidence) = checked.one(&moment.quote) {
                moments.push(EmotionalMoment {
                    emotion: moment.emotion,
                    evidence,
                    source: Source::Llm,
                });
            }
        }
        moments.sort_by_key(|moment| moment.evidence.segment);
        let entities = draft.entities.into_iter().take(100).filter_map(|entity| {
            let evidence = checked.one(&entity.value)?;
            Some(Entity {
                r#type: entity.r#type.to_uppercase().chars().take(32).collect(),
                value: as_written(&entity.value, &evidence, call),
                evidence,
            })
        });
        let entities = entities.collect();
        let outcome_evidence = checked.all(&draft.outcome_quotes);
        let outcome = some(draft.outcome);
        let mut reasons = BTreeMap::new();
        if outcome.is_none() {
            reasons.insert("outcome".into(), "The model found none.".into());
        }
        let general = General {
            method: Method::Llm,
            overview: some(draft.overview).unwrap_or_default(),
            participants: participants(call, draft.participants),
            topics,
            emotional_dynamics: EmotionalDynamics {
                description: some(draft.emotional_dynamics.description),
                moments,
            },
            entities,
            outcome,
            outcome_evidence,
            dropped_evidence: checked.dropped,
            reasons,
        };
        Judged {
            warnings: dropped(general.dropped_evidence).into_iter().collect(),
            summary: markdown(&general),
            analysis: PresetAnalysis::General(general),
        }
    }

    fn by_rules(call: &Call) -> Judged {
        let general = rules::general::judge(call);
        Judged {
            summary: markdown(&general),
            analysis: PresetAnalysis::General(general),
            warnings: Vec::new(),
        }
    }
}

/// With its signs, such as `$`, where the transcript has them so; else its words.
fn as_written(value: &str, evidence: &Evidence, call: &Call) -> String {
    let value = value.trim();
    let written =
        |segment: &Spoken| segment.index == evidence.segment && segment.text.contains(value);
    match call.segments.iter().any(written) {
        true => value.to_owned(),
        false => evidence.quote.clone(),
    }
}

/// Ours, with what the model knows of them; the model's own where segments name nobody.
fn participants(call: &Call, drafts: Vec<DraftParticipant>) -> Vec<Participant> {
    let mut found = call.participants();
    if found.is_empty() {
        let named = drafts.into_iter().take(20).filter_map(|draft| {
            Some(Participant {
                speaker: some(draft.speaker)?,
                role: some(draft.role),
                description: some(draft.description),
                seconds: None,
                share: None,
                segments: None,
                words: None,
            })
        });
        return named.collect();
    }
    for draft in drafts {
        if let Some(participant) = found.iter_mut().find(|p| p.speaker == draft.speaker.trim()) {
            participant.role = participant.role.take().or(some(draft.role));
            participant.description = some(draft.description);
        }
    }
    found
}

/// The analysis for people.
fn markdown(general: &General) -> String {
    let mut text = format!("## Overview\n{}\n", general.overview);
    if !general.participants.is_empty() {
        text += "\n## Participants\n";
    }
    for who in &general.participants {
        let share = who
            .share
            .map(|share| format!("{:.0}% of the talk", share * 100.0));
        let known = [who.role.clone(), who.description.clone(), share];
        let known: Vec<String> = known.into_iter().flatten().collect();
        let _ = writeln!(
            text,
            "- **{}**{}{}",
            who.speaker,
            if known.is_empty() { "" } else { ": " },
            known.join("; ")
        );
    }
    if !general.topics.is_empty() {
        text += "\n## Key topics\n";
    }
    for topic in &general.topics {
        let _ = writeln!(text, "- {}", topic.topic);
    }
    let dynamics = &general.emotional_dynamics;
    if dynamics.description.is_some() || !dynamics.moments.is_empty() {
        let _ = writeln!(
            text,
            "\n## Emotional dynamics\n{}",
            dynamics.description.as_deref().unwrap_or_default()
        );
    }
    for moment in dynamics.moments.iter().take(12) {
        let emotion = moment.emotion.trim_start_matches("EMOTION_").to_lowercase();
        let who = moment.evidence.speaker.as_deref().unwrap_or("somebody");
        let _ = writeln!(text, "- {who}, {emotion}: \"{}\"", moment.evidence.quote);
    }
    if !general.entities.is_empty() {
        text += "\n## Entities\n";
    }
    let mut by_type: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for entity in &general.entities {
        by_type
            .entry(&entity.r#type)
            .or_default()
            .push(&entity.value);
    }
    for (kind, values) in by_type {
        let _ = writeln!(text, "- {kind}: {}", values.join(", "));
    }
    if let Some(outcome) = &general.outcome {
        let _ = writeln!(text, "\n## Outcome\n{outcome}");
    }
    text.trim_end().to_owned()
}
