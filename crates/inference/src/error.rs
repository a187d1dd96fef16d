//! The one error of this crate.

use std::path::PathBuf;

/// Why inference could not be done.
#[derive(Debug, Clone, thiserror::Error)]
pub enum InferenceError {
    /// The shared library of ONNX Runtime cannot be loaded.
    #[error("ONNX Runtime library {path}: {reason}")]
    Library {
        /// Path that was tried.
        path: PathBuf,
        /// What the loader said.
        reason: String,
    },
    /// `cuda` was asked for and cannot be had.
    #[error("device `cuda` was asked for but is not usable: {0}; use `auto` or `cpu`")]
    NoCuda(String),
    /// The process already runs another ONNX Runtime.
    #[error("ONNX Runtime is already started from {0}")]
    AlreadyStarted(PathBuf),
    /// A graph cannot be loaded.
    #[error("graph {path}: {reason}")]
    Graph {
        /// File of the graph.
        path: PathBuf,
        /// What ONNX Runtime said.
        reason: String,
    },
    /// Running a graph failed.
    #[error("inference: {0}")]
    Run(String),
    /// The queue is full; try again later.
    #[error("too many segments are waiting; try again later")]
    Busy,
    /// The workers are gone.
    #[error("the workers have stopped")]
    Stopped,
    /// A worker failed in a way it should not have; it was replaced.
    #[error("a worker failed and was replaced")]
    WorkerFailed,
}

impl From<ort::Error> for InferenceError {
    fn from(error: ort::Error) -> Self {
        Self::Run(error.message().to_owned())
    }
}
