//! The preset `sales_coaching`: how well a call was sold.

use super::{Evidence, Method, Participant, Source};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

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
