//! English words in no lexicon: letters to ARPAbet by the recurrent network of g2p_en (Park and
//! Kim 2018), one layer of gated recurrent units (Cho et al. 2014) that reads the letters and one
//! that writes the phones.

use std::path::Path;

use super::npz::Npz;
use crate::SynthesisError;

const HIDDEN: usize = 256;
const EMBEDDING: usize = 256;
/// Padding, unknown, end, then `a` to `z`.
const LETTERS: usize = 29;
const LETTER_UNKNOWN: usize = 1;
const LETTER_END: usize = 2;
const LETTER_A: usize = 3;
/// Padding, unknown, start, end, then the phones.
const START: usize = 2;
const END: usize = 3;
const FIRST_PHONE: usize = 4;

/// The network's phones, in its order. A digit says how a vowel is stressed: 1 most, 2 less, 0 not.
#[rustfmt::skip]
const PHONES: [&str; 70] = [
    "AA0", "AA1", "AA2", "AE0", "AE1", "AE2", "AH0", "AH1", "AH2", "AO0", "AO1", "AO2", "AW0", "AW1",
    "AW2", "AY0", "AY1", "AY2", "B", "CH", "D", "DH", "EH0", "EH1", "EH2", "ER0", "ER1", "ER2", "EY0",
    "EY1", "EY2", "F", "G", "HH", "IH0", "IH1", "IH2", "IY0", "IY1", "IY2", "JH", "K", "L", "M", "N",
    "NG", "OW0", "OW1", "OW2", "OY0", "OY1", "OY2", "P", "R", "S", "SH", "T", "TH", "UH0", "UH1",
    "UH2", "UW", "UW0", "UW1", "UW2", "V", "W", "Y", "Z", "ZH",
];

/// The network.
pub struct Speller {
    reader: Units,
    writer: Units,
    /// `[symbols, HIDDEN]`
    output: Vec<f32>,
    output_bias: Vec<f32>,
}

impl Speller {
    /// Reads the weights, `checkpoint20.npz` of the package g2p_en 2.1.
    ///
    /// # Errors
    /// [`SynthesisError::ModelFile`] when the file cannot be read or is another.
    pub fn load(weights: &Path) -> Result<Self, SynthesisError> {
        let symbols = FIRST_PHONE + PHONES.len();
        let npz = &mut Npz::open(weights)?;
        Ok(Self {
            reader: Units::load(npz, "enc", LETTERS)?,
            writer: Units::load(npz, "dec", symbols)?,
            output: npz.array("fc_w", &[symbols, HIDDEN])?,
            output_bias: npz.array("fc_b", &[symbols])?,
        })
    }

    /// The phones of a word in small letters `a` to `z`. Time grows with its length.
    pub fn phones(&self, word: &str) -> Vec<&'static str> {
        let mut state = vec![0.0; HIDDEN];
        let letters = word.bytes().map(|letter| match letter {
            b'a'..=b'z' => LETTER_A + usize::from(letter - b'a'),
            _ => LETTER_UNKNOWN,
        });
        for letter in letters.chain([LETTER_END]) {
            self.reader.step(letter, &mut state);
        }
        let mut phones = Vec::new();
        let mut last = START;
        // No English word has twice as many sounds as letters: a network that will not stop.
        for _ in 0..2 * word.len() + 4 {
            self.writer.step(last, &mut state);
            last = self.likeliest(&state);
            if last == END {
                break;
            }
            phones.extend(last.checked_sub(FIRST_PHONE).map(|phone| PHONES[phone]));
        }
        phones
    }

    fn likeliest(&self, state: &[f32]) -> usize {
        let rows = self.output.chunks_exact(HIDDEN).zip(&self.output_bias);
        let scores = rows.map(|(row, bias)| dot(row, state) + bias);
        let best = scores.enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
        best.map_or(END, |(symbol, _)| symbol)
    }
}

/// A layer of gated recurrent units that reads symbols.
struct Units {
    /// `[symbols, 3 * HIDDEN]`: what each symbol adds to the gates, embedding and bias included.
    inputs: Vec<f32>,
    /// `[3 * HIDDEN, HIDDEN]`: reset gate, update gate, new state.
    recurrent: Vec<f32>,
    recurrent_bias: Vec<f32>,
}

impl Units {
    fn load(npz: &mut Npz, name: &str, symbols: usize) -> Result<Self, SynthesisError> {
        let embeddings = npz.array(&format!("{name}_emb"), &[symbols, EMBEDDING])?;
        let weights = npz.array(&format!("{name}_w_ih"), &[3 * HIDDEN, EMBEDDING])?;
        let bias = npz.array(&format!("{name}_b_ih"), &[3 * HIDDEN])?;
        let inputs = embeddings.chunks_exact(EMBEDDING).flat_map(|embedding| {
            let rows = weights.chunks_exact(EMBEDDING).zip(&bias);
            rows.map(move |(row, bias)| dot(row, embedding) + bias)
        });
        Ok(Self {
            inputs: inputs.collect(),
            recurrent: npz.array(&format!("{name}_w_hh"), &[3 * HIDDEN, HIDDEN])?,
            recurrent_bias: npz.array(&format!("{name}_b_hh"), &[3 * HIDDEN])?,
        })
    }

    fn step(&self, symbol: usize, state: &mut [f32]) {
        let input = &self.inputs[symbol * 3 * HIDDEN..][..3 * HIDDEN];
        let rows = self
            .recurrent
            .chunks_exact(HIDDEN)
            .zip(&self.recurrent_bias);
        let gates: Vec<f32> = rows.map(|(row, bias)| dot(row, state) + bias).collect();
        for (unit, value) in state.iter_mut().enumerate() {
            let gate = |nth: usize| input[nth * HIDDEN + unit] + gates[nth * HIDDEN + unit];
            let (reset, update) = (sigmoid(gate(0)), sigmoid(gate(1)));
            let new = (input[2 * HIDDEN + unit] + reset * gates[2 * HIDDEN + unit]).tanh();
            *value = (1.0 - update) * new + update * *value;
        }
    }
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// In eight sums, which the compiler turns into vector instructions.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; 8];
    let ((a, _), (b, _)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (a, b) in a.iter().zip(b) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum()
}
