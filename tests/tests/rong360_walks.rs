//! Random walks of borrowers over the wire beside a plain model that keeps a word and some flags:
//! each answer is the model's, and its method's documented codes have it. Time stands still here;
//! walks with time go through the machine alone (`crates/domain/src/session/credit/tests/walks.rs`,
//! ten thousand of them).

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::database::Database;
use tests::figure;
use tests::rong360::borrower::{Borrower, PASSWORD, Registered, options, unionpay_code};
use tests::rong360::{Answer, after_login};
use tests::server::{Options, Server};

const STEPS: usize = 50;
/// After so many walks the clock goes on: so many codes by SMS go to one telephone in an hour.
const WALKS_AN_HOUR: usize = 60;
/// A report is made ten seconds after it was applied for.
const WALK_LIMIT: Duration = Duration::from_secs(8);
/// (method, code) pairs that the walks have to meet.
const PAIRS_LEAST: usize = 40;

/// The methods, the ways into the deep states more than once.
const MOVES: [&str; 26] = [
    "getPicCode",
    "getLoginInfo",
    "login",
    "getVerifyMethod",
    "getQuestion",
    "submitQuestion",
    "onlineValidateCard",
    "getOnlineMessageCode",
    "onlineAuthentication",
    "submitOnlineAuth",
    "getOnlineAuthedInfo",
    "submitApplyMessageCode",
    "getViewReportInfo",
    "viewReport",
    "getPicCode",
    "getPicCode",
    "login",
    "login",
    "submitQuestion",
    "onlineValidateCard",
    "getOnlineMessageCode",
    "getOnlineMessageCode",
    "onlineAuthentication",
    "onlineAuthentication",
    "submitOnlineAuth",
    "submitApplyMessageCode",
];

/// xorshift64
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % limit
    }
}

/// What a merchant's programmer would note down of a borrower.
#[derive(Clone, Debug)]
struct Model {
    at: &'static str,
    is_used: bool,
    is_verified: bool,
    status: i64,
    has_picture: bool,
    has_message: bool,
    sent: u8,
    wrong: u8,
    /// Whether the report was read: it is shown again whatever is typed.
    is_kept: bool,
    /// The status that a report has once it is read.
    read: i64,
}

impl Model {
    fn new(login_name: &str) -> Self {
        let status = match login_name {
            "sandbox61" => 2,
            "sandbox62" => 4,
            "sandbox63" => 5,
            "sandbox65" => 3,
            "sandbox66" => 6,
            _ => 0,
        };
        Self {
            at: "out",
            is_used: false,
            is_verified: login_name == "sandbox60",
            status,
            has_picture: false,
            has_message: false,
            sent: 0,
            wrong: 0,
            is_kept: false,
            read: if login_name == "sandbox63" { 5 } else { 4 },
        }
    }

    /// The code of a call whose secrets are right, or wrong, and where the borrower is after it.
    fn answer(&mut self, method: &str, is_right: bool) -> i64 {
        let applying = match self.status {
            1 => 508_114,
            2 | 4 => 508_111,
            _ => 0,
        };
        let sms = match (self.wrong, self.has_message) {
            (5.., _) => 508_126,
            (_, false) => 211_101,
            _ => 0,
        };
        match (method, self.at) {
            ("getPicCode", _) => self.has_picture = true,
            ("getLoginInfo", _) => {}
            ("login", _) => return self.log_in(is_right),
            (_, "out") => return 508_110,
            ("getVerifyMethod", _) => {}
            ("getQuestion", _) if self.is_verified => return 508_113,
            ("getQuestion", _) => self.at = "questioned",
            ("submitQuestion", "questioned") if applying == 0 => {
                (self.at, self.is_used) = ("home", false);
                self.status = if is_right { 1 } else { 3 };
            }
            ("submitQuestion", "questioned") => return applying,
            ("onlineValidateCard", _) if !is_right => return 508_131,
            ("onlineValidateCard", _) => self.open("verifying"),
            ("getOnlineMessageCode", "verifying" | "applying") if self.sent < 5 => {
                (self.has_message, self.sent) = (true, self.sent + 1);
            }
            ("getOnlineMessageCode", "verifying" | "applying") => return 508_126,
            ("onlineAuthentication", "verifying") if sms == 0 => {
                return self.authenticate(is_right);
            }
            ("onlineAuthentication", "verifying") => return sms,
            ("submitOnlineAuth", "coded") => return self.raise(is_right),
            ("submitOnlineAuth", "home" | "applying") if self.is_used => return 508_129,
            ("getOnlineAuthedInfo", _) if !self.is_verified => return 508_109,
            ("getOnlineAuthedInfo", _) => {
                self.is_used &= ["home", "applying"].contains(&self.at);
                self.open("applying");
            }
            ("submitApplyMessageCode", "applying") if applying + sms == 0 && is_right => {
                (self.at, self.status) = ("home", 1);
            }
            ("submitApplyMessageCode", "applying") if applying + sms == 0 => {
                self.wrong += 1;
                return 211_101;
            }
            ("submitApplyMessageCode", "applying") => {
                return if applying > 0 { applying } else { sms };
            }
            ("getViewReportInfo" | "viewReport", _) => return self.view(method, is_right),
            _ => return 508_101,
        }
        200
    }

