//! What the borrowers of face 3 alone know is at rest nowhere, sealed or not (I6): passwords, PINs,
//! codes by SMS, pictures, answers, UnionPay's and the bureau's codes. Who they are lies nowhere
//! open (`common.md`, Personal data).

use serde_json::{Value, json};
use tests::canary::Canaries;
use tests::connector::CONFIGURATION;
use tests::database::Database;
use tests::rong360::after_login;
use tests::rong360::borrower::{Borrower, CARD_PIN, Card, PASSWORD, SMS, unionpay_code};
use tests::scan;
use tests::server::{Options, Server};
use tests::v1::V1;

#[test]
fn no_secret_is_at_rest_on_sqlite() {
    no_secret_is_at_rest(Database::Sqlite);
}

#[test]
fn no_secret_is_at_rest_on_postgres() {
    if Database::both().contains(&Database::Postgres) {
        no_secret_is_at_rest(Database::Postgres);
    }
}

/// What was typed, by everybody.
#[derive(Default)]
struct Typed {
    marks: usize,
    secrets: Vec<String>,
    private: Vec<String>,
}

impl Typed {
    /// A secret that is nobody's.
    fn mark(&mut self) -> String {
        self.marks += 1;
        let mark = format!("zQ7mK{:04}wX", self.marks);
        self.secrets.push(mark.clone());
        mark
    }

    /// A right one that is too short to be found by itself: as it would stand in JSON.
    fn right(&mut self, secret: &str) {
        self.secrets.push(format!("\"{secret}\""));
    }

    fn person(&mut self, me: &Borrower) {
        let person = me.person.clone();
        self.private.extend([person.name, person.id_card, person.mobile]);
        self.private.extend([person.debit_card, person.credit_card, person.login_name]);
        self.private.push(me.merchant.user_id.clone());
    }
}

fn no_secret_is_at_rest(database: Database) {
    let configuration = format!("{CONFIGURATION}[log]\nlevel = \"trace\"\n");
    let mut server = Server::start(Options::on(database).configuration(&configuration));
    let mut typed = Typed::default();
    for secret in [PASSWORD, SMS, CARD_PIN] {
        typed.right(secret);
    }
    let ahead_ms = walks(&server, &mut typed);
    let mut log = server.log_text();
    server.restart();
    unreadable(&server, ahead_ms, &mut typed);
    handed_in(&server, &mut typed);
    let (secrets, private) = (Canaries::new(typed.secrets), Canaries::new(typed.private));
    assert!(secrets.len() >= 100, "{}", secrets.len());

    log += &server.log_text();
    assert!(log.len() > 20_000, "the log is chatty: {} bytes", log.len());
    scan::nothing_is_at_rest(&mut server, &log, &secrets, &private);
}

/// A person's own page, handed in, read and refused.
fn handed_in(server: &Server, typed: &mut Typed) {
    let mut v1 = V1::of(server, "files");
    let content = "multipart/form-data; boundary=b";
    for (login_name, of_another) in [("sandbox40", false), ("sandbox41", true)] {
        let me = Borrower::new(server, &format!("canary-{login_name}"), login_name);
        let printed = server.command(&["sandbox", "page", login_name]).output().expect("it runs");
        typed.private.extend([me.person.name.clone(), me.person.id_card.clone()]);
        let name = if of_another { "合成另一人" } else { me.person.name.as_str() };
        let text = |name: &str, value: &str| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let head = [text("name", name), text("id_card", &me.person.id_card)].concat();
        let file = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n";
        let body = [head.as_bytes(), file.as_bytes(), &printed.stdout, b"\r\n--b--\r\n"].concat();
        let answer = v1.post("/v1/credit-reports", content, &body);
        assert_eq!(answer.status, if of_another { 422 } else { 200 }, "{}", answer.text());
        v1.post("/v1/files", content, &body);
        v1.post("/v1/credit-reports", "text/html", &printed.stdout);
        v1.post("/v1/credit-reports", content, &body[..body.len() - 9]);
    }
}

