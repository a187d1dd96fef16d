//! ONNX Runtime for the rest of the house: one environment per process, the device to run on,
//! sessions, and a bounded queue that batches work for a pool of workers.

mod batcher;
mod device;
mod error;
mod pool;
mod queue;
mod runtime;

pub use batcher::{Batcher, BatcherOptions, Job, Worker};
pub use device::{Device, DevicePreference, UnknownDevice};
pub use error::InferenceError;
pub use ort;
pub use pool::Pool;
pub use runtime::{Runtime, RuntimeConfig, SessionOptions, timed};
