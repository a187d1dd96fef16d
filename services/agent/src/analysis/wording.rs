//! What the small model on this machine may do: word a summary. What it words must be made of the
//! words of the call; the rest is dropped, since it tells of agreements that nobody made.

use super::evidence::{Words, split};
use super::fence::fence;
use super::place::on_a_thread;
use super::rules::extract;
use super::transcript::{Call, sentences};
use crate::state::AppState;
use llm::Request;
use serde::Deserialize;
use serde_json::json;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

const PROMPT: &str = include_str!("../../prompts/wording.md");
/// Segments that are shown: a thread reads some fifty tokens a second.
const SHOWN: usize = 14;
/// Characters of them.
const CHARACTERS: usize = 3_000;
/// Longest answer in tokens.
const TOKENS: u32 = 220;
/// Words of a summary that need not stand in the call.
const FREE: [&str; 16] = [
    "agent", "asked", "asks", "call", "called", "caller", "calls", "customer", "person", "said",
    "says", "speaker", "speaking", "talk", "they", "wants",
];

/// The words of the small model.
pub struct Worded {
    /// A list in Markdown, a fact a line.
    pub text: String,
    /// Who worded it.
    pub provider: &'static str,
    /// With which model.
    pub model: String,
}

#[derive(Deserialize)]
struct Facts {
    reason: String,
    said: String,
    then: String,
}

/// What a call was about, as the small model words it; `None` when it fails, takes longer than
/// `patience`, or says nothing that stands in the call.
pub async fn worded(state: &AppState, call: &Arc<Call>, patience: Duration) -> Option<Worded> {
    let read = call.clone();
    let shown = on_a_thread(move || shown(&read)).await;
    let fenced = fence(&shown);
    // Small models follow what they read last.
    let mut request = Request::user(format!("{}\n\n{}", fenced.text, PROMPT.trim()));
    request.system = Some(fenced.instruction);
    request.max_tokens = Some(TOKENS);
    request.temperature = Some(0.0);
    let fact = json!({"type": "string", "maxLength": 240});
    let schema = json!({
        "type": "object",
        "properties": {"reason": fact, "said": fact, "then": fact},
        "required": ["reason", "said", "then"],
    });
    let asked = state
        .llm
        .json::<Facts>(request, "facts", schema, |_| Ok(()));
    let (facts, answer) = tokio::time::timeout(patience, asked).await.ok()?.ok()?;
    let read = call.clone();
    let lines = on_a_thread(move || {
        let known = Known::of(&read);
        let facts = [facts.reason, facts.said, facts.then];
        let facts = facts.iter().map(|fact| fact.trim());
        let facts = facts.filter(|fact| !fact.is_empty() && known.supports(fact));
        let mut lines: Vec<String> = facts.map(|fact| format!("- {fact}")).collect();
        // It likes to say one thing thrice.
        lines.dedup();
        lines
    })
    .await;
    (!lines.is_empty()).then(|| Worded {
        text: lines.join("\n"),
        provider: answer.provider.as_str(),
        model: answer.model,
    })
}

/// The sentences of a summary that the call supports, and how many it does not.
pub fn supported(call: &Call, summary: &str) -> (String, usize) {
    let known = Known::of(call);
    let (kept, dropped): (Vec<&str>, Vec<&str>) = sentences(summary)
        .into_iter()
        .partition(|sentence| known.supports(sentence));
    (kept.join(" "), dropped.len())
}

/// What the model reads: all of a short call, of others the segments that say most.
fn shown(call: &Call) -> String {
    let mut shown = String::new();
    for at in extract::sentences(&Words::of(call), SHOWN) {
        let segment = &call.segments[at];
        let speaker = segment.speaker.as_deref().unwrap_or("-");
        shown.push_str(&format!("{speaker}: {}\n", segment.text));
    }
    match shown.char_indices().nth(CHARACTERS) {
        Some((at, _)) => shown[..at].to_owned(),
        None => shown.trim_end().to_owned(),
    }
}

/// The words of a call.
struct Known {
    words: HashSet<String>,
}

impl Known {
    fn of(call: &Call) -> Self {
        let texts = call.segments.iter().flat_map(|segment| {
            let speaker = segment.speaker.as_deref().unwrap_or_default();
            split(&segment.text).into_iter().chain(split(speaker))
        });
        Known {
            words: texts.map(|(word, _, _)| word).collect(),
        }
    }

    /// Whether every word that says something stands in the call, in one of its forms.
    fn supports(&self, text: &str) -> bool {
        split(text).into_iter().all(|(word, _, _)| {
            !says_something(&word) || self.words.contains(&word) || self.has_form_of(&word)
        })
    }

    /// `bills` of `bill`, `called` of `calling`: the same but for an ending. Never of numbers.
    fn has_form_of(&self, word: &str) -> bool {
        if word.chars().any(char::is_numeric) {
            return false;
        }
        let same = |known: &String| {
            let pairs = word.chars().zip(known.chars());
            let stem = pairs.take_while(|(a, b)| a == b).count();
            let (ours, theirs) = (word.chars().count(), known.chars().count());
            let is_stem = stem == ours.min(theirs);
            stem >= if is_stem { 3 } else { 4 } && ours.max(theirs) - stem <= 3
        };
        self.words.iter().any(same)
    }
}

fn says_something(word: &str) -> bool {
    let letters = word.chars().count();
    let least = if word.is_ascii() { 4 } else { 3 };
    let unspaced = letters == 1 && !word.is_ascii();
    (word.chars().any(char::is_numeric) || letters >= least || unspaced)
        && !FREE.contains(&word)
        && !extract::stopwords().contains(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call() -> Call {
        let text = "I lost my job, I can't pay all of it now. Would 120 a month work? I could do 80. \
                    I have to ask my supervisor. I'll call you back tomorrow at three.";
        Call::read(None, Some(text.into()), Some("en"), "text").expect("a call")
    }

    #[test]
    fn what_nobody_said_is_dropped() {
        let said = "The customer lost a job. The customer agreed to pay 120 a month. She pays 200. The supervisor is asked.";
        let (kept, dropped) = supported(&call(), said);
        assert_eq!(kept, "The customer lost a job. The supervisor is asked.");
        assert_eq!(dropped, 2);
    }

    #[test]
    fn endings_differ_and_numbers_do_not() {
        let known = Known::of(&call());
        assert!(known.supports("supervisors, jobs, paying"));
        assert!(!known.supports("1200") && !known.supports("superb"));
    }

    #[test]
    fn a_long_call_is_shown_in_part() {
        let text = "The quick brown fox jumps over the lazy dog again. ".repeat(400);
        let call = Call::read(None, Some(text), None, "text").expect("a call");
        assert!(shown(&call).chars().count() <= CHARACTERS);
    }
}
