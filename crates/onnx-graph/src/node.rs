//! Making and reading nodes and attributes.

use crate::GraphError;
use crate::proto::{Attribute, AttributeType, Graph, Node, Tensor};

impl Node {
    /// A node of that operator of the standard set, without inputs and outputs.
    pub fn new(op_type: &str) -> Self {
        Self {
            op_type: Some(op_type.to_owned()),
            ..Self::default()
        }
    }

    /// In another operator set, for instance `com.microsoft`.
    #[must_use]
    pub fn in_domain(mut self, domain: &str) -> Self {
        self.domain = Some(domain.to_owned());
        self
    }

    /// With that name.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// With these inputs; an empty name leaves an optional one out.
    #[must_use]
    pub fn inputs(mut self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.input = names
            .into_iter()
            .map(|name| name.as_ref().to_owned())
            .collect();
        self
    }

    /// With these outputs.
    #[must_use]
    pub fn outputs(mut self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.output = names
            .into_iter()
            .map(|name| name.as_ref().to_owned())
            .collect();
        self
    }

    /// With an integer attribute.
    #[must_use]
    pub fn int(self, name: &str, value: i64) -> Self {
        self.attribute(name, AttributeType::Int, |a| a.i = Some(value))
    }

    /// With an attribute of several integers.
    #[must_use]
    pub fn ints(self, name: &str, values: &[i64]) -> Self {
        self.attribute(name, AttributeType::Ints, |a| a.ints = values.to_vec())
    }

    /// With a number as attribute.
    #[must_use]
    pub fn float(self, name: &str, value: f32) -> Self {
        self.attribute(name, AttributeType::Float, |a| a.f = Some(value))
    }

    /// With a text as attribute.
    #[must_use]
    pub fn text(self, name: &str, value: &str) -> Self {
        self.attribute(name, AttributeType::String, |a| a.s = Some(value.into()))
    }

    fn attribute(
        mut self,
        name: &str,
        kind: AttributeType,
        set: impl FnOnce(&mut Attribute),
    ) -> Self {
        let mut attribute = Attribute {
            name: Some(name.to_owned()),
            r#type: Some(kind as i32),
            ..Attribute::default()
        };
        set(&mut attribute);
        self.attribute.push(attribute);
        self
    }

    /// The attribute of that name.
    pub fn find(&self, name: &str) -> Option<&Attribute> {
        self.attribute
            .iter()
            .find(|attribute| attribute.name() == name)
    }

    /// The branch of that name, for instance `then_branch` of an `If`.
    ///
    /// # Errors
    /// [`GraphError::NoPart`].
    pub fn branch(&self, name: &str) -> Result<&Graph, GraphError> {
        self.find(name)
            .and_then(|attribute| attribute.g.as_ref())
            .ok_or_else(|| self.lacks(format!("branch `{name}`")))
    }

    /// The value of a `Constant` node that holds a tensor.
    pub fn constant(&self) -> Option<&Tensor> {
        (self.op_type() == "Constant")
            .then(|| self.find("value").and_then(|value| value.t.as_ref()))
            .flatten()
    }

    /// The name of an input.
    ///
    /// # Errors
    /// [`GraphError::NoPart`] when there are fewer, or it is left out.
    pub fn input_at(&self, position: usize) -> Result<&str, GraphError> {
        match self.input.get(position) {
            Some(name) if !name.is_empty() => Ok(name),
            _ => Err(self.lacks(format!("input {position}"))),
        }
    }

    /// The name of an output.
    ///
    /// # Errors
    /// [`GraphError::NoPart`] when there are fewer, or it is left out.
    pub fn output_at(&self, position: usize) -> Result<&str, GraphError> {
        match self.output.get(position) {
            Some(name) if !name.is_empty() => Ok(name),
            _ => Err(self.lacks(format!("output {position}"))),
        }
    }

    /// Every value this node uses, also inside its branches (where some are the branch's own).
    pub fn uses(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .input
            .iter()
            .map(String::as_str)
            .filter(|name| !name.is_empty())
            .collect();
        for branch in self.branches() {
            names.extend(branch.node.iter().flat_map(Self::uses));
            names.extend(branch.output.iter().map(|output| output.name()));
        }
        names
    }

    /// The graphs among its attributes.
    pub fn branches(&self) -> impl Iterator<Item = &Graph> {
        self.attribute
            .iter()
            .flat_map(|attribute| attribute.g.iter().chain(&attribute.graphs))
    }

    fn lacks(&self, part: String) -> GraphError {
        GraphError::NoPart {
            node: self.name().to_owned(),
            part,
        }
    }
}
