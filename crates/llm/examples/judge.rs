//! Asks local models the ten prompts of `data/judge.toml` and prints what they got right, their memory, and their
//! speed in seconds of the processor, which with one thread is the clock's on a quiet machine.
//!
//!     cargo run --release -p llm --features local --example judge -- [ids or .gguf files]

use clap::Parser;
use futures::StreamExt;
use llm::{Event, Llm, Message, Output, ProviderKind, Request, Settings, Usage};
use serde::Deserialize;
use serde_json::Value;

const PROMPTS: &str = include_str!("../data/judge.toml");
/// Longest answer in tokens.
const LONGEST: u32 = 160;

#[derive(Parser)]
struct Arguments {
    /// Models: ids of manifests, or paths of .gguf files
    #[arg(default_values = ["qwen2-5-coder-1-5b", "qwen2-5-coder-0-5b"])]
    models: Vec<String>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Deserialize)]
struct File {
    system: String,
    prompt: Vec<Prompt>,
}

#[derive(Deserialize)]
struct Prompt {
    name: String,
    /// The person and the model in turn.
    turns: Vec<String>,
    #[serde(default)]
    has: Vec<String>,
    #[serde(default)]
    lacks: Vec<String>,
    words: Option<usize>,
    same: Option<String>,
    schema: Option<String>,
    json: Option<String>,
}

impl Prompt {
    fn request(&self, system: &str) -> anyhow::Result<Request> {
        let turns = self.turns.iter().enumerate();
        let messages = turns.map(|(at, text)| match at % 2 {
            0 => Message::User(text.trim().to_owned()),
            _ => Message::Assistant {
                text: text.clone(),
                calls: Vec::new(),
            },
        });
        let output = match &self.schema {
            Some(schema) => Output::Json {
                name: "answer",
                schema: serde_json::from_str(schema)?,
            },
            None => Output::Text,
        };
        Ok(Request {
            system: Some(system.to_owned()),
            messages: messages.collect(),
            output,
            max_tokens: Some(LONGEST),
            temperature: Some(0.0),
            ..Request::default()
        })
    }

    /// Why the answer is wrong.
    fn wrong(&self, answer: &str) -> Option<String> {
        let answer = answer.trim().to_lowercase().replace('\u{2019}', "'");
        let bare = answer.trim_end_matches('.');
        if let Some(same) = self
            .same
            .as_ref()
            .filter(|same| same.to_lowercase() != bare)
        {
            return Some(format!("is not `{same}`"));
        }
        if let Some(json) = &self.json {
            let given: Option<Value> = serde_json::from_str(&answer).ok();
            let wanted: Option<Value> = serde_json::from_str(&json.to_lowercase()).ok();
            return (given.is_none() || given != wanted).then(|| format!("is not {json}"));
        }
        let missing = |any: &&String| {
            !any.split('|')
                .any(|text| answer.contains(&text.to_lowercase()))
        };
        if let Some(any) = self.has.iter().find(missing) {
            return Some(format!("lacks `{any}`"));
        }
        if let Some(text) = self
            .lacks
            .iter()
            .find(|text| answer.contains(text.as_str()))
        {
            return Some(format!("has `{text}`"));
        }
        let count = answer.split_whitespace().count();
        let most = self.words.filter(|most| count > *most)?;
        Some(format!("has {count} words, at most {most}"))
    }
}

/// Tokens and the seconds of the processor that they took: of the clock's, others would have a part.
#[derive(Default)]
struct Rate {
    tokens: u64,
    took: f64,
}

impl Rate {
    fn add(&mut self, tokens: u64, took: f64) {
        self.tokens += tokens;
        self.took += took;
    }

    fn per_second(&self) -> f64 {
        self.tokens as f64 / self.took.max(0.01)
    }
}

/// Seconds that this program has computed: user and system time, in hundredths wherever Linux runs.
fn computed() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
    let times = fields.split(' ').skip(11).take(2);
    times
        .filter_map(|time| time.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let file: File = toml::from_str(PROMPTS)?;
    for model in &arguments.models {
        let mut settings = arguments.settings.clone();
        settings.llm_provider = Some(ProviderKind::Local);
        settings.llm_total_seconds = 600;
        settings.local.local_llm_model.clone_from(model);
        judge(model, &Llm::new(&settings)?, &file).await?;
    }
    Ok(())
}

async fn judge(model: &str, llm: &Llm, file: &File) -> anyhow::Result<()> {
    // Loaded before anything is timed.
    llm.complete(&Request::user("Hi")).await?;
    let (mut read, mut written) = (Rate::default(), Rate::default());
    let mut right = 0;
    println!("\n{model}\n");
    for prompt in &file.prompt {
        let began = computed();
        let mut answer = llm.stream(&prompt.request(&file.system)?).await?;
        let (mut text, mut usage, mut first) = (String::new(), Usage::default(), began);
        while let Some(event) = answer.next().await {
            match event? {
                Event::Text(part) => {
                    if text.is_empty() {
                        first = computed();
                    }
                    text.push_str(&part);
                }
                Event::End { usage: cost, .. } => usage = cost,
                Event::Call(_) => {}
            }
        }
        read.add(usage.input - usage.cached, first - began);
        written.add(usage.output.saturating_sub(1), computed() - first);
        let wrong = prompt.wrong(&text);
        right += usize::from(wrong.is_none());
        let verdict = wrong.map_or("right".to_owned(), |why| format!("WRONG, {why}"));
        println!(
            "- {}: {verdict}\n  {}",
            prompt.name,
            text.trim().replace('\n', " / ")
        );
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let memory = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok())
            .unwrap_or(0)
            / 1024
    };
    println!(
        "\n| model | right of {} | prompt tokens/CPU s | answer tokens/CPU s | memory MB | of it mapped from the file |\n|---|---|---|---|---|---|\n\
         | {model} | {right} | {:.0} | {:.0} | {} | {} |",
        file.prompt.len(),
        read.per_second(),
        written.per_second(),
        memory("VmRSS:"),
        memory("RssFile:")
    );
    Ok(())
}
