//! A loaded model that answers one request after the other. Everything here runs on its own thread.

use super::fit::{self, Prompt};
use super::gguf::Header;
use super::sampler::Sampler;
use super::spoken::Spoken;
use super::template::Template;
use super::worker::Job;
use super::{Done, broken, call, refused, schema};
use crate::error::LlmError;
use crate::local_settings::LocalSettings;
use crate::provider::{Event, Finish, Usage};
use crate::request::{Message, Output, Request};
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::{LogOptions, send_logs_to_tracing};
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::OnceLock;

/// Tokens of a prompt that are read at once. Between two such steps it is seen whether somebody
/// still waits; larger ones are hardly faster on a CPU and take more memory.
const STEP: usize = 32;
/// Texts that templates write around calls, besides control tokens.
const MARKS: [&str; 4] = [
    "<tool_call>",
    "</tool_call>",
    "<tool_response>",
    "</tool_response>",
];

/// llama.cpp, set up once in a process.
pub fn backend() -> Done<&'static LlamaBackend> {
    static BACKEND: OnceLock<Result<LlamaBackend, String>> = OnceLock::new();
    let made = BACKEND.get_or_init(|| {
        check_processor()?;
        send_logs_to_tracing(LogOptions::default().with_logs_enabled(false));
        LlamaBackend::init().map_err(|error| format!("llama.cpp does not start: {error}"))
    });
    made.as_ref()
        .map_err(|error| LlmError::BadModel(error.clone()))
}

/// It is compiled for processors that have AVX2, and would end the process on others.
fn check_processor() -> Result<(), String> {
    #[cfg(target_arch = "x86_64")]
    {
        let has = std::is_x86_feature_detected!("avx2")
            && std::is_x86_feature_detected!("fma")
            && std::is_x86_feature_detected!("f16c")
            && std::is_x86_feature_detected!("bmi2");
        if !has {
            return Err("it takes a processor with AVX2, FMA, F16C and BMI2".into());
        }
    }
    Ok(())
}

/// Maps the weights.
pub fn load(backend: &LlamaBackend, path: &Path) -> Done<LlamaModel> {
    let params = LlamaModelParams::default().with_n_gpu_layers(0);
    LlamaModel::load_from_file(backend, path, &params)
        .map_err(|_| LlmError::BadModel("llama.cpp does not take its file".into()))
}

/// A model and the conversation it last had, whose beginning the next one may share.
pub struct Engine<'m> {
    model: &'m LlamaModel,
    context: LlamaContext<'m>,
    template: Template,
    batch: LlamaBatch<'static>,
    /// What the context holds.
    held: Vec<LlamaToken>,
    /// What a call may begin with, sorted.
    openers: Vec<LlamaToken>,
}

/// How an answer ended, or that nobody waits for it.
enum Ended {
    Said(Finish),
    Left,
}

impl<'m> Engine<'m> {
    /// With an empty context.
    pub fn new(model: &'m LlamaModel, header: &Header, settings: &LocalSettings) -> Done<Self> {
        let most = header.context.unwrap_or(u64::MAX).max(256);
        let size = most.min(settings.local_llm_context.into()) as u32;
        let threads = i32::from(settings.local_llm_threads);
        let params = LlamaContextParams::default()
            .with_n_ctx(NonZeroU32::new(size))
            .with_n_batch(STEP as u32)
            .with_n_ubatch(STEP as u32)
            .with_n_threads(threads)
            .with_n_threads_batch(threads);
        let context = model.new_context(backend()?, params).map_err(|_| {
            LlmError::BadModel(format!("there is no memory for {size} tokens of context"))
        })?;
        let vocab = model.vocab();
        let text =
            |token| String::from_utf8_lossy(&vocab.token_to_piece(token, true, None)).into_owned();
        let mut reserved: Vec<String> = MARKS.map(str::to_owned).to_vec();
        let control = vocab.tokens().filter(|token| vocab.is_control(*token));
        reserved.extend(control.map(text).filter(|text| text.len() > 1));
        let (start, end) = (text(vocab.bos()), text(vocab.eos()));
        let opens =
            |token: &LlamaToken| call::begins_bare(&vocab.token_to_piece(*token, true, None));
        Ok(Engine {
            template: Template::new(&header.template, reserved, start, end)?,
            model,
            context,
            batch: LlamaBatch::new(STEP, 1),
            held: Vec::new(),
            openers: vocab.tokens().filter(opens).collect(),
        })
    }

