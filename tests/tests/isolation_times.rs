//! A session of another merchant takes as long as one that never was: how long an answer takes
//! tells nobody which ids are in use.

use std::time::{Duration, Instant};

use tests::database::Database;
use tests::figure;
use tests::http::Client;
use tests::qiancheng::Qiancheng;
use tests::qiancheng::routes::Sessions;
use tests::server::{Options, Server};
use tests::welch::{self, Comparison};

/// What the harness must find when it is there.
const SEEDED: Duration = Duration::from_micros(200);
const FOREIGN: usize = 0;
/// How often the owner looks at its sessions meanwhile: the node has them at hand.
const OWNER_EVERY: usize = 40;

/// A product, one of its paths, and what that takes beside the session.
type Route = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const ROUTES: [Route; 6] = [
    ("telecom", "/telecom/collect/get-state", &[]),
    ("telecom", "/telecom/data/raw-data", &[]),
    ("telecom", "/telecom/collect/captcha", &[("captcha", "123456")]),
    ("degree", "/degree/collect/get-state", &[]),
    ("ebank", "/ebank/data/raw-data", &[]),
    ("v2/ebank", "/v2/ebank/collect/get-state", &[]),
];

struct World {
    owner: Qiancheng,
    sessions: Vec<Sessions>,
    username: String,
    client: Client,
}

impl World {
    fn new(server: &Server) -> Self {
        let mut owner = server.lender("foreign");
        let sessions = (0..4).map(|_| Sessions::begin(&mut owner)).collect();
        let username = Qiancheng::log_in(server).username;
        Self { owner, sessions, username, client: server.client() }
    }

    /// Asks for foreign sessions (0) and absent ones (1), with `seeded` on top of the foreign.
    fn compare(&mut self, (product, path, form): Route, seeded: Duration) -> Comparison {
        let mut looks = 0;
        welch::compare(figure(2_000, 10_000), |kind, at| {
            let foreign = &self.sessions[at % self.sessions.len()].open[product];
            looks += 1;
            if looks % OWNER_EVERY == 0 {
                self.owner.state(product, foreign);
            }
            // As random as ids are.
            let (start, end) = foreign.split_at(2);
            let absent: String = start.chars().chain(end.chars().rev()).collect();
            let open_id = if kind == FOREIGN { foreign } else { &absent };
            let owner = [("username", self.username.as_str()), ("open_id", open_id)];
            let form = [&owner, form].concat();
            welch::time(|| {
                let answer = self.client.post_form(path, &[], &form).expect("an answer");
                assert_eq!(answer.json()["msg"], "open_id: 不存在", "{path}");
                let answered = Instant::now();
                while kind == FOREIGN && answered.elapsed() < seeded {}
            })
        })
    }
}

#[test]
fn a_foreign_session_takes_as_long_as_an_absent_one() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let mut world = World::new(&server);
        let found = world.compare(ROUTES[0], SEEDED);
        assert!(found.differ() && found.t > 0.0, "a seeded difference is not found: {found:?}");
        for route in ROUTES {
            let mut found = world.compare(route, Duration::ZERO);
            eprintln!("{database:?} {}: {found:?}", route.1);
            // What is there is there the second time as well; what the machine did is not.
            if found.differ() {
                found = world.compare(route, Duration::ZERO);
            }
            assert!(!found.differ(), "{database:?} {}: {found:?}", route.1);
        }
    }
}