/// Three borrowers to their report, with every wrong and right secret on the way; gives how far the
/// clock went.
fn walks(server: &Server, typed: &mut Typed) -> i64 {
    let mut me = Borrower::new(server, "canary-user-0", "sandbox14");
    for (at, card) in [Some(Card::Debit), Some(Card::Credit), None].into_iter().enumerate() {
        let login_name = ["sandbox14", "sandbox25", "sandbox33"][at];
        me = me.beside(&format!("canary-user-{at}"), login_name);
        typed.person(&me);
        enter(&mut me, typed);
        if let Some(card) = card {
            by_card(&mut me, card, typed);
        } else {
            by_questions(&mut me, typed);
        }
        me.wait_for_report(server);
        for _ in 0..3 {
            let code = json!({"message_code": typed.mark()});
            assert_eq!(me.code("viewReport", &code), 508_115);
        }
        me.view().ok();
    }
    me.merchant.ahead_ms
}

fn enter(me: &mut Borrower, typed: &mut Typed) {
    for _ in 0..3 {
        let password = typed.mark();
        assert_eq!(me.log_in_with(&password).code, 208_101);
        me.picture();
        let login = me.login(&typed.mark(), &typed.mark());
        assert_eq!(me.code("login", &login), 210_101);
    }
    let picture = me.picture();
    typed.right(&picture);
    let login = me.login(PASSWORD, &picture);
    me.call("login", &login).ok();
}

fn by_questions(me: &mut Borrower, typed: &mut Typed) {
    me.call("getQuestion", &json!({})).ok();
    let right = me.answers();
    for key in ["kbaList[0].options", "kbaList[4].options", "extra"] {
        let mut answers = right.clone();
        answers[key] = json!(typed.mark());
        // What belongs to no field is not read.
        assert_eq!(me.code("submitQuestion", &answers) == 200, key == "extra", "{key}");
    }
}

fn by_card(me: &mut Borrower, card: Card, typed: &mut Typed) {
    me.name_card(card);
    me.message();
    let right = me.holder(card);
    let fields: &[&str] = match card {
        Card::Debit => &["message_code", "password"],
        Card::Credit => &["message_code", "last_three", "month", "year"],
    };
    for field in fields {
        for _ in 0..3 {
            let mut holder = right.clone();
            holder.insert((*field).to_owned(), json!(typed.mark()));
            assert_ne!(me.code("onlineAuthentication", &Value::Object(holder)), 200, "{field}");
        }
    }
    let code = unionpay_code(&me.call("onlineAuthentication", &Value::Object(right)).ok());
    typed.right(&code);
    for _ in 0..3 {
        let picture = me.picture();
        typed.right(&picture);
        let given = json!({"unionpay_code": typed.mark(), "pic_code": picture});
        assert_eq!(me.code("submitOnlineAuth", &given), 508_117);
    }
    me.raise(&code);
    me.message();
    for _ in 0..3 {
        let given = json!({"message_code": typed.mark()});
        assert_eq!(me.code("submitApplyMessageCode", &given), 211_101);
    }
    me.call("submitApplyMessageCode", &json!({"message_code": SMS})).ok();
}

/// Out of step, where no secret belongs, and in what cannot be read.
fn unreadable(server: &Server, ahead_ms: i64, typed: &mut Typed) {
    let mut me = Borrower::new(server, "canary-user-9", "sandbox33");
    me.merchant.ahead_ms = ahead_ms;
    for turn in 0..2 {
        for (method, given) in after_login(&me) {
            let mut given = given.as_object().expect("an object").clone();
            for field in ["password", "message_code", "pic_code", "unionpay_code", "year"] {
                given.insert(field.to_owned(), json!(typed.mark()));
            }
            me.call(method, &Value::Object(given));
        }
        if turn == 0 {
            me.log_in();
        }
    }
    let secret = typed.mark();
    for body in [
        format!("method=crawler.api.zx.login&app_id=2000001&biz_data={secret}&sign={secret}"),
        format!("{secret}={secret}"),
        format!("biz_data=%7B%22password%22:%22{secret}%22%7D&biz_data={secret}&app_id=1"),
    ] {
        me.merchant.send("login", &body);
    }
    let (token, password) = (typed.mark(), typed.mark());
    let body = format!(
        "{{\"method\":\"crawler.api.zx.login\",\"biz_data\":{{\"password\":\"{password}\",}}}}"
    );
    me.merchant.send_json("login", &token, &body);
    me.merchant.send_json("login", &token, &body[..body.len() - 9]);
}
