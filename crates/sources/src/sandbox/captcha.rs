//! Picture captchas: a text, drawn. In the sandbox the text follows from the session and the
//! round, so that it is kept nowhere.

use aws_lc_rs::digest::{SHA256, digest};

/// Characters that cannot be taken for one another, each as seven rows of five pixels.
const GLYPHS: [(char, [u8; 7]); 16] = [
    ('2', [0x0e, 0x11, 0x01, 0x06, 0x08, 0x10, 0x1f]),
    ('3', [0x1e, 0x01, 0x01, 0x0e, 0x01, 0x01, 0x1e]),
    ('4', [0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02]),
    ('6', [0x0e, 0x10, 0x10, 0x1e, 0x11, 0x11, 0x0e]),
    ('7', [0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08]),
    ('9', [0x0e, 0x11, 0x11, 0x0f, 0x01, 0x01, 0x0e]),
    ('A', [0x0e, 0x11, 0x11, 0x1f, 0x11, 0x11, 0x11]),
    ('C', [0x0e, 0x11, 0x10, 0x10, 0x10, 0x11, 0x0e]),
    ('E', [0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x1f]),
    ('F', [0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x10]),
    ('H', [0x11, 0x11, 0x11, 0x1f, 0x11, 0x11, 0x11]),
    ('K', [0x11, 0x12, 0x14, 0x18, 0x14, 0x12, 0x11]),
    ('M', [0x11, 0x1b, 0x15, 0x15, 0x11, 0x11, 0x11]),
    ('P', [0x1e, 0x11, 0x11, 0x1e, 0x10, 0x10, 0x10]),
    ('T', [0x1f, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04]),
    ('X', [0x11, 0x11, 0x0a, 0x04, 0x0a, 0x11, 0x11]),
];

/// Pixels of a glyph's dot, and around the text.
const SCALE: usize = 6;
const MARGIN: usize = 12;
const HEIGHT: usize = 2 * MARGIN + 7 * SCALE;

/// What the picture of a round shows.
pub(super) fn text(session: &str, round: u32, length: usize) -> String {
    let hash = digest(&SHA256, format!("sandbox picture {round} of {session}").as_bytes());
    let glyph = |byte: &u8| GLYPHS[usize::from(*byte) % GLYPHS.len()].0;
    hash.as_ref().iter().take(length).map(glyph).collect()
}

/// A PNG of `text`, with specks that follow from it.
pub(super) fn draw(text: &str) -> Vec<u8> {
    let width = 2 * MARGIN + text.chars().count() * 6 * SCALE;
    let mut pixels = vec![0xff_u8; width * HEIGHT];
    for (at, wanted) in text.chars().enumerate() {
        let rows = GLYPHS.iter().find(|(c, _)| *c == wanted).map_or([0; 7], |(_, rows)| *rows);
        for (y, row) in rows.iter().enumerate() {
            for x in (0..5).filter(|x| row >> (4 - x) & 1 == 1) {
                // Every second character stands a little lower.
                let top = MARGIN + y * SCALE + (at % 2) * SCALE / 2;
                dot(&mut pixels, width, MARGIN + (at * 6 + x) * SCALE, top);
            }
        }
    }
    let specks = digest(&SHA256, text.as_bytes());
    for pair in specks.as_ref().chunks_exact(2) {
        let place = usize::from(u16::from_be_bytes([pair[0], pair[1]])) % pixels.len();
        pixels[place] = 0x60;
    }
    encode(&pixels, width)
}

fn dot(pixels: &mut [u8], width: usize, left: usize, top: usize) {
    for y in top..top + SCALE {
        let row = y * width + left;
        pixels[row..row + SCALE].fill(0x20);
    }
}

fn encode(pixels: &[u8], width: usize) -> Vec<u8> {
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, width as u32, HEIGHT as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(pixels));
    written.expect("writing to memory does not fail");
    png
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_a_png_that_differs_with_its_text() {
        let (first, second) = (text("a", 0, 6), text("a", 1, 6));
        assert_ne!(first, second);
        assert_eq!(first, text("a", 0, 6));
        assert_eq!(first.len(), 6);
        let (one, other) = (draw(&first), draw(&second));
        assert!(one.starts_with(b"\x89PNG\r\n\x1a\n"));
        assert_ne!(one, other);
        let mut reader = png::Decoder::new(std::io::Cursor::new(one)).read_info().expect("a PNG");
        let mut pixels = vec![0; 1 << 16];
        let info = reader.next_frame(&mut pixels).expect("a picture");
        assert_eq!((info.width, info.height), (240, HEIGHT as u32));
        let inked: u32 = pixels.iter().map(|pixel| u32::from((1..0x80).contains(pixel))).sum();
        assert!(inked > 500, "{inked}");
    }
}
