//! An address on the network, read strictly: one spelling, no user, no fragment.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hyper::Uri;

use super::Refusal;

const URL_BYTES_MAX: usize = 2_048;

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub(super) host: Host,
    pub(super) port: u16,
    pub(super) is_tls: bool,
    /// Path and query; begins with a slash.
    path: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Host {
    Name(String),
    Address(IpAddr),
}

impl Target {
    /// Reads an `http` or `https` URL. Hosts are names of letters, digits, hyphens and
    /// underscores, or addresses in their usual form: a number in decimal, octal or hexadecimal
    /// digits, which some resolvers take for an address, is refused.
    pub fn parse(url: &str) -> Result<Self, Refusal> {
        let is_plain =
            url.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\#\"<>^`{|}".contains(&byte));
        if !is_plain || url.len() > URL_BYTES_MAX {
            return Err(Refusal::Spelling);
        }
        let uri: Uri = url.parse().map_err(|_| Refusal::Spelling)?;
        let is_tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(Refusal::Scheme),
        };
        let authority = uri.authority().ok_or(Refusal::Spelling)?;
        if authority.as_str().contains('@') {
            return Err(Refusal::Spelling);
        }
        let host = host(authority.host()).ok_or(Refusal::Host)?;
        let named = authority.as_str().strip_prefix(authority.host()).unwrap_or_default();
        let port = match (named.strip_prefix(':'), authority.port_u16()) {
            (None, _) => {
                if is_tls {
                    443
                } else {
                    80
                }
            }
            (Some(text), Some(port)) if port != 0 && text == port.to_string() => port,
            _ => return Err(Refusal::Spelling),
        };
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Self { host, port, is_tls, path })
    }

    /// The same place with `below` (it begins with a slash) put behind its path.
    #[must_use]
    pub fn join(&self, below: &str) -> Self {
        let path = format!("{}{below}", self.path.trim_end_matches('/'));
        Self { path, ..self.clone() }
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn has_query(&self) -> bool {
        self.path.contains('?')
    }

    /// Scheme, host and port, spelt in one way.
    pub fn origin(&self) -> String {
        format!("{}://{}", if self.is_tls { "https" } else { "http" }, self.authority())
    }

    /// Whether `other` is at the same place or below it: the same origin, and a path that is this
    /// one or goes on from it after a slash, with any query. Paths that step aside (`..`) are not
    /// below anything.
    pub fn covers(&self, other: &Self) -> bool {
        let (own, path) = (bare(&self.path).trim_end_matches('/'), bare(&other.path));
        let is_below =
            path.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let steps_aside = |part: &str| {
            let part = part.to_ascii_lowercase().replace("%2e", ".");
            part == "." || part == ".." || part.contains("%2f") || part.contains("%5c")
        };
        self.origin() == other.origin() && is_below && !path.split('/').any(steps_aside)
    }

    /// As it stands in the header `Host`.
    pub(super) fn authority(&self) -> String {
        let host = match &self.host {
            Host::Name(name) => name.clone(),
            Host::Address(IpAddr::V4(address)) => address.to_string(),
            Host::Address(IpAddr::V6(address)) => format!("[{address}]"),
        };
        match (self.is_tls, self.port) {
            (true, 443) | (false, 80) => host,
            (_, port) => format!("{host}:{port}"),
        }
    }
}

fn bare(path: &str) -> &str {
    path.split('?').next().unwrap_or_default()
}

fn host(text: &str) -> Option<Host> {
    if let Some(inside) = text.strip_prefix('[') {
        let address: Ipv6Addr = inside.strip_suffix(']')?.parse().ok()?;
        return Some(Host::Address(address.into()));
    }
    let labels: Vec<&str> = text.split('.').collect();
    let last = labels.last()?;
    // What ends in a number is an address or nothing (WHATWG URL, "ends in a number").
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit())
        || last.strip_prefix("0x").or(last.strip_prefix("0X")).is_some();
    if is_number {
        return text.parse::<Ipv4Addr>().ok().map(|address| Host::Address(address.into()));
    }
    let is_label = |label: &&str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let is_name = text.len() <= 253 && labels.iter().all(is_label);
    is_name.then(|| Host::Name(text.to_ascii_lowercase()))
}
