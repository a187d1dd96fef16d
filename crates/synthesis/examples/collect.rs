//! What the regression of the generator's statistics is fitted on: speaks texts in all voices whole,
//! and writes features and statistics. `measure/fit_statistics.py` fits them.
//!
//! `cargo run --release -p synthesis --example collect -- TEXTS LANGUAGE OUT [PER_VOICE] [SEED] [LONGEST]`

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use inference::ort::session::Session;
use inference::ort::value::TensorRef;
use inference::{DevicePreference, Runtime, RuntimeConfig, SessionOptions};
use model_store::Store;
use model_store::recipes::kokoro::Kokoro;
use synthesis::kokoro::{GraphFiles, Graphs, Plane, Run, STYLE, Styles};
use synthesis::phonemes::{self, Pronunciations};
use synthesis::spoken::spoken;
use synthesis::{Language, LanguageFiles, Languages, Voices};

/// A small generator of numbers that gives the same ones everywhere (Steele et al. 2014).
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn below(&mut self, n: usize) -> usize {
        ((self.next() * n as f64) as usize).min(n - 1)
    }
}

/// One to 400 characters, as many short texts as long ones on a scale of powers.
fn text(random: &mut SplitMix, sentences: &[&str], longest: f64) -> String {
    let length = longest.powf(random.next()) as usize;
    let mut text = String::new();
    if length < 20 && random.next() < 0.4 {
        let short = |sentence: &&&str| sentence.chars().count() <= 20;
        let near: Vec<&&str> = sentences.iter().filter(short).collect();
        return (*near[random.below(near.len())]).to_owned();
    }
    if length < 20 {
        return some_words(random, sentences, length);
    }
    while text.chars().count() < length {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(sentences[random.below(sentences.len())]);
    }
    // Half of them end where the length says, as clauses do.
    if random.next() < 0.5 {
        let cut = text
            .char_indices()
            .find(|(at, c)| *at >= length && *c == ' ');
        text.truncate(cut.map_or(text.len(), |(at, _)| at));
        if random.next() < 0.7 {
            text = text
                .trim_end_matches(['.', ',', ';', ':', '!', '?'])
                .to_owned()
                + ",";
        }
    }
    text
}

/// A few words out of the middle of a sentence, or letters where a script has no blanks.
fn some_words(random: &mut SplitMix, sentences: &[&str], length: usize) -> String {
    let sentence = sentences[random.below(sentences.len())];
    let is_mark = |c: char| c.is_ascii_punctuation() && c != '\'';
    let words: Vec<&str> = sentence.split_whitespace().collect();
    let words = match words.len() {
        1 => sentence.split_inclusive(|_| true).collect(),
        _ => words,
    };
    let joint = if sentence.contains(' ') { " " } else { "" };
    let from = random.below(words.len());
    let mut text = String::new();
    for word in &words[from..] {
        if !text.is_empty() && text.chars().count() + word.chars().count() > length {
            break;
        }
        text = format!("{text}{}{word}", if text.is_empty() { "" } else { joint });
    }
    let ends = [".", "", "", ",", "?", "!"];
    text.trim_end_matches(is_mark).to_owned() + ends[random.below(ends.len())]
}

fn moments(plane: &Plane) -> (Vec<f32>, Vec<f32>) {
    let row = |row: &[f32]| {
        let n = row.len().max(1) as f32;
        let mean = row.iter().sum::<f32>() / n;
        let square = row.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / n;
        (mean, square.sqrt())
    };
    plane.rows().map(row).unzip()
}

