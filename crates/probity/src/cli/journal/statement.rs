//! `probity journal statement`: the sums of a day or month, or the rows themselves.

use std::io;

use clap::{Args, ValueEnum};
use domain::journal::Line;
use domain::money::Amount;
use domain::time::Period;
use engine::{CallRecord, Engine, StatementOf};
use serde::Serialize;
use serde_json::{Value, json};

use super::{all_time, period, shown};
use crate::cli::output::{self, JsonArray, Table};

#[derive(Debug, Args)]
#[command(
    after_help = "Amounts are in 分; in JSON `amount` is an integer of 1/10,000 分. In CSV a \
    cell that begins with = + - or @ gets a leading ', so that no spreadsheet runs it.\n\n\
    Examples:\n  probity journal statement --merchant acme --period 2026-11\n  \
    probity journal statement --merchant acme --period 2026-11 --rows --format csv > acme.csv"
)]
pub(super) struct Statement {
    /// One merchant [default: all]
    #[arg(long, value_name = "NAME")]
    merchant: Option<String>,
    /// A day (2026-11-21) or a month (2026-11) in Asia/Shanghai [default: all time]
    #[arg(long, value_parser = period)]
    period: Option<Period>,
    /// Every journal row instead of the sums
    #[arg(long)]
    rows: bool,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The same as --format json
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Csv,
    Json,
}

/// A journal row with whose it is.
#[derive(Serialize)]
struct RowOf<'a> {
    merchant: &'a str,
    #[serde(flatten)]
    row: &'a CallRecord,
}

impl Statement {
    pub(super) async fn run(&self, engine: &Engine) -> anyhow::Result<()> {
        let format = if self.json { Format::Json } else { self.format };
        let period = self.period.unwrap_or_else(all_time);
        let merchants = if let Some(name) = &self.merchant {
            vec![engine.merchant(name).await?.name]
        } else {
            let directory = engine.directory();
            directory.merchants().iter().map(|entry| entry.merchant.name.clone()).collect()
        };
        if self.rows {
            return rows(engine, &merchants, period, format).await;
        }
        let mut statements = Vec::new();
        for name in &merchants {
            statements.push(engine.statement(name, period).await?);
        }
        match format {
            Format::Json => json_sums(&statements, period),
            Format::Csv => csv_sums(&statements, period),
            Format::Text => text_sums(&statements, period),
        }
    }
}

fn json_sums(statements: &[StatementOf], period: Period) -> anyhow::Result<()> {
    let sums = |line: &Line| {
        let Line { calls, billed, amount } = line;
        json!({
            "calls": calls, "billed": billed, "amount": amount, "amount_fen": amount.to_string(),
        })
    };
    let merchants: Vec<Value> = statements
        .iter()
        .map(|one| {
            let lines: Vec<Value> = one
                .statement
                .lines
                .iter()
                .map(|((product, app, code), line)| {
                    let mut shown = sums(line);
                    shown["product"] = json!(product.as_str());
                    shown["app"] = json!(app);
                    shown["code"] = json!(code);
                    shown
                })
                .collect();
            let total = sums(&one.statement.total());
            json!({ "merchant": one.merchant.name, "lines": lines, "total": total })
        })
        .collect();
    output::json(&json!({ "period": shown(period), "merchants": merchants }))
}

fn csv_sums(statements: &[StatementOf], period: Period) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_writer(io::stdout().lock());
    writer.write_record([
        "merchant",
        "period",
        "product",
        "app",
        "code",
        "calls",
        "billed",
        "amount_fen",
    ])?;
    for one in statements {
        for ((product, app, code), line) in &one.statement.lines {
            writer.write_record([
                &defused(&one.merchant.name),
                &shown(period),
                product.as_str(),
                &defused(&app.0),
                &code.to_string(),
                &line.calls.to_string(),
                &line.billed.to_string(),
                &line.amount.to_string(),
            ])?;
        }
    }
    Ok(writer.flush()?)
}

fn text_sums(statements: &[StatementOf], period: Period) -> anyhow::Result<()> {
    let mut table =
        Table::new(["merchant", "product", "app", "code", "calls", "billed", "amount 分"]);
    for one in statements {
        let name = &one.merchant.name;
        for ((product, app, code), Line { calls, billed, amount }) in &one.statement.lines {
            table.row([name, &product.as_str(), app, code, calls, billed, amount]);
        }
        let Line { calls, billed, amount } = one.statement.total();
        table.row([name, &"total", &"", &"", &calls, &billed, &amount]);
    }
    output::line(format_args!("period: {}\n\n{table}", shown(period)))
}

/// Where rows go to, one at a time.
enum Rows {
    Json(JsonArray),
    Csv(Box<csv::Writer<io::StdoutLock<'static>>>),
    Text(Table),
}

async fn rows(
    engine: &Engine,
    merchants: &[String],
    period: Period,
    format: Format,
) -> anyhow::Result<()> {
    let mut rows = Rows::begin(format)?;
    for merchant in merchants {
        let mut result = Ok(());
        engine
            .each_call(merchant, period, false, |row| {
                if result.is_ok() {
                    result = rows.push(merchant, &row);
                }
            })
            .await?;
        result?;
    }
    rows.end()
}

impl Rows {
    fn begin(format: Format) -> anyhow::Result<Self> {
        Ok(match format {
            Format::Json => Self::Json(JsonArray::begin()?),
            Format::Text => Self::Text(Table::new([
                "at",
                "phase",
                "merchant",
                "app",
                "key",
                "biz_id",
                "code",
                "amount 分",
            ])),
            Format::Csv => {
                let mut writer = csv::Writer::from_writer(io::stdout().lock());
                writer.write_record([
                    "at",
                    "phase",
                    "merchant",
                    "product",
                    "app",
                    "req_id",
                    "biz_id",
                    "code",
                    "billed",
                    "amount_fen",
                ])?;
                Self::Csv(Box::new(writer))
            }
        })
    }

    fn push(&mut self, merchant: &str, row: &CallRecord) -> anyhow::Result<()> {
        let amount = Amount(row.amount);
        match self {
            Self::Json(array) => array.push(&RowOf { merchant, row })?,
            Self::Text(table) => table.row([
                &row.at,
                &row.phase,
                &merchant,
                &row.app,
                &row.key,
                &row.biz_id,
                &row.code,
                &amount,
            ]),
            Self::Csv(writer) => writer.write_record([
                row.at.as_str(),
                row.phase,
                &defused(merchant),
                row.product,
                &defused(&row.app),
                &defused(&row.key),
                &row.biz_id,
                &row.code.to_string(),
                if row.billed { "true" } else { "false" },
                &amount.to_string(),
            ])?,
        }
        Ok(())
    }

    fn end(self) -> anyhow::Result<()> {
        match self {
            Self::Json(array) => array.end(),
            Self::Text(table) => output::line(table),
            Self::Csv(mut writer) => Ok(writer.flush()?),
        }
    }
}

/// A spreadsheet takes such a cell for a formula and may run what it says (CSV injection): the
/// key of a call is chosen by whoever calls.
fn defused(text: &str) -> String {
    let quote = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("{quote}{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_defused() {
        for (text, shown) in
            [("=1+1", "'=1+1"), ("-x", "'-x"), ("@a", "'@a"), ("a=b", "a=b"), ("", "")]
        {
            assert_eq!(defused(text), shown);
        }
    }
}
