//! Linear layers, in the forms that ONNX Runtime multiplies fast.

use onnx_graph::{Array, GraphError, Node, quantise};

use super::transformer::{MICROSOFT, Transformer};
use super::weights::Weight;

/// Rows of a column that share a scale with [`Precision::Blocks`]: the first where the height
/// allows (12 % faster at the same error), else the second.
const BLOCKS: [usize; 2] = [64, 32];

/// How a matrix is stored and multiplied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// 32-bit floats.
    Float,
    /// Bytes; the other factor is rounded to bytes with one scale for the whole of it. Fastest,
    /// and coarse where few of its values are much larger than the rest.
    Dynamic,
    /// Bytes; both factors have a scale for each 64 (or 32) numbers.
    Blocks,
}

impl Transformer<'_> {
    /// A linear layer.
    ///
    /// # Errors
    /// When there are no weights of that name.
    pub fn linear(
        &mut self,
        x: &str,
        name: &str,
        precision: Precision,
    ) -> Result<String, GraphError> {
        self.linear_of(x, &[name], precision)
    }

    /// Several linear layers of the same input as one: their outputs side by side.
    ///
    /// # Errors
    /// When there are no weights of a name.
    pub fn linear_of(
        &mut self,
        x: &str,
        names: &[&str],
        precision: Precision,
    ) -> Result<String, GraphError> {
        let parts = names
            .iter()
            .map(|name| self.weights.get(&format!("{name}.weight")))
            .collect::<Result<Vec<_>, _>>()?;
        let name = names.join("+");
        let product = match precision {
            Precision::Float => {
                let weight = self.b.constant(&format!("{name}.weight"), &beside(&parts)?);
                self.op("MatMul", &[x, &weight])
            }
            Precision::Dynamic => {
                let weight = dynamic(&parts)?;
                self.dynamic_product(x, &name, &weight)
            }
            Precision::Blocks => {
                let weight = blocks(&parts)?;
                self.block_product(x, &name, &weight)
            }
        };
        let Some(bias) = self.joint_bias(names, &parts)? else {
            return Ok(product);
        };
        let bias = self.b.constant(&format!("{name}.bias"), &bias);
        Ok(self.b.add(Node::new("Add").inputs([&product, &bias])))
    }

    /// The biases of some layers after each other, zero where a layer has none; `None` when none
    /// has.
    fn joint_bias(
        &self,
        names: &[&str],
        parts: &[&Weight],
    ) -> Result<Option<Array<f32>>, GraphError> {
        let mut any = false;
        let mut joint = Vec::new();
        for (name, weight) in names.iter().zip(parts) {
            match self.weights.find(&format!("{name}.bias")) {
                Some(bias) => {
                    any = true;
                    joint.extend_from_slice(bias.to_float().data());
                }
                None => joint.resize(joint.len() + weight.dims().last().unwrap_or(&0), 0.0),
            }
        }
        Ok(any.then(|| Array::vector(joint)))
    }

    /// `x` times bytes with a scale a column, `x` rounded to bytes as a whole. The shape of this
    /// subgraph is the one that ONNX Runtime fuses.
    pub fn dynamic_product(&mut self, x: &str, name: &str, weight: &Dynamic) -> String {
        let [bytes, scale, zero_point] = self.quantised(x);
        let values = self.b.constant(&format!("{name}.weight"), &weight.values);
        let zeros = self.b.constant(&format!("{name}.zero"), &weight.zeros);
        let scales = self.b.constant(&format!("{name}.scale"), &weight.scales);
        let product = Node::new("MatMulInteger").named(name);
        let product = self
            .b
            .add(product.inputs([&bytes, &values, &zero_point, &zeros]));
        let product = self
            .b
            .add(Node::new("Cast").inputs([&product]).int("to", 1));
        let step = self.op("Mul", &[&scale, &scales]);
        self.op("Mul", &[&product, &step])
    }

    fn quantised(&mut self, x: &str) -> [String; 3] {
        // Equal subgraphs are merged by the runtime: layers with one input share this node.
        self.b
            .add_many(Node::new("DynamicQuantizeLinear").inputs([x]))
    }

    fn block_product(&mut self, x: &str, name: &str, weight: &quantise::Blocks) -> String {
        let dims = weight.values.dims();
        let mut inputs = vec![
            x.to_owned(),
            self.b.constant(&format!("{name}.weight"), &weight.values),
            self.b.constant(
                &format!("{name}.scale"),
                &Array::vector(weight.scales.clone()),
            ),
        ];
        if let Some(zeros) = &weight.zero_points {
            inputs.push(
                self.b
                    .constant(&format!("{name}.zero"), &Array::vector(zeros.clone())),
            );
        }
        let node = Node::new("MatMulNBits")
            .in_domain(MICROSOFT)
            .named(name)
            .inputs(inputs)
            .int("K", (dims[1] * dims[2]) as i64)
            .int("N", dims[0] as i64)
            .int("bits", 8)
            .int("block_size", dims[2] as i64)
            // The other factor in bytes, too.
            .int("accuracy_level", 4);
        self.b.add(node)
    }
}

