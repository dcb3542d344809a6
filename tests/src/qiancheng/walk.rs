//! A session walked through by a script: states that must be seen, in this order and no others
//! between, and what the borrower does in them. Each look on the way is held against the document.

use std::io::Read as _;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use flate2::Crc;
use flate2::read::ZlibDecoder;

use super::{Answer, Qiancheng};
use crate::database::Database;
use crate::server::Options;

/// A server on which every step of a session takes that long, so that passing states can be seen.
/// The pause holds up nobody else.
pub fn slow(database: Database, pause_ms: u32) -> Options {
    let points =
        ["session.answered", "session.billed"].map(|at| format!("{at}=return({pause_ms})"));
    Options::on(database).fail_points(&points.join(";"))
}

/// Enough to be seen.
pub const SLOW_MS: u32 = 300;
/// So long that several requests come before a step is over.
pub const VERY_SLOW_MS: u32 = 700;

/// How many walks go on at a time.
const WALKERS: usize = 8;

/// Does the work of each row, several rows side by side: what a walk waits for costs no work.
///
/// # Panics
/// When one of them does.
pub fn side_by_side<T: Send>(rows: impl IntoIterator<Item = T>, work: impl Fn(T) + Sync) {
    let rows = Mutex::new(rows.into_iter().collect::<Vec<T>>());
    let next = || rows.lock().expect("nobody panics with it").pop();
    thread::scope(|scope| {
        for _ in 0..WALKERS {
            scope.spawn(|| {
                while let Some(row) = next() {
                    work(row);
                }
            });
        }
    });
}

const STEP_LIMIT: Duration = Duration::from_secs(30);
const LOOK_PAUSE: Duration = Duration::from_millis(10);

/// Document 001, section 8.
const TELECOM: &str = "0 查询已初始化,1 流程重新开始,11 已提交服务密码,21 需要验证码,22 验证码已提交,\
    23 验证码错误或超时,24 已重发验证码,31 需要输入查询密码,32 查询密码已提交,33 查询密码错误,\
    41 完成账户采集流程,42 采集流程失败,43 数据可用";
const DEGREE: &str = "0 查询初始化,11 已经提交账号密码,21 采集完成,22 采集失败";
const EBANK: &str = "0 查询初始化,1 账户信息已提交,2 需要动态口令,3 动态口令已提交,4 需要图片验证码,\
    5 图片验证码已提交,6 需要短信验证码,7 短信验证码已提交,8 验证码错误或超时,9 已重发验证码,\
    10 采集完成,11 采集失败";

/// A session and what is seen of it.
#[derive(Debug)]
pub struct Walk<'q> {
    pub qiancheng: &'q mut Qiancheng,
    /// As it stands in the paths: telecom, degree, ebank or v2/ebank.
    pub product: &'static str,
    pub open_id: String,
    /// The state of the last look.
    pub state: Option<i64>,
    /// What the last picture showed.
    picture: String,
}

impl<'q> Walk<'q> {
    pub fn new(qiancheng: &'q mut Qiancheng, product: &'static str, open_id: String) -> Self {
        Self { qiancheng, product, open_id, state: None, picture: String::new() }
    }

    /// Walks by words: a number is the next state to be seen, everything else what is done, such
    /// as `captcha:123456`, `query:654321`, `service:x`, `code:246810`, `picture` or `resend`.
    ///
    /// # Panics
    /// When another state comes, or none.
    pub fn play(&mut self, script: &str) {
        for word in script.split_whitespace() {
            match word.parse() {
                Ok(state) => self.expect(state, script),
                Err(_) => drop(self.act(word).ok()),
            }
        }
    }

    /// Waits for another state than that of the last look; it must be `wanted`.
    fn expect(&mut self, wanted: i64, script: &str) {
        let (before, begun) = (self.state, Instant::now());
        loop {
            let found = self.look().state();
            if found == wanted {
                return;
            }
            assert_eq!(Some(found), before, "{wanted} should come in {script:?}");
            assert!(begun.elapsed() < STEP_LIMIT, "{wanted} did not come: {script:?} {found}");
            thread::sleep(LOOK_PAUSE);
        }
    }

    /// Does what a word of a script says.
    pub fn act(&mut self, word: &str) -> Answer {
        let picture = self.picture.clone();
        let (verb, value) = word.split_once(':').unwrap_or((word, &picture));
        let (step, field) = match verb {
            "captcha" => ("captcha", "captcha"),
            "query" => ("query-password", "query_password"),
            "service" => ("service-password", "service_password"),
            "resend" => ("resend-captcha", "none"),
            "code" | "picture" => ("captcha", "verify_code"),
            _ => panic!("{word:?} is no step"),
        };
        let path = format!("/{}/collect/{step}", self.product);
        let answer = self.qiancheng.of(&self.open_id, &path, &[(field, value)]);
        if field == "verify_code" && answer.code == 0 {
            self.check(&answer, false);
        }
        answer
    }

    /// One look, checked; the state is noted.
    pub fn look(&mut self) -> Answer {
        let answer = self.qiancheng.state(self.product, &self.open_id);
        self.check(&answer, true);
        self.state = Some(answer.state());
        if let Some(text) = &answer.captcha {
            self.picture.clone_from(text);
        }
        answer
    }

    /// That an answer that shows a state is exactly what the document prints.
    fn check(&self, answer: &Answer, is_look: bool) {
        assert_eq!((answer.status, answer.code, answer.msg.as_str()), (200, 0, ""), "{answer:?}");
        let state = answer.state();
        let dictionary = match self.product {
            "telecom" => TELECOM,
            "degree" => DEGREE,
            _ => EBANK,
        };
        let said = format!("{state} {}", answer.data["message"].as_str().unwrap_or_default());
        assert!(dictionary.split(',').any(|entry| entry == said), "{said}");
        let has_picture = state == 4 && is_look;
        let mut keys = vec!["message"];
        keys.extend(has_picture.then_some("pic_captcha"));
        keys.extend((self.product == "ebank").then_some("request_delay"));
        keys.push("state");
        let found: Vec<_> = answer.data.as_object().expect("an object").keys().collect();
        assert_eq!(found, keys, "{answer:?}");
        assert_eq!(answer.captcha.as_ref().map(String::len), has_picture.then_some(4));
        if has_picture {
            check_png(answer.data["pic_captcha"].as_str().expect("text"));
        }
        let delay = answer.data["request_delay"].as_i64();
        assert!(delay.is_none_or(|delay_s| (1..=60).contains(&delay_s)), "{answer:?}");
    }
}

/// That a text is the base64 of a whole PNG: each chunk's sum holds, the rows unpack.
fn check_png(text: &str) {
    let png = BASE64_STANDARD.decode(text).expect("base64");
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("four bytes"));
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    let (width, height) = (number(16) as usize, number(20) as usize);
    let (mut at, mut packed, mut last) = (8, Vec::new(), &b""[..]);
    while at < png.len() {
        let end = at + 8 + number(at) as usize;
        let mut sum = Crc::new();
        sum.update(&png[at + 4..end]);
        assert_eq!(sum.sum(), number(end), "a chunk's sum");
        last = &png[at + 4..at + 8];
        if last == b"IDAT" {
            packed.extend_from_slice(&png[at + 8..end]);
        }
        at = end + 4;
    }
    let mut rows = Vec::new();
    ZlibDecoder::new(packed.as_slice()).read_to_end(&mut rows).expect("packed rows");
    assert!(last == b"IEND" && rows.len() == height * (width + 1), "{width} x {height}");
    assert!(rows.iter().any(|byte| *byte != rows[1]), "it shows something");
}