/// The generator as exported, with its statistics shown.
fn measured(runtime: &Runtime, store: &Store) -> Result<Session> {
    let original = store.file("kokoro-82m-originals", "fp32.onnx")?;
    let model = Kokoro::new(onnx_graph::load(&original)?)?.measured()?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("measured.onnx");
    std::fs::write(&path, onnx_graph::encode(&model))?;
    Ok(runtime.session(&path, &SessionOptions::default())?)
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [texts, language, out, rest @ ..] = &arguments[..] else {
        bail!("TEXTS LANGUAGE OUT [PER_VOICE] [SEED] [LONGEST]");
    };
    let per_voice: usize = rest.first().map_or(Ok(20), |n| n.parse())?;
    let seed: u64 = rest.get(1).map_or(Ok(1), |n| n.parse())?;
    let longest: f64 = rest.get(2).map_or(Ok(400.0), |n| n.parse())?;
    let texts = std::fs::read_to_string(texts)?;
    let sentences: Vec<&str> = texts.lines().filter(|line| !line.is_empty()).collect();
    let store = Store::from_env()?;
    let runtime = Runtime::start(RuntimeConfig {
        library: store.file("onnxruntime", "libonnxruntime.so")?,
        cuda_libraries: None,
        device: DevicePreference::Cpu,
        threads: 1,
    })?;
    let kokoro = store.dir("kokoro-82m")?;
    let files = GraphFiles {
        acoustic: kokoro.join("acoustic.onnx"),
        low_rate: kokoro.join("low_rate.onnx"),
        generator: kokoro.clone(),
        stages: kokoro.clone(),
    };
    let mut graphs = Graphs::load(&runtime, &files, &SessionOptions::default())?;
    let mut whole = measured(&runtime, &store)?;
    let styles = Styles::load(&kokoro)?;
    let language: Language = language.parse()?;
    let languages = Languages::new(LanguageFiles::find(&store)?);
    let phonemizer = languages.get(language)?;
    let voices = Voices::load(&kokoro)?;
    let ours = voices
        .list()
        .iter()
        .filter(|voice| voice.language == language);
    let names: Vec<String> = ours.map(|voice| voice.id.clone()).collect();

    let run = Run::new()?;
    let mut random = SplitMix(seed);
    let append = |path: &Path| OpenOptions::new().create(true).append(true).open(path);
    let out = Path::new(out);
    let mut rows: BufWriter<File> = BufWriter::new(append(&out.with_extension("f32"))?);
    let mut lines: BufWriter<File> = BufWriter::new(append(&out.with_extension("jsonl"))?);
    for round in 0..per_voice {
        for voice in &names {
            let text = text(&mut random, &sentences, longest);
            let speed = if random.next() < 0.7 {
                1.0
            } else {
                (0.7 + 0.8 * random.next()) as f32
            };
            let said = phonemizer
                .phonemes(&spoken(&text, language.code()), &Pronunciations::default())
                .text;
            let Ok(tokens) = phonemes::tokens(&said) else {
                continue;
            };
            let style = styles.row(voice, tokens.len() - 2).context("a voice")?;
            let acoustics = graphs.acoustic(&run, &tokens, style, speed)?;
            let frames = acoustics.frames();
            let (features, source) = graphs.features_and_source(&run, &acoustics, style, frames)?;
            let shape = |plane: &Plane| [1, plane.channels(), plane.length()];
            let outputs = whole.run(inference::ort::inputs![
                "features" => TensorRef::from_array_view((shape(&features), features.values()))?,
                "source" => TensorRef::from_array_view((shape(&source), source.values()))?,
                "style" => TensorRef::from_array_view(([1, STYLE], &style[..]))?,
            ])?;
            let mut row = Vec::new();
            let (mean, deviation) = moments(&features);
            row.extend(mean);
            row.extend(deviation);
            let voiced: Vec<f32> = acoustics
                .pitch
                .iter()
                .filter(|f| **f > 10.0)
                .map(|f| f.ln())
                .collect();
            let (pitch, pitch_deviation) = moments(&Plane::new(1, voiced.clone()));
            let (energy, energy_deviation) = moments(&Plane::new(1, acoustics.energy.clone()));
            let source_moments = moments(&source);
            row.extend([
                voiced.len() as f32 / acoustics.pitch.len() as f32,
                pitch.first().copied().unwrap_or(0.0),
                pitch_deviation.first().copied().unwrap_or(0.0),
                energy[0],
                energy_deviation[0],
                acoustics.frames() as f32,
                tokens.len() as f32,
                speed,
            ]);
            row.extend(source_moments.0);
            row.extend(source_moments.1);
            row.extend(style);
            for name in [
                "first.mean",
                "first.variance",
                "second.mean",
                "second.variance",
            ] {
                row.extend(outputs[name].try_extract_tensor::<f32>()?.1);
            }
            for value in &row {
                rows.write_all(&value.to_le_bytes())?;
            }
            let line = serde_json::json!({"voice": voice, "text": text, "said": said, "speed": speed, "width": row.len(), "round": round});
            writeln!(lines, "{line}")?;
            rows.flush()?;
            lines.flush()?;
        }
        eprintln!("{language}: {} of {per_voice}", round + 1);
    }
    Ok(())
}
