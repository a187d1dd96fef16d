//! What models are asked: within their context, and by map-reduce where a call is longer.

use super::chunks;
use super::fence::{Fenced, fence};
use super::transcript::Call;
use futures::{StreamExt, TryStreamExt, stream};
use llm::{Answer, Llm, LlmError, Message, ProviderKind, Request};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Most parts of a call; a request each, and one for the whole.
pub const MOST_PARTS: usize = 64;
/// Parts read at once.
const AT_ONCE: usize = 4;
/// Tokens of a preset's instructions and schema, roughly, and of marks and headings.
const OVERHEAD: usize = 2_000;
/// Longest notes on a part, in tokens.
const NOTES: usize = 1_000;
/// What remote models with keys take at least; half of it leaves room for repairs.
const LARGE_CONTEXT: usize = 100_000;
/// What a server of one's own is trusted to take without being told.
const SMALL_CONTEXT: usize = 8_192;

const NOTE_TAKER: &str = include_str!("../../prompts/notes.md");

/// Why a model did not judge.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// It failed.
    #[error(transparent)]
    Llm(#[from] LlmError),
    /// Only the small model on this machine is there, which is not left to judge.
    #[error("no capable language model answered")]
    Incapable,
    /// More parts than [`MOST_PARTS`].
    #[error("the call is too long for the model's context: {0} parts, at most {MOST_PARTS}")]
    TooLong(usize),
}

/// Whether a provider may judge: the small model on this machine words summaries and no more.
pub fn capable(provider: ProviderKind) -> bool {
    provider.as_str() != "local"
}

/// A model and how much it takes.
pub struct Asking<'a> {
    llm: &'a Llm,
    context: usize,
}

/// What a model reads: the call, or notes on its parts.
pub struct Material {
    /// Fenced.
    pub fenced: Fenced,
    /// How many parts it was read in; 1 is the call itself.
    pub parts: usize,
}

impl<'a> Asking<'a> {
    /// `context` in tokens; by provider where it is not set.
    pub fn new(llm: &'a Llm, context: Option<usize>) -> Self {
        let of_provider = match llm.first() {
            Some(ProviderKind::Claude | ProviderKind::Gemini) => LARGE_CONTEXT,
            _ => SMALL_CONTEXT,
        };
        Asking {
            llm,
            context: context.unwrap_or(of_provider),
        }
    }

    /// Longest answer in tokens.
    fn answer(&self) -> usize {
        (self.context * 3 / 8).min(8_192)
    }

    /// What is left for a call.
    fn budget(&self) -> usize {
        self.context
            .saturating_sub(self.answer() + OVERHEAD)
            .max(256)
    }

    /// The call as a model reads it for `task`: whole where it fits, else as notes on its parts.
    pub async fn material(&self, call: &Call, task: &str) -> Result<Material, Trouble> {
        let lines: Vec<String> = call
            .segments
            .iter()
            .map(|segment| call.line(segment))
            .collect();
        self.read(lines.iter().map(String::as_str), task).await
    }

    /// Lines as a model reads them.
    pub async fn read<'l>(
        &self,
        lines: impl IntoIterator<Item = &'l str>,
        task: &str,
    ) -> Result<Material, Trouble> {
        let budget = self.budget();
        let parts = chunks::parts(
            lines,
            budget.saturating_sub(chunks::tokens(task).min(budget / 2)),
        );
        let count = parts.len();
        if count <= 1 {
            let fenced = fence(parts.first().map_or("", |part| part.trim_end()));
            return Ok(Material { fenced, parts: 1 });
        }
        if count > MOST_PARTS {
            return Err(Trouble::TooLong(count));
        }
        let each = (budget / count).clamp(32, NOTES);
        let notes = parts
            .iter()
            .enumerate()
            .map(|(at, part)| self.notes(at, count, part, task, each));
        let notes: Vec<String> = stream::iter(notes.collect::<Vec<_>>())
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        let mut fenced = fence(&notes.join("\n\n"));
        fenced.instruction.insert_str(
            0,
            "The conversation was too long to be shown whole: the data are notes on its parts, in order; \
             the quotes in them are from the transcript. ",
        );
        Ok(Material {
            fenced,
            parts: count,
        })
    }

    async fn notes(
        &self,
        at: usize,
        of: usize,
        part: &str,
        task: &str,
        most: usize,
    ) -> Result<String, Trouble> {
        let fenced = fence(part.trim_end());
        let mut request = Request::user(format!(
            "Part {} of {of}.\n\nThe task of your colleague:\n{task}\n\n{}",
            at + 1,
            fenced.text
        ));
        request.system = Some(format!("{NOTE_TAKER}\n{}", fenced.instruction));
        request.max_tokens = u32::try_from(most).ok();
        request.temperature = Some(0.0);
        let answer = self.complete(&request).await?;
        Ok(format!(
            "Notes on part {} of {of}:\n{}",
            at + 1,
            chunks::head(answer.text.trim(), most)
        ))
    }

    /// Words.
    pub async fn complete(&self, request: &Request) -> Result<Answer, Trouble> {
        let answer = self.llm.complete(request).await?;
        match capable(answer.provider) {
            true => Ok(answer),
            false => Err(Trouble::Incapable),
        }
    }

    /// JSON of a shape, about the material.
    pub async fn json<T: DeserializeOwned>(
        &self,
        name: &'static str,
        prompt: &str,
        material: &Material,
        schema: Value,
        check: impl Fn(&T) -> Result<(), String>,
    ) -> Result<(T, Answer), Trouble> {
        let mut request = Request::user(material.fenced.text.clone());
        request.system = Some(format!("{prompt}\n{}", material.fenced.instruction));
        request.max_tokens = u32::try_from(self.answer()).ok();
        request.temperature = Some(0.0);
        let (value, answer) = self.llm.json(request, name, schema, check).await?;
        match capable(answer.provider) {
            true => Ok((value, answer)),
            false => Err(Trouble::Incapable),
        }
    }

    /// Words about the material, and the question that got them, for a second one.
    pub async fn words(
        &self,
        prompt: &str,
        task: &str,
        material: &Material,
    ) -> Result<(Answer, Request), Trouble> {
        let mut request = Request::user(format!("{task}\n\n{}", material.fenced.text));
        request.system = Some(format!("{prompt}\n{}", material.fenced.instruction));
        request.max_tokens = u32::try_from(self.answer()).ok();
        let answer = self.complete(&request).await?;
        Ok((answer, request))
    }

    /// Once more, after an answer that did not do.
    pub async fn again(
        &self,
        mut request: Request,
        answer: &Answer,
        why: &str,
    ) -> Result<Answer, Trouble> {
        request.messages.push(Message::Assistant {
            text: answer.text.clone(),
            calls: Vec::new(),
        });
        request.messages.push(Message::User(why.to_owned()));
        self.complete(&request).await
    }
}
