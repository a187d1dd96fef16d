//! The network: hashed embeddings, a mixing layer, four convolutions, and the two layers that
//! score moves (Honnibal and Montani's spaCy; hash embeddings: Serrà and Karatzoglou 2017).

use super::features::Features;
use super::hash;
use super::msgpack::Value;

/// Width of a token's vector.
const WIDTH: usize = 96;
/// Width after the last layer, and of the layer that scores.
const HIDDEN: usize = 64;
/// Pieces of a maxout layer of the encoder.
const PIECES: usize = 3;
/// Pieces of the layer that scores.
const SCORING_PIECES: usize = 2;
/// Convolutions, each of which looks one token to either side.
const DEPTH: usize = 4;
/// Tokens that the state of the transition system names.
pub(super) const SLOTS: usize = 3;
const PER_SLOT: usize = HIDDEN * SCORING_PIECES;
const EMBEDDINGS: usize = 4;

/// The weights.
pub(super) struct Network {
    embeddings: Vec<Embedding>,
    mixer: Maxout,
    convolutions: Vec<Maxout>,
    /// `[64, 96]` and `[64]`.
    reduce: (Vec<f32>, Vec<f32>),
    /// `[3 slots, 64, 2 pieces, 64]`, `[64, 2]`, and what a slot without a token has, `[3, 64, 2]`.
    lower: (Vec<f32>, Vec<f32>, Vec<f32>),
    /// `[moves, 64]` and `[moves]`.
    upper: (Vec<f32>, Vec<f32>),
}

struct Embedding {
    seed: u32,
    /// `[rows, 96]`.
    table: Vec<f32>,
}

/// A layer of three linear pieces of which the greatest counts, then layer normalisation.
struct Maxout {
    /// `[96, 3, inputs]`.
    weights: Vec<f32>,
    bias: Vec<f32>,
    gain: Vec<f32>,
    shift: Vec<f32>,
}

/// What each token of a text adds in each slot, `[tokens, 3, 64, 2]`.
pub(super) struct Read {
    tokens: usize,
    slots: Vec<f32>,
}

impl Read {
    pub fn tokens(&self) -> usize {
        self.tokens
    }
}

impl Network {
    /// From the file of the library: parameters stand in the order of its layers.
    pub fn new(model: &Value) -> Option<Self> {
        let filled = |params: &&Value| params.entries().is_some_and(|p| !p.is_empty());
        let mut layers = model.get("params")?.array()?.iter().filter(filled);
        let lower = layers.next()?;
        let upper = layers.next()?;
        let reduce = layers.next()?;
        let mut seeds = model.get("attrs")?.array()?.iter().filter_map(|attrs| {
            let packed = attrs.get("seed")?.bytes()?;
            u32::try_from(Value::read(packed)?.unsigned()?).ok()
        });
        let embeddings: Vec<Embedding> = (0..EMBEDDINGS)
            .map(|_| {
                let table = tensor(layers.next()?, "E", None)?;
                let whole = !table.is_empty() && table.len().is_multiple_of(WIDTH);
                let seed = seeds.next()?;
                whole.then_some(Embedding { seed, table })
            })
            .collect::<Option<_>>()?;
        let mut maxout = |inputs: usize| {
            let (linear, norm) = (layers.next()?, layers.next()?);
            Some(Maxout {
                weights: tensor(linear, "W", Some(WIDTH * PIECES * inputs))?,
                bias: tensor(linear, "b", Some(WIDTH * PIECES))?,
                gain: tensor(norm, "G", Some(WIDTH))?,
                shift: tensor(norm, "b", Some(WIDTH))?,
            })
        };
        let mixer = maxout(EMBEDDINGS * WIDTH)?;
        let convolutions = (0..DEPTH)
            .map(|_| maxout(3 * WIDTH))
            .collect::<Option<_>>()?;
        let upper_bias = tensor(upper, "b", None)?;
        Some(Self {
            embeddings,
            mixer,
            convolutions,
            reduce: (
                tensor(reduce, "W", Some(HIDDEN * WIDTH))?,
                tensor(reduce, "b", Some(HIDDEN))?,
            ),
            lower: (
                tensor(lower, "W", Some(SLOTS * PER_SLOT * HIDDEN))?,
                tensor(lower, "b", Some(PER_SLOT))?,
                tensor(lower, "pad", Some(SLOTS * PER_SLOT))?,
            ),
            upper: (
                tensor(upper, "W", Some(upper_bias.len() * HIDDEN))?,
                upper_bias,
            ),
        })
    }

    /// How many moves it scores.
    pub fn actions(&self) -> usize {
        self.upper.1.len()
    }

