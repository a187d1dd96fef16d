//! SpeechBrain's filterbank inside the graph: windows of 25 ms every 10 ms, 80 triangular filters on
//! the mel scale, decibels no lower than 80 under the loudest, each band around its mean.

use std::f64::consts::TAU;

use onnx_graph::{Array, GraphError, Node};

use super::network::Network;

/// Samples of a window, and steps of its spectrum.
const WINDOW: usize = 400;
const BINS: usize = WINDOW / 2 + 1;
/// Samples between windows.
const HOP: usize = 160;
/// Bands.
pub const BANDS: usize = 80;
const RATE_HZ: f64 = 16_000.0;

/// `wav` [batch, samples] -> [batch, frames, 80].
pub fn features(net: &mut Network, wav: &str) -> Result<String, GraphError> {
    net.b.scope("filterbank/");
    let axis = net.b.ints(&[1]);
    let wave = net.op("Unsqueeze", &[wav, &axis]);
    let filters = net.b.constant("filterbank/windows", &windows()?);
    let spectrum = net.b.add(
        Node::new("Conv")
            .inputs([&wave, &filters])
            .ints("strides", &[HOP as i64])
            .ints("pads", &[WINDOW as i64 / 2, WINDOW as i64 / 2]),
    );
    let squares = net.op("Mul", &[&spectrum, &spectrum]);
    let squares = net.b.add(
        Node::new("Transpose")
            .inputs([&squares])
            .ints("perm", &[0, 2, 1]),
    );
    // Cosine and sine of one frequency are added up by the same weights.
    let filters = net.b.constant("filterbank/filters", &filters_twice()?);
    let mel = net.op("MatMul", &[&squares, &filters]);
    let least = net.b.scalar(1e-10_f32);
    let mel = net.op("Max", &[&mel, &least]);
    let log = net.op("Log", &[&mel]);
    let ten = net.b.scalar(10.0 / std::f32::consts::LN_10);
    let db = net.op("Mul", &[&log, &ten]);
    let loudest = net.reduce("ReduceMax", &db, &[1, 2]);
    let range = net.b.scalar(80.0_f32);
    let least = net.op("Sub", &[&loudest, &range]);
    let db = net.op("Max", &[&db, &least]);
    let mean = net.reduce("ReduceMean", &db, &[1]);
    Ok(net.op("Sub", &[&db, &mean]))
}

/// Cosines, then sines, under a Hamming window: [2 * bins, 1, window].
fn windows() -> Result<Array<f32>, GraphError> {
    let hamming = |n: usize| 0.54 - 0.46 * (TAU * n as f64 / WINDOW as f64).cos();
    // The angle is taken modulo a turn while it is whole, for exactness.
    let angle = |k: usize, n: usize| TAU * ((k * n) % WINDOW) as f64 / WINDOW as f64;
    let mut data = Vec::with_capacity(2 * BINS * WINDOW);
    for wave in [f64::cos, f64::sin] {
        for k in 0..BINS {
            data.extend((0..WINDOW).map(|n| (wave(angle(k, n)) * hamming(n)) as f32));
        }
    }
    Array::new([2 * BINS, 1, WINDOW], data)
}

/// [2 * bins, bands]: each filter rises from the centre of the one before as it falls.
fn filters_twice() -> Result<Array<f32>, GraphError> {
    let to_mel = |hz: f64| 2595.0 * (1.0 + hz / 700.0).log10();
    let to_hz = |mel: f64| 700.0 * (10_f64.powf(mel / 2595.0) - 1.0);
    let top = to_mel(RATE_HZ / 2.0);
    let edges: Vec<f64> = (0..BANDS + 2)
        .map(|edge| to_hz(top * edge as f64 / (BANDS + 1) as f64))
        .collect();
    let mut data = Vec::with_capacity(2 * BINS * BANDS);
    for bin in (0..BINS).chain(0..BINS) {
        let hz = RATE_HZ / 2.0 * bin as f64 / (BINS - 1) as f64;
        // Both slopes have the width of the lower one: so the network was trained.
        let filter = |pair: &[f64]| (1.0 - ((hz - pair[1]) / (pair[1] - pair[0])).abs()).max(0.0);
        data.extend(edges.windows(2).take(BANDS).map(|pair| filter(pair) as f32));
    }
    Array::new([2 * BINS, BANDS], data)
}
