//! Weights in eight bits.
//!
//! Symmetric signed values, one scale a column or a block: the form in which ONNX Runtime's
//! integer matrix products are fastest. On x86 without VNNI they saturate unless sessions are made
//! with `session.x64quantprecision = 1`; [`Blocks`] are exact everywhere.

use crate::{Array, GraphError};

/// A matrix in signed bytes: `value * scales[column]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Columns {
    /// [rows, columns], within -127..=127.
    pub values: Array<i8>,
    /// One a column.
    pub scales: Vec<f32>,
}

/// A matrix in bytes for ONNX Runtime's `MatMulNBits`: the transposed matrix in blocks along its
/// rows, `(value - zero_point) * scale`.
#[derive(Clone, Debug, PartialEq)]
pub struct Blocks {
    /// [columns, rows / block, block].
    pub values: Array<u8>,
    /// One a block: [columns * rows / block].
    pub scales: Vec<f32>,
    /// One a block; where absent, 128.
    pub zero_points: Option<Vec<u8>>,
}

impl Blocks {
    /// Matrices of equal height side by side.
    ///
    /// # Errors
    /// [`GraphError::Tensor`] when heights, block lengths or the presence of zero points differ.
    pub fn joined(parts: Vec<Self>) -> Result<Self, GraphError> {
        let mut parts = parts.into_iter();
        let first = parts.next();
        let mut joint = first.ok_or_else(|| GraphError::tensor("", "no matrix"))?;
        let mut dims = joint.values.dims().to_vec();
        let mut values = joint.values.into_data();
        for part in parts {
            if part.values.dims()[1..] != dims[1..] {
                return Err(GraphError::tensor("", "heights differ"));
            }
            dims[0] += part.values.dims()[0];
            values.extend(part.values.into_data());
            joint.scales.extend(part.scales);
            match (&mut joint.zero_points, part.zero_points) {
                (Some(zeros), Some(more)) => zeros.extend(more),
                (None, None) => {}
                _ => return Err(GraphError::tensor("", "only some have zero points")),
            }
        }
        joint.values = Array::new(dims, values)?;
        Ok(joint)
    }
}

/// Value of zero in [`Blocks`] without zero points.
const MIDDLE: i16 = 128;

/// Rounds each column of a matrix to 255 steps around zero.
///
/// # Errors
/// [`GraphError::Tensor`] when `weight` is not a matrix.
pub fn columns(weight: &Array<f32>) -> Result<Columns, GraphError> {
    let (_, width) = weight.matrix()?;
    let mut scales = vec![0_f32; width];
    for row in weight.data().chunks_exact(width.max(1)) {
        for (scale, value) in scales.iter_mut().zip(row) {
            *scale = scale.max(value.abs());
        }
    }
    scales.iter_mut().for_each(|scale| *scale = step(*scale));
    let data = weight.data().iter().enumerate();
    let values = data.map(|(place, value)| round(*value, scales[place % width]) as i8);
    Ok(Columns {
        values: Array::new(weight.dims(), values.collect())?,
        scales,
    })
}

/// Rounds a matrix to 255 steps around zero, in blocks of `block` rows of one column.
///
/// # Errors
/// [`GraphError::Tensor`] when `weight` is not a matrix, or its height not a multiple of `block`.
pub fn blocks(weight: &Array<f32>, block: usize) -> Result<Blocks, GraphError> {
    let dims = block_dims(weight.matrix()?, block)?;
    let transposed = weight.transposed()?;
    let mut values = Vec::with_capacity(transposed.data().len());
    let mut scales = Vec::new();
    for run in transposed.data().chunks_exact(block) {
        let scale = step(run.iter().fold(0_f32, |most, value| most.max(value.abs())));
        values.extend(
            run.iter()
                .map(|&value| (round(value, scale) + MIDDLE) as u8),
        );
        scales.push(scale);
    }
    Ok(Blocks {
        values: Array::new(dims, values)?,
        scales,
        zero_points: None,
    })
}

/// The same numbers, stored with one scale and zero point for the whole matrix, in blocks:
/// nothing is rounded.
///
/// # Errors
/// As [`blocks`].
pub fn blocks_of_stored(
    stored: &Array<i8>,
    scale: f32,
    zero_point: i8,
    block: usize,
) -> Result<Blocks, GraphError> {
    let dims = block_dims(stored.matrix()?, block)?;
    let count = dims[0] * dims[1];
    let transposed = stored.transposed()?.reshaped(dims)?;
    Ok(Blocks {
        values: transposed.map(unsigned),
        scales: vec![scale; count],
        zero_points: Some(vec![unsigned(zero_point); count]),
    })
}

/// The numbers that stored bytes stand for.
pub fn dequantise(stored: &Array<i8>, scale: f32, zero_point: i8) -> Array<f32> {
    stored.map(|value| (f32::from(value) - f32::from(zero_point)) * scale)
}

/// Unsigned bytes as signed ones, 128 lower: so must be their zero point.
pub fn signed(value: u8) -> i8 {
    (i16::from(value) - MIDDLE) as i8
}

/// The inverse of [`signed`].
pub fn unsigned(value: i8) -> u8 {
    (i16::from(value) + MIDDLE) as u8
}

fn block_dims((rows, width): (usize, usize), block: usize) -> Result<[usize; 3], GraphError> {
    match rows.checked_rem(block) {
        Some(0) => Ok([width, rows / block, block]),
        _ => Err(GraphError::tensor(
            "",
            format!("height {rows} is not a multiple of {block}"),
        )),
    }
}

/// Size of a step when the largest magnitude is `most`; one where there is nothing but zeros.
fn step(most: f32) -> f32 {
    if most > 0.0 { most / 127.0 } else { 1.0 }
}

fn round(value: f32, scale: f32) -> i16 {
    (value / scale).round_ties_even().clamp(-127.0, 127.0) as i16
}
