//! How browsers find their way to us.

use clap::Args;
use pipeline::transport::webrtc::{IceServers, IceSettings, Ports};
use std::net::{IpAddr, Ipv4Addr};

/// Settings of calls from browsers.
#[derive(Debug, Clone, Args)]
pub struct OfferSettings {
    /// STUN and TURN servers: addresses with commas, or JSON [{"urls":[...],"username":"...","credential":"..."}]
    #[arg(
        long,
        env = "ICE_SERVERS",
        default_value = "",
        hide_default_value = true,
        hide_env_values = true
    )]
    pub ice_servers: IceServers,

    /// Our addresses as browsers see them, comma-separated, where a router translates them
    #[arg(long, env = "ICE_PUBLIC_IP", value_delimiter = ',')]
    pub ice_public_ip: Vec<IpAddr>,

    /// UDP ports for the sound of calls, such as 50000-50100 [default: any]
    #[arg(long, env = "ICE_PORT_RANGE")]
    pub ice_port_range: Option<Ports>,

    /// Local addresses for the sound of calls, comma-separated; 0.0.0.0 and :: are all but loopback
    #[arg(
        long,
        env = "ICE_ADDRESSES",
        value_delimiter = ',',
        default_value = "0.0.0.0"
    )]
    pub ice_addresses: Vec<IpAddr>,
}

impl Default for OfferSettings {
    fn default() -> Self {
        OfferSettings {
            ice_servers: IceServers::default(),
            ice_public_ip: Vec::new(),
            ice_port_range: None,
            ice_addresses: vec![Ipv4Addr::UNSPECIFIED.into()],
        }
    }
}

impl OfferSettings {
    /// As the transport takes them.
    pub fn ice(&self) -> IceSettings {
        IceSettings {
            servers: self.ice_servers.clone(),
            public: self.ice_public_ip.clone(),
            ports: self.ice_port_range.clone(),
            addresses: self.ice_addresses.clone(),
        }
    }
}
