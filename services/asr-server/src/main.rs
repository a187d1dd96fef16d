//! Starts the recognition service.

use asr_server::{AppState, Config};
use model_store::Store;
use service::{App, Drain, InternalAuth};
use std::time::Duration;

/// A long recording takes longer, and is worth a line too.
const SLOW: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let config = service::arguments::<Config>();
    let (common, port) = (config.common.clone(), config.asr_port);
    service::telemetry::init("asr-server", &common)?;
    let internal = InternalAuth::from_config(&common)?;
    let drain = Drain::new();
    let (store, preload) = (Store::from_env()?, config.preload);
    let state = {
        let drain = drain.clone();
        tokio::task::spawn_blocking(move || AppState::start(config, &store, drain)).await??
    };
    if preload {
        let state = state.clone();
        // The log has said why when this fails; `/ready` goes on saying which model is missing.
        tokio::spawn(async move { state.preload().await });
    }
    let app = App::new(
        "asr-server",
        env!("CARGO_PKG_VERSION"),
        &common,
        drain.clone(),
    )
    .routes(asr_server::router(state.clone()))
    .slow_after(SLOW)
    .announces(asr_server::status::METRICS)
    .check("models", move || std::future::ready(state.ready()))
    .internal_auth(internal)
    .build();
    service::serve(app, &common, port, drain).await?;
    Ok(())
}
