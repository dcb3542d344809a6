//! What clients did and saw, recorded as it happens, to be checked when all is over.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::finplus;

/// What a call asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The idempotency key (`reqId`).
    pub key: String,
    pub app_id: String,
    pub id_type: String,
    pub id_value: String,
}

impl Question {
    /// About the person of an imei.
    pub fn imei(app_id: &str, imei: &str, key: String) -> Self {
        let [app_id, id_type, id_value] = [app_id, "imei", imei].map(str::to_owned);
        Self { key, app_id, id_type, id_value }
    }
}

/// What the server answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub status: u16,
    /// The business code; none when the gateway refused.
    pub code: Option<i64>,
    pub biz_id: Option<String>,
    /// What the answer says about billing (`success`).
    pub billed: bool,
    #[serde(with = "base64_text")]
    pub bytes: Vec<u8>,
}

impl From<finplus::Answer> for Answer {
    fn from(answer: finplus::Answer) -> Self {
        let finplus::Answer { status, code, biz_id, success, bytes, .. } = answer;
        Self { status, code, biz_id, billed: success, bytes }
    }
}

/// A step of one attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    Invoke(Question),
    /// A whole answer came.
    Ok(Answer),
    /// It certainly did not reach the server.
    Fail(String),
    /// Sent, no answer: it may have happened or not.
    Unknown(String),
}

/// One event with its stamps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Since the history began.
    pub at_us: u64,
    /// One number per attempt, the same for its `Invoke` and its end.
    pub attempt: u64,
    pub event: Event,
}

/// One attempt, put together from its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub question: Question,
    /// Its end; `Unknown` when none was recorded.
    pub end: Event,
}

/// The recorder; shared by all client threads.
#[derive(Debug)]
pub struct History {
    start: Instant,
    attempts: AtomicU64,
    acknowledged: AtomicU64,
    entries: Mutex<Vec<Entry>>,
}

impl Default for History {
    fn default() -> Self {
        let (attempts, acknowledged) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { start: Instant::now(), attempts, acknowledged, entries: Mutex::default() }
    }
}

impl History {
    /// Records that a call is about to be sent; the number is for `end`.
    pub fn invoke(&self, question: Question) -> u64 {
        let attempt = self.attempts.fetch_add(1, Ordering::Relaxed);
        self.push(attempt, Event::Invoke(question));
        attempt
    }

    /// Records how the attempt ended.
    pub fn end(&self, attempt: u64, event: Event) {
        if matches!(event, Event::Ok(_)) {
            self.acknowledged.fetch_add(1, Ordering::Relaxed);
        }
        self.push(attempt, event);
    }

    /// How many whole answers came so far; a killer waits for a number of them.
    pub fn acknowledged(&self) -> u64 {
        self.acknowledged.load(Ordering::Relaxed)
    }

    fn push(&self, attempt: u64, event: Event) {
        let at_us = u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX);
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.push(Entry { at_us, attempt, event });
    }

    /// All that was recorded, in order.
    pub fn entries(&self) -> Vec<Entry> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The questions that were asked and have no business answer but an internal error yet: lost,
    /// refused at the gateway, or failed. Those that certainly were not sent do not count.
    pub fn unanswered(&self) -> Vec<Question> {
        let mut questions: BTreeMap<String, (Question, bool, bool)> = BTreeMap::new();
        for Attempt { question, end } in attempts(&self.entries()) {
            let slot = questions.entry(question.key.clone()).or_insert((question, false, false));
            slot.1 |= !matches!(end, Event::Fail(_));
            slot.2 |= matches!(end, Event::Ok(Answer { code: Some(code), .. }) if code != ERROR);
        }
        let open = questions.into_values().filter(|(_, asked, answered)| *asked && !answered);
        open.map(|(question, ..)| question).collect()
    }
}

/// The code that says "send it again" (face 1, table of return codes).
const ERROR: i64 = 1;

/// Puts the attempts together, in the order of their `Invoke`.
pub fn attempts(entries: &[Entry]) -> Vec<Attempt> {
    let mut found: BTreeMap<u64, Attempt> = BTreeMap::new();
    for Entry { attempt, event, .. } in entries {
        if let Event::Invoke(question) = event {
            let end = Event::Unknown("no end was recorded".to_owned());
            found.insert(*attempt, Attempt { question: question.clone(), end });
        } else if let Some(attempt) = found.get_mut(attempt) {
            attempt.end = event.clone();
        }
    }
    found.into_values().collect()
}

/// Writes a history as JSON lines, to be checked elsewhere or later.
pub fn write(entries: &[Entry], mut output: impl Write) -> io::Result<()> {
    for entry in entries {
        serde_json::to_writer(&mut output, entry)?;
        output.write_all(b"\n")?;
    }
    output.flush()
}

/// Reads what `write` wrote.
pub fn read(input: impl BufRead) -> io::Result<Vec<Entry>> {
    input.lines().map(|line| Ok(serde_json::from_str(&line?)?)).collect()
}

mod base64_text {
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        BASE64_STANDARD.encode(bytes).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        BASE64_STANDARD.decode(text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(key: &str) -> Question {
        let [app_id, id_type, id_value] = ["1000001", "imei", "1"].map(str::to_owned);
        Question { key: key.to_owned(), app_id, id_type, id_value }
    }

    fn answer(code: Option<i64>) -> Event {
        let (status, biz_id) = (200, Some("b".to_owned()));
        Event::Ok(Answer { status, code, biz_id, billed: true, bytes: vec![0, 255] })
    }

    fn recorded(ends: &[(&str, Option<Event>)]) -> History {
        let history = History::default();
        for (key, end) in ends {
            let attempt = history.invoke(question(key));
            if let Some(end) = end {
                history.end(attempt, end.clone());
            }
        }
        history
    }

    #[test]
    fn open_until_answered() {
        let lost = || Some(Event::Unknown("reset".to_owned()));
        let not_sent = || Some(Event::Fail("refused".to_owned()));
        let ends = [
            ("a", lost()),
            ("b", None),
            ("c", lost()),
            ("c", Some(answer(Some(0)))),
            ("d", not_sent()),
            ("e", Some(answer(None))),
            ("f", Some(answer(Some(1)))),
        ];
        let history = recorded(&ends);
        let keys: Vec<String> = history.unanswered().into_iter().map(|call| call.key).collect();
        assert_eq!(keys, ["a", "b", "e", "f"]);
        assert_eq!(history.acknowledged(), 3);
        assert_eq!(attempts(&history.entries()).len(), 7);
    }

    #[test]
    fn written_and_read() {
        let entries = recorded(&[("a", Some(answer(Some(0)))), ("b", None)]).entries();
        let mut bytes = Vec::new();
        write(&entries, &mut bytes).unwrap();
        assert_eq!(read(bytes.as_slice()).unwrap(), entries);
        assert!(read(&b"{}\n"[..]).is_err());
    }
}
