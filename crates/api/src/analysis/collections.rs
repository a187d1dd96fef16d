//! The preset `collections`: compliance, and what came of a call.

use super::{Evidence, Method};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

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
