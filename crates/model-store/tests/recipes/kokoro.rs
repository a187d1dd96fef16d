//! Kokoro's recipe on a miniature with the published graph's joints. The published one itself is
//! compared in `tests/speech`.

use std::fs;
use std::ops::Range;

use model_store::recipe::{Recipe, RecipeError};
use model_store::recipes::kokoro::{Full, Kokoro, Rounded, Stage};
use onnx_graph::{Model, Node};

use crate::miniature;
use crate::support::{Graph, Value, Values, distance};

const FRAMES: usize = 12;

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
fn parts(kokoro: &Kokoro) -> Values {
    let mut values = inputs();
    run(kokoro.acoustic(), &mut values);
    run(kokoro.low_rate(), &mut values);
    run(kokoro.source(), &mut values);
    run(kokoro.measured(), &mut values);
    run(kokoro.norms(), &mut values);
    values
}

/// What a stage makes of some frames of `values`.
fn stage(kokoro: &Kokoro, stage: Stage, values: &Values, window: Range<usize>) -> Value {
    let mut made = everything(kokoro, stage, values, window, &[]);
    made.retain(|name, _| name == "middle" || name == "audio");
    made.pop_first().expect("one output").1
}

/// All that a stage gives for some frames of `values` and these optional inputs.
fn everything(
    kokoro: &Kokoro,
    stage: Stage,
    values: &Values,
    window: Range<usize>,
    optional: &[(&str, [i64; 2])],
) -> Values {
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
    for (name, frames) in optional {
        let frames = Value::Int(vec![2], frames.to_vec());
        inputs.insert((*name).to_owned(), frames);
    }
    Graph::load(&kokoro.stage(stage).expect("as expected")).run(&inputs)
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
fn the_statistics_of_a_window_of_everything_are_those_of_the_whole() {
    let kokoro = Kokoro::new(miniature::kokoro()).expect("as expected");
    let mut values = parts(&kokoro);
    let all = [("measured", [0, FRAMES as i64])];
    let first = everything(&kokoro, Stage::First, &values, 0..FRAMES, &all);
    values.insert("middle".to_owned(), first["middle"].clone());
    let second = everything(&kokoro, Stage::Second, &values, 0..FRAMES, &all);
    // The second stage has one column more than its frames, which is not measured.
    for (made, name, tolerance) in [(first, "first", 1e-4), (second, "second", 1e-2)] {
        let mean = made["mean"].floats();
        let whole = values[&format!("{name}.mean")].floats();
        assert!(distance(mean, whole) < tolerance, "{name}");
        let square = made["square"].floats().iter().zip(mean);
        let variance: Vec<f32> = square.map(|(square, mean)| square - mean * mean).collect();
        let whole = values[&format!("{name}.variance")].floats();
        assert!(distance(&variance, whole) < tolerance, "{name}");
    }
}

#[test]
fn only_the_frames_asked_for_are_measured() {
    let kokoro = Kokoro::new(miniature::kokoro()).expect("as expected");
    let values = parts(&kokoro);
    let measure = |optional: &[_]| everything(&kokoro, Stage::First, &values, 0..FRAMES, optional);
    let [left, right, all] =
        [[0, 3], [3, 12], [0, 12]].map(|frames| measure(&[("measured", frames)]));
    for what in ["mean", "square"] {
        let parts = left[what].floats().iter().zip(right[what].floats());
        let joint: Vec<f32> = parts.map(|(a, b)| 0.25 * a + 0.75 * b).collect();
        assert!(distance(&joint, all[what].floats()) < 1e-4, "{what}");
        for none in [measure(&[]), measure(&[("measured", [4, 4])])] {
            assert!(none[what].floats().iter().all(|&number| number == 0.0));
        }
    }
}

#[test]
fn context_is_left_out_and_changes_nothing_else() {
    let kokoro = Kokoro::new(miniature::kokoro()).expect("as expected");
    let mut values = parts(&kokoro);
    let middle = stage(&kokoro, Stage::First, &values, 0..FRAMES);
    values.insert("middle".to_owned(), middle);
    for (of, name, rate) in [(Stage::First, "middle", 20), (Stage::Second, "audio", 600)] {
        for (window, context) in [
            (2..11, [3, 2]),
            (0..9, [0, 2]),
            (4..12, [1, 0]),
            (1..5, [2, 2]),
        ] {
            let core = [context[0], window.len() as i64 - context[1]];
            let plain = [("measured", core)];
            let with = everything(&kokoro, of, &values, window.clone(), &plain);
            let cut = [("measured", core), ("context", context)];
            let without = everything(&kokoro, of, &values, window.clone(), &cut);
            let length = window.len() * rate;
            let [from, to] = core.map(|frame| frame as usize * rate);
            let rows = with[name].floats().chunks_exact(length);
            let rows: Vec<f32> = rows.flat_map(|row| row[from..to].to_vec()).collect();
            let off = distance(without[name].floats(), &rows);
            assert!(off < 1e-4, "{name} {window:?} {context:?}: {off}");
            for what in ["mean", "square"] {
                let off = distance(without[what].floats(), with[what].floats());
                assert!(off < 1e-4, "{what} of {name} {window:?} {context:?}: {off}");
            }
        }
    }
}

#[test]
fn a_stage_neither_squares_by_powers_nor_takes_statistics() {
    let kokoro = Kokoro::new(miniature::kokoro()).expect("as expected");
    for stage in Stage::ALL {
        let model = kokoro.stage(stage).expect("as expected");
        let graph = model.main().expect("a graph");
        let slow = ["Pow", "ReduceMean", "Gemm", "Sqrt"];
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
