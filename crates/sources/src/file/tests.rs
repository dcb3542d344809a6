//! Files in the published layouts, written by hand with synthetic people, to the last fen.

use domain::dataset::ebank::{EbankData, Sheet};
use domain::dataset::{self, Fen};
use domain::file::{AsideReason, Disputed, Encoding, FileKind, FileSummary, Layout};
use domain::report::ebank;
use domain::time::Timestamp;

use super::{Handed, read};

const ALIPAY_WEB: &[u8] = include_bytes!("../../fixtures/file/alipay-web.csv");
const ALIPAY_RECEIPT: &[u8] = include_bytes!("../../fixtures/file/alipay-receipt.csv");
const WECHAT: &[u8] = include_bytes!("../../fixtures/file/wechat.csv");
const BANK_COLUMNS: &[u8] = include_bytes!("../../fixtures/file/bank-columns.csv");
const BANK_SIGNED: &[u8] = include_bytes!("../../fixtures/file/bank-signed.csv");
const BANK_SIDES: &[u8] = include_bytes!("../../fixtures/file/bank-sides.csv");

fn handed() -> Handed<'static> {
    let now = Timestamp::parse("2026-11-22T00:00:00Z").expect("a time");
    Handed { id: "00112233445566778899aabbccddeeff", name: "合成三", now }
}

fn taken(kind: FileKind, bytes: &[u8]) -> (EbankData, FileSummary) {
    let (data, summary) = read(kind, bytes, &handed()).expect("a file of a known layout");
    let json = serde_json::to_vec(&data).expect("plain data");
    assert_eq!(dataset::read::<EbankData>(&json).as_ref(), Ok(&data), "it is a dataset");
    let aside: u64 = summary.set_aside.iter().map(|aside| aside.count).sum();
    assert_eq!(summary.taken + summary.bad_count + aside, summary.rows, "no row is dropped");
    (data, summary)
}

fn sheets(data: &EbankData) -> Vec<&Sheet> {
    data.card_list[0].bills.iter().flat_map(|bill| &bill.shopping_sheets).collect()
}

/// (amount in 分, balance in 分, the other party) in the order of time.
fn rows(data: &EbankData) -> Vec<(i64, i64, &str)> {
    let row = |sheet: &&'_ Sheet| {
        let Sheet { amount_money, balance, .. } = sheet;
        (amount_money.0, balance.0)
    };
    let all = sheets(data);
    all.iter().map(|s| (row(s).0, row(s).1, s.name_on_opposite_card.as_str())).collect()
}

fn disputed(summary: &FileSummary) -> Vec<(Disputed, Option<u64>, &str, &str)> {
    let all = summary.disagreements.iter();
    all.map(|d| (d.what, d.line, d.stated.as_str(), d.found.as_str())).collect()
}

/// (line, column) of the bad ones.
fn bad(summary: &FileSummary) -> Vec<(u64, &str)> {
    summary.bad.iter().map(|bad| (bad.line, bad.field.as_str())).collect()
}

#[test]
fn alipays_site() {
    let (data, summary) = taken(FileKind::Alipay, ALIPAY_WEB);
    assert_eq!((summary.layout, summary.encoding), (Layout::AlipayWeb, Encoding::Gbk));
    assert_eq!(
        rows(&data),
        [(-50_000, 0, "示例银行"), (100_000, 0, "合成人甲"), (-1280, 0, "示例便利店")]
    );
    assert_eq!(bad(&summary), [(10, "金额")]);
    assert_eq!(summary.set_aside[0].lines, [8]);
    assert_eq!(summary.set_aside[0].reason, AsideReason::NotPaid);
    // What the bad row would have been.
    assert_eq!(
        disputed(&summary),
        [
            (Disputed::SpendingCount, None, "2", "1"),
            (Disputed::SpendingSum, None, "169.58", "12.80"),
        ]
    );
    let first = &sheets(&data)[0];
    assert_eq!(first.id, "2026090922001400000004");
    assert_eq!(dataset::local_text(first.trans_date), "2026-09-09 10:00:01");
    assert_eq!(data.card_list[0].card_num, "synthetic@example.com");
}

#[test]
fn alipays_receipt() {
    let (data, summary) = taken(FileKind::Alipay, ALIPAY_RECEIPT);
    assert_eq!((summary.layout, summary.encoding), (Layout::AlipayReceipt, Encoding::Gbk));
    let amounts: Vec<i64> = rows(&data).iter().map(|row| row.0).collect();
    assert_eq!(amounts, [80_000, -30_000, 800_000, 1603, -2000, -4974]);
    assert_eq!((bad(&summary), disputed(&summary)), (vec![], vec![]));
    let report = ebank::derive(&data, handed().now);
    let months: Vec<_> = report.months.iter().map(|m| (m.income.0, m.spending.0)).collect();
    // A refund is no income, and what went to the fund is no spending.
    assert_eq!(months, [(80_000, 0), (800_000, 0), (0, 6974)]);
}

