//! Asking a source: one step of a session, from what the borrower gave to what the source says.

use domain::consent::{Purpose, Scope};
use domain::merchant::Product;
use domain::secret::Secret;
use domain::session::{Event, Phase, Prompt, PromptKind, Refused, Why};
use domain::source::SourceFailure;
use domain::time::Timestamp;
use sources::remote::echo;
use sources::step::{Data, Effect, Fetched, Input, Memory, Step, Waiting};
use store::datasets::StoredDataset;
use store::sessions::Mark;

use super::record::{Flight, dataset_place};
use super::{Session, Unsaved, source_of};
use crate::fail_points::fail_point;
use crate::{Engine, tasks};

/// Requests that one step may need.
const FETCHES_MAX: usize = 8;

/// Attempts to write what a step came to, against others who write the same session.
const SAVES_MAX: usize = 5;

/// What moves a source on, owned: the secret is wiped when the step is over.
pub(crate) enum Push {
    Login(Option<Secret<String>>),
    Answer(PromptKind, Secret<String>),
    Resend,
    Wake,
}

impl Push {
    fn input(&self) -> Input<'_> {
        match self {
            Self::Login(password) => Input::Login(password.as_ref()),
            Self::Answer(kind, value) => Input::Answer(*kind, value),
            Self::Resend => Input::Resend,
            Self::Wake => Input::Wake,
        }
    }

    /// What of class C3 the step carries.
    fn secret(&self) -> Option<&str> {
        match self {
            Self::Login(password) => password.as_ref().map(|password| password.expose().as_str()),
            Self::Answer(_, value) => Some(value.expose()),
            Self::Resend | Self::Wake => None,
        }
    }

    /// Whether the step does something at the source that must not be done twice.
    pub(crate) fn effect(&self) -> Effect {
        match self {
            Self::Login(_) | Self::Answer(..) | Self::Resend => Effect::Submit,
            Self::Wake => Effect::Read,
        }
    }
}

/// What a step came to.
pub(crate) enum Turn {
    Asked(Prompt, Why, Memory),
    Waits { until: Timestamp, meaning: Waiting, memory: Memory },
    Done(Box<Data>),
    Failed(SourceFailure),
}

impl Engine {
    /// Marks a session as being worked on by this node; to be saved before the source is asked.
    pub(crate) fn take_off(&self, session: &mut Session, effect: Effect) {
        let step_id = self.random_hex::<16>();
        session.record.flight = Some(Flight { step_id, effect });
        session.record.wake_at = None;
        session.row.lease = Some(self.session_lease());
    }

    /// Asks the source beside the caller, under the lease that the session was saved with.
    pub(crate) fn spawn_step(&self, session: Session, push: Push) {
        let engine = self.clone();
        tasks::spawn(async move { engine.run_step(session, push).await });
    }

    pub(crate) async fn run_step(&self, session: Session, push: Push) {
        fail_point!("session.taken");
        let turn = self.ask_source(&session, &push).await;
        drop(push);
        fail_point!("session.answered");
        metrics::counter!(
            "probity_steps_total",
            "provider" => session.record.provider.clone(),
            "outcome" => turn.label(),
        )
        .increment(1);
        self.take_turn(session, turn).await;
    }

    /// What the source says to `push`. No byte leaves without a consent in force (I7).
    async fn ask_source(&self, session: &Session, push: &Push) -> Turn {
        let Some(kind) = source_of(session.row.product) else {
            return Turn::Failed(SourceFailure::NotCovered);
        };
        let account = match (&session.record.entry, &session.record.account) {
            (Some(entry), Some(account)) => Some(self.account_hash(entry, account)),
            _ => None,
        };
        let scope = Scope {
            merchant: session.row.merchant,
            subject: session.row.subject,
            source: kind,
            purpose: Purpose::CreditAssessment,
            account,
        };
        match self.has_consent(scope).await {
            Ok(true) => {}
            Ok(false) => return Turn::Failed(SourceFailure::ConsentEnded),
            Err(_) => return Turn::Failed(SourceFailure::Down),
        }
        let asking = match self.asking(session) {
            Ok(asking) => asking,
            Err(failure) => return Turn::Failed(failure),
        };
        let flight = session.record.flight.as_ref();
        let step_id = flight.map_or("", |flight| flight.step_id.as_str());
        let memory = session.record.memory.as_ref();
        let context = || asking.context(self, session, step_id);
        let mut step = asking.source.step(&context(), memory, push.input());
        let mut is_turned_away = false;
        for _ in 0..FETCHES_MAX {
            let Step::Fetch(fetch) = step else { break };
            step = match self.fetch(&asking, &context(), fetch).await {
                Ok(fetched) => {
                    is_turned_away = matches!(fetched, Fetched::TurnedAway);
                    asking.source.step(&context(), memory, Input::Fetched(fetched))
                }
                Err(recovered) => recovered,
            };
        }
        if asking.live.remote().is_some() && echo::repeats(&step, push.secret(), &context()) {
            tracing::warn!(provider = asking.live.provider.name, "a connector repeats a secret");
            step = Step::Failed(SourceFailure::Garbage);
        }
        let turn = Turn::of(step);
        let failure = if let Turn::Failed(failure) = &turn { Some(*failure) } else { None };
        if !is_turned_away {
            self.judge(&asking.live, failure);
        }
        turn
    }

