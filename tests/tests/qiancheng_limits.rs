//! Limits of face 2: guessed passwords, products that were not bought, quotas, rates.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use tests::database::Database;
use tests::http::Response;
use tests::qiancheng::audit::{self, Sealer, least};
use tests::qiancheng::lender::PRODUCTS;
use tests::qiancheng::routes::{self, Asker};
use tests::qiancheng::{Answer, Person, Qiancheng};
use tests::server::{IN_FORCE, Options, Server};

const WRONG: &str = "账户或密码错误";
const USED_UP: &str = "调用量已达上限";

static ORDERS: AtomicU64 = AtomicU64::new(1);

/// A proxy that is believed says where a caller comes from.
fn behind_a_proxy(database: Database) -> Server {
    let proxy = "[server]\ntrusted_proxies = [\"127.0.0.1/32\"]";
    Server::start(Options::on(database).configuration(proxy))
}

fn log_in(server: &Server, address: &str, (username, password): (&str, &str)) -> Response {
    let form = [("username", username), ("password", password)];
    let from = [("X-Forwarded-For", address)];
    server.client().post_form("/client/authorize/token", &from, &form).expect("an answer")
}

#[test]
fn whoever_guesses_is_locked_out_and_nobody_else() {
    for database in Database::both() {
        let server = behind_a_proxy(database);
        let sandbox = server.sandbox();
        let (username, password) = (&*sandbox.username, &*sandbox.password);
        let code =
            |address, password| Answer::read(&log_in(&server, address, (username, password))).code;
        let (guesser, merchant) = ("203.0.113.7", "198.51.100.9");
        assert_eq!(code(guesser, password), 0);
        for _ in 0..4 {
            assert_eq!(code(guesser, "wrong"), 1001);
        }
        assert_eq!(code(guesser, password), 0, "four are forgiven, and forgotten");
        for _ in 0..5 {
            assert_eq!(code(guesser, "wrong"), 1001);
        }
        // Locked, wrong and unknown are the same bytes.
        let body = |address, who: (&str, &str)| log_in(&server, address, who).body;
        let locked = body(guesser, (username, password));
        assert!(String::from_utf8_lossy(&locked).contains(WRONG), "{database:?}");
        assert_eq!(body(merchant, (username, "wrong")), locked);
        assert_eq!(body(merchant, ("nobody", password)), locked);
        assert_eq!(code(merchant, password), 0, "the merchant itself comes from elsewhere");
        server.advance("9m");
        assert_eq!(code(guesser, password), 1001, "for ten minutes");
        server.advance("61s");
        assert_eq!(code(guesser, password), 0, "{database:?}: and no longer");
        // Many accounts, one address.
        for number in 0..30 {
            let account = format!("account-{number}");
            log_in(&server, "203.0.113.8", (&account, "guess"));
        }
        assert_eq!(code("203.0.113.8", password), 1001);
        assert_eq!(code(merchant, password), 0);
    }
}

/// Each beginning, and the blacklist: by whom that is asked, as the description lists them.
fn ask_all(server: &Server, qiancheng: &mut Qiancheng) -> Vec<(String, Answer)> {
    let token = qiancheng.token.clone();
    let asker = Asker { token: &token, username: "", open_id: "" };
    let routes = routes::all(server);
    // Each has a number of its own: the same again would cost nothing.
    let order_id = ORDERS.fetch_add(1, Ordering::Relaxed);
    let application = Sealer::of(server).jwe(least(order_id).to_string().as_bytes());
    let priced = routes
        .iter()
        .filter(|route| route.takes("token") && !route.path.ends_with("license-upload"));
    priced
        .map(|route| {
            let form = route.form(&asker);
            let mut form: Vec<(&str, &str)> =
                form.iter().map(|(name, text)| (*name, text.as_str())).collect();
            if route.path == "/ebank/collect/open-id" {
                let licence = qiancheng.post("/ebank/collect/license-upload", &form);
                assert_eq!(licence.code, 0, "{licence:?}");
                form.push(("password", "synthetic"));
            }
            if route.path == audit::OPEN {
                form.retain(|(name, _)| *name != "data");
                form.push(("data", &application));
            }
            (route.path.clone(), qiancheng.post(&route.path, &form))
        })
        .collect()
}

fn expect_all(server: &Server, qiancheng: &mut Qiancheng, (code, msg): (i64, &str)) {
    let answers = ask_all(server, qiancheng);
    assert_eq!(answers.len(), 7);
    for (path, answer) in answers {
        let found = (answer.status, answer.code, answer.msg.as_str());
        assert_eq!(found, (200, code, msg), "{path}: {answer:?}");
        assert_eq!(answer.data.is_null(), code != 0, "{path}");
    }
}

#[test]
fn what_was_not_bought_or_is_used_up_is_refused() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let password = server.new_lender("lender", &[]);
        let mut lender = Qiancheng::log_in_as(&server, "lender", &password);
        expect_all(&server, &mut lender, (1001, "未开通该产品"));
        // One call of each product, and both of the blacklist's routes ask the same one.
        for product in PRODUCTS {
            let calls = if product == "blacklist.search" { "2" } else { "1" };
            server.entitle_lender("lender", product, &["--daily-quota", calls]);
        }
        thread::sleep(IN_FORCE);
        expect_all(&server, &mut lender, (0, ""));
        expect_all(&server, &mut lender, (1000, USED_UP));
        server.advance("24h");
        let mut lender = Qiancheng::log_in_as(&server, "lender", &password);
        expect_all(&server, &mut lender, (0, ""));
        expect_all(&server, &mut lender, (1000, USED_UP));
    }
}

#[test]
fn a_rate_is_kept() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let mut lender = server.lender("lender");
        server.cli(&["merchant", "rate", "lender", "2"]).expect_success();
        thread::sleep(2 * IN_FORCE);
        let person = Person::new(1, "0001");
        let mut refused = 0;
        for _ in 0..40 {
            let answer = lender.with_token("/blacklist/search/single", &person.fields());
            assert!(
                answer.code == 0 || (answer.code == 1000 && answer.msg == USED_UP),
                "{answer:?}"
            );
            refused += u32::from(answer.code != 0);
        }
        assert!(refused > 0, "{database:?}");
        // What is not priced is not counted: whoever polls is answered.
        server.cli(&["merchant", "rate", "lender", "none"]).expect_success();
        thread::sleep(IN_FORCE);
        let open_id = lender.open_telecom(&person, "");
        server.cli(&["merchant", "rate", "lender", "1"]).expect_success();
        thread::sleep(IN_FORCE);
        assert!((0..40).all(|_| lender.state("telecom", &open_id).code == 0));
    }
}