    /// Reads the tokens of a text.
    pub fn read(&self, features: &[Features]) -> Read {
        // Rows of nothing on either side, as wide as the convolutions see.
        let rows = features.len() + 2 * DEPTH;
        let mut state = vec![0.0; rows * WIDTH];
        let mut embedded = vec![0.0; EMBEDDINGS * WIDTH];
        for (token, out) in features
            .iter()
            .zip(state[DEPTH * WIDTH..].chunks_exact_mut(WIDTH))
        {
            self.embed(token, &mut embedded);
            self.mixer.apply(&embedded, out);
        }
        let mut window = vec![0.0; 3 * WIDTH];
        let mut out = [0.0; WIDTH];
        for convolution in &self.convolutions {
            let before = state.clone();
            for row in 0..rows {
                window.fill(0.0);
                let from = row.saturating_sub(1) * WIDTH;
                let to = (row + 2).min(rows) * WIDTH;
                let offset = if row == 0 { WIDTH } else { 0 };
                window[offset..offset + to - from].copy_from_slice(&before[from..to]);
                convolution.apply(&window, &mut out);
                let own = &mut state[row * WIDTH..(row + 1) * WIDTH];
                own.iter_mut()
                    .zip(&out)
                    .for_each(|(sum, value)| *sum += value);
            }
        }
        let mut slots = Vec::with_capacity(features.len() * SLOTS * PER_SLOT);
        let mut reduced = [0.0; HIDDEN];
        for token in state[DEPTH * WIDTH..]
            .chunks_exact(WIDTH)
            .take(features.len())
        {
            linear(&self.reduce.0, &self.reduce.1, token, &mut reduced);
            slots.extend(
                self.lower
                    .0
                    .chunks_exact(HIDDEN)
                    .map(|row| dot(row, &reduced)),
            );
        }
        Read {
            tokens: features.len(),
            slots,
        }
    }

    fn embed(&self, token: &Features, out: &mut [f32]) {
        out.fill(0.0);
        let parts = self
            .embeddings
            .iter()
            .zip(token)
            .zip(out.chunks_exact_mut(WIDTH));
        for ((embedding, &id), out) in parts {
            let rows = embedding.table.len() / WIDTH;
            for key in hash::rows(id, embedding.seed) {
                let row = key as usize % rows * WIDTH;
                let values = &embedding.table[row..row + WIDTH];
                out.iter_mut()
                    .zip(values)
                    .for_each(|(sum, value)| *sum += value);
            }
        }
    }

    /// Scores every move in a state that names these tokens.
    pub fn scores(&self, read: &Read, state: [Option<usize>; SLOTS], out: &mut Vec<f32>) {
        let (_, bias, pad) = &self.lower;
        let mut sum = [0.0; PER_SLOT];
        sum.copy_from_slice(bias);
        for (slot, token) in state.into_iter().enumerate() {
            let (from, start) = match token {
                Some(token) => (&read.slots, (token * SLOTS + slot) * PER_SLOT),
                None => (pad, slot * PER_SLOT),
            };
            let values = &from[start..start + PER_SLOT];
            sum.iter_mut()
                .zip(values)
                .for_each(|(sum, value)| *sum += value);
        }
        let mut hidden = [0.0; HIDDEN];
        for (out, pieces) in hidden.iter_mut().zip(sum.chunks_exact(SCORING_PIECES)) {
            *out = pieces.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        }
        out.clear();
        out.extend(
            self.upper
                .0
                .chunks_exact(HIDDEN)
                .zip(&self.upper.1)
                .map(|(row, b)| dot(row, &hidden) + b),
        );
    }
}

impl Maxout {
    fn apply(&self, input: &[f32], out: &mut [f32]) {
        let pieces = self.weights.chunks_exact(input.len()).zip(&self.bias);
        let mut greatest = f32::NEG_INFINITY;
        for (i, (row, bias)) in pieces.enumerate() {
            greatest = greatest.max(dot(row, input) + bias);
            if i % PIECES == PIECES - 1 {
                out[i / PIECES] = greatest;
                greatest = f32::NEG_INFINITY;
            }
        }
        let mean = out.iter().sum::<f32>() / WIDTH as f32;
        let variance = out.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / WIDTH as f32;
        let scale = 1.0 / (variance + 1e-8).sqrt();
        for (x, (gain, shift)) in out.iter_mut().zip(self.gain.iter().zip(&self.shift)) {
            *x = (*x - mean) * scale * gain + shift;
        }
    }
}

fn linear(weights: &[f32], bias: &[f32], input: &[f32], out: &mut [f32]) {
    for ((out, row), bias) in out
        .iter_mut()
        .zip(weights.chunks_exact(input.len()))
        .zip(bias)
    {
        *out = dot(row, input) + bias;
    }
}

/// In eight sums side by side, which a processor adds at once.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a, a_rest) = a.as_chunks::<8>();
    let (b, b_rest) = b.as_chunks::<8>();
    let mut sums = [0.0_f32; 8];
    for (a, b) in a.iter().zip(b) {
        for i in 0..8 {
            sums[i] += a[i] * b[i];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

/// A parameter: an array of 32-bit floats as msgpack-numpy writes it, of so many values.
fn tensor(params: &Value, name: &str, length: Option<usize>) -> Option<Vec<f32>> {
    let array = params.get(name)?;
    if array.get("type")?.text()? != "<f4" {
        return None;
    }
    let (values, rest) = array.get("data")?.bytes()?.as_chunks::<4>();
    let values: Vec<f32> = values
        .iter()
        .map(|&bytes| f32::from_le_bytes(bytes))
        .collect();
    (rest.is_empty() && length.is_none_or(|length| length == values.len())).then_some(values)
}
