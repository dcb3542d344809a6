//! `probity decision`: applications for a loan and what was decided on them: listed, explained,
//! made again, and resolved by two operators where the policy cannot tell.

mod explain;
mod remade;

use anyhow::{anyhow, bail};
use clap::{Args, Subcommand};
use domain::application::course::{Unmoved, Verdict};
use domain::failure::Failure;
use domain::operator::Permission;
use domain::policy::Value;
use engine::{Compared, Engine, Looking, NotMoved, masked_record};
use remade::Remade;

use super::acting::Acting;
use super::output::{self, Table};
use crate::app::Location;

#[derive(Debug, Args)]
#[command(
    after_help = "An application is decided by the policy and the model that its merchant's \
    entitlement names. Where the policy wants people to look, one operator proposes and another \
    one answers (`probity operator sign-in`).\n\nExamples:\n  \
    probity decision list --for-people\n  \
    probity decision explain 4f0c1d2e…\n  \
    probity decision explain 4f0c1d2e… --reason 'the person asks why'\n  \
    probity decision replay 4f0c1d2e…\n  \
    probity decision replay 4f0c1d2e… --with income.monthly=12000\n  \
    probity decision propose 4f0c1d2e… approve --reason 'pay slips seen' --as me.token\n  \
    probity decision answer 4f0c1d2e… yes --as other.token"
)]
pub(crate) struct Decision {
    #[command(subcommand)]
    action: Action,
}

/// Looking at a person's values and at what people wrote.
#[derive(Args, Debug)]
struct Clear {
    /// Show the person's values and what people wrote: why you look at them, which is noted
    #[arg(long)]
    reason: Option<String>,
}

impl Clear {
    async fn actor(&self, engine: &Engine, acting: &Acting) -> anyhow::Result<String> {
        let masked = self.reason.is_none();
        let takes = if masked { Permission::SeeDecisions } else { Permission::SeeUnmasked };
        acting.actor(engine, takes).await
    }

    fn looking<'a>(&'a self, actor: &'a str) -> Option<Looking<'a>> {
        self.reason.as_deref().map(|reason| Looking { actor, reason })
    }
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List applications, newest first; those for people oldest first
    List {
        /// Of this merchant
        #[arg(long)]
        merchant: Option<String>,
        /// arriving, waiting, in_review, approved or rejected
        #[arg(long)]
        state: Option<String>,
        /// Those that people have to look at: in review, or appealed
        #[arg(long)]
        for_people: bool,
        #[arg(long, default_value_t = 100)]
        limit: i64,
        #[arg(long)]
        json: bool,
    },
    /// Tell why an application came out so, and what would have changed it
    Explain {
        open_id: String,
        #[command(flatten)]
        clear: Clear,
        /// The whole record, with trace and inputs
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        acting: Acting,
    },
    /// Make decisions again from what was stored, and compare them byte for byte; exits 1 when one
    /// differs
    Replay {
        /// All applications that are kept, without one
        open_id: Option<String>,
        /// Change an input, and show what comes out
        #[arg(long = "with", value_name = "NAME=JSON", value_parser = change, requires = "open_id")]
        with: Vec<(String, Value)>,
        #[command(flatten)]
        clear: Clear,
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        acting: Acting,
    },
    /// Propose what becomes of an application in review, or of an appeal
    Propose {
        open_id: String,
        #[arg(value_parser = verdict)]
        verdict: Verdict,
        /// Why; it is kept with the application
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        acting: Acting,
    },
    /// Agree with another operator's proposal, or turn it down
    Answer {
        open_id: String,
        #[arg(value_parser = ["yes", "no"])]
        agrees: String,
        #[command(flatten)]
        acting: Acting,
    },
}

fn verdict(text: &str) -> Result<Verdict, String> {
    Verdict::parse(text).ok_or_else(|| "give `approve` or `reject`".to_owned())
}

fn change(text: &str) -> Result<(String, Value), String> {
    let wanted = || "give NAME=JSON, as in income.monthly=12000 or blacklist.is_listed=true";
    let (name, json) = text.split_once('=').ok_or_else(wanted)?;
    let json: serde_json::Value = serde_json::from_str(json).map_err(|_| wanted())?;
    Ok((name.to_owned(), Value::from_json(&json)))
}

