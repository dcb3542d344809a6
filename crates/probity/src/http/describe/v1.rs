//! The native surface in words.

use super::Class::C2;
use super::{
    Body, Description, Documented, FaceDescription, Field, Kind, Media, Place, Scheme, answer,
    field, text,
};

pub(crate) const FACE: FaceDescription = FaceDescription {
    name: text("Native surface", "原生接口"),
    authentication: text(
        "A token that the operator issues, as a bearer. One of the scope ingest may write what is \
         known of persons, one of the scope files hand in their files. Operators sign in under \
         /v1/operators and send the token that they get. A refusal has a JSON \
         body: error.code to program by, error.message to read, error.field where one is wrong.",
        "运营方签发的令牌（Bearer）；写入个人数据需 ingest 权限，\
         提交个人账单需 files 权限。操作员在 /v1/operators 登录后使用所得令牌。拒绝时返回 JSON：error.code 供程序判断，\
         error.message 供阅读，error.field 为出错字段。",
    ),
    schemes: &[Scheme {
        headers: &["Authorization"],
        about: text("`Bearer <token>`", "`Bearer <token>`"),
    }],
    headers: &[
        field("X-Biz-Code", "ok, accepted or the error's code", "ok、accepted 或错误码"),
        field("Retry-After", "on a 429 or 503: seconds to wait", "429、503 时应等待的秒数")
            .optional(),
        field("X-Next-Row", "from where to ask for more rows", "下一次查询的起始行").optional(),
    ],
};

const ERROR: &[Field] = &[field("error", "what is wrong", "错误").of(Kind::Object(&[
    field("code", "to program by", "错误码").example("invalid"),
    field("message", "to read", "说明"),
    field("field", "which parameter", "出错字段").optional(),
]))];

pub(super) const fn refused(
    status: u16,
    code: &'static str,
    en: &'static str,
    zh: &'static str,
) -> Documented {
    answer(status, code, en, zh).json(ERROR)
}

/// What every route of this surface can say.
pub(super) const COMMON: &[Documented] = &[
    INVALID,
    TOKEN_MISSING,
    TOKEN_UNKNOWN,
    METHOD,
    TIMEOUT,
    TOO_LARGE,
    refused(429, "rate_exceeded", "too many requests in a second", "超过流控"),
    INTERNAL,
    OVERLOADED,
];
/// What a route for operators can say, whoever asks; they have no rate.
pub(super) const UNTOKENED: &[Documented] =
    &[INVALID, METHOD, TIMEOUT, TOO_LARGE, INTERNAL, OVERLOADED];
/// Besides, where a token is asked for.
pub(super) const TOKENS: &[Documented] = &[TOKEN_MISSING, TOKEN_UNKNOWN];

const INVALID: Documented = refused(
    400,
    "invalid",
    "a parameter is wrong, or the body broke off",
    "参数错误或请求体不完整",
);
const TOKEN_MISSING: Documented = refused(401, "token_missing", "no token", "缺少令牌");
const TOKEN_UNKNOWN: Documented =
    refused(401, "token_unknown", "the token is not known or over", "令牌无效或已过期");
const METHOD: Documented =
    refused(405, "method_not_allowed", "another method than the one listed", "请求方法错误");
const TIMEOUT: Documented = refused(408, "timeout", "the body came too slowly", "请求体接收超时");
const TOO_LARGE: Documented = refused(413, "too_large", "the body is too large", "请求体过大");
const INTERNAL: Documented = refused(500, "internal", "ours; try again", "系统错误");
const OVERLOADED: Documented =
    refused(503, "overloaded", "nothing was begun; see Retry-After", "服务繁忙，稍后重试");

const TABLES: &[Documented] = &[
    refused(415, "unsupported_media_type", "none of the kinds of body", "请求体类型不支持"),
    refused(422, "invalid_table", "a column is missing, or nothing can be read", "表格无法读取"),
];
const INGEST: &[Documented] =
    &[refused(403, "not_allowed", "the token has not the scope ingest", "令牌无 ingest 权限")];
const OF_BATCH: &[Documented] =
    &[refused(404, "not_found", "you have no such batch, or no longer", "批次不存在")];

const ROWS: &[Media] = &[Media::Csv, Media::JsonRows, Media::JsonLines];