    /// A refused login brings a new picture.
    fn log_in(&mut self, is_right: bool) -> i64 {
        let is_fine = std::mem::replace(&mut self.has_picture, true) && is_right;
        if !is_fine {
            return 210_101;
        }
        (self.at, self.is_used, self.has_picture) = ("home", false, false);
        200
    }

    fn open(&mut self, at: &'static str) {
        (self.at, self.has_message, self.sent, self.wrong) = (at, false, 0, 0);
    }

    fn authenticate(&mut self, is_right: bool) -> i64 {
        if !is_right {
            self.wrong += 1;
            return 211_101;
        }
        self.at = "coded";
        200
    }

    fn raise(&mut self, is_right: bool) -> i64 {
        match (std::mem::take(&mut self.has_picture), is_right) {
            (false, _) => 210_101,
            (true, false) => 508_117,
            (true, true) => {
                (self.is_used, self.is_verified) = (true, true);
                self.open("applying");
                200
            }
        }
    }

    fn view(&mut self, method: &str, is_right: bool) -> i64 {
        match (self.status, method) {
            (6, _) => 508_132,
            (0 | 1 | 3, _) => 508_101,
            (_, "getViewReportInfo") => 200,
            _ if !is_right && !self.is_kept => 508_115,
            _ => {
                (self.is_kept, self.status) = (true, self.read);
                200
            }
        }
    }
}

/// A borrower with what it was shown last.
struct Walker {
    me: Borrower,
    picture: String,
    unionpay_code: String,
}

impl Walker {
    fn go(&mut self, method: &str, is_right: bool) -> Answer {
        let members = self.members(method, is_right);
        let answer = self.me.call(method, &members);
        if let Some(text) = &answer.captcha {
            self.picture.clone_from(text);
        }
        if method == "onlineAuthentication" && answer.code == 200 {
            self.unionpay_code = unionpay_code(&answer.data);
        }
        answer
    }

    fn members(&self, method: &str, is_right: bool) -> Value {
        let or_wrong = |text: &str| if is_right { text.to_owned() } else { "zzzzzz".to_owned() };
        let (_, mut members) = after_login(&self.me)
            .into_iter()
            .find(|(known, _)| *known == method)
            .unwrap_or(("", json!({})));
        match method {
            "login" => members = self.me.login(PASSWORD, &or_wrong(&self.picture)),
            "submitQuestion" if !is_right => {
                members = options(self.me.person.options().map(|option| option % 4 + 1));
            }
            "onlineValidateCard" if !is_right => members["bank_card"] = json!("4000000000000002"),
            "getOnlineMessageCode" => members = json!({}),
            "submitOnlineAuth" => {
                let unionpay_code = or_wrong(&self.unionpay_code);
                members = json!({"unionpay_code": unionpay_code, "pic_code": self.picture});
            }
            "onlineAuthentication" | "submitApplyMessageCode" | "viewReport" if !is_right => {
                members["message_code"] = json!("zzzzzz");
            }
            _ => {}
        }
        members
    }
}

/// `login 208101` for each answer that the document of the server lists, `100006` for any method's.
fn documented(server: &Server) -> BTreeSet<String> {
    let document = server.client().get("/openapi.json", &[]).expect("an answer").json();
    let codes = document.pointer("/paths/~1gateway/post/responses/200/x-codes");
    let codes = codes.and_then(Value::as_array).expect("a list of codes");
    codes.iter().map(|one| one["code"].as_str().expect("a code").to_owned()).collect()
}

#[test]
fn walks_agree_with_the_plain_model() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let (documented, mut seen) = (documented(&server), BTreeSet::new());
        let people = Registered::all().iter().map(|one| one.login_name.as_str());
        // Of those with a name of their own, but who is in progress, closed, or cannot be asked.
        let left_out = ["sandbox64", "sandbox67", "sandbox68", "sandbox69"];
        let people: Vec<&str> =
            people.filter(|name| name.starts_with("sandbox") && !left_out.contains(name)).collect();
        let mut first = Borrower::new(&server, "first", people[0]);
        for walk in 0..figure(45, 1_000) {
            if walk > 0 && walk % WALKS_AN_HOUR == 0 {
                first.advance(&server, 3_700);
            }
            // Every other one has something special about it.
            let at = if walk % 2 == 0 { walk / 2 } else { 60 + walk / 2 % (people.len() - 60) };
            let name = people[at % people.len()];
            let me = first.beside(&format!("walker {walk}"), name);
            let mut walker = Walker { me, picture: "none".into(), unionpay_code: "abcdef".into() };
            let (mut model, mut way) = (Model::new(name), Vec::new());
            let mut random = Random((walk as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
            let begun = Instant::now();
            for _ in 0..STEPS {
                // On a machine that is this slow a report would come.
                if begun.elapsed() > WALK_LIMIT {
                    break;
                }
                let method = MOVES[random.below(MOVES.len())];
                let is_right = random.below(5) > 0;
                way.push((method, is_right));
                let expected = model.answer(method, is_right);
                let answer = walker.go(method, is_right);
                assert_eq!(answer.code, expected, "{database:?} {name} {way:?}: {model:?}");
                let pair = format!("{method} {expected}");
                assert!(documented.contains(&pair), "{pair} is not documented");
                seen.insert(pair);
            }
        }
        assert!(seen.len() >= PAIRS_LEAST, "{}: {seen:?}", seen.len());
    }
}
