//! A node dies at any durable step of a borrower's way, as by `kill -9`: the borrower stands where
//! it stood, or has to log in again (508101) when what it typed was lost; no report is billed
//! twice, the journal holds, and the merchant is told at least once.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use serde_json::{Value, json};
use tests::connector::CONFIGURATION;
use tests::database::Database;
use tests::figure;
use tests::http::Failure;
use tests::journal::Journal;
use tests::process::wait_until;
use tests::receiver::{Receiver, SUCCESS};
use tests::rong360::after_login;
use tests::rong360::borrower::{Borrower, Card, SMS, unionpay_code};
use tests::server::{Options, Server};

const POINTS: [&str; 2] = ["unit.worked", "unit.committed"];
/// How many units a start takes, at least, and after how many the borrower has applied; a node that
/// shares its database has more to do.
const ON_SQLITE: Range<usize> = 12..56;
const ON_POSTGRES: Range<usize> = 24..84;
/// How long a node that is gone may hold a borrower, and then some.
const HELD: Duration = Duration::from_secs(90);
const SOON: Duration = Duration::from_secs(30);

/// Goes on until an answer does not come.
fn walk(me: &mut Borrower) -> Result<(), Failure> {
    let picture = |me: &mut Borrower| -> Result<String, Failure> {
        Ok(me.try_call("getPicCode", &json!({}))?.captcha.unwrap_or_default())
    };
    let pic_code = picture(me)?;
    let login = me.login("Passw0rd", &pic_code);
    me.try_call("login", &login)?;
    let card = json!({"bank_card": me.card_number(Card::Credit)});
    me.try_call("onlineValidateCard", &card)?;
    me.try_call("getOnlineMessageCode", &json!({}))?;
    let holder = Value::Object(me.holder(Card::Credit));
    let coded = me.try_call("onlineAuthentication", &holder)?;
    let code = unionpay_code(&coded.ok());
    let pic_code = picture(me)?;
    let raise = json!({"unionpay_code": code, "pic_code": pic_code});
    me.try_call("submitOnlineAuth", &raise)?;
    me.try_call("getOnlineMessageCode", &json!({}))?;
    me.try_call("submitApplyMessageCode", &json!({"message_code": SMS}))?;
    Ok(())
}

/// Where the borrower is found, once its node's hold on it has ended; a step whose secret was lost
/// is found out at every method.
fn found(me: &mut Borrower) -> i64 {
    let mut answer = me.call("getVerifyMethod", &json!({}));
    let held = wait_until(HELD, || {
        if answer.code == 508_100 {
            answer = me.call("getVerifyMethod", &json!({}));
        }
        Ok(answer.code != 508_100)
    });
    held.expect("a hold ends");
    assert!([200, 508_101, 508_110].contains(&answer.code), "{answer:?}");
    if answer.code == 508_101 {
        for (method, given) in after_login(me) {
            assert_eq!(me.code(method, &given), 508_101, "{method}");
        }
    }
    answer.code
}

/// From wherever it is to an application.
fn apply(me: &mut Borrower) {
    match me.log_in() {
        1 | 2 => {}
        0 if me.code("getOnlineAuthedInfo", &json!({})) == 200 => me.apply(),
        0 => me.pass_questions(),
        other => panic!("status {other}"),
    }
}

struct Rounds {
    receiver: Receiver,
    users: Vec<Borrower>,
}

impl Rounds {
    fn start(server: &Server) -> Self {
        let receiver = Receiver::always(SUCCESS);
        receiver.register(server, "sandbox");
        Self { receiver, users: Vec::new() }
    }

    /// A borrower's way ends with its node; the borrowers before it are left alone.
    fn round(&mut self, dying: &mut Server, point: &str) {
        // A start may take more units, on a busy machine.
        if dying.try_restart_with_fail_points(point).is_err() {
            return;
        }
        let user_id = format!("user {}", self.users.len());
        // So many codes go to one telephone.
        let login_name = format!("sandbox{:02}", self.users.len() % 60);
        let mut me = Borrower::new(dying, &user_id, &login_name);
        me.merchant.notice_url = self.receiver.url();
        let has_died = walk(&mut me).is_err();
        if has_died {
            let gone = wait_until(SOON, || Ok(!dying.is_running()));
            gone.expect("it died");
        }
        self.users.push(me);
    }

    /// All of them go on at `node`, to the report, shown twice.
    fn finish(&mut self, node: &Server) {
        let mut all: BTreeMap<i64, usize> = BTreeMap::new();
        for me in &mut self.users {
            me.move_to(node);
            *all.entry(found(me)).or_default() += 1;
            apply(me);
        }
        eprintln!("found at: {all:?}");
        assert!(all.contains_key(&508_101), "no step's secret was lost: {all:?}");
        assert!(all.len() > 1, "{all:?}");
        node.advance("11s");
        for me in &mut self.users {
            me.merchant.ahead_ms += 11_000;
            let made = wait_until(SOON, || Ok(me.code("getViewReportInfo", &json!({})) == 200));
            made.expect("the report is made");
            let first = me.view().ok();
            assert_eq!(me.view().ok()["reportId"], first["reportId"]);
        }
    }

    fn check(&self, server: &Server) {
        let journal = Journal::export(server);
        assert_eq!(journal.verify_exit, 0);
        let reads: Vec<_> =
            journal.rows.iter().filter(|row| row.product == "credit.report").collect();
        assert_eq!(reads.len(), self.users.len(), "one bill for each report: {reads:#?}");
        let all_told = wait_until(SOON, || {
            let told = self.receiver.received();
            let is_told = |user: usize| {
                told.iter().any(|one| one.body == format!("status=2&user_id=user+{user}"))
            };
            Ok((0..self.users.len()).all(is_told))
        });
        all_told.expect("everybody's merchant is told");
    }
}

#[test]
fn a_borrower_outlives_its_node_on_sqlite() {
    let options = Options::on(Database::Sqlite).configuration(CONFIGURATION);
    let mut server = Server::start(options);
    let mut rounds = Rounds::start(&server);
    for point in POINTS {
        for passes in ON_SQLITE.step_by(figure(2, 1)) {
            rounds.round(&mut server, &format!("{point}={passes}*off->return"));
        }
    }
    server.restart_with_fail_points("");
    rounds.finish(&server);
    rounds.check(&server);
}

#[test]
fn a_borrower_goes_on_at_another_node_on_postgres() {
    if !Database::both().contains(&Database::Postgres) {
        return;
    }
    let options = Options::on(Database::Postgres).configuration(CONFIGURATION);
    let mut first = Server::start(options);
    let second = Server::join(&first);
    let mut rounds = Rounds::start(&first);
    // Each one: a step takes some units, and a stride can miss the same one each time.
    for passes in ON_POSTGRES {
        rounds.round(&mut first, &format!("unit.committed={passes}*off->return"));
    }
    first.kill9();
    rounds.finish(&second);
    rounds.check(&second);
}
