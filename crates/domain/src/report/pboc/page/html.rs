//! HTML as lines of text: an item of a list, a row of cells, or text that stands alone. Tolerant of
//! anything, and linear: no byte is looked at more than a few times.

use std::borrow::Cow;

use super::PageFault;

/// Cells and lines of a page at most.
const PIECES_MAX: usize = 20_000;
/// Bytes of a character reference (`&nbsp;`) at most.
const REFERENCE_MAX: usize = 10;

/// A line of the page: white space is joined to one blank, nothing is empty but cells.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// `<li>`
    Item(String),
    /// `<tr>` with its cells; one of them at least says something.
    Row(Vec<String>),
    /// What stands outside of both.
    Text(String),
}

/// The lines of a page, in their order.
pub(super) fn lines(html: &str) -> Result<Vec<Line>, PageFault> {
    let mut writer = Writer::default();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        writer.text(&rest[..at]);
        rest = &rest[at + 1..];
        rest = match rest.as_bytes().first() {
            Some(b'!') if rest.starts_with("!--") => after(rest, "-->"),
            Some(b'!' | b'?') => after(rest, ">"),
            Some(b'/' | b'a'..=b'z' | b'A'..=b'Z') => {
                let Some(end) = rest.find('>') else { break };
                let tag = Tag::of(&rest[..end]);
                writer.tag(&tag);
                let inside = &rest[end + 1..];
                if tag.is("script") { after(after(inside, "</script"), ">") } else { inside }
            }
            _ => {
                writer.text("<");
                rest
            }
        };
        if writer.pieces > PIECES_MAX {
            return Err(PageFault::TooMany("lines"));
        }
    }
    writer.text(rest);
    writer.end_row();
    Ok(writer.lines)
}

/// What stands behind `end`; nothing when it does not come any more.
fn after<'h>(html: &'h str, end: &str) -> &'h str {
    html.split_once(end).map_or("", |(_, rest)| rest)
}

/// A tag's name in lower case, and whether it closes.
struct Tag<'h> {
    name: &'h str,
    closes: bool,
}

impl<'h> Tag<'h> {
    fn of(text: &'h str) -> Self {
        let closes = text.starts_with('/');
        let text = text.trim_start_matches('/');
        let end = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
        Self { name: &text[..end], closes }
    }

    /// Whether it opens this element.
    fn is(&self, name: &str) -> bool {
        !self.closes && self.name.eq_ignore_ascii_case(name)
    }
}

/// Where text stands.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Outside,
    Item,
    Cell,
}

#[derive(Default)]
struct Writer {
    lines: Vec<Line>,
    row: Vec<String>,
    text: String,
    /// White space came after what `text` has.
    has_gap: bool,
    /// Inside of an element whose text nobody sees.
    is_hidden: bool,
    place: Place,
    pieces: usize,
}

impl Writer {
    fn text(&mut self, text: &str) {
        if self.is_hidden || text.is_empty() {
            return;
        }
        let text = decoded(text);
        self.has_gap |= text.starts_with(char::is_whitespace);
        for word in text.split_whitespace() {
            if self.has_gap && !self.text.is_empty() {
                self.text.push(' ');
            }
            if word.chars().any(char::is_control) {
                let shown = |c: char| if c.is_control() { '\u{fffd}' } else { c };
                self.text.extend(word.chars().map(shown));
            } else {
                self.text.push_str(word);
            }
            self.has_gap = true;
        }
        self.has_gap = text.ends_with(char::is_whitespace);
    }

    fn tag(&mut self, tag: &Tag<'_>) {
        let mut lower = [0; 8];
        let Some(name) = lower.get_mut(..tag.name.len()) else { return };
        name.copy_from_slice(tag.name.as_bytes());
        name.make_ascii_lowercase();
        match &*name {
            b"style" => self.is_hidden = !tag.closes,
            b"td" | b"th" => {
                self.end_cell();
                self.place = if tag.closes { Place::Outside } else { Place::Cell };
            }
            b"tr" | b"table" | b"ol" | b"ul" | b"body" => self.end_row(),
            b"li" => {
                self.end_row();
                self.place = if tag.closes { Place::Outside } else { Place::Item };
            }
            // Headings stand in these; in a cell or an item they only dress the text.
            b"span" | b"strong" | b"b" | b"font" if self.place == Place::Outside => self.end_cell(),
            b"br" | b"hr" | b"p" | b"div" | b"center" | b"title" | b"h1" | b"h2" | b"h3"
            | b"h4" => {
                if self.place == Place::Outside {
                    self.end_cell();
                } else {
                    self.has_gap = true;
                }
            }
            _ => {}
        }
    }

    /// Ends what is being written; an empty cell counts, other empty texts do not.
    fn end_cell(&mut self) {
        let is_empty = self.text.is_empty();
        if self.place == Place::Cell || !is_empty {
            self.pieces += 1;
            // Exact copies: most texts are short, and the buffer keeps its room.
            let text = self.text.as_str().to_owned();
            match self.place {
                Place::Cell => self.row.push(text),
                Place::Item => self.lines.push(Line::Item(text)),
                Place::Outside => self.lines.push(Line::Text(text)),
            }
            self.text.clear();
        }
        self.has_gap = false;
    }

    fn end_row(&mut self) {
        self.end_cell();
        self.place = Place::Outside;
        let row = std::mem::take(&mut self.row);
        if row.iter().any(|cell| !cell.is_empty()) {
            self.lines.push(Line::Row(row));
        }
    }
}

/// The text with its character references decoded: the named ones that such pages have, and
/// numbers.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest.bytes().take(REFERENCE_MAX).position(|byte| byte == b';');
        match end.and_then(|end| Some((character(&rest[..end])?, end))) {
            Some((character, end)) => {
                decoded.push(character);
                rest = &rest[end + 1..];
            }
            None => decoded.push('&'),
        }
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

fn character(reference: &str) -> Option<char> {
    match reference {
        "nbsp" => Some(' '),
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "middot" => Some('·'),
        _ => {
            let number = reference.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}
