//! Voice agents: the types of `/api/agents`.

use crate::ids::{AgentId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use std::str::FromStr;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// Which voice stands in for a name that is not one of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum VoiceGender {
    /// A woman's.
    Female,
    /// A man's.
    Male,
}

impl VoiceGender {
    /// As it is written everywhere.
    pub fn as_str(self) -> &'static str {
        match self {
            VoiceGender::Female => "female",
            VoiceGender::Male => "male",
        }
    }
}

impl fmt::Display for VoiceGender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for VoiceGender {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [VoiceGender::Female, VoiceGender::Male];
        let found = all.into_iter().find(|gender| gender.as_str() == text);
        found.ok_or_else(|| "must be female or male".to_owned())
    }
}

/// Who answers calls, or makes them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Agent {
    /// Its id.
    pub id: AgentId,
    /// For people.
    pub name: String,
    /// What the language model is told to be.
    pub system_prompt: String,
    /// What it says first.
    pub greeting: String,
    /// A voice, a mix of voices, or a name known from other systems.
    pub voice: String,
    /// Which voice stands in for a name that is not one of ours.
    pub voice_gender: Option<VoiceGender>,
    /// What it listens for and speaks.
    pub language: String,
    /// Null: the provider's default.
    pub llm_model: Option<String>,
    /// The number under which it answers, E.164.
    pub phone_number: Option<String>,
    /// Whatever else the voice pipeline should know.
    pub settings: Map<String, Value>,
    /// Who made it, while they have an account.
    pub created_by: Option<UserId>,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: OffsetDateTime,
    /// When it was last changed.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: OffsetDateTime,
    /// In answers to POST and PATCH: what was taken but will be done otherwise, or could not be checked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Body of `POST /api/agents`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewAgent {
    /// For people.
    #[schema(min_length = 1, max_length = 128)]
    pub name: String,
    /// What the language model is told to be.
    #[serde(default)]
    #[schema(max_length = 32768)]
    pub system_prompt: Option<String>,
    /// What it says first.
    #[serde(default)]
    #[schema(max_length = 4096)]
    pub greeting: Option<String>,
    /// A voice of `GET /tts/voices` (default `af_heart`), a mix such as
    /// `af_heart:0.6+am_adam:0.4`, or a name known from other systems such as `tara`.
    #[serde(default)]
    #[schema(max_length = 256)]
    pub voice: Option<String>,
    /// Which voice stands in for a name that is not one of ours.
    #[serde(default)]
    pub voice_gender: Option<VoiceGender>,
    /// What it listens for and speaks, such as `en` (default), `hi` or `pt-BR`; `auto` recognises it.
    #[serde(default)]
    #[schema(max_length = 16)]
    pub language: Option<String>,
    /// Such as `gemini-2.5-flash` or `claude-sonnet-4-6`; the provider's default without.
    #[serde(default)]
    #[schema(max_length = 128)]
    pub llm_model: Option<String>,
    /// The number under which it answers, E.164; spaces, dashes, dots and parentheses are taken out.
    #[serde(default)]
    #[schema(max_length = 32)]
    pub phone_number: Option<String>,
    /// Whatever else the voice pipeline should know; 16 KiB at most.
    #[serde(default)]
    pub settings: Option<Map<String, Value>>,
}

/// Body of `PATCH /api/agents/{id}`: what is absent stays; null empties what may be empty.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AgentPatch {
    /// For people.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 128)]
    pub name: Option<String>,
    /// What the language model is told to be.
    #[serde(default)]
    #[schema(max_length = 32768)]
    pub system_prompt: Option<String>,
    /// What it says first.
    #[serde(default)]
    #[schema(max_length = 4096)]
    pub greeting: Option<String>,
    /// As in a new agent.
    #[serde(default)]
    #[schema(max_length = 256)]
    pub voice: Option<String>,
    /// As in a new agent.
    #[serde(default, deserialize_with = "crate::patch::nullable")]
    #[schema(value_type = Option<VoiceGender>)]
    pub voice_gender: Option<Option<VoiceGender>>,
    /// As in a new agent.
    #[serde(default)]
    #[schema(max_length = 16)]
    pub language: Option<String>,
    /// As in a new agent.
    #[serde(default, deserialize_with = "crate::patch::nullable")]
    #[schema(value_type = Option<String>, max_length = 128)]
    pub llm_model: Option<Option<String>>,
    /// As in a new agent.
    #[serde(default, deserialize_with = "crate::patch::nullable")]
    #[schema(value_type = Option<String>, max_length = 32)]
    pub phone_number: Option<Option<String>>,
    /// Replaces all settings.
    #[serde(default)]
    pub settings: Option<Map<String, Value>>,
}
