//! What a file says of itself, around its table, against what its rows come to.

use domain::dataset::Fen;
use domain::file::{Disagreement, Disputed};

use super::layout::{Column, Header};
use super::line::Line;
use super::row::{Counted, Entry, Side};
use super::value;

/// Labels before the holder's name, and before the account's number.
const HOLDER: [&str; 6] = ["姓名", "户名", "账户名称", "客户名称", "持卡人", "用户"];
const ACCOUNT: [&str; 6] = ["卡号", "账号", "帐号", "支付宝账户", "账户", "微信号"];
/// Beginnings of the lines that are not rows though they stand in the table.
const FOOTERS: [&str; 8] =
    ["合计", "总计", "小计", "导出时间", "注:", "说明:", "备注:", "打印时间"];

/// Count and sum of one side.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Total {
    count: Option<u64>,
    sum: Option<Fen>,
}

/// What the lines around the table state.
#[derive(Default)]
pub(super) struct Stated {
    rows: Option<u64>,
    sides: [Total; 3],
    pub(super) holder: Option<String>,
    pub(super) account: Option<String>,
    pub(super) text: String,
}

/// What the rows come to.
#[derive(Default)]
pub(super) struct Found {
    pub(super) rows: u64,
    counts: [u64; 3],
    sums: [Fen; 3],
}

fn place(side: Side) -> usize {
    match side {
        Side::In => 0,
        Side::Out => 1,
        Side::Neutral => 2,
    }
}

impl Found {
    pub(super) fn count(&mut self, counted: Counted) {
        if let Some((side, amount)) = counted {
            let at = place(side);
            self.counts[at] += 1;
            self.sums[at] = self.sums[at] + amount;
        }
    }
}

/// Whether a line among the rows is not one of them.
pub(super) fn is_footer(line: &Line) -> bool {
    let text = squeezed(&line.text());
    let is_total = || total_of(&text).is_some() || rows_of(&text).is_some();
    let begins = |word: &&str| text.trim_start_matches("人民币").starts_with(*word);
    FOOTERS.iter().any(begins) || is_total()
}

/// Whether a line is a rule between the parts of a file: strokes, with a title at most.
pub(super) fn is_rule(line: &Line) -> bool {
    let used = line.readable().iter().filter(|cell| !cell.is_empty()).count();
    used <= 2 && line.text().contains("-----")
}

impl Stated {
    /// Takes in a line before or after the table.
    pub(super) fn learn(&mut self, line: &Line, header: Option<&Header>) {
        let text = line.text();
        let bare = squeezed(&text);
        self.rows = self.rows.or(rows_of(&bare));
        if let Some((side, total)) = total_of(&bare) {
            self.sides[place(side)] = total;
        } else if let Some(header) = header
            && bare.contains("合计")
        {
            for (side, column) in [(Side::In, Column::Income), (Side::Out, Column::Spending)] {
                let cell = header.place(column).and_then(|at| line.readable().get(at));
                let sum = cell.and_then(|cell| value::amount(cell).ok().flatten());
                self.sides[place(side)].sum = sum.or(self.sides[place(side)].sum);
            }
        }
        self.holder = self.holder.take().or_else(|| labelled(&text, &HOLDER));
        self.account = self.account.take().or_else(|| labelled(&text, &ACCOUNT));
        self.text.push_str(&text);
        self.text.push('\n');
    }

    /// Where it and the rows differ.
    pub(super) fn against(&self, found: &Found) -> Vec<Disagreement> {
        let mut all = Vec::new();
        let mut say = |what, stated: String, found: String| {
            if stated != found {
                all.push(Disagreement { what, line: None, stated, found });
            }
        };
        if let Some(rows) = self.rows {
            say(Disputed::Rows, rows.to_string(), found.rows.to_string());
        }
        let names = [
            (Disputed::IncomeCount, Disputed::IncomeSum),
            (Disputed::SpendingCount, Disputed::SpendingSum),
            (Disputed::NeutralCount, Disputed::NeutralSum),
        ];
        for (at, (count, sum)) in names.into_iter().enumerate() {
            if let Some(stated) = self.sides[at].count {
                say(count, stated.to_string(), found.counts[at].to_string());
            }
            if let Some(stated) = self.sides[at].sum {
                say(sum, stated.to_string(), found.sums[at].to_string());
            }
        }
        all
    }
}

