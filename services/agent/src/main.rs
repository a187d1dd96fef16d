//! Starts the agent.

use agent::{AppState, Config};
use service::{App, Drain, InternalAuth};
use std::time::Duration;

/// Longer than most answers of a language model.
const SLOW: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let config = service::arguments::<Config>();
    let (common, port) = (config.common.clone(), config.agent_port);
    service::telemetry::init("agent", &common)?;
    let internal = InternalAuth::from_config(&common)?;
    let drain = Drain::new();
    let state = AppState::start(config, drain.clone())?;
    let app = App::new("agent", env!("CARGO_PKG_VERSION"), &common, drain.clone())
        .routes(agent::router(state.clone()))
        .slow_after(SLOW)
        .sample_metrics(move || agent::status::sample(&state))
        .internal_auth(internal)
        .build();
    service::serve(app, &common, port, drain).await?;
    Ok(())
}
