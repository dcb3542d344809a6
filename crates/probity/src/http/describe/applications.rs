//! Applications and reviews, in words.

use super::Class::C2;
use super::operators::ROLES;
use super::v1::{COMMON, TOKENS, UNTOKENED, refused};
use super::{Description, Documented, Field, Kind, Media, Place, answer, field, text};

const OPEN_ID: Field = field("open_id", "the application, as the face gave it", "进件编号")
    .at(Place::Path)
    .pattern("^[0-9a-f]{32}$");

const ABSENT: &[Documented] =
    &[refused(404, "not_found", "there is no such application", "进件不存在")];
const NOT_POSSIBLE: &[Documented] = &[refused(
    409,
    "not_possible",
    "not as things stand: final, not decided, proposed by you",
    "当前不可执行：已终审、未决策或须由他人复核",
)];

const TOLD: &[Field] = &[
    field("open_id", "the application", "进件编号"),
    field("order_id", "your own number of it", "订单号"),
    field("at", "when it came", "提交时间"),
    field("state", "where it is", "状态").one_of(&["waiting", "in_review", "approved", "rejected"]),
    field("decided_by", "policy or people, once it is final", "终审方").nullable(),
    field("policy", "name, version and SHA-256 of the policy", "策略").of(Kind::Map).nullable(),
    field("reasons", "rules with their texts, basis and what they saw", "原因")
        .of(Kind::Map)
        .class(C2)
        .nullable(),
    field("score", "the model's score and what made it", "模型分")
        .of(Kind::Map)
        .class(C2)
        .nullable(),
    field(
        "after_override",
        "the application whose refusal was overturned: people look at this one for that",
        "因该进件申诉成立而转人工",
    )
    .nullable(),
    field("nearest", "what would have changed it: fields, from, to", "最近可通过的改变")
        .of(Kind::Map)
        .class(C2)
        .nullable(),
    field("appeal", "the person's objection: at, outcome, resolved_at", "申诉")
        .of(Kind::Map)
        .nullable(),
];

pub(crate) const SHOW: Description = Description {
    summary: text("Why an application came out so, and what would have changed it", "审核结果说明"),
    takes: &[OPEN_ID],
    bodies: &[],
    answers: &[&[answer(200, "ok", "the account", "说明").json(TOLD)], COMMON, ABSENT],
};

pub(crate) const APPEAL: Description = Description {
    summary: text("Hand in a person's objection to a refusal", "提交申诉"),
    takes: &[
        OPEN_ID,
        field("words", "the person's own, 1 to 2,000 characters", "申诉内容").class(C2),
    ],
    bodies: &[Media::Form, Media::Json],
    answers: &[
        &[answer(201, "created", "people will look at it", "已受理").json(&[OPEN_ID_GIVEN])],
        COMMON,
        ABSENT,
        NOT_POSSIBLE,
    ],
};

const OPEN_ID_GIVEN: Field = field("open_id", "the application", "进件编号");

pub(crate) const REVIEWS: Description = Description {
    summary: text("What waits for people, oldest first", "待复核列表"),
    takes: &[],
    bodies: &[],
    answers: &[
        &[answer(200, "ok", "at most 500", "列表").json(&[field(
            "reviews",
            "applications without a word about the person",
            "进件",
        )
        .of(Kind::Objects(&[
            OPEN_ID_GIVEN,
            field("merchant", "whose", "商户"),
            field("order_id", "its number", "订单号"),
            field("at", "when it came", "提交时间"),
            field("state", "in_review, or rejected and appealed", "状态"),
            field("needs_people", "true", "待人工").of(Kind::Boolean),
        ]))])],
        UNTOKENED,
        TOKENS,
        ROLES,
    ],
};

pub(crate) const REVIEW: Description = Description {
    summary: text("All that was decided on an application, masked, or in the clear", "复核详情"),
    takes: &[
        OPEN_ID,
        field("reason", "why you look at it in the clear; it is noted", "查看明文的理由")
            .at(Place::Query)
            .optional()
            .class(C2),
    ],
    bodies: &[],
    answers: &[
        &[answer(200, "ok", "the whole account", "详情").json(&[
            OPEN_ID_GIVEN,
            field("course", "where it is and who did what", "流程").of(Kind::Map).class(C2),
            field("decisions", "the records of all policies", "决策").of(Kind::Map).class(C2),
            field("is_masked", "whether the person's values and all words are left out", "已脱敏")
                .of(Kind::Boolean),
        ])],
        UNTOKENED,
        TOKENS,
        ROLES,
        ABSENT,
    ],
};

const MOVED: &[Documented] = &[answer(200, "ok", "done", "已完成").json(&[OPEN_ID_GIVEN])];

pub(crate) const PROPOSE: Description = Description {
    summary: text("Propose what becomes of an application or an appeal", "提出复核意见"),
    takes: &[
        OPEN_ID,
        field("verdict", "what becomes of it", "结论").one_of(&["approve", "reject"]),
        field("reason", "why, 1 to 2,000 characters", "理由").class(C2),
    ],
    bodies: &[Media::Form, Media::Json],
    answers: &[MOVED, UNTOKENED, TOKENS, ROLES, ABSENT, NOT_POSSIBLE],
};

pub(crate) const ANSWER: Description = Description {
    summary: text("Agree with another operator's proposal, or turn it down", "复核意见审批"),
    takes: &[OPEN_ID, field("agrees", "yes or no", "是否同意").one_of(&["yes", "no"])],
    bodies: &[Media::Form, Media::Json],
    answers: &[MOVED, UNTOKENED, TOKENS, ROLES, ABSENT, NOT_POSSIBLE],
};
