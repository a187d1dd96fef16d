//! Where and how asr-server is asked to listen.

use crate::settings::CallSettings;
use api::stream::StreamConfig;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;

/// The request that opens a stream for a call. `plain`: with nothing that a server may not have,
/// such as a model that is not loaded.
///
/// # Errors
/// A message for the log: what is wrong with the address.
pub fn request(settings: &CallSettings, plain: bool) -> Result<Request, String> {
    let code = settings.language.split(['-', '_']).next();
    let language = code.filter(|code| !plain && !code.is_empty());
    let config = StreamConfig {
        sample_rate: Some(settings.rate),
        encoding: Some("s16le".into()),
        language: Some(language.unwrap_or("auto").to_lowercase()),
        model: settings.options.asr_model.clone().filter(|_| !plain),
        interim_results: Some(true),
        endpointing_ms: Some(settings.options.endpointing_ms),
        metadata: Some(true),
        eager: Some(true),
        vad_events: Some(true),
        channel: Some("caller".into()),
        ..StreamConfig::default()
    };
    let query = serde_urlencoded::to_string(config).map_err(|error| error.to_string())?;
    let base = settings.asr_url.trim_end_matches('/');
    let base = match base.strip_prefix("http") {
        Some(rest) => format!("ws{rest}"),
        None => base.to_owned(),
    };
    let address = format!("{base}/stream?{query}");
    let mut request = address
        .into_client_request()
        .map_err(|error| error.to_string())?;
    request.headers_mut().extend(settings.headers.clone());
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::settings;
    use reqwest::header::HeaderValue;

    #[test]
    fn the_address_says_how_to_listen() {
        let mut settings = settings();
        settings.language = "pt-BR".into();
        settings.options.asr_model = Some("whisper small".into());
        let secret = HeaderValue::from_static("s3");
        settings.headers.insert("x-internal-secret", secret);
        let asked = request(&settings, false).expect("a sane address");
        let uri = asked.uri().to_string();
        assert!(
            uri.starts_with("ws://127.0.0.1:8001/stream?sample_rate=24000"),
            "{uri}"
        );
        for part in ["language=pt&", "model=whisper+small", "vad_events=true"] {
            assert!(uri.contains(part), "{part} in {uri}");
        }
        assert_eq!(asked.headers()["x-internal-secret"], "s3");
        let uri = request(&settings, true)
            .expect("a sane address")
            .uri()
            .to_string();
        assert!(
            uri.contains("language=auto") && !uri.contains("model"),
            "{uri}"
        );
    }

    #[test]
    fn an_address_that_is_none_is_an_error() {
        let mut settings = settings();
        settings.asr_url = "not an address".into();
        assert!(request(&settings, false).is_err());
    }
}
