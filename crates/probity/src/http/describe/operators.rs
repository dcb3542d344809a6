//! What operators sign in with, and what they are shown of what was done.

use super::Class::C3;
use super::v1::{TOKENS, UNTOKENED, refused};
use super::{Description, Documented, Field, Kind, Media, Place, answer, field, text};

/// Besides, where a role is asked for.
pub(super) const ROLES: &[Documented] =
    &[refused(403, "not_permitted", "your roles do not let you", "角色无此权限")];

const WHO: &[Field] = &[
    field("name", "the operator", "操作员").example("risk-1"),
    field("roles", "admin, risk, support, auditor", "角色").of(Kind::Texts),
    field("permissions", "what the roles let you do", "权限").of(Kind::Texts),
];

const SIGNED_IN: &[Field] = &[
    field("name", "the operator", "操作员").example("risk-1"),
    field("roles", "admin, risk, support, auditor", "角色").of(Kind::Texts),
    field("permissions", "what the roles let you do", "权限").of(Kind::Texts),
    field("token", "to be sent as a bearer", "令牌").class(C3),
    field("ends_at", "until when the token holds", "令牌有效期"),
];

pub(crate) const SIGN_IN: Description = Description {
    summary: text("Sign in with name, password and one-time code", "操作员登录"),
    takes: &[
        field("name", "the operator", "操作员").example("risk-1"),
        field("password", "the password", "密码").class(C3).limits(12, 128),
        field("code", "the six digits that your authenticator shows", "动态口令")
            .class(C3)
            .pattern("^[0-9]{6}$"),
    ],
    bodies: &[Media::Json, Media::Form],
    answers: &[
        &[
            answer(200, "ok", "a token that holds for 12 hours", "登录成功").json(SIGNED_IN),
            refused(
                401,
                "sign_in_failed",
                "they do not go together, or were tried too often",
                "名称、密码、口令不符，或尝试过多",
            ),
        ],
        UNTOKENED,
    ],
};

pub(crate) const SIGN_OUT: Description = Description {
    summary: text("End the token now", "操作员退出"),
    takes: &[],
    bodies: &[],
    answers: &[
        &[answer(200, "ok", "it stands for nobody any more", "已退出").json(&[field(
            "signed_out",
            "always true",
            "已退出",
        )
        .of(Kind::Boolean)])],
        UNTOKENED,
        TOKENS,
    ],
};

pub(crate) const ME: Description = Description {
    summary: text("Who you are and what you may do", "当前操作员"),
    takes: &[],
    bodies: &[],
    answers: &[&[answer(200, "ok", "you", "当前操作员").json(WHO)], UNTOKENED, TOKENS],
};

const NOTE: &[Field] = &[
    field("seq", "from 1, without a gap", "序号").of(Kind::Integer),
    field("at", "when", "时间"),
    field("actor", "who", "操作者").example("risk-1"),
    field("action", "what was done", "操作").example("policy.sign-off"),
    field("target", "to what", "对象").example("consumer-credit 2"),
    field("detail", "more, by action", "详情").of(Kind::Map),
    field("hash", "SHA-256 of the note and the one before", "哈希").pattern("^[0-9a-f]{64}$"),
];

pub(crate) const LOG: Description = Description {
    summary: text("The audit log, newest first, a hundred at a time", "审计日志"),
    takes: &[
        field("before", "only notes before this number", "起始序号")
            .at(Place::Query)
            .of(Kind::Integer)
            .optional(),
        field("target", "only notes about this", "对象")
            .at(Place::Query)
            .optional()
            .example("consumer-credit 2"),
    ],
    bodies: &[],
    answers: &[
        &[answer(200, "ok", "a page of it", "审计日志").json(&[
            field("notes", "what was done", "记录").of(Kind::Objects(NOTE)),
            field("next_before", "as `before`: the next page", "下一页起始序号")
                .of(Kind::Integer)
                .nullable(),
        ])],
        UNTOKENED,
        TOKENS,
        ROLES,
    ],
};
