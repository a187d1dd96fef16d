//! The client: so many talks at once, one after the other each, and how late their pieces come.

use crate::now;
use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use clap::Args;
use http::{HeaderName, HeaderValue, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use std::time::Duration;
use tokio::time::{Instant, sleep};

type HttpClient = Client<HttpConnector, Full<Bytes>>;

/// Whom to talk to.
#[derive(Args)]
pub struct Settings {
    /// Address; every answer must be a success.
    url: String,
    /// JSON to POST.
    #[arg(long)]
    body: String,
    /// Sent with every request, such as `Authorization: Bearer wh_...`.
    #[arg(long)]
    header: Vec<String>,
    /// Talks at once.
    #[arg(long, default_value_t = 1)]
    streams: u32,
    /// How often each talks.
    #[arg(long, default_value_t = 20)]
    rounds: u32,
    /// Pieces that every answer must have.
    #[arg(long, default_value_t = 50)]
    pieces: usize,
    /// What the other side waits before the first piece.
    #[arg(long, default_value_t = 100)]
    first_ms: u64,
}

/// What one talk came to, in milliseconds.
struct Heard {
    /// From the request to the first piece, less what the other side waits.
    begin: f64,
    /// Of each piece.
    late: Vec<f64>,
}

/// Talks and prints.
pub async fn run(settings: Settings) -> Result<()> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: HttpClient = Client::builder(TokioExecutor::new()).build(connector);
    let request = request(&settings)?;
    // Warm connections; not counted.
    talk(&client, &request, &settings).await?;
    let mut streams = Vec::new();
    for at in 0..settings.streams {
        let (client, request) = (client.clone(), request.clone());
        let (pieces, first_ms, rounds) = (settings.pieces, settings.first_ms, settings.rounds);
        streams.push(tokio::spawn(async move {
            // Not all in the same instant.
            sleep(Duration::from_millis(u64::from(at) * 7 % 1000)).await;
            let mut heard = Vec::new();
            for _ in 0..rounds {
                heard.push(hear(&client, request.clone(), pieces, first_ms).await?);
            }
            anyhow::Ok(heard)
        }));
    }
    let (mut begins, mut late) = (Vec::new(), Vec::new());
    for stream in streams {
        for heard in stream.await.context("a talk ended early")?? {
            begins.push(heard.begin);
            late.extend(heard.late);
        }
    }
    println!(
        r#"{{"talks": {}, "pieces": {}, "begin": {}, "late": {}}}"#,
        begins.len(),
        late.len(),
        percentiles(begins),
        percentiles(late)
    );
    Ok(())
}

async fn talk(
    client: &HttpClient,
    request: &Request<Full<Bytes>>,
    settings: &Settings,
) -> Result<()> {
    hear(client, request.clone(), settings.pieces, settings.first_ms)
        .await
        .map(drop)
}

fn request(settings: &Settings) -> Result<Request<Full<Bytes>>> {
    let body = Full::new(Bytes::from(settings.body.clone()));
    let mut request = Request::post(&settings.url).body(body)?;
    let headers = request.headers_mut();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    for line in &settings.header {
        let (name, value) = line
            .split_once(':')
            .context("a header looks like `Name: value`")?;
        headers.insert(name.trim().parse::<HeaderName>()?, value.trim().parse()?);
    }
    Ok(request)
}

async fn hear(
    client: &HttpClient,
    request: Request<Full<Bytes>>,
    pieces: usize,
    first_ms: u64,
) -> Result<Heard> {
    let asked = Instant::now();
    let response = client.request(request).await?;
    let status = response.status();
    let mut body = response.into_body();
    let (mut rest, mut begin, mut late) = (Vec::new(), None, Vec::new());
    while let Some(frame) = body.frame().await {
        let arrived = now();
        rest.extend_from_slice(frame?.data_ref().map_or(&[][..], |data| data));
        let mut start = 0;
        while let Some((sent, length)) = stamp(&rest[start..]) {
            start += length;
            begin.get_or_insert_with(|| asked.elapsed().as_secs_f64() * 1e3 - first_ms as f64);
            late.push(arrived.saturating_sub(sent) as f64 / 1e6);
        }
        rest.drain(..start);
    }
    ensure!(
        status.is_success() && late.len() == pieces,
        "{status}: {} of {pieces} pieces: {}",
        late.len(),
        String::from_utf8_lossy(&rest)
    );
    let begin = begin.context("no piece")?;
    Ok(Heard { begin, late })
}

/// The first whole `<nanoseconds>` and where it ends.
fn stamp(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut from = 0;
    loop {
        let start = from + bytes[from..].iter().position(|byte| *byte == b'<')? + 1;
        let end = start + bytes[start..].iter().position(|byte| *byte == b'>')?;
        let digits = std::str::from_utf8(&bytes[start..end]).ok();
        if let Some(sent) = digits.and_then(|digits| digits.parse().ok()) {
            return Some((sent, end + 1));
        }
        from = start;
    }
}

fn percentiles(mut values: Vec<f64>) -> String {
    values.sort_by(f64::total_cmp);
    let at = |quantile: f64| {
        let last = values.len().saturating_sub(1);
        values
            .get((last as f64 * quantile).round() as usize)
            .copied()
            .unwrap_or(f64::NAN)
    };
    format!(
        r#"{{"p50": {:.4}, "p95": {:.4}, "p99": {:.4}, "worst": {:.4}}}"#,
        at(0.5),
        at(0.95),
        at(0.99),
        at(1.0)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_found_among_other_text_and_only_when_whole() {
        assert_eq!(stamp(b"data: {\"a\":\"<12> \"}"), Some((12, 16)));
        assert_eq!(stamp(b"<b><7>"), Some((7, 6)));
        assert_eq!(stamp(b"x <12"), None);
    }
}
