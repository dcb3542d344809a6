//! `multipart/form-data` (RFC 7578): what PHP's cURL makes of an array.

use super::kind::Parameters;
use super::pairs::{Pairs, shown};

/// Lines of header that a part may have; clients send one to three.
const HEADERS_MAX: usize = 8;

struct Part<'b> {
    name: String,
    is_file: bool,
    data: &'b [u8],
}

/// Adds the fields of `body` to `pairs`; files are refused, no face takes one.
pub(super) fn read(body: &[u8], boundary: &str, pairs: &mut Pairs) {
    let mut parts = Parts::new(body, boundary);
    loop {
        let part = match parts.take() {
            Ok(Some(part)) => part,
            Ok(None) => return,
            Err(reason) => return pairs.refuse(reason.to_owned()),
        };
        let place = pairs.next_place();
        match str::from_utf8(part.data) {
            _ if part.is_file => {
                pairs.refuse(format!("{} must be text, not a file", shown(&part.name, place)));
            }
            Ok(value) => pairs.push(part.name, value.to_owned()),
            Err(_) => {
                let shown = shown(&part.name, place);
                pairs.refuse(format!("the value of {shown} is not UTF-8"));
            }
        }
        if pairs.is_overfull() {
            return;
        }
    }
}

/// Gives each part to `take`: its name, whether it is a file, and its bytes as they are.
///
/// Errors: the body is broken, or has more than `parts_max`.
pub(crate) fn each<'b>(
    body: &'b [u8],
    boundary: &str,
    parts_max: usize,
    mut take: impl FnMut(String, bool, &'b [u8]),
) -> Result<(), &'static str> {
    let mut parts = Parts::new(body, boundary);
    for _ in 0..=parts_max {
        let Some(Part { name, is_file, data }) = parts.take()? else { return Ok(()) };
        take(name, is_file, data);
    }
    Err("the multipart body has too many parts")
}

struct Parts<'b> {
    rest: &'b [u8],
    delimiter: Vec<u8>,
    is_begun: bool,
}

impl<'b> Parts<'b> {
    fn new(body: &'b [u8], boundary: &str) -> Self {
        let delimiter = format!("\r\n--{boundary}").into_bytes();
        Self { rest: body, delimiter, is_begun: false }
    }

    /// The next part, or nothing at the end of the body.
    fn take(&mut self) -> Result<Option<Part<'b>>, &'static str> {
        if !self.is_begun {
            let body = self.rest.strip_prefix(b"\r\n").unwrap_or(self.rest);
            self.rest = body
                .strip_prefix(&self.delimiter[2..])
                .ok_or("the multipart body does not begin with its boundary")?;
            self.is_begun = true;
        }
        if let Some(after) = self.rest.strip_prefix(b"--") {
            // Two readers may disagree about what follows the end, so nothing may.
            let is_blank = after.trim_ascii().is_empty();
            return if is_blank { Ok(None) } else { Err("the multipart body goes on at its end") };
        }
        let padding = self.rest.iter().take_while(|byte| b" \t".contains(byte)).count();
        let part = self.rest[padding..].strip_prefix(b"\r\n").ok_or(CUT_SHORT)?;
        let length = find(part, &self.delimiter).ok_or(CUT_SHORT)?;
        self.rest = &part[length + self.delimiter.len()..];
        parse(&part[..length]).map(Some)
    }
}

const CUT_SHORT: &str = "the multipart body is cut short";

/// Where `delimiter` begins. It has its only CR at its start, so each byte is looked at twice at
/// most.
fn find(text: &[u8], delimiter: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        from += text[from..].iter().position(|byte| *byte == b'\r')?;
        if text[from..].starts_with(delimiter) {
            return Some(from);
        }
        from += 1;
    }
}

fn parse(part: &[u8]) -> Result<Part<'_>, &'static str> {
    let length = find(part, b"\r\n\r\n").ok_or("a part of the multipart body has no header")?;
    let head = str::from_utf8(&part[..length]);
    let head = head.map_err(|_| "a header in the multipart body is not UTF-8")?;
    let (mut name, mut is_file) = (None, false);
    for (count, line) in head.split("\r\n").enumerate() {
        if count >= HEADERS_MAX {
            return Err("a part of the multipart body has more than 8 headers");
        }
        let (header, value) = line.split_once(':').ok_or("the multipart body has a bad header")?;
        match header.trim().to_ascii_lowercase().as_str() {
            "content-disposition" if name.is_none() => {
                let (found, file) = disposition(value);
                (name, is_file) = (Some(found?), file);
            }
            "content-disposition" => return Err("a part of the multipart body is named twice"),
            "content-transfer-encoding" if !is_plain(value) => {
                return Err("a part of the multipart body has a Content-Transfer-Encoding");
            }
            _ => {}
        }
    }
    let name = name.ok_or("a part of the multipart body has no name")?;
    Ok(Part { name, is_file, data: &part[length + 4..] })
}

/// Its name, and whether it is a file.
fn disposition(value: &str) -> (Result<String, &'static str>, bool) {
    let (kind, rest) = value.split_once(';').unwrap_or((value, ""));
    let parameters: Vec<_> = Parameters(rest).collect();
    let named = |wanted: &str| {
        let mut found = parameters.iter().filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        (found.next().map(|(_, value)| value.clone()), found.next().is_some())
    };
    let is_file = named("filename").0.is_some() || named("filename*").0.is_some();
    let name = match named("name") {
        _ if !kind.trim().eq_ignore_ascii_case("form-data") => {
            Err("a part of the multipart body is not form-data")
        }
        (_, true) => Err("a part of the multipart body is named twice"),
        (None, _) => Err("a part of the multipart body has no name"),
        (Some(name), _) => Ok(name),
    };
    (name, is_file)
}

fn is_plain(encoding: &str) -> bool {
    ["7bit", "8bit", "binary"].iter().any(|plain| encoding.trim().eq_ignore_ascii_case(plain))
}
