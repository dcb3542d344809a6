//! A borrower's way through sessions of every product, at servers that may die on the way: what is
//! asked for is given, what was lost is given again.

use std::collections::HashSet;
use std::thread;
use std::time::{Duration, Instant};

use super::{Answer, CODE, Person, QUERY_PASSWORD, Qiancheng};
use crate::connector::Connector;

const OPENINGS: [(&str, &str); 3] = [
    ("telecom", "/telecom/collect/open-id"),
    ("degree", "/degree/collect/open-id"),
    ("v2/ebank", "/v2/ebank/collect/open-id"),
];
const END_LIMIT: Duration = Duration::from_mins(1);

/// A session that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    pub product: &'static str,
    pub open_id: String,
}

/// Gives what sessions ask for.
#[derive(Debug)]
pub struct Borrower {
    /// How the mobile numbers end, in turn: each ending is another way through the carrier.
    endings: &'static [&'static str],
    /// Whether no password and no code is given a second time, so that a source can tell.
    is_unique: bool,
    given: u32,
    begun: u32,
    resent: HashSet<String>,
}

impl Borrower {
    /// At the sandbox's institutions: their codes are always the same.
    pub fn of_sandbox() -> Self {
        let (given, begun, resent) = (0, 0, HashSet::new());
        Self { endings: &["0002"], is_unique: false, given, begun, resent }
    }

    /// At a connector that takes any code: each is given once.
    pub fn of_connector() -> Self {
        Self { endings: &["0002", "0006", "0005"], is_unique: true, ..Self::of_sandbox() }
    }

    /// Begins a session of one product after the other; nothing when no answer comes.
    pub fn begin(&mut self, qiancheng: &mut Qiancheng) -> Option<Begun> {
        let number = self.begun;
        self.begun += 1;
        let (product, path) = OPENINGS[number as usize % OPENINGS.len()];
        let turn = number as usize / OPENINGS.len();
        let person = Person::new(number, self.endings[turn % self.endings.len()]);
        let (token, password) = (qiancheng.token.clone(), self.secret("synthetic"));
        let form = [("token", token.as_str()), ("service_password", &password)];
        let form = [&form[..], &person.fields()].concat();
        let answer = qiancheng.try_post(path, &form)?;
        let open_id = answer.data["open_id"].as_str()?.to_owned();
        Some(Begun { product, open_id })
    }

    /// Begins a session, or takes the last three a step further until all are at their end.
    pub fn step(&mut self, qiancheng: &mut Qiancheng, open: &mut Vec<Begun>) {
        let ends = ["telecom 43", "degree 21", "v2/ebank 10", "v2/ebank 11"];
        let mut are_over = true;
        if open.len().is_multiple_of(OPENINGS.len()) {
            for session in open.iter().rev().take(OPENINGS.len()) {
                let state = self.advance(qiancheng, session).unwrap_or_default();
                are_over &= ends.contains(&format!("{} {state}", session.product).as_str());
            }
        }
        if are_over {
            open.extend(self.begin(qiancheng));
        }
    }

    /// What a session asks for is given. Gives its state, where the server is there to tell it.
    pub fn advance(&mut self, qiancheng: &mut Qiancheng, session: &Begun) -> Option<i64> {
        let Begun { product, open_id } = session;
        let state = try_of(qiancheng, session, "collect/get-state", &[])?.state();
        let code = self.secret(CODE);
        let password = self.secret(QUERY_PASSWORD);
        let entry = [("entry_id", "icbc-login"), ("login_name", "synth03")];
        let login = [&entry[..], &[("password", password.as_str())]].concat();
        let degree = [("account", "a@one"), ("password", password.as_str()), ("sync", "1")];
        let steps: &[(&str, &[(&str, &str)])] = match (*product, state) {
            ("telecom", 0) => &[("service-password", &[("service_password", &password)])],
            // Once for each session another code is asked for.
            ("telecom", 21) if self.is_unique && self.resent.insert(open_id.clone()) => {
                &[("resend-captcha", &[])]
            }
            ("telecom", 21 | 23 | 24) => &[("captcha", &[("captcha", &code)])],
            ("telecom", 31 | 33) => &[("query-password", &[("query_password", &password)])],
            ("degree", 0) => &[("login", &degree)],
            ("v2/ebank", 0) => &[("license-upload", &entry), ("login", &login)],
            ("v2/ebank", 6) => &[("captcha", &[("verify_code", &code)])],
            _ => &[],
        };
        for (step, form) in steps {
            try_of(qiancheng, session, &format!("collect/{step}"), form)?;
        }
        Some(state)
    }

