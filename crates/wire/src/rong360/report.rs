//! `data` of `viewReport`: the keys of document 002, misspelt ones included (`informatonAbstract`,
//! `orgnizationQueryRecords`), and besides them the lists that the real readers of this answer take
//! (`credit_card_detail` and its like).

mod details;
mod public;

use domain::dataset::credit::{
    Column, CreditRecord, Group, Guarantee, PublicKind, PublicRecord, Query, Summary,
};
use domain::dataset::local_text;
use domain::report::pboc::CreditReport;
use domain::time::Timestamp;
use serde_json::{Value, json};

/// The answer. `login_name` is the borrower's at the platform.
pub fn report(report: &CreditReport, record: &CreditRecord, login_name: &str) -> Value {
    let head = &record.head;
    let mut answer = json!({
        "loginName": login_name,
        "reportId": head.report_number,
        "reportTime": time(head.report_time),
        "idCard": masked(&head.id_number),
        "idType": head.id_type,
        "name": head.name,
        "queryTime": time(head.query_time),
        "marriage": head.marriage,
        "personalQueryRecords": queries(&record.personal_queries),
        "orgnizationQueryRecords": queries(&record.institution_queries),
        "creditCards": {
            "unOverdue": texts(record, Group::CardsOther),
            "overdue": texts(record, Group::CardsOverdue),
            "overdraft": texts(record, Group::CardsOverdrawn),
            "guaranteeOthers": guarantees(record, Column::Cards),
        },
        "houseLoans": {
            "unOverdue": texts(record, Group::HouseOther),
            "overdue": texts(record, Group::HouseOverdue),
            "guaranteeOthers": guarantees(record, Column::HouseLoans),
        },
        "otherLoans": {
            "unOverdue": texts(record, Group::LoansOther),
            "overdue": texts(record, Group::LoansOverdue),
            "guaranteeOthers": guarantees(record, Column::OtherLoans),
        },
        "publicRecords":
            record.public_records.iter().map(PublicRecord::line).collect::<Vec<_>>(),
        "newPublicRecords": public::records(record),
        "id": head.report_number,
        "hbaseKey": null,
        "isDelete": "0",
    });
    for (key, value) in derived(report).into_iter().chain(details::lists(record)) {
        answer[key] = value;
    }
    answer
}

/// What the formula gives.
fn derived(report: &CreditReport) -> [(&'static str, Value); 12] {
    let details: Vec<Value> = report
        .interpretation
        .details
        .iter()
        .map(|detail| json!({"title": detail.title, "item": detail.items, "type": detail.number}))
        .collect();
    let thousandths = |part: u32| f64::from(part) / 1_000.0;
    let parts = &report.composition;
    [
        ("informatonAbstract", counts(&report.counts, report.public_counts)),
        (
            "composition",
            json!({
                "publicRecords": thousandths(parts.public_records),
                "basic": thousandths(parts.basic),
                "houseLoans": thousandths(parts.house_loans),
                "otherLoans": thousandths(parts.other_loans),
                "queryRecords": thousandths(parts.query_records),
                "creditCards": thousandths(parts.credit_cards),
            }),
        ),
        ("score", json!(report.score)),
        ("grade", json!(report.grade)),
        ("rate", json!(f64::from(report.rate_percent) / 100.0)),
        (
            "overdue",
            json!({"overdueNo": report.overdue_number, "message": report.overdue_message()}),
        ),
        ("interpretation", json!({"detail": details, "overdue": report.interpretation.overdue})),
        ("query365", json!(report.query_365.to_string())),
        ("updateTime", json!(report.updated.to_string())),
        ("nextUpdateTime", json!(report.next_update.to_string())),
        ("expire", json!(u8::from(report.is_expired))),
        // Ours: which formula gave the figures.
        ("formulaVersion", json!(report.formula.number())),
    ]
}

/// A accounts, B open, D ever overdue, E beyond 90 days, C guarantees; of the public records A to E
/// are the five kinds.
fn counts(summary: &Summary, public: [u32; 5]) -> Value {
    let letters = |column| {
        let counts = summary.of(column);
        json!({
            "A": counts.accounts,
            "B": counts.open,
            "D": counts.overdue,
            "E": counts.overdue_90,
            "C": counts.guarantees,
        })
    };
    let [civil, execution, penalty, taxes, telecom] = public;
    json!({
        "creditCard": letters(Column::Cards),
        "houseLoan": letters(Column::HouseLoans),
        "otherLoan": letters(Column::OtherLoans),
        "publicRecord":
            {"A": civil, "B": execution, "C": penalty, "D": taxes, "E": telecom},
    })
}

/// `2015.07.01 12:02:59`
fn time(at: Timestamp) -> String {
    local_text(at).replace('-', ".")
}

/// Five stars and the last four characters.
fn masked(id_number: &str) -> String {
    let count = id_number.chars().count();
    let last: String = id_number.chars().skip(count.saturating_sub(4)).collect();
    format!("*****{last}")
}

fn queries(queries: &[Query]) -> Vec<Value> {
    let query = |query: &Query| {
        json!({
            "queryID": query.number,
            "queryOperator": query.operator,
            "queryReason": query.reason,
            "queryTime": query.date,
        })
    };
    queries.iter().map(query).collect()
}

fn texts(record: &CreditRecord, group: Group) -> Vec<&str> {
    record.group(group).map(|account| account.text.as_str()).collect()
}

fn guarantees(record: &CreditRecord, column: Column) -> Vec<&str> {
    let of_column = |guarantee: &&Guarantee| guarantee.column() == column;
    record.guarantees.iter().filter(of_column).map(|guarantee| guarantee.text.as_str()).collect()
}

/// The name of a kind of public record among `newPublicRecords`.
fn public_key(kind: PublicKind) -> &'static str {
    match kind {
        PublicKind::CivilJudgment => "civilJudgmentRecords",
        PublicKind::CompulsoryExecution => "compulsoryExecutionRecords",
        PublicKind::Penalty => "penaltyRecords",
        PublicKind::Taxes => "taxesRecords",
        PublicKind::TelecomArrears => "telecomArrearsRecords",
    }
}

#[cfg(test)]
mod tests;