    /// Tokens of prompt and answer together.
    pub fn context(&self) -> u32 {
        self.context.n_ctx()
    }

    /// Answers, telling each part as it is made; ends early when nobody waits for it. The answer is
    /// over once the job is dropped, which is why it is taken.
    pub fn answer(&mut self, job: Job) {
        let begun = std::time::Instant::now();
        let mut usage = Usage::default();
        let ended = self.run(&job, &mut usage);
        if ended.is_err() {
            // Whatever happened to it: the next request begins with an empty one.
            self.context.clear_kv_cache();
            self.held.clear();
        }
        tracing::debug!(
            input = usage.input,
            cached = usage.cached,
            output = usage.output,
            ms = begun.elapsed().as_millis() as u64,
            "the local model answered"
        );
        match ended {
            Ok(Ended::Said(finish)) => job.tell(Ok(Event::End { usage, finish })),
            Ok(Ended::Left) => false,
            Err(error) => job.tell(Err(error)),
        };
    }

    fn run(&mut self, job: &Job, usage: &mut Usage) -> Done<Ended> {
        let request = &job.request;
        let wanted = request.max_tokens.unwrap_or(fit::ANSWER).max(1);
        let size = self.context.n_ctx();
        let room = (size - wanted.min(size / 4)) as usize;
        let Prompt { tokens, dropped } =
            fit::prompt(&self.template, request, room, |text| self.tokens(text))?;
        if dropped > 0 {
            tracing::info!(
                dropped,
                kept = request.messages.len() - dropped,
                context = size,
                "the conversation is longer than LOCAL_LLM_CONTEXT; its oldest messages were left out"
            );
        }
        usage.input = tokens.len() as u64;
        if !self.read(&tokens, job, usage)? {
            return Ok(Ended::Left);
        }
        let most = wanted.min(size - tokens.len() as u32);
        self.speak(job, most, usage)
    }

    /// The prompt's tokens; its marks are marks, since [`Template`] broke those in anybody's words.
    fn tokens(&self, text: &str) -> Vec<LlamaToken> {
        let vocab = self.model.vocab();
        let mut tokens = vocab.tokenize(text.as_bytes(), false, true);
        if vocab.should_add_bos() && tokens.first() != Some(&vocab.bos()) {
            tokens.insert(0, vocab.bos());
        }
        tokens
    }

    /// Reads the prompt, but for the beginning that the context still holds. False when nobody waits.
    fn read(&mut self, tokens: &[LlamaToken], job: &Job, usage: &mut Usage) -> Done<bool> {
        let same = self
            .held
            .iter()
            .zip(tokens)
            .take_while(|(a, b)| a == b)
            .count();
        // The last one is read again: its logits are wanted.
        let mut same = same.min(tokens.len().saturating_sub(1));
        let kept = self
            .context
            .clear_kv_cache_seq(Some(0), Some(same as u32), None);
        if !matches!(kept, Ok(true)) {
            // Models with a state that cannot be shortened.
            self.context.clear_kv_cache();
            same = 0;
        }
        self.held.truncate(same);
        usage.cached = same as u64;
        for step in tokens[same..].chunks(STEP) {
            if job.left() {
                return Ok(false);
            }
            self.take(step)?;
        }
        Ok(true)
    }

