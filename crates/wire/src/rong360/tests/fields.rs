//! What each method takes: present, missing, malformed, in each of its spellings.

use domain::session::credit::CardKind;

use super::*;
use crate::rong360::{
    Ask, Authentication, CardAnswer, CardSecrets, Check, Field, Need, PicturePurpose, Purpose,
};

/// A value that a field takes, as JSON.
fn good(check: Check) -> String {
    let text = match check {
        Check::Text(_) => "synthetic",
        Check::Password => " p=+&%20 ",
        Check::Code => "a1b2c3",
        Check::Digits(2) => "27",
        Check::Digits(_) => "012",
        Check::Month => "08",
        Check::Name => "张三",
        Check::IdCard => "11010519491231002x",
        Check::Mobile => "13800138000",
        Check::BankCard => "6222021234567894",
        Check::OneOf(all) => all[0],
    };
    format!("\"{text}\"")
}

/// One that it does not take.
fn bad(check: Check) -> String {
    match check {
        Check::Text(length) => format!("\"{}\"", "x".repeat(length + 1)),
        Check::Password | Check::Code => format!("\"{}\"", "x".repeat(65)),
        Check::Name => "\"\u{202e}x\"".to_owned(),
        _ => "\"x\"".to_owned(),
    }
}

/// All fields of a method, in the first spelling, with `value` for the one in that place.
fn members(fields: &[Field], place: usize, value: Option<&str>) -> String {
    let members = fields.iter().enumerate().filter_map(|(at, field)| {
        let value = if at == place { value.map(str::to_owned) } else { Some(good(field.check)) };
        Some(format!("\"{}\":{}", field.key, value?))
    });
    members.collect::<Vec<_>>().join(",")
}

/// The code that a call is answered for its fields; a card's are asked for by its kind.
fn refused(method: Method, members: &str, card: CardKind) -> i32 {
    match ask(method, members) {
        Ok(Asked { ask: Ask::Authentication(sent), .. }) => {
            sent.secrets.of(card).err().map_or(0, |refusal| refusal.code.number)
        }
        asked => code(asked),
    }
}

#[test]
fn each_field_is_checked_as_its_method_says() {
    let mut checked = 0;
    for method in Method::ALL {
        for card in [CardKind::Debit, CardKind::Credit] {
            let fields = method.takes();
            assert_eq!(refused(method, &members(fields, 99, None), card), 0, "{method:?}");
            for (place, field) in fields.iter().enumerate() {
                let is_of = |need| matches!(need, Need::Of(other) if other != card);
                let is_unused = is_of(field.need);
                let is_needed = !is_unused && field.need != Need::Optional;
                let missing = if is_needed { field.missing.number } else { 0 };
                let malformed = if is_unused { 0 } else { field.malformed.number };
                for (value, expected) in [
                    (None, missing),
                    (Some("null"), missing),
                    (Some("\"\""), missing),
                    (Some(bad(field.check).as_str()), malformed),
                    (Some("{}"), malformed),
                ] {
                    let members = members(fields, place, value);
                    let answered = refused(method, &members, card);
                    assert_eq!(answered, expected, "{method:?} {card:?} {members}");
                    checked += 1;
                }
            }
        }
    }
    assert!(checked > 250, "{checked}");
}

