//! The calls: scores of the sandbox's people, as a merchant with an APPCODE asks for them.

use std::io::Read as _;
use std::path::PathBuf;
use std::process;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac;
use flate2::read::GzDecoder;

use super::generator::{Requests, Signer};
use crate::finplus;
use crate::server::Server;

/// The application that the default scorecard answers.
pub(super) const APP_ID: &str = "1000001";

/// Every person of the sandbox by IMEI and by IDFA, in turn.
pub(super) fn requests(server: &Server) -> Requests {
    let (address, app_code) = (server.address(), server.sandbox().app_code);
    let tail = format!(
        " HTTP/1.1\r\nHost: {address}\r\nAuthorization: APPCODE {app_code}\r\n\
         Accept: application/json\r\nUser-Agent: bench\r\n\r\n"
    );
    Requests::new(heads(), tail.into_bytes(), process::id())
}

/// The same, each signed with the merchant's AppKey.
pub(super) fn signed_requests(server: &Server) -> Requests {
    let sandbox = server.sandbox();
    let stamp = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    let signer = Signer {
        app_key: sandbox.app_key,
        secret: hmac::Key::new(hmac::HMAC_SHA256, sandbox.app_secret.as_bytes()),
        stamp_ms: stamp.as_millis(),
    };
    let tail = format!(
        " HTTP/1.1\r\nHost: {}\r\nAccept: application/json\r\nUser-Agent: bench\r\n",
        server.address()
    );
    Requests::new(heads(), tail.into_bytes(), process::id()).signed(signer)
}

/// Up to the key, one for each id of a person.
fn heads() -> Vec<Vec<u8>> {
    let people = people();
    let of = |kind: fn(u32) -> String| people.iter().map(move |row| kind(*row));
    let queries = of(imei).chain(of(idfa));
    let heads = queries.map(|query| {
        let path = finplus::PATH;
        format!("GET {path}?appId={APP_ID}&{query}&reqId=").into_bytes()
    });
    heads.collect()
}

/// The sandbox numbers its synthetic people as the rows of the data set that they come from.
fn people() -> Vec<u32> {
    let table = fixture("german_test.csv.gz");
    let mut reader = csv::Reader::from_reader(table.as_slice());
    let ids = reader.records().map(|record| {
        let record = record.expect("a table");
        record[0].parse().expect("a number")
    });
    ids.collect()
}

/// A file that the models' own tests read, unpacked.
pub(super) fn fixture(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/domain/fixtures/scoring");
    let packed = std::fs::read(PathBuf::from(folder).join(name)).expect("it is in the repository");
    let mut bytes = Vec::new();
    GzDecoder::new(packed.as_slice()).read_to_end(&mut bytes).expect("a gzip file");
    bytes
}

fn idfa(row: u32) -> String {
    format!("idType=idfa&idValue=00000000-0000-8000-8000-{row:012}")
}

/// A synthetic number of a test device, with its Luhn digit.
fn imei(row: u32) -> String {
    let digits = format!("00100100{row:06}");
    let weighted = digits.bytes().rev().enumerate().map(|(at, byte)| {
        let digit = u32::from(byte - b'0') * if at % 2 == 0 { 2 } else { 1 };
        digit / 10 + digit % 10
    });
    let check = (10 - weighted.sum::<u32>() % 10) % 10;
    format!("idType=imei&idValue={digits}{check}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_the_sandbox() {
        assert_eq!(people().len(), 300);
        assert_eq!(imei(2), "idType=imei&idValue=001001000000023");
    }
}