const LOADED: &[Documented] =
    &[answer(200, "ok", "the good rows are kept", "有效行已保存").json(&[
        field("rows", "rows read", "总行数").of(Kind::Integer).example("2"),
        field("loaded", "rows kept", "成功行数").of(Kind::Integer).example("1"),
        field("bad_count", "rows not kept", "失败行数").of(Kind::Integer).example("1"),
        field("bad", "the first hundred of them", "失败行（前一百）").of(Kind::Objects(&[
            field("row", "line, or element of the array, from 1", "行号").of(Kind::Integer),
            field("field", "the column; empty: the row as a whole", "字段"),
            field("message", "what it must be", "原因"),
        ])),
    ])];

const fn loads(summary: super::Text, takes: &'static [Field]) -> Description {
    Description { summary, takes, bodies: ROWS, answers: &[LOADED, COMMON, INGEST, TABLES] }
}

pub(crate) const IDS: Description = loads(
    text("Say which id belongs to which person", "导入 id 与信息主体的对应关系"),
    &[
        field("id_type", "the kind of id", "id 类型")
            .one_of(&["imei", "idfa", "mobile_md5", "mobile_sha256"])
            .example("imei"),
        field("id_value", "the id", "id 值").class(C2).example("860529038487085"),
        field("subject", "your name of the person", "信息主体编号")
            .class(C2)
            .limits(1, 128)
            .example("customer-17"),
    ],
);

pub(crate) const BEHAVIOURS: Description = loads(
    text("Say what is known of persons", "导入信息主体的行为数据"),
    &[
        field("subject", "your name of the person", "信息主体编号")
            .class(C2)
            .limits(1, 128)
            .example("customer-17"),
        field("kind", "the source or data set", "数据来源").limits(1, 128).example("loan"),
        field("name", "what was observed", "名称").limits(1, 128).example("days_past_due"),
        field("at", "when: RFC 3339, or s, ms since 1970", "时间").example("2026-11-21T00:00:00Z"),
        field("value", "a number or a category", "取值").class(C2).limits(1, 128).example("0"),
    ],
);

const APP: &[Field] = &[
    field("app_id", "the application", "应用 id").example("1000001"),
    field("calls", "answers of codes 0, 108 and 109", "结果数").of(Kind::Integer),
    field("codes", "how often nothing could be said", "无结果的返回码").of(Kind::Objects(&[
        field("code", "108 or 109", "返回码").of(Kind::Integer),
        field("calls", "how many", "次数").of(Kind::Integer),
        field("percent", "share of the calls", "占比").of(Kind::Number),
        field("usual_percent", "up to which the document calls it usual", "文档给出的上限")
            .of(Kind::Number),
        field("alarm", "whether it is more than usual", "是否告警").of(Kind::Boolean),
    ])),
];

pub(crate) const COVERAGE: Description = Description {
    summary: text("How your applications did in the last 24 hours", "应用近 24 小时的覆盖率"),
    takes: &[],
    bodies: &[],
    answers: &[
        &[answer(200, "ok", "by application", "按应用").json(&[
            field("hours", "the window", "统计时长").of(Kind::Integer),
            field("calls_needed", "fewer calls raise no alarm", "告警所需的最少次数")
                .of(Kind::Integer),
            field("apps", "yours", "应用列表").of(Kind::Objects(APP)),
        ])],
        COMMON,
    ],
};

const BATCH: &[Field] = &[
    field("batch_id", "our number of the run", "批次编号")
        .pattern("^[0-9a-f]{32}$")
        .example("0f2c8a6e5b7d4913a1c0ffee12345678"),
    field("app_id", "the application", "应用 id").example("1000001"),
    field("state", "what it is doing", "状态").one_of(&["loading", "running", "done"]),
    field("rows", "rows taken in", "总行数").of(Kind::Integer),
    field("rows_done", "rows that came to a code", "已完成行数").of(Kind::Integer),
    field("codes", "rows by code", "各返回码的行数").of(Kind::Map),
    field("created_at", "when it was taken in", "创建时间"),
    field("ended_at", "when it was done", "完成时间").nullable(),
    field("billed", "calls billed, from the journal", "计费次数").of(Kind::Integer).nullable(),
    field("amount", "their price, in 1/10,000 fen", "金额（万分之一分）")
        .of(Kind::Integer)
        .nullable(),
];

const ID: Field =
    field("batch_id", "the run", "批次编号").at(Place::Path).pattern("^[0-9a-f]{32}$");

