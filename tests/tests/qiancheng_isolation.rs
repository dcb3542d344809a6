//! A merchant sees only what is its own: at each route of the description, a session that is
//! another's, of another kind, or asked for by another name is answered as one that never was,
//! byte for byte; a token that is over as one that never was. Nothing of it changes anything.

use tests::database::Database;
use tests::http::{Client, Response};
use tests::qiancheng::routes::{self, Asker, Route, Sessions};
use tests::qiancheng::{Answer, Qiancheng};
use tests::server::{Options, Server};

const ABSENT: &str = "00000000000000000000000000000000";

/// What a poller can tell answers apart by.
type Bytes = (u16, Vec<(String, String)>, Vec<u8>);

fn ask(client: &mut Client, route: &Route, asker: &Asker<'_>, more: &[(&str, &str)]) -> Response {
    let form = route.form(asker);
    let form: Vec<(&str, &str)> = form.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let answer = client.post_form(&route.path, &[], &[&form[..], more].concat());
    answer.unwrap_or_else(|failure| panic!("{}: {failure}", route.path))
}

fn bytes(response: &Response) -> Bytes {
    let mut headers = response.headers.clone();
    headers.retain(|(name, _)| name != "date");
    (response.status, headers, response.body.clone())
}

struct World {
    server: Server,
    own: Qiancheng,
    own_sessions: Sessions,
    foreign: Qiancheng,
    foreign_sessions: Sessions,
    routes: Vec<Route>,
}

impl World {
    fn new(database: Database) -> Self {
        let server = Server::start(Options::on(database));
        let mut own = Qiancheng::log_in(&server);
        let mut foreign = server.lender("foreign");
        let own_sessions = Sessions::begin(&mut own);
        let foreign_sessions = Sessions::begin(&mut foreign);
        let routes = routes::all(&server);
        Self { server, own, own_sessions, foreign, foreign_sessions, routes }
    }

    fn asker<'a>(&'a self, open_id: &'a str) -> Asker<'a> {
        Asker { token: &self.own.token, username: &self.own.username, open_id }
    }

    /// Of a route with a session: who asks how, all of which must be answered alike.
    fn strangers<'a>(&'a self, product: &str) -> Vec<(String, Asker<'a>)> {
        let own = &self.own_sessions.open;
        let mut all = vec![
            ("absent".to_owned(), self.asker(ABSENT)),
            ("foreign".to_owned(), self.asker(&self.foreign_sessions.open[product])),
        ];
        for (other, open_id) in own.iter().filter(|(other, _)| **other != product) {
            all.push((format!("of {other}"), self.asker(open_id)));
        }
        for username in [&self.foreign.username, "nobody", "SANDBOX"] {
            let own = &own[product];
            all.push((format!("as {username}"), Asker { username, ..self.asker(own) }));
        }
        all
    }
}

#[test]
fn a_foreign_session_is_an_absent_one() {
    for database in Database::both() {
        let mut world = World::new(database);
        let (before, theirs) = (
            world.own_sessions.states(&mut world.own),
            world.foreign_sessions.states(&mut world.foreign),
        );
        let (mut client, mut pairs) = (world.server.client(), 0);
        for route in world.routes.iter().filter(|route| route.is_of_session()) {
            // The session alone stands for its owner here; a name that is sent is checked.
            let by_session = !route.required.iter().any(|name| name == "username");
            let mut answers = Vec::new();
            for (name, asker) in world.strangers(route.product()) {
                let named = [("username", asker.username)];
                let more = if by_session { &named[..] } else { &[] };
                answers.push((name, bytes(&ask(&mut client, route, &asker, more))));
            }
            let (_, absent) = &answers[0];
            let text = String::from_utf8_lossy(&absent.2);
            assert!(absent.0 == 200 && text.contains("\"code\":1001"), "{}: {text}", route.path);
            assert!(text.contains("open_id: 不存在"), "{}: {text}", route.path);
            for (name, answer) in &answers {
                assert_eq!(answer, absent, "{}: {name}", route.path);
            }
            pairs += answers.len();
        }
        assert!(pairs > 150, "{pairs}");
        assert_eq!(world.own_sessions.states(&mut world.own), before, "{database:?}");
        assert_eq!(world.foreign_sessions.states(&mut world.foreign), theirs, "{database:?}");
        own_answers_differ(&world);
    }
}

