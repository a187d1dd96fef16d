//! Kokoro as installed against Kokoro as published. `--nocapture` prints the figures of
//! docs/decisions.md.

#[path = "../recipes/support.rs"]
#[allow(dead_code)] // what other recipes' tests need
mod support;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::LazyLock;

use model_store::Store;
use model_store::recipes::kokoro::{Kokoro, Stage};
use onnx_graph::proto::ValueInfo;
use onnx_graph::{DataType, Model, rename_value};

use support::{Graph, Value, Values, relative_error};

const ABSENT: &str = "the model cache lacks it: run \
    `cargo run -p model-store --bin models -- fetch --group speech --group speech-test`";

/// Between the parts of the export: its names and ours.
const JOINTS: [(&str, &str); 6] = [
    ("/encoder/Clip_output_0", "durations"),
    ("/encoder/MatMul_1_output_0", "text"),
    ("/encoder/Reshape_output_0", "pitch"),
    ("/encoder/Reshape_1_output_0", "energy"),
    ("/decoder/decoder/decode.3/Div_4_output_0", "features"),
    ("/decoder/decoder/generator/Concat_3_output_0", "source"),
];

const TEXTS: [(&str, &str); 3] = [
    ("af_heart", "jˈɛs."),
    (
        "am_adam",
        "ðə kwˈɪk bɹˈWn fˈɑks ʤˈʌmps ˌOvəɹ ðə lˈAzi dˈɔɡ.",
    ),
    (
        "bf_emma",
        "wˌɛn ðə sˈʌnlˌIt stɹˈIks ɹˈAndɹˌɑps ɪn ði ˈɛɹ, ðA ˈækt æz ɐ pɹˈɪzəm \
         ænd fˈɔɹm ɐ ɹˈAnbˌO; ðə ɹˈAnbˌO ɪz ɐ dəvˈɪʒən ʌv wˈIt lˈIt ˌɪntu mˈɛni bjˈuɾəfəl kˈʌləɹz.",
    ),
];

static STORE: LazyLock<Store> = LazyLock::new(|| Store::from_env().expect("a home folder"));

fn file(model: &str, name: &str) -> PathBuf {
    STORE.file(model, name).expect(ABSENT)
}

fn model(id: &str, name: &str) -> Model {
    onnx_graph::load(&file(id, name)).expect("readable")
}

/// Inputs of the whole export and of the acoustic part.
fn inputs(voice: &str, phonemes: &str) -> Values {
    let json = |name| std::fs::read(file("kokoro-82m", name)).expect("readable");
    let vocabulary: BTreeMap<char, i64> =
        serde_json::from_slice(&json("vocabulary.json")).expect("phonemes and their numbers");
    let mut tokens = vec![0];
    tokens.extend(phonemes.chars().map(|phoneme| vocabulary[&phoneme]));
    tokens.push(0);
    let index: serde_json::Value = serde_json::from_slice(&json("voices.json")).expect("an index");
    let names = index["voices"].as_array().expect("a list");
    assert_eq!(
        (names.len(), &index["rows"], &index["width"]),
        (54, &510.into(), &256.into())
    );
    let place = names.iter().position(|name| name == voice);
    let row = place.expect("a voice") * 510 + tokens.len() - 3;
    let floats: Vec<f32> = json("voices.bin")[row * 1024..(row + 1) * 1024]
        .chunks_exact(4)
        .map(|bytes| f32::from_le_bytes(bytes.try_into().expect("four")))
        .collect();
    Values::from([
        ("input_ids".to_owned(), Value::tokens(&tokens)),
        ("tokens".to_owned(), Value::tokens(&tokens)),
        ("style".to_owned(), Value::Float(vec![1, 256], floats)),
        ("speed".to_owned(), Value::Float(vec![1], vec![1.0])),
    ])
}

