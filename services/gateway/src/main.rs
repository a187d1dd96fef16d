//! Starts the gateway, or does one of the other things it can: see `gateway --help`.

use anyhow::Context;
use gateway::{Command, Config, Gateway, Writer};
use service::Drain;
use std::process::ExitCode;
use std::time::Duration;

/// What may still run when the drain is over is dropped after this.
const LAST_MOMENT: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<ExitCode> {
    let config = service::arguments::<Config>();
    if config.rotate_admin {
        println!("Token: {}", gateway::rotate_admin(&config)?.expose());
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(Command::CopyDatabase { from, to }) = &config.command {
        gateway::copy_database(from, to)?;
        return Ok(ExitCode::SUCCESS);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("no async runtime")?;
    if let Some(Command::Doctor(settings)) = &config.command {
        return Ok(runtime.block_on(examine(settings)));
    }
    let writer = runtime.block_on(run(config))?;
    // Dropping what is left ends its requests; only then is the last usage row known.
    runtime.shutdown_timeout(LAST_MOMENT);
    writer.finish();
    Ok(ExitCode::SUCCESS)
}

/// The report of `gateway doctor`; 1 when something is wrong.
async fn examine(settings: &doctor::Settings) -> ExitCode {
    let report = doctor::examine(settings).await;
    if settings.json {
        println!("{}", report.json());
    } else {
        println!("{report}");
    }
    ExitCode::from(u8::from(report.level == doctor::Level::Fail))
}

async fn run(config: Config) -> anyhow::Result<Writer> {
    service::telemetry::init("gateway", &config.common)?;
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