#[test]
fn what_every_call_carries_is_required() {
    for field in crate::rong360::COMMON {
        let call = |value: &str| {
            let common = COMMON.replacen(&format!("\"{}\":", field.key), value, 1);
            open(&format!(r#"{{"method":"{PREFIX}getLoginInfo","biz_data":{{{common}}}}}"#))
        };
        let refusal = call("\"renamed\":").expect_err(field.key);
        assert_eq!(refusal.code.number, 100_006);
        assert!(refusal.detail.is_some_and(|detail| detail.contains(field.key)), "{}", field.key);
        assert_eq!(code(call(&format!("\"{}\":\"\",\"x\":", field.key))), 100_006, "{}", field.key);
    }
}

#[test]
fn both_spellings_are_read_and_must_agree() {
    let authentication = Method::Authentication;
    let rest = members(&authentication.takes()[..8], 99, None);
    for (method, members, expected) in [
        (authentication, format!(r#"{rest},"cank_card":"6222021234567894""#), 0),
        (
            authentication,
            format!(r#"{rest},"cank_card":"6222021234567894","bank_card":"6222021234567894""#),
            0,
        ),
        (
            authentication,
            format!(r#"{rest},"cank_card":"6222021234567894","bank_card":"4392250000000008""#),
            100_006,
        ),
        (Method::SubmitOnlineAuth, r#""usnionpay_code":"Ab1","pic_code":"x""#.to_owned(), 0),
        (
            Method::SubmitOnlineAuth,
            r#""usnionpay_code":" AB1","unionpay_code":"ab1","pic_code":"x""#.to_owned(),
            0,
        ),
        (
            Method::SubmitOnlineAuth,
            r#""usnionpay_code":"ab2","unionpay_code":"ab1","pic_code":"x""#.to_owned(),
            100_006,
        ),
    ] {
        assert_eq!(code(ask(method, &members)), expected, "{members}");
    }
}

#[test]
fn what_is_left_out_has_its_default() {
    let asked = |method, members: &str| ask(method, members).expect(members).ask;
    assert!(matches!(asked(Method::PicCode, ""), Ask::PicCode(PicturePurpose::Login)));
    let register = asked(Method::PicCode, r#""type":1"#);
    assert!(matches!(register, Ask::PicCode(PicturePurpose::Register)));
    let Ask::VerifyMethod { login_name: None, purpose: Purpose::Apply } =
        asked(Method::VerifyMethod, "")
    else {
        panic!("the one who logged in, for an application");
    };
    assert!(matches!(asked(Method::MessageCode, ""), Ask::MessageCode { cellphone: None }));
    let Ask::Login(login) = asked(Method::Login, r#""login_name":" n ","password":" p ""#) else {
        panic!("a login");
    };
    assert_eq!(
        (login.login_name.expose().as_str(), login.password.expose().as_str()),
        ("n", " p ")
    );
    assert!(login.pic_code.is_none());
    for version in ["\"2.0\"", "2.0", "\"\""] {
        let members = format!(r#""message_code":" AbC123","version":{version}"#);
        let Ask::ViewReport { login_name: None, message_code } =
            asked(Method::ViewReport, &members)
        else {
            panic!("a report");
        };
        assert_eq!(message_code.expose(), "abc123");
    }
}

fn secrets(members: &str) -> CardSecrets {
    let rest = self::members(&Method::Authentication.takes()[..3], 99, None);
    let members = format!(r#"{rest},"message_code":12345,{members}"#);
    let Ok(Asked { ask: Ask::Authentication(sent), .. }) = ask(Method::Authentication, &members)
    else {
        panic!("{members}");
    };
    let Authentication { message_code, bank_card: None, card_kind: None, secrets, .. } = *sent
    else {
        panic!("nothing of the card was told");
    };
    assert_eq!(message_code.expose(), "012345");
    secrets
}

#[test]
fn numbers_get_their_leading_zeros_back_and_a_month_may_hold_the_year() {
    let credit = |members: &str| match secrets(members).of(CardKind::Credit) {
        Ok(CardAnswer::Credit { year, month, last_three }) => {
            Ok([year, month, last_three].map(|digits| digits.expose().clone()))
        }
        Ok(other) => panic!("{other:?}"),
        Err(refusal) => Err(refusal.code.number),
    };
    for (members, expected) in [
        (r#""year":27,"month":8,"last_three":12"#, Ok(["27", "08", "012"])),
        (r#""year":"27","month":"08","last_three":"012""#, Ok(["27", "08", "012"])),
        (r#""year":7,"month":12,"last_three":0"#, Ok(["07", "12", "000"])),
        (r#""month":"0827","last_three":"012""#, Ok(["27", "08", "012"])),
        (r#""month":827,"last_three":"012""#, Ok(["27", "08", "012"])),
        (r#""month":1227,"last_three":"012""#, Ok(["27", "12", "012"])),
        (r#""year":27,"month":"0827","last_three":"012""#, Err(508_301)),
        (r#""month":"08","last_three":"012""#, Err(508_200)),
        (r#""last_three":"012""#, Err(508_200)),
        (r#""year":2027,"month":"08","last_three":"012""#, Err(508_300)),
        (r#""year":"7","month":"08","last_three":"012""#, Err(508_300)),
        (r#""year":27,"month":"8","last_three":"012""#, Err(508_301)),
        (r#""year":27,"month":"08","last_three":"12""#, Err(508_302)),
        (r#""year":27,"month":"08","last_three":-1"#, Err(508_302)),
        (r#""year":27,"month":"08","last_three":"１２３""#, Err(508_302)),
    ] {
        let expected = expected.map(|digits| digits.map(str::to_owned));
        assert_eq!(credit(members), expected, "{members}");
    }
    assert_eq!(
        secrets(r#""month":"x""#).of(CardKind::Debit).err().map(|r| r.code.number),
        Some(100_006)
    );
    let Ok(CardAnswer::Debit { password }) = secrets(r#""password":"098765""#).of(CardKind::Debit)
    else {
        panic!("a password");
    };
    assert_eq!(password.expose(), "098765");
}

#[test]
fn what_is_secret_does_not_print() {
    let rest = members(Method::Authentication.takes(), 99, None);
    let authentication = ask(Method::Authentication, &rest).expect("sound");
    let login = ask(Method::Login, r#""login_name":"n","password":"hunter2","pic_code":"x9y8z7""#);
    let printed = format!("{authentication:?}{:?}", login.expect("sound"));
    for secret in ["a1b2c3", "p=+", "012\"", "hunter2", "x9y8z7", "张三", "6222", "138001", "u-1"]
    {
        assert!(!printed.contains(secret), "{secret}: {printed}");
    }
}
