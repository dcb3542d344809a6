//! Every limit of time of face 2, just before, at and just after it, by the sandbox's clock.
//!
//! The clock is moved to a few seconds before a limit; from there it runs as clocks do. What is
//! looked at must not have turned before the limit, and must have turned when it is over: both are
//! judged exactly, since a look falls between its sending and its answer.

use std::thread;
use std::time::{Duration, Instant};

use tests::database::Database;
use tests::qiancheng::{Answer, CODE, Person, Qiancheng};
use tests::server::{Options, Server};

const LOOK_PAUSE: Duration = Duration::from_millis(40);
/// How much later than planned a step that has to be taken may be, on a busy machine.
const TAKEN_WITHIN: Duration = Duration::from_secs(6);
const AT_ONCE: Duration = Duration::from_millis(50);

/// When something was begun: between sending and answer.
#[derive(Clone, Copy)]
struct Born(Instant, Instant);

fn born<T>(begin: impl FnOnce() -> T) -> (T, Born) {
    let sent = Instant::now();
    let made = begin();
    (made, Born(sent, Instant::now()))
}

/// Looks until it has turned, which is `after` its birth and not a moment earlier.
fn turns(
    what: &str,
    born: Born,
    (after, slack): (Duration, Duration),
    mut has_turned: impl FnMut() -> bool,
) {
    let mut looks = 0;
    loop {
        let sent = Instant::now();
        if has_turned() {
            let early = (born.0 + after).saturating_duration_since(Instant::now());
            assert!(early.is_zero(), "{what}: {early:?} too early");
            assert!(looks > 0, "{what}: not seen before its limit");
            return;
        }
        let late = sent.saturating_duration_since(born.1 + after);
        assert!(late <= slack, "{what}: {late:?} too late");
        looks += 1;
        thread::sleep(LOOK_PAUSE);
    }
}

fn both(test: fn(&mut Server)) {
    thread::scope(|scope| {
        for database in Database::both() {
            scope.spawn(move || test(&mut Server::start(Options::on(database))));
        }
    });
}

fn refused(answer: &Answer, code: i64, why: &str) -> bool {
    answer.code == code && answer.data.is_null() && answer.msg.contains(why)
}

/// A session that waits, and what is refused once its time is over.
struct Waiting {
    product: &'static str,
    open_id: String,
    born: Born,
    state: i64,
    failed: i64,
    steps: &'static [(&'static str, &'static str)],
}

const TELECOM_STEPS: &[(&str, &str)] = &[
    ("service-password", "service_password"),
    ("query-password", "query_password"),
    ("captcha", "captcha"),
    ("resend-captcha", "none"),
];
const CAPTCHA: &[(&str, &str)] = &[("captcha", "verify_code")];

fn waiting_sessions(qiancheng: &mut Qiancheng) -> Vec<Waiting> {
    let mut all = Vec::new();
    let mut number = 100;
    let mut add = |product, state, failed, steps, open: &mut dyn FnMut(&Person) -> String| {
        number += 1;
        let ending = match (product, state) {
            ("telecom", 11) => "0004",
            ("telecom", 31) => "0002",
            _ => "0001",
        };
        let (open_id, born) = born(|| open(&Person::new(number, ending)));
        all.push(Waiting { product, open_id, born, state, failed, steps });
    };
    let q = qiancheng;
    add("telecom", 0, 42, TELECOM_STEPS, &mut |person| q.open_telecom(person, ""));
    for state in [11, 21, 31] {
        add("telecom", state, 42, TELECOM_STEPS, &mut |person| q.open_telecom(person, "s"));
    }
    add("degree", 0, 22, &[], &mut |person| q.open_degree(person));
    for (state, name) in [(4, "synth02"), (6, "synth03"), (2, "synth04")] {
        add("ebank", state, 11, CAPTCHA, &mut |person| q.open_ebank(person, "icbc-login", name));
    }
    add("v2/ebank", 0, 11, CAPTCHA, &mut |person| q.open_ebank_v2(person).0);
    let with_code = &all[3];
    q.wait_for("telecom", &with_code.open_id, &[21]);
    q.of(&with_code.open_id, "/telecom/collect/captcha", &[("captcha", CODE)]).ok();
    for one in &all {
        q.wait_for(one.product, &one.open_id, &[one.state]);
    }
    all
}