#[test]
fn wechats_bill() {
    let (data, summary) = taken(FileKind::Wechat, WECHAT);
    assert_eq!((summary.layout, summary.encoding), (Layout::Wechat, Encoding::Utf8));
    let amounts: Vec<i64> = rows(&data).iter().map(|row| row.0).collect();
    assert_eq!(amounts, [8800, -54_858, -10_000, -250_000, 35, -2816]);
    assert_eq!(summary.set_aside[0].reason, AsideReason::NoDirection);
    assert_eq!(summary.set_aside[0].lines, [23]);
    assert_eq!((bad(&summary), disputed(&summary)), (vec![], vec![]));
    assert_eq!(sheets(&data)[0].name_on_opposite_card, "点击底部\"合成视频\"");
    assert_eq!(sheets(&data)[5].remark, "", "a stroke is nothing");
}

#[test]
fn banks_statements() {
    let (data, summary) = taken(FileKind::BankStatement, BANK_COLUMNS);
    assert_eq!((summary.layout, summary.encoding), (Layout::Bank, Encoding::Gbk));
    assert_eq!(
        rows(&data),
        [
            (50_000, 50_000, "合成人甲"),
            (-5000, 45_000, "示例支付科技有限公司"),
            (1_200_000, 1_245_000, "示例科技有限公司"),
        ]
    );
    assert_eq!((bad(&summary), disputed(&summary)), (vec![], vec![]));
    assert_eq!(data.card_list[0].balance, Fen(1_245_000));
    assert_eq!(data.card_list[0].card_num, "6200****9876");

    let (data, summary) = taken(FileKind::BankStatement, BANK_SIGNED);
    let amounts: Vec<i64> = rows(&data).iter().map(|row| row.0).collect();
    assert_eq!(amounts, [123_400, -100_000, -300, -10_000]);
    assert_eq!(bad(&summary), [(6, "货币")]);
    assert_eq!(disputed(&summary), [(Disputed::Balance, Some(5), "200.00", "168.66")]);

    let (data, summary) = taken(FileKind::BankStatement, BANK_SIDES);
    let amounts: Vec<i64> = rows(&data).iter().map(|row| row.0).collect();
    assert_eq!(amounts, [123, -321, 1000]);
    assert_eq!(bad(&summary), [(6, "交易时间")]);
    assert_eq!(disputed(&summary), [(Disputed::Holder, None, "合成四", "合成三")]);
    assert_eq!(sheets(&data)[1].opposite_card_no, "6200000000000000033");
    assert_eq!(dataset::local_text(sheets(&data)[1].trans_date), "2026-08-02 13:15:12");
}

#[test]
fn each_fault_is_named_by_line_and_column() {
    const HEAD: &str = "交易日期,收入,支出,余额,摘要\n2026-08-01,1.00,,1.00,good\n";
    let table = [
        ("2026-13-01,1.00,,1.00,x", "交易日期"),
        ("2026-11-23,1.00,,1.00,x", "交易日期"),
        ("2016-10-31,1.00,,1.00,x", "交易日期"),
        ("2026-08-01,1.001,,1.00,x", "收入"),
        ("2026-08-01,,,1.00,x", "收入"),
        ("2026-08-01,1.00,2.00,1.00,x", "收入"),
        ("2026-08-01,1.00,,all,x", "余额"),
        ("2026-08-01,1.00,,1.00", ""),
        ("2026-08-01,1.00,,1.00,x,y", ""),
        ("2026-08-01,1.00,,1.00,\"x", ""),
    ];
    for (row, column) in table {
        let file = format!("{HEAD}{row}\n2026-08-02,,1.00,0.00,good\n");
        let (data, summary) = taken(FileKind::BankStatement, file.as_bytes());
        assert_eq!(bad(&summary), [(3, column)], "{row}");
        assert_eq!(rows(&data).len(), 2, "{row}");
        assert!(!summary.bad[0].message.is_empty());
    }
}

#[test]
fn what_is_no_such_file_is_refused_as_a_whole() {
    let head = "交易日期,收入,支出,余额,摘要\n";
    let table: [(FileKind, &[u8], &str); 7] = [
        (FileKind::Wechat, ALIPAY_WEB, "kind alipay, not wechat"),
        (FileKind::BankStatement, WECHAT, "kind wechat, not bank-statement"),
        (FileKind::Alipay, BANK_SIDES, "kind bank-statement, not alipay"),
        (FileKind::Alipay, b"a,b\n1,2\n", "no line names the columns"),
        (FileKind::BankStatement, head.as_bytes(), "no transaction"),
        (FileKind::BankStatement, b"\xff\xfea\0", "UTF-16"),
        (FileKind::Alipay, b"", "no line names the columns"),
    ];
    for (kind, bytes, wanted) in table {
        let said = read(kind, bytes, &handed()).expect_err("it is none");
        assert!(said.contains(wanted), "{said}");
    }
    let bad = format!("{head}never,1.00,,1.00,x\n");
    let said = read(FileKind::BankStatement, bad.as_bytes(), &handed()).expect_err("no row");
    assert!(said.contains("line 2: 交易日期") && !said.contains("never"), "{said}");
}