impl Decision {
    pub(crate) fn run(self, location: &Location) -> anyhow::Result<()> {
        output::run_with(location, async |engine: &Engine| match self.action {
            Action::List { merchant, state, for_people, limit, json } => {
                let found = engine
                    .applications(merchant.as_deref(), state.as_deref(), for_people, limit)
                    .await?;
                if json {
                    return output::json(&found);
                }
                let mut table = Table::new(["open_id", "merchant", "order", "at", "state"]);
                for one in &found {
                    let appealed = one.needs_people && one.state == "rejected";
                    let state = if appealed { "rejected, appealed" } else { one.state };
                    table.row([&one.open_id, &one.merchant, &one.order_id, &one.at, &state]);
                }
                output::line(format_args!("{table}"))
            }
            Action::Explain { open_id, clear, json, acting } => {
                let actor = clear.actor(engine, &acting).await?;
                let account = engine.application_shown(&open_id, clear.looking(&actor)).await;
                let account = account.map_err(|refused| unmoved(&open_id, refused))?;
                if json { output::json(&account) } else { explain::print(&account) }
            }
            Action::Replay { open_id: Some(open_id), with, clear, json, acting }
                if !with.is_empty() =>
            {
                let actor = clear.actor(engine, &acting).await?;
                what_if(engine, &open_id, &with, (clear.looking(&actor), json)).await
            }
            Action::Replay { open_id, json, .. } => replay(engine, open_id.as_deref(), json).await,
            Action::Propose { open_id, verdict, reason, acting } => {
                let operator = acting.operator(engine).await?;
                let proposed = engine.propose_verdict(&operator, &open_id, verdict, &reason).await;
                proposed.map_err(|refused| unmoved(&open_id, refused))?;
                output::line(format_args!("{open_id}: {} is proposed", verdict.as_str()))
            }
            Action::Answer { open_id, agrees, acting } => {
                let operator = acting.operator(engine).await?;
                let agrees = agrees == "yes";
                let answered = engine.answer_proposal(&operator, &open_id, agrees).await;
                answered.map_err(|refused| unmoved(&open_id, refused))?;
                let word = if agrees { "confirmed" } else { "turned down" };
                output::line(format_args!("{open_id}: the proposal is {word}"))
            }
        })
    }
}

/// What would have come out with other inputs.
async fn what_if(
    engine: &Engine,
    open_id: &str,
    with: &[(String, Value)],
    (looking, as_json): (Option<Looking<'_>>, bool),
) -> anyhow::Result<()> {
    if let Some(looking) = looking {
        let noted = engine.note_look(open_id, looking).await;
        noted.map_err(|refused| unmoved(open_id, refused))?;
    }
    let replayed = engine.replay_decision(open_id, 0, with).await;
    let replayed = replayed.map_err(|failure| unfound(open_id, &failure))?;
    let [stored, again] = [&replayed.stored, &replayed.again]
        .map(|bytes| serde_json::from_slice::<serde_json::Value>(bytes));
    let (mut stored, mut again) = (stored?, again?);
    if looking.is_none() {
        (stored, again) = (masked_record(&stored), masked_record(&again));
    }
    if as_json {
        return output::json(&serde_json::json!({ "stored": stored, "again": again }));
    }
    explain::print_change(&stored, &again)
}

async fn replay(engine: &Engine, open_id: Option<&str>, as_json: bool) -> anyhow::Result<()> {
    let progress = output::Progress::counting("decisions");
    let mut remade = Remade::default();
    let mut note = |open_id: &str, number: i64, compared: Compared| {
        remade.note(open_id, number, compared);
        progress.at(remade.count());
    };
    match open_id {
        Some(open_id) => {
            let replayed = engine.replay_application(open_id).await;
            let replayed = replayed.map_err(|failure| unfound(open_id, &failure))?;
            for one in &replayed {
                note(open_id, one.number, one.compared);
            }
        }
        None => engine.replay_all(&mut note).await?,
    }
    if as_json {
        output::json(&remade)?;
    } else {
        remade.print()?;
    }
    let different = remade.different.len();
    if different == 0 { Ok(()) } else { bail!("{different} decisions differ") }
}

fn unfound(open_id: &str, failure: &Failure) -> anyhow::Error {
    match failure {
        Failure::SessionUnknown => {
            anyhow!("there is no application {open_id}; see `probity decision list`")
        }
        _ => anyhow!("{open_id}: it could not be worked out; the log says why"),
    }
}

/// What the operator is told, and what to do about it.
fn unmoved(open_id: &str, refused: NotMoved) -> anyhow::Error {
    let text = match refused {
        NotMoved::Failure(failure) => return unfound(open_id, &failure),
        NotMoved::Forbidden => "your roles do not let you resolve reviews",
        NotMoved::Words => "--reason: give 1 to 2,000 characters",
        NotMoved::Changed => "somebody else changed it just now: look again",
        NotMoved::Unmoved(Unmoved::NotDecided) => "it is not decided yet",
        NotMoved::Unmoved(Unmoved::Final) => "it is final",
        NotMoved::Unmoved(Unmoved::NothingProposed) => "nothing is proposed yet: `propose` first",
        NotMoved::Unmoved(Unmoved::Proposed) => "a proposal waits already: `answer` it",
        NotMoved::Unmoved(Unmoved::SamePerson) => "you proposed it: somebody else must answer",
        NotMoved::Unmoved(Unmoved::NotRefused) => "it was approved",
    };
    anyhow!("{open_id}: {text}")
}
