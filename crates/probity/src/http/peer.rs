//! Who calls: the peer of the connection, or whom a trusted proxy says it speaks for.

use std::net::IpAddr;

use ipnet::IpNet;

/// The address of the client: the last one in `X-Forwarded-For` that is not itself a trusted
/// proxy, believed only as far as trusted proxies wrote it.
pub(crate) fn client(peer: IpAddr, forwarded_for: Option<&str>, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    let mut client = peer.to_canonical();
    let mut hops = forwarded_for.unwrap_or_default().rsplit(',').map(str::trim);
    while is_trusted(&client) {
        match hops.next().and_then(|hop| hop.parse::<IpAddr>().ok()) {
            Some(hop) => client = hop.to_canonical(),
            None => break,
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forwarding_is_believed_only_from_trusted_proxies() {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().expect("a network")];
        let table = [
            ("203.0.113.9", Some("1.1.1.1"), "203.0.113.9"),
            ("10.0.0.1", Some("1.1.1.1"), "1.1.1.1"),
            ("10.0.0.1", Some("6.6.6.6, 1.1.1.1"), "1.1.1.1"),
            ("10.0.0.1", Some("1.1.1.1, 10.2.2.2"), "1.1.1.1"),
            ("10.0.0.1", Some("not an address"), "10.0.0.1"),
            ("10.0.0.1", None, "10.0.0.1"),
            ("::ffff:10.0.0.1", Some("1.1.1.1"), "1.1.1.1"),
        ];
        for (peer, forwarded, expected) in table {
            let peer = peer.parse().expect("an address");
            assert_eq!(client(peer, forwarded, &trusted).to_string(), expected, "{forwarded:?}");
        }
    }
}
