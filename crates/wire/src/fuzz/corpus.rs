//! What the targets begin with: recorded requests (see the fixtures) and short texts that are
//! accepted. Key and secret are synthetic.

/// The secret of all that is signed here.
pub(super) const SECRET: &str = "synthetic-secret-of-no-one";
/// When [`OWN`] was signed, in seconds since 1970.
pub(super) const OWN_SECONDS: i64 = 1_795_301_000;

macro_rules! recorded {
    ($face:literal: $($name:literal),* $(,)?) => {
        &[$(include_bytes!(concat!("../../fixtures/", $face, "/clients/", $name, ".http"))),*]
    };
}

pub(super) const REQUESTS: &[&[u8]] = recorded!["finplus":
    "curl-bom",
    "curl-gzip",
    "curl-multipart",
    "curl-multipart-without-boundary",
    "curl-untyped-json",
    "node-form",
    "node-get",
    "node-simple-form",
    "python-json",
];

pub(super) const SIGNED: &[&[u8]] = recorded!["finplus":
    "node-form-chinese",
    "node-get",
    "node-json",
    "python-form",
    "python-json",
    "python-sha1-get",
];

pub(super) const QIANCHENG: &[&[u8]] = recorded!["qiancheng":
    "php-blacklist",
    "php-captcha",
    "php-degree-json",
    "php-degree-login",
    "php-ebank-data",
    "php-ebank-gzip",
    "php-open-id",
    "php-open-id-json-text",
    "php-open-id-without-boundary",
    "php-token",
];

/// A whole application and the least that one can be.
pub(super) const APPLICATIONS: &[&[u8]] = &[
    include_bytes!("../../fixtures/qiancheng/audit/application.json"),
    include_bytes!("../../fixtures/qiancheng/audit/least.json"),
];

/// The least one as a JWE whose text is not encrypted.
pub(super) const JWE: &[&[u8]] =
    &[include_bytes!("../../fixtures/qiancheng/audit/transparent.jwe")];

pub(super) const RONG360_KEY: &str = include_str!("../../fixtures/rong360/signature/key.pem");
/// When the first of [`RONG360`] says to have been signed, in seconds since 1970.
pub(super) const RONG360_SECONDS: i64 = 1_700_000_000;

/// The signature is not of the key: what follows it, [`RONG360_JSON`] reaches.
pub(super) const RONG360: &[&[u8]] = &[
    b"POST /gateway?logid=1 HTTP/1.1\r\ncontent-type: application/x-www-form-urlencoded\r\n\r\n\
      method=crawler.api.zx.getLoginInfo+&app_id=2000001&version=1.0.0&sign_type=RSA2&format=JSON\
      &timestamp=1700000000000&biz_data=%7B%22user_id%22%3A%22%E5%BC%A0%22%7D&sign=AAAA%2B%2F%3D",
    b"POST /gateway HTTP/1.1\r\n\r\napp_id=2000001&sign_type=RSA&timestamp=1700000000&sign=",
    b"POST /gateway HTTP/1.1\r\nauthorization: Bearer t\r\n\r\n{\"method\":\"m\",}",
];

pub(super) const RONG360_JSON: &[&[u8]] = &[
    br#"{"method": "crawler.api.zx.getOnlineAuthedInfo ", "biz_data": {"merchant_id": "123124",
        "app_name": "rong360bigapp", "app_version": "2.0.0", "platform": "web",
        "notice_url": "http://m.example/notice", "user_id": "123124455",}}"#,
    br#"{"method": "crawler.api.zx.submitQuestion", "biz_data": {"merchant_id": "1",
        "app_name": "a", "app_version": "2", "platform": "web" " kbaList[0].options ": "1",
        "kbaList[1].options": 2, "kbaList[2].options": 3, "kbaList[3].options": "4",
        "kbaList[4].options": "5", "notice_url": "x", "user_id": "u", "user_id": "u"}"#,
    br#"{"method": "crawler.api.zx.onlineAuthentication", "biz_data": {"merchant_id": "1",
        "app_name": "a", "app_version": "2", "platform": "web", "notice_url": "x",
        "user_id": "u", "real_name": "a", "id_card": "11010519491231002x", "month": 827,
        "cellphone": "13800138000", "message_code": 12345, "last_three": 12,
        "cank_card": "6222021234567894", "card_type": 2}}"#,
];

pub(super) const JSON: &[&[u8]] = &[
    b"{}",
    br#"{"idType":"imei","idValue":860529038487085,"reqId":"\u5f20\ud83d\ude00\n","appId":null}"#,
    br#"{"a":[1.50,-2e3,true,false,null,[],{}],"b":{"c":{"d":[[["x"]]]}}}"#,
];

pub(super) const MULTIPART: &[&[u8]] = &[
    b"--b--",
    b"--b\r\nContent-Disposition: form-data; name=\"reqId\"\r\n\r\na b\r\n--b--\r\n",
    b"--b \r\nContent-Type: text/plain\r\ncontent-disposition:form-data;name=a\r\n\r\n\r\n--b\r\n\
      Content-Disposition: form-data; name=\"b\\\"[]\"\r\n\r\n\r\n--c\r\n\r\n--b--",
];

pub(super) const GZIP: &[&[u8]] = &[include_bytes!("../../fixtures/body/form.gz")];

pub(super) const OWN: &[&[u8]] = &[
    b"appKey=k&idType=imei&reqId=a+b&timestamp=1795301000\
      &sign=b597d08c7eda5baf1fe87f4ce5f942c783a307c81d26b931fb86f81686658609",
    b"sign=820d0f4fa05020952af7c4d5fe19657c0dafb48178421cc08fb56f64cad86653\
      &timestamp=1795301000000&reqId=%E5%BC%A0&appKey=k",
    br#"{"timestamp":1795301000,"appKey":"k","appId":null,"reqId":"a b",
      "sign":"33bfb30eb7806b44686fc3f793c4c2d86ca959c3469cacdb84d80f92169fbc2b"}"#,
];

pub(super) const TABLES: &[&[u8]] = &[
    b"\xef\xbb\xbfid_type,id_value,subject\r\nimei,860529038487085,\"a \"\"b\"\"\"\r\n",
    b"subject,kind,name,at,value\ns,k,n,2026-11-21T00:00:00Z,A11\ns,k,n,1763683200,-1.5\n",
    b"x,id_value\n1,860529038487085\n\n\"open,1\n",
    b"[{\"id_type\": \"imei\", \"id_value\": 860529038487085, \"subject\": \"s\"}, 1]",
    b"{\"id_value\": \"860529038487085\"}\n\n{\"id_value\": null}\n",
];
