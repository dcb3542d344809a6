//! The 简版 page of the PBoC's internet platform, read to a [`CreditRecord`]: bytes to text, text to
//! lines, lines under headings to accounts. One pass, within limits, whatever the bytes.
//!
//! What is not of the person (the platform's explanations, rulers, 说明) is left out; everything
//! else that cannot be read is kept in [`CreditRecord::unread`] with the heading above it.

mod head;
mod html;
mod public;
mod reader;

use encoding_rs::{Encoding, GB18030};
use thiserror::Error;

use super::CreditRecord;

/// Bytes of a page.
pub const BYTES_MAX: usize = 2 << 20;

/// Why a page is not a report that can be read. Says nothing of what the page holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PageFault {
    #[error("the page is larger than 2 MiB")]
    TooLarge,
    /// Without 报告编号 it is some other page.
    #[error("this is no credit report: it has no 报告编号")]
    NotAReport,
    #[error("the report's head has no {0}")]
    Missing(&'static str),
    #[error("the report's {0} cannot be read")]
    Malformed(&'static str),
    #[error("the report has too many {0}")]
    TooMany(&'static str),
    #[error("a text under {0} is too long")]
    TooLong(&'static str),
}

/// Reads a page: UTF-8 with or without a mark, or GBK (GB 18030), told apart by the bytes and not
/// by what the page says of itself, since a page that was saved again often says it wrongly.
pub fn read(page: &[u8]) -> Result<CreditRecord, PageFault> {
    if page.len() > BYTES_MAX {
        return Err(PageFault::TooLarge);
    }
    if Encoding::for_bom(page).is_none()
        && let Ok(text) = str::from_utf8(page)
    {
        return reader::read(text);
    }
    // A mark, where there is one, decides.
    let (text, ..) = GB18030.decode(page);
    reader::read(&text)
}
