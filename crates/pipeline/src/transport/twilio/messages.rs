//! What Twilio says on a media stream. It writes its numbers as strings; both are taken.

use crate::transport::socket::Fault;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;

/// A message.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(
    tag = "event",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Message {
    /// The socket is open; the first message.
    Connected,
    /// What the stream is; the second.
    Start {
        /// The stream.
        stream_sid: String,
        /// All of it.
        start: Start,
    },
    /// Sound.
    Media {
        /// The stream.
        stream_sid: String,
        /// The sound.
        media: Media,
    },
    /// A key was pressed.
    Dtmf {
        /// The stream.
        stream_sid: String,
        /// Which.
        dtmf: Dtmf,
    },
    /// What we sent before a mark was played, or cleared.
    Mark {
        /// The stream.
        stream_sid: String,
        /// Which.
        mark: Mark,
    },
    /// The stream ends, and with it the call.
    Stop {
        /// The stream.
        stream_sid: String,
    },
    /// What is not known yet.
    #[serde(other)]
    Other,
}

/// What a stream is.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Start {
    /// The stream.
    pub stream_sid: String,
    /// The account.
    #[serde(default)]
    pub account_sid: String,
    /// The call.
    #[serde(default)]
    pub call_sid: String,
    /// What our TwiML gave it.
    #[serde(default)]
    pub custom_parameters: BTreeMap<String, String>,
    /// How its sound is coded.
    pub media_format: MediaFormat,
}

/// How sound is coded.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MediaFormat {
    /// `audio/x-mulaw`.
    pub encoding: String,
    /// 8000.
    #[serde(deserialize_with = "number")]
    pub sample_rate: u64,
    /// 1.
    #[serde(deserialize_with = "number")]
    pub channels: u64,
}

/// A piece of sound.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Media {
    /// `inbound` is the caller.
    #[serde(default)]
    pub track: Option<String>,
    /// Counts pieces.
    #[serde(default, deserialize_with = "maybe")]
    pub chunk: Option<u64>,
    /// Milliseconds since the stream began.
    #[serde(default, deserialize_with = "maybe")]
    pub timestamp: Option<u64>,
    /// Base64.
    pub payload: String,
}

/// A key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Dtmf {
    /// The key.
    pub digit: String,
}

/// A mark.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Mark {
    /// As we named it.
    pub name: String,
}

impl Message {
    /// Reads one.
    pub fn read(text: &str) -> Result<Message, Fault> {
        if text.len() > super::MAX_MESSAGE {
            return Err(Fault::too_big(super::MAX_MESSAGE));
        }
        serde_json::from_str(text).map_err(|error| {
            Fault::unexpected(format!("This is no message of a media stream: {error}."))
        })
    }
}

impl Start {
    /// Refuses what is not mu-law at 8 kHz.
    pub fn check(&self) -> Result<(), Fault> {
        let MediaFormat {
            encoding,
            sample_rate,
            channels,
        } = &self.media_format;
        let right = encoding == "audio/x-mulaw" && (*sample_rate, *channels) == (8000, 1);
        let plain = |sid: &str| {
            (1..=64).contains(&sid.len()) && sid.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        match (right, plain(&self.stream_sid)) {
            (true, true) => Ok(()),
            (false, _) => Err(Fault::unexpected(
                "The `mediaFormat` must be audio/x-mulaw, 8000 Hz, one channel.",
            )),
            (_, false) => Err(Fault::unexpected("The `streamSid` is none.")),
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Number(u64),
    Text(String),
}

fn number<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    match Number::deserialize(from)? {
        Number::Number(number) => Ok(number),
        Number::Text(text) => text.parse().map_err(serde::de::Error::custom),
    }
}

fn maybe<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    number(from).map(Some)
}
