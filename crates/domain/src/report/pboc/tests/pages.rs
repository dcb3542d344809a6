//! Pages written by hand, in other layouts than our renderer's.

use encoding_rs::{GB18030, GBK};

use super::*;

#[test]
fn the_sample_of_document_002_is_read_whole() {
    let record = sample();
    let head = &record.head;
    assert_eq!(head.report_number, "2015070103000177707299");
    assert_eq!(head.query_time.to_string(), "2015-06-30T15:52:15.000000Z");
    assert_eq!(head.report_time.to_string(), "2015-07-01T04:02:59.000000Z");
    let person = [&head.name, &head.id_type, &head.id_number, &head.marriage];
    assert_eq!(person, ["合成样", "身份证", "**************000X", "已婚"]);
    let in_group = |group| record.group(group).count();
    assert_eq!(Group::ALL.map(in_group), [2, 0, 5, 0, 0, 0, 0]);
    assert!(record.accounts[0].text.starts_with("2012 年 11 月 9 日华夏银行"));
    assert!(record.accounts[1].text.ends_with("没有发生过 90 天以上逾期。"));
    let query = |query: &Query| [query.number.clone(), query.date.clone(), query.operator.clone()];
    assert_eq!(
        query(&record.institution_queries[0]),
        ["1", "2013 年 10 月 30 日", "华夏银行/hxzhlx"]
    );
    assert_eq!(query(&record.personal_queries[0]), ["1", "2015 年 3 月 31 日", "本人"]);
    assert_eq!(record.personal_queries[1].reason, "本人查询");
    assert!(record.disagreements().is_empty() && record.unread.is_empty());
}

#[test]
fn nothing_of_a_page_is_dropped_silently() {
    let record = other();
    let unread: Vec<_> =
        record.unread.iter().map(|one| (one.place.as_str(), one.text.as_str())).collect();
    assert_eq!(
        unread,
        [
            ("从未逾期过的账户明细如下：", "新的一种账户。"),
            ("资产处置信息", "2014年1月1日合成资产管理公司接收债权，金额4,000。"),
            ("公共记录", "怪"),
            ("机构查询记录明细", "3"),
            ("机构查询记录明细", "少一格"),
            ("机构查询记录明细", "合成"),
        ]
    );
    assert_eq!(record.accounts[1].unread, ["新的措辞"]);
    assert_eq!(record.accounts[1].bank, "合成<银行>");
    assert!(record.institution_queries[1].day.is_none() && record.head.marriage.is_empty());
    let public = &record.public_records[0];
    assert!(
        public.value("案号") == "（2015）合成字第1号" && public.value("已执行标的金额").is_empty()
    );
    assert_eq!((record.guarantees.len(), record.head.id_number.as_str()), (1, "E0"));
}

/// The table of that page counts two house loans; one stands in its list. Rows that it does not
/// have say 0.
#[test]
fn a_table_that_disagrees_with_the_sentences_is_flagged() {
    let found: Vec<_> =
        other().disagreements().iter().map(|d| (d.column, d.row, d.printed, d.counted)).collect();
    assert_eq!(
        found,
        [
            (Column::HouseLoans, Row::Accounts, 2, 1),
            (Column::HouseLoans, Row::Overdue, 0, 1),
            (Column::HouseLoans, Row::Overdue90, 0, 1),
            (Column::OtherLoans, Row::Guarantees, 0, 1),
        ]
    );
}

/// The bytes tell, whatever the page says of itself.
#[test]
fn both_charsets_are_read_whatever_the_page_claims() {
    for claim in ["", "<meta charset=gb2312>", "<meta charset=utf-8>"] {
        let page = SAMPLE.replace("<HEAD>", &format!("<HEAD>{claim}"));
        let mark = "\u{feff}".to_owned() + &page;
        let (gbk, _, lossy) = GBK.encode(&page);
        let utf16: Vec<u8> = mark.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(!lossy);
        for bytes in [page.as_bytes(), mark.as_bytes(), &gbk, &GB18030.encode(&page).0, &utf16] {
            assert!(page::read(bytes) == Ok(sample()), "{claim} {:?}", &bytes[..4]);
        }
    }
}

#[test]
fn an_error_names_what_is_wrong_with_the_page() {
    let sample = |from: &str, to: &str| page::read(SAMPLE.replace(from, to).as_bytes()).err();
    let table = [
        (sample("报告编号", "编号"), "this is no credit report: it has no 报告编号"),
        (sample("姓名：合成样", ""), "the report's head has no 姓名"),
        (
            sample("2015.06.30 23:52:15", "2015.06.31 23:52:15"),
            "the report's 查询时间 cannot be read",
        ),
        (sample("2015.07.01 12:02:59", "昨天"), "the report's 报告时间 cannot be read"),
        (
            sample("尚未激活", &"长".repeat(600)),
            "a text under 从未逾期过的贷记卡及透支未超过60天的准贷记卡账户明细如下： is too long",
        ),
        (
            sample("<LI>2012", &"<li>x</li>".repeat(600)),
            "the report has too many texts that cannot be read",
        ),
        (page::read(&vec![b' '; page::BYTES_MAX + 1]).err(), "the page is larger than 2 MiB"),
        (page::read(b"").err(), "this is no credit report: it has no 报告编号"),
        (page::read(b"%PDF-1.4").err(), "this is no credit report: it has no 报告编号"),
    ];
    for (fault, expected) in table {
        assert_eq!(fault.map(|fault| fault.to_string()).as_deref(), Some(expected));
    }
}
