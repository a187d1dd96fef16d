//! Session descriptions as text: what of an offer must hold before anything is done with it, and
//! what of our answer is put right (RFC 8866, RFC 8839).

use super::WebRtcError;
use std::net::IpAddr;

/// Bytes of an offer at most.
pub const LARGEST_SDP: usize = 64 * 1024;
/// Media sections at most.
const SECTIONS: usize = 16;

/// Looks whether an offer can be answered: audio with Opus, of a size that is no attack.
pub(super) fn check(offer: &str) -> Result<(), WebRtcError> {
    let wrong = |what: String| Err(WebRtcError::Sdp(what));
    if offer.len() > LARGEST_SDP {
        return wrong(format!("it has more than {LARGEST_SDP} bytes"));
    }
    if !offer.starts_with("v=0") {
        return wrong("it does not begin with v=0".into());
    }
    let sections = sections(offer);
    if sections.len() > SECTIONS {
        return wrong(format!("it has more than {SECTIONS} media sections"));
    }
    let is_usable = |section: &&[&str]| {
        let mut media = section[0].split_ascii_whitespace();
        let is_audio = media.next() == Some("m=audio");
        // Port 0: the section is switched off.
        let is_on = media.next().is_some_and(|port| port != "0");
        is_audio && is_on && section.iter().any(|line| opus_type(line).is_some())
    };
    match sections.iter().any(|section| is_usable(&&section[..])) {
        true => Ok(()),
        false => Err(WebRtcError::NoAudio),
    }
}

/// The payload type of Opus in our answer.
pub(super) fn payload_type(answer: &str) -> Option<u8> {
    answer.lines().find_map(opus_type)
}

/// The payload type, where a line says `a=rtpmap:<type> opus/48000/2`.
fn opus_type(line: &str) -> Option<u8> {
    let (number, codec) = line.trim_end().strip_prefix("a=rtpmap:")?.split_once(' ')?;
    let is_opus = codec.to_ascii_lowercase().starts_with("opus/48000");
    is_opus.then(|| number.parse().ok())?
}

fn sections(text: &str) -> Vec<Vec<&str>> {
    let mut sections: Vec<Vec<&str>> = Vec::new();
    for line in text.lines() {
        match sections.last_mut() {
            _ if line.starts_with("m=") => sections.push(vec![line]),
            Some(section) => section.push(line),
            None => {}
        }
    }
    sections
}

/// Adds our public addresses: for each candidate of a local address one that the router
/// translates, of higher rank.
pub(super) fn with_public(answer: &str, public: &[IpAddr]) -> String {
    let mut lines = Vec::new();
    for line in answer.lines() {
        let translated = public.iter().filter_map(|ip| translated(line, *ip));
        lines.extend(translated);
        lines.push(line.to_owned());
    }
    lines.iter().map(|line| format!("{line}\r\n")).collect()
}

/// `a=candidate:1 1 udp 2130706431 10.0.0.5 50000 typ host` with another address.
fn translated(line: &str, public: IpAddr) -> Option<String> {
    let fields: Vec<&str> = line.strip_prefix("a=candidate:")?.split(' ').collect();
    let [
        foundation,
        component,
        transport,
        priority,
        address,
        port,
        typ,
        host,
        rest @ ..,
    ] = &fields[..]
    else {
        return None;
    };
    let local: IpAddr = address.parse().ok()?;
    let is_ours = *typ == "typ"
        && *host == "host"
        && transport.eq_ignore_ascii_case("udp")
        && local.is_ipv4() == public.is_ipv4()
        && !local.is_loopback();
    if !is_ours || local == public {
        return None;
    }
    let priority = priority.parse::<u32>().ok()?.saturating_add(1);
    let mut line = format!(
        "a=candidate:{foundation}9 {component} {transport} {priority} {public} {port} typ host"
    );
    for field in rest {
        line.push(' ');
        line.push_str(field);
    }
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const AUDIO: &str = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n";

    #[test]
    fn an_offer_needs_audio_with_opus() {
        let offer = |sections: &str| format!("v=0\r\ns=-\r\n{sections}");
        assert!(check(&offer(AUDIO)).is_ok());
        let video = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\n";
        assert!(check(&offer(&format!("{video}{AUDIO}"))).is_ok());
        for without in [
            "",
            video,
            "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n",
            "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=rtpmap:0 PCMU/8000\r\n",
        ] {
            let refused = check(&offer(without));
            assert!(matches!(refused, Err(WebRtcError::NoAudio)), "{without}");
        }
        for garbage in ["", "hello", "{}", &offer(&AUDIO.repeat(2000))] {
            let refused = check(garbage);
            assert!(matches!(refused, Err(WebRtcError::Sdp(_))));
        }
    }

    #[test]
    fn public_addresses_stand_beside_the_local_ones() {
        let answer = "v=0\r\na=candidate:1 1 udp 2130706431 10.0.0.5 50000 typ host ufrag x\r\na=candidate:2 1 udp 9 192.0.2.9 1 typ srflx raddr 10.0.0.5 rport 2\r\n";
        let public = [
            "203.0.113.7".parse().unwrap(),
            "2001:db8::1".parse().unwrap(),
        ];
        let lines: Vec<String> = with_public(answer, &public)
            .lines()
            .map(str::to_owned)
            .collect();
        assert_eq!(lines.len(), 4);
        assert_eq!(
            lines[1],
            "a=candidate:19 1 udp 2130706432 203.0.113.7 50000 typ host ufrag x"
        );
        assert_eq!(lines[2], answer.lines().nth(1).unwrap());
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in ".*", lines in prop::collection::vec("(v=0|m=audio|a=rtpmap:|a=candidate:)[ 0-9a-z./:-]{0,40}", 0..20)) {
            let _ = check(&text);
            let text = lines.join("\r\n");
            let _ = check(&text);
            let _ = payload_type(&text);
            prop_assert!(with_public(&text, &["203.0.113.7".parse().unwrap()]).len() >= text.len());
        }
    }
}
