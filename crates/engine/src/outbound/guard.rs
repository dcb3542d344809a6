//! Which addresses may be reached: public ones over TLS, and what the operator allows besides.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;
use thiserror::Error;
use tokio::net::lookup_host;

use super::SendFault;
use super::target::{Host, Target};

/// Addresses of one name, at most.
const ADDRESSES_MAX: usize = 16;

/// Why an address is not reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("the address is no plain http or https URL")]
    Spelling,
    #[error("the address must begin with https:// (or http:// to a network of outbound.allow)")]
    Scheme,
    #[error("the host is neither a name nor an address in its usual spelling")]
    Host,
    #[error("the host leads to an address that is not public and not in outbound.allow")]
    NotPublic,
    #[error("without TLS only networks of outbound.allow are reached: begin with https://")]
    Plain,
}

#[derive(Debug)]
pub(super) struct Guard {
    allow: Vec<IpNet>,
}

impl Guard {
    pub(super) fn new(allow: Vec<IpNet>) -> Self {
        Self { allow }
    }

    /// The addresses to connect to. All that the name leads to must be allowed: a name that leads
    /// to one that is not is nobody's honest name.
    pub(super) async fn resolve(&self, target: &Target) -> Result<Vec<SocketAddr>, SendFault> {
        let addresses = match &target.host {
            Host::Address(address) => vec![SocketAddr::new(*address, target.port)],
            Host::Name(name) => {
                let found = lookup_host((name.as_str(), target.port)).await;
                let found = found.map_err(|error| SendFault::NotSent(error.to_string()))?;
                found.take(ADDRESSES_MAX).collect()
            }
        };
        for address in &addresses {
            self.check(address.ip(), target.is_tls)?;
        }
        Ok(addresses)
    }

    pub(super) fn check(&self, address: IpAddr, is_tls: bool) -> Result<(), Refusal> {
        let address = address.to_canonical();
        if self.allow.iter().any(|network| network.contains(&address)) {
            return Ok(());
        }
        match address {
            IpAddr::V4(address) if !is_public_v4(address) => Err(Refusal::NotPublic),
            IpAddr::V6(address) if !is_public_v6(address) => Err(Refusal::NotPublic),
            _ if !is_tls => Err(Refusal::Plain),
            _ => Ok(()),
        }
    }
}

/// Everything but what the IANA registry of special addresses (RFC 6890 and its successors) names.
fn is_public_v4(address: Ipv4Addr) -> bool {
    const SPECIAL: [([u8; 4], u32); 15] = [
        ([0, 0, 0, 0], 8),       // this network
        ([10, 0, 0, 0], 8),      // private
        ([100, 64, 0, 0], 10),   // carriers' NAT
        ([127, 0, 0, 0], 8),     // loopback
        ([169, 254, 0, 0], 16),  // link-local; clouds' metadata
        ([172, 16, 0, 0], 12),   // private
        ([192, 0, 0, 0], 24),    // protocol assignments
        ([192, 0, 2, 0], 24),    // documentation
        ([192, 88, 99, 0], 24),  // 6to4 relays
        ([192, 168, 0, 0], 16),  // private
        ([198, 18, 0, 0], 15),   // benchmarks
        ([198, 51, 100, 0], 24), // documentation
        ([203, 0, 113, 0], 24),  // documentation
        ([224, 0, 0, 0], 4),     // multicast
        ([240, 0, 0, 0], 4),     // reserved; broadcast
    ];
    let bits = address.to_bits();
    let is_in = |(network, length): &([u8; 4], u32)| {
        (bits ^ Ipv4Addr::from(*network).to_bits()) >> (32 - length) == 0
    };
    !SPECIAL.iter().any(is_in)
}

/// Only what is given out as global unicast, less its special parts; an IPv4 address inside must
/// be public itself.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, third, .., seventh, eighth] = address.segments();
    let inner = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match (first, second) {
        // NAT64 (RFC 6052): only the well-known prefix leads anywhere public.
        (0x64, 0xff9b) => address.segments()[2..6] == [0; 4] && inner(seventh, eighth),
        // 6to4 (RFC 3056).
        (0x2002, high) => inner(high, third),
        // Teredo, ORCHID, benchmarks and other assignments; documentation.
        (0x2001, 0..=0x1ff | 0xdb8) | (0x3fff, 0..=0xfff) => false,
        _ => first & 0xe000 == 0x2000,
    }
}