/// The same requests for the merchant's own sessions are answered otherwise: the table is no
/// table of refusals.
fn own_answers_differ(world: &World) {
    let mut client = world.server.client();
    for route in world.routes.iter().filter(|route| route.is_of_session()) {
        let open_id = &world.own_sessions.open[route.product()];
        let answer = Answer::read(&ask(&mut client, route, &world.asker(open_id), &[]));
        assert_ne!(answer.msg, "open_id: 不存在", "{}", route.path);
    }
}

#[test]
fn a_token_that_is_over_is_an_unknown_one() {
    for database in Database::both() {
        let world = World::new(database);
        let (mut client, mut count) = (world.server.client(), 0);
        let expired = {
            let sandbox = world.server.sandbox();
            let form = [
                ("username", &*sandbox.username),
                ("password", &*sandbox.password),
                ("hours", "1"),
            ];
            let answer = client.post_form("/client/authorize/token", &[], &form).expect("one");
            Answer::read(&answer).ok()["token"].as_str().expect("a token").to_owned()
        };
        world.server.advance("61m");
        for route in world.routes.iter().filter(|route| route.takes("token")) {
            let token = |token| Asker { token, ..world.asker(ABSENT) };
            let of_session = &world.own_sessions.open["telecom"];
            let password = world.server.sandbox().password;
            let strangers = [ABSENT, &expired, of_session, &password, "x", "' OR '1'='1"];
            let answers = strangers.map(|one| bytes(&ask(&mut client, route, &token(one), &[])));
            let text = String::from_utf8_lossy(&answers[0].2);
            assert!(text.contains("\"code\":1001,\"msg\":\"token: 无效或已过期\""), "{text}");
            for (stranger, answer) in strangers.iter().zip(&answers) {
                assert_eq!(answer, &answers[0], "{}: {stranger}", route.path);
            }
            let own = Answer::read(&ask(&mut client, route, &world.asker(ABSENT), &[]));
            assert!(!own.msg.starts_with("token"), "{}: {own:?}", route.path);
            count += 1;
        }
        assert_eq!(count, 8, "{database:?}");
    }
}

/// A suspended merchant, and one whose tokens were ended, are strangers to their own sessions.
#[test]
fn who_is_suspended_is_a_stranger() {
    for database in Database::both() {
        let mut world = World::new(database);
        let open_id = world.foreign_sessions.open["telecom"].clone();
        let path = "/telecom/collect/get-state";
        assert_eq!(world.foreign.of(&open_id, path, &[]).code, 0);
        world.server.cli(&["merchant", "suspend", "foreign"]).expect_success();
        std::thread::sleep(tests::server::IN_FORCE);
        let refused = world.foreign.of(&open_id, path, &[]);
        let absent = world.foreign.of(ABSENT, path, &[]);
        assert_eq!((refused.code, &refused), (1001, &absent), "{database:?}");
        let degree = world.foreign_sessions.open["degree"].clone();
        let look = world.foreign.post("/degree/collect/get-state", &[("open_id", &degree)]);
        assert_eq!(look, absent);
        let token = world.foreign.with_token("/degree/collect/open-id", &[]);
        assert_eq!((token.code, token.msg.as_str()), (1001, "token: 无效或已过期"));
        world.server.cli(&["merchant", "resume", "foreign"]).expect_success();
        std::thread::sleep(tests::server::IN_FORCE);
        assert_eq!(world.foreign.of(&open_id, path, &[]).code, 0, "{database:?}");
    }
}
