//! An encoder and a decoder with a key/value cache, as every acoustic model here has them.
//!
//! Axis 0 of every tensor is the row (a segment, or a beam); all else is opaque. Values pass from
//! one call to the next without being copied, and only the outputs needed are asked for.

use crate::SpeechError;
use inference::ort::memory::Allocator;
use inference::ort::session::{
    HasSelectedOutputs, OutputSelector, RunOptions, Session, SessionInputValue,
};
use inference::ort::value::{DynValue, Tensor, TensorRef, ValueType};
use inference::{InferenceError, Runtime, SessionOptions, timed};
use std::borrow::Cow;
use std::path::Path;

/// Keys and values of the encoder's states, in the order of the decoder's inputs.
pub(crate) struct Cross(Vec<DynValue>);

/// What an aligner reads: the encoder's [`STATES`].
pub(crate) struct States(pub DynValue);

/// Its name with encoder and aligner.
pub(crate) const STATES: &str = "states";

/// Keys and values of the tokens so far.
pub(crate) struct Past(Vec<DynValue>);

/// The two sessions of a model; owned by one worker.
pub(crate) struct EncoderDecoder {
    encoder: Session,
    decoder: Session,
    encode: RunOptions<HasSelectedOutputs>,
    encode_with_states: RunOptions<HasSelectedOutputs>,
    step: RunOptions<HasSelectedOutputs>,
    attend: RunOptions<HasSelectedOutputs>,
    input: String,
    cross_names: Vec<String>,
    past_names: Vec<String>,
    present_names: Vec<String>,
    /// `[heads, width]` of a past tensor.
    past_shape: (usize, usize),
}

/// Attention of text over audio: `[heads, tokens, frames]`, row-major.
pub(crate) struct Attention {
    pub heads: usize,
    pub tokens: usize,
    pub frames: usize,
    pub weights: Vec<f32>,
}

impl EncoderDecoder {
    /// Loads `encoder.onnx` and `decoder.onnx` of `dir`.
    pub fn load(
        runtime: &Runtime,
        dir: &Path,
        options: &SessionOptions,
    ) -> Result<Self, SpeechError> {
        let encoder = runtime.session(&dir.join("encoder.onnx"), options)?;
        let path = dir.join("decoder.onnx");
        let decoder = runtime.session(&path, options)?;
        let wrong = |reason: &str| SpeechError::ModelFile {
            path: path.clone(),
            reason: reason.into(),
        };
        let names = |prefix: &str| -> Vec<String> {
            let inputs = decoder.inputs().iter().map(|input| input.name().to_owned());
            inputs.filter(|name| name.starts_with(prefix)).collect()
        };
        let (cross_names, past_names) = (names("cross."), names("past."));
        let past_shape = decoder
            .inputs()
            .iter()
            .find(|input| input.name().starts_with("past."))
            .and_then(|input| match input.dtype() {
                ValueType::Tensor { shape, .. } => Some((
                    usize::try_from(*shape.get(1)?).ok()?,
                    usize::try_from(*shape.get(3)?).ok()?,
                )),
                _ => None,
            })
            .ok_or_else(|| wrong("no `past.*` input of shape [rows, heads, tokens, width]"))?;
        let present_names: Vec<String> = past_names
            .iter()
            .map(|name| name.replacen("past.", "present.", 1))
            .collect();
        let input = encoder
            .inputs()
            .first()
            .ok_or_else(|| wrong("the encoder has no input"))?
            .name()
            .to_owned();
        let select = |names: &mut dyn Iterator<Item = &String>| {
            let selector = names.fold(OutputSelector::no_default(), |selector, name| {
                selector.with(name.as_str())
            });
            Ok::<_, SpeechError>(RunOptions::new()?.with_outputs(selector))
        };
        let (logits, attention) = (String::from("logits"), String::from("cross_attention"));
        let states = String::from(STATES);
        Ok(Self {
            encode: select(&mut cross_names.iter())?,
            encode_with_states: select(&mut cross_names.iter().chain(std::iter::once(&states)))?,
            step: select(&mut std::iter::once(&logits).chain(&present_names))?,
            attend: select(&mut std::iter::once(&attention))?,
            encoder,
            decoder,
            input,
            cross_names,
            past_names,
            present_names,
            past_shape,
        })
    }

    /// Encodes `features`, given with their shape (rows first).
    pub fn encode(&mut self, shape: &[usize], features: &[f32]) -> Result<Cross, SpeechError> {
        Ok(self.run_encoder(shape, features, false)?.0)
    }

    /// As [`EncoderDecoder::encode`], and gives what an aligner reads, of an encoder that has it.
    pub fn encode_with_states(
        &mut self,
        shape: &[usize],
        features: &[f32],
    ) -> Result<(Cross, States), SpeechError> {
        let (cross, states) = self.run_encoder(shape, features, true)?;
        Ok((cross, States(states.ok_or_else(|| missing(STATES))?)))
    }

    fn run_encoder(
        &mut self,
        shape: &[usize],
        features: &[f32],
        with_states: bool,
    ) -> Result<(Cross, Option<DynValue>), SpeechError> {
        let value = TensorRef::from_array_view((shape, features))?;
        let inputs = vec![(
            Cow::from(self.input.as_str()),
            SessionInputValue::from(value),
        )];
        let options = match with_states {
            true => &self.encode_with_states,
            false => &self.encode,
        };
        let encoder = &mut self.encoder;
        let mut outputs = timed("encoder", || encoder.run_with_options(inputs, options))?;
        let cross = take(&self.cross_names, |name| outputs.remove(name))?;
        let states = match with_states {
            true => outputs.remove(STATES),
            false => None,
        };
        Ok((Cross(cross), states))
    }

