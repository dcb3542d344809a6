//! Reading along a sentence: digits, days, months, amounts.

use crate::dataset::{Fen, Month};
use crate::time::Day;

/// The sentence without white space and thousands separators, with Chinese punctuation and ASCII
/// digits, so that each wording has one form.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    let mut after_digit = false;
    while let Some(c) = rest.next() {
        if c.is_whitespace() {
            continue;
        }
        let next = || rest.as_str().trim_start();
        let c = match c {
            ',' if after_digit && is_thousands(next()) => continue,
            '.' if after_digit && next().starts_with(|c: char| c.is_ascii_digit()) => '.',
            ',' => '，',
            '.' => '。',
            '(' => '（',
            ')' => '）',
            ':' => '：',
            ';' => '；',
            '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
            other => other,
        };
        after_digit = c.is_ascii_digit();
        plain.push(c);
    }
    plain
}

/// Three digits and no fourth.
fn is_thousands(text: &str) -> bool {
    text.bytes().take(4).take_while(u8::is_ascii_digit).count() == 3
}

/// What is left of a plain sentence.
pub(super) struct Cursor<'t>(&'t str);

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self(text)
    }

    /// Behind the number that a list may print before a sentence (`1.`): at the first day.
    pub(super) fn after_number(text: &'t str) -> Option<Self> {
        let year = text.find('年')?.checked_sub(4)?;
        let number = text.get(..year)?.trim_end_matches(['.', '。', '、', '．', '）']);
        number.bytes().all(|byte| byte.is_ascii_digit()).then(|| Self(&text[year..]))
    }

    pub(super) fn text(&self) -> &'t str {
        self.0
    }

    /// Steps over `word`, which may be missing; whether it was there.
    pub(super) fn skip(&mut self, word: &str) -> bool {
        self.take(word).is_some()
    }

    pub(super) fn take(&mut self, word: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(word)?;
        Some(())
    }

    /// What stands before `word`; steps behind it.
    pub(super) fn until(&mut self, word: &str) -> Option<&'t str> {
        let (before, after) = self.0.split_once(word)?;
        self.0 = after;
        Some(before)
    }

    /// The rest of the clause.
    pub(super) fn clause(&mut self) -> &'t str {
        let end = self.0.find(SEPARATORS).unwrap_or(self.0.len());
        let (clause, rest) = self.0.split_at(end);
        self.0 = rest;
        clause
    }

    fn digits(&mut self, length_max: usize) -> Option<&'t str> {
        let end = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at(end);
        self.0 = rest;
        (1..=length_max).contains(&end).then_some(digits)
    }

    pub(super) fn count(&mut self) -> Option<u32> {
        self.digits(4)?.parse().ok()
    }

    /// `20000` or `20000.50`; [`Fen::parse_yuan`] on the spot, since amounts are most of a page.
    pub(super) fn money(&mut self) -> Option<Fen> {
        let whole: i64 = self.digits(11)?.parse().ok()?;
        let mut fen = 0;
        if self.skip(".") {
            let digits = self.digits(2)?;
            fen = digits.parse::<i64>().ok()? * if digits.len() == 1 { 10 } else { 1 };
        }
        Some(Fen(whole * 100 + fen))
    }

    /// `2015年11月`
    pub(super) fn month(&mut self) -> Option<Month> {
        Some(Month::of(self.first_day()?))
    }

    /// `2015年11月3日`
    pub(super) fn day(&mut self) -> Option<Day> {
        let (year, month, _) = self.first_day()?.civil();
        let day = self.digits(2)?.parse().ok()?;
        self.take("日")?;
        Day::from_civil(year, month, day)
    }

    fn first_day(&mut self) -> Option<Day> {
        let year = self.digits(4)?.parse().ok()?;
        self.take("年")?;
        let month = self.digits(2)?.parse().ok()?;
        self.take("月")?;
        Day::from_civil(year, month, 1)
    }
}

/// What ends a clause.
pub(super) const SEPARATORS: [char; 3] = ['，', '。', '；'];
