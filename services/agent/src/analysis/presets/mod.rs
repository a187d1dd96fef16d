//! The ways to look at a call. Each is a prompt and a schema in `prompts/`, what a model has to
//! answer, and how that becomes the answer of ours.

pub mod behaviors;
pub mod collections;
pub mod custom;
pub mod general;
pub mod sales_coaching;

use super::transcript::Call;
use api::analysis::PresetAnalysis;
use serde::de::DeserializeOwned;

/// Longest text of a model that is passed on, in characters.
const LONGEST: usize = 4_000;

/// A finished judgement.
#[derive(Debug)]
pub struct Judged {
    /// Text or Markdown.
    pub summary: String,
    /// The rest.
    pub analysis: PresetAnalysis,
    /// What was left out.
    pub warnings: Vec<String>,
}

/// A way to look at a call.
pub trait Preset {
    /// What a model answers; its quotes are not checked yet.
    type Draft: DeserializeOwned + Send + 'static;
    /// `[a-z_]+`.
    const NAME: &'static str;
    /// Instructions.
    const PROMPT: &'static str;
    /// JSON schema of the draft.
    const SCHEMA: &'static str;

    /// What else the instructions say for this call.
    fn extra(_call: &Call, _parts: usize) -> String {
        String::new()
    }

    /// What the schema cannot say; a reason sends the draft back once.
    fn check(draft: &Self::Draft) -> Result<(), String>;

    /// The judgement of a model: quotes found or dropped.
    fn finish(draft: Self::Draft, call: &Call) -> Judged;

    /// The judgement of tags, times and patterns.
    fn by_rules(call: &Call) -> Judged;
}

/// Nothing for an empty text, which is how models say that they know nothing.
fn some(text: String) -> Option<String> {
    let text: String = text.trim().chars().take(LONGEST).collect();
    (!text.is_empty()).then_some(text)
}

/// The warning of dropped quotes.
fn dropped(count: u32) -> Option<String> {
    match count {
        0 => None,
        1 => Some("A quote of the model is not in the transcript and was left out.".into()),
        count => Some(format!(
            "{count} quotes of the model are not in the transcript and were left out."
        )),
    }
}
