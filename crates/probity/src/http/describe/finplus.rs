//! Face 1 in words: `finplus.md`, Endpoint, Authentication and Answer.

use super::Class::C2;
use super::{
    Description, Documented, FaceDescription, Field, Kind, Media, Place, Scheme, answer, field,
    text,
};

pub(crate) const FACE: FaceDescription = FaceDescription {
    name: text("Finplus score", "Finplus 信用分"),
    authentication: text(
        "As at the Aliyun API gateway: a bearer APPCODE, or a signature made with AppKey and \
         AppSecret. Refusals of the gateway have an empty body and their reason in \
         X-Ca-Error-Message. A call may bear Finplus' own signature besides: appKey, timestamp \
         and sign among the parameters.",
        "与阿里云 API 网关相同：APPCODE，或用 AppKey 与 AppSecret 签名。网关拒绝时响应体为空，原因在 \
         X-Ca-Error-Message。另可在参数中带 Finplus 自有签名：appKey、timestamp、sign。",
    ),
    schemes: &[
        Scheme { headers: &["Authorization"], about: text("APPCODE <code>", "APPCODE <code>") },
        Scheme {
            headers: &["X-Ca-Key", "X-Ca-Signature", "X-Ca-Signature-Headers"],
            about: text(
                "HmacSHA256 or HmacSHA1 with the AppSecret, with X-Ca-Timestamp (15 minutes either \
                 way) and X-Ca-Nonce (used once); the clients of the gateway make it",
                "用 AppSecret 计算的 HmacSHA256 或 HmacSHA1，带 X-Ca-Timestamp（前后 15 分钟）与 \
                 X-Ca-Nonce（只用一次）；网关的客户端会自动生成",
            ),
        },
    ],
    headers: &[
        field("X-Ca-Request-Id", "number of this HTTP request", "请求编号"),
        field("X-Biz-Code", "the business code, where there is a body", "业务返回码").optional(),
        field("X-Ca-Error-Message", "on every status but 200: why", "非 200 时的原因").optional(),
        field("X-Error-Detail", "what is wrong with a code 10", "返回码 10 的具体原因").optional(),
        field("Retry-After", "on a 503: seconds to wait", "503 时应等待的秒数").optional(),
    ],
};

pub(crate) const SCORE: Description = Description {
    summary: text("The credit score of a person", "查询一个人的信用分"),
    takes: &[
        field("idType", "the kind of id, or one of your application ids", "id 类型，或应用 id")
            .also("id_type")
            .example("imei"),
        field("idValue", "the id, fitting its type", "与类型相符的 id 值")
            .also("id_value")
            .class(C2)
            .example("860529038487085"),
        field("reqId", "your key of this call, unique for good", "本次调用的流水号，永久唯一")
            .also("req_id")
            .pattern("^[ -~]+$")
            .limits(1, 64)
            .example("guide-0001"),
        field("appId", "which application; without it your default one", "应用 id，缺省为默认应用")
            .also("app_id")
            .optional()
            .example("1000001"),
        field("appKey", "whose own signature this is", "自有签名的 AppKey").optional(),
        field("timestamp", "when it was made, s or ms since 1970", "签名时间，秒或毫秒").optional(),
        field("sign", "HMAC-SHA256 in lower-case hex", "HMAC-SHA256，小写十六进制")
            .pattern("^[0-9a-f]{64}$")
            .optional(),
        signed("X-Ca-Timestamp", "when it was signed, ms since 1970", "签名时间，毫秒"),
        signed("X-Ca-Nonce", "a text that is used once", "只用一次的随机串"),
        signed("X-Ca-Signature-Method", "HmacSHA256 unless told", "签名方法，默认 HmacSHA256")
            .one_of(&["HmacSHA256", "HmacSHA1"]),
        signed("Content-MD5", "Base64 of the body's MD5", "请求体 MD5 的 Base64"),
    ],
    bodies: &[Media::Form, Media::Json, Media::Multipart],
    answers: &[SCORED, GATEWAY],
};

/// A header that a signed request may bear.
const fn signed(name: &'static str, en: &'static str, zh: &'static str) -> Field {
    field(name, en, zh).at(Place::Header).optional()
}

const BODY: &[Field] = &[
    field("code", "0 or the reason", "返回码").of(Kind::Integer).example("0"),
    field("success", "true exactly when billed", "是否计费").of(Kind::Boolean).example("true"),
    field("message", "the code in words", "返回信息").example("OK"),
    field("response", "the answer", "结果").of(Kind::Object(RESPONSE)),
];