/// A matrix in bytes for [`Transformer::dynamic_product`]: `(value - zero) * scale`.
pub struct Dynamic {
    /// [inputs, outputs].
    pub values: Array<i8>,
    /// One for all, or one a column.
    pub scales: Array<f32>,
    /// One for all, or one a column.
    pub zeros: Array<i8>,
}

/// Matrices side by side as bytes: as they are where all are stored so, else rounded.
pub fn dynamic(parts: &[&Weight]) -> Result<Dynamic, GraphError> {
    let stored = parts.iter().map(|part| match part {
        Weight::Stored {
            values,
            scale,
            zero_point,
        } => Some((values, *scale, *zero_point)),
        Weight::Float(_) => None,
    });
    match stored.collect::<Option<Vec<_>>>().as_deref() {
        Some(&[(values, scale, zero)]) => Ok(Dynamic {
            values: values.clone(),
            scales: Array::scalar(scale),
            zeros: Array::scalar(zero),
        }),
        Some(many) => {
            let values: Vec<_> = many.iter().map(|part| part.0).collect();
            let width = |part: &Array<i8>| part.dims().last().copied().unwrap_or(0);
            let scales = many.iter().flat_map(|p| vec![p.1; width(p.0)]).collect();
            let zeros = many.iter().flat_map(|p| vec![p.2; width(p.0)]).collect();
            Ok(Dynamic {
                values: Array::beside(&values)?,
                scales: Array::vector(scales),
                zeros: Array::vector(zeros),
            })
        }
        None => {
            let columns = quantise::columns(&beside(parts)?)?;
            let width = columns.scales.len();
            Ok(Dynamic {
                values: columns.values,
                scales: Array::vector(columns.scales),
                zeros: Array::vector(vec![0; width]),
            })
        }
    }
}

fn blocks(parts: &[&Weight]) -> Result<quantise::Blocks, GraphError> {
    let height = parts.first().and_then(|part| part.dims().first());
    let height = height.copied().unwrap_or(0);
    let [wide, narrow] = BLOCKS;
    let block = if height % wide == 0 { wide } else { narrow };
    let each = parts.iter().map(|part| match part {
        Weight::Float(weight) => quantise::blocks(weight, block),
        Weight::Stored {
            values,
            scale,
            zero_point,
        } => quantise::blocks_of_stored(values, *scale, *zero_point, block),
    });
    quantise::Blocks::joined(each.collect::<Result<_, _>>()?)
}

fn beside(parts: &[&Weight]) -> Result<Array<f32>, GraphError> {
    let parts: Vec<_> = parts.iter().map(|part| part.to_float()).collect();
    Array::beside(&parts.iter().collect::<Vec<_>>())
}
