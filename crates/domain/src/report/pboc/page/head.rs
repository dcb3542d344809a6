//! The head of the report: labels and values, in cells of their own or together in one.

use super::PageFault;
use crate::dataset::credit::{CELL_MAX, Head};
use crate::time::{Day, Span, Timestamp};

/// The labels, in the order of [`Draft::values`].
const LABELS: [&str; 7] =
    ["报告编号", "查询时间", "报告时间", "姓名", "证件类型", "证件号码", "婚姻状况"];
/// 婚姻 stands without a label.
const MARRIAGES: [&str; 7] = ["已婚", "未婚", "离异", "离婚", "丧偶", "复婚", "再婚"];

/// What was read of the head so far.
#[derive(Default)]
pub(super) struct Draft {
    values: [Option<String>; 7],
    /// The label whose value stands in the next cell.
    waiting: Option<usize>,
}

impl Draft {
    /// Reads a cell; false when there is nothing of the head in it.
    pub(super) fn read(&mut self, cell: &str) -> bool {
        let cell = cell.trim();
        if let Some(label) = self.waiting.take()
            && first_label(cell).is_none()
        {
            self.set(label, cell);
            return true;
        }
        if MARRIAGES.contains(&cell) {
            self.set(6, cell);
            return true;
        }
        let Some((at, mut label, mut rest)) = first_label(cell) else { return false };
        if at > 0 {
            return false;
        }
        loop {
            let next = first_label(rest);
            let end = next.map_or(rest.len(), |(at, ..)| at);
            let value = rest[..end].trim();
            match (value.is_empty(), next) {
                (true, None) => self.waiting = Some(label),
                _ => self.set(label, value),
            }
            let Some((_, following, after)) = next else { return true };
            (label, rest) = (following, after);
        }
    }

    /// The first value stays: a later line cannot change who the report is about.
    fn set(&mut self, label: usize, value: &str) {
        let value = value.trim();
        if !value.is_empty() {
            self.values[label].get_or_insert_with(|| value.to_owned());
        }
    }

    pub(super) fn finish(self) -> Result<Head, PageFault> {
        let [number, query_time, report_time, name, id_type, id_number, marriage] = self.values;
        let report_number = number.ok_or(PageFault::NotAReport)?;
        let cell = |at: usize, value: Option<String>| {
            let value = value.ok_or(PageFault::Missing(LABELS[at]))?;
            let fits = value.chars().count() <= CELL_MAX;
            fits.then_some(value).ok_or(PageFault::TooLong(LABELS[at]))
        };
        let is_plain = report_number.len() <= 64 && report_number.is_ascii();
        Ok(Head {
            report_number: is_plain
                .then_some(report_number)
                .ok_or(PageFault::Malformed(LABELS[0]))?,
            query_time: time(&cell(1, query_time)?).ok_or(PageFault::Malformed(LABELS[1]))?,
            report_time: time(&cell(2, report_time)?).ok_or(PageFault::Malformed(LABELS[2]))?,
            name: cell(3, name)?,
            id_type: cell(4, id_type)?,
            id_number: cell(5, id_number)?,
            marriage: cell(6, Some(marriage.unwrap_or_default()))?,
        })
    }
}

/// Where the first label stands, which one it is, and what comes after it and its colon.
fn first_label(text: &str) -> Option<(usize, usize, &str)> {
    let found = |(label, word): (usize, &&str)| {
        let at = text.find(word)?;
        let after = text[at + word.len()..].trim_start();
        Some((at, label, after.strip_prefix(['：', ':'])?))
    };
    LABELS.iter().enumerate().filter_map(found).min_by_key(|(at, ..)| *at)
}

/// `2015.06.30 23:52:15`, with any other signs between the numbers.
fn time(text: &str) -> Option<Timestamp> {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let mut number = || numbers.next()?.parse::<u32>().ok();
    let (year, month, day) = (number()?, number()?, number()?);
    let (hour, minute, second) = (number()?, number()?, number()?);
    let fits = number().is_none() && hour < 24 && minute < 60 && second < 60;
    let day = Day::from_civil(i32::try_from(year).ok()?, month, day).filter(|_| fits)?;
    let seconds = i64::from(hour * 3_600 + minute * 60 + second);
    (year >= 1_000).then(|| day.shanghai_start() + Span::seconds(seconds))
}
