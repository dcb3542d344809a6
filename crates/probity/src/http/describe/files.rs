//! Persons' files and the reports on bank data, in words.

use super::Class::C2;
use super::v1::{COMMON, refused};
use super::{Description, Documented, Field, Kind, Media, Place, answer, field, text};

const BAD: &[Field] = &[
    field("line", "of the file, from 1", "行号").of(Kind::Integer),
    field("field", "the column as the file calls it; empty: the whole line", "列名"),
    field("message", "what it must be", "原因"),
];

const ASIDE: &[Field] = &[
    field("reason", "not_paid: no money moved; no_direction: it is not said which way", "原因")
        .one_of(&["not_paid", "no_direction"]),
    field("count", "rows", "行数").of(Kind::Integer),
    field("lines", "the first hundred, a list of numbers", "行号（前一百）").of(Kind::Map),
];

const DISAGREEMENT: &[Field] = &[
    field("what", "which statement", "项目").one_of(&[
        "rows",
        "income_count",
        "income_sum",
        "spending_count",
        "spending_sum",
        "neutral_count",
        "neutral_sum",
        "balance",
        "holder",
    ]),
    field("line", "where, when it is one line", "行号").of(Kind::Integer).nullable(),
    field("stated", "what the file says", "文件所述").class(C2),
    field("found", "what its rows come to, or what you said", "实际").class(C2),
];

const FILE: &[Field] = &[
    field(
        "file_id",
        "our number of the file; the same file of the same person has the same",
        "编号",
    )
    .pattern("^[0-9a-f]{32}$")
    .example("0f2c8a6e5b7d4913a1c0ffee12345678"),
    field("kind", "as you said", "类型").one_of(&["bank-statement", "alipay", "wechat"]),
    field("layout", "what it turned out to be", "版式").one_of(&[
        "alipay-web",
        "alipay-receipt",
        "wechat",
        "bank",
    ]),
    field("encoding", "of its text", "编码").one_of(&["utf-8", "gbk"]),
    field("read_at", "when it was read", "读取时间"),
    field("rows", "rows of the table: taken, bad and set aside", "总行数").of(Kind::Integer),
    field("taken", "transactions of the data", "交易笔数").of(Kind::Integer),
    field("bad_count", "rows that could not be read", "无法读取的行数").of(Kind::Integer),
    field("bad", "the first hundred of them", "无法读取的行（前一百）").of(Kind::Objects(BAD)),
    field("set_aside", "rows understood that are no transaction", "未计入的行")
        .of(Kind::Objects(ASIDE)),
    field("disagreements", "where the file contradicts its rows, or you", "不一致之处")
        .of(Kind::Objects(DISAGREEMENT)),
    field("first_day", "of the first transaction", "首笔日期").nullable(),
    field("last_day", "of the last one", "末笔日期").nullable(),
];

const READ: &[Documented] =
    &[answer(200, "ok", "what was read, and what was not", "读取结果").json(FILE)];

const REFUSED: &[Documented] = &[
    refused(403, "not_entitled", "the product file.statement is not yours", "未开通该产品"),
    refused(403, "consent_missing", "no consent of the person is in force", "缺少有效授权"),
    refused(403, "limit_reached", "package, test stage or day used up", "调用量已达上限"),
    refused(410, "gone", "handed in before, and kept no longer", "曾经提交，数据已不再保留"),
    refused(415, "unsupported_media_type", "neither multipart nor JSON", "请求体类型不支持"),
    refused(422, "invalid_file", "of no known layout, or nothing can be read", "文件无法读取"),
];
const NOT_ALLOWED: &[Documented] =
    &[refused(403, "not_allowed", "the token has not the scope files", "令牌无 files 权限")];
const ABSENT: &[Documented] =
    &[refused(404, "not_found", "you have no such file, or no longer", "文件不存在")];

pub(crate) const HAND_IN: Description = Description {
    summary: text(
        "Hand in a person's bank statement, Alipay or WeChat Pay bill",
        "提交个人银行流水、支付宝或微信账单",
    ),
    takes: &[
        field("name", "the person's name", "姓名").class(C2).example("张三"),
        field("id_card", "the person's ID card", "身份证号").class(C2),
        field("kind", "what the file is", "类型").one_of(&["bank-statement", "alipay", "wechat"]),
        field(
            "file",
            "the CSV as it was exported, UTF-8 or GBK, 8 MiB at most; in JSON as base64",
            "导出的 CSV 文件（UTF-8 或 GBK，至多 8 MiB）；JSON 中为 base64",
        )
        .class(C2),
    ],
    bodies: &[Media::Multipart, Media::Json],
    answers: &[READ, COMMON, NOT_ALLOWED, REFUSED],
};

const ID: Field = field("file_id", "the file", "编号").at(Place::Path).pattern("^[0-9a-f]{32}$");

pub(crate) const SUMMARY: Description = Description {
    summary: text("What was read of a file, and what was not", "账单读取结果"),
    takes: &[ID],
    bodies: &[],
    answers: &[READ, COMMON, NOT_ALLOWED, ABSENT],
};

