//! Policies and the steps of their life, for operators.

use super::operators::ROLES;
use super::v1::{TOKENS, UNTOKENED, refused};
use super::{Description, Documented, Field, Kind, Media, Place, answer, field, text};

const NAME: Field = field("name", "the policy", "策略名称").example("consumer-credit");
const VERSION: Field = field("version", "1, 2, 3 …", "版本").of(Kind::Integer).example("2");
const STATE: Field = field("state", "where it is in its life", "状态").one_of(&[
    "draft",
    "signed-off",
    "shadow",
    "challenger",
    "live",
    "retired",
]);
const SHARE: Field =
    field("share", "percent that a challenger decides", "挑战者占比").of(Kind::Integer).nullable();

/// What every version is shown with.
macro_rules! version {
    ($($more:expr)?) => {
        &[
            NAME,
            VERSION,
            STATE,
            SHARE,
            field("sha256", "of the canonical document", "哈希").pattern("^[0-9a-f]{64}$"),
            field("author", "who added it", "作者"),
            field("created_at", "when", "创建时间"),
            field("signer", "who signed it off", "签批人").nullable(),
            field("signed_at", "when", "签批时间").nullable(),
            field("live_at", "since when it decides, or decided last", "上线时间").nullable(),
            field("fault", "why it cannot be used", "不可用原因").nullable(),
            $($more)?
        ]
    };
}

const SUMMARY: &[Field] = version!();
const WHOLE: &[Field] = version!(field("document", "the policy", "策略文档").of(Kind::Map));

const OF_VERSION: &[Documented] =
    &[refused(404, "not_found", "there is no such version or step", "版本或操作不存在")];
const STEPS: &[Documented] = &[refused(
    409,
    "not_possible",
    "not as things stand: four eyes, its state, a byte that was changed",
    "当前不可执行：须第二人签批、状态不符或文档被改动",
)];

pub(crate) const LIST: Description = Description {
    summary: text("All versions of all policies", "策略列表"),
    takes: &[],
    bodies: &[],
    answers: &[
        &[answer(200, "ok", "by name and version", "策略列表").json(&[field(
            "policies",
            "all of them",
            "策略",
        )
        .of(Kind::Objects(SUMMARY))])],
        UNTOKENED,
        TOKENS,
        ROLES,
    ],
};

pub(crate) const ADD: Description = Description {
    summary: text("Add a policy as the next version of its name, a draft", "新增策略草稿"),
    takes: &[
        field("format", "probity-policy/1", "格式").example("probity-policy/1"),
        NAME,
        field("rules", "and all else that docs/policy.md tells of", "规则等")
            .of(Kind::Objects(&[]))
            .optional(),
    ],
    bodies: &[Media::Json],
    answers: &[
        &[
            answer(201, "created", "a draft", "已新增").json(&[NAME, VERSION, STATE]),
            refused(415, "unsupported_media_type", "packed in an unknown way", "压缩方式不支持"),
            refused(422, "invalid_policy", "error.faults says what is wrong", "策略有误"),
        ],
        UNTOKENED,
        TOKENS,
        ROLES,
    ],
};

pub(crate) const SHOW: Description = Description {
    summary: text("One version with its document", "策略版本详情"),
    takes: &[NAME.at(Place::Path), VERSION.at(Place::Path)],
    bodies: &[],
    answers: &[
        &[answer(200, "ok", "the version", "版本").json(WHOLE)],
        OF_VERSION,
        UNTOKENED,
        TOKENS,
        ROLES,
    ],
};

pub(crate) const STEP: Description = Description {
    summary: text(
        "Sign off, shadow, challenge, promote or retire a version",
        "签批、影子运行、挑战、上线或下线",
    ),
    takes: &[
        NAME.at(Place::Path),
        VERSION.at(Place::Path),
        field("step", "what to do", "操作")
            .at(Place::Path)
            .one_of(&["sign-off", "shadow", "challenge", "promote", "retire"])
            .example("sign-off"),
        field("share", "of challenge: percent", "挑战者占比")
            .of(Kind::Integer)
            .at(Place::Query)
            .limits(1, 50)
            .optional(),
    ],
    bodies: &[],
    answers: &[
        &[answer(200, "ok", "the version as it is now", "版本").json(WHOLE)],
        STEPS,
        OF_VERSION,
        UNTOKENED,
        TOKENS,
        ROLES,
    ],
};

pub(crate) const ROLLBACK: Description = Description {
    summary: text("Put the version before back in the place of the live one", "回滚"),
    takes: &[NAME.at(Place::Path)],
    bodies: &[],
    answers: &[
        &[answer(200, "ok", "it decides within a second", "已回滚").json(&[NAME, VERSION, STATE])],
        STEPS,
        UNTOKENED,
        TOKENS,
        ROLES,
    ],
};
