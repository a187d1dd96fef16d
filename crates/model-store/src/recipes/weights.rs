//! Named weight matrices and vectors, on their way from one file format into a graph.

use std::collections::BTreeMap;

use onnx_graph::{Array, GraphError, quantise};

/// A weight as its source stores it.
#[derive(Clone, Debug)]
pub enum Weight {
    /// Full precision.
    Float(Array<f32>),
    /// Bytes: `(value - zero_point) * scale`.
    Stored {
        /// The bytes; unsigned ones have been shifted down by 128, with their zero point.
        values: Array<i8>,
        /// Size of a step.
        scale: f32,
        /// The byte that stands for zero.
        zero_point: i8,
    },
}

impl Weight {
    /// A matrix of unsigned bytes.
    pub fn unsigned(values: &Array<u8>, scale: f32, zero_point: u8) -> Self {
        Self::Stored {
            values: values.map(quantise::signed),
            scale,
            zero_point: quantise::signed(zero_point),
        }
    }

    /// In full precision.
    pub fn to_float(&self) -> Array<f32> {
        match self {
            Self::Float(array) => array.clone(),
            Self::Stored {
                values,
                scale,
                zero_point,
            } => quantise::dequantise(values, *scale, *zero_point),
        }
    }

    /// Length of each axis.
    pub fn dims(&self) -> &[usize] {
        match self {
            Self::Float(array) => array.dims(),
            Self::Stored { values, .. } => values.dims(),
        }
    }
}

/// The weights of one model. Matrices are [inputs, outputs], as `MatMul` wants them.
#[derive(Clone, Debug, Default)]
pub struct Weights(BTreeMap<String, Weight>);

impl Weights {
    /// Adds a weight.
    pub fn insert(&mut self, name: impl Into<String>, weight: Weight) {
        self.0.insert(name.into(), weight);
    }

    /// The weight of that name.
    ///
    /// # Errors
    /// [`GraphError::NoConstant`].
    pub fn get(&self, name: &str) -> Result<&Weight, GraphError> {
        self.find(name)
            .ok_or_else(|| GraphError::NoConstant(name.to_owned()))
    }

    /// The weight of that name, if there is one.
    pub fn find(&self, name: &str) -> Option<&Weight> {
        self.0.get(name)
    }

    /// In full precision.
    ///
    /// # Errors
    /// [`GraphError::NoConstant`].
    pub fn float(&self, name: &str) -> Result<Array<f32>, GraphError> {
        self.get(name).map(Weight::to_float)
    }

    /// How many layers have names that begin with `prefix` and a number.
    pub fn layers(&self, prefix: &str) -> usize {
        (0..)
            .take_while(|layer| {
                let start = format!("{prefix}{layer}.");
                self.0
                    .range(start.clone()..)
                    .next()
                    .is_some_and(|(name, _)| name.starts_with(&start))
            })
            .count()
    }
}