    /// Writes what a step came to, if the session still waits for this very step.
    pub(super) async fn take_turn(&self, mut session: Session, turn: Turn) {
        let step_id = session.record.flight.as_ref().map(|flight| flight.step_id.clone());
        for attempt in 0..SAVES_MAX {
            let is_ours = session.record.flight.as_ref().map(|f| &f.step_id) == step_id.as_ref();
            if !is_ours {
                return;
            }
            let dataset = self.turn_session(&mut session, &turn);
            let saved = self
                .save_session(&mut session, move |tx| match &dataset {
                    Some(dataset) => store::datasets::put(tx, dataset),
                    None => Ok(()),
                })
                .await;
            match saved {
                Ok(()) => break,
                Err(Unsaved::Moved) if attempt + 1 < SAVES_MAX => {
                    match self.session_by_id(&session.row.open_id).await {
                        Ok(fresh) => session = fresh,
                        Err(_) => return,
                    }
                }
                // The lease runs out and the session is taken up again.
                Err(_) => return,
            }
        }
        self.deliver(session).await;
    }

    /// Applies what a step came to; gives the dataset to be stored with it.
    fn turn_session(&self, session: &mut Session, turn: &Turn) -> Option<StoredDataset> {
        let now = self.now();
        session.record.flight = None;
        session.row.lease = None;
        session.record.wake_at = None;
        let mut dataset = None;
        let fits = match turn {
            Turn::Asked(prompt, why, memory) => {
                session.record.memory = Some(memory.clone());
                session.on(Event::Asked(prompt.clone(), *why), now)
            }
            Turn::Waits { until, meaning, memory } => {
                session.record.memory = Some(memory.clone());
                session.record.wake_at = Some(*until);
                match meaning {
                    Waiting::Working => Ok(()),
                    Waiting::Restarted => session.on(Event::Restarted, now),
                    // Its clock stops at 41 only; the others' with their data.
                    Waiting::Collected if session.row.product != Product::Telecom => Ok(()),
                    Waiting::Collected => session.on(Event::Collected, now),
                    Waiting::Wrong(kind) => match prompt_without_picture(*kind) {
                        Some(prompt) => session.on(Event::Asked(prompt, Why::Wrong), now),
                        None => Err(Refused::OutOfTurn),
                    },
                }
            }
            Turn::Done(data) => session.on(Event::Collected, now).map(|()| {
                session.record.has_data = true;
                session.record.memory = None;
                dataset = Some(self.seal_dataset(session, data, now));
            }),
            Turn::Failed(failure) => session.on(Event::Failed(*failure), now),
        };
        if fits == Err(Refused::OutOfTurn) {
            tracing::warn!(open_id = session.row.open_id, "a source spoke out of turn");
            session.fail(SourceFailure::Garbage, now);
        }
        if let Phase::Failed(_) = session.record.state.phase() {
            session.record.memory = None;
            session.record.wake_at = None;
        }
        dataset
    }

    fn seal_dataset(&self, session: &Session, data: &Data, now: Timestamp) -> StoredDataset {
        let json = match data {
            Data::Telecom(data) => serde_json::to_vec(data),
            Data::Degree(data) => serde_json::to_vec(data),
            Data::Ebank(data) => serde_json::to_vec(data),
        };
        let json = json.expect("plain data");
        let open_id = session.row.open_id.clone();
        let sealed = session.key.seal(dataset_place(&open_id), &json, self.entropy());
        StoredDataset {
            merchant: session.row.merchant,
            subject: session.row.subject,
            source: data.kind(),
            at: now,
            sealed,
            open_id,
        }
    }
}

impl Turn {
    /// What a step came to once nothing more has to be fetched.
    pub(super) fn of(step: Step) -> Self {
        match step {
            Step::Ask { prompt, why, memory } => Self::Asked(prompt, why, memory),
            Step::Wait { until, meaning, memory } => Self::Waits { until, meaning, memory },
            Step::Done(data) => Self::Done(data),
            Step::Failed(failure) => Self::Failed(failure),
            // It goes on asking without end.
            Step::Fetch(_) => Self::Failed(SourceFailure::Garbage),
        }
    }

    /// For metrics: one of few words.
    fn label(&self) -> &'static str {
        match self {
            Self::Asked(..) => "asked",
            Self::Waits { .. } => "waits",
            Self::Done(_) => "done",
            Self::Failed(_) => "failed",
        }
    }
}

fn prompt_without_picture(kind: PromptKind) -> Option<Prompt> {
    match kind {
        PromptKind::Sms => Some(Prompt::Sms),
        PromptKind::QueryPassword => Some(Prompt::QueryPassword),
        PromptKind::DynamicPassword => Some(Prompt::DynamicPassword),
        PromptKind::Picture => None,
    }
}

impl Session {
    /// Whether the call is still open and the session at its end.
    pub(crate) fn is_to_be_settled(&self) -> bool {
        let at_end = match self.record.state.phase() {
            Phase::Fetching => self.record.has_data,
            Phase::Failed(_) => true,
            Phase::Collecting | Phase::Ready => false,
        };
        at_end && self.row.mark == Mark::Held
    }
}
