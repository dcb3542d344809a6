//! Callbacks a second that a node delivers to fast receivers while a slow one has its places full,
//! beside a plain client that posts the same to the same receivers and keeps no record of it.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use super::mark;
use super::report::{Fact, Report, Versus};
use crate::cluster::Cluster;
use crate::connector::CONFIGURATION;
use crate::database::{Database, PostgresDatabase};
use crate::http::Client;
use crate::process;
use crate::receiver::{Receiver, SUCCESS};
use crate::server::{Options, Server};

/// Receivers that answer at once.
const FAST: usize = 8;
/// What one node sends to one receiver at once.
const AT_ONCE: usize = 16;
/// How long the slow one takes, and how much is waiting for it.
const SLOW: Duration = Duration::from_secs(5);
const WAITING: usize = 400;
const LIMIT: Duration = Duration::from_mins(5);

pub(super) fn measure(database: Database, each: usize, report: &mut Report) -> io::Result<()> {
    let (name, cluster) = match database {
        Database::Sqlite => ("sqlite", None),
        Database::Postgres => ("postgresql", Some(Cluster::start(&[]))),
    };
    let on = cluster.as_ref().map(|cluster| PostgresDatabase::create_on(&cluster.url()));
    let mut server = Server::prepare_on(Options::on(database).configuration(CONFIGURATION), on);
    mark::start_up(&mut server);
    let slow = Receiver::start(|_, _| (SLOW, SUCCESS.to_owned()));
    let fast: Vec<Receiver> = (0..FAST).map(|_| Receiver::always(SUCCESS)).collect();
    for receiver in fast.iter().chain([&slow]) {
        receiver.register(&server, "sandbox");
    }
    // Put down while nobody delivers, the slow one's first.
    server.terminate();
    send(&server, &slow, WAITING);
    for receiver in &fast {
        send(&server, receiver, each);
    }
    mark::start_up(&mut server);
    let start = Instant::now();
    let count = || fast.iter().map(Receiver::count).sum::<usize>();
    process::wait_until(LIMIT, || Ok(count() >= FAST * each))?;
    let ours = (FAST * each) as f64 / start.elapsed().as_secs_f64();
    let peer = plain(&fast, each);
    report.versus(Versus {
        name: format!("{name} callbacks, beside a slow receiver"),
        ours,
        peer: Some(peer),
        aim: None,
        unit: "callbacks/s",
    })?;
    let places = Fact::new(format!("{name} callbacks, sent to the slow"), slow.count() as f64, "");
    report.fact(places)
}

fn send(server: &Server, receiver: &Receiver, count: usize) {
    let (url, user) = (receiver.url(), format!("u{}", receiver.port()));
    let send = ["callback", "send", "--merchant", "sandbox", "--user", &user, "--status", "2"];
    let many = ["--url", &url, "--count", &count.to_string()];
    server.cli(&[&send[..], &many].concat()).expect_success();
}

/// Posts the same with as many at once, a connection for each; gives how many a second.
fn plain(receivers: &[Receiver], each: usize) -> f64 {
    let start = Instant::now();
    thread::scope(|scope| {
        for receiver in receivers {
            for _ in 0..AT_ONCE {
                scope.spawn(move || {
                    for number in 0..each / AT_ONCE {
                        let (port, number) = (receiver.port(), number.to_string());
                        let user = format!("u{port}-{number}");
                        let form = [("status", "2"), ("user_id", user.as_str())];
                        let mut client = Client::new(receiver.address());
                        let answer = client.post_form("/notify", &[], &form).expect("an answer");
                        assert_eq!(answer.text(), "success");
                    }
                });
            }
        }
    });
    (receivers.len() * (each / AT_ONCE * AT_ONCE)) as f64 / start.elapsed().as_secs_f64()
}
