//! What a body is: by its `Content-Type`, or by its bytes when clients drop that header.

/// The kinds of body that are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Empty,
    Form,
    Json,
    Multipart {
        boundary: String,
    },
    /// The type says something else.
    Unknown,
}

/// RFC 2046, section 5.1.1.
const BOUNDARY_MAX_BYTES: usize = 70;

impl Kind {
    pub(super) fn of(content_type: Option<&str>, body: &[u8]) -> Self {
        if body.is_empty() {
            return Self::Empty;
        }
        let content_type = content_type.unwrap_or_default();
        let media = content_type.split(';').next().unwrap_or_default().trim();
        match media.to_ascii_lowercase().as_str() {
            "application/json" => Self::Json,
            "application/x-www-form-urlencoded" => Self::Form,
            // A real client names the type without a boundary and sends a urlencoded body.
            "multipart/form-data" => declared_boundary(content_type)
                .or_else(|| boundary_of(body))
                .map_or(Self::Form, |boundary| Self::Multipart { boundary }),
            "" if body.trim_ascii_start().starts_with(b"{") => Self::Json,
            "" => boundary_of(body).map_or(Self::Form, |boundary| Self::Multipart { boundary }),
            _ => Self::Unknown,
        }
    }
}

fn declared_boundary(content_type: &str) -> Option<String> {
    let parameters = Parameters(content_type.split_once(';')?.1);
    let mut found = parameters.filter(|(name, _)| name.eq_ignore_ascii_case("boundary"));
    let (_, boundary) = found.next()?;
    is_boundary(boundary.as_bytes()).then_some(boundary)
}

/// The boundary that a multipart body opens with: `--` and the boundary make its first line.
fn boundary_of(body: &[u8]) -> Option<String> {
    let line = body.strip_prefix(b"--")?;
    let line = &line[..line.iter().position(|byte| *byte == b'\r')?];
    let boundary = is_boundary(line).then(|| str::from_utf8(line).ok())??;
    Some(boundary.to_owned())
}

fn is_boundary(text: &[u8]) -> bool {
    (1..=BOUNDARY_MAX_BYTES).contains(&text.len())
        && text.iter().all(|byte| (b' '..=b'~').contains(byte))
        && text.last() != Some(&b' ')
}

/// `name=value; name="value"` of a header, quoted values unescaped.
pub(super) struct Parameters<'t>(pub(super) &'t str);

impl Iterator for Parameters<'_> {
    type Item = (String, String);

    fn next(&mut self) -> Option<Self::Item> {
        let text = self.0.trim_start_matches([' ', '\t', ';']);
        let (name, rest) = text.split_once('=')?;
        let mut value = String::new();
        let rest = if let Some(quoted) = rest.trim_start().strip_prefix('"') {
            let mut characters = quoted.chars();
            while let Some(character) = characters.next() {
                match character {
                    '"' => break,
                    '\\' => value.extend(characters.next()),
                    other => value.push(other),
                }
            }
            characters.as_str()
        } else {
            let end = rest.find(';').unwrap_or(rest.len());
            value.push_str(rest[..end].trim());
            &rest[end..]
        };
        self.0 = rest.trim_start_matches(|character| character != ';');
        Some((name.trim().to_owned(), value))
    }
}