const RESPONSE: &[Field] = &[
    field("tags", "the score under credit_score, and detail tags; null unless code is 0", "标签")
        .of(Kind::Map)
        .class(C2)
        .nullable()
        .example(r#"{"credit_score":697}"#),
    field("biz_id", "our number of the call", "业务流水号").example(
        // A UUID version 7.
        "0195b7a2-6c1e-7f3a-9d20-3b8f5e1c7a44",
    ),
    field("req_id", "your key again, where legible", "请求流水号").nullable().example("guide-0001"),
];

const SCORED: &[Documented] = &[
    answer(200, "0", "OK: billed", "成功，计费").json(BODY),
    answer(520, "108", "credit.id_unconverted: nobody is known by this id", "id 未匹配").json(BODY),
    answer(520, "109", "credit.empty_content: too little is known of the person", "数据不足")
        .json(BODY),
    answer(520, "10", "cplus.invalid_parameters: X-Error-Detail says what is wrong", "参数错误")
        .json(BODY),
    answer(520, "18", "cplus.verification_failed: Finplus' own signature is wrong", "验签失败")
        .json(BODY),
    answer(520, "19", "cplus.insufficient_quota: the day's quota is used up", "当日额度已用完")
        .json(BODY),
    answer(520, "22", "cplus.invalid_id_type: the id type is unknown", "id 类型未知").json(BODY),
    answer(520, "105", "credit.invalid_id_type: the id type is missing", "缺少 id 类型").json(BODY),
    answer(520, "128", "credit.test_limit: the test calls are used up", "测试次数已用完")
        .json(BODY),
    answer(
        520,
        "1",
        "cplus.error: ours; ask again at once with the same reqId",
        "系统错误，可重试",
    )
    .json(BODY),
];

const GATEWAY: &[Documented] = &[
    answer(400, "Invalid AppCode `not exists`", "the APPCODE is not known", "APPCODE 无效"),
    answer(400, "Invalid AppKey", "the AppKey is not known", "AppKey 无效"),
    answer(400, "Invalid Signature", "the signature is wrong", "签名错误"),
    answer(400, "Timestamp Expired", "signed more than 15 minutes from now", "时间戳过期"),
    answer(400, "Invalid Timestamp", "the time of signing is no time", "时间戳无效"),
    answer(400, "Nonce Used", "the nonce was used before", "Nonce 已使用"),
    answer(400, "Invalid Content-MD5", "the digest is not the body's", "Content-MD5 不符"),
    answer(400, "Invalid Request Body", "the body broke off", "请求体不完整"),
    answer(403, "Unauthorized", "no application of this product", "未开通该产品"),
    answer(403, "Quota Exhausted", "the prepaid package is used up", "套餐已用完"),
    answer(403, "Throttled by APP Flow Control", "too many calls in a second", "超过流控"),
    answer(404, "Empty Signature", "no credential", "缺少凭证"),
    answer(405, "Invalid HttpMethod", "neither GET nor POST", "请求方法错误"),
    answer(408, "Request Timeout", "the body came too slowly", "请求体接收超时"),
    answer(413, "Request Body Too Large", "the body is too large", "请求体过大"),
    answer(503, "Service Unavailable", "nothing was begun; see Retry-After", "服务繁忙，稍后重试"),
];

#[cfg(test)]
mod tests {
    use domain::failure::CredentialKind::{AppCode, AppKey};
    use domain::failure::Failure;
    use domain::ids::BizId;
    use domain::secret::Private;
    use domain::time::Timestamp;

    use super::*;
    use crate::http::reply;

    /// One of each kind; what the layers refuse, the tests of the server see.
    #[test]
    fn every_refusal_is_documented() {
        let failures: [Failure; 20] = [
            Failure::CredentialMissing,
            Failure::CredentialUnknown(AppCode),
            Failure::CredentialUnknown(AppKey),
            Failure::SignatureWrong { shown: Some(Private::new("GET\n".to_owned())) },
            Failure::TimestampExpired,
            Failure::TimestampInvalid,
            Failure::NonceUsed,
            Failure::ContentMd5Wrong,
            Failure::VerificationFailed,
            Failure::NotEntitled,
            Failure::RateExceeded,
            Failure::PackageExhausted,
            Failure::TestLimitReached,
            Failure::DailyQuotaReached,
            Failure::Parameter { reason: String::new() },
            Failure::IdTypeMissing,
            Failure::IdTypeUnknown,
            Failure::KeyReused,
            Failure::Overloaded,
            Failure::Internal,
        ];
        for failure in failures {
            let answer = wire::finplus::refuse(&failure, None, BizId::lower_bound(Timestamp(0)));
            let pair = (answer.status, reply::code(&answer));
            let is_it = |known: &Documented| (known.status, known.code.into()) == pair;
            assert!(SCORE.answers().any(is_it), "{failure:?}: {pair:?}");
        }
    }
}
