//! Fuzz targets of what reads a source's data ([`crate::fuzz`] says what a target is).

use super::degree::DegreeData;
use super::ebank::EbankData;
use super::telecom::TelecomData;
use super::{Dataset, read};
use crate::fuzz::Target;

const TELECOM: &[u8] = br#"{"transactions":[{"basic":{"update_time":"2026-11-01 08:30:00",
"cell_phone":"13900000000","real_name":"s","idcard":"","reg_time":"2016-02-29 00:00:00"},"calls":[{
"update_time":"2026-11-01 08:30:00","start_time":"2026-11-01 08:30:00","init_type":"\u4e3b\u53eb",
"use_time":61,"place":"p","other_cell_phone":"12000000001","cell_phone":"13900000000",
"subtotal":0.29,"call_type":"c"}],"smses":[],"nets":[],"transactions":[{"update_time":
"2026-11-01 08:30:00","bill_cycle":"2026-10-01 00:00:00","cell_phone":"13900000000","total_amt":
58.29,"pay_amt":"58.29","plan_amt":58}]}]}"#;
const DEGREE: &[u8] = br#"{"education":[]}"#;
const EBANK: &[u8] = br#"{"baseInfo":{"task_id":"t","user_id":"u","username":"s","timestamp":
"2026-11-01 08:30:00","cards":[]},"cardList":[{"card_id":"c","card_num":"","full_card_num":"",
"card_type":"CREDIT","name_on_card":"","bank_name":"","open_bank":"","open_time":"","balance":
"0.00","cash_balance":"0.00","cash_limit":"0","credit_limit":"-12000.50","deposits":[],"bills":
[]}]}"#;

pub const TARGETS: [Target; 1] =
    [Target { name: "dataset", run: dataset, corpus: &[TELECOM, DEGREE, EBANK] }];

/// A dataset of any kind: what is read is written to the same, and a fault tells nothing of it.
pub fn dataset(bytes: &[u8]) -> bool {
    let kinds = [same::<TelecomData>(bytes), same::<DegreeData>(bytes), same::<EbankData>(bytes)];
    kinds.contains(&true)
}

fn same<T: Dataset + PartialEq>(bytes: &[u8]) -> bool {
    match read::<T>(bytes) {
        Ok(data) => {
            let json = serde_json::to_vec(&data).expect("plain data");
            assert!(read::<T>(&json).is_ok_and(|again| again == data), "it does not read back");
            true
        }
        Err(error) => {
            // Names of ours, places in lists, and nothing else.
            let is_ours = |c: char| c.is_ascii_alphanumeric() || "_.[]".contains(c);
            assert!(error.path.chars().all(is_ours), "{error}");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    crate::fuzz_tests!(super::TARGETS);
}
