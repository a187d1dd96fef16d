//! Settings of this service, from the environment or the same flags.

use clap::{ArgAction, Parser};
use http::Uri;
use inference::DevicePreference;
use model_store::Variant;
use service::{CommonConfig, parse_bool};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Speech recognition of the Whissle Gateway.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "asr-server",
    version,
    about = "Speech recognition over HTTP. Every flag is also an environment variable."
)]
pub struct Config {
    /// What every service has.
    #[command(flatten)]
    pub common: CommonConfig,

    /// Port to listen on
    #[arg(long, env = "ASR_PORT", default_value_t = 8001)]
    pub asr_port: u16,

    /// Which models to offer: en-lite, en-full, multi-full, hinglish, multi-zh or all
    #[arg(long, env = "VARIANT", default_value_t = Variant::default())]
    pub variant: Variant,

    /// Folder with CTC models of your own, each in a folder that is its id; docs/ctc.md says how
    #[arg(long, env = "CTC_MODELS_DIR")]
    pub ctc_models_dir: Option<PathBuf>,

    /// Where models run: auto, cpu or cuda
    #[arg(long, env = "ASR_DEVICE", default_value = "auto")]
    pub asr_device: DevicePreference,

    /// Workers of each acoustic model; each decodes a batch at a time [default: half the cores]
    #[arg(long, env = "ASR_WORKERS", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub asr_workers: Option<u16>,

    /// Threads ONNX Runtime may use for one operator [default: the cores]
    #[arg(long, env = "ORT_THREADS", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub ort_threads: Option<u16>,

    /// Utterances decoded together at most
    #[arg(long, env = "ASR_MAX_BATCH", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub asr_max_batch: u16,

    /// Files being recognised at once [default: twice the cores, at least 8]
    #[arg(long, env = "ASR_CONCURRENCY", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub asr_concurrency: Option<u16>,

    /// Requests that may wait for their turn; more are answered 503 `overloaded`
    #[arg(long, env = "ASR_QUEUE", default_value_t = 128, value_parser = clap::value_parser!(u16).range(0..=10_000))]
    pub asr_queue: u16,

    /// Live streams open at once; more are closed with code 1013
    #[arg(long, env = "ASR_STREAMS", default_value_t = 256, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub asr_streams: u16,

    /// Seconds after which a live stream without any message is closed
    #[arg(long, env = "STREAM_IDLE_SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub stream_idle_seconds: u64,

    /// Longest audio of one file, in seconds
    #[arg(long, env = "MAX_AUDIO_SECONDS", default_value_t = 14_400, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_audio_seconds: u32,

    /// Load the models of the variant at the start instead of at their first use
    #[arg(long, env = "PRELOAD", default_value = "false", value_parser = parse_bool, action = ArgAction::Set)]
    pub preload: bool,

    /// Folder of language models of your own, each called by its language: en.klm, de.arpa, hi.bin
    #[arg(long, env = "LM_DIR")]
    pub lm_dir: Option<PathBuf>,

    /// The agent, which `summarize=` asks
    #[arg(long, env = "AGENT_URL", default_value = "http://127.0.0.1:8765", value_parser = crate::analysis::parse_url)]
    pub agent_url: Uri,

    /// Seconds that an analysis may take; the transcript comes without it afterwards
    #[arg(long, env = "ANALYSIS_SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub analysis_seconds: u64,
}

impl Config {
    /// The defaults without reading the environment, with all data in `data_dir`. For tests.
    pub fn with_data_dir(data_dir: impl Into<PathBuf>, variant: Variant) -> Self {
        Config {
            common: CommonConfig::with_data_dir(data_dir),
            asr_port: 8001,
            variant,
            ctc_models_dir: None,
            asr_device: DevicePreference::Auto,
            asr_workers: None,
            ort_threads: None,
            asr_max_batch: 4,
            asr_concurrency: None,
            asr_queue: 128,
            asr_streams: 256,
            stream_idle_seconds: 30,
            max_audio_seconds: 14_400,
            preload: false,
            lm_dir: None,
            agent_url: Uri::from_static("http://127.0.0.1:8765"),
            analysis_seconds: 300,
        }
    }

    /// Workers of each acoustic model.
    pub fn workers(&self) -> usize {
        self.asr_workers
            .map_or_else(|| cores().div_ceil(2), usize::from)
    }

    /// Threads of one operator.
    pub fn threads(&self) -> usize {
        self.ort_threads.map_or_else(cores, usize::from)
    }

    /// Files being recognised at once.
    pub fn concurrency(&self) -> usize {
        self.asr_concurrency
            .map_or_else(|| (2 * cores()).max(8), usize::from)
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Config, String> {
        let args = std::iter::once("asr-server").chain(args.iter().copied());
        Config::try_parse_from(args).map_err(|error| error.to_string())
    }

    #[test]
    fn an_unknown_variant_or_device_lists_the_valid_ones() {
        let message = parse(&["--variant", "en-huge"]).unwrap_err();
        for name in [
            "en-huge",
            "en-lite",
            "en-full",
            "multi-full",
            "hinglish",
            "multi-zh",
            "all",
        ] {
            assert!(message.contains(name), "{message}");
        }
        assert!(
            parse(&["--asr-device", "tpu"])
                .unwrap_err()
                .contains("auto, cpu or cuda")
        );
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

    #[test]
    fn nothing_is_zero_by_default() {
        let config = parse(&[]).unwrap();
        assert!(config.workers() >= 1 && config.threads() >= 1 && config.concurrency() >= 8);
    }
}
