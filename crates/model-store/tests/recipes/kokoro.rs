//! Kokoro's recipe on a miniature with the published graph's joints. The published one itself is
//! compared in `tests/speech`.

use std::fs;
use std::ops::Range;

use model_store::recipe::{Recipe, RecipeError};
use model_store::recipes::kokoro::{Full, Kokoro, Rounded, Stage};
use onnx_graph::{GraphError, Model, Node};

use crate::miniature;
use crate::support::{Graph, Value, Values, distance};

pub const FRAMES: usize = 12;

pub type Made = Result<Model, GraphError>;

fn inputs() -> Values {
    let tokens: Vec<i64> = (0..FRAMES as i64).map(|n| (n * n * 5 + 3) % 17).collect();
    let style = (0..256).map(|n| (n as f32 * 0.7).sin()).collect();
    Values::from([
        ("input_ids".to_owned(), Value::tokens(&tokens)),
        ("tokens".to_owned(), Value::tokens(&tokens)),
        ("style".to_owned(), Value::Float(vec![1, 256], style)),
        ("speed".to_owned(), Value::Float(vec![1], vec![1.0])),
    ])
}

fn run(model: Result<Model, onnx_graph::GraphError>, values: &mut Values) {
    let made = Graph::load(&model.expect("as expected")).run(values);
    values.extend(made);
}

/// Everything up to the measured statistics.
pub fn parts(kokoro: &Kokoro) -> Values {
    let mut values = inputs();
    run(kokoro.acoustic(), &mut values);
    run(kokoro.low_rate(), &mut values);
    run(kokoro.source(), &mut values);
    run(kokoro.measured(), &mut values);
    run(kokoro.norms(), &mut values);
    values
}

/// What a stage makes of some frames of `values`.
pub fn stage(kokoro: &Kokoro, stage: Stage, values: &Values, window: Range<usize>) -> Value {
    stage_with(kokoro, stage, values, window, &[])
}

/// Likewise, with these optional inputs.
fn stage_with(
    kokoro: &Kokoro,
    stage: Stage,
    values: &Values,
    window: Range<usize>,
    optional: &[(&str, &[i64])],
) -> Value {
    run_stage_with(&kokoro.stage(stage), stage, values, window, optional)
}

/// What a graph of a stage makes of all frames.
pub fn run_stage(model: &Made, values: &Values, stage: Stage) -> Value {
    run_stage_with(model, stage, values, 0..FRAMES, &[])
}

fn run_stage_with(
    model: &Made,
    stage: Stage,
    values: &Values,
    window: Range<usize>,
    optional: &[(&str, &[i64])],
) -> Value {
    let cut = |name: &str, rate: usize, more: usize| {
        let value = &values[name];
        let (channels, length) = (value.dims()[1], value.dims()[2]);
        let (start, end) = (window.start * rate, window.end * rate + more);
        let rows = value.floats().chunks_exact(length);
        let data: Vec<f32> = rows.flat_map(|row| row[start..end].to_vec()).collect();
        Value::Float(vec![1, channels, end - start], data)
    };
    let (from, rate) = match stage {
        Stage::First => ("features", 2),
        Stage::Second => ("middle", 20),
    };
    let mut inputs = Values::from([
        (from.to_owned(), cut(from, rate, 0)),
        ("source".to_owned(), cut("source", 120, 1)),
    ]);
    for what in ["scale", "shift"] {
        let given = values[&format!("{}.{what}", stage.name())].clone();
        inputs.insert(what.to_owned(), given);
    }
    for (name, numbers) in optional {
        let numbers = Value::Int(vec![numbers.len()], numbers.to_vec());
        inputs.insert((*name).to_owned(), numbers);
    }
    let mut made = Graph::load(model.as_ref().expect("as expected")).run(&inputs);
    made.pop_first().expect("one output").1
}

#[test]
fn the_parts_one_after_the_other_give_what_the_whole_gives() {
    let whole = Graph::plain(&miniature::kokoro()).run(&inputs());
    let kokoro = Kokoro::new(miniature::kokoro()).expect("as expected");
    let values = parts(&kokoro);
    assert_eq!(values["audio"].dims(), [1, FRAMES * 600]);
    assert!(distance(values["audio"].floats(), whole["waveform"].floats()) < 1e-5);
    assert_eq!(values["durations"].dims(), [1, FRAMES]);
}

#[test]
fn stages_that_are_given_the_statistics_give_what_the_whole_gives() {
    let kokoro = Kokoro::new(miniature::kokoro()).expect("as expected");
    let mut values = parts(&kokoro);
    let middle = stage(&kokoro, Stage::First, &values, 0..FRAMES);
    assert_eq!(middle.dims(), [1, 256, FRAMES * 20]);
    values.insert("middle".to_owned(), middle);
    let audio = stage(&kokoro, Stage::Second, &values, 0..FRAMES);
    assert_eq!(audio.dims(), [1, FRAMES * 600]);
    assert!(distance(audio.floats(), values["audio"].floats()) < 1e-4);
}

