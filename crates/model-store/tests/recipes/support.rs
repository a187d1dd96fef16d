//! Shipped graphs from the cache, and graphs run by name.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use model_store::Store;
use onnx_graph::Model;
use ort::environment::Environment;
use ort::session::builder::GraphOptimizationLevel;
use ort::session::{Session, SessionInputValue};
use ort::value::Tensor;
use tempfile::TempDir;

const ABSENT: &str =
    "the model cache lacks it: run `cargo run -p model-store --bin models -- fetch --group test`";

static STORE: LazyLock<Store> = LazyLock::new(|| Store::from_env().expect("a home folder"));

static ENVIRONMENT: LazyLock<Environment> = LazyLock::new(|| {
    let library = STORE.file("onnxruntime", "libonnxruntime.so");
    let start = ort::init_from(library.expect(ABSENT)).expect("it loads");
    start.with_telemetry(false).build().expect("it starts")
});

/// An original, by its name in `models/shipped-graphs.toml`.
pub fn shipped(name: &str) -> PathBuf {
    STORE.file("shipped-graphs", name).expect(ABSENT)
}

/// The originals whose names begin with `prefix`, under the names that their recipe reads.
pub fn sources(prefix: &str, names: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in names {
        let to = folder.path().join(name);
        std::fs::copy(shipped(&format!("{prefix}{name}")), to).expect("it can be copied");
    }
    folder
}

/// A tensor of floats or of integers.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Float(Vec<usize>, Vec<f32>),
    Int(Vec<usize>, Vec<i64>),
    Bool(bool),
}

/// Tensors by name.
pub type Values = BTreeMap<String, Value>;

/// A graph, ready to run with two threads.
pub struct Graph(Session);

impl Graph {
    pub fn load(model: &Model) -> Self {
        Self::optimised(model, GraphOptimizationLevel::All)
    }

    /// As written: nothing is fused or put into another order.
    pub fn plain(model: &Model) -> Self {
        Self::optimised(model, GraphOptimizationLevel::Disable)
    }

    fn optimised(model: &Model, level: GraphOptimizationLevel) -> Self {
        let bytes = onnx_graph::encode(model);
        let session = Session::builder(&ENVIRONMENT)
            .and_then(|b| Ok(b.with_optimization_level(level)?))
            .and_then(|b| Ok(b.with_intra_threads(2)?))
            .and_then(|b| Ok(b.with_config_entry("session.x64quantprecision", "1")?))
            .and_then(|mut b| b.commit_from_memory(&bytes));
        Self(session.expect("ONNX Runtime takes the graph"))
    }

    pub fn shipped(name: &str) -> Self {
        Self::load(&onnx_graph::load(&shipped(name)).expect("readable"))
    }

    pub fn run(&mut self, inputs: &Values) -> Values {
        let wanted: Vec<String> = self
            .0
            .inputs()
            .iter()
            .map(|i| i.name().to_owned())
            .collect();
        let optional = self.0.overridable_initializers();
        let optional = optional.iter().map(|i| i.name().to_owned());
        let optional = optional.filter(|name| inputs.contains_key(name));
        let wanted: Vec<String> = wanted.into_iter().chain(optional).collect();
        let inputs: Vec<(String, SessionInputValue)> = wanted
            .into_iter()
            .map(|name| {
                let value = inputs
                    .get(&name)
                    .unwrap_or_else(|| panic!("give it `{name}`"));
                let value = tensor(value);
                (name, value)
            })
            .collect();
        let outputs = self.0.run(inputs).expect("it runs");
        let mut values = Values::new();
        for (name, value) in outputs.iter() {
            let (shape, data) = value.try_extract_tensor::<f32>().expect("floats");
            let dims = shape.iter().map(|&dim| dim as usize).collect();
            values.insert(name.to_owned(), Value::Float(dims, data.to_vec()));
        }
        values
    }
}

fn tensor(value: &Value) -> SessionInputValue<'static> {
    match value {
        // ONNX Runtime's own allocation, because ort refuses to borrow nothing.
        Value::Float(dims, data) if data.is_empty() => {
            let dims: Vec<i64> = dims.iter().map(|&dim| dim as i64).collect();
            Tensor::<f32>::new(&ort::memory::Allocator::default(), dims)
                .expect("an empty tensor")
                .into()
        }
        Value::Float(dims, data) => Tensor::from_array((dims.clone(), data.clone()))
            .expect("as many numbers as the shape says")
            .into(),
        Value::Int(dims, data) => Tensor::from_array((dims.clone(), data.clone()))
            .expect("as many numbers as the shape says")
            .into(),
        Value::Bool(flag) => Tensor::from_array((vec![1_usize], vec![*flag]))
            .expect("one")
            .into(),
    }
}

impl Value {
    pub fn floats(&self) -> &[f32] {
        match self {
            Self::Float(_, data) => data,
            other => panic!("{other:?} is not of floats"),
        }
    }

    pub fn dims(&self) -> &[usize] {
        match self {
            Self::Float(dims, _) | Self::Int(dims, _) => dims,
            Self::Bool(_) => &[],
        }
    }

    pub fn tokens(tokens: &[i64]) -> Self {
        Self::Int(vec![1, tokens.len()], tokens.to_vec())
    }

    pub fn empty(heads: usize, width: usize) -> Self {
        Self::Float(vec![1, heads, 0, width], Vec::new())
    }
}

/// Largest difference of two lists of equal length.
pub fn distance(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max)
}

/// Length of the difference in relation to that of `b`.
pub fn relative_error(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len());
    let square = |x: f32| f64::from(x) * f64::from(x);
    let off: f64 = a.iter().zip(b).map(|(a, b)| square(a - b)).sum();
    (off / b.iter().map(|b| square(*b)).sum::<f64>()).sqrt()
}

/// Something like a voice: harmonics that come and go, in -1..=1, the same at every run.
pub fn sound(samples: usize) -> Vec<f32> {
    let mut noise = 1_u32;
    (0..samples)
        .map(|n| {
            let t = n as f32 / 16_000.0;
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let hiss = (noise >> 16) as f32 / 65_536.0 - 0.5;
            let pitch = 120.0 + 30.0 * (t * 2.1).sin();
            let voice: f32 = (1..8)
                .map(|k| (t * pitch * std::f32::consts::TAU * k as f32).sin() / k as f32)
                .sum();
            0.2 * voice * (t * 4.0).sin().max(0.0) + 0.02 * hiss
        })
        .collect()
}