#[test]
fn a_collection_ends_after_ten_minutes() {
    both(|server| {
        let mut qiancheng = Qiancheng::log_in(server);
        let all = waiting_sessions(&mut qiancheng);
        // These go on: the borrower's last word comes in time, and then the clock stops.
        let late_word = Person::new(200, "0001");
        let late_word = qiancheng.open_telecom(&late_word, "synthetic");
        let later = Person::new(201, "0006");
        let (later, later_born) = born(|| qiancheng.open_telecom(&later, ""));
        server.advance("9m");
        for one in &all {
            assert_eq!(
                qiancheng.state(one.product, &one.open_id).state(),
                one.state,
                "nine minutes"
            );
        }
        server.advance("35s");
        server.restart();
        let mut qiancheng = qiancheng.at(server);
        qiancheng.of(&late_word, "/telecom/collect/captcha", &[("captcha", CODE)]).ok();
        let password = [("service_password", "synthetic")];
        qiancheng.of(&later, "/telecom/collect/service-password", &password).ok();
        qiancheng.wait_for("telecom", &later, &[41]);
        qiancheng.wait_for("telecom", &late_word, &[43]);
        thread::scope(|scope| {
            for one in &all {
                let mut qiancheng = qiancheng.at(server);
                scope.spawn(move || {
                    let name = format!("{} in {}", one.product, one.state);
                    turns(&name, one.born, (Duration::from_secs(25), AT_ONCE), || {
                        let state = qiancheng.state(one.product, &one.open_id).state();
                        assert!(state == one.state || state == one.failed, "{name}: {state}");
                        state == one.failed
                    });
                    is_over(&mut qiancheng, one);
                });
            }
        });
        // Past its ten minutes.
        thread::sleep((later_born.1 + Duration::from_secs(26)).duration_since(Instant::now()));
        qiancheng.wait_for("telecom", &later, &[43]);
        for open_id in [&late_word, &later] {
            qiancheng.of(open_id, "/telecom/data/report", &[]).ok();
        }
        server.restart();
        let mut qiancheng = qiancheng.at(server);
        for one in &all {
            is_over(&mut qiancheng, one);
        }
    });
}

/// The state says that it failed, the data is not there, no step is taken any more.
fn is_over(qiancheng: &mut Qiancheng, one: &Waiting) {
    let Waiting { product, open_id, failed, .. } = one;
    let state = qiancheng.state(product, open_id);
    assert_eq!((state.code, state.state()), (0, *failed), "{product}");
    let reports = if *product == "telecom" { &["raw-data", "report"][..] } else { &["raw-data"] };
    for what in reports {
        let answer = qiancheng.of(open_id, &format!("/{product}/data/{what}"), &[]);
        assert!(refused(&answer, 1000, "采集超时"), "{product} {what}: {answer:?}");
    }
    for (step, field) in one.steps {
        let path = format!("/{product}/collect/{step}");
        let answer = qiancheng.of(open_id, &path, &[(field, CODE)]);
        assert!(refused(&answer, 1001, "采集超时"), "{path}: {answer:?}");
    }
    let account = [("account", "a@one"), ("password", "synthetic"), ("sync", "1")];
    let entry = [("entry_id", "icbc-login"), ("login_name", "synth01"), ("password", "synthetic")];
    let (path, form): (_, &[_]) = match *product {
        "degree" => ("/degree/collect/login", &account),
        "v2/ebank" => ("/v2/ebank/collect/license-upload", &entry[..2]),
        _ => return,
    };
    let answer = qiancheng.of(open_id, path, form);
    assert!(refused(&answer, 1001, "采集超时"), "{path}: {answer:?}");
}

/// 0006: everything is given, and the data needs 20 s more. `@slow`: 15 s.
#[test]
fn what_takes_its_time_takes_that_time() {
    both(|server| {
        let mut qiancheng = Qiancheng::log_in(server);
        let person = Person::new(1, "0006");
        let (telecom, telecom_born) = born(|| qiancheng.open_telecom(&person, "synthetic"));
        qiancheng.wait_for("telecom", &telecom, &[41]);
        let degree = qiancheng.open_degree(&person);
        let form = [("account", "a@slow"), ("password", "synthetic"), ("sync", "1")];
        let ((), degree_born) =
            born(|| drop(qiancheng.of(&degree, "/degree/collect/login", &form).ok()));
        server.advance("8s");
        let mut other = qiancheng.at(server);
        let taken_at = |seconds| (Duration::from_secs(seconds), TAKEN_WITHIN);
        turns("degree", degree_born, taken_at(15 - 8), || {
            let state = other.state("degree", &degree).state();
            assert!(state == 11 || state == 21, "{state}");
            let data = other.of(&degree, "/degree/data/raw-data", &[]);
            assert!(data.code == 0 || refused(&data, 1003, "正在采集"), "{data:?}");
            state == 21
        });
        turns("telecom", telecom_born, taken_at(20 - 8), || {
            let state = qiancheng.state("telecom", &telecom).state();
            assert!(state == 41 || state == 43, "{state}");
            for what in ["raw-data", "report"] {
                let data = qiancheng.of(&telecom, &format!("/telecom/data/{what}"), &[]);
                assert!(data.code == 0 || refused(&data, 1003, "正在采集"), "{data:?}");
            }
            state == 43
        });
        qiancheng.of(&telecom, "/telecom/data/report", &[]).ok();
    });
}

