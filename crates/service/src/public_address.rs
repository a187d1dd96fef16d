//! Which addresses a user may make us call: public ones, after the name was resolved.
//!
//! A name must not be checked and then resolved again, since it may answer differently the second
//! time: connect to what [`resolve`] gives.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// Longest wait for a name.
const RESOLVE: Duration = Duration::from_secs(5);

/// Networks of IPv4 that are not public (IANA's special-purpose registry), and single addresses
/// that clouds answer their own machines on.
const PRIVATE_V4: [(Ipv4Addr, u32); 17] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    // Shared by providers; 100.100.100.200 is Alibaba's metadata.
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // Link-local; 169.254.169.254 is most clouds' metadata.
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    // Azure's own.
    (Ipv4Addr::new(168, 63, 129, 16), 32),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
    (Ipv4Addr::new(255, 255, 255, 255), 32),
];

/// Networks inside 2000::/3, the only public one, that are not public after all.
const PRIVATE_V6: [(Ipv6Addr, u32); 4] = [
    // Protocol assignments, Teredo among them, which hides an IPv4 address.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0x0db8, 0, 0, 0, 0, 0, 0), 32),
    // 6to4, which hides one too.
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Why there is nothing to connect to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Loopback, private, link-local, metadata, multicast or reserved.
    #[error("`{0}` does not lead to a public address")]
    NotPublic(String),
    /// No such name, or nobody who would know.
    #[error("`{0}` cannot be resolved")]
    Unresolved(String),
}

/// Whether anybody on the internet could reach this address.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let inside = |(network, bits): &(Ipv4Addr, u32)| {
        (address.to_bits() ^ network.to_bits()) >> (32 - bits) == 0
    };
    !PRIVATE_V4.iter().any(inside)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    // NAT64 (RFC 6052): the last 32 bits are who is meant.
    if address.segments()[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        return is_public_v4(Ipv4Addr::from_bits(address.to_bits() as u32));
    }
    let inside = |(network, bits): &(Ipv6Addr, u32)| {
        (address.to_bits() ^ network.to_bits()) >> (128 - bits) == 0
    };
    address.segments()[0] >> 13 == 1 && !PRIVATE_V6.iter().any(inside)
}

/// The public addresses of a name or of a literal address, without brackets.
///
/// # Errors
/// There is none.
pub async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, AddressError> {
    let found = tokio::time::timeout(RESOLVE, tokio::net::lookup_host((host, port))).await;
    let Ok(Ok(found)) = found else {
        return Err(AddressError::Unresolved(host.to_owned()));
    };
    let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
    if public.is_empty() {
        return Err(AddressError::NotPublic(host.to_owned()));
    }
    Ok(public)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(text: &str) -> bool {
        is_public(text.parse().unwrap())
    }

    #[test]
    fn addresses_of_the_internet_are_public() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700:4700::1111",
            "2a00:1450:4001::1",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
        ] {
            assert!(public(address), "{address}");
        }
    }

    #[test]
    fn addresses_of_this_machine_its_network_and_its_cloud_are_not() {
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.100.100.200",
            "127.0.0.1",
            "127.9.9.9",
            "168.63.129.16",
            "169.254.169.254",
            "172.31.255.255",
            "192.0.0.192",
            "192.168.1.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "ff02::1",
        ] {
            assert!(!public(address), "{address}");
        }
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_refused() {
        let refused = |host: &str| AddressError::NotPublic(host.to_owned());
        for host in ["localhost", "127.0.0.1", "::1"] {
            assert_eq!(resolve(host, 80).await, Err(refused(host)));
        }
    }
}
