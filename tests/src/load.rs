//! Many clients at once against one or more nodes, everything recorded.

use std::net::SocketAddr;
use std::thread;

use crate::finplus::Finplus;
use crate::history::{Event, History, Question};
use crate::http::{Client, Failure};

/// What the clients do.
#[derive(Clone, Copy)]
pub struct Plan<'a> {
    /// Threads, each with a connection of its own.
    pub clients: usize,
    /// Calls of each, one after the other.
    pub calls: usize,
    pub app_code: &'a str,
    /// The question of a client's n-th call; the same key from several clients makes a race.
    pub question: &'a (dyn Fn(usize, usize) -> Question + Sync),
}

/// Runs the plan; client `i` talks to node `i mod n`. A client stops when its node is gone:
/// what was under way is recorded as unknown.
pub fn run(nodes: &[SocketAddr], plan: &Plan<'_>, history: &History) {
    thread::scope(|scope| {
        for (client, address) in (0..plan.clients).zip(nodes.iter().cycle()) {
            scope.spawn(move || {
                let mut finplus = Finplus::new(Client::new(*address), plan.app_code);
                for call in 0..plan.calls {
                    let question = (plan.question)(client, call);
                    if matches!(ask(&mut finplus, question, history), Event::Fail(_)) {
                        return;
                    }
                }
            });
        }
    });
}

/// Asks again, with the same keys, for everything without an answer; call it after a restart.
/// Returns how many were asked.
pub fn retry_unanswered(node: SocketAddr, app_code: &str, history: &History) -> usize {
    let mut finplus = Finplus::new(Client::new(node), app_code);
    let questions = history.unanswered();
    let asked = questions.len();
    for question in questions {
        ask(&mut finplus, question, history);
    }
    asked
}

/// One recorded call.
pub fn ask(finplus: &mut Finplus, question: Question, history: &History) -> Event {
    let attempt = history.invoke(question.clone());
    let Question { key, app_id, id_type, id_value } = question;
    let end = match finplus.score(&app_id, &id_type, &id_value, &key) {
        Ok(answer) => Event::Ok(answer.into()),
        Err(Failure::NotSent(error)) => Event::Fail(error.to_string()),
        Err(Failure::Unknown(error)) => Event::Unknown(error.to_string()),
    };
    history.end(attempt, end.clone());
    end
}

#[cfg(test)]
mod tests;
