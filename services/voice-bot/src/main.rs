//! Starts the voice calling platform.

use service::{App, Drain, InternalAuth};
use std::time::Duration;
use voice_bot::keys::Keys;
use voice_bot::{AppState, Config, accounts};

/// What takes longest by itself is the hash of a password, some 100 ms.
const SLOW: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let config = service::arguments::<Config>();
    let (common, port) = (config.common.clone(), config.bot_port);
    if config.accounts.rotate_keys {
        Keys::rotate(&config.keys_dir())?;
        println!("A new key signs sessions; running services notice within ten seconds.");
        return Ok(());
    }
    if config.rotate_data_key {
        return voice_bot::vault::rotate(&config).await;
    }
    if let Some(path) = &config.unseal {
        return voice_bot::vault::unseal(&config, path, &mut std::io::stdout().lock());
    }
    service::telemetry::init("voice-bot", &common)?;
    let internal = InternalAuth::from_config(&common)?;
    let drain = Drain::new();
    let state = AppState::start(config, drain.clone())?;
    // The service starts without the database, says so, and recovers when it comes back.
    let migrations = tokio::spawn(state.clone().keep_migrated());
    tokio::spawn(accounts::cleanup::keep_clean(state.clone()));
    tokio::spawn(accounts::forgot::deliver(state.clone()));
    tokio::spawn(state.clone().keep_keys());
    let trash = tokio::spawn(voice_bot::organizations::keep_swept(state.clone()));
    let sweep = tokio::spawn(voice_bot::calls::keep_swept(state.clone()));
    let settling = tokio::spawn(voice_bot::live::keep_settled(state.clone()));
    let sealing = tokio::spawn(voice_bot::vault::keep_sealed(state.clone()));
    let retention = tokio::spawn(voice_bot::retention::keep(state.clone()));
    let draining = tokio::spawn(voice_bot::live::keep_draining(state.clone()));
    let (ready, sampled) = (state.clone(), state.clone());
    let app = App::new(
        "voice-bot",
        env!("CARGO_PKG_VERSION"),
        &common,
        drain.clone(),
    )
    .routes(voice_bot::router(state.clone()))
    .slow_after(SLOW)
    .announces(voice_bot::status::METRICS)
    .sample_metrics(move || voice_bot::status::sample(&sampled))
    .check("database", move || {
        let state = ready.clone();
        async move { state.database_ready().await }
    })
    .internal_auth(internal)
    .build();
    service::serve(app, &common, port, drain).await?;
    migrations.abort();
    trash.abort();
    sweep.abort();
    settling.abort();
    sealing.abort();
    retention.abort();
    draining.abort();
    state.close().await;
    Ok(())
}
