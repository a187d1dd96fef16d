//! Analyses of calls: what `POST /analyze` and `POST /summarize` of the agent take and answer, and
//! what `summarize=` puts into a transcript.

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
    /// Which provider answered; missing with the method `rules`.
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
    /// As an error of the agent would have it: `upstream_failed`, `upstream_unavailable`...
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

/// What a call was about.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct General {
    /// Who judged.
    pub method: Method,
    /// A few sentences.
    pub overview: String,
    /// Who spoke.
    pub participants: Vec<Participant>,
    /// Most important first.
    pub topics: Vec<Topic>,
    /// How the mood went.
    pub emotional_dynamics: EmotionalDynamics,
    /// Names, amounts, dates, numbers.
    pub entities: Vec<Entity>,
    /// What came of it.
    pub outcome: Option<String>,
    /// What the outcome rests on.
    pub outcome_evidence: Vec<Evidence>,
    /// Quotes of the model that are not in the transcript, and were left out.
    pub dropped_evidence: u32,
    /// Why a field is null, empty or unknown, by its name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reasons: BTreeMap<String, String>,
}

/// Somebody who spoke.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Participant {
    /// The label of the segments.
    pub speaker: String,
    /// Part in the call, where it is known.
    pub role: Option<String>,
    /// What is known of them.
    pub description: Option<String>,
    /// How long they spoke.
    pub seconds: Option<f64>,
    /// Of the time that anybody spoke, 0..1.
    pub share: Option<f64>,
    /// How many segments are theirs; null, like the times, where segments do not say who speaks.
    pub segments: Option<usize>,
    /// How many words are theirs.
    pub words: Option<usize>,
}

/// What was talked about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Topic {
    /// In a few words.
    pub topic: String,
    /// How often the words stand in the transcript; null where a model named it.
    pub mentions: Option<usize>,
    /// Where.
    pub evidence: Vec<Evidence>,
}

/// How the mood went.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EmotionalDynamics {
    /// In words, where a model found them.
    pub description: Option<String>,
    /// Stretches that were not neutral, in order.
    pub moments: Vec<EmotionalMoment>,
}

/// A stretch of one emotion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EmotionalMoment {
    /// `EMOTION_HAPPY`, `EMOTION_SAD`, `EMOTION_ANGRY`, `EMOTION_FEAR`, `EMOTION_SURPRISE`.
    pub emotion: String,
    /// Where it was heard or read.
    pub evidence: Evidence,
    /// Where it comes from.
    pub source: Source,
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

/// A name, an amount, a date, a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Entity {
    /// `PERSON`, `ORG`, `MONEY`, `DATE`, `TIME`, `PHONE`, `EMAIL`...
    pub r#type: String,
    /// As the transcript has it.
    pub value: String,
    /// Where.
    pub evidence: Evidence,
}

/// How well a call was sold.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SalesCoaching {
    /// Who judged.
    pub method: Method,
    /// 0 to 10: the mean of the practices that have a score; null where none has.
    pub overall_score: Option<f64>,
    /// All eight, always in the same order.
    pub practices: Vec<Practice>,
    /// What the buyer left with.
    pub buyer_outcome: BuyerOutcome,
    /// What the outcome rests on.
    pub buyer_outcome_evidence: Vec<Evidence>,
    /// What to learn from.
    pub highlights: Vec<Highlight>,
    /// What segments do, for those that a label fits.
    pub behaviors: Vec<SegmentBehavior>,
    /// Who spoke how much.
    pub participants: Vec<Participant>,
    /// Quotes of the model that are not in the transcript, and were left out.
    pub dropped_evidence: u32,
    /// Why a field is null, empty or unknown, by its name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reasons: BTreeMap<String, String>,
}

/// A practice and how well it was kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Practice {
    /// Which.
    pub name: PracticeName,
    /// 0 to 10; null where nothing supports one.
    pub score: Option<f64>,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// Why this score, or why none.
    pub comment: String,
}

/// The eight practices.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PracticeName {
    /// Greets, says who calls and from where.
    Greeting,
    /// Asks openly what the buyer needs.
    DiscoveryQuestions,
    /// Takes up what the buyer says.
    ActiveListening,
    /// Answers doubts.
    ObjectionHandling,
    /// Says what the buyer gains.
    ValueProposition,
    /// Gives a reason to decide now.
    UrgencyCreation,
    /// Agrees what happens next.
    NextSteps,
    /// Asks for the decision.
    Closing,
}

