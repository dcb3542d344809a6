//! A merchant sees only its own borrowers: the same user id at two merchants is two borrowers, and
//! who asks with another's name is nobody (I8). A stranger's borrower is answered as one that never
//! was, but for the number of the request.

use serde_json::{Value, json};
use tests::database::Database;
use tests::rong360::borrower::{Borrower, Card, PASSWORD};
use tests::rong360::merchant::Merchant;
use tests::rong360::{Answer, after_login};
use tests::server::{Options, Server};

const PRODUCTS: [(&str, &str); 2] = [("credit.report", "200"), ("credit.cached", "20")];

struct World {
    server: Server,
    other: Merchant,
}

impl World {
    fn new(database: Database) -> Self {
        let server = Server::start(Options::on(database));
        let declares = ["--declares-consent"];
        let other = Merchant::create(&server, ("other", "3000001"), &PRODUCTS, &declares);
        Self { server, other }
    }

    fn own(&self, user_id: &str, login_name: &str) -> Borrower {
        Borrower::new(&self.server, user_id, login_name)
    }

    fn foreign(&self, user_id: &str, login_name: &str) -> Borrower {
        Borrower::of(&self.server, &self.other, user_id, login_name)
    }
}

/// An answer without what must differ.
fn told(answer: &Answer) -> String {
    answer.text.replace(&answer.request_id, "")
}

/// Each method × {own, the other merchant's user, a user of nobody}.
#[test]
fn a_user_id_is_its_merchants() {
    for database in Database::both() {
        let world = World::new(database);
        let mut mine = world.own("same", "sandbox61");
        assert_eq!(mine.log_in(), 2);
        mine.view().ok();
        mine.name_card(Card::Debit);
        mine.message();
        // The other merchant's borrower of that name, and one that nobody ever spoke of.
        for (method, given) in after_login(&mine) {
            let answer = world.foreign("same", "sandbox61").call(method, &given);
            let absent = world.foreign("absent", "sandbox61").call(method, &given);
            assert_eq!(answer.code, 508_110, "{database:?} {method}: {answer:?}");
            assert_eq!(told(&answer), told(&absent), "{database:?} {method}");
            let unsent = world.own("absent too", "sandbox61").call(method, &given);
            assert_eq!(told(&unsent), told(&absent), "{database:?} {method}");
        }
        // Their pictures and logins are two, too.
        let mut theirs = world.foreign("same", "sandbox05");
        let (picture, foreign) = (mine.picture(), theirs.picture());
        assert_ne!(picture, foreign);
        let login = theirs.login(PASSWORD, &picture);
        assert_eq!(theirs.code("login", &login), 210_101, "mine is no use to them");
        assert_eq!(theirs.log_in(), 0);
        // Nothing of it changed where the borrower stands: it holds its card and its login.
        let holder = Value::Object(mine.holder(Card::Debit));
        assert_eq!(mine.code("onlineAuthentication", &holder), 200, "{database:?}");
        assert_eq!(theirs.code("getViewReportInfo", &json!({})), 508_101);
        own_answers_differ(&world);
    }
}

/// The same requests of one who is logged in are answered otherwise.
fn own_answers_differ(world: &World) {
    let mut me = world.own("logged in", "sandbox61");
    me.log_in();
    for (method, given) in after_login(&me) {
        assert_ne!(me.code(method, &given), 508_110, "{method}");
    }
}

/// The lock of a login name and the report of an account are each merchant's.
#[test]
fn locks_and_reports_are_not_shared() {
    for database in Database::both() {
        let world = World::new(database);
        let (mut mine, mut theirs) =
            (world.own("same", "sandbox06"), world.foreign("same", "sandbox06"));
        for _ in 0..5 {
            assert_eq!(mine.log_in_with("wrong").code, 208_101);
        }
        assert_eq!(mine.log_in_with(PASSWORD).code, 508_108);
        assert_eq!(theirs.log_in(), 0, "{database:?}: not locked");
        theirs.pass_questions();
        theirs.wait_for_report(&world.server);
        theirs.view().ok();
        mine.merchant.ahead_ms = theirs.merchant.ahead_ms;
        mine.advance(&world.server, 10 * 60);
        assert_eq!(mine.log_in(), 0, "{database:?}: nothing was applied for here");
    }
}

/// One's own key with another's app id, another's id inside, and the names that are one's own.
#[test]
fn an_app_id_goes_with_its_key() {
    let world = World::new(Database::Sqlite);
    let mut me = world.own("u", "sandbox00");
    me.sign_with(&world.other);
    assert_eq!(me.code("getPicCode", &json!({})), 100_002, "their key, my app id");
    let mut me = world.own("u", "sandbox00");
    me.merchant.app_id.clone_from(&world.other.app_id);
    assert_eq!(me.code("getPicCode", &json!({})), 100_002, "my key, their app id");
    let mut me = world.own("u", "sandbox00");
    for (merchant_id, code) in
        [("123124", 200), (&me.merchant.app_id.clone(), 200), (&*world.other.app_id, 100_006)]
    {
        assert_eq!(me.code("getPicCode", &json!({"merchant_id": merchant_id})), code);
    }
    // By the alias it is the same borrower.
    let picture = me.call("getPicCode", &json!({"merchant_id": "123124"})).captcha;
    let login = me.login(PASSWORD, &picture.expect("a picture"));
    assert_eq!(me.code("login", &login), 200);
    let alias = json!({"merchant_id": "123124"});
    assert_eq!(me.code("getVerifyMethod", &alias), 200);
    let mut theirs = world.foreign("u", "sandbox00");
    assert_eq!(theirs.code("getPicCode", &alias), 100_006, "not their alias");
}
