//! Fits the map from token probabilities to the probability that a word is right.
//!
//! `cargo run --release -p speech --example calibrate -- --models DIR --library LIB MODEL list.tsv`
//! takes lines of `wav <tab> transcript` (16 kHz, mono, 16 bits), decodes them, marks each word
//! right or wrong by alignment with the transcript, fits a logistic map on two files of three and
//! prints it as a table for `data/calibration.toml`, with the calibration error on the others.

mod wav;

use anyhow::Context;
use clap::Parser;
use inference::{DevicePreference, Runtime, RuntimeConfig};
use speech::{DecodeOptions, Engine, EngineOptions, ModelKind, SpeechSegment};
use std::path::{Path, PathBuf};
use std::sync::Arc;

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

/// Features (a one, then the word's evidence) and whether the word was right.
type Sample = ([f64; 4], bool);

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let (library, device) = (arguments.library.clone(), DevicePreference::Cpu);
    let runtime = Runtime::start(RuntimeConfig {
        library,
        cuda_libraries: None,
        device,
        threads: 2,
    })?;
    let kind = if arguments.model.starts_with("whisper") {
        ModelKind::Whisper
    } else {
        ModelKind::Moonshine
    };
    let dir = arguments.models.join(&arguments.model);
    let engine = Engine::load(
        &runtime,
        &arguments.model,
        kind,
        &dir,
        EngineOptions::default(),
    )?;
    let language = Some("en".parse()?);
    let beam_width = engine.recommended_beam();
    let options = DecodeOptions {
        language,
        word_timestamps: true,
        beam_width,
        ..DecodeOptions::default()
    };
    let executor = tokio::runtime::Builder::new_current_thread().build()?;
    let (mut train, mut test) = (Vec::new(), Vec::new());
    for (index, line) in std::fs::read_to_string(&arguments.list)?
        .lines()
        .enumerate()
    {
        let (wav, transcript) = line.split_once('\t').context("a line without a tab")?;
        let segment = Arc::new(SpeechSegment::whole(wav::read(Path::new(wav))?));
        let heard = executor.block_on(engine.transcribe(segment, &options))?;
        let words: Vec<String> = heard.words.iter().map(|word| plain(&word.text)).collect();
        let right = matches(
            &words,
            &transcript.split_whitespace().map(plain).collect::<Vec<_>>(),
        );
        let samples = heard.words.iter().zip(right).map(|(word, right)| {
            let [mean, least, segment] = word.evidence.map(f64::from);
            ([1.0, mean, least, segment], right)
        });
        if index % 3 == 2 {
            test.extend(samples)
        } else {
            train.extend(samples)
        }
    }
    let fitted = fit(&train);
    let (before, after) = (error(&test, &[0.0, 1.0, 0.0, 0.0]), error(&test, &fitted));
    let right = test.iter().filter(|(_, right)| *right).count() as f64 / test.len() as f64;
    println!("[{}]", arguments.model);
    println!(
        "# {} words to fit, {} held out ({:.1} % right)",
        train.len(),
        test.len(),
        right * 100.0
    );
    println!(
        "# held-out expected calibration error {after:.3} (plain token probabilities {before:.3})"
    );
    for (name, value) in ["bias", "word", "least", "segment"].iter().zip(fitted) {
        println!("{name} = {value:.4}");
    }
    Ok(())
}

/// Logistic regression by gradient descent, lightly regularised; more evidence never means less.
fn fit(samples: &[Sample]) -> [f64; 4] {
    let mut weights = [0.0, 0.5, 0.1, 0.1];
    for _ in 0..30_000 {
        let mut gradient = [0.0; 4];
        for (features, right) in samples {
            let miss = sigmoid(features, &weights) - f64::from(u8::from(*right));
            for (slope, x) in gradient.iter_mut().zip(features) {
                *slope += miss * x / samples.len() as f64;
            }
        }
        for (i, weight) in weights.iter_mut().enumerate() {
            let pull = if i == 0 { 0.0 } else { 1e-3 * *weight };
            *weight -= 0.05 * (gradient[i] + pull);
            if i > 0 {
                *weight = weight.max(0.0);
            }
        }
    }
    weights
}

fn sigmoid(features: &[f64; 4], weights: &[f64; 4]) -> f64 {
    1.0 / (1.0
        + (-features
            .iter()
            .zip(weights)
            .map(|(x, w)| x * w)
            .sum::<f64>())
        .exp())
}

/// Expected calibration error over ten bins of equal width.
fn error(samples: &[Sample], weights: &[f64; 4]) -> f64 {
    let mut bins = [(0.0, 0.0); 10];
    for (features, right) in samples {
        let p = sigmoid(features, weights);
        let bin = &mut bins[((p * 10.0) as usize).min(9)];
        bin.0 += p;
        bin.1 += f64::from(u8::from(*right));
    }
    bins.iter()
        .map(|(said, was)| (said - was).abs())
        .sum::<f64>()
        / samples.len().max(1) as f64
}

fn plain(word: &str) -> String {
    word.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// For each word heard, whether the cheapest alignment with the transcript finds it right.
fn matches(heard: &[String], said: &[String]) -> Vec<bool> {
    let width = said.len() + 1;
    let mut cost = vec![0usize; (heard.len() + 1) * width];
    for i in 0..=heard.len() {
        for j in 0..width {
            cost[i * width + j] = match (i, j) {
                (0, _) => j,
                (_, 0) => i,
                _ => {
                    let swap =
                        cost[(i - 1) * width + j - 1] + usize::from(heard[i - 1] != said[j - 1]);
                    swap.min(cost[(i - 1) * width + j] + 1)
                        .min(cost[i * width + j - 1] + 1)
                }
            };
        }
    }
    let (mut i, mut j, mut right) = (heard.len(), said.len(), vec![false; heard.len()]);
    while i > 0 && j > 0 {
        let same = heard[i - 1] == said[j - 1];
        if cost[i * width + j] == cost[(i - 1) * width + j - 1] + usize::from(!same) {
            right[i - 1] = same;
            (i, j) = (i - 1, j - 1);
        } else if cost[i * width + j] == cost[(i - 1) * width + j] + 1 {
            i -= 1;
        } else {
            j -= 1;
        }
    }
    right
}
