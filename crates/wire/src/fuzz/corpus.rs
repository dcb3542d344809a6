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
