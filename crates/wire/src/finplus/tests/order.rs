//! Credentials, the order of checks, and each rule for a parameter.

use domain::failure::{CredentialKind, Failure};

use super::{IMEI, Mine, letter, open, refused};
use crate::finplus::Presented;

#[test]
fn an_app_code_is_taken_in_any_case_and_any_number_of_spaces() {
    let unknown = Failure::CredentialUnknown(CredentialKind::AppCode);
    let table = [
        (Some("APPCODE c0de"), Ok("c0de")),
        (Some("appcode   c0de "), Ok("c0de")),
        (Some(" AppCode c0 de"), Ok("c0 de")),
        (Some("APPCODE"), Err(unknown.clone())),
        (Some("APPCODE   "), Err(unknown)),
        (Some("APPCODEc0de"), Err(Failure::CredentialMissing)),
        (Some("Bearer c0de"), Err(Failure::CredentialMissing)),
        (Some(""), Err(Failure::CredentialMissing)),
        (None, Err(Failure::CredentialMissing)),
    ];
    for (value, expected) in table {
        let headers: Vec<_> = value.map(|value| ("authorization", value)).into_iter().collect();
        let code = letter("", &headers, b"").credential().map(|presented| match presented {
            Presented::AppCode(code) => code.expose().clone(),
            Presented::Signed(signed) => format!("signed by {}", signed.key),
        });
        assert_eq!(code, expected.map(str::to_owned), "{value:?}");
    }
}

#[test]
fn a_letter_prints_neither_credential_nor_parameters() {
    let query = format!("idType=imei&idValue={IMEI}&reqId=r");
    let letter = letter(&query, &[("authorization", "APPCODE c0de")], b"");
    let printed = format!("{letter:?} {:?} {:?}", letter.credential(), letter.open(&Mine));
    assert!(!printed.contains("c0de") && !printed.contains(IMEI), "{printed}");
}

/// Each row repairs what the row before was refused for.
#[test]
fn the_checks_run_in_the_order_of_the_specification() {
    let unknown_parameter = refused("colour is not a parameter of this call");
    let table = [
        ("reqId=%zz&colour=1", refused("the value of reqId is not percent-encoded UTF-8")),
        ("colour=1&idType=&idValue=x", unknown_parameter.clone()),
        ("colour=1&idType=fax", unknown_parameter),
        ("idType=&idValue=x", Failure::IdTypeMissing),
        ("idValue=x&appId=7", Failure::IdTypeMissing),
        ("idType=fax&idValue=x&appId=7", Failure::IdTypeUnknown),
        ("idType=imei&appId=7", refused("appId is not registered")),
        ("idType=imei&appId=1000001", refused("idValue is missing")),
        (
            "idType=imei&idValue=x",
            refused("idValue is not an imei: 15 digits, the last a Luhn check digit"),
        ),
        ("idType=imei&idValue=860529038487085", refused("reqId is missing")),
        (
            "idType=imei&idValue=860529038487085&reqId=%01",
            refused("reqId must be 1 to 64 printable ASCII characters"),
        ),
    ];
    for (query, expected) in table {
        assert_eq!(open(query).question, Err(expected), "{query}");
    }
    assert!(open("idType=imei&idValue=860529038487085&reqId=1").question.is_ok());
}

#[test]
fn contradictions_are_refused_and_agreement_is_not() {
    let rest = format!("idType=imei&idValue={IMEI}&reqId=r");
    let table = [
        ("id_type=imei", None),
        ("id_type=IMEI", Some("idType")),
        ("id_value=860529038487086", Some("idValue")),
        ("req_id=r&reqId=r", None),
        ("req_id=R", Some("reqId")),
        ("app_id=1000001&appId=1000001", None),
        ("app_id=1000001&appId=1000002", Some("appId")),
    ];
    for (more, named) in table {
        let failure = open(&format!("{rest}&{more}")).question.err();
        let expected = named
            .map(|name| refused(&format!("{name} is given more than once, with different values")));
        assert_eq!(failure, expected, "{more}");
    }
}

#[test]
fn an_id_type_may_name_the_application() {
    let md5 = "71f1d9fcb1661cbb1d707521586e7dea";
    let (idfa, sha256) = ("BA05E270-9250-4346-8140-7C0942422FA3", format!("{md5}{md5}"));
    let unfit = "10 idValue fits no id type; say which in idType";
    let differ = "10 appId and idType name different applications";
    let table = [
        ("idType=imei", IMEI, "default imei"),
        ("idType=imei&appId=", IMEI, "default imei"),
        ("idType=imei&appId=1000002", IMEI, "1000002 imei"),
        ("idType=1000001", IMEI, "1000001 imei"),
        ("idType=1000001&app_id=1000001", idfa, "1000001 idfa"),
        ("idType=1000001", md5, "1000001 mobile_md5"),
        ("id_type=1000001", &sha256, "1000001 mobile_sha256"),
        ("idType=1000001", "86052903848708", unfit),
        ("idType=1000001&appId=1000002", IMEI, differ),
        ("idType=1000009", IMEI, "22"),
    ];
    for (query, id, expected) in table {
        let read = match open(&format!("{query}&idValue={id}&reqId=r")).question {
            Ok(asked) => {
                let app = asked.app.map_or("default".to_owned(), |app| app.0);
                format!("{app} {}", asked.id.id_type().as_str())
            }
            Err(Failure::Parameter { reason }) => format!("10 {reason}"),
            Err(failure) => {
                assert_eq!(failure, Failure::IdTypeUnknown);
                "22".to_owned()
            }
        };
        assert_eq!(read, expected, "{query}");
    }
}

#[test]
fn a_key_is_echoed_as_far_as_it_is_legible() {
    let long = "r".repeat(64);
    let wide = "张".repeat(64);
    let table = [
        (String::new(), None),
        ("reqId=".into(), None),
        ("req_id=your+unique+request+id".into(), Some("your unique request id")),
        ("reqId=%22%5C".into(), Some("\"\\")),
        ("colour=red&reqId=r".into(), Some("r")),
        ("idType=%zz&reqId=r".into(), Some("r")),
        ("reqId=%00".into(), Some("\0")),
        (format!("reqId={long}"), Some(long.as_str())),
        (format!("reqId={long}r"), None),
        (format!("reqId={wide}"), Some(wide.as_str())),
        (format!("reqId={wide}r"), None),
        ("reqId=%ff".into(), None),
        ("reqId=a&req_id=b".into(), None),
    ];
    for (query, expected) in table {
        assert_eq!(open(&query).echo.as_deref(), expected, "{query}");
    }
}

#[test]
fn a_refused_id_is_not_repeated_in_the_reason() {
    for id in ["860529038487086", "71f1d9fcb1661cbb1d707521586e7deag"] {
        for query in [
            format!("idType=imei&idValue={id}&reqId=r"),
            format!("idType=1000001&idValue={id}&reqId=r"),
            format!("idType=imei&idValue={id}%f&reqId=r"),
            format!("idType=imei&idValue=1&idValue={id}&reqId=r"),
            format!("idType=imei&{id}=idValue&reqId=r"),
        ] {
            let failure = open(&query).question.expect_err("the id is malformed");
            assert!(!format!("{failure:?}").contains(id), "{failure:?}");
        }
    }
}
