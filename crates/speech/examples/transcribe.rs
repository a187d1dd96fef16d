//! Transcribes WAV files (16 kHz, mono, 16 bits) and tells what it cost.
//!
//! `cargo run --release -p speech --example transcribe -- --models DIR --library LIB MODEL a.wav b.wav`
//! prints `path <tab> text` for each file and a line of figures to standard error.

mod wav;

use anyhow::Context;
use clap::Parser;
use inference::{DevicePreference, Runtime, RuntimeConfig};
use language_model::LanguageModel;
use speech::{
    DecodeOptions, Engine, EngineOptions, Fusion, Hotwords, Language, LmWeights, ModelKind,
    SpeechSegment, VoiceActivity,
};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[derive(Parser)]
struct Arguments {
    /// Folder with one folder per model.
    #[arg(long)]
    models: PathBuf,
    /// Shared library of ONNX Runtime.
    #[arg(long)]
    library: PathBuf,
    #[arg(long, default_value_t = 2)]
    threads: usize,
    #[arg(long, default_value_t = 1)]
    workers: usize,
    /// Workers compute on their own thread alone.
    #[arg(long)]
    single: bool,
    #[arg(long, default_value_t = 4)]
    batch: usize,
    /// Segments of a file in flight at once.
    #[arg(long, default_value_t = 8)]
    in_flight: usize,
    #[arg(long, default_value_t = 1)]
    beam: usize,
    /// A language model: a file of KenLM's, or an ARPA file.
    #[arg(long)]
    lm: Option<PathBuf>,
    /// What a nat of the language model, and a word, are worth: the model's own measure, if not given.
    #[arg(long)]
    alpha: Option<f32>,
    #[arg(long)]
    beta: Option<f32>,
    /// Words to listen for, separated by commas.
    #[arg(long, value_delimiter = ',')]
    hotwords: Vec<String>,
    #[arg(long, default_value_t = 10.0)]
    hotword_weight: f32,
    /// Alternatives of each segment to print.
    #[arg(long, default_value_t = 1)]
    n_best: usize,
    /// Print words with times and confidence.
    #[arg(long)]
    words: bool,
    /// Tell word times by attention alone, where the model has an aligner.
    #[arg(long)]
    attention: bool,
    /// Print each segment.
    #[arg(long)]
    segments: bool,
    /// Take each file as one segment, without voice activity.
    #[arg(long)]
    whole: bool,
    #[arg(long)]
    language: Option<Language>,
    #[arg(long)]
    device: Option<DevicePreference>,
    /// Repeat all files this many times.
    #[arg(long, default_value_t = 1)]
    repeat: usize,
    #[arg(long)]
    min_silence: Option<f64>,
    #[arg(long)]
    max_segment: Option<f64>,
    #[arg(long)]
    padding: Option<f64>,
    model: String,
    wavs: Vec<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let async_runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    async_runtime.block_on(run(arguments))
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let begun = Instant::now();
    let runtime = Runtime::start(RuntimeConfig {
        library: arguments.library.clone(),
        cuda_libraries: None,
        device: arguments.device.unwrap_or(DevicePreference::Cpu),
        threads: arguments.threads,
    })?;
    let activity = VoiceActivity::load(&runtime, &arguments.models.join("silero-vad/vad.onnx"), 1)?;
    let kind = if arguments.model.starts_with("whisper") {
        ModelKind::Whisper
    } else if arguments.model.contains("ctc") {
        ModelKind::Ctc
    } else {
        ModelKind::Moonshine
    };
    let options = EngineOptions {
        workers: arguments.workers,
        single_thread: arguments.single,
        queue: 1024,
        max_batch: arguments.batch,
        aligner: !arguments.attention,
    };
    let engine = Engine::load(
        &runtime,
        &arguments.model,
        kind,
        &arguments.models.join(&arguments.model),
        options,
    )?;
    let (load, loaded_kb) = (begun.elapsed(), resident_kb());
    let engine = Arc::new(engine);
    let decode = DecodeOptions {
        language: arguments.language,
        word_timestamps: arguments.words,
        beam_width: arguments.beam,
        n_best: arguments.n_best,
        fusion: fusion(&arguments, kind)?.map(Arc::new),
        ..DecodeOptions::default()
    };
    let (mut seconds, mut vad, mut slowest) = (0.0, Duration::ZERO, Duration::ZERO);
    let begun = Instant::now();
    for _ in 0..arguments.repeat {
        for path in &arguments.wavs {
            let samples = wav::read(path)?;
            seconds += samples.len() as f64 / 16_000.0;
            let started = Instant::now();
            let segments = if arguments.whole {
                vec![SpeechSegment::whole(samples)]
            } else {
                let mut options = engine.segmenter_options();
                options.min_silence_s = arguments.min_silence.unwrap_or(options.min_silence_s);
                options.max_segment_s = arguments.max_segment.unwrap_or(options.max_segment_s);
                options.padding_s = arguments.padding.unwrap_or(options.padding_s);
                let mut segmenter = activity.segmenter(options);
                let mut segments = Vec::new();
                for block in samples.chunks(16_000) {
                    segments.extend(segmenter.push(block)?);
                }
                segments.extend(segmenter.finish()?);
                vad += segmenter.busy();
                segments
            };
            let text = transcribe(&engine, segments, &decode, &arguments).await?;
            slowest = slowest.max(started.elapsed());
            println!("{}\t{text}", path.display());
        }
    }
    let wall = begun.elapsed();
    eprintln!(
        "{}: {seconds:.1} s of audio in {:.2} s: RTF {:.4} (VAD {:.4}, CPU {:.4}), slowest file {:.2} s, load {:.2} s, resident {} MB (loaded {} MB)",
        arguments.model,
        wall.as_secs_f64(),
        wall.as_secs_f64() / seconds,
        vad.as_secs_f64() / seconds,
        cpu_seconds() / seconds,
        slowest.as_secs_f64(),
        load.as_secs_f64(),
        resident_kb() / 1024,
        loaded_kb / 1024,
    );
    Ok(())
}

