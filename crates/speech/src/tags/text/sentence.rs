//! What the encoder makes of a text.

use std::sync::Arc;

/// Layers of the encoder.
pub(super) const LAYERS: usize = 6;
/// Numbers of a layer.
pub(super) const WIDTH: usize = 384;

/// An embedded text: the mean over its tokens of each of the encoder's six layers. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sentence {
    /// [layers * width], the lowest layer first.
    layers: Arc<[f32]>,
    is_readable: bool,
}

impl Sentence {
    pub(super) fn new(text: &str, layers: Vec<f32>) -> Self {
        debug_assert_eq!(layers.len(), LAYERS * WIDTH);
        Self {
            layers: layers.into(),
            is_readable: is_readable(text),
        }
    }

    /// The sentence embedding, 384 numbers, L2-normalised: the cosine of two is their product.
    pub fn embedding(&self) -> Vec<f32> {
        let last = &self.layers[(LAYERS - 1) * WIDTH..];
        let norm = last.iter().map(|x| x * x).sum::<f32>().sqrt();
        last.iter()
            .map(|x| x / norm.max(f32::MIN_POSITIVE))
            .collect()
    }

    /// Whether the encoder, which knows English, can have understood it: it has letters or digits,
    /// and most of its letters are Latin. Another language in Latin letters is not noticed here.
    pub fn is_readable(&self) -> bool {
        self.is_readable
    }

    pub(super) fn layers(&self) -> &[f32] {
        &self.layers
    }
}

fn is_readable(text: &str) -> bool {
    let (mut latin, mut other) = (0usize, 0usize);
    for c in text.chars().filter(|c| c.is_alphanumeric()) {
        // Up to the end of Latin Extended-B.
        if u32::from(c) < 0x250 {
            latin += 1;
        } else {
            other += 1;
        }
    }
    latin > other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_is_readable_and_other_scripts_are_not() {
        for text in ["Hello there", "I paid ₹500 😀", "42", "café", "namaste नम"] {
            assert!(is_readable(text), "{text}");
        }
        for text in [
            "",
            "   ",
            "?!",
            "😀😀",
            "नमस्ते आप कैसे हैं",
            "你好",
            "Привет",
            "OK 你好吗我很好",
        ] {
            assert!(!is_readable(text), "{text}");
        }
    }

    #[test]
    fn the_embedding_is_the_last_layer_with_length_one() {
        let mut layers = vec![9.0; LAYERS * WIDTH];
        layers[(LAYERS - 1) * WIDTH..].fill(2.0);
        let found = Sentence::new("one", layers).embedding();
        let length: f32 = found.iter().map(|x| x * x).sum();
        assert_eq!(found.len(), WIDTH);
        assert!((length - 1.0).abs() < 1e-5, "{length}");
    }
}
