//! Analyses of calls: what `POST /analyze` and `POST /summarize` of the agent take and answer, and
//! what `summarize=` puts into a transcript.

mod collections;
mod general;
mod sales_coaching;

pub use collections::{CallOutcome, Collections, ComplianceItem, ComplianceName, Sentiment};
pub use general::{EmotionalDynamics, EmotionalMoment, Entity, General, Participant, Topic};
pub use sales_coaching::{
    BuyerOutcome, Highlight, HighlightKind, Practice, PracticeName, SalesCoaching, SegmentBehavior,
};

use crate::ErrorCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Body of `POST /analyze`: `segments` or `transcript`, and how to look at them.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct AnalyzeRequest {
    /// `true` or `general`, `sales_coaching`, `collections`, or a prompt of your own.
    pub mode: String,
    /// The call by utterance, with whatever is known of each.
    #[serde(default)]
    pub segments: Option<Vec<SpokenSegment>>,
    /// The call as text, where there are no segments. Lines may begin with `[SPEAKER_00]:`.
    #[serde(default)]
    pub transcript: Option<String>,
    /// ISO 639-1 code of what is spoken; written answers come in it.
    #[serde(default)]
    pub language: Option<String>,
}

/// Body of `POST /summarize`: `segments` or `text`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct SummarizeRequest {
    /// Any text.
    #[serde(default)]
    pub text: Option<String>,
    /// A call by utterance.
    #[serde(default)]
    pub segments: Option<Vec<SpokenSegment>>,
    /// ISO 639-1 code of the language the summary is in.
    #[serde(default)]
    pub language: Option<String>,
    /// Longest summary in sentences, 1 to 50. Default: 5.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 50)]
    pub max_sentences: Option<u8>,
}

/// An utterance as analyses read it; a segment of a transcript is one, its other fields are ignored.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SpokenSegment {
    /// What was said.
    pub text: String,
    /// Seconds from the start.
    #[serde(default)]
    pub start: Option<f64>,
    /// Seconds from the start.
    #[serde(default)]
    pub end: Option<f64>,
    /// Who said it.
    #[serde(default)]
    pub speaker: Option<String>,
    /// The channel it was said on; stands for the speaker where there is none.
    #[serde(default)]
    pub channel: Option<u16>,
    /// Tags, such as `emotion` and `role`.
    #[serde(default)]
    pub metadata: Option<BTreeMap<String, Value>>,
    /// Names found in it.
    #[serde(default)]
    pub entities: Option<Vec<NamedEntity>>,
}

/// A name that recognition found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NamedEntity {
    /// `PERSON`, `ORG`...
    pub r#type: String,
    /// As it was said.
    pub value: String,
}

/// Answer of `POST /analyze`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct AnalyzeAnswer {
    /// Text or Markdown; missing where a prompt asked for JSON without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// By preset; the model's own JSON where a prompt asked for it; missing where it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Analysis>)]
    pub analysis: Option<Value>,
    /// Who judged.
    pub method: Method,
    /// Which provider answered; with the method `rules` only where the local model worded the summary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// With which model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// What was left out or done otherwise.
    #[serde(default)]
    pub warnings: Vec<String>,
}

/// Answer of `POST /summarize`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SummarizeAnswer {
    /// The summary.
    pub summary: String,
    /// `llm`, or `rules`: whole sentences of the text, picked by their words.
    pub method: Method,
    /// Which provider answered; missing with the method `rules`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// With which model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// What was done otherwise.
    pub warnings: Vec<String>,
}

/// Who judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A language model.
    Llm,
    /// Tags, times and patterns of words, without a language model.
    #[default]
    Rules,
}

/// Why a transcript has no analysis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AnalysisError {
    /// As an error of the agent would have it: `not_configured`, `upstream_failed`, `upstream_unavailable`...
    pub code: ErrorCode,
    /// What went wrong.
    pub message: String,
}

/// An analysis, by preset or as a prompt of the client's own asked for it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Analysis {
    /// One of ours.
    Preset(Box<PresetAnalysis>),
    /// JSON the client's prompt asked for.
    Custom(Value),
}

/// One of the presets.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "preset", rename_all = "snake_case")]
pub enum PresetAnalysis {
    /// `summarize=true`.
    General(General),
    /// `summarize=sales_coaching`.
    SalesCoaching(SalesCoaching),
    /// `summarize=collections`.
    Collections(Collections),
}

/// Words of the transcript that support a judgement; always found in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Evidence {
    /// As the transcript has it.
    pub quote: String,
    /// Seconds; start of the segment it stands in.
    pub start: Option<f64>,
    /// Seconds; end of the segment it ends in.
    pub end: Option<f64>,
    /// Who said it, where that is known.
    pub speaker: Option<String>,
    /// Position of its segment, from 0.
    pub segment: usize,
}

/// Where a label comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The tags of recognition.
    Tags,
    /// A language model.
    Llm,
    /// Patterns of words.
    Rules,
}
