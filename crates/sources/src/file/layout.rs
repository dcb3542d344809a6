//! The published layouts: which columns they have, and by which names. Columns are found by name:
//! the payment apps moved them about from version to version.

use domain::file::Layout;

use super::line::Line;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// Day and time; beside a [`Column::Day`] the time alone.
    Moment,
    Day,
    Category,
    Party,
    PartyAccount,
    PartyBank,
    Text,
    Direction,
    Amount,
    Income,
    Spending,
    Balance,
    Method,
    Status,
    /// What became of the money (资金状态).
    Fund,
    Number,
    Remark,
    Place,
    Currency,
}

use Column::{
    Amount, Balance, Category, Currency, Day, Direction, Fund, Income, Method, Moment, Number,
    Party, PartyAccount, PartyBank, Place, Remark, Spending, Status, Text,
};

/// Names of a column, the better first.
type Names = (Column, &'static [&'static str]);

struct Published {
    layout: Layout,
    columns: &'static [Names],
    /// Of each group one column must be there.
    needs: &'static [&'static [Column]],
}

/// The more telling ones first: a bank's table may have any column.
const PUBLISHED: [Published; 4] = [
    Published {
        layout: Layout::AlipayWeb,
        columns: &[
            (Number, &["交易号"]),
            (Moment, &["付款时间"]),
            (Day, &["交易创建时间"]),
            (Method, &["交易来源地"]),
            (Category, &["类型"]),
            (Party, &["交易对方"]),
            (Text, &["商品名称"]),
            (Amount, &["金额"]),
            (Direction, &["收/支"]),
            (Status, &["交易状态"]),
            (Remark, &["备注"]),
            (Fund, &["资金状态"]),
        ],
        needs: &[&[Number], &[Day], &[Amount], &[Direction], &[Status]],
    },
    Published {
        layout: Layout::Wechat,
        columns: &[
            (Moment, &["交易时间"]),
            (Category, &["交易类型"]),
            (Party, &["交易对方"]),
            (Text, &["商品"]),
            (Direction, &["收/支"]),
            (Amount, &["金额"]),
            (Method, &["支付方式"]),
            (Status, &["当前状态"]),
            (Number, &["交易单号"]),
            (Remark, &["备注"]),
        ],
        needs: &[&[Moment], &[Direction], &[Amount], &[Status]],
    },
    Published {
        layout: Layout::AlipayReceipt,
        columns: &[
            (Moment, &["交易时间", "交易创建时间"]),
            (Category, &["交易分类"]),
            (Party, &["交易对方"]),
            (PartyAccount, &["对方账号"]),
            (Text, &["商品说明"]),
            (Direction, &["收/支"]),
            (Amount, &["金额"]),
            (Method, &["收/付款方式", "支付方式"]),
            (Status, &["交易状态"]),
            (Number, &["交易订单号"]),
            (Remark, &["备注"]),
        ],
        needs: &[&[Moment], &[Text], &[Direction], &[Amount], &[Status]],
    },
    Published {
        layout: Layout::Bank,
        columns: &[
            (Day, &["交易日期", "记账日期", "入账日期", "业务日期", "记账日", "交易日", "日期"]),
            (Moment, &["交易时间", "交易日期时间", "时间"]),
            (Category, &["交易类型", "业务类型", "交易种类", "交易名称"]),
            (Text, &["摘要", "交易摘要", "业务摘要", "交易说明", "用途"]),
            (
                Direction,
                &[
                    "收/支",
                    "借贷",
                    "借/贷",
                    "借贷标志",
                    "借贷方向",
                    "收支",
                    "收支标志",
                    "收支方向",
                    "收支类型",
                    "交易方向",
                ],
            ),
            (Amount, &["交易金额", "金额", "发生额", "交易额", "记账金额"]),
            (
                Income,
                &[
                    "收入",
                    "收入金额",
                    "记账金额(收入)",
                    "贷方发生额",
                    "贷方金额",
                    "贷方",
                    "存入",
                    "存入金额",
                    "转入金额",
                    "交易金额(收入)",
                ],
            ),
            (
                Spending,
                &[
                    "支出",
                    "支出金额",
                    "记账金额(支出)",
                    "借方发生额",
                    "借方金额",
                    "借方",
                    "取出",
                    "支取金额",
                    "转出金额",
                    "交易金额(支出)",
                ],
            ),
            (
                Balance,
                &["余额", "账户余额", "联机余额", "交易后余额", "交易余额", "本次余额", "明细余额"],
            ),
            (
                Party,
                &[
                    "对方户名",
                    "对方名称",
                    "对方账户名",
                    "对方账户名称",
                    "对方姓名",
                    "对方单位名称",
                    "对手户名",
                    "交易对方",
                    "交易对手",
                    "对手信息",
                    "对方信息",
                ],
            ),
            (
                PartyAccount,
                &["对方账号", "对方帐号", "对方账户", "对方卡号", "对方卡号/账号", "对手账号"],
            ),
            (PartyBank, &["对方开户行", "对方银行", "对方行名", "对方开户机构", "对方机构"]),
            (Method, &["交易渠道", "渠道", "交易方式"]),
            (Place, &["交易地点", "交易场所", "交易网点", "交易机构"]),
            (Currency, &["币种", "货币", "记账币种", "交易币种"]),
            (Number, &["交易流水号", "流水号", "交易序号"]),
            (Remark, &["备注", "附言", "交易附言", "客户摘要"]),
        ],
        needs: &[&[Day, Moment], &[Amount, Income], &[Amount, Spending]],
    },
];

/// A header that was found: where each column stands, and what the file calls it.
pub(super) struct Header {
    pub(super) layout: Layout,
    pub(super) cells: usize,
    places: Vec<(Column, usize, &'static str)>,
}

impl Header {
    /// Whether a line is the header of a published layout.
    pub(super) fn of(line: &Line) -> Option<Self> {
        let cells: Vec<String> = line.readable().iter().map(|cell| name(cell)).collect();
        PUBLISHED.iter().find_map(|published| {
            let place = |(column, names): &Names| {
                names.iter().find_map(|wanted| {
                    let at = cells.iter().position(|cell| cell == wanted)?;
                    Some((*column, at, *wanted))
                })
            };
            let places: Vec<_> = published.columns.iter().filter_map(place).collect();
            let has = |column: &Column| places.iter().any(|(known, ..)| known == column);
            let fits = published.needs.iter().all(|group| group.iter().any(has));
            let last = cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |at| at + 1);
            fits.then_some(Self { layout: published.layout, cells: last, places })
        })
    }

    pub(super) fn place(&self, column: Column) -> Option<usize> {
        self.places.iter().find(|(known, ..)| *known == column).map(|(_, at, _)| *at)
    }

    pub(super) fn has(&self, column: Column) -> bool {
        self.place(column).is_some()
    }

    /// The file's name for a column.
    pub(super) fn name(&self, column: Column) -> &'static str {
        self.places.iter().find(|(known, ..)| *known == column).map_or("", |(.., name)| name)
    }
}

/// A column's name as it is looked up: without blanks and unit, brackets and stroke in one form.
fn name(cell: &str) -> String {
    let plain: String = cell
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '（' => '(',
            '）' => ')',
            '／' => '/',
            other => other,
        })
        .collect();
    let bare = ["(元)", "(人民币)"].iter().find_map(|unit| plain.strip_suffix(unit));
    bare.map_or(plain.clone(), str::to_owned)
}
