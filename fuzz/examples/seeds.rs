//! Writes the seeds that are not text into `seeds/`: a tone in every format we write, graphs, sealed
//! values. `cargo run --example seeds` in `fuzz/`.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use audio::{Encoder, Format};
use onnx_graph::proto::{Attribute, AttributeType};
use onnx_graph::{Array, Builder, DataType, Model, Node, encode};
use sealing::{Sealer, file};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> Outcome {
    sounds()?;
    graphs()?;
    sealed()
}

fn put(target: &str, name: &str, bytes: &[u8]) -> Outcome {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("seeds")
        .join(target);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(name), bytes)?;
    Ok(())
}

/// A tenth of a second.
fn sounds() -> Outcome {
    let tone: Vec<f32> = (0..1600).map(|at| (at as f32 * 0.1).sin() * 0.3).collect();
    for format in [Format::Wav, Format::Mp3, Format::Flac, Format::Opus] {
        let mut encoder = Encoder::new(format, 16_000, 16_000)?;
        let mut bytes = encoder.push(&tone)?;
        bytes.extend(encoder.finish()?);
        put("audio", &format!("tone.{}", format.as_str()), &bytes)?;
    }
    Ok(())
}

fn graphs() -> Outcome {
    put("onnx", "matrices.onnx", &encode(&matrices()?))?;
    put("onnx", "branches.onnx", &encode(&branches()?))?;
    // A recipe's source after the number of the recipe, of the name, and the length.
    let graph = encode(&matrices()?);
    for (recipe, name) in [(2_u8, 0_u8), (5, 2), (8, 9), (10, 10)] {
        let mut bytes = vec![recipe, name];
        bytes.extend(u16::try_from(graph.len())?.to_le_bytes());
        bytes.extend(&graph);
        put("recipes", &format!("recipe-{recipe}"), &bytes)?;
    }
    Ok(())
}

/// Products with floats and with bytes.
fn matrices() -> Result<Model, onnx_graph::GraphError> {
    let mut b = Builder::new("matrices");
    let x = b.input("input", DataType::Float, &["n".into(), 2.into()]);
    let floats = Array::new([2, 3], vec![0.5_f32, -1.0, 2.0, 0.0, 1.0, 3.0])?;
    let floats = b.constant("floats", &floats);
    let y = b.add(
        Node::new("MatMul")
            .named("layer_norm_2")
            .inputs([&x, &floats]),
    );
    let bytes = b.constant("bytes", &Array::new([3, 2], vec![1_i8, -2, 3, -4, 5, 6])?);
    let [q, s, z] = b.add_many(Node::new("DynamicQuantizeLinear").inputs([&y]));
    let product = b.add(Node::new("MatMulInteger").inputs([&q, &bytes, &z]));
    let product = b.add(Node::new("Cast").inputs([&product]).int("to", 1));
    let out = b.add(Node::new("Mul").inputs([&product, &s]));
    b.output(
        &out,
        "speech_probs",
        DataType::Float,
        &["n".into(), 2.into()],
    )?;
    b.finish(17)
}

/// An `If` whose branches double and halve.
fn branches() -> Result<Model, onnx_graph::GraphError> {
    let branch = |name: &str, factor: f32| -> Result<Attribute, onnx_graph::GraphError> {
        let mut b = Builder::new(name);
        let x = b.input("input", DataType::Float, &["n".into()]);
        let factor = b.scalar(factor);
        let y = b.add(Node::new("Mul").named(name).inputs([&x, &factor]));
        b.output(&y, &format!("{name} y"), DataType::Float, &["n".into()])?;
        let mut graph = b.finish(17)?.graph.unwrap_or_default();
        graph.input.clear();
        Ok(Attribute {
            name: Some(name.to_owned()),
            r#type: Some(AttributeType::Graph as i32),
            g: Some(graph),
            ..Attribute::default()
        })
    };
    let mut b = Builder::new("branches");
    let x = b.input("input", DataType::Float, &["n".into()]);
    let flag = b.scalar(1_i32);
    let flag = b.add(Node::new("Cast").inputs([&flag]).int("to", 9));
    let mut node = Node::new("If").named("choice").inputs([&flag]);
    node.attribute = vec![branch("then_branch", 2.0)?, branch("else_branch", 0.5)?];
    let y = b.add(node);
    let z = b.add(Node::new("Add").inputs([&y, &x]));
    b.output(&z, "last_hidden_state", DataType::Float, &["n".into()])?;
    b.finish(17)
}

/// With the key that the target has.
fn sealed() -> Outcome {
    let folder = std::env::temp_dir().join(format!("seeds-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let key = folder.join("fixed.key");
    let mut open = File::options();
    let mut to = open.write(true).create_new(true).mode(0o600).open(&key)?;
    to.write_all("a5".repeat(32).as_bytes())?;
    let sealer = Sealer::start(true, Some(&key), &folder)?;
    let with = |kind: u8, bytes: &[u8]| [&[kind], bytes].concat();
    put(
        "sealed",
        "value",
        &with(0, &sealer.seal("calls.summary", b"a value")?),
    )?;
    let text = sealer.seal_text("calls.summary", "a text")?;
    put("sealed", "text", &with(1, text.as_bytes()))?;
    let path: PathBuf = folder.join("file");
    if let Ok(mut writer) = file::Writer::begin(File::create(&path)?, "recordings/1", &sealer)? {
        writer.write_all(b"what a recording holds")?;
        writer.finish()?;
    }
    put("sealed", "file", &with(2, &fs::read(&path)?))?;
    put(
        "sealed",
        "keys",
        &with(4, format!("# ours\n{}\n", "5a".repeat(32)).as_bytes()),
    )?;
    fs::remove_dir_all(folder)?;
    Ok(())
}
