//! Calls from browsers: the types of `/api/offer`. Field names are those of `RTCPeerConnection`.

use crate::ids::{AgentId, CallId, CustomerId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A browser's offer: of a new call, or with `pc_id` another one on the connection of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Offer {
    /// The session description, at most 64 KiB, with audio in Opus.
    pub sdp: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: OfferKind,
    /// Who answers; needed for a new call.
    #[serde(default)]
    pub agent_id: Option<AgentId>,
    /// Who calls.
    #[serde(default)]
    pub customer_id: Option<CustomerId>,
    /// The connection, when it is there already.
    #[serde(default)]
    pub pc_id: Option<Uuid>,
}

/// The only type of description a browser sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum OfferKind {
    /// An offer.
    Offer,
}

/// The only type of description we send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AnswerKind {
    /// An answer.
    Answer,
}

/// Our answer to an offer, with all candidates of ours in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Answer {
    /// The session description.
    pub sdp: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: AnswerKind,
    /// Names the connection in what follows. Whoever has it may add candidates.
    pub pc_id: Uuid,
    /// The call.
    pub call_id: CallId,
}

/// Ways to the browser that it found: one, or several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Candidates {
    /// The connection.
    pub pc_id: Uuid,
    /// Several.
    #[serde(default)]
    pub candidates: Vec<Option<Candidate>>,
    /// One; null when there are no more.
    #[serde(default)]
    pub candidate: Option<Candidate>,
}

/// A candidate, as browsers write it or as the text alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Candidate {
    /// `candidate:...`, or empty when there are no more.
    Text(String),
    /// As `RTCIceCandidate.toJSON()` gives it.
    Full {
        /// `candidate:...`, or empty when there are no more.
        candidate: String,
        /// Which part of the description it is for.
        #[serde(default, rename = "sdpMid", alias = "sdp_mid")]
        sdp_mid: Option<String>,
        /// The same by number.
        #[serde(default, rename = "sdpMLineIndex", alias = "sdp_mline_index")]
        sdp_mline_index: Option<u16>,
    },
}

/// How many candidates were taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CandidatesTaken {
    /// The connection.
    pub pc_id: Uuid,
    /// Those that could be read.
    pub added: usize,
}

/// A connection that is to end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Leave {
    /// The connection.
    pub pc_id: Uuid,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_come_in_every_shape_that_browsers_send() {
        let id = "6f2c0c2e-9a5e-4b8e-8a49-0d8f5c1a7b11";
        let line = "candidate:1 1 udp 2130706431 192.0.2.1 50000 typ host";
        let full = format!(
            r#"{{"candidate":"{line}","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":"x"}}"#
        );
        let read = |rest: &str| -> Candidates {
            serde_json::from_str(&format!(r#"{{"pc_id":"{id}",{rest}}}"#)).unwrap()
        };
        let expected = Candidate::Full {
            candidate: line.into(),
            sdp_mid: Some("0".into()),
            sdp_mline_index: Some(0),
        };
        let several = read(&format!(
            r#""candidates":[{full},"{line}",{{"candidate":"{line}"}},null]"#
        ));
        assert_eq!(several.candidates.len(), 4);
        assert_eq!(several.candidates[0], Some(expected.clone()));
        assert_eq!(several.candidates[1], Some(Candidate::Text(line.into())));
        assert_eq!(
            read(&format!(r#""candidate":{full}"#)).candidate,
            Some(expected)
        );
        assert_eq!(
            read(&format!(r#""candidate":"{line}","sdpMid":"0""#)).candidate,
            Some(Candidate::Text(line.into()))
        );
        assert_eq!(read(r#""candidate":null"#).candidate, None);
    }
}
