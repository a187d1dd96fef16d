//! ONNX files in and out, and the primitives of graph surgery: look up, cut, prune, splice,
//! rename, build, quantise. Knows the format, and no particular model.
//!
//! ```
//! use onnx_graph::{Builder, DataType, Node};
//!
//! let mut b = Builder::new("halve");
//! let x = b.input("x", DataType::Float, &["n".into()]);
//! let half = b.scalar(0.5_f32);
//! let y = b.add(Node::new("Mul").inputs([&x, &half]));
//! b.output(&y, "y", DataType::Float, &["n".into()])?;
//! let model = b.finish(17)?;
//! assert_eq!(onnx_graph::decode(&onnx_graph::encode(&model))?, model);
//! # Ok::<(), onnx_graph::GraphError>(())
//! ```

mod array;
mod branch;
mod builder;
mod cut;
mod edit;
mod error;
mod external;
mod file;
mod index;
mod node;
pub mod proto;
pub mod quantise;

pub use array::{Array, DataType, Element};
pub use branch::inline_branch;
pub use builder::{Builder, Dim};
pub use cut::{extract, prune};
pub use edit::{insert, rename_value, replace, sort};
pub use error::GraphError;
pub use external::{internalise, internalise_from};
pub use file::{decode, encode, load, save};
pub use index::Index;
pub use proto::{Attribute, Graph, Model, Node, Tensor};
