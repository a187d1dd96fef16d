//! MiniLM (all-MiniLM-L6-v2, Wang et al. 2020, Reimers and Gurevych 2019): texts to [`Sentence`]s.

use super::sentence::{LAYERS, Sentence, WIDTH};
use super::wordpiece::WordPiece;
use crate::SpeechError;
use inference::ort::session::Session;
use inference::ort::value::TensorRef;
use inference::{InferenceError, Pool, Runtime, SessionOptions, timed};
use std::path::Path;

/// Most tokens of a batch, padding included: bounds memory, and more at once is no faster.
const BATCH_TOKENS: usize = 512;

/// The tokenizer and the sessions.
pub(super) struct Encoder {
    pieces: WordPiece,
    sessions: Pool<Session>,
}

impl Encoder {
    /// Loads `encoder.onnx` and `tokenizer.json` of `dir`.
    pub(super) fn load(
        runtime: &Runtime,
        dir: &Path,
        sessions: usize,
    ) -> Result<Self, SpeechError> {
        let path = dir.join("encoder.onnx");
        let options = SessionOptions::default();
        Ok(Self {
            pieces: WordPiece::load(&dir.join("tokenizer.json"))?,
            sessions: Pool::of(sessions, || runtime.session(&path, &options))?,
        })
    }

    /// Sentences of `texts`, in their order. Blocks.
    pub(super) fn embed(&self, texts: &[&str]) -> Result<Vec<Sentence>, SpeechError> {
        let encoded: Vec<Vec<i64>> = texts.iter().map(|text| self.pieces.encode(text)).collect();
        // Texts of like length side by side, so that little is padded.
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by_key(|&at| encoded[at].len());
        let mut sentences: Vec<Option<Sentence>> = vec![None; texts.len()];
        let mut rest = order.as_slice();
        while !rest.is_empty() {
            let fits = |count: usize| count * encoded[rest[count - 1]].len() <= BATCH_TOKENS;
            let count = (1..=rest.len())
                .take_while(|&n| fits(n))
                .last()
                .unwrap_or(1);
            let (batch, later) = rest.split_at(count);
            let ids: Vec<&[i64]> = batch.iter().map(|&at| encoded[at].as_slice()).collect();
            for (&at, layers) in batch.iter().zip(self.run(&ids)?) {
                sentences[at] = Some(Sentence::new(texts[at], layers));
            }
            rest = later;
        }
        Ok(sentences.into_iter().flatten().collect())
    }

    /// The mean of each layer over each text's tokens, [layers * width] a text.
    fn run(&self, texts: &[&[i64]]) -> Result<Vec<Vec<f32>>, SpeechError> {
        let longest = texts.iter().map(|text| text.len()).max().unwrap_or(0);
        let mut ids = vec![0i64; texts.len() * longest];
        let mut mask = ids.clone();
        let kinds = ids.clone();
        for (row, text) in texts.iter().enumerate() {
            let from = row * longest;
            ids[from..from + text.len()].copy_from_slice(text);
            mask[from..from + text.len()].fill(1);
        }
        let shape = [texts.len(), longest];
        let inputs = inference::ort::inputs![
            "input_ids" => TensorRef::from_array_view((shape, ids.as_slice()))?,
            "attention_mask" => TensorRef::from_array_view((shape, mask.as_slice()))?,
            "token_type_ids" => TensorRef::from_array_view((shape, kinds.as_slice()))?,
        ];
        let mut session = self.sessions.borrow();
        let outputs = timed("sentence", || session.run(inputs))?;
        let mut found = vec![Vec::with_capacity(LAYERS * WIDTH); texts.len()];
        for layer in 1..=LAYERS {
            let name = format!("layer_{layer}");
            let (_, values) = outputs[name.as_str()].try_extract_tensor::<f32>()?;
            if values.len() != ids.len() * WIDTH {
                let reason = format!("`{name}` has {} values", values.len());
                return Err(InferenceError::Run(reason).into());
            }
            let rows = values.chunks_exact(longest * WIDTH);
            for ((row, text), found) in rows.zip(texts).zip(&mut found) {
                found.extend(mean(&row[..text.len() * WIDTH], text.len()));
            }
        }
        Ok(found)
    }
}

/// Mean over `tokens` rows of `values` [tokens, width].
fn mean(values: &[f32], tokens: usize) -> Vec<f32> {
    let mut sum = vec![0.0f32; WIDTH];
    for token in values.chunks_exact(WIDTH) {
        sum.iter_mut().zip(token).for_each(|(sum, x)| *sum += x);
    }
    sum.iter_mut().for_each(|sum| *sum /= tokens as f32);
    sum
}
