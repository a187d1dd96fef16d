//! The layers of encoder-decoder transformers, written into a graph.

use onnx_graph::{Builder, GraphError, Node};

use super::linear::Dynamic;
use super::weights::Weights;

/// Operator set of ONNX Runtime's own fused operators.
pub const MICROSOFT: &str = "com.microsoft";

/// A graph that is being written, the weights it takes, and the shape of its attention.
pub struct Transformer<'a> {
    /// The graph.
    pub b: Builder,
    /// Where weights come from.
    pub weights: &'a Weights,
    /// Attention heads.
    pub heads: usize,
    /// Width of one.
    pub head_dim: usize,
}

impl Transformer<'_> {
    /// Width of the hidden states.
    pub fn width(&self) -> usize {
        self.heads * self.head_dim
    }

    /// A node of the standard operators.
    pub fn op(&mut self, op_type: &str, inputs: &[&str]) -> String {
        self.b.add(Node::new(op_type).inputs(inputs))
    }

    /// The vector or matrix of that name in full precision, as a constant.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn float(&mut self, name: &str) -> Result<String, GraphError> {
        let array = self.weights.float(name)?;
        Ok(self.b.constant(name, &array))
    }

    /// Layer normalisation over the last axis, with or without bias as the weights have it.
    ///
    /// # Errors
    /// When there are no weights of that name.
    pub fn layer_norm(&mut self, x: &str, name: &str) -> Result<String, GraphError> {
        let mut inputs = vec![x.to_owned(), self.float(&format!("{name}.weight"))?];
        let bias = format!("{name}.bias");
        if self.weights.find(&bias).is_some() {
            inputs.push(self.float(&bias)?);
        }
        let node = Node::new("LayerNormalization").named(name).inputs(inputs);
        Ok(self.b.add(node.int("axis", -1).float("epsilon", 1e-5)))
    }

    /// Gaussian error linear unit, exact form.
    pub fn gelu(&mut self, x: &str) -> String {
        self.b
            .add(Node::new("Gelu").in_domain(MICROSOFT).inputs([x]))
    }

    /// [B, n, heads * dim] -> [B, heads, n, dim].
    pub fn split_heads(&mut self, x: &str) -> String {
        let shape = self
            .b
            .ints(&[0, 0, self.heads as i64, self.head_dim as i64]);
        let x = self.op("Reshape", &[x, &shape]);
        self.transpose(&x, &[0, 2, 1, 3])
    }

    /// [B, heads, n, dim] -> [B, n, heads * dim].
    pub fn merge_heads(&mut self, x: &str) -> String {
        let x = self.transpose(x, &[0, 2, 1, 3]);
        let shape = self.b.ints(&[0, 0, self.width() as i64]);
        self.op("Reshape", &[&x, &shape])
    }

    /// Axes in another order.
    pub fn transpose(&mut self, x: &str, order: &[i64]) -> String {
        self.b
            .add(Node::new("Transpose").inputs([x]).ints("perm", order))
    }

    /// Length of an axis, as a list of one integer.
    pub fn length(&mut self, x: &str, axis: i64) -> String {
        let shape = self.op("Shape", &[x]);
        let axis = self.b.ints(&[axis]);
        self.op("Gather", &[&shape, &axis])
    }

    /// A list of one integer as a number.
    pub fn number(&mut self, x: &str) -> String {
        let axis = self.b.ints(&[0]);
        self.op("Squeeze", &[x, &axis])
    }

    /// The last axis in pieces of these widths.
    pub fn split<const N: usize>(&mut self, x: &str, widths: [usize; N]) -> [String; N] {
        let widths = self.b.ints(&widths.map(|width| width as i64));
        self.b
            .add_many(Node::new("Split").inputs([x, &widths]).int("axis", -1))
    }

    /// A past and what follows it, along the axis of positions of [B, heads, n, dim].
    pub fn append(&mut self, past: &str, next: &str) -> String {
        self.b
            .add(Node::new("Concat").inputs([past, next]).int("axis", 2))
    }

    /// What each new position may not look at: [n, past + n], zero or the lowest number. `past`
    /// and `total` are lists of one integer.
    pub fn causal_mask(&mut self, past: &str, total: &str) -> String {
        let (past, total) = (self.number(past), self.number(total));
        let (zero, one) = (self.b.scalar(0_i64), self.b.scalar(1_i64));
        let columns = self.op("Range", &[&zero, &total, &one]);
        let rows = self.op("Range", &[&past, &total, &one]);
        let axis = self.b.ints(&[1]);
        let rows = self.op("Unsqueeze", &[&rows, &axis]);
        let hidden = self.op("Greater", &[&columns, &rows]);
        let lowest = self.b.scalar(f32::MIN);
        let nothing = self.b.scalar(0_f32);
        self.op("Where", &[&hidden, &lowest, &nothing])
    }

    /// Attention with keys given transposed, [B, heads, dim, m]; `query` and keys are scaled
    /// already. Returns the merged result and the probabilities [B, heads, n, m].
    pub fn attention(
        &mut self,
        query: &str,
        keys: &str,
        values: &str,
        mask: Option<&str>,
    ) -> [String; 2] {
        let mut scores = self.op("MatMul", &[query, keys]);
        if let Some(mask) = mask {
            scores = self.op("Add", &[&scores, mask]);
        }
        let node = Node::new("Softmax").inputs([&scores]).int("axis", -1);
        let probabilities = self.b.add(node);
        let mixed = self.op("MatMul", &[&probabilities, values]);
        [self.merge_heads(&mixed), probabilities]
    }

    /// Token embeddings [B, n, width] out of the transposed table `name` that the logits use,
    /// too: it is kept once.
    pub fn embed(&mut self, ids: &str, name: &str, table: &Dynamic) -> String {
        let values = self.b.constant(&format!("{name}.weight"), &table.values);
        let columns = Node::new("Gather").inputs([&values, ids]).int("axis", 1);
        let columns = self.b.add(columns);
        let rows = self.transpose(&columns, &[1, 2, 0]);
        let mut rows = self.b.add(Node::new("Cast").inputs([&rows]).int("to", 1));
        if let Some(zero) = table.zeros.data().first().filter(|zero| **zero != 0) {
            let zero = self.b.scalar(f32::from(*zero));
            rows = self.op("Sub", &[&rows, &zero]);
        }
        let mut scale = self.b.constant(&format!("{name}.scale"), &table.scales);
        if !table.scales.dims().is_empty() {
            scale = self.op("Gather", &[&scale, ids]);
            let axis = self.b.ints(&[-1]);
            scale = self.op("Unsqueeze", &[&scale, &axis]);
        }
        self.op("Mul", &[&rows, &scale])
    }

    /// The last position of [B, n, width], as [B, 1, width].
    pub fn last(&mut self, x: &str) -> String {
        let last = self.b.ints(&[-1]);
        self.b
            .add(Node::new("Gather").inputs([x, &last]).int("axis", 1))
    }
}
