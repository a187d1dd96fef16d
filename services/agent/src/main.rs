//! Starts the agent.

use agent::{AppState, Config};
use clap::Parser;
use service::{App, Drain, InternalAuth};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let config = Config::parse();
    let (common, port) = (config.common.clone(), config.agent_port);
    service::telemetry::init(&common)?;
    let internal = InternalAuth::from_config(&common)?;
    let drain = Drain::new();
    let state = AppState::start(config, drain.clone())?;
    let app = App::new("agent", env!("CARGO_PKG_VERSION"), &common, drain.clone())
        .routes(agent::router(state))
        .internal_auth(internal)
        .build();
    service::serve(app, &common, port, drain).await?;
    Ok(())
}