    /// A cache without tokens.
    pub fn empty_past(&self, rows: usize) -> Result<Past, SpeechError> {
        let (heads, width) = self.past_shape;
        let one =
            || Ok(Tensor::<f32>::new(&Allocator::default(), [rows, heads, 0, width])?.into_dyn());
        self.past_names
            .iter()
            .map(|_| one())
            .collect::<Result<_, SpeechError>>()
            .map(Past)
    }

    /// Feeds the same number of tokens to each row; gives the logits after the last, `[rows, vocabulary]`.
    pub fn step(
        &mut self,
        tokens: &[Vec<u32>],
        cross: &Cross,
        past: &mut Past,
    ) -> Result<Logits, SpeechError> {
        let ids = ids(tokens)?;
        let inputs = inputs(&ids, (&self.cross_names, cross), (&self.past_names, past));
        let mut outputs = timed("decoder", || {
            self.decoder.run_with_options(inputs, &self.step)
        })?;
        let logits = outputs.remove("logits").ok_or_else(|| missing("logits"))?;
        let present = take(&self.present_names, |name| outputs.remove(name))?;
        drop(outputs);
        past.0 = present;
        Ok(Logits(logits))
    }

    /// Attention of each of `tokens` over the audio of the one row of `cross`.
    pub fn attention(&mut self, tokens: &[u32], cross: &Cross) -> Result<Attention, SpeechError> {
        let past = self.empty_past(1)?;
        let ids = ids(std::slice::from_ref(&tokens.to_vec()))?;
        let inputs = inputs(&ids, (&self.cross_names, cross), (&self.past_names, &past));
        let outputs = timed("attention", || {
            self.decoder.run_with_options(inputs, &self.attend)
        })?;
        let (shape, data) = outputs["cross_attention"].try_extract_tensor::<f32>()?;
        let size = |axis: usize| {
            shape
                .get(axis)
                .and_then(|&n| usize::try_from(n).ok())
                .unwrap_or(0)
        };
        Ok(Attention {
            heads: size(1),
            tokens: size(2),
            frames: size(3),
            weights: data.to_vec(),
        })
    }
}

/// Natural scores of the next token for each row.
pub(crate) struct Logits(DynValue);

impl Logits {
    /// `[rows, vocabulary]`, row-major; may be changed in place.
    pub fn rows(&mut self) -> Result<impl Iterator<Item = &mut [f32]>, SpeechError> {
        let (shape, data) = self.0.try_extract_tensor_mut::<f32>()?;
        let width = shape
            .last()
            .and_then(|&n| usize::try_from(n).ok())
            .unwrap_or(1)
            .max(1);
        Ok(data.chunks_exact_mut(width))
    }
}

impl Cross {
    /// The given rows, in the given order; a row may come several times.
    pub fn select(&self, rows: &[usize]) -> Result<Self, SpeechError> {
        self.0
            .iter()
            .map(|value| select(value, rows))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl Past {
    /// As [`Cross::select`].
    pub fn select(&self, rows: &[usize]) -> Result<Self, SpeechError> {
        self.0
            .iter()
            .map(|value| select(value, rows))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

fn select(value: &DynValue, rows: &[usize]) -> Result<DynValue, SpeechError> {
    let (shape, data) = value.try_extract_tensor::<f32>()?;
    let mut shape = shape.to_vec();
    let count = shape
        .first()
        .and_then(|&n| usize::try_from(n).ok())
        .unwrap_or(1)
        .max(1);
    let width = data.len() / count;
    shape[0] = rows.len() as i64;
    let mut chosen = Vec::with_capacity(rows.len() * width);
    for &row in rows {
        chosen.extend_from_slice(&data[row * width..(row + 1) * width]);
    }
    Ok(Tensor::from_array((shape, chosen))?.into_dyn())
}

fn ids(tokens: &[Vec<u32>]) -> Result<Tensor<i64>, SpeechError> {
    let width = tokens.first().map_or(0, Vec::len);
    let flat: Vec<i64> = tokens
        .iter()
        .flatten()
        .map(|&token| i64::from(token))
        .collect();
    Ok(Tensor::from_array(([tokens.len(), width], flat))?)
}

type Inputs<'a> = Vec<(Cow<'a, str>, SessionInputValue<'a>)>;

fn inputs<'a>(
    ids: &'a Tensor<i64>,
    cross: (&'a [String], &'a Cross),
    past: (&'a [String], &'a Past),
) -> Inputs<'a> {
    let mut all: Inputs<'a> = Vec::with_capacity(1 + cross.0.len() + past.0.len());
    all.push((Cow::from("input_ids"), ids.into()));
    let pairs = cross
        .0
        .iter()
        .zip(&cross.1.0)
        .chain(past.0.iter().zip(&past.1.0));
    all.extend(
        pairs.map(|(name, value)| (Cow::from(name.as_str()), SessionInputValue::from(value))),
    );
    all
}

fn take(
    names: &[String],
    mut remove: impl FnMut(&str) -> Option<DynValue>,
) -> Result<Vec<DynValue>, SpeechError> {
    names
        .iter()
        .map(|name| remove(name).ok_or_else(|| missing(name)))
        .collect()
}

fn missing(output: &str) -> SpeechError {
    InferenceError::Run(format!("the graph gave no `{output}`")).into()
}
