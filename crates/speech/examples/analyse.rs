//! What the measures of speaking say of speakers whose fluency is known apart.
//!
//! `cargo run --release -p speech --example analyse -- --models DIR --library LIB MODEL list.tsv`
//! takes lines of `wav <tab> group <tab> speaker` (16 kHz, mono, 16 bits), recognises them with the
//! times of their words, joins the recordings of each speaker and prints the measures of each, then
//! of each pair of groups how often a speaker of the first has the greater one (area under the curve;
//! 0.5 is chance).

mod wav;

use anyhow::Context;
use clap::Parser;
use inference::{DevicePreference, Runtime, RuntimeConfig};
use speech::{DecodeOptions, Engine, EngineOptions, ModelKind, SpeechSegment};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use text::fluency::{SpeechMeasures, analyse};
use text::{TimedWord, Utterance};

#[derive(Parser)]
struct Arguments {
    /// Folder with one folder per model.
    #[arg(long)]
    models: PathBuf,
    /// Shared library of ONNX Runtime.
    #[arg(long)]
    library: PathBuf,
    model: String,
    list: PathBuf,
}

/// Seconds between recordings of a speaker: more than any pause.
const APART_S: f64 = 30.0;

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let runtime = Runtime::start(RuntimeConfig {
        library: arguments.library.clone(),
        cuda_libraries: None,
        device: DevicePreference::Cpu,
        threads: 1,
    })?;
    let kind = match arguments.model.starts_with("whisper") {
        true => ModelKind::Whisper,
        false => ModelKind::Moonshine,
    };
    let folder = arguments.models.join(&arguments.model);
    let engine = Engine::load(
        &runtime,
        &arguments.model,
        kind,
        &folder,
        EngineOptions::default(),
    )?;
    let options = DecodeOptions {
        language: Some("en".parse()?),
        word_timestamps: true,
        beam_width: engine.recommended_beam(),
        ..DecodeOptions::default()
    };
    let executor = tokio::runtime::Builder::new_current_thread().build()?;
    let mut speakers: BTreeMap<(String, String), Vec<Utterance>> = BTreeMap::new();
    for line in std::fs::read_to_string(&arguments.list)?.lines() {
        let mut columns = line.split('\t');
        let mut next = || columns.next().context("a line of fewer than three columns");
        let (file, group, speaker) = (next()?, next()?, next()?);
        let segment = Arc::new(SpeechSegment::whole(wav::read(Path::new(file))?));
        let heard = executor.block_on(engine.transcribe(segment, &options))?;
        let utterances = speakers
            .entry((group.to_owned(), speaker.to_owned()))
            .or_default();
        let at = utterances.last().map_or(0.0, |u| u.end + APART_S);
        let words: Vec<TimedWord> = heard
            .words
            .iter()
            .map(|word| TimedWord {
                word: word.text.clone(),
                start: at + word.start_s,
                end: at + word.end_s,
            })
            .collect();
        let end = words.last().map_or(at, |word| word.end);
        utterances.push(Utterance {
            text: heard.text.clone(),
            start: at,
            end,
            words,
            label: None,
        });
    }
    let mut groups: BTreeMap<&str, Vec<[Option<f64>; 7]>> = BTreeMap::new();
    println!("| group | speaker | {} |", NAMES.join(" | "));
    println!("|---|---|{}", "---|".repeat(NAMES.len()));
    for ((group, speaker), utterances) in &speakers {
        let values = values(&analyse(utterances, "en").speech);
        println!(
            "| {group} | {speaker} | {} |",
            values.map(shown).join(" | ")
        );
        groups.entry(group).or_default().push(values);
    }
    for (a, first) in &groups {
        for (b, second) in groups.iter().filter(|(b, _)| *b > a) {
            let areas: Vec<String> = (0..NAMES.len())
                .map(|i| shown(area(&column(first, i), &column(second, i))))
                .collect();
            println!("| {a} over {b} | | {} |", areas.join(" | "));
        }
    }
    Ok(())
}

const NAMES: [&str; 7] = [
    "lexical fluency",
    "vocabulary range",
    "grammar score",
    "words a minute",
    "syllables a second",
    "pauses a minute",
    "repairs",
];

fn values(m: &SpeechMeasures) -> [Option<f64>; 7] {
    [
        m.lexical_fluency,
        m.vocabulary_range,
        m.grammar_score,
        m.pace.words_per_minute,
        m.pace.articulation_rate,
        m.pauses.per_minute,
        m.repairs.map(|r| (r.repetitions + r.false_starts) as f64),
    ]
}

fn column(rows: &[[Option<f64>; 7]], i: usize) -> Vec<f64> {
    rows.iter().filter_map(|row| row[i]).collect()
}

/// How often one of the first is the greater one, ties by half.
fn area(first: &[f64], second: &[f64]) -> Option<f64> {
    let pairs = first.len() * second.len();
    let wins: f64 = first
        .iter()
        .flat_map(|a| second.iter().map(move |b| a.total_cmp(b)))
        .map(|order| match order {
            std::cmp::Ordering::Less => 0.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Greater => 1.0,
        })
        .sum();
    (pairs > 0).then(|| wins / pairs as f64)
}

fn shown(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.2}"))
}
