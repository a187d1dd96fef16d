//! The real router on a real port, with stand-ins for the services behind it.

#![allow(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

mod auth;
mod docs;
mod doctor;
mod limits;
mod operations;
mod process;
mod proxying;
mod remote;
mod speech;
mod support;
mod uploads;
mod upstream;
mod usage;
mod websockets;
