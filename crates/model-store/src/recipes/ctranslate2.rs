//! Reading Whisper's weights out of a CTranslate2 `model.bin` (format version 6).
//!
//! The file is a list of named arrays: after a version, the name and revision of the model's kind,
//! each has a name (length, bytes, a zero), a rank, dimensions, a type, a byte count and its data,
//! all little endian. A list of aliases follows (CTranslate2 4, `python/ctranslate2/specs/
//! model_spec.py`, `_serialize`).

use std::collections::BTreeMap;

use half::f16;
use onnx_graph::{Array, Element};

use super::weights::{Weight, Weights};

const VERSION: u32 = 6;
const KIND: &str = "WhisperSpec";
/// Type numbers of the arrays that hold weights.
const FLOAT32: u8 = 0;
const FLOAT16: u8 = 4;

/// The model's weights under the names that [`super::whisper`] uses, or what is wrong with the
/// file.
pub fn whisper_weights(file: &[u8]) -> Result<Weights, String> {
    let arrays = read(file)?;
    let mut out = Weights::default();
    let source = Source { arrays: &arrays };
    for side in ["encoder", "decoder"] {
        let layers = (0..)
            .take_while(|layer| {
                arrays.contains_key(&format!("{side}/layer_{layer}/ffn/linear_0/weight"))
            })
            .count();
        for layer in 0..layers {
            source.layer(
                &mut out,
                &format!("{side}/layer_{layer}"),
                &format!("{side}.layers.{layer}"),
            )?;
        }
        source.norm(
            &mut out,
            &format!("{side}/layer_norm"),
            &format!("{side}.layer_norm"),
        )?;
        let positions = source.get(&format!("{side}/position_encodings/encodings"))?;
        out.insert(
            format!("{side}.embed_positions.weight"),
            Weight::Float(positions),
        );
    }
    for conv in ["conv1", "conv2"] {
        for part in ["weight", "bias"] {
            let array = source.get(&format!("encoder/{conv}/{part}"))?;
            out.insert(format!("encoder.{conv}.{part}"), Weight::Float(array));
        }
    }
    let tokens = source.get("decoder/embeddings/weight")?;
    out.insert("decoder.embed_tokens.weight", Weight::Float(tokens));
    Ok(out)
}

struct Source<'a> {
    arrays: &'a BTreeMap<String, Array<f32>>,
}

impl Source<'_> {
    fn get(&self, name: &str) -> Result<Array<f32>, String> {
        let array = self.arrays.get(name);
        array
            .cloned()
            .ok_or_else(|| format!("there is no array `{name}`"))
    }

    /// One layer; CTranslate2 keeps query, key and value as one matrix, and so key and value of
    /// the attention to the encoder.
    fn layer(&self, out: &mut Weights, from: &str, to: &str) -> Result<(), String> {
        let names = |part: &str, letters: &str| -> Vec<String> {
            let name = |letter| format!("{to}.{part}.{letter}_proj");
            letters.chars().map(name).collect()
        };
        self.linear(
            out,
            &format!("{from}/self_attention/linear_0"),
            &names("self_attn", "qkv"),
        )?;
        self.linear(
            out,
            &format!("{from}/self_attention/linear_1"),
            &[format!("{to}.self_attn.out_proj")],
        )?;
        self.norm(
            out,
            &format!("{from}/self_attention/layer_norm"),
            &format!("{to}.self_attn_layer_norm"),
        )?;
        if to.starts_with("decoder") {
            self.linear(
                out,
                &format!("{from}/attention/linear_0"),
                &names("encoder_attn", "q"),
            )?;
            self.linear(
                out,
                &format!("{from}/attention/linear_1"),
                &names("encoder_attn", "kv"),
            )?;
            self.linear(
                out,
                &format!("{from}/attention/linear_2"),
                &[format!("{to}.encoder_attn.out_proj")],
            )?;
            self.norm(
                out,
                &format!("{from}/attention/layer_norm"),
                &format!("{to}.encoder_attn_layer_norm"),
            )?;
        }
        self.linear(out, &format!("{from}/ffn/linear_0"), &[format!("{to}.fc1")])?;
        self.linear(out, &format!("{from}/ffn/linear_1"), &[format!("{to}.fc2")])?;
        self.norm(
            out,
            &format!("{from}/ffn/layer_norm"),
            &format!("{to}.final_layer_norm"),
        )
    }

    /// A matrix [outputs, inputs] and its bias, cut into as many layers as there are names.
    fn linear(&self, out: &mut Weights, from: &str, names: &[String]) -> Result<(), String> {
        let weight = self.get(&format!("{from}/weight"))?;
        let bias = self.get(&format!("{from}/bias"))?;
        let rows = weight.dims().first().copied().unwrap_or(0) / names.len();
        for (place, name) in names.iter().enumerate() {
            let range = place * rows..(place + 1) * rows;
            let error = |error| format!("{from}: {error}");
            let matrix = weight
                .rows(range.clone())
                .and_then(|part| part.transposed());
            out.insert(
                format!("{name}.weight"),
                Weight::Float(matrix.map_err(error)?),
            );
            let bias = bias.rows(range).map_err(error)?;
            out.insert(format!("{name}.bias"), Weight::Float(bias));
        }
        Ok(())
    }

    fn norm(&self, out: &mut Weights, from: &str, to: &str) -> Result<(), String> {
        for (theirs, ours) in [("gamma", "weight"), ("beta", "bias")] {
            let array = self.get(&format!("{from}/{theirs}"))?;
            out.insert(format!("{to}.{ours}"), Weight::Float(array));
        }
        Ok(())
    }
}

/// Every array of floats in the file.
fn read(file: &[u8]) -> Result<BTreeMap<String, Array<f32>>, String> {
    let mut rest = Reader(file);
    let version = rest.u32()?;
    if version != VERSION {
        return Err(format!("format version {version}, expected {VERSION}"));
    }
    let kind = rest.string()?;
    if kind != KIND {
        return Err(format!("a {kind}, expected a {KIND}"));
    }
    rest.u32()?; // revision
    let mut arrays = BTreeMap::new();
    for _ in 0..rest.u32()? {
        let name = rest.string()?;
        let rank = rest.take(1)?[0];
        let dims = (0..rank)
            .map(|_| rest.u32().map(|dim| dim as usize))
            .collect::<Result<Vec<_>, _>>()?;
        let data_type = rest.take(1)?[0];
        let length = rest.u32()? as usize;
        let bytes = rest.take(length)?;
        let data: Vec<f32> = match data_type {
            FLOAT32 => bytes.chunks_exact(4).map(f32::read).collect(),
            FLOAT16 => bytes
                .chunks_exact(2)
                .map(|two| f16::read(two).to_f32())
                .collect(),
            _ => continue, // settings, no weights
        };
        let array = Array::new(dims, data).map_err(|error| format!("`{name}`: {error}"))?;
        arrays.insert(name, array);
    }
    Ok(arrays)
}

/// What has not been read yet.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let (head, rest) = self
            .0
            .split_at_checked(count)
            .ok_or("the file is cut short")?;
        self.0 = rest;
        Ok(head)
    }

    fn u32(&mut self) -> Result<u32, String> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    fn string(&mut self) -> Result<String, String> {
        let length = self.take(2)?;
        let bytes = self.take(usize::from(u16::from_le_bytes([length[0], length[1]])))?;
        let text = bytes.strip_suffix(&[0]).ok_or("a name without end")?;
        String::from_utf8(text.to_vec()).map_err(|_| "a name that is no text".to_owned())
    }
}
