//! What real clients send, byte for byte (`fixtures/qiancheng/clients`): PHP 8.2 with its cURL,
//! recorded on the loopback, in the shapes that public clients of this protocol use: arrays
//! (multipart), `http_build_query` with and without its wrong header, JSON, gzip.

use std::fmt::Write as _;

use super::{Endpoint, read, reading};
use crate::fuzz::with_request;

macro_rules! recorded {
    ($($name:literal),* $(,)?) => {
        [$((
            $name,
            &include_bytes!(concat!("../../../fixtures/qiancheng/clients/", $name, ".http"))[..],
        )),*]
    };
}

#[test]
fn every_recorded_request_is_understood() {
    let all = recorded![
        "php-token",
        "php-blacklist",
        "php-open-id",
        "php-open-id-without-boundary",
        "php-open-id-multipart",
        "php-open-id-json-text",
        "php-service-password",
        "php-captcha",
        "php-state",
        "php-degree-json",
        "php-degree-login",
        "php-ebank-gzip",
        "php-ebank-data",
    ];
    let mut readings = String::new();
    for (name, bytes) in all {
        let letter = with_request(bytes, |request| {
            read(Endpoint::at(request.path).expect("an endpoint"), request)
        });
        let letter = letter.expect("a request");
        let _ = writeln!(readings, "{name} {:?}: {}", letter.endpoint(), reading(letter));
    }
    assert_eq!(readings, include_str!("../../../fixtures/qiancheng/clients.txt"), "{readings}");
}
