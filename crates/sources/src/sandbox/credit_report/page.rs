//! A record as the 简版 page of the PBoC's internet platform, in the layout of its public template:
//! head tables, 信息概要, lists of sentences, public records, queries, 说明.

use std::fmt::Write as _;

use domain::dataset::credit::{
    Account, Column, CreditRecord, Group, PublicKind, PublicRecord, Query, Row, Summary,
};
use domain::dataset::local_text;
use domain::time::Timestamp;
use encoding_rs::{GBK, UTF_8};

/// How the page is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// As the platform does.
    Gbk,
    /// As browsers save it.
    Utf8,
}

/// The page of a record. What could not be read of another page is not printed again.
pub fn page(record: &CreditRecord, charset: Charset) -> Vec<u8> {
    let encoding = if charset == Charset::Gbk { GBK } else { UTF_8 };
    let mut html = String::with_capacity(16 * 1024);
    _ = writeln!(
        html,
        "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset={}\">\
         <title>个人信用报告</title><style>.p{{font-size:14px}}</style></head><body>",
        encoding.name()
    );
    head(record, &mut html);
    summary(record, &mut html);
    for column in Column::ALL {
        accounts(record, column, &mut html);
    }
    if !record.guarantees.is_empty() {
        heading("为他人担保信息", &mut html);
        html.push_str("<ol class=\"p olstyle\">\n");
        record.guarantees.iter().for_each(|guarantee| item(&guarantee.text, &mut html));
        html.push_str("</ol>\n");
    }
    public_records(record, &mut html);
    queries(record, &mut html);
    html.push_str(NOTES);
    // What GBK does not have becomes a character reference.
    encoding.encode(&html).0.into_owned()
}

const NOTES: &str = "<div class=\"h1\">说 明</div><ol class=\"p\">\
    <li>除查询记录外，本报告中的信息是依据截至报告时间个人征信系统记录的信息生成。</li>\
    <li>本报告中的信贷交易信息由相关机构提供，征信中心不保证其真实性和准确性。</li>\
    <li>本报告为合成数据，不属于任何人。</li></ol></body></html>\n";

fn head(record: &CreditRecord, html: &mut String) {
    let head = &record.head;
    html.push_str("<table><tr><th><div class=\"h1\"><strong>个人信用报告</strong></div></th></tr>");
    html.push_str("<tr>");
    let first = [
        ("报告编号：", head.report_number.clone()),
        ("查询时间：", time(head.query_time)),
        ("报告时间：", time(head.report_time)),
    ];
    let cells = |cells: &[(&str, String)], html: &mut String| {
        for (label, value) in cells {
            _ = write!(html, "<td><strong class=\"p\">{label}{}</strong></td>", escaped(value));
        }
    };
    cells(&first, html);
    html.push_str("</tr></table>\n<table><tr>");
    let second = [
        ("姓名：", head.name.clone()),
        ("证件类型：", head.id_type.clone()),
        ("证件号码：", head.id_number.clone()),
        ("", head.marriage.clone()),
    ];
    cells(&second, html);
    html.push_str("</tr></table>\n");
}

/// `2015.06.30 23:52:15`
fn time(at: Timestamp) -> String {
    local_text(at).replace('-', ".")
}

fn summary(record: &CreditRecord, html: &mut String) {
    html.push_str(
        "<table><tr><td class=\"h1\">信贷记录</td></tr><tr><td class=\"p\">\
         这部分包含您的信用卡、贷款和其他信贷记录。金额类数据均以人民币计算，精确到元。</td></tr>\
         <tr><td><span class=\"h1\">信息概要</span><table>\n",
    );
    if let Some(summary) = &record.summary {
        rows(summary, html);
    }
    html.push_str("</table></td></tr></table>\n");
}

fn rows(summary: &Summary, html: &mut String) {
    let row = |cells: [&str; 4], html: &mut String| {
        html.push_str("<tr>");
        for cell in cells {
            _ = write!(html, "<td class=\"p\" align=\"center\">{cell}</td>");
        }
        html.push_str("</tr>\n");
    };
    let [cards, houses, loans] = Column::ALL.map(Column::heading);
    row(["&nbsp;", cards, houses, loans], html);
    for heading in Row::ALL {
        let counts = Column::ALL.map(|column| summary.of(column).of(heading).to_string());
        let [cards, houses, loans] = &counts;
        row([heading.heading(), cards, houses, loans], html);
    }
}

