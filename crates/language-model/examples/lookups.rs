//! What a model costs: time to open it, memory that looking words up brings in, time a word.
//!
//! `cargo run --release -p language-model --example lookups -- MODEL.klm [TEXT]`: scores every line
//! of TEXT (one sentence a line; without it, a hundred thousand words drawn from a few sentences).

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;
use std::{env, fs};

use language_model::LanguageModel;

const SENTENCES: &str = "good morning how can i help you\nthe order number is four seven two\n\
    i would like to talk about the weather in new york\nshe was the first woman in the senate";

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let Some(model) = arguments.next() else {
        eprintln!("usage: lookups MODEL [TEXT]");
        return ExitCode::from(2);
    };
    let text = match arguments.next() {
        Some(path) => fs::read_to_string(path).expect("the text can be read"),
        None => [SENTENCES; 3000].join("\n"),
    };
    let before = resident();
    let start = Instant::now();
    let model = match LanguageModel::open(Path::new(&model)) {
        Ok(model) => model,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    let opened = start.elapsed();
    println!(
        "order {}, {:?} n-grams; opened in {:.1} ms, {} MB resident",
        model.order(),
        model.counts(),
        opened.as_secs_f64() * 1e3,
        (resident() - before) / 1024
    );
    let (mut words, mut unknown, mut ln_prob) = (0u64, 0u64, 0.0);
    let start = Instant::now();
    for line in text.lines() {
        let mut state = model.begin();
        for word in line.split_whitespace() {
            let scored = model.score(&state, word);
            words += 1;
            unknown += u64::from(!scored.known);
            ln_prob += f64::from(scored.ln_prob);
            state = scored.state;
        }
        words += 1;
        ln_prob += f64::from(model.end(&state));
    }
    let spent = start.elapsed();
    println!(
        "{words} words ({unknown} unknown) at {:.2} us; perplexity {:.1}; {} MB resident",
        spent.as_secs_f64() * 1e6 / words as f64,
        (-ln_prob / words as f64).exp(),
        (resident() - before) / 1024
    );
    ExitCode::SUCCESS
}

/// kB of this process in memory, mapped files included (Linux).
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}
