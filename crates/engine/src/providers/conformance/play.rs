//! Plays a conversation with a connector, as a session would.

use domain::entropy;
use domain::identity::{IdCard, Mobile, Person, PersonName};
use domain::secret::Secret;
use domain::session::Prompt;
use domain::source::SourceKind;
use domain::subject::SubjectHash;
use domain::time::Span;
use serde_json::{Value, json};
use sources::remote;
use sources::step::{Context, Fetch, Input, Memory, Source, Step, Waiting};

use super::flows::{Flow, Move};
use super::{Conformance, Fault};
use crate::outbound::SendFault;
use crate::providers::courier::{Courier, CourierFault, Link};
use crate::tasks;

/// Waits that are followed in one conversation, and how long one may be in the test mode.
const WAITS_MAX: usize = 20;
const WAIT_MAX: Span = Span::seconds(5);

/// A session with a connector: synthetic, and new in each check.
pub(super) struct Session {
    pub(super) id: String,
    pub(super) kind: SourceKind,
    person: Person,
    /// Where it logs in, at a bank.
    entry: String,
    account: Option<String>,
    /// What no answer may hold.
    pub(super) password: Secret<String>,
    pub(super) memory: Option<Memory>,
    steps: u32,
}

impl Session {
    fn new(courier: &Courier<'_>, kind: SourceKind, ending: &str, entry: &str) -> Self {
        let random = || hex::encode(entropy::bytes::<16>(courier.entropy));
        let is_telecom = kind == SourceKind::Telecom;
        let mobile = format!("1380000{}", if is_telecom { ending } else { "0001" });
        let today = courier.clock.now().shanghai_day();
        Self {
            id: random(),
            kind,
            person: Person {
                name: PersonName::parse("合成").expect("a name"),
                id_card: IdCard::parse("110101199003078515", today).expect("an ID card's number"),
                mobile: Mobile::parse(&mobile).expect("a mobile's number"),
            },
            entry: entry.to_owned(),
            account: (!is_telecom).then(|| format!("synthetic{ending}")),
            password: Secret::new(format!("conformance-{}", random())),
            memory: None,
            steps: 0,
        }
    }

    pub(super) fn step_id(&self) -> String {
        format!("{}-{}", self.id, self.steps)
    }

    pub(super) fn context<'s>(&'s self, step_id: &'s str, courier: &'s Courier<'_>) -> Context<'s> {
        Context {
            session: &self.id,
            kind: self.kind,
            person: &self.person,
            subject: SubjectHash([0xab; 32]),
            entry: (self.kind == SourceKind::Ebank).then_some(self.entry.as_str()),
            account: self.account.as_deref(),
            contacts: &[],
            step_id,
            now: courier.clock.now(),
            entropy: courier.entropy,
        }
    }

    /// The request of a login.
    pub(super) fn login(&self, checker: &Conformance<'_>, step_id: &str) -> Fetch {
        let context = self.context(step_id, &checker.courier);
        checker.fetch(&context, None, Input::Login(Some(&self.password)))
    }
}

impl Conformance<'_> {
    /// A session at the first entry that the connector lists, or the sandbox's.
    pub(super) fn session(&self, kind: SourceKind, ending: &str) -> Session {
        let entry = self.entry.get().map_or("icbc-1", String::as_str);
        Session::new(&self.courier, kind, ending, entry)
    }

    pub(super) async fn play(&self, flow: &Flow) -> Result<(), Fault> {
        self.play_at(flow, None).await
    }

    /// The same at another entry.
    pub(super) async fn play_at(&self, flow: &Flow, entry: Option<&str>) -> Result<(), Fault> {
        let mut session = self.session(flow.kind, flow.ending);
        if let Some(entry) = entry {
            entry.clone_into(&mut session.entry);
        }
        let mut waits = Vec::new();
        for (at, (step, expected)) in flow.moves.iter().enumerate() {
            let answer;
            let input = match step {
                Move::Login => Input::Login(Some(&Secret::new(session.password.expose().clone()))),
                Move::Answer(prompt, value) => {
                    answer = Secret::new((*value).to_owned());
                    Input::Answer(*prompt, &answer)
                }
                Move::Resend => Input::Resend,
            };
            let mut got = self.step(&mut session, input).await?;
            while let Step::Wait { until, meaning, .. } = got {
                waits.push(word(meaning));
                let wait = until - self.courier.clock.now();
                if waits.len() > WAITS_MAX || wait > WAIT_MAX {
                    return Err("in the test mode a wait has at most 5 s, a session 20".into());
                }
                tasks::pause(wait).await;
                got = self.step(&mut session, Input::Wake).await?;
            }
            let got = shown(&got);
            if got != *expected {
                return Err(format!("move {}: {expected} should come, not {got}", at + 1).into());
            }
        }
        match flow.waits {
            Some(meaning) if !waits.contains(&meaning) => {
                Err(format!("no wait had the meaning {meaning}").into())
            }
            _ => Ok(()),
        }
    }

    /// One step of a session; its memory is kept.
    async fn step(&self, session: &mut Session, input: Input<'_>) -> Result<Step, Fault> {
        session.steps += 1;
        let step_id = session.step_id();
        let context = session.context(&step_id, &self.courier);
        let fetch = self.fetch(&context, session.memory.as_ref(), input);
        let (status, body) = self.send(&self.link, fetch).await?;
        let password = session.password.expose().as_bytes();
        if body.windows(password.len()).any(|part| part == password) {
            return Err("the answer holds the password that was sent".into());
        }
        let step = remote::read(&context, status, &body).map_err(|misfit| misfit.to_string())?;
        if let Step::Ask { memory, .. } | Step::Wait { memory, .. } = &step {
            session.memory = Some(memory.clone());
        }
        Ok(step)
    }

    pub(super) fn fetch(
        &self,
        context: &Context<'_>,
        memory: Option<&Memory>,
        input: Input<'_>,
    ) -> Fetch {
        match self.remote.step(context, memory, input) {
            Step::Fetch(fetch) => fetch,
            _ => unreachable!("whatever moves a connector on is a request to it"),
        }
    }

    pub(super) async fn send(&self, link: &Link, fetch: Fetch) -> Result<(u16, Vec<u8>), Fault> {
        let letter = link.letter(&self.courier, fetch);
        let sent = link.deliver(&self.courier, letter, self.remote.step_deadline).await;
        sent.map_err(|fault| {
            let is_silent = matches!(&fault, CourierFault::Send(SendFault::Lost(_)));
            Fault { text: fault.to_string(), is_silent }
        })
    }
}

/// What a step is, in the protocol's words.
fn shown(step: &Step) -> String {
    let words = match step {
        Step::Ask { prompt, why, .. } => {
            let prompt = match prompt {
                Prompt::Picture(_) => json!("picture"),
                other => json!(other.kind()),
            };
            vec![json!("ask"), prompt, json!(why)]
        }
        Step::Wait { meaning, .. } => return format!("wait {}", word(*meaning)),
        Step::Failed(reason) => vec![json!("failed"), json!(reason)],
        Step::Done(_) => vec![json!("done")],
        Step::Fetch(_) => vec![json!("fetch")],
    };
    let words: Vec<_> = words.iter().filter_map(Value::as_str).collect();
    words.join(" ")
}

fn word(meaning: Waiting) -> &'static str {
    match meaning {
        Waiting::Working => "working",
        Waiting::Restarted => "restarted",
        Waiting::Collected => "collected",
        Waiting::Wrong(_) => "wrong",
    }
}