fn accounts(record: &CreditRecord, column: Column, html: &mut String) {
    if record.column(column).next().is_none() {
        return;
    }
    heading(column.heading(), html);
    html.push_str("<ol class=\"p olstyle\">\n");
    for group in Group::ALL.into_iter().filter(|group| group.column() == column) {
        let of_group: Vec<&Account> = record.group(group).collect();
        if of_group.is_empty() {
            continue;
        }
        _ = writeln!(html, "<span class=\"spanem\"><strong>{}</strong></span>", group.heading());
        for account in of_group {
            item(&account.text, html);
        }
        html.push_str("<br/>\n");
    }
    html.push_str("</ol>\n");
}

fn heading(words: &str, html: &mut String) {
    _ = writeln!(html, "<span class=\"h1\"><strong>{words} </strong></span>");
}

fn item(text: &str, html: &mut String) {
    const STYLE: &str = "list-style-type: decimal; list-style-position: outside";
    _ = writeln!(html, "<li style=\"{STYLE}\">\n\t\t{}\n\t</li>", escaped(text));
}

fn public_records(record: &CreditRecord, html: &mut String) {
    html.push_str("<table><tr><td class=\"h1\">公共记录</td></tr>");
    if record.public_records.is_empty() {
        html.push_str(
            "<tr><td><strong class=\"p\">系统中没有您最近5年内的欠税记录、民事判决记录、\
             强制执行记录、行政处罚记录及电信欠费记录。</strong></td></tr></table>\n",
        );
        return;
    }
    html.push_str(
        "<tr><td class=\"p\">这部分包含您最近5年内的欠税记录、民事判决记录、强制执行记录、\
         行政处罚记录及电信欠费记录。金额类数据均以人民币计算，精确到元。</td></tr></table>\n",
    );
    for kind in PublicKind::ALL {
        let mut of_kind = record.public(kind).peekable();
        if of_kind.peek().is_some() {
            heading(kind.heading(), html);
        }
        of_kind.for_each(|record| public_record(record, html));
    }
}

/// Two labels in a row.
fn public_record(record: &PublicRecord, html: &mut String) {
    html.push_str("<table>");
    for pair in record.fields.chunks(2) {
        html.push_str("<tr>");
        for field in pair {
            let value = if field.value.is_empty() { "--" } else { &field.value };
            _ = write!(html, "<td class=\"p\">{}：{}</td>", escaped(&field.label), escaped(value));
        }
        html.push_str("</tr>");
    }
    html.push_str("</table>\n");
}

fn queries(record: &CreditRecord, html: &mut String) {
    html.push_str(
        "<table><tr><td class=\"h1\">查询记录</td></tr><tr><td><strong class=\"p\">\
         这部分包含您的信用报告最近2年被查询的记录。</strong></td></tr></table>\n",
    );
    query_table("机构查询记录明细", &record.institution_queries, html);
    query_table("个人查询记录明细", &record.personal_queries, html);
}

fn query_table(heading: &str, queries: &[Query], html: &mut String) {
    if queries.is_empty() {
        return;
    }
    let ruler = "-".repeat(40);
    _ = writeln!(
        html,
        "<table><tr><td colspan=\"4\"><strong class=\"p\">{heading}</strong></td></tr>\
         <tr><td colspan=\"4\" class=\"p\">{ruler}</td></tr>"
    );
    let row = |cells: [&str; 4], html: &mut String| {
        html.push_str("<tr align=\"center\">");
        for cell in cells {
            _ = write!(html, "<td class=\"p\">{}</td>", escaped(cell));
        }
        html.push_str("</tr>\n");
    };
    row(["编号", "查询日期", "查询操作员", "查询原因"], html);
    for query in queries {
        row([&query.number, &query.date, &query.operator, &query.reason], html);
    }
    html.push_str("</table>\n");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
