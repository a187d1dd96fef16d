//! The service as its clients see it, with a stand-in for the provider.

mod support;

mod chat;
mod firestore;
mod mcp;
mod process;
mod start;
mod storage;
mod tools;
