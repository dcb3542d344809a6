//! The forms that `next` gives (`rong360.md`, Forms), made of the fields that are checked when
//! they come back.

use domain::merchant::FieldTypes;
use domain::session::credit::{CardKind, Question};
use serde::Serialize;

use super::fields::{Field, FieldKind, Method, Need, Refresh, Shown};

/// What the borrower is asked next, and by which method the answers come.
#[derive(Serialize)]
pub(super) struct Next<'a> {
    method: &'static str,
    param: Vec<Param<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hidden: Vec<Hidden<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    times: Option<u32>,
}

#[derive(Serialize)]
pub(super) struct Param<'a> {
    title: &'a str,
    hint: &'static str,
    r#type: u8,
    key: &'static str,
    value: &'a str,
    options: Vec<Choice<'a>>,
    #[serde(flatten)]
    refresh: Option<Refreshed>,
}

/// One answer that can be chosen.
#[derive(Serialize)]
struct Choice<'a> {
    title: &'a str,
    value: usize,
}

/// What fetches an entry anew.
#[derive(Serialize)]
struct Refreshed {
    #[serde(rename = "refreshMethod")]
    method: &'static str,
    #[serde(rename = "refreshParam")]
    parameters: Vec<RefreshParam>,
}

#[derive(Serialize)]
struct RefreshParam {
    value: RefreshValue,
    key: &'static str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum RefreshValue {
    Number(u8),
    Typed(&'static str),
}

/// What the client sends along unseen.
#[derive(Serialize)]
struct Hidden<'a> {
    key: &'static str,
    value: &'a str,
}

/// A way to prove oneself, of [`rules`].
#[derive(Serialize)]
pub(super) struct Rule<'a> {
    title: &'static str,
    id: u8,
    next: Next<'a>,
}

/// The form that asks for a method's fields.
pub(super) fn form<'a>(method: Method, types: FieldTypes) -> Next<'a> {
    next(method, params(method, types))
}

/// A, for a card of this kind; what is known of it already stands in `hidden`.
pub(super) fn card<'a>(
    kind: CardKind,
    hidden: [(&'static str, &'a str); 3],
    types: FieldTypes,
) -> Next<'a> {
    let is_asked = |field: &&Field| !matches!(field.need, Need::Of(other) if other != kind);
    let fields = Method::Authentication.takes().iter().filter(is_asked);
    let params = fields.filter_map(|field| param(field, types)).collect();
    let hidden = hidden.map(|(key, value)| Hidden { key, value }).into();
    Next { hidden, ..next(Method::Authentication, params) }
}

/// U, with the code filled in.
pub(super) fn unionpay(code: &str, types: FieldTypes) -> Next<'_> {
    let mut form = form(Method::SubmitOnlineAuth, types);
    if let Some(param) = form.param.first_mut() {
        param.value = code;
    }
    form
}

/// Q.
pub(super) fn questions(questions: &[Question; 5], types: FieldTypes) -> Next<'_> {
    let mut form = form(Method::SubmitQuestion, types);
    for (param, Question { title, options }) in form.param.iter_mut().zip(questions) {
        param.title = title;
        param.options = (1..).zip(options).map(|(value, title)| Choice { title, value }).collect();
    }
    form
}

/// F, which is also given without its method.
pub(super) fn params<'a>(method: Method, types: FieldTypes) -> Vec<Param<'a>> {
    method.takes().iter().filter_map(|field| param(field, types)).collect()
}

/// The method to ask again after so many seconds, and how often.
pub(super) fn wait<'a>(method: Method, interval_s: u32, times: u32) -> Next<'a> {
    Next { interval: Some(interval_s), times: Some(times), ..next(method, Vec::new()) }
}

/// V.
pub(super) fn rules<'a>(types: FieldTypes) -> [Rule<'a>; 2] {
    let with_notes = |method, notes: &[(&'static str, FieldKind, &'static str)]| {
        let mut form = form(method, types);
        form.param.extend(notes.iter().map(|(title, kind, key)| {
            let shown = Shown { title, hint: "", kind: *kind, refresh: None };
            shown_param(key, &shown, types)
        }));
        form
    };
    [
        Rule { title: "银联验证", id: 2, next: with_notes(Method::ValidateCard, &CARD_NOTES) },
        Rule { title: "问题验证", id: 1, next: with_notes(Method::Question, &QUESTION_NOTES) },
    ]
}

/// Section 1.1.4, to the letter: its keys, one of them twice, and its punctuation.
const CARD_NOTES: [(&str, FieldKind, &str); 3] = [
    ("银行卡身份验证功能支持的银行卡清单如下：", FieldKind::Heading, "card_list"),
    (
        "信用卡(贷记卡)：工商银行、农业银行、中国银行、建设银行、交通银行、招商银行、光大银行、兴业银行、\
         浦发银行、平安银行、上海银行、北京银行、华夏银行、中信银行、民生银行、广发银行",
        FieldKind::Note,
        "credit_card",
    ),
    (
        "储蓄卡(借记卡): 工商银行、农业银行、中国银行、建设银行、交通银行、邮储银行、光大银行、兴业银行、\
         浦发银行、平安银行、上海银行、北京银行、华夏银行、中信银行、广发银行",
        FieldKind::Note,
        "bank_card",
    ),
];
const QUESTION_NOTES: [(&str, FieldKind, &str); 2] = [
    ("特别提示", FieldKind::Heading, "title"),
    (
        "问题验证方式为中国人民银行提供的低级别验证方式, 验证失败的概率较高, \
         建议使用银联认证的方式进行认证, 提高身份验证的成功率, 继续使用问题验证请点击下一步",
        FieldKind::Note,
        "label",
    ),
];

fn next(method: Method, param: Vec<Param<'_>>) -> Next<'_> {
    Next { method: method.name(), param, hidden: Vec::new(), interval: None, times: None }
}

fn param<'a>(field: &Field, types: FieldTypes) -> Option<Param<'a>> {
    field.shown.as_ref().map(|shown| shown_param(field.key, shown, types))
}

fn shown_param(key: &'static str, shown: &Shown, types: FieldTypes) -> Param<'static> {
    let parameter = |(key, value): (&'static str, Option<u8>)| RefreshParam {
        value: value.map_or(RefreshValue::Typed(""), RefreshValue::Number),
        key,
    };
    let refreshed = |Refresh { method, parameter: one }: Refresh| Refreshed {
        method: method.name(),
        parameters: one.into_iter().map(parameter).collect(),
    };
    Param {
        title: shown.title,
        hint: shown.hint,
        r#type: shown.kind.number(types),
        key,
        value: "",
        options: Vec::new(),
        refresh: shown.refresh.map(refreshed),
    }
}
