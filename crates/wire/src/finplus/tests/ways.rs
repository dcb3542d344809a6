//! The same question, whichever way it is sent, has the same content; another has another.

use proptest::prelude::*;

use super::{FORM, JSON, Mine, letter, open};

#[test]
fn content_is_a_fixed_text() {
    let table = [
        (
            "idType=IMEI&idValue=860529038487085&reqId=a%22b",
            r#"["finplus.score",null,"imei:860529038487085","a\"b"]"#,
        ),
        (
            "id_type=1000001&id_value=ba05e270-9250-4346-8140-7c0942422fa3&req_id=r",
            r#"["finplus.score","1000001","idfa:BA05E270-9250-4346-8140-7C0942422FA3","r"]"#,
        ),
        (
            "idType=mobile_md5&idValue=71F1D9FCB1661CBB1D707521586E7DEA&reqId=r&appId=1000002",
            r#"["finplus.score","1000002","mobile_md5:71f1d9fcb1661cbb1d707521586e7dea","r"]"#,
        ),
    ];
    for (query, expected) in table {
        let question = open(query).question.expect("the query is a question");
        assert_eq!(question.content().expose(), expected);
    }
}

#[test]
fn each_parameter_counts() {
    let md5 = "71f1d9fcb1661cbb1d707521586e7dea";
    let asked = [
        format!("idType=mobile_md5&idValue={md5}&reqId=r"),
        format!("idType=mobile_md5&idValue={md5}&reqId=R"),
        format!("idType=mobile_md5&idValue={md5}&reqId=r&appId=1000001"),
        format!("idType=mobile_md5&idValue={md5}&reqId=r&appId=1000002"),
        format!("idType=mobile_sha256&idValue={md5}{md5}&reqId=r"),
        format!("idType=mobile_md5&idValue={}&reqId=r", md5.replace('7', "8")),
    ];
    let contents: std::collections::BTreeSet<String> = asked
        .iter()
        .map(|query| open(query).question.expect("a question").content().expose().clone())
        .collect();
    assert_eq!(contents.len(), asked.len());
}

#[derive(Clone, Debug)]
struct Way {
    /// For each parameter: snake case, and sent in the query even when there is a body.
    spelling: [(bool, bool); 4],
    body: Body,
    lower: bool,
    rotation: usize,
    content_type: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Body {
    None,
    Form,
    Json,
}

fn way() -> impl Strategy<Value = Way> {
    let body = prop::sample::select(vec![Body::None, Body::Form, Body::Json]);
    (any::<[(bool, bool); 4]>(), body, any::<bool>(), 0..4usize, any::<bool>()).prop_map(
        |(spelling, body, lower, rotation, content_type)| Way {
            spelling,
            body,
            lower,
            rotation,
            content_type,
        },
    )
}

fn encode(text: &str) -> String {
    let escape = |byte: u8| format!("%{byte:02x}");
    text.bytes().map(escape).collect()
}

/// What `values` (id type, id value, key, app id) come to when sent that way.
fn content(way: &Way, values: [&str; 4]) -> String {
    let names =
        [["idType", "id_type"], ["idValue", "id_value"], ["reqId", "req_id"], ["appId", "app_id"]];
    let mut sent: Vec<(bool, &str, String)> = (0..4)
        .map(|at| {
            let (snake, in_query) = way.spelling[at];
            let recased = at < 2 && way.lower;
            let value = if recased { values[at].to_lowercase() } else { values[at].to_owned() };
            (in_query || way.body == Body::None, names[at][usize::from(snake)], value)
        })
        .collect();
    sent.rotate_left(way.rotation);
    let encoded = |in_query: bool| {
        let pairs = sent.iter().filter(|(query, ..)| *query == in_query);
        pairs
            .map(|(_, name, value)| format!("{name}={}", encode(value)))
            .collect::<Vec<_>>()
            .join("&")
    };
    let members = sent.iter().filter(|(query, ..)| !query);
    let (kind, body) = match way.body {
        Body::None => (FORM, String::new()),
        Body::Form => (FORM, encoded(false)),
        Body::Json => {
            let members: Vec<_> =
                members.map(|(_, name, value)| format!("{name:?}:{}", quote(value))).collect();
            (JSON, format!("{{{}}}", members.join(",")))
        }
    };
    let headers = [("content-type", kind)];
    let headers = if way.content_type { &headers[..] } else { &[] };
    let opened = letter(&encoded(true), headers, body.as_bytes()).open(&Mine);
    let question = opened.question.expect("every way is a way");
    assert_eq!(opened.echo.as_deref(), Some(values[2]));
    question.content().expose().clone()
}

fn quote(text: &str) -> String {
    serde_json::to_string(text).expect("text serialises")
}

proptest! {
    #[test]
    fn every_way_has_the_same_content(
        way in way(),
        other in way(),
        key in "[ -~]{1,64}",
        id in prop::sample::select(vec![
            ("imei", "860529038487085"),
            ("IDFA", "BA05E270-9250-4346-8140-7C0942422FA3"),
            ("mobile_MD5", "71F1D9FCB1661CBB1D707521586E7DEA"),
        ]),
        app in prop::sample::select(vec!["", "1000001", "1000002"]),
    ) {
        let values = [id.0, id.1, &key, app];
        prop_assert_eq!(content(&way, values), content(&other, values));
    }

    #[test]
    fn nothing_that_is_sent_makes_the_letter_panic(
        query in any::<String>(),
        body in prop::collection::vec(any::<u8>(), 0..200),
        kind in prop::sample::select(vec![FORM, JSON, "", "text/xml"]),
        authorization in any::<String>(),
    ) {
        let headers = [("content-type", kind), ("authorization", authorization.as_str())];
        let letter = letter(&query, &headers, &body);
        let _ = letter.credential();
        let _ = letter.open(&Mine);
    }
}
