//! `load`: sends GET requests at a fixed rate, whatever the answers do (open loop), to two
//! addresses in turn, and prints the latency percentiles of each and their difference.
//!
//! A closed-loop client would slow down with the server and hide its worst moments. Latency counts
//! from the tick that releases a request: the timer's own millisecond of coarseness is left out.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use clap::Parser;
use http::Request;
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use tokio::time::{Instant, interval};

type HttpClient = Client<HttpConnector, Empty<Bytes>>;

/// Latency of a service asked directly and through the gateway, in one run.
#[derive(Parser)]
struct Arguments {
    /// Address asked directly.
    direct: String,
    /// The same resource through the gateway.
    through: String,
    /// Sent as `Authorization: Bearer`.
    #[arg(long)]
    token: String,
    /// Requests a second to each address.
    #[arg(long, default_value_t = 500)]
    rate: u32,
    /// Seconds to send for.
    #[arg(long, default_value_t = 10)]
    seconds: u32,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let client = Client::builder(TokioExecutor::new()).build_http();
    // One address after the other: the two do not compete for the cores.
    let direct = run(&client, &arguments.direct, &arguments).await?;
    let through = run(&client, &arguments.through, &arguments).await?;
    println!(
        r#"{{"p50_direct_ms": {:.3}, "p99_direct_ms": {:.3}, "p50_through_ms": {:.3}, "p99_through_ms": {:.3}, "p50_added_ms": {:.3}, "p99_added_ms": {:.3}, "requests": {}}}"#,
        direct.at(0.5),
        direct.at(0.99),
        through.at(0.5),
        through.at(0.99),
        through.at(0.5) - direct.at(0.5),
        through.at(0.99) - direct.at(0.99),
        through.0.len()
    );
    Ok(())
}

/// Latencies in milliseconds, ascending.
struct Latencies(Vec<f64>);

impl Latencies {
    fn at(&self, quantile: f64) -> f64 {
        let last = self.0.len().saturating_sub(1);
        self.0[(last as f64 * quantile).round() as usize]
    }
}

async fn run(client: &HttpClient, url: &str, arguments: &Arguments) -> Result<Latencies> {
    // Warm connections and caches; not counted.
    for _ in 0..100 {
        get(client, url, &arguments.token).await?;
    }
    let mut ticks = interval(Duration::from_secs(1) / arguments.rate);
    let mut pending = Vec::with_capacity((arguments.rate * arguments.seconds) as usize);
    for _ in 0..arguments.rate * arguments.seconds {
        ticks.tick().await;
        let released = Instant::now();
        let (client, url, token) = (client.clone(), url.to_owned(), arguments.token.clone());
        pending.push(tokio::spawn(async move {
            get(&client, &url, &token).await?;
            anyhow::Ok(released.elapsed().as_secs_f64() * 1e3)
        }));
    }
    let mut latencies = Vec::with_capacity(pending.len());
    for request in pending {
        latencies.push(request.await.context("a request task ended early")??);
    }
    latencies.sort_by(f64::total_cmp);
    Ok(Latencies(latencies))
}

async fn get(client: &HttpClient, url: &str, token: &str) -> Result<()> {
    let request = Request::get(url)
        .header("authorization", format!("Bearer {token}"))
        .body(Empty::new())?;
    let response = client
        .request(request)
        .await
        .with_context(|| format!("GET {url}"))?;
    let status = response.status();
    response.into_body().collect().await?;
    ensure!(status.is_success(), "GET {url} answered {status}");
    Ok(())
}
