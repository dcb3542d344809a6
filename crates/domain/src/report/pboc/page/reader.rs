//! Lines under headings: which block of the report a line stands in, and what it says there.

use super::html::{self, Line};
use super::{PageFault, head, public};
use crate::dataset::credit::{
    ACCOUNTS_MAX, Account, CELL_MAX, Column, CreditRecord, Group, Guarantee, QUERIES_MAX, Query,
    Row, SENTENCE_MAX, Summary, UNREAD_MAX, Unread,
};
use crate::report::pboc::sentence;
use crate::time::Day;

/// The blocks of the report.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Head,
    Summary,
    /// A list of accounts; of which kind is not known before its second heading.
    Accounts(Column, Option<Group>),
    Guarantees,
    Public,
    /// Before the heading of either table nobody knows whose queries they are.
    Queries(Option<Whose>),
    /// A block that is known and has no form here: what stands in it is kept as it is.
    Kept(&'static str),
    /// 说明: the platform's, the same on each report.
    Notes,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Institutions,
    Own,
}

/// Headings, without white space and colon.
const HEADINGS: [(&str, Block); 20] = [
    ("个人信用报告", Block::Head),
    ("个人信用报告（个人版）", Block::Head),
    ("信贷记录", Block::Summary),
    ("信息概要", Block::Summary),
    ("信用卡", Block::Accounts(Column::Cards, None)),
    ("购房贷款", Block::Accounts(Column::HouseLoans, None)),
    ("其他贷款", Block::Accounts(Column::OtherLoans, None)),
    ("为他人担保信息", Block::Guarantees),
    ("公共记录", Block::Public),
    ("民事判决记录", Block::Public),
    ("强制执行记录", Block::Public),
    ("行政处罚记录", Block::Public),
    ("欠税记录", Block::Public),
    ("电信欠费记录", Block::Public),
    ("查询记录", Block::Queries(None)),
    ("机构查询记录明细", Block::Queries(Some(Whose::Institutions))),
    ("个人查询记录明细", Block::Queries(Some(Whose::Own))),
    ("本人查询记录明细", Block::Queries(Some(Whose::Own))),
    ("资产处置信息", Block::Kept("资产处置信息")),
    ("保证人代偿信息", Block::Kept("保证人代偿信息")),
];

/// How the platform's own explanations begin.
const EXPLANATIONS: [&str; 6] = [
    "这部分包含",
    "金额类数据均以人民币计算",
    "发生过逾期的信用卡账户，指",
    "逾期记录可能影响",
    "购房贷款，包括",
    "系统中没有您",
];

pub(super) fn read(text: &str) -> Result<CreditRecord, PageFault> {
    let mut reader = Reader::default();
    for line in html::lines(text)? {
        reader.line(line)?;
    }
    Ok(CreditRecord {
        head: reader.head.finish()?,
        summary: reader.summary,
        accounts: reader.accounts,
        guarantees: reader.guarantees,
        public_records: reader.public.finish(),
        institution_queries: reader.institution_queries,
        personal_queries: reader.personal_queries,
        unread: reader.unread,
    })
}

struct Reader {
    block: Block,
    head: head::Draft,
    summary: Option<Summary>,
    /// The columns of the summary, in the order of its header.
    columns: Vec<Column>,
    accounts: Vec<Account>,
    guarantees: Vec<Guarantee>,
    public: public::Records,
    institution_queries: Vec<Query>,
    personal_queries: Vec<Query>,
    unread: Vec<Unread>,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            block: Block::Head,
            head: head::Draft::default(),
            summary: None,
            columns: Column::ALL.to_vec(),
            accounts: Vec::new(),
            guarantees: Vec::new(),
            public: public::Records::default(),
            institution_queries: Vec::new(),
            personal_queries: Vec::new(),
            unread: Vec::new(),
        }
    }
}

