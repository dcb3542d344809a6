//! 信息概要: the page's own counts, and whether they are those of its sentences.

use serde::{Deserialize, Serialize};

use super::CreditRecord;

/// A column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    Cards,
    HouseLoans,
    OtherLoans,
}

impl Column {
    pub const ALL: [Self; 3] = [Self::Cards, Self::HouseLoans, Self::OtherLoans];

    pub fn heading(self) -> &'static str {
        match self {
            Self::Cards => "信用卡",
            Self::HouseLoans => "购房贷款",
            Self::OtherLoans => "其他贷款",
        }
    }
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    Accounts,
    Open,
    Overdue,
    Overdue90,
    Guarantees,
}

impl Row {
    pub const ALL: [Self; 5] =
        [Self::Accounts, Self::Open, Self::Overdue, Self::Overdue90, Self::Guarantees];

    pub fn heading(self) -> &'static str {
        match self {
            Self::Accounts => "账户数",
            Self::Open => "未结清/未销户账户数",
            Self::Overdue => "发生过逾期的账户数",
            Self::Overdue90 => "发生过90天以上逾期的账户数",
            Self::Guarantees => "为他人担保笔数",
        }
    }
}

/// The counts of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    pub accounts: u32,
    pub open: u32,
    pub overdue: u32,
    pub overdue_90: u32,
    pub guarantees: u32,
}

impl Counts {
    pub fn of(&self, row: Row) -> u32 {
        match row {
            Row::Accounts => self.accounts,
            Row::Open => self.open,
            Row::Overdue => self.overdue,
            Row::Overdue90 => self.overdue_90,
            Row::Guarantees => self.guarantees,
        }
    }

    pub fn of_mut(&mut self, row: Row) -> &mut u32 {
        match row {
            Row::Accounts => &mut self.accounts,
            Row::Open => &mut self.open,
            Row::Overdue => &mut self.overdue,
            Row::Overdue90 => &mut self.overdue_90,
            Row::Guarantees => &mut self.guarantees,
        }
    }
}

/// The table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    pub cards: Counts,
    pub house_loans: Counts,
    pub other_loans: Counts,
}

impl Summary {
    /// Counts the sentences of a record.
    pub fn count(record: &CreditRecord) -> Self {
        let count = |column| {
            let accounts = || record.column(column);
            let guarantees = record.guarantees.iter().filter(|one| one.column() == column);
            Counts {
                accounts: accounts().count() as u32,
                open: accounts().filter(|account| account.is_open()).count() as u32,
                overdue: accounts().filter(|account| account.was_overdue()).count() as u32,
                overdue_90: accounts().filter(|account| account.was_overdue_90()).count() as u32,
                guarantees: guarantees.count() as u32,
            }
        };
        Self {
            cards: count(Column::Cards),
            house_loans: count(Column::HouseLoans),
            other_loans: count(Column::OtherLoans),
        }
    }

    pub fn of(&self, column: Column) -> &Counts {
        match column {
            Column::Cards => &self.cards,
            Column::HouseLoans => &self.house_loans,
            Column::OtherLoans => &self.other_loans,
        }
    }

    pub fn of_mut(&mut self, column: Column) -> &mut Counts {
        match column {
            Column::Cards => &mut self.cards,
            Column::HouseLoans => &mut self.house_loans,
            Column::OtherLoans => &mut self.other_loans,
        }
    }
}

/// A cell of the table that says another number than the sentences come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disagreement {
    pub column: Column,
    pub row: Row,
    pub printed: u32,
    pub counted: u32,
}

impl CreditRecord {
    /// Where the printed table differs from the sentences; empty without a table.
    pub fn disagreements(&self) -> Vec<Disagreement> {
        let Some(summary) = &self.summary else { return Vec::new() };
        let counts = Summary::count(self);
        let cells = Column::ALL.into_iter().flat_map(|column| Row::ALL.map(|row| (column, row)));
        let compare = |(column, row)| {
            let (printed, counted) = (summary.of(column).of(row), counts.of(column).of(row));
            (printed != counted).then_some(Disagreement { column, row, printed, counted })
        };
        cells.filter_map(compare).collect()
    }
}
