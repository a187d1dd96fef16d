//! A PyTorch checkpoint is a zip: each tensor's numbers are a file of their own, and a pickle says
//! which is which. The checkpoint is pinned by its checksum, so a table stands in for the pickle,
//! and no pickle is ever run.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use onnx_graph::{Array, GraphError};
use zip::ZipArchive;

use crate::recipe::RecipeError;

/// Tensor, storage, dimensions.
const TABLE: &str = include_str!("tensors.tsv");
/// What SpeechBrain's normalisations add to the variance (PyTorch's default).
const LEAST_VARIANCE: f32 = 1e-5;

/// The network's weights by SpeechBrain's names.
pub struct Checkpoint {
    tensors: HashMap<&'static str, Array<f32>>,
}

/// A batch normalisation as it runs: `x * scale + shift`, a channel each.
pub struct Norm {
    /// Of no particular sign.
    pub scale: Vec<f32>,
    /// Added after.
    pub shift: Vec<f32>,
}

/// A product with what is added to it: `[rows, inputs] -> [rows, outputs]`.
pub struct Linear {
    /// [inputs, outputs]
    pub weight: Array<f32>,
    /// [outputs]
    pub bias: Vec<f32>,
}

impl Checkpoint {
    /// Reads the tensors of the table; of each no more than the table says it has.
    ///
    /// # Errors
    /// Naming the tensor that is absent or of another size.
    pub fn read(path: &Path) -> Result<Self, RecipeError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let unsuitable = |reason: String| RecipeError::unsuitable(name.clone(), reason);
        let file = BufReader::new(File::open(path).map_err(RecipeError::io(path))?);
        let mut zip = ZipArchive::new(file).map_err(|error| unsuitable(error.to_string()))?;
        let mut tensors = HashMap::new();
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let (tensor, storage, dims) = row(line)
                .ok_or_else(|| unsuitable(format!("`{line}` is not a row of the table")))?;
            let mut entry = zip
                .by_name(&format!("archive/data/{storage}"))
                .map_err(|error| unsuitable(format!("{tensor}: {error}")))?;
            let size = dims.iter().product::<usize>() * size_of::<f32>();
            if entry.size() != size as u64 {
                let found = entry.size();
                return Err(unsuitable(format!(
                    "{tensor} has {found} bytes instead of {size}"
                )));
            }
            let mut bytes = vec![0; size];
            entry
                .read_exact(&mut bytes)
                .map_err(|error| unsuitable(format!("{tensor}: {error}")))?;
            let (words, _) = bytes.as_chunks::<4>();
            let data = words.iter().map(|&word| f32::from_le_bytes(word)).collect();
            let array = Array::new(dims, data).map_err(|error| unsuitable(error.to_string()))?;
            tensors.insert(tensor, array);
        }
        Ok(Self { tensors })
    }

    /// A tensor by its name.
    ///
    /// # Errors
    /// [`GraphError::NoConstant`].
    pub fn tensor(&self, name: &str) -> Result<&Array<f32>, GraphError> {
        let absent = || GraphError::NoConstant(name.to_owned());
        self.tensors.get(name).ok_or_else(absent)
    }

    /// The normalisation of that name.
    ///
    /// # Errors
    /// As [`Self::tensor`].
    pub fn norm(&self, name: &str) -> Result<Norm, GraphError> {
        let part = |part: &str| self.tensor(&format!("{name}.norm.{part}")).map(Array::data);
        let deviation = |&variance: &f32| (variance + LEAST_VARIANCE).sqrt();
        let deviations = part("running_var")?.iter().map(deviation);
        let scale = part("weight")?.iter().zip(deviations);
        let scale: Vec<f32> = scale
            .map(|(weight, deviation)| weight / deviation)
            .collect();
        let means = part("running_mean")?.iter().zip(&scale);
        let shift = part("bias")?.iter().zip(means);
        let shift = shift.map(|(bias, (mean, scale))| bias - mean * scale);
        Ok(Norm {
            shift: shift.collect(),
            scale,
        })
    }

    /// The convolution of that name as a product with frames beside each other, the earliest first:
    /// [kernel * inputs, outputs].
    ///
    /// # Errors
    /// As [`Self::tensor`].
    pub fn linear(&self, name: &str) -> Result<Linear, GraphError> {
        let weight = self.tensor(&format!("{name}.conv.weight"))?;
        let &[outputs, inputs, kernel] = weight.dims() else {
            return Err(unexpected(name, "it is not a convolution"));
        };
        let mut data = Vec::with_capacity(weight.data().len());
        for tap in 0..kernel {
            for input in 0..inputs {
                let at = |output| weight.data()[(output * inputs + input) * kernel + tap];
                data.extend((0..outputs).map(at));
            }
        }
        Ok(Linear {
            weight: Array::new([kernel * inputs, outputs], data)?,
            bias: self.tensor(&format!("{name}.conv.bias"))?.data().to_vec(),
        })
    }
}

impl Norm {
    /// Channels beside each other.
    #[must_use]
    pub fn beside(parts: &[&Self]) -> Self {
        Self {
            scale: parts.iter().flat_map(|part| &part.scale).copied().collect(),
            shift: parts.iter().flat_map(|part| &part.shift).copied().collect(),
        }
    }

    /// That many channels from `from` on.
    #[must_use]
    pub fn part(&self, from: usize, count: usize) -> Self {
        Self {
            scale: self.scale[from..from + count].to_vec(),
            shift: self.shift[from..from + count].to_vec(),
        }
    }
}

impl Linear {
    /// The same product, given what has not been normalised yet. A product of several frames has
    /// the channels of `norm` again for each.
    ///
    /// # Errors
    /// [`GraphError::Tensor`] when the channels do not fit.
    pub fn after(mut self, norm: &Norm) -> Result<Self, GraphError> {
        let (inputs, outputs) = self.weight.matrix()?;
        let channels = norm.scale.len();
        if channels == 0 || inputs % channels != 0 {
            return Err(unexpected(
                "normalisation",
                "its channels are not the product's",
            ));
        }
        let dims = self.weight.dims().to_vec();
        let mut data = self.weight.into_data();
        let mut bias: Vec<f64> = self.bias.iter().copied().map(f64::from).collect();
        for (input, row) in data.chunks_exact_mut(outputs).enumerate() {
            let (scale, shift) = (norm.scale[input % channels], norm.shift[input % channels]);
            for (weight, sum) in row.iter_mut().zip(&mut bias) {
                *sum += f64::from(*weight) * f64::from(shift);
                *weight *= scale;
            }
        }
        self.weight = Array::new(dims, data)?;
        self.bias = bias.into_iter().map(|sum| sum as f32).collect();
        Ok(self)
    }
}

fn row(line: &'static str) -> Option<(&'static str, &'static str, Vec<usize>)> {
    let mut fields = line.split('\t');
    let (tensor, storage) = (fields.next()?, fields.next()?);
    let dims = fields.next()?.split(' ').map(str::parse);
    Some((tensor, storage, dims.collect::<Result<_, _>>().ok()?))
}

/// A tensor that is not what the network has.
pub fn unexpected(name: &str, reason: &str) -> GraphError {
    GraphError::Tensor {
        name: name.to_owned(),
        reason: reason.to_owned(),
    }
}
