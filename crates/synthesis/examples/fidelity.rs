//! Says each line `VOICE<TAB>TEXT` of standard input twice from the same durations and melody: in
//! windows, with predicted statistics, as it is streamed; and whole, by the export in full precision.
//! `measure/speech_fidelity.py` compares what is written to OUT. With `half` the windows are made by
//! the generator that CUDA has:
//!
//! `cargo run --release -p synthesis --example fidelity -- OUT [half]`

mod support;

use std::io::Write;
use std::ops::Range;
use std::path::Path;

use anyhow::{Context, Result};
use inference::SessionOptions;
use inference::ort::session::Session;
use inference::ort::value::TensorRef;
use model_store::Store;
use model_store::recipes::kokoro::Kokoro;
use synthesis::kokoro::{Acoustics, FRAME, Graphs, Passage, Plane, Run, STYLE, Script};
use synthesis::phonemes::{self, Phonemes, Pronunciations};
use synthesis::spoken::spoken;
use synthesis::{Language, Languages, Request, Style, SynthesizerFiles, Voices};

/// Frames of the first window and of the widest, and those before the first word and behind the
/// last: as in the engine.
const FIRST_WINDOW: usize = 8;
const WIDEST_WINDOW: usize = 64;
const LEAD: usize = 3;
const PAUSE: usize = 16;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let out = Path::new(arguments.first().context("OUT")?);
    let store = Store::from_env()?;
    let runtime = support::runtime(&store, std::thread::available_parallelism()?.get())?;
    let mut files = SynthesizerFiles::find(&store, runtime.device())?;
    if arguments.get(1).is_some_and(|argument| argument == "half") {
        files.graphs.stages = store.dir("kokoro-82m-fp16")?;
    }
    let options = SessionOptions::default();
    let mut graphs = Graphs::load(&runtime, &files.graphs, &options)?;
    let folder = tempfile::tempdir()?;
    let generator = folder.path().join("generator.onnx");
    let original = store.file("kokoro-82m-originals", "fp32.onnx")?;
    let original = Kokoro::new(onnx_graph::load(&original)?)?.measured()?;
    std::fs::write(&generator, onnx_graph::encode(&original))?;
    let mut generator = runtime.session(&generator, &options)?;
    let voices = Voices::load(&files.voices)?;
    let languages = Languages::new(files.languages.clone());
    let run = Run::new()?;
    let mut index = std::fs::File::create(out.join("index.jsonl"))?;

    for (number, (voice, text)) in support::lines()?.into_iter().enumerate() {
        let request = Request::new(&text, voices.parse(&voice, None)?.0);
        let said = match phonemize(&languages, request.language(), &text) {
            Ok(said) => said,
            Err(error) => {
                eprintln!("{number:04} {voice}: {error}");
                continue;
            }
        };
        let Ok(tokens) = phonemes::tokens(&said.text) else {
            eprintln!("{number:04} {voice}: too long for one piece");
            continue;
        };
        let style = voices.style(&request.voice, tokens.len() - 2);
        let script = Script {
            tokens,
            style,
            speed: 1.0,
            manner: Style::default(),
            exaggeration: 0.0,
        };
        let acoustics = script.acoustics(&mut graphs, &run)?;
        let heard = heard(&said, &acoustics);
        let (samples, joins) = stream(&mut graphs, &run, &style, &acoustics, &heard)?;
        let frames = acoustics.frames();
        let (features, source) = graphs.features_and_source(&run, &acoustics, &style, frames)?;
        let whole = whole(&mut generator, &features, &source, &style)?;
        let whole = &whole[heard.start * FRAME..heard.end * FRAME];
        support::write_wav(&out.join(format!("{number:04}.wav")), &samples)?;
        support::write_wav(&out.join(format!("{number:04}.whole.wav")), whole)?;
        let line = serde_json::json!({
            "number": number, "voice": voice, "text": text, "said": said.text, "joins": joins,
            "frames": acoustics.frames(),
        });
        writeln!(index, "{line}")?;
    }
    Ok(())
}

fn phonemize(languages: &Languages, language: Language, text: &str) -> Result<Phonemes> {
    let phonemizer = languages.get(language)?;
    Ok(phonemizer.phonemes(&spoken(text, language.code()), &Pronunciations::default()))
}

/// From shortly before the first word until the voice has faded.
fn heard(said: &Phonemes, acoustics: &Acoustics) -> Range<usize> {
    let last = said
        .words
        .iter()
        .rev()
        .find(|word| said.text[(*word).clone()].chars().any(char::is_alphabetic));
    let end = last.map_or(said.text.len(), |word| word.end);
    let tokens = 1 + said.text[..end].chars().count();
    let spoken: usize = acoustics.durations[..tokens].iter().sum();
    let start = acoustics.durations[0].saturating_sub(LEAD);
    start..(spoken + PAUSE).min(acoustics.frames())
}

/// As [`synthesis::Synthesizer`] makes it: samples, and where windows meet among them.
fn stream(
    graphs: &mut Graphs,
    run: &Run,
    style: &[f32; STYLE],
    acoustics: &Acoustics,
    heard: &Range<usize>,
) -> Result<(Vec<f32>, Vec<usize>)> {
    let mut passage = Passage::new(graphs, run, style, acoustics, acoustics.frames())?;
    let (mut at, end) = (heard.start, heard.end);
    let (mut samples, mut joins) = (Vec::new(), Vec::new());
    let mut window = FIRST_WINDOW;
    while at < end {
        let frames = match end - at {
            left if left < window + 4 => left,
            _ => window,
        };
        samples.extend(passage.window(graphs, run, at..at + frames)?);
        at += frames;
        if at < end {
            joins.push(samples.len());
        }
        window = (window * 3 / 2).min(WIDEST_WINDOW);
    }
    Ok((samples, joins))
}

/// All frames at once, statistics and all, as the export has it.
fn whole(
    generator: &mut Session,
    features: &Plane,
    source: &Plane,
    style: &[f32; STYLE],
) -> Result<Vec<f32>> {
    let shape = |plane: &Plane| [1, plane.channels(), plane.length()];
    let outputs = generator.run(inference::ort::inputs![
        "features" => TensorRef::from_array_view((shape(features), features.values()))?,
        "source" => TensorRef::from_array_view((shape(source), source.values()))?,
        "style" => TensorRef::from_array_view(([1, STYLE], &style[..]))?,
    ])?;
    Ok(outputs["audio"].try_extract_tensor::<f32>()?.1.to_vec())
}
