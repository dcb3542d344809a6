//! The signed form: what is signed, what is verified, what is refused and in which order.

use super::*;
use crate::body::decode_leniently;
use crate::rong360::codes::Code;

const BIZ_DATA: &str = r#"{"merchant_id":"1000001","app_name":"甲","app_version":"2",
 "platform":"web","notice_url":"http://merchant.example/n?a=1&b=2+3","user_id":"u-1"}"#;

/// The fields of a sound request, without its signature.
fn fields() -> Vec<(&'static str, String)> {
    [
        ("method", "crawler.api.zx.getLoginInfo"),
        ("app_id", "1000001"),
        ("version", "1.0"),
        ("sign_type", "RSA2"),
        ("format", "json"),
        ("timestamp", "1700000000"),
        ("biz_data", BIZ_DATA),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}

fn with(changes: &[(&str, &str)]) -> Vec<(&'static str, String)> {
    let mut fields = fields();
    for (name, value) in changes {
        let place = fields.iter().position(|(known, _)| known == name).expect("a field");
        fields[place].1 = (*value).to_owned();
    }
    fields
}

/// Of the specification, written down anew: ASCII order of the keys, raw values.
fn string_to_sign(fields: &[(&str, String)]) -> String {
    let mut sorted = fields.to_vec();
    sorted.sort();
    let pieces: Vec<_> = sorted.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pieces.join("&")
}

fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b' ' => "+".to_owned(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

fn body(fields: &[(&str, String)], sign: &str) -> String {
    let sign = ("sign", sign.to_owned());
    let all = fields.iter().chain([&sign]);
    all.map(|(name, value)| format!("{name}={}", encoded(value))).collect::<Vec<_>>().join("&")
}

fn verify(body: &str, now: Timestamp) -> Result<(Opened, Signature), Refusal> {
    let letter = letter(&[("content-type", FORM)], "logid=1&orgid=2&app_id=9", body.as_bytes());
    assert!(matches!(letter.presented()?, Presented::Signed { app_id: "1000001" }));
    let (believed, signature) = letter.verify(&[public_key()], &SignType::ALL, now)?;
    Ok((believed.open(&terms(), today()), signature))
}

/// The code that `fields`, signed, are answered.
fn answered(fields: &[(&str, String)]) -> i32 {
    let body = body(fields, &sign(&string_to_sign(fields)));
    verify(&body, NOW).map_or_else(|refusal| refusal.code.number, |(opened, _)| code(opened.asked))
}

#[test]
fn what_is_signed_is_the_verified_string_of_the_real_clients() {
    let fields = [
        ("method", "crawler.api.zx.getLoginInfo"),
        ("app_id", "1000001"),
        ("version", "1.0"),
        ("sign_type", "RSA"),
        ("format", "json"),
        ("timestamp", "1700000000"),
        ("biz_data", "{…}"),
    ]
    .map(|(name, value)| (name, value.to_owned()));
    let body = body(&fields, "x");
    let headers = Headers::new(&[]);
    let request = Request { method: "POST", path: "", query: "", headers, body: body.as_bytes() };
    let text = crate::rong360::signature::string_to_sign(&crate::body::Pairs::read(&request));
    assert_eq!(
        text.expose(),
        "app_id=1000001&biz_data={…}&format=json&method=crawler.api.zx.getLoginInfo\
         &sign_type=RSA&timestamp=1700000000&version=1.0"
    );
    assert_eq!(decode_leniently(encoded("{…} +&").as_bytes()), "{…} +&");
}

#[test]
fn signatures_of_openssl_hold_under_a_1024_bit_key_in_each_form_of_it() {
    let text = include_bytes!("../../../fixtures/rong360/signature/signed.txt");
    let pem = include_str!("../../../fixtures/rong360/signature/key.pem");
    let bare = pem.lines().filter(|line| !line.starts_with('-')).collect::<String>();
    let pkcs1 = include_str!("../../../fixtures/rong360/signature/key-pkcs1.pem");
    let sha1 = include_str!("../../../fixtures/rong360/signature/sha1.txt");
    let sha256 = include_str!("../../../fixtures/rong360/signature/sha256.txt");
    for key in [pem, &bare, pkcs1] {
        let key = RsaPublicKey::parse(key).expect("a key");
        for (sign_type, signature, other) in
            [(SignType::Rsa, sha1, sha256), (SignType::Rsa2, sha256, sha1)]
        {
            let holds = |signature: &str, text: &[u8]| {
                let signature = BASE64_STANDARD.decode(signature).expect("Base64");
                key.verifies(sign_type, text, &signature)
            };
            assert!(holds(signature, text), "{sign_type:?}");
            assert!(!holds(other, text) && !holds(signature, &text[1..]), "{sign_type:?}");
        }
    }
    let short = include_str!("../../../fixtures/rong360/signature/key-512.pem");
    for none in ["", "-----BEGIN PUBLIC KEY-----", "AAAA", short] {
        assert!(RsaPublicKey::parse(none).is_none(), "{none}");
    }
}

#[test]
fn a_sound_form_is_read_in_any_order_and_spelling() {
    let mut reversed = fields();
    reversed.reverse();
    for fields in [
        fields(),
        reversed,
        with(&[("version", "1.0.0"), ("format", "JSON"), ("timestamp", "1700000000000")]),
        with(&[("method", " crawler.api.zx.getLoginInfo ")]),
        [fields(), vec![("empty", String::new()), ("Zebra", "1".to_owned())]].concat(),
        // Equal repeats are one.
        [fields(), vec![("format", "json".to_owned())]].concat(),
    ] {
        let mut signed = fields.clone();
        signed.dedup_by(|a, b| a == b);
        let last = signed.len() - 1;
        let is_repeat = signed[..last].contains(&signed[last]);
        signed.truncate(if is_repeat { last } else { last + 1 });
        let body = body(&fields, &sign(&string_to_sign(&signed)));
        let (opened, signature) = verify(&body, NOW).expect(&body);
        let asked = opened.asked.expect(&body);
        assert_eq!((opened.method, asked.method), (Some(Method::LoginInfo), Method::LoginInfo));
        assert_eq!(asked.sender.user_id.expose(), "u-1");
        assert_eq!(asked.sender.notice_url, "http://merchant.example/n?a=1&b=2+3");
        assert_eq!(signature.stamp, NOW);
    }
}

#[test]
fn what_was_not_signed_is_not_seen() {
    let sound = fields();
    let signature = sign(&string_to_sign(&sound));
    for (name, value) in [("biz_data", "{}"), ("timestamp", "1700000001"), ("method", "x")] {
        let refusal = verify(&body(&with(&[(name, value)]), &signature), NOW);
        assert_eq!(refusal.map(drop), Err(Code::SIGNATURE.into()), "{name}");
    }
    let longer = [sound.clone(), vec![("more", "1".to_owned())]].concat();
    for (fields, signature) in
        [(&longer, signature.as_str()), (&sound, ""), (&sound, "!"), (&sound, "AAAA")]
    {
        assert_eq!(verify(&body(fields, signature), NOW).map(drop), Err(Code::SIGNATURE.into()));
    }
    // A key of nobody's, no key at all, and a sign type that was not agreed on.
    let letter = || letter(&[("content-type", FORM)], "", body(&sound, &signature).as_bytes());
    let other = include_str!("../../../fixtures/rong360/signature/key.pem");
    let other = RsaPublicKey::parse(other).expect("a key");
    for (keys, allowed, holds) in [
        (&[other.clone(), public_key()][..], &SignType::ALL[..], true),
        (&[other], &SignType::ALL, false),
        (&[], &SignType::ALL, false),
        (&[public_key()], &[SignType::Rsa], false),
    ] {
        let verified = letter().verify(keys, allowed, NOW);
        assert_eq!(verified.is_ok(), holds, "{allowed:?}");
    }
    assert_eq!(letter().vouched().map(drop), Err(Code::SIGNATURE.into()));
}

#[test]
fn a_signature_holds_for_a_quarter_of_an_hour_either_way() {
    const SECOND_US: i64 = 1_000_000;
    for (stamp, unit_us) in [("1700000000", SECOND_US), ("1700000000000", 1_000)] {
        let fields = with(&[("timestamp", stamp)]);
        let body = body(&fields, &sign(&string_to_sign(&fields)));
        let limit = 900 * SECOND_US;
        for (offset, holds) in
            [(-limit - unit_us, false), (-limit, true), (limit, true), (limit + unit_us, false)]
        {
            let verified = verify(&body, Timestamp(NOW.0 + offset));
            assert_eq!(verified.is_ok(), holds, "{stamp} {offset}");
            if let Ok((_, signature)) = verified {
                // Until then a repeat must be known by its signature.
                assert!(signature.until.0 >= NOW.0 + limit, "{offset}");
            }
        }
    }
    for stamp in ["", "-1", "1.7e9", "１７", "17000000000000000"] {
        assert_eq!(answered(&with(&[("timestamp", stamp)])), 100_003, "{stamp}");
    }
}

#[test]
fn each_fault_of_the_envelope_has_its_code() {
    let without = |name: &str| {
        let mut fields = fields();
        fields.retain(|(known, _)| *known != name);
        fields
    };
    for name in ["method", "version", "format", "biz_data", "sign_type"] {
        assert_eq!(answered(&without(name)), 100_006, "{name}");
        assert_eq!(answered(&with(&[(name, "")])), 100_006, "{name}");
    }
    assert_eq!(answered(&without("timestamp")), 100_003);
    for (name, value, code) in [
        ("version", "2.0", 100_006),
        ("format", "xml", 100_006),
        ("format", "Json", 100_006),
        ("sign_type", "MD5", 100_006),
        ("sign_type", "rsa", 100_006),
        ("method", "crawler.api.zx.register", 100_005),
        ("method", "getLoginInfo", 100_005),
        ("method", "crawler.api.zx.getlogininfo", 100_005),
        ("biz_data", "[]", 100_006),
        ("biz_data", "{", 100_006),
    ] {
        assert_eq!(answered(&with(&[(name, value)])), code, "{name}={value}");
    }
    // The first of two values is signed; that there is another is refused after.
    let signature = sign(&string_to_sign(&fields()));
    for (repeat, expected) in [
        ("format=JSON", Ok(100_006)),
        ("biz_data=%7B%7D", Ok(100_006)),
        ("sign=AAAA", Ok(100_006)),
        ("format=json", Ok(0)),
        ("more=1", Err(100_002)),
    ] {
        let twice = format!("{}&{repeat}", body(&fields(), &signature));
        let refused = verify(&twice, NOW).map(|(opened, _)| code(opened.asked));
        assert_eq!(refused.map_err(|refusal| refusal.code.number), expected, "{repeat}");
    }
}

#[test]
fn a_stranger_learns_what_is_wrong_with_its_credential_alone() {
    let presented = |headers: &[(&str, &str)], body: &[u8]| {
        letter(headers, "", body).presented().map(|_| ()).map_err(|refusal| refusal.code.number)
    };
    let form = [("content-type", FORM)];
    for (headers, body, expected) in [
        (&form[..], &b"app_id=7&biz_data=%"[..], Ok(())),
        (&form, b"method=x", Err(100_006)),
        (&form, b"app_id=1&app_id=2", Err(100_006)),
        (&form, b"", Err(100_006)),
        (&[("content-type", "text/xml")], b"<a/>", Err(100_006)),
        (&[("content-encoding", "br"), ("content-type", FORM)], b"app_id=1", Err(100_006)),
        (&[], b"{\"method\":1}", Err(100_002)),
        (&[("authorization", "Basic eA==")], b"{}", Err(100_002)),
        (&[("authorization", "bearer t")], b"{}", Ok(())),
        (&[("authorization", "Bearer t")], b"{\"a\":}", Err(100_006)),
    ] {
        assert_eq!(presented(headers, body), expected, "{}", body.escape_ascii());
    }
}

#[test]
fn the_sender_is_the_merchant_by_its_app_id_or_an_alias() {
    let call = |merchant_id: &str| {
        let common = COMMON.replace("1000001", merchant_id);
        open(&format!(r#"{{"method":"{PREFIX}getLoginInfo","biz_data":{{{common}}}}}"#))
    };
    assert_eq!(["1000001", "123124", " 123124 "].map(|id| code(call(id))), [0; 3]);
    assert_eq!(["1000002", "12312", "1000001x"].map(|id| code(call(id))), [100_006; 3]);
}