const UNREAD: &[Field] = &[
    field("place", "the heading that it stands under", "位置"),
    field("text", "as it is printed", "原文").class(C2),
];

const PAGE_READ: &[Documented] = &[answer(200, "ok", "what the page says", "报告内容").json(&[
    field("report_id", "our number; the same page of the same person has the same", "编号")
        .pattern("^[0-9a-f]{32}$"),
    field("read_at", "when it was read", "读取时间"),
    field("unread", "sentences that could not be read", "未能解析的语句").of(Kind::Objects(UNREAD)),
    field("report", "shaped as viewReport of POST /gateway", "与 viewReport 同构的报告")
        .of(Kind::Map)
        .class(C2),
])];

pub(crate) const HAND_IN_PAGE: Description = Description {
    summary: text(
        "Hand in a person's own PBoC credit report (简版), the page as it was saved",
        "提交本人的征信报告（简版网页）",
    ),
    takes: &[
        field("name", "the person's name", "姓名").class(C2).example("张三"),
        field("id_card", "the person's ID card", "身份证号").class(C2),
        field(
            "file",
            "the page, HTML in UTF-8 or GBK, 8 MiB at most; in JSON as base64",
            "网页文件（UTF-8 或 GBK，至多 8 MiB）；JSON 中为 base64",
        )
        .class(C2),
    ],
    bodies: &[Media::Multipart, Media::Json],
    answers: &[PAGE_READ, COMMON, NOT_ALLOWED, REFUSED],
};

pub(crate) const PAGE: Description = Description {
    summary: text("What a page says that was handed in", "已提交征信报告的内容"),
    takes: &[field("report_id", "the page", "编号").at(Place::Path).pattern("^[0-9a-f]{32}$")],
    bodies: &[],
    answers: &[PAGE_READ, COMMON, NOT_ALLOWED, ABSENT],
};

const MONTH: &[Field] = &[
    field("month", "as in 2026-11", "月份"),
    field("income", "what came in", "收入").class(C2),
    field("spending", "what went out", "支出").class(C2),
    field("balance", "what was there at its end", "余额").class(C2),
];

const SALARY: &[Field] = &[
    field("employer", "who pays it", "付款单位").class(C2),
    field("monthly", "the median of the months", "月薪（中位数）").class(C2),
    field("months", "how many", "月数").of(Kind::Integer),
    field("last_month", "the last one", "最近月份"),
    field("is_named", "whether the file calls it a salary", "是否明示为工资").of(Kind::Boolean),
];

const CREDIT: &[Field] = &[
    field("cards", "credit cards", "信用卡数").of(Kind::Integer),
    field("credit_limit", "together", "总额度").class(C2),
    field("owed", "by the last bills", "应还").class(C2),
    field("used_percent", "of the limit", "使用率").of(Kind::Integer),
    field("bills", "that are closed", "账单数").of(Kind::Integer),
    field("overdue_bills", "paid less than the least", "逾期账单数").of(Kind::Integer),
];

const SUMMED: &[Documented] =
    &[answer(200, "ok", "the report; amounts are decimal texts of yuan", "报告（金额单位：元）")
        .json(&[
            field("update_time", "when the data was read", "数据时间"),
            field("status", "whether there is any data", "状态").one_of(&["正常", "无数据"]),
            field("months", "by month, the first first", "按月汇总").of(Kind::Objects(MONTH)),
            field("salary", "a payment that comes every month", "工资")
                .of(Kind::Object(SALARY))
                .nullable(),
            field("credit", "the credit cards together", "信用卡").of(Kind::Object(CREDIT)),
        ])];

pub(crate) const DATA: Description = Description {
    summary: text(
        "A file's transactions, shaped as e-bank raw data",
        "账单明细（与网银原始数据同构）",
    ),
    takes: &[ID],
    bodies: &[],
    answers: &[
        &[answer(200, "ok", "the data", "数据").json(&[
            field("baseInfo", "whose it is", "基本信息").of(Kind::Map).class(C2),
            field("cardList", "the account, its months and transactions", "账户")
                .of(Kind::Objects(&[]))
                .class(C2),
        ])],
        COMMON,
        NOT_ALLOWED,
        ABSENT,
    ],
};

pub(crate) const REPORT: Description = Description {
    summary: text("Income, spending and balance of a file", "账单收支报告"),
    takes: &[ID],
    bodies: &[],
    answers: &[SUMMED, COMMON, NOT_ALLOWED, ABSENT],
};

pub(crate) const BANK_REPORT: Description = Description {
    summary: text("Income, spending and balance of a bank session", "网银收支报告"),
    takes: &[field("open_id", "the session, of either version", "会话编号")
        .at(Place::Path)
        .pattern("^[0-9a-f]{32}$")],
    bodies: &[],
    answers: &[
        SUMMED,
        COMMON,
        &[
            refused(404, "not_found", "you have no such session", "会话不存在"),
            refused(409, "not_done", "the data is still being collected", "数据采集中"),
            refused(409, "collection_failed", "there is no data", "采集失败"),
        ],
    ],
};
