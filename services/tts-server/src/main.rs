//! Starts the synthesis service.

use model_store::Store;
use service::{App, Drain, InternalAuth};
use std::time::Duration;
use tts_server::{AppState, Config};

/// An answer begins with the first sound, long before the last.
const SLOW: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let config = service::arguments::<Config>();
    let (common, port) = (config.common.clone(), config.tts_port);
    service::telemetry::init("tts-server", &common)?;
    let internal = InternalAuth::from_config(&common)?;
    let drain = Drain::new();
    let store = Store::from_env()?;
    let state = {
        let drain = drain.clone();
        tokio::task::spawn_blocking(move || AppState::start(config, &store, drain)).await??
    };
    if state.config.preload {
        let state = state.clone();
        // `/ready` goes on saying that it is missing when this fails.
        tokio::spawn(async move { state.preload().await });
    }
    let sampled = state.clone();
    let app = App::new(
        "tts-server",
        env!("CARGO_PKG_VERSION"),
        &common,
        drain.clone(),
    )
    .routes(tts_server::router(state.clone()))
    .slow_after(SLOW)
    .announces(tts_server::status::METRICS)
    .sample_metrics(move || {
        let factor = sampled.synthesizer.real_time_factor();
        metrics::gauge!("tts_real_time_factor").set(factor);
    })
    .check("models", move || std::future::ready(state.ready()))
    .internal_auth(internal)
    .build();
    service::serve(app, &common, port, drain).await?;
    Ok(())
}
