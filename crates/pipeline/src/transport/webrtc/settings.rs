//! How browsers reach us.

use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::str::FromStr;
use webrtc::peer_connection::RTCIceServer;

/// Servers at most.
const SERVERS: usize = 16;

/// Addresses and ports of our end, and who helps to find a way.
#[derive(Debug, Clone)]
pub struct IceSettings {
    /// STUN and TURN servers.
    pub servers: IceServers,
    /// Our addresses as the world sees them, where a router stands in between.
    pub public: Vec<IpAddr>,
    /// UDP ports that are let through; none: any.
    pub ports: Option<Ports>,
    /// Local addresses; `0.0.0.0` and `::` are all of the machine but loopback.
    pub addresses: Vec<IpAddr>,
}

impl Default for IceSettings {
    fn default() -> Self {
        IceSettings {
            servers: IceServers::default(),
            public: Vec::new(),
            ports: None,
            addresses: vec![Ipv4Addr::UNSPECIFIED.into()],
        }
    }
}

impl IceSettings {
    /// Local addresses with a port, in an order of their own each time.
    pub(super) fn binds(&self) -> Vec<Vec<SocketAddr>> {
        let with = |port| {
            let each = self.addresses.iter();
            each.map(|address| SocketAddr::new(*address, port))
                .collect()
        };
        let Some(Ports(range)) = &self.ports else {
            return vec![with(0)];
        };
        let count = u32::from(*range.end() - *range.start()) + 1;
        let first: u32 = rand::random_range(0..count);
        let port = |step: u32| range.start() + ((first + step) % count) as u16;
        (0..count).map(|step| with(port(step))).collect()
    }
}

/// UDP ports, such as `50000-50100`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ports(pub RangeInclusive<u16>);

impl FromStr for Ports {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "must be two ports such as 50000-50100, the lower one first".to_owned();
        let (from, to) = text.split_once('-').ok_or_else(wrong)?;
        let port = |text: &str| text.trim().parse::<u16>().map_err(|_| wrong());
        let (from, to) = (port(from)?, port(to)?);
        (0 < from && from <= to)
            .then_some(Ports(from..=to))
            .ok_or_else(wrong)
    }
}

/// STUN and TURN servers: addresses with commas between them, or the JSON that browsers take,
/// `[{"urls":["turn:turn.example.com"],"username":"...","credential":"..."}]`.
#[derive(Clone, Default, PartialEq)]
pub struct IceServers(Vec<RTCIceServer>);

impl std::fmt::Debug for IceServers {
    /// Without the credentials.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let urls = self.0.iter().flat_map(|server| &server.urls);
        f.debug_list().entries(urls).finish()
    }
}

/// One server as JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    urls: OneOrMore,
    #[serde(default)]
    username: String,
    #[serde(default)]
    credential: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl FromStr for IceServers {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let given: Vec<Given> = if text.starts_with('[') {
            serde_json::from_str(text).map_err(|error| format!("not the JSON expected: {error}"))?
        } else {
            let urls = text.split(',').map(str::trim).filter(|url| !url.is_empty());
            let each = urls.map(|url| Given {
                urls: OneOrMore::One(url.to_owned()),
                username: String::new(),
                credential: String::new(),
            });
            each.collect()
        };
        if given.len() > SERVERS {
            return Err(format!("at most {SERVERS} servers"));
        }
        let mut servers = Vec::new();
        for given in given {
            let server = RTCIceServer {
                urls: match given.urls {
                    OneOrMore::One(url) => vec![url],
                    OneOrMore::More(urls) => urls,
                },
                username: given.username,
                credential: given.credential,
            };
            let urls = server.urls.join(", ");
            server
                .urls()
                .map_err(|error| format!("{urls} (stun:host, turn:host?transport=udp): {error}"))?;
            servers.push(server);
        }
        Ok(IceServers(servers))
    }
}

impl IceServers {
    pub(super) fn list(&self) -> Vec<RTCIceServer> {
        self.0.clone()
    }

    /// Those that a page may use as well: without credentials, and so only STUN.
    pub fn urls(&self) -> Vec<&str> {
        let open = self.0.iter().filter(|server| server.credential.is_empty());
        open.flat_map(|server| server.urls.iter().map(String::as_str))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_addresses_or_the_json_of_browsers() {
        let plain: IceServers = "stun:stun.example.com:3478, stun:other.example.com"
            .parse()
            .unwrap();
        assert_eq!(
            plain.urls(),
            ["stun:stun.example.com:3478", "stun:other.example.com"]
        );
        let json = r#"[{"urls":["turn:t.example.com?transport=udp"],"username":"u","credential":"hush"},{"urls":"stun:s.example.com"}]"#;
        let servers: IceServers = json.parse().unwrap();
        assert_eq!(servers.list().len(), 2);
        assert_eq!(servers.urls(), ["stun:s.example.com"]);
        assert!(!format!("{servers:?}").contains("hush"));
        assert_eq!("".parse(), Ok(IceServers::default()));
    }

    #[test]
    fn servers_that_make_no_sense_are_named() {
        for wrong in [
            "http://example.com",
            r#"[{"urls":"turn:t.example.com"}]"#,
            r#"[{"url":"stun:x"}]"#,
            "[1]",
        ] {
            assert!(wrong.parse::<IceServers>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_port_of_the_range_is_tried_once() {
        let ports: Ports = "50000-50009".parse().unwrap();
        let settings = IceSettings {
            ports: Some(ports),
            ..IceSettings::default()
        };
        let mut tried: Vec<_> = settings.binds().iter().map(|bind| bind[0].port()).collect();
        tried.sort_unstable();
        assert_eq!(tried, (50000..=50009).collect::<Vec<_>>());
        for wrong in ["", "5", "7-6", "0-9", "1-70000", "a-b"] {
            assert!(wrong.parse::<Ports>().is_err(), "{wrong}");
        }
    }
}