    /// Answers again where an answer was lost, until the session is at its end; whether it has
    /// data. A bank's visit that broke off is over: the borrower begins again.
    ///
    /// # Panics
    /// When it does not end in a right state.
    pub fn finish(&mut self, qiancheng: &mut Qiancheng, session: &Begun) -> bool {
        self.finish_all(qiancheng, std::slice::from_ref(session))[0]
    }

    /// The same of many, each a step in turn.
    ///
    /// # Panics
    /// When one does not end in a right state.
    pub fn finish_all(&mut self, qiancheng: &mut Qiancheng, sessions: &[Begun]) -> Vec<bool> {
        let (begun, mut ends) = (Instant::now(), vec![None; sessions.len()]);
        while let Some(open) = ends.iter().position(Option::is_none) {
            for (session, end) in sessions.iter().zip(&mut ends) {
                *end = end.or_else(|| self.go_on(qiancheng, session));
            }
            assert!(begun.elapsed() < END_LIMIT, "{:?} does not end", sessions[open]);
            thread::sleep(Duration::from_millis(20));
        }
        ends.into_iter().flatten().collect()
    }

    /// One step, and at the end whether there is data.
    fn go_on(&mut self, qiancheng: &mut Qiancheng, session: &Begun) -> Option<bool> {
        let state = self.advance(qiancheng, session);
        let raw = format!("/{}/data/raw-data", session.product);
        let data = qiancheng.of(&session.open_id, &raw, &[]);
        match (session.product, state) {
            ("telecom", Some(43)) | ("degree", Some(21)) | ("v2/ebank", Some(10)) => {
                data.ok();
                Some(true)
            }
            ("v2/ebank", Some(11)) => {
                assert!(data.msg.contains("服务中断"), "{data:?}");
                Some(false)
            }
            ("telecom", Some(42)) | ("degree", Some(22)) => panic!("{session:?} failed: {data:?}"),
            _ => None,
        }
    }

    fn secret(&mut self, known: &str) -> String {
        self.given += 1;
        if self.is_unique { format!("{:06}", self.given) } else { known.to_owned() }
    }
}

fn try_of(
    qiancheng: &mut Qiancheng,
    session: &Begun,
    path: &str,
    form: &[(&str, &str)],
) -> Option<Answer> {
    let username = qiancheng.username.clone();
    let owner = [("username", username.as_str()), ("open_id", session.open_id.as_str())];
    qiancheng.try_post(&format!("/{}/{path}", session.product), &[&owner, form].concat())
}

/// That nothing a borrower gave was submitted twice, under whatever step.
///
/// # Panics
/// When it was.
pub fn check_submitted_once(connector: &Connector) {
    let (mut values, mut resends) = (HashSet::new(), HashSet::new());
    for arrival in connector.arrivals() {
        let is_new = match arrival.move_.as_str() {
            "login" | "answer" => arrival.value != "-" && values.insert(arrival.value.clone()),
            // Each session asks for one.
            "resend" => resends.insert(arrival.session.clone()),
            _ => true,
        };
        assert!(is_new, "submitted before: {arrival:?}");
    }
    assert!(!values.is_empty(), "the connector was asked");
}
