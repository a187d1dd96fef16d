//! `load`: sends GET requests at a fixed rate, whatever the answers do (open loop), to each address
//! in turn, and prints the latency percentiles of each as JSON.
//!
//! A closed-loop client would slow down with the server and hide its worst moments. Latency counts
//! from the tick that releases a request: the timer's own millisecond of coarseness is left out.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use clap::Parser;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use tokio::time::{Instant, interval};

type HttpClient = Client<HttpConnector, Empty<Bytes>>;

/// Latency of addresses, one after the other: they do not compete for the cores.
#[derive(Parser)]
struct Arguments {
    /// Addresses; every answer must be a success.
    #[arg(required = true)]
    urls: Vec<String>,
    /// Sent with every request, such as `Authorization: Bearer wh_...`.
    #[arg(long)]
    header: Vec<String>,
    /// Requests a second.
    #[arg(long, default_value_t = 500)]
    rate: u32,
    /// Seconds to send for, each address.
    #[arg(long, default_value_t = 10)]
    seconds: u32,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let headers = headers(&arguments.header)?;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let mut results = Vec::new();
    for url in &arguments.urls {
        let latencies = run(&client, url, &headers, &arguments).await?;
        results.push(format!(
            r#"{{"url": "{url}", "p50_ms": {:.3}, "p95_ms": {:.3}, "p99_ms": {:.3}, "worst_ms": {:.3}, "requests": {}}}"#,
            latencies.at(0.5),
            latencies.at(0.95),
            latencies.at(0.99),
            latencies.at(1.0),
            latencies.0.len()
        ));
    }
    println!("[{}]", results.join(",\n "));
    Ok(())
}

fn headers(given: &[String]) -> Result<HeaderMap> {
    let pairs = given.iter().map(|line| {
        let (name, value) = line
            .split_once(':')
            .context("a header looks like `Name: value`")?;
        anyhow::Ok((
            name.trim().parse::<HeaderName>()?,
            value.trim().parse::<HeaderValue>()?,
        ))
    });
    pairs.collect()
}

/// Latencies in milliseconds, ascending.
struct Latencies(Vec<f64>);

impl Latencies {
    fn at(&self, quantile: f64) -> f64 {
        let last = self.0.len().saturating_sub(1);
        self.0[(last as f64 * quantile).round() as usize]
    }
}

async fn run(
    client: &HttpClient,
    url: &str,
    headers: &HeaderMap,
    arguments: &Arguments,
) -> Result<Latencies> {
    // Warm connections and caches; not counted.
    for _ in 0..100 {
        get(client, url, headers).await?;
    }
    let mut ticks = interval(Duration::from_secs(1) / arguments.rate);
    let mut pending = Vec::with_capacity((arguments.rate * arguments.seconds) as usize);
    for _ in 0..arguments.rate * arguments.seconds {
        ticks.tick().await;
        let released = Instant::now();
        let (client, url, headers) = (client.clone(), url.to_owned(), headers.clone());
        pending.push(tokio::spawn(async move {
            get(&client, &url, &headers).await?;
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

async fn get(client: &HttpClient, url: &str, headers: &HeaderMap) -> Result<()> {
    let mut request = Request::get(url).body(Empty::new())?;
    *request.headers_mut() = headers.clone();
    let response = client
        .request(request)
        .await
        .with_context(|| format!("GET {url}"))?;
    let status = response.status();
    response.into_body().collect().await?;
    ensure!(status.is_success(), "GET {url} answered {status}");
    Ok(())
}
