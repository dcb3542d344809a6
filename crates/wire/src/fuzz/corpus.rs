//! What the targets begin with: recorded requests (see the fixtures) and short texts that are
//! accepted. Key and secret are synthetic.

/// The secret of all that is signed here.
pub(super) const SECRET: &str = "synthetic-secret-of-no-one";
/// When [`OWN`] was signed, in seconds since 1970.
pub(super) const OWN_SECONDS: i64 = 1_795_301_000;

macro_rules! recorded {
    ($($name:literal),* $(,)?) => {
        &[$(include_bytes!(concat!("../../fixtures/finplus/clients/", $name, ".http"))),*]
    };
}

pub(super) const REQUESTS: &[&[u8]] = recorded![
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

pub(super) const SIGNED: &[&[u8]] = recorded![
    "node-form-chinese",
    "node-get",
    "node-json",
    "python-form",
    "python-json",
    "python-sha1-get",
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
