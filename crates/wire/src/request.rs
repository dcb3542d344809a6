//! A request as it came over HTTP, before anything in it is believed.

/// One request. The HTTP layer has capped the sizes of all parts.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// Upper case, as on the request line.
    pub method: &'a str,
    /// The path alone, without the query.
    pub path: &'a str,
    /// What follows the `?`, still encoded; empty when there is none.
    pub query: &'a str,
    pub headers: Headers<'a>,
    pub body: &'a [u8],
}

/// The headers of a request: names in lower case, in the order of arrival.
#[derive(Clone, Copy)]
pub struct Headers<'a>(&'a [(String, String)]);

impl<'a> Headers<'a> {
    /// The names must be in lower case already.
    pub fn new(lines: &'a [(String, String)]) -> Self {
        Self(lines)
    }

    /// The first value of the header `name` (lower case).
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.all(name).next()
    }

    /// All values of the header `name` (lower case), in the order of arrival.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}