#[test]
fn a_token_holds_for_its_hours() {
    both(|server| {
        let sandbox = server.sandbox();
        let mut qiancheng = Qiancheng::log_in(server);
        let mut log_in = |hours: &str| {
            let form = [("username", sandbox.username.as_str()), ("password", &sandbox.password)];
            let form = [&form[..], &[("hours", hours)][..usize::from(!hours.is_empty())]].concat();
            qiancheng.post("/client/authorize/token", &form)
        };
        for hours in ["0", "721", "-1", "24.5", "1e2", "x", "99999999999999999999"] {
            let answer = log_in(hours);
            assert!(refused(&answer, 1001, "hours: "), "{hours}: {answer:?}");
        }
        // In hours; each lives beside the others.
        let lives = [(1_u64, "1"), (24, ""), (720, "720")].map(|(hours, text)| {
            let (answer, born) = born(|| log_in(text));
            (hours, answer.ok()["token"].as_str().expect("a token").to_owned(), born)
        });
        let person = Person::new(1, "0001");
        let mut asking = qiancheng.at(server);
        let mut is_good = |token: &str| {
            let form = [&[("token", token)][..], &person.fields()].concat();
            let answer = asking.post("/blacklist/search/single", &form);
            assert!(answer.code == 0 || refused(&answer, 1001, "token: "), "{answer:?}");
            answer.code == 0
        };
        let mut passed_s = 0;
        for (at, (hours, token, born)) in lives.iter().enumerate() {
            let ahead_s = hours * 3600 - 8 * (at as u64 + 1) - passed_s;
            server.advance(&format!("{ahead_s}s"));
            passed_s += ahead_s;
            assert!(lives[at..].iter().all(|(_, token, _)| is_good(token)), "{hours}");
            let left = Duration::from_secs(hours * 3600 - passed_s);
            turns(&format!("{hours} h"), *born, (left, AT_ONCE), || !is_good(token));
            assert!(lives[..=at].iter().all(|(_, token, _)| !is_good(token)), "{hours}");
        }
    });
}

#[test]
fn a_licence_holds_for_24_hours() {
    both(|server| {
        let mut qiancheng = Qiancheng::log_in(server);
        let person = Person::new(1, "0001");
        let (one, two) = (
            [("entry_id", "icbc-login"), ("login_name", "synth01")],
            [("entry_id", "ccb-login"), ("login_name", "synth01")],
        );
        let form = [person.fields().as_slice(), &one].concat();
        let upload = "/ebank/collect/license-upload";
        let ((), first) = born(|| drop(qiancheng.with_token(upload, &form).ok()));
        let (open_id, _) = qiancheng.open_ebank_v2(&person);
        let upload = "/v2/ebank/collect/license-upload";
        thread::sleep(Duration::from_secs(3));
        let ((), second) = born(|| drop(qiancheng.of(&open_id, upload, &two).ok()));
        server.advance("86390s");
        // The first token held for 24 hours, too.
        let mut qiancheng = Qiancheng::log_in(server);
        let left = (Duration::from_secs(10), AT_ONCE);
        let password = [("password", "synthetic")];
        let (open_id, _) = qiancheng.open_ebank_v2(&person);
        turns("v1", first, left, || {
            let form = [person.fields().as_slice(), &one, &password].concat();
            let answer = qiancheng.with_token("/ebank/collect/open-id", &form);
            assert!(answer.code == 0 || refused(&answer, 1001, "授权"), "{answer:?}");
            answer.code != 0
        });
        turns("v2", second, left, || {
            // The first is taken; those after it are told so, as long as the licence holds.
            let form = [&two[..], &password].concat();
            let answer = qiancheng.of(&open_id, "/v2/ebank/collect/login", &form);
            refused(&answer, 1001, "授权")
        });
    });
}
