//! A session of another merchant, or an application, takes as long as one that never was: how long
//! an answer takes tells nobody which ids are in use.

use std::time::Duration;

use tests::database::Database;
use tests::figure;
use tests::http::Client;
use tests::qiancheng::Qiancheng;
use tests::qiancheng::audit::{self, Applicant, Sealer, least};
use tests::qiancheng::routes::Sessions;
use tests::server::{Options, Server};
use tests::v1::V1;
use tests::welch::{self, Comparison};

/// What the harness must find when it is there.
const SEEDED: Duration = Duration::from_micros(200);
const FOREIGN: usize = 0;
/// How often the owner looks at its sessions meanwhile: the node has them at hand.
const OWNER_EVERY: usize = 40;

/// A product, one of its paths, and what that takes beside the session.
type Route = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const ROUTES: [Route; 8] = [
    ("telecom", "/telecom/collect/get-state", &[]),
    ("telecom", "/telecom/data/raw-data", &[]),
    ("telecom", "/telecom/collect/captcha", &[("captcha", "123456")]),
    ("degree", "/degree/collect/get-state", &[]),
    ("ebank", "/ebank/data/raw-data", &[]),
    ("v2/ebank", "/v2/ebank/collect/get-state", &[]),
    (AUDIT, audit::RESULT, &[]),
    (AUDIT, "/v1/applications/", &[]),
];
const AUDIT: &str = "audit";

struct World {
    owner: Qiancheng,
    sessions: Vec<Sessions>,
    applications: Vec<String>,
    /// Who asks for what is not its own: by face 2, and by `/v1`.
    stranger: Qiancheng,
    client: Client,
    v1: V1,
}

impl World {
    fn new(server: &Server) -> Self {
        let mut owner = server.lender("foreign");
        let sessions = (0..4).map(|_| Sessions::begin(&mut owner)).collect();
        let sealer = Sealer::of(server);
        let applications = (1..=4).map(|order_id| {
            let applicant = Applicant::with(least(order_id));
            owner.applied(&applicant, &sealer.jwe(applicant.text().as_bytes()))
        });
        let applications = applications.collect();
        let stranger = Qiancheng::log_in(server);
        let v1 = V1::of(server, "own");
        Self { owner, sessions, applications, stranger, client: server.client(), v1 }
    }

    fn foreign(&self, product: &str, at: usize) -> String {
        let of_audit = || self.applications[at % self.applications.len()].clone();
        let sessions = &self.sessions[at % self.sessions.len()].open;
        sessions.get(product).map_or_else(of_audit, Clone::clone)
    }

    /// The owner looks at its own.
    fn look(&mut self, product: &str, open_id: &str) {
        if product == AUDIT {
            let answer = self.owner.look_at(&[("open_id", open_id)]);
            assert_eq!(answer.json()["code"], 0, "{}", answer.text());
        } else {
            self.owner.state(product, open_id);
        }
    }

    /// The stranger asks for what is not its own, or not at all.
    fn ask(&mut self, (_, path, form): Route, open_id: &str) -> Duration {
        let username = self.stranger.username.clone();
        let owner = [("username", username.as_str()), ("open_id", open_id)];
        let v1 = format!("{path}{open_id}");
        let mut answer = None;
        let took = welch::time(|| {
            answer = Some(match path {
                audit::RESULT => self.stranger.look_at(&owner),
                path if path.starts_with("/v1/") => self.v1.get(&v1),
                path => {
                    self.client.post_form(path, &[], &[&owner, form].concat()).expect("an answer")
                }
            });
        });
        let answer = answer.expect("an answer");
        let is_absent = match path {
            path if path.starts_with("/v1/") => answer.status == 404,
            _ => answer.json()["msg"] == "open_id: 不存在",
        };
        assert!(is_absent, "{path}: {}", answer.text());
        took
    }

    /// Asks for what is foreign (0) and what is absent (1), with `seeded` on top of the foreign.
    fn compare(&mut self, route: Route, seeded: Duration) -> Comparison {
        let mut looks = 0;
        welch::compare(figure(2_000, 10_000), |kind, at| {
            let foreign = self.foreign(route.0, at);
            looks += 1;
            if looks % OWNER_EVERY == 0 {
                self.look(route.0, &foreign);
            }
            // As random as ids are.
            let (start, end) = foreign.split_at(2);
            let absent: String = start.chars().chain(end.chars().rev()).collect();
            let open_id = if kind == FOREIGN { &foreign } else { &absent };
            let took = self.ask(route, open_id);
            if kind == FOREIGN { took + seeded } else { took }
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
