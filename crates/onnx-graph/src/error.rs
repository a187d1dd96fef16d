//! What can go wrong with a file or a graph.

use std::path::PathBuf;

use thiserror::Error;

/// Why a graph could not be read, understood, changed or written.
#[derive(Debug, Error)]
pub enum GraphError {
    /// The file system said no.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's answer.
        source: std::io::Error,
    },
    /// Not protobuf, or not this protobuf.
    #[error("not an ONNX model: {0}")]
    Decode(#[from] prost::DecodeError),
    /// Protobuf, but the model has no graph.
    #[error("the model has no graph")]
    NoGraph,
    /// No node of that name.
    #[error("there is no node `{0}`")]
    NoNode(String),
    /// The node exists, but is of another operator.
    #[error("node `{name}` is {found}, not {expected}")]
    WrongOperator {
        /// The node.
        name: String,
        /// Operator found.
        found: String,
        /// Operator expected.
        expected: String,
    },
    /// The node has no such input, output or attribute.
    #[error("node `{node}` has no {part}")]
    NoPart {
        /// The node.
        node: String,
        /// What it lacks.
        part: String,
    },
    /// Neither an initializer nor a `Constant` node makes that value.
    #[error("there is no constant `{0}`")]
    NoConstant(String),
    /// The graph does not make that value.
    #[error("nothing makes the value `{0}`")]
    NoValue(String),
    /// A name that has to be new is taken.
    #[error("the value `{0}` exists already")]
    Taken(String),
    /// Nodes depend on each other in a circle.
    #[error("the nodes cannot be ordered: `{0}` waits for itself")]
    Cycle(String),
    /// A tensor's numbers do not fit its shape or its type.
    #[error("tensor `{name}`: {reason}")]
    Tensor {
        /// The tensor.
        name: String,
        /// What does not fit.
        reason: String,
    },
}

impl GraphError {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    pub(crate) fn tensor(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Tensor {
            name: name.into(),
            reason: reason.into(),
        }
    }
}
