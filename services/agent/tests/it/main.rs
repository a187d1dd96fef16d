//! The service as its clients see it, with a stand-in for the provider.
#![allow(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

mod support;

mod analysis;
mod analysis_rules;
mod analysis_support;
mod analysis_trouble;
mod calls;
mod chat;
mod firestore;
#[cfg(feature = "local")]
mod local;
mod mcp;
mod process;
mod start;
mod storage;
mod tools;
mod trouble;
