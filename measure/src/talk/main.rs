//! `talk`: a stand-in for a language model's server that answers in a fixed time, and a client
//! that measures how late each piece of its answers arrives, straight from it or through us.
//!
//! Every piece holds the time at which it was sent (`<nanoseconds since 1970>`), so that lateness
//! is known piece by piece, whoever passed it on and whatever they wrapped it in.

mod client;
mod server;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::time::{SystemTime, UNIX_EPOCH};

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Answers like OpenAI's chat completions; prints its address.
    Serve(server::Settings),
    /// Talks to an address and prints percentiles as JSON.
    Load(client::Settings),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    match Arguments::parse().what {
        What::Serve(settings) => server::run(settings).await,
        What::Load(settings) => client::run(settings).await,
    }
}

/// Nanoseconds since 1970, the same in every process of this machine.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_nanos() as u64)
}
