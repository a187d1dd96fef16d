//! Starts the gateway, or replaces its admin token.

use anyhow::Context;
use clap::Parser;
use gateway::{Command, Config, Gateway, Writer};
use service::Drain;
use std::time::Duration;

/// What may still run when the drain is over is dropped after this.
const LAST_MOMENT: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<()> {
    let config = Config::parse();
    if config.rotate_admin {
        println!("Token: {}", gateway::rotate_admin(&config)?.expose());
        return Ok(());
    }
    if let Some(Command::CopyDatabase { from, to }) = &config.command {
        return Ok(gateway::copy_database(from, to)?);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("no async runtime")?;
    let writer = runtime.block_on(run(config))?;
    // Dropping what is left ends its requests; only then is the last usage row known.
    runtime.shutdown_timeout(LAST_MOMENT);
    writer.finish();
    Ok(())
}

async fn run(config: Config) -> anyhow::Result<Writer> {
    service::telemetry::init(&config.common)?;
    let drain = Drain::new();
    let (gateway, writer) = Gateway::start(&config, drain.clone())?;
    service::serve(
        gateway::app(&gateway, &config),
        &config.common,
        config.gateway_port,
        drain,
    )
    .await?;
    Ok(writer)
}
