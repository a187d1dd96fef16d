//! Is each port free, or is it our own service that has it?

use crate::net::{self, client};
use crate::{Finding, Settings};
use futures::future::join_all;
use std::io::ErrorKind;
use tokio::net::TcpListener;

/// Looks at the port of every service; of one that runs, also whether it is ready.
pub async fn check(settings: &Settings) -> Vec<Finding> {
    let all = [
        ("gateway", "GATEWAY_PORT", settings.gateway_port),
        ("asr-server", "ASR_PORT", settings.asr_port),
        ("tts-server", "TTS_PORT", settings.tts_port),
        ("voice-bot", "BOT_PORT", settings.bot_port),
        ("agent", "AGENT_PORT", settings.agent_port),
    ];
    let client = match client() {
        Ok(client) => client,
        Err(why) => {
            let advice = "install the package ca-certificates";
            return vec![Finding::fail(format!("no HTTP client: {why}"), advice)];
        }
    };
    let bind = settings.common.bind_addr;
    join_all(all.map(|(name, variable, port)| {
        let client = client.clone();
        async move {
            // Whoever can listen there is not disturbed by anybody.
            match TcpListener::bind((bind, port)).await {
                Ok(_) => Finding::ok(format!("{port} is free for {name}")),
                Err(error) if error.kind() == ErrorKind::AddrInUse => {
                    taken(&client, name, variable, port).await
                }
                Err(error) => Finding::fail(
                    format!("{name} cannot listen on {bind}:{port}: {error}"),
                    format!(
                        "set {variable} above 1023, or BIND_ADDR to an address of this machine"
                    ),
                ),
            }
        }
    }))
    .await
}

async fn taken(client: &reqwest::Client, name: &str, variable: &str, port: u16) -> Finding {
    let base = format!("http://127.0.0.1:{port}");
    let health = net::json(client, &format!("{base}/health")).await;
    let ours = health.filter(|health| health["service"] == name);
    let Some(health) = ours else {
        return Finding::fail(
            format!("{port} is used by something else, so {name} cannot start"),
            format!("stop what uses it (`ss -ltnp 'sport = :{port}'` names it), or set {variable}"),
        );
    };
    let version = health["version"]
        .as_str()
        .unwrap_or("of unknown version")
        .to_owned();
    let ready = net::json(client, &format!("{base}/ready")).await;
    match ready.filter(|ready| ready["ready"] != true) {
        None => Finding::ok(format!("{name} {version} runs on {port}")),
        Some(ready) => {
            let checks = ready["checks"].as_object().into_iter().flatten();
            let bad = checks.filter(|(_, state)| *state != "ok");
            let bad: Vec<String> = bad
                .map(|(check, state)| format!("{check}: {}", state.as_str().unwrap_or("unknown")))
                .collect();
            Finding::warn(
                format!(
                    "{name} {version} runs on {port} and is not ready ({})",
                    bad.join(", ")
                ),
                "wait if it has just started; its log says more",
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Level;
    use axum::routing::get;
    use axum::{Json, Router};
    use serde_json::json;

    async fn at(app: Router) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        port
    }

    #[tokio::test]
    async fn a_service_of_ours_is_known_from_a_stranger() {
        let client = client().unwrap();
        let health = json!({"status": "ok", "service": "agent", "version": "1.2"});
        let ours = Router::new().route("/health", get(|| async { Json(health) }));
        let ready = json!({"ready": false, "checks": {"database": "gone", "models": "ok"}});
        let port = at(ours.clone()).await;
        let found = taken(&client, "agent", "AGENT_PORT", port).await;
        assert_eq!(found.level, Level::Ok, "{}", found.what);
        let found = taken(&client, "gateway", "GATEWAY_PORT", port).await;
        assert_eq!(found.level, Level::Fail, "{}", found.what);
        let port = at(ours.route("/ready", get(|| async { Json(ready) }))).await;
        let found = taken(&client, "agent", "AGENT_PORT", port).await;
        assert_eq!(found.level, Level::Warn);
        assert!(found.what.ends_with("(database: gone)"), "{}", found.what);
        let port = at(Router::new()).await;
        let found = taken(&client, "agent", "AGENT_PORT", port).await;
        assert!(found.advice.unwrap().contains("AGENT_PORT"));
    }
}
