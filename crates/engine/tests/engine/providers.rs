//! Providers: who is chosen for whom, and what stands before each.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::provider::ProviderLimits;
use domain::secret::Secret;
use domain::source::{SourceFailure, SourceKind};
use domain::subject::SubjectHash;
use domain::time::Span;
use engine::{Engine, LiveProvider, NewProvider, tasks};
use sources::remote::Remote;
use sources::step::{Effect, Fetch, Fetched, Loss, Method};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use crate::world::World;

const LIMITS: ProviderLimits =
    ProviderLimits { in_flight_max: 64, rate_per_second: 1_000, step_deadline: Span::millis(300) };

async fn provider(engine: &Engine, name: &str, port: u16, limits: ProviderLimits) {
    let new = NewProvider {
        name: name.to_owned(),
        kind: SourceKind::Degree,
        url: format!("http://127.0.0.1:{port}"),
        secret: Secret::new(vec![b's'; 32]),
        number: 1,
        weight: 100,
        licence: Some("synthetic".to_owned()),
        authorisation: Some("synthetic".to_owned()),
        limits,
    };
    engine.add_provider(new).await.expect("a new provider");
    engine.change_provider(name, |one| one.is_enabled = true).await.expect("it has its papers");
    engine.refresh().await.expect("the configuration is read");
}

fn live(engine: &Engine, name: &str) -> Arc<LiveProvider> {
    Arc::clone(engine.directory().provider(name).expect("a provider"))
}

fn step() -> Fetch {
    let body = Secret::new(b"{}".to_vec());
    Fetch { effect: Effect::Read, method: Method::Post, path: "/v1/steps".into(), body }
}

/// Whom each of 200 persons is sent to.
fn routes(engine: &Engine, avoid: &[&str]) -> BTreeSet<String> {
    let to = |person: u8| engine.route(SourceKind::Degree, &SubjectHash([person; 32]), avoid);
    (0..200).filter_map(to).map(|live| live.provider.name.clone()).collect()
}

fn names(all: &[&str]) -> BTreeSet<String> {
    all.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn work_goes_to_those_that_are_enabled_healthy_and_not_avoided() {
    let world = World::open().await;
    let engine = &world.engine;
    assert_eq!(routes(engine, &[]), names(&[]));
    for name in ["one", "two", "three"] {
        provider(engine, name, 9, LIMITS).await;
    }
    assert_eq!(routes(engine, &[]), names(&["one", "two", "three"]));
    assert_eq!(routes(engine, &["one"]), names(&["two", "three"]));
    assert_eq!(routes(engine, &["one", "two", "three"]), names(&["one", "two", "three"]));
    engine.change_provider("two", |two| two.is_enabled = false).await.expect("a change");
    engine.change_provider("three", |three| three.weight = 0).await.expect("a change");
    engine.refresh().await.expect("the configuration is read");
    assert_eq!(routes(engine, &[]), names(&["one"]));
    assert!(matches!(engine.perform(&live(engine, "two"), step()).await, Fetched::NotSent));

    // Failures of persons say nothing of the source; five of its own open the breaker.
    let one = live(engine, "one");
    for failure in [SourceFailure::WrongCredentials, SourceFailure::Locked].repeat(9) {
        engine.judge(&one, Some(failure));
    }
    assert_eq!(routes(engine, &[]), names(&["one"]));
    for _ in 0..5 {
        engine.judge(&one, Some(SourceFailure::Down));
    }
    assert_eq!(routes(engine, &[]), names(&[]));
    engine.change_provider("one", |one| one.weight = 7).await.expect("a change");
    engine.refresh().await.expect("the configuration is read");
    assert_eq!(routes(engine, &[]), names(&[]), "a new configuration does not heal");
    world.wait(Span::seconds(10));
    assert_eq!(routes(engine, &[]), names(&["one"]), "it is tried again");
}

/// A connector that takes requests, and after a while hangs up; how many were with it at once.
async fn slow() -> (u16, Arc<AtomicUsize>, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (total, peak) = (Arc::new(AtomicUsize::new(0)), Arc::clone(&most));
    let all = Arc::clone(&total);
    tasks::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            all.fetch_add(1, Ordering::SeqCst);
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let now = Arc::clone(&now);
            tasks::spawn(async move {
                let _ = stream.read(&mut [0; 4096]).await;
                tasks::pause(Span::millis(40)).await;
                now.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
    (port, total, peak)
}

#[tokio::test]
async fn bulkhead_rate_and_breaker_hold_and_the_deadline_too() {
    let (port, total, peak) = slow().await;
    let world = World::open().await;
    let engine = &world.engine;
    provider(engine, "narrow", port, ProviderLimits { in_flight_max: 2, ..LIMITS }).await;
    let narrow = live(engine, "narrow");
    let mut asked = Vec::new();
    for _ in 0..6 {
        asked.push(engine.perform(&narrow, step()));
    }
    let fetched = join(asked).await;
    assert!(fetched.iter().all(|one| matches!(one, Fetched::Unknown(Loss::BrokenOff))));
    assert_eq!((total.load(Ordering::SeqCst), peak.load(Ordering::SeqCst)), (6, 2));

    // The clock of this test stands still, so that a second never ends.
    provider(engine, "seldom", port, ProviderLimits { rate_per_second: 3, ..LIMITS }).await;
    let seldom = live(engine, "seldom");
    let fetched = join((0..5).map(|_| engine.perform(&seldom, step())).collect()).await;
    let sent = fetched.iter().filter(|one| !matches!(one, Fetched::TurnedAway)).count();
    assert_eq!((sent, total.load(Ordering::SeqCst)), (3, 9));

    // While the breaker is open no step passes, but what became of one may be asked.
    for _ in 0..5 {
        engine.judge(&narrow, Some(SourceFailure::TimedOut));
    }
    assert!(matches!(engine.perform(&narrow, step()).await, Fetched::TurnedAway));
    let recovered = engine.perform(&narrow, Remote::recover("s-1")).await;
    assert!(matches!(recovered, Fetched::Unknown(Loss::BrokenOff)));
    assert_eq!(total.load(Ordering::SeqCst), 10);
}

/// Runs all of them at once, in this task.
async fn join(all: Vec<impl Future<Output = Fetched>>) -> Vec<Fetched> {
    let mut waiting: Vec<_> = all.into_iter().map(Box::pin).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|context| {
        waiting.retain_mut(|one| match one.as_mut().poll(context) {
            std::task::Poll::Ready(fetched) => {
                done.push(fetched);
                false
            }
            std::task::Poll::Pending => true,
        });
        if waiting.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done
}
