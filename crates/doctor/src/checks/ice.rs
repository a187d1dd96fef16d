//! Do the STUN and TURN servers of `ICE_SERVERS` answer?

use crate::net;
use crate::{Finding, Settings};
use futures::future::join_all;
use serde_json::Value;

/// Asks each by the way its address names.
pub async fn check(settings: &Settings) -> Vec<Finding> {
    let addresses = match addresses(&settings.ice_servers) {
        Ok(addresses) => addresses,
        Err(why) => {
            let advice = "write addresses with commas (stun:stun.example.com:3478), or JSON as browsers have it";
            return vec![Finding::fail(format!("ICE_SERVERS: {why}"), advice)];
        }
    };
    if addresses.is_empty() {
        return vec![if settings.is_public() {
            Finding::warn(
                "ICE_SERVERS is not set: browsers behind some firewalls cannot call",
                "run a TURN server, such as coturn, and name it in ICE_SERVERS",
            )
        } else {
            Finding::ok("ICE_SERVERS is not set, and nobody from elsewhere is expected")
        }];
    }
    let relays = addresses.iter().any(|address| address.starts_with("turn"));
    let mut found = join_all(addresses.iter().map(|address| ask(address))).await;
    if settings.is_public() && !relays {
        found.push(Finding::warn(
            "ICE_SERVERS names no TURN server: browsers behind some firewalls cannot call",
            "run one, such as coturn, and add it",
        ));
    }
    found
}

async fn ask(address: &str) -> Finding {
    let Some((host, tcp)) = place(address) else {
        return Finding::fail(
            format!("ICE_SERVERS: `{address}` is no address of a STUN or TURN server"),
            "it must look like stun:stun.example.com:3478 or turn:turn.example.com?transport=tcp",
        );
    };
    let answer = if tcp {
        net::connects(&host).await
    } else {
        net::stun(&host).await
    };
    match answer {
        Ok(()) => Finding::ok(format!("{address} answers")),
        Err(why) => Finding::fail(
            format!("{address} does not answer: {why}"),
            "start it, or let UDP and TCP to it pass the firewall",
        ),
    }
}

/// The addresses of servers: a list with commas, or the JSON of browsers.
fn addresses(text: &str) -> Result<Vec<String>, String> {
    let text = text.trim();
    if !text.starts_with('[') {
        let parts = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        return Ok(parts.map(str::to_owned).collect());
    }
    let servers: Vec<Value> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let urls = |server: &Value| match &server["urls"] {
        Value::String(url) => vec![url.clone()],
        Value::Array(urls) => urls
            .iter()
            .filter_map(|url| url.as_str().map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    };
    Ok(servers.iter().flat_map(urls).collect())
}

/// `host:port` of an address (RFC 7064, RFC 7065), and whether it is reached by TCP.
fn place(address: &str) -> Option<(String, bool)> {
    let (scheme, rest) = address.split_once(':')?;
    let port = match scheme {
        "stun" | "turn" => 3478,
        "stuns" | "turns" => 5349,
        _ => return None,
    };
    let (host, query) = rest.split_once('?').unwrap_or((rest, ""));
    if host.is_empty() || host.contains('/') {
        return None;
    }
    let bare = host.ends_with(']') || !host.contains(':');
    let host = if bare {
        format!("{host}:{port}")
    } else {
        host.to_owned()
    };
    Some((host, scheme.ends_with('s') || query == "transport=tcp"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_browsers_write_them() {
        let json = r#"[{"urls":["turn:a.example?transport=tcp","stun:b.example:99"],"username":"u","credential":"c"},{"urls":"turns:[::1]"}]"#;
        let read = addresses(json).unwrap();
        let places: Vec<_> = read.iter().map(|address| place(address).unwrap()).collect();
        let expected = [
            ("a.example:3478", true),
            ("b.example:99", false),
            ("[::1]:5349", true),
        ];
        assert_eq!(places, expected.map(|(host, tcp)| (host.to_owned(), tcp)));
        assert_eq!(addresses(" stun:x , ").unwrap(), ["stun:x"]);
        assert!(addresses("[{").is_err());
        assert_eq!(place("http://x"), None);
    }
}