/// What the arguments say of a language model and of hotwords.
fn fusion(arguments: &Arguments, kind: ModelKind) -> anyhow::Result<Option<Fusion>> {
    let model = arguments
        .lm
        .as_deref()
        .map(LanguageModel::open)
        .transpose()?;
    let hotwords = Hotwords::new(&arguments.hotwords)?;
    if model.is_none() && hotwords.is_empty() {
        return Ok(None);
    }
    let weights = kind.lm_weights();
    Ok(Some(Fusion {
        language_model: model.map(Arc::new),
        weights: LmWeights {
            alpha: arguments.alpha.unwrap_or(weights.alpha),
            beta: arguments.beta.unwrap_or(weights.beta),
            ..weights
        },
        hotwords: Some(Arc::new(hotwords)),
        hotword_weight: arguments.hotword_weight,
        ..Fusion::default()
    }))
}

async fn transcribe(
    engine: &Arc<Engine>,
    segments: Vec<SpeechSegment>,
    decode: &DecodeOptions,
    arguments: &Arguments,
) -> anyhow::Result<String> {
    let mut texts = Vec::new();
    let mut segments = segments.into_iter().map(Arc::new);
    let mut running = std::collections::VecDeque::new();
    loop {
        while running.len() < arguments.in_flight {
            let Some(segment) = segments.next() else {
                break;
            };
            let (engine, decode, part) = (engine.clone(), decode.clone(), segment.clone());
            let task = tokio::spawn(async move { engine.transcribe(part, &decode).await });
            running.push_back((segment, task));
        }
        let Some((segment, task)) = running.pop_front() else {
            break;
        };
        let heard = task.await.context("the task ended")??;
        if arguments.segments {
            println!(
                "# {:.2}-{:.2} {} conf {:.2} logprob {:.2} nospeech {:.2} ratio {:.2} T {} {:?} | {} | {}",
                segment.start_s,
                segment.end_s(),
                heard.language,
                heard.confidence,
                heard.avg_logprob,
                heard.no_speech_prob,
                heard.compression_ratio,
                heard.temperature,
                heard.rejected,
                heard.text,
                heard.raw_text,
            );
        }
        for other in &heard.alternatives {
            println!(
                "= {:.3} {:.2} {}",
                other.confidence, other.score, other.text
            );
        }
        for word in &heard.words {
            println!(
                "@\t{:.3}\t{:.3}\t{}\t{:.3}",
                word.start_s, word.end_s, word.text, word.confidence
            );
        }
        texts.push(heard.text);
    }
    texts.retain(|text| !text.is_empty());
    Ok(texts.join(" "))
}

fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse().ok())
        .unwrap_or(0)
}

/// CPU time of the process so far (100 ticks a second).
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}