#[test]
fn a_window_gives_its_part_of_the_whole() {
    let kokoro = Kokoro::new(miniature::kokoro()).expect("as expected");
    let mut values = parts(&kokoro);
    let middle = stage(&kokoro, Stage::First, &values, 0..FRAMES);
    let window = stage(&kokoro, Stage::First, &values, 4..9);
    // One frame on either side sees padding where the whole sees neighbours.
    let (whole, part) = (middle.floats(), window.floats());
    let rows = whole.chunks_exact(FRAMES * 20).zip(part.chunks_exact(100));
    for (row, part) in rows {
        assert!(distance(&part[20..80], &row[100..160]) < 1e-4);
    }
    values.insert("middle".to_owned(), middle);
    let window = stage(&kokoro, Stage::Second, &values, 4..9);
    let part = &values["audio"].floats()[5 * 600..8 * 600];
    assert!(distance(&window.floats()[600..4 * 600], part) < 1e-4);
}

#[test]
fn norms_of_one_value_share_their_statistics() {
    let kokoro = Kokoro::new(miniature::kokoro()).expect("as expected");
    let values = parts(&kokoro);
    assert_eq!(values["first.mean"].dims(), [1, 512], "two statistics");
    assert_eq!(values["first.scale"].dims(), [1, 768, 1], "three norms");
    assert_eq!(values["second.variance"].dims(), [1, 128]);
}

#[test]
fn a_stage_that_is_told_its_window_is_the_whole_takes_the_statistics_itself() {
    let kokoro = Kokoro::new(miniature::kokoro()).expect("as expected");
    let mut values = parts(&kokoro);
    for stage in Stage::ALL {
        for (what, neutral) in [("mean", 0.0), ("variance", 1.0 - 1e-5)] {
            let name = format!("{}.{what}", stage.name());
            let Some(Value::Float(_, numbers)) = values.get_mut(&name) else {
                panic!("{name}");
            };
            numbers.fill(neutral);
        }
    }
    run(kokoro.norms(), &mut values);
    let whole = |stage, values: &Values, yes: i64| {
        stage_with(&kokoro, stage, values, 0..FRAMES, &[("whole", &[yes])])
    };
    values.insert("middle".to_owned(), whole(Stage::First, &values, 1));
    let audio = whole(Stage::Second, &values, 1);
    assert!(distance(audio.floats(), values["audio"].floats()) < 1e-4);
    let not = whole(Stage::Second, &values, 0);
    assert!(distance(not.floats(), values["audio"].floats()) > 0.1);
}

#[test]
fn context_is_left_out_and_changes_nothing_else() {
    let kokoro = Kokoro::new(miniature::kokoro()).expect("as expected");
    let mut values = parts(&kokoro);
    let middle = stage(&kokoro, Stage::First, &values, 0..FRAMES);
    values.insert("middle".to_owned(), middle);
    for (of, rate) in [(Stage::First, 20), (Stage::Second, 600)] {
        for (window, context) in [
            (2..11, [3, 2]),
            (0..9, [0, 2]),
            (4..12, [1, 0]),
            (1..5, [2, 2]),
        ] {
            let core = [context[0], window.len() as i64 - context[1]];
            let with = stage(&kokoro, of, &values, window.clone());
            let cut: [(&str, &[i64]); 1] = [("context", &context)];
            let without = stage_with(&kokoro, of, &values, window.clone(), &cut);
            let length = window.len() * rate;
            let [from, to] = core.map(|frame| frame as usize * rate);
            let rows = with.floats().chunks_exact(length);
            let rows: Vec<f32> = rows.flat_map(|row| row[from..to].to_vec()).collect();
            let off = distance(without.floats(), &rows);
            assert!(off < 1e-4, "{of:?} {window:?} {context:?}: {off}");
        }
    }
}

#[test]
fn a_stage_neither_squares_by_powers_nor_reads_the_style() {
    let kokoro = Kokoro::new(miniature::kokoro()).expect("as expected");
    for stage in Stage::ALL {
        let model = kokoro.stage(stage).expect("as expected");
        let graph = model.main().expect("a graph");
        let slow = ["Pow", "ReduceMean", "Gemm"];
        assert!(!graph.node.iter().any(|node| slow.contains(&node.op_type())));
    }
}

