//! `Content-Encoding: gzip`: honest bodies, bombs, and what follows a stream.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;

use super::entries;
use crate::body::{GzipFault, Limits, Pairs, parameter, unpack};
use crate::request::{Headers, Request};

/// Headers as they were sent.
type Sent<'h> = &'h [(&'h str, &'h str)];

const MIB: usize = 1024 * 1024;

fn pack(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).expect("memory takes all");
    encoder.finish().expect("memory takes all")
}

fn read(headers: Sent<'_>, body: &[u8]) -> Pairs {
    let headers: Vec<_> =
        headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let headers = Headers::new(&headers);
    Pairs::read(&Request { method: "POST", path: "/", query: "", headers, body })
}

#[test]
fn a_packed_body_is_the_body() {
    let gzip = ("content-encoding", "gzip");
    let form = ("content-type", "application/x-www-form-urlencoded");
    let marked = "\u{feff}{\"a\":\"1\"}".as_bytes();
    let table: [(Sent<'_>, &[u8]); 5] = [
        (&[gzip], b"a=1"),
        (&[("content-encoding", " X-GZip ")], b"{\"a\":1}"),
        (&[form, gzip], b"a=1"),
        (&[gzip], marked),
        (&[("content-type", "multipart/form-data"), gzip], b"a=1"),
    ];
    for (headers, plain) in table {
        let pairs = read(headers, &pack(plain));
        assert_eq!((pairs.sound(), entries(&pairs)), (Ok(()), vec![("a", "1")]), "{headers:?}");
    }
    for encoding in ["", "identity"] {
        assert_eq!(entries(&read(&[("content-encoding", encoding)], b"a=1")), [("a", "1")]);
    }
    assert_eq!(read(&[gzip], b"").sound(), Ok(()));
}

#[test]
fn an_encoding_that_is_not_one_layer_of_gzip_is_refused() {
    let once = parameter("Content-Encoding must be gzip, once");
    let packed = pack(&pack(b"a=1"));
    for encoding in ["deflate", "br", "gzip, gzip", "gzip,identity"] {
        assert_eq!(read(&[("content-encoding", encoding)], &packed).sound(), Err(once.clone()));
    }
    let twice = [("content-encoding", "gzip"), ("content-encoding", "gzip")];
    assert_eq!(read(&twice, &packed).sound(), Err(once));
    let broken = parameter("the body is not gzip, or is cut short");
    assert_eq!(read(&twice[..1], b"a=1").sound(), Err(broken));
    // The inner layer of two stays what it is: bytes that are no text.
    assert!(read(&twice[..1], &packed).sound().is_err());
}

#[test]
fn streams_are_refused_by_their_fault() {
    let good = pack(b"a=1");
    let with = |bytes: &[u8]| [&good[..], bytes].concat();
    let mut wrong_sum = good.clone();
    let sum_at = wrong_sum.len() - 8;
    wrong_sum[sum_at] ^= 1;
    let table = [
        (good.clone(), Ok(b"a=1".to_vec())),
        (good[..good.len() - 1].to_vec(), Err(GzipFault::Broken)),
        (wrong_sum, Err(GzipFault::Broken)),
        (Vec::new(), Err(GzipFault::Broken)),
        (b"\x1f\x8b\x08".to_vec(), Err(GzipFault::Broken)),
        (with(&good), Err(GzipFault::Trailing)),
        // Read as its last field, this says that it stands for nothing.
        (with(b"\0"), Err(GzipFault::Broken)),
        (with(b"&b=2"), Err(GzipFault::Trailing)),
    ];
    for (packed, expected) in table {
        assert_eq!(unpack(&packed, MIB), expected, "{}", packed.escape_ascii());
    }
}

#[test]
fn size_and_ratio_hold_just_at_and_just_after() {
    let noise = |length: usize| -> Vec<u8> {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        (0..length).map(|_| next()).collect()
    };
    assert_eq!(unpack(&pack(&noise(MIB)), MIB).map(|plain| plain.len()), Ok(MIB));
    assert_eq!(unpack(&pack(&noise(MIB + 1)), MIB), Err(GzipFault::TooLarge));
    // A mebibyte is honest however well it packs; ten are not.
    assert_eq!(unpack(&pack(&vec![0; MIB]), 16 * MIB).map(|plain| plain.len()), Ok(MIB));
    assert_eq!(unpack(&pack(&vec![0; 10 * MIB]), 16 * MIB), Err(GzipFault::TooDense));
}

#[test]
fn a_bomb_costs_no_more_than_the_limit() {
    let bomb = pack(&vec![b'a'; 256 * MIB]);
    assert!(bomb.len() < MIB);
    assert_eq!(unpack(&bomb, usize::MAX), Err(GzipFault::TooDense));
    assert_eq!(unpack(&bomb, MIB / 2), Err(GzipFault::TooLarge));
    let gzip = [("content-encoding", "gzip")];
    let reason = "the body grows more than a hundredfold when unpacked";
    assert_eq!(read(&gzip, &bomb).sound(), Err(parameter(reason)));
    let large = vec![b'a'; Limits::FLAT.body_max_bytes + 1];
    let reason = parameter("the body is larger than 16777216 bytes");
    assert_eq!(read(&[], &large).sound(), Err(reason));
}

proptest! {
    #[test]
    fn unpacking_undoes_packing(plain in prop::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert_eq!(unpack(&pack(&plain), MIB), Ok(plain));
    }

    #[test]
    fn a_changed_stream_is_refused_or_the_same(
        plain in "[a-z0-9=&]{1,200}",
        place in any::<prop::sample::Index>(),
        bit in 0..8_u32,
    ) {
        let mut packed = pack(plain.as_bytes());
        let place = place.index(packed.len());
        packed[place] ^= 1_u8 << bit;
        if let Ok(read) = unpack(&packed, MIB) {
            prop_assert_eq!(read, plain.as_bytes());
        }
    }
}