impl Reader {
    fn line(&mut self, line: Line) -> Result<(), PageFault> {
        let (is_item, cells) = match line {
            Line::Item(text) => (true, vec![text]),
            Line::Text(text) => (false, vec![text]),
            Line::Row(cells) => (false, cells),
        };
        // Longer texts are only the platform's; what follows may look at a text more than once.
        if self.block != Block::Notes
            && cells
                .iter()
                .any(|cell| cell.len() > SENTENCE_MAX && cell.chars().count() > SENTENCE_MAX)
        {
            return Err(PageFault::TooLong(self.place()));
        }
        if is_item {
            return self.sentence(cells.concat());
        }
        let mut told = cells.iter().filter(|cell| !cell.is_empty());
        if let (Some(only), None) = (told.next(), told.next()) {
            let words = plain(only);
            if self.heading(&words) || is_explanation(&words) {
                return Ok(());
            }
        }
        match self.block {
            Block::Notes => Ok(()),
            Block::Head => self.cells(&cells, |reader, cell| Ok(reader.head.read(cell))),
            Block::Public => self.cells(&cells, |reader, cell| reader.public.read(cell)),
            Block::Summary => self.summary_row(&cells),
            Block::Queries(whose) => self.query(whose, cells),
            Block::Accounts(..) | Block::Guarantees | Block::Kept(_) => {
                self.sentence(cells.join(" ").trim().to_owned())
            }
        }
    }

    /// Whether the words are a heading; they are the place of what follows.
    fn heading(&mut self, words: &str) -> bool {
        if let Some((_, block)) = HEADINGS.iter().find(|(heading, _)| *heading == words) {
            self.block = *block;
            return true;
        }
        if words == "说明" {
            self.block = Block::Notes;
            return true;
        }
        let Block::Accounts(column, _) = self.block else { return false };
        let is_list = words.ends_with("明细如下");
        if is_list {
            self.block = Block::Accounts(column, group(column, words));
        }
        is_list
    }

    fn cells(
        &mut self,
        cells: &[String],
        mut read: impl FnMut(&mut Self, &str) -> Result<bool, PageFault>,
    ) -> Result<(), PageFault> {
        for cell in cells.iter().filter(|cell| !cell.is_empty()) {
            if !read(self, cell)? && !is_explanation(&plain(cell)) {
                self.keep(cell.clone())?;
            }
        }
        Ok(())
    }

    fn sentence(&mut self, text: String) -> Result<(), PageFault> {
        match self.block {
            Block::Notes => return Ok(()),
            Block::Accounts(_, Some(group)) => {
                if let Some(account) = sentence::account(group, &text) {
                    return push(&mut self.accounts, account, ACCOUNTS_MAX, "accounts");
                }
            }
            Block::Guarantees => {
                if let Some(guarantee) = sentence::guarantee(&text) {
                    return push(&mut self.guarantees, guarantee, ACCOUNTS_MAX, "guarantees");
                }
            }
            _ => {}
        }
        self.keep(text)
    }

    /// A row of 信息概要: its header, or a heading and a count for each column.
    fn summary_row(&mut self, cells: &[String]) -> Result<(), PageFault> {
        let words: Vec<String> = cells.iter().map(|cell| plain(cell)).collect();
        let column = |words: &String| {
            Column::ALL.into_iter().find(|column| column.heading() == words.as_str())
        };
        let columns: Vec<Column> = words.iter().filter_map(column).collect();
        if columns.len() > 1 {
            self.columns = columns;
            return Ok(());
        }
        let row = words
            .first()
            .and_then(|first| Row::ALL.into_iter().find(|row| row.heading() == first.as_str()));
        let counts: Option<Vec<u32>> = words.iter().skip(1).map(|words| count(words)).collect();
        let counts = counts.filter(|counts| counts.len() == self.columns.len());
        let (Some(row), Some(counts)) = (row, counts) else {
            return self.cells(cells, |_, _| Ok(false));
        };
        let summary = self.summary.get_or_insert_default();
        for (column, count) in self.columns.iter().zip(counts) {
            *summary.of_mut(*column).of_mut(row) = count;
        }
        Ok(())
    }