impl PracticeName {
    /// In the order of answers.
    pub const ALL: [PracticeName; 8] = [
        PracticeName::Greeting,
        PracticeName::DiscoveryQuestions,
        PracticeName::ActiveListening,
        PracticeName::ObjectionHandling,
        PracticeName::ValueProposition,
        PracticeName::UrgencyCreation,
        PracticeName::NextSteps,
        PracticeName::Closing,
    ];
}

/// What the buyer left with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BuyerOutcome {
    /// Bought.
    Purchased,
    /// Agreed to a meeting, a trial, a call back.
    CommittedNextStep,
    /// Wants to know more.
    Interested,
    /// Has not decided.
    Undecided,
    /// Declined.
    NotInterested,
    /// Cannot be told.
    Unknown,
}

/// Something to learn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Highlight {
    /// What kind.
    pub kind: HighlightKind,
    /// In a sentence.
    pub text: String,
    /// Where.
    pub evidence: Vec<Evidence>,
}

/// What kind of highlight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HighlightKind {
    /// Done well.
    Strength,
    /// To be done better.
    Improvement,
    /// Where the call turned.
    KeyMoment,
}

/// What a segment does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SegmentBehavior {
    /// Position of the segment, from 0.
    pub segment: usize,
    /// Its start in seconds.
    pub start: Option<f64>,
    /// Its end in seconds.
    pub end: Option<f64>,
    /// Who.
    pub speaker: Option<String>,
    /// `BEHAVIOR_QUESTION_OPEN` and the like.
    pub behavior: String,
    /// Where the label comes from.
    pub source: Source,
}

/// Whether a collector kept to the rules, and what came of it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Collections {
    /// Who judged.
    pub method: Method,
    /// All four, always in the same order.
    pub compliance: Vec<ComplianceItem>,
    /// 0 to 10: ten times the share of judged items that are met; null where none is judged.
    pub compliance_score: Option<f64>,
    /// What came of it.
    pub call_outcome: CallOutcome,
    /// What the outcome rests on.
    pub outcome_evidence: Vec<Evidence>,
    /// How the customer took it.
    pub customer_sentiment: Sentiment,
    /// What the sentiment rests on.
    pub sentiment_evidence: Vec<Evidence>,
    /// What to do now.
    pub next_action: Option<String>,
    /// Quotes of the model that are not in the transcript, and were left out.
    pub dropped_evidence: u32,
    /// Why a field is null, empty or unknown, by its name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reasons: BTreeMap<String, String>,
}

/// A rule and whether it was kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ComplianceItem {
    /// Which.
    pub item: ComplianceName,
    /// Null where nothing supports a judgement.
    pub met: Option<bool>,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// Why.
    pub comment: String,
}

/// The four rules.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ComplianceName {
    /// Made sure of whom they speak with.
    IdentityVerification,
    /// Said why they call.
    ReasonStated,
    /// Said how much is owed.
    AmountMentioned,
    /// No threats, insults or shaming.
    NoHarassment,
}

impl ComplianceName {
    /// In the order of answers.
    pub const ALL: [ComplianceName; 4] = [
        ComplianceName::IdentityVerification,
        ComplianceName::ReasonStated,
        ComplianceName::AmountMentioned,
        ComplianceName::NoHarassment,
    ];
}

/// What came of a collections call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// Will pay, with or without a date.
    PromiseToPay,
    /// Says it is paid.
    ClaimsPaid,
    /// Paid during the call.
    PaymentMade,
    /// Disputes the debt or the amount.
    Dispute,
    /// Cannot pay.
    Hardship,
    /// Will not pay.
    Refused,
    /// Wants to be called again.
    CallbackRequested,
    /// Somebody else answered.
    WrongPerson,
    /// Ended without any of these.
    NoCommitment,
    /// Cannot be told.
    Unknown,
}

/// How somebody took it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sentiment {
    /// Friendly, willing.
    Positive,
    /// Matter of fact.
    Neutral,
    /// Angry, sad, afraid.
    Negative,
    /// Of both.
    Mixed,
    /// Cannot be told.
    Unknown,
}