/// An export that also shows what is between its parts.
fn shown(name: &str, last: &str) -> Model {
    let mut model = model("kokoro-82m-originals", name);
    let graph = model.main_mut().expect("a graph");
    let audio = graph.output[0].name().to_owned();
    rename_value(graph, &audio, "audio").expect("there");
    let until = JOINTS
        .iter()
        .position(|(_, ours)| *ours == last)
        .expect("a joint");
    for (theirs, ours) in &JOINTS[..=until] {
        rename_value(graph, theirs, ours).expect("there");
        graph.value_info.retain(|info| info.name() != *ours);
        graph
            .output
            .push(ValueInfo::tensor(ours, DataType::Float, &[]));
        let shown = graph
            .output
            .last_mut()
            .and_then(|info| info.r#type.as_mut());
        if let Some(onnx_graph::proto::TypeValue::Tensor(tensor)) =
            shown.and_then(|kind| kind.value.as_mut())
        {
            tensor.shape = None;
        }
    }
    model
}

fn installed(id: &str, name: &str) -> Graph {
    Graph::load(&model(id, name))
}

fn decibels(a: &[f32], b: &[f32]) -> f64 {
    -20.0 * relative_error(a, b).log10()
}

#[test]
fn as_written_the_parts_up_to_the_generator_give_the_exports_numbers_bit_for_bit() {
    for (id, original, last) in [
        ("kokoro-82m", "fp32.onnx", "source"),
        ("kokoro-82m-int8", "int8.onnx", "features"),
    ] {
        let mut whole = Graph::plain(&shown(original, last));
        let mut names = vec!["acoustic.onnx", "low_rate.onnx"];
        if last == "source" {
            names.push("source.onnx");
        }
        let parts = names.iter().map(|name| Graph::plain(&model(id, name)));
        let mut parts: Vec<Graph> = parts.collect();
        for (voice, phonemes) in TEXTS {
            let mut values = inputs(voice, phonemes);
            let expected = whole.run(&values);
            for part in &mut parts {
                let made = part.run(&values);
                values.extend(made);
            }
            for (_, name) in JOINTS {
                let Some(expected) = expected.get(name) else {
                    continue;
                };
                assert!(values[name] == *expected, "{original} {voice} {name}");
            }
            let frames: f32 = values["durations"].floats().iter().sum();
            assert_eq!(expected["audio"].floats().len(), frames as usize * 600);
        }
    }
}

/// The generator's stages, and the whole with its statistics.
struct Generator {
    whole: Graph,
    norms: Graph,
    stages: [Graph; 2],
}

impl Generator {
    fn new() -> Self {
        let kokoro = Kokoro::new(model("kokoro-82m-originals", "fp32.onnx")).expect("as expected");
        let whole = Graph::load(&kokoro.measured().expect("as expected"));
        let stages = ["generator_1.onnx", "generator_2.onnx"];
        Self {
            whole,
            norms: installed("kokoro-82m", "norms.onnx"),
            stages: stages.map(|name| installed("kokoro-82m", name)),
        }
    }

    /// Some frames of what a stage makes.
    fn run(&mut self, stage: Stage, values: &Values, window: Range<usize>) -> Value {
        self.core(stage, values, window, [0, 0], false)
    }

    /// All frames, with the stages' own statistics.
    fn whole(&mut self, values: &Values) -> Vec<f32> {
        let mut values = values.clone();
        for stage in ["first", "second"] {
            for (what, neutral) in [("mean", 0.0), ("variance", 1.0 - 1e-5)] {
                let name = format!("{stage}.{what}");
                let like = &values[&name];
                let numbers = vec![neutral; like.floats().len()];
                let neutral = Value::Float(like.dims().to_vec(), numbers);
                values.insert(name, neutral);
            }
        }
        values.extend(self.norms.run(&values));
        let frames = values["pitch"].dims()[1] / 2;
        let middle = self.core(Stage::First, &values, 0..frames, [0, 0], true);
        values.insert("middle".to_owned(), middle);
        let audio = self.core(Stage::Second, &values, 0..frames, [0, 0], true);
        audio.floats().to_vec()
    }

    /// Some frames of what a stage makes, of which some are only context.
    fn core(
        &mut self,
        stage: Stage,
        values: &Values,
        window: Range<usize>,
        context: [usize; 2],
        whole: bool,
    ) -> Value {
        let cut = |name: &str, rate: usize, more: usize| {
            let value = &values[name];
            let (channels, length) = (value.dims()[1], value.dims()[2]);
            let (start, end) = (window.start * rate, window.end * rate + more);
            let rows = value.floats().chunks_exact(length);
            let data: Vec<f32> = rows.flat_map(|row| row[start..end].to_vec()).collect();
            Value::Float(vec![1, channels, end - start], data)
        };
        let (from, rate, graph) = match stage {
            Stage::First => ("features", 2, &mut self.stages[0]),
            Stage::Second => ("middle", 20, &mut self.stages[1]),
        };
        let mut inputs = Values::from([
            (from.to_owned(), cut(from, rate, 0)),
            ("source".to_owned(), cut("source", 120, 1)),
        ]);
        for what in ["scale", "shift"] {
            let given = values[&format!("{}.{what}", stage.name())].clone();
            inputs.insert(what.to_owned(), given);
        }
        let context = context.map(|frames| frames as i64).to_vec();
        inputs.insert("context".to_owned(), Value::Int(vec![2], context));
        let whole = Value::Int(vec![1], vec![i64::from(whole)]);
        inputs.insert("whole".to_owned(), whole);
        graph.run(&inputs).pop_first().expect("one output").1
    }

    /// The sound in windows of `size` frames: the first stage with `context` frames more on
    /// either side than the second, which has one.
    fn in_windows(&mut self, values: &Values, size: usize, context: usize) -> Vec<f32> {
        let frames = values["pitch"].dims()[1] / 2;
        let mut sound = Vec::new();
        for start in (0..frames).step_by(size) {
            let end = (start + size).min(frames);
            let second = start.saturating_sub(1)..(end + 1).min(frames);
            let first = second.start.saturating_sub(context)..(second.end + context).min(frames);
            let beside = [second.start - first.start, first.end - second.end];
            let middle = self.core(Stage::First, values, first, beside, false);
            // Back where the second stage looks for it.
            let mut whole = vec![0.0; 256 * frames * 20];
            let rows = middle.floats().chunks_exact(second.len() * 20);
            for (to, row) in whole.chunks_exact_mut(frames * 20).zip(rows) {
                to[second.start * 20..second.end * 20].copy_from_slice(row);
            }
            let mut values = values.clone();
            values.insert(
                "middle".to_owned(),
                Value::Float(vec![1, 256, frames * 20], whole),
            );
            let beside = [start - second.start, second.end - end];
            let audio = self.core(Stage::Second, &values, second, beside, false);
            sound.extend_from_slice(audio.floats());
        }
        sound
    }
}

#[test]
fn the_generator_given_true_statistics_gives_the_exports_sound_whole_and_in_windows() {
    let mut whole = Graph::load(&shown("fp32.onnx", "source"));
    let mut generator = Generator::new();
    let names = ["acoustic.onnx", "low_rate.onnx", "source.onnx"];
    let mut parts = names.map(|name| installed("kokoro-82m", name));
    for (voice, phonemes) in TEXTS {
        let mut values = inputs(voice, phonemes);
        values.extend(whole.run(&values));
        let audio = values["audio"].clone();
        let measured = generator.whole.run(&values);
        assert!(measured["audio"] == audio, "the generator alone, {voice}");
        values.extend(measured);
        values.extend(generator.norms.run(&values));
        let frames = audio.floats().len() / 600;

        let own = decibels(&generator.whole(&values), audio.floats());
        let middle = generator.run(Stage::First, &values, 0..frames);
        values.insert("middle".to_owned(), middle);
        let sound = generator.run(Stage::Second, &values, 0..frames);
        let all = decibels(sound.floats(), audio.floats());
        let windows = [4, 3, 2].map(|context| {
            let sound = generator.in_windows(&values, 8, context);
            decibels(&sound, audio.floats())
        });
        let mut chain = inputs(voice, phonemes);
        for part in &mut parts {
            let made = part.run(&chain);
            chain.extend(made);
        }
        let chained = generator.whole.run(&chain);
        let optimised = decibels(chained["audio"].floats(), audio.floats());
        let power = |sound: &[f32]| sound.iter().map(|x| x * x).sum::<f32>();
        let level = 10.0 * (power(chained["audio"].floats()) / power(audio.floats())).log10();
        println!("{voice}: optimised parts {optimised:.1} dB, level {level:+.2} dB");
        println!(
            "{voice}, {frames} frames: whole {all:.1} dB, in windows {windows:.1?}, own statistics {own:.1}"
        );
        assert!(all > 100.0, "{voice}: {all} dB");
        assert!(own > 100.0, "{voice}: with its own statistics {own} dB");
        assert!(windows[0] > 100.0, "{voice}: in windows {} dB", windows[0]);
    }
}