/// The first line whose balance is not the one before it and its own amount; `entries` in the
/// order of time. One wrong line is enough to look at the file.
pub(super) fn broken_balance(entries: &[Entry]) -> Option<Disagreement> {
    let pairs = entries.windows(2);
    let mut broken = pairs.filter_map(|pair| {
        let [before, after] = pair else { return None };
        let (stated, found) = (after.balance?, before.balance? + after.amount);
        (stated != found).then(|| Disagreement {
            what: Disputed::Balance,
            line: Some(after.line),
            stated: stated.to_string(),
            found: found.to_string(),
        })
    });
    broken.next()
}

/// Whether a name in a file, in which stars may hide characters, can be the person's.
pub(super) fn is_name(stated: &str, name: &str) -> bool {
    let stated: Vec<char> = stated.chars().filter(|c| !c.is_whitespace()).collect();
    let name: Vec<char> = name.chars().filter(|c| !c.is_whitespace()).collect();
    let is_hidden = |c: char| ['*', '＊', '○'].contains(&c);
    if stated.len() == name.len() {
        return stated.iter().zip(&name).all(|(a, b)| is_hidden(*a) || a == b);
    }
    stated.iter().any(|c| is_hidden(*c)) && stated.iter().all(|c| is_hidden(*c) || name.contains(c))
}

/// Without blanks, the colon in one form.
fn squeezed(text: &str) -> String {
    let kept = text.chars().filter(|c| !c.is_whitespace());
    kept.map(|c| if c == '：' { ':' } else { c }).collect()
}

/// `共43笔记录`
fn rows_of(text: &str) -> Option<u64> {
    let (number, _) = text.strip_prefix('共')?.split_once("笔")?;
    number.parse().ok()
}

/// `收入:1笔28.50元`, `已支出:55笔,1999.92元`, `中性交易:0笔 0.00元`
fn total_of(text: &str) -> Option<(Side, Total)> {
    let (label, rest) = text.split_once(':')?;
    let side = match label {
        "收入" | "已收入" => Side::In,
        "支出" | "已支出" => Side::Out,
        "中性交易" | "不计收支" => Side::Neutral,
        // Known, and not of what is counted.
        "待收入" | "待支出" => return Some((Side::Neutral, Total::default())),
        _ => return None,
    };
    let (count, sum) = match rest.split_once('笔') {
        Some((count, sum)) => (Some(count.parse().ok()?), sum),
        None => (None, rest),
    };
    let sum = value::amount(sum.trim_end_matches(',')).ok()?;
    Some((side, Total { count, sum }))
}

/// What stands behind one of the labels: `姓名：某人`, `账号:[a@b.cn]`.
fn labelled(text: &str, labels: &[&str]) -> Option<String> {
    labels.iter().find_map(|label| {
        let (_, rest) = text.split_once(label)?;
        let rest = rest.trim_start().strip_prefix([':', '：'])?.trim_start();
        let value = match rest.strip_prefix(['[', '【']) {
            Some(inside) => inside.split([']', '】']).next()?,
            None => rest.split([' ', ',', '\t', '\u{3000}']).next()?,
        };
        Some(value.trim().to_owned()).filter(|value| !value.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_around_a_table_is_read() {
        let texts = [
            ("收入:1笔28.50元", Some((Side::In, Some(1), Some(2850)))),
            ("已支出:55笔,1999.92元,", Some((Side::Out, Some(55), Some(199_992)))),
            ("中性交易:0笔0.00元", Some((Side::Neutral, Some(0), Some(0)))),
            ("已收入:0.00元", Some((Side::In, None, Some(0)))),
            ("姓名:某人", None),
        ];
        for (text, wanted) in texts {
            let got = total_of(text).map(|(side, t)| (side, t.count, t.sum.map(|fen| fen.0)));
            assert_eq!(got, wanted, "{text}");
        }
        assert_eq!(rows_of("共43笔记录,,,"), Some(43));
        let holder = "导出时间:[2024-05-02 09:00:00]    用户:测试";
        assert_eq!(labelled(holder, &HOLDER).as_deref(), Some("测试"));
        assert_eq!(labelled("账号:[a@b.cn]", &ACCOUNT).as_deref(), Some("a@b.cn"));
    }

    #[test]
    fn a_hidden_name_may_be_the_persons() {
        let table =
            [("张三", true), ("*三", true), ("李四", false), ("*四", false), ("**三", true)];
        for (stated, wanted) in table {
            assert_eq!(is_name(stated, "张三"), wanted, "{stated}");
        }
    }
}