    fn query(&mut self, whose: Option<Whose>, cells: Vec<String>) -> Result<(), PageFault> {
        if cells.first().is_some_and(|cell| plain(cell) == "编号") {
            return Ok(());
        }
        let too_long = cells.iter().any(|cell| cell.chars().count() > CELL_MAX);
        let cells = match (whose, <[String; 4]>::try_from(cells)) {
            (Some(whose), Ok(cells)) if !too_long && cells[0].chars().count() <= 16 => {
                (whose, cells)
            }
            (_, Ok(cells)) => return self.keep(cells.join(" ")),
            (_, Err(cells)) => return self.cells(&cells, |_, _| Ok(false)),
        };
        let (whose, [number, date, operator, reason]) = cells;
        let query = Query { number, day: day(&date), date, operator, reason };
        let queries = match whose {
            Whose::Institutions => &mut self.institution_queries,
            Whose::Own => &mut self.personal_queries,
        };
        push(queries, query, QUERIES_MAX, "queries")
    }

    fn keep(&mut self, text: String) -> Result<(), PageFault> {
        if text.chars().count() > SENTENCE_MAX {
            return Err(PageFault::TooLong(self.place()));
        }
        let place = self.place().to_owned();
        push(&mut self.unread, Unread { place, text }, UNREAD_MAX, "texts that cannot be read")
    }

    /// The heading of the block.
    fn place(&self) -> &'static str {
        match self.block {
            Block::Head => "报告头",
            Block::Summary => "信息概要",
            Block::Accounts(column, None) => column.heading(),
            Block::Accounts(_, Some(group)) => group.heading(),
            Block::Guarantees => "为他人担保信息",
            Block::Public => "公共记录",
            Block::Queries(None) => "查询记录",
            Block::Queries(Some(Whose::Institutions)) => "机构查询记录明细",
            Block::Queries(Some(Whose::Own)) => "个人查询记录明细",
            Block::Kept(heading) => heading,
            Block::Notes => "说明",
        }
    }
}

fn push<T>(list: &mut Vec<T>, one: T, max: usize, what: &'static str) -> Result<(), PageFault> {
    if list.len() == max {
        return Err(PageFault::TooMany(what));
    }
    list.push(one);
    Ok(())
}

/// The list that a second heading names: 从未逾期过的…, 透支超过60天的…, 发生过逾期的….
fn group(column: Column, words: &str) -> Option<Group> {
    let of = |cards, house, loans| match column {
        Column::Cards => cards,
        Column::HouseLoans => house,
        Column::OtherLoans => loans,
    };
    if words.starts_with("从未") {
        return Some(of(Group::CardsOther, Group::HouseOther, Group::LoansOther));
    }
    if words.starts_with("透支超过60天") {
        return (column == Column::Cards).then_some(Group::CardsOverdrawn);
    }
    let is_overdue = words.starts_with("发生过");
    is_overdue.then_some(of(Group::CardsOverdue, Group::HouseOverdue, Group::LoansOverdue))
}

fn is_explanation(words: &str) -> bool {
    let is_ruler = words.chars().all(|c| matches!(c, '-' | '—' | '_' | '=' | '•' | '·'));
    is_ruler || EXPLANATIONS.iter().any(|beginning| words.starts_with(beginning))
}

/// Without white space, and without a colon at the end.
fn plain(text: &str) -> String {
    let mut words: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    words.truncate(words.trim_end_matches(['：', ':']).len());
    words
}

/// `7`, or `--` for none.
fn count(words: &str) -> Option<u32> {
    if words.trim_matches('-').is_empty() { Some(0) } else { words.parse().ok() }
}

/// `2015年3月31日`, `2015 年 3 月 31 日`, `2015.03.31`
fn day(text: &str) -> Option<Day> {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let mut number = || numbers.next()?.parse::<u32>().ok();
    let (year, month, day) = (number()?, number()?, number()?);
    let day = Day::from_civil(i32::try_from(year).ok()?, month, day)?;
    number().is_none().then_some(day)
}