    /// Adds tokens to the context; the last one's logits can be sampled from.
    fn take(&mut self, tokens: &[LlamaToken]) -> Done<()> {
        self.batch.clear();
        for (at, token) in tokens.iter().enumerate() {
            let place = (self.held.len() + at) as i32;
            self.batch
                .add(*token, place, &[0], at + 1 == tokens.len())
                .map_err(|error| broken(error.to_string()))?;
        }
        self.context
            .decode(&mut self.batch)
            .map_err(|error| broken(error.to_string()))?;
        self.held.extend_from_slice(tokens);
        Ok(())
    }

    /// Says the answer.
    fn speak(&mut self, job: &Job, most: u32, usage: &mut Usage) -> Done<Ended> {
        let request = &job.request;
        let mut sampler = Sampler::new(
            self.model,
            request.temperature,
            grammar(request)?.as_deref(),
        )?;
        let mut marks = request.stop.clone();
        let tools = !request.tools.is_empty();
        if tools {
            marks.push(call::BEGIN.to_owned());
        }
        let begin = marks.len() - usize::from(tools);
        // Small models would call the same tool again and again: after a result they have to speak.
        let told = tools && matches!(request.messages.last(), Some(Message::ToolResult { .. }));
        let mut spoken = Spoken::until(marks);
        let vocab = self.model.vocab();
        for _ in 0..most {
            let never = if usage.output == 0 && told {
                &self.openers[..]
            } else {
                &[]
            };
            let token = sampler.next(&self.context, never)?;
            if vocab.is_eog(token) {
                job.tell_text(spoken.rest());
                return Ok(Ended::Said(Finish::Complete));
            }
            usage.output += 1;
            let piece = vocab.token_to_piece(token, tools, None);
            if tools && usage.output == 1 && call::begins_bare(&piece) {
                return self.call(job, &self.tokens(call::BEGIN), most, usage);
            }
            let part = spoken.hear(&piece);
            job.tell_text(part.text);
            match part.reached {
                Some(at) if tools && at == begin => return self.call(job, &[token], most, usage),
                Some(_) => return Ok(Ended::Said(Finish::Complete)),
                None if job.left() => return Ok(Ended::Left),
                None => self.take(&[token])?,
            }
        }
        job.tell_text(spoken.rest());
        Ok(Ended::Said(Finish::Length))
    }

    /// Writes a call, after the mark before it; one an answer.
    fn call(
        &mut self,
        job: &Job,
        mark: &[LlamaToken],
        most: u32,
        usage: &mut Usage,
    ) -> Done<Ended> {
        let grammar = call::grammar(&job.request.tools).map_err(|why| refused(400, why))?;
        let mut sampler = Sampler::new(self.model, job.request.temperature, Some(&grammar))?;
        self.take(mark)?;
        let mut text = Vec::new();
        while usage.output < most.into() {
            if job.left() {
                return Ok(Ended::Left);
            }
            let token = sampler.next(&self.context, &[])?;
            usage.output += 1;
            text.extend(self.model.vocab().token_to_piece(token, false, None));
            let id = format!("call_{:08x}", rand::random::<u32>());
            if let Some(call) = call::read(&String::from_utf8_lossy(&text), id) {
                job.tell(Ok(Event::Call(call)));
                return Ok(Ended::Said(Finish::Calls));
            }
            self.take(&[token])?;
        }
        Err(broken(
            "the call of a tool is longer than the answer may be",
        ))
    }
}

/// The grammar of the answer, where it is JSON.
fn grammar(request: &Request) -> Done<Option<String>> {
    match &request.output {
        Output::Text => Ok(None),
        Output::Json { .. } if !request.tools.is_empty() => Err(refused(
            400,
            "a local model answers with JSON of a schema or calls tools, not both",
        )),
        Output::Json { schema, .. } => schema::grammar(schema)
            .map(Some)
            .map_err(|why| refused(400, why)),
    }
}
