//! Settings of this service, from the environment or the same flags.

use clap::{ArgAction, Parser, ValueEnum};
use inference::DevicePreference;
use service::{CommonConfig, parse_bool};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Speech synthesis of the Whissle Gateway.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "tts-server",
    version,
    about = "Speech synthesis over HTTP and WebSocket. Every flag is also an environment variable."
)]
pub struct Config {
    /// What every service has.
    #[command(flatten)]
    pub common: CommonConfig,

    /// Port to listen on
    #[arg(long, env = "TTS_PORT", default_value_t = 8003)]
    pub tts_port: u16,

    /// What speaks
    #[arg(long, env = "TTS_ENGINE", value_enum, default_value_t = Engine::Kokoro)]
    pub tts_engine: Engine,

    /// Where models run: auto, cpu or cuda
    #[arg(long, env = "TTS_DEVICE", default_value = "auto")]
    pub tts_device: DevicePreference,

    /// Voice or mix that speaks when none is asked for
    #[arg(long, env = "TTS_VOICE", default_value = "af_heart")]
    pub tts_voice: String,

    /// Workers; each has graphs of its own, some 400 MB, and serves several listeners in turn
    #[arg(long, env = "TTS_WORKERS", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub tts_workers: u16,

    /// Threads ONNX Runtime may use for one operator [default: the cores]
    #[arg(long, env = "ORT_THREADS", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub ort_threads: Option<u16>,

    /// Texts spoken at once, those that wait for it included; more are answered 503 `overloaded`
    #[arg(long, env = "TTS_QUEUE", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub tts_queue: u16,

    /// WebSockets open at once; more are closed with code 1013
    #[arg(long, env = "TTS_STREAMS", default_value_t = 256, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub tts_streams: u16,

    /// Seconds after which a WebSocket is closed on which nothing is said and nobody asks for it
    #[arg(long, env = "TTS_IDLE_SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub tts_idle_seconds: u64,

    /// Longest text, in characters
    #[arg(long, env = "MAX_TTS_CHARACTERS", default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_tts_characters: u32,

    /// Load what English needs at the start instead of at its first use; other languages always come at theirs
    #[arg(long, env = "PRELOAD", default_value = "false", value_parser = parse_bool, action = ArgAction::Set)]
    pub preload: bool,
}

/// What can speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// Kokoro 82M.
    Kokoro,
}

impl Engine {
    /// As `TTS_ENGINE` names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Engine::Kokoro => "kokoro",
        }
    }
}

impl Config {
    /// The defaults without reading the environment, with all data in `data_dir`. For tests.
    pub fn with_data_dir(data_dir: impl Into<PathBuf>) -> Self {
        Config {
            common: CommonConfig::with_data_dir(data_dir),
            tts_port: 8003,
            tts_engine: Engine::Kokoro,
            tts_device: DevicePreference::Auto,
            tts_voice: "af_heart".into(),
            tts_workers: 1,
            ort_threads: None,
            tts_queue: 64,
            tts_streams: 256,
            tts_idle_seconds: 300,
            max_tts_characters: 50_000,
            preload: false,
        }
    }

    /// Threads of one operator.
    pub fn threads(&self) -> usize {
        self.ort_threads.map_or_else(cores, usize::from)
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_engine_or_device_lists_the_valid_ones() {
        let parse = |args: &[&str]| {
            let args = std::iter::once("tts-server").chain(args.iter().copied());
            Config::try_parse_from(args).map_err(|error| error.to_string())
        };
        let message = parse(&["--tts-engine", "espeak"]).unwrap_err();
        assert!(
            message.contains("espeak") && message.contains("kokoro"),
            "{message}"
        );
        let message = parse(&["--tts-device", "tpu"]).unwrap_err();
        assert!(message.contains("auto, cpu or cuda"), "{message}");
        let config = parse(&[]).unwrap();
        assert!(config.threads() >= 1);
    }

    #[test]
    fn every_variable_is_documented() {
        let page = include_str!("../../../docs/configuration.md");
        for argument in <Config as clap::CommandFactory>::command().get_arguments() {
            let Some(name) = argument.get_env().and_then(|name| name.to_str()) else {
                continue;
            };
            assert!(
                page.contains(&format!("`{name}`")),
                "{name} is not in docs/configuration.md"
            );
        }
    }
}
