//! Features of applications per second on one thread, and with them the example score.
//!
//! `application_features FILE` reads canonical applications, one a line. Without a file it makes
//! synthetic ones: of the usual size, and with the longest list of calls that is allowed.

use std::hint::black_box;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use domain::application::{
    AddressBookEntry, Application, Basic, CallContact, Order, RealName, Telecom,
};
use domain::assessment::{self, Held, scorecard};
use domain::dataset::Fen;
use domain::identity::{IdCard, Mobile, Person, PersonName};
use domain::time::{Span, Timestamp};

const NOW: Timestamp = Timestamp(1_795_219_200_000_000);
const MEASURED: Duration = Duration::from_secs(2);
/// Entries of the address book, numbers called: an application of about 100 KB.
const USUAL: (usize, usize) = (200, 300);

fn main() -> io::Result<()> {
    let Some(path) = std::env::args().nth(1) else {
        report("usual application", &[made(USUAL.0, USUAL.1)])?;
        return report(
            "longest lists",
            &[made(Application::CONTACTS_MAX, Application::CALL_CONTACTS_MAX)],
        );
    };
    let text = std::fs::read_to_string(path)?;
    let read = |line: &str| Application::from_canonical(line.as_bytes());
    let applications: Option<Vec<Application>> = text.lines().map(read).collect();
    let applications =
        applications.filter(|read| !read.is_empty()).ok_or(io::ErrorKind::InvalidData)?;
    report("applications", &applications)
}

fn report(name: &str, applications: &[Application]) -> io::Result<()> {
    let (person, held) = (person(), Held::default());
    let (_, model) = scorecard::example();
    let features = |one: &Application| assessment::features(&person, one, &held, NOW);
    let bytes = applications.iter().map(|one| one.canonical().len()).sum::<usize>();
    let rows = applications.iter().map(|one| one.telecom.contacts.len()).sum::<usize>();
    let count = applications.len();
    writeln!(
        io::stdout(),
        "{name}: {count} of {} bytes, {} numbers called, {} features each",
        bytes / count,
        rows / count,
        assessment::CATALOGUE.len(),
    )?;
    measure(applications, "  features", |one| _ = black_box(features(one)))?;
    measure(applications, "  features, score, contributions", |one| {
        _ = black_box(model.explain(&assessment::numbers(&features(one))));
    })
}

fn measure(
    applications: &[Application],
    name: &str,
    mut once: impl FnMut(&Application),
) -> io::Result<()> {
    let begin = now();
    let mut count = 0_u64;
    for one in applications.iter().cycle() {
        if begin.elapsed() >= MEASURED {
            break;
        }
        once(black_box(one));
        count += 1;
    }
    let rate = count as f64 / begin.elapsed().as_secs_f64();
    let features = rate * assessment::CATALOGUE.len() as f64;
    writeln!(io::stdout(), "{name}: {rate:.0} applications/s, {features:.0} features/s")
}

fn person() -> Person {
    Person {
        name: PersonName::parse("合成甲").expect("a name"),
        id_card: IdCard::parse("110101199003070011", NOW.shanghai_day()).expect("a number"),
        mobile: Mobile::parse("13800138000").expect("a mobile"),
    }
}

/// A synthetic application; its numbers are nobody's.
fn made(entries: usize, called: usize) -> Application {
    let number = |at: usize| format!("12{:02}{}{:06}", at % 31, at % 5, at);
    let call = |at: usize| CallContact {
        telephone: number(at * 2),
        last_at: NOW - Span::hours(at as i64 % 4_000),
        first_at: None,
        talk_seconds: 60,
        talk_count: 1 + at as u32 % 40,
        out_seconds: Some(30),
        out_count: Some(at as u32 % 3),
        in_seconds: Some(30),
        in_count: Some(1),
        messages: None,
        messages_sent: None,
        messages_received: None,
        messages_unknown: None,
        last_week: None,
        last_month: Some(1),
    };
    let entry = |at: usize| AddressBookEntry { telephone: number(at), name: format!("合成{at}") };
    Application {
        order: Order { id: "1".into(), amount: Fen(2_000_000), term_days: 365, at: NOW },
        basic: Basic {
            current_address: Some("北京市东城区".into()),
            permanent_address: None,
            company_name: None,
            company_telephone: None,
            company_address: None,
            emergency_contacts: Vec::new(),
        },
        proofs: Vec::new(),
        contacts: (0..entries).map(entry).collect(),
        telecom: Telecom {
            is_real_name: true,
            real_name: RealName::default(),
            bills: Vec::new(),
            contacts: (0..called).map(call).collect(),
        },
        zhima: None,
        loans: Vec::new(),
        alipay: None,
        logins: Vec::new(),
        cards: Vec::new(),
        apps: Vec::new(),
    }
}

#[expect(clippy::disallowed_methods, reason = "an example that measures")]
fn now() -> Instant {
    Instant::now()
}