pub(crate) const BATCHES: Description = Description {
    summary: text("Have a table of ids scored", "批量查询信用分"),
    takes: &[
        field("app_id", "the application; without it your default one", "应用 id")
            .at(Place::Query)
            .optional()
            .example("1000001"),
        field(
            "name",
            "your name of the run: the same again is not billed again",
            "批次名称，防重复",
        )
        .at(Place::Query)
        .limits(1, 64)
        .optional()
        .example("2026-11"),
        field("id_value", "the id", "id 值").class(C2).example("860529038487085"),
        field("id_type", "the kind; without it, told by the id's form", "id 类型").optional(),
    ],
    bodies: ROWS,
    answers: &[
        &[
            answer(202, "accepted", "taken in; ask for its state", "已受理").json(BATCH),
            refused(403, "not_entitled", "the application is not yours", "未开通该应用"),
            refused(409, "name_reused", "the name stands for other rows", "批次名称已用于其他数据"),
        ],
        COMMON,
        TABLES,
    ],
};

pub(crate) const STATE: Description = Description {
    summary: text("How far a batch is, and its bill", "批次状态与账单"),
    takes: &[ID],
    bodies: &[],
    answers: &[&[answer(200, "ok", "its state", "状态").json(BATCH)], OF_BATCH, COMMON],
};

pub(crate) const RESULT: Description = Description {
    summary: text("What came of a batch's rows, for 72 hours", "批次结果（保留 72 小时）"),
    takes: &[
        ID,
        field("from", "the first row wanted", "起始行")
            .at(Place::Query)
            .of(Kind::Integer)
            .optional()
            .example("1"),
    ],
    bodies: &[],
    answers: &[
        &[
            answer(200, "ok", "row, id_type, id_value, code, score, tags", "结果表")
                .body(Body::Text("text/csv")),
            refused(409, "not_done", "rows are left to be scored", "尚未完成"),
        ],
        OF_BATCH,
        COMMON,
    ],
};

const CALLBACK_ID: Field =
    field("callback_id", "the callback", "回调编号").pattern("^[0-9a-f]{32}$");

const CALLBACK: &[Field] = &[
    CALLBACK_ID,
    field("state", "what it is doing", "状态").one_of(STATES),
    field("reason", "of a dead one: how its last attempt ended", "失败原因").nullable(),
    field("fields", "what you are told", "回调内容").of(Kind::Map).class(C2),
    field("url", "where", "回调地址"),
    field("reference", "what it is about: a session, a call", "关联编号").nullable(),
    field("test", "whether it was sent to try your receiver", "是否为测试").of(Kind::Boolean),
    field("created_at", "when it was made", "创建时间"),
    field("due_at", "when it is tried next", "下次发送时间").nullable(),
    field("ended_at", "when it was delivered or given up", "结束时间").nullable(),
    field("attempts", "each attempt", "发送记录").of(Kind::Objects(&[
        field("number", "from 1", "序号").of(Kind::Integer),
        field("at", "when it began", "开始时间"),
        field("took_ms", "how long it took", "耗时（毫秒）").of(Kind::Integer).nullable(),
        field("outcome", "acknowledged, other_body, status_500, late …", "结果").nullable(),
    ])),
];

const STATES: &[&str] = &["due", "delivered", "dead", "not_registered"];

pub(crate) const CALLBACKS: Description = Description {
    summary: text("Your callbacks, newest first, a hundred at a time", "回调列表"),
    takes: &[
        field("state", "only those of this state", "状态")
            .at(Place::Query)
            .one_of(STATES)
            .optional()
            .example("dead"),
        field("before", "only those before this callback_id", "起始编号")
            .at(Place::Query)
            .pattern("^[0-9a-f]{32}$")
            .optional(),
    ],
    bodies: &[],
    answers: &[
        &[answer(200, "ok", "a page of them", "回调列表").json(&[
            field("callbacks", "yours", "回调").of(Kind::Objects(CALLBACK)),
            field("next_before", "as `before`: the next page", "下一页起始编号").nullable(),
        ])],
        COMMON,
    ],
};

pub(crate) const REPLAY: Description = Description {
    summary: text("Have a callback that ended sent again", "重新发送回调"),
    takes: &[CALLBACK_ID.at(Place::Path)],
    bodies: &[],
    answers: &[
        &[
            answer(202, "accepted", "it is due again", "已受理").json(&[CALLBACK_ID]),
            refused(404, "not_found", "you have no such callback, or no longer", "回调不存在"),
            refused(409, "not_ended", "it is still tried by itself", "尚未结束"),
        ],
        COMMON,
    ],
};