#[test]
fn another_graph_is_refused_by_what_it_lacks() {
    let mut model = miniature::kokoro();
    let graph = model.main_mut().expect("a graph");
    onnx_graph::rename_value(graph, "/encoder/MatMul_1_output_0", "x").expect("there");
    let error = Kokoro::new(model).expect_err("refused").to_string();
    assert!(error.contains("/encoder/MatMul_1_output_0"), "{error}");

    let mut model = miniature::kokoro();
    let name = "/decoder/decoder/generator/Add_5";
    let node = Node::new("Max").named(name);
    let graph = model.main_mut().expect("a graph");
    let old = graph.node.iter().find(|node| node.name() == name);
    let old = old.expect("there").clone();
    let node = node.inputs(old.input).outputs(old.output);
    onnx_graph::replace(graph, name, vec![node]).expect("there");
    let kokoro = Kokoro::new(model).expect("as expected");
    let error = kokoro
        .stage(Stage::Second)
        .expect_err("refused")
        .to_string();
    assert!(error.contains(name) && error.contains("Max"), "{error}");
}

#[test]
fn voices_come_in_one_file_in_the_order_of_their_names() {
    let [input, output] = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let write = |name: &str, bytes: &[u8]| fs::write(input.path().join(name), bytes);
    onnx_graph::save(&miniature::kokoro(), &input.path().join("kokoro.onnx")).expect("written");
    write("b.bin", &[2; 510 * 256 * 4]).expect("written");
    write("a.bin", &[1; 510 * 256 * 4]).expect("written");
    write("LICENSE", b"yes").expect("written");
    let config = r#"{"n_token": 178, "vocab": {"a": 43, "ʃ": 131}, "dim_in": 64}"#;
    write("config.json", config.as_bytes()).expect("written");
    Full.run(input.path(), output.path()).expect("it converts");

    let read = |name: &str| fs::read(output.path().join(name)).expect("made");
    let voices = read("voices.bin");
    assert_eq!(voices.len(), 2 * 510 * 256 * 4);
    assert_eq!([voices[0], voices[voices.len() - 1]], [1, 2]);
    let index: serde_json::Value = serde_json::from_slice(&read("voices.json")).expect("JSON");
    let expected = serde_json::json!({"rows": 510, "width": 256, "voices": ["a", "b"]});
    assert_eq!(index, expected);
    let vocabulary = serde_json::from_slice::<serde_json::Value>(&read("vocabulary.json"));
    assert_eq!(
        vocabulary.expect("JSON"),
        serde_json::json!({"a": 43, "ʃ": 131})
    );
    let mut names: Vec<String> = fs::read_dir(output.path())
        .expect("made")
        .map(|entry| {
            entry
                .expect("readable")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    let graphs = [
        "acoustic",
        "generator_1",
        "generator_2",
        "low_rate",
        "norms",
        "source",
    ];
    let mut expected: Vec<String> = graphs.iter().map(|name| format!("{name}.onnx")).collect();
    expected.extend(["LICENSE", "vocabulary.json", "voices.bin", "voices.json"].map(String::from));
    expected.sort();
    assert_eq!(names, expected);
}

#[test]
fn a_voice_of_the_wrong_size_and_a_token_outside_the_table_are_refused() {
    for (voice, config, words) in [
        (
            510 * 256 * 4 - 1,
            r#"{"n_token": 178, "vocab": {"a": 43}}"#,
            "styles",
        ),
        (
            510 * 256 * 4,
            r#"{"n_token": 178, "vocab": {"a": 178}}"#,
            "outside",
        ),
        (510 * 256 * 4, r#"{"vocab": {"a": 17}}"#, "n_token"),
    ] {
        let [input, output] = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
        let write = |name: &str, bytes: &[u8]| fs::write(input.path().join(name), bytes);
        let model = input.path().join("kokoro.onnx");
        onnx_graph::save(&miniature::kokoro(), &model).expect("written");
        write("a.bin", &vec![1; voice]).expect("written");
        write("config.json", config.as_bytes()).expect("written");
        let error = Full.run(input.path(), output.path()).expect_err("refused");
        assert!(matches!(error, RecipeError::Unsuitable { .. }));
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn of_the_rounded_export_the_generator_stays_behind() {
    let [input, output] = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let model = input.path().join("kokoro.onnx");
    onnx_graph::save(&miniature::kokoro(), &model).expect("written");
    Rounded
        .run(input.path(), output.path())
        .expect("it converts");
    let low = onnx_graph::load(&output.path().join("low_rate.onnx")).expect("readable");
    let low = low.main().expect("a graph");
    assert!(
        !low.node
            .iter()
            .any(|node| node.name().contains("generator"))
    );
    assert!(output.path().join("acoustic.onnx").exists());
    assert_eq!(fs::read_dir(output.path()).expect("made").count(), 2);
}
