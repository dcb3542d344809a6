use super::*;
use crate::history::{History, Question};

const PRODUCT: &str = "finplus.score";

struct Case {
    entries: Vec<Entry>,
    journal: Journal,
}

fn question(key: &str) -> Question {
    let [app_id, id_type, id_value] = ["1000001", "imei", "1"].map(str::to_owned);
    Question { key: key.to_owned(), app_id, id_type, id_value }
}

fn answer(key: &str, code: i64) -> Event {
    let (biz_id, bytes) = (Some(format!("biz-{key}")), format!("{code} {key}").into_bytes());
    let status = if code == 0 { 200 } else { 520 };
    Event::Ok(Answer { status, code: Some(code), biz_id, billed: code == 0, bytes })
}

fn row(key: &str, code: i64) -> Row {
    let (billed, amount) = (code == 0, if code == 0 { 500_000 } else { 0 });
    let [key, biz_id] = [key.to_owned(), format!("biz-{key}")];
    let [app_id, product] = ["1000001", PRODUCT].map(str::to_owned);
    Row { key, biz_id, code, billed, amount, app_id, product }
}

/// A history and a journal that agree, with every kind of end that there is.
fn good() -> Case {
    let history = History::default();
    let refused = Event::Ok(Answer {
        status: 520,
        code: Some(19),
        biz_id: Some("biz-quota".to_owned()),
        billed: false,
        bytes: Vec::new(),
    });
    let overload =
        Event::Ok(Answer { status: 503, code: None, biz_id: None, billed: false, bytes: vec![] });
    let ends = [
        ("scored", answer("scored", 0)),
        ("scored", answer("scored", 0)), // replayed
        ("also", answer("also", 0)),
        ("unmapped", answer("unmapped", 108)),
        ("empty", answer("empty", 109)),
        ("quota", refused),
        ("shed", overload),
        ("lost_but_done", Event::Unknown("reset".to_owned())),
        ("lost_and_not_done", Event::Unknown("reset".to_owned())),
        ("later", Event::Fail("refused".to_owned())),
        ("error_then_score", answer("error", 1)),
        ("error_then_score", answer("error_then_score", 0)),
    ];
    for (key, end) in ends {
        let attempt = history.invoke(question(key));
        history.end(attempt, end);
    }
    let mut error = row("error_then_score", 1);
    error.biz_id = "biz-error".to_owned();
    let rows = vec![
        row("scored", 0),
        row("also", 0),
        row("unmapped", 108),
        row("empty", 109),
        row("lost_but_done", 0),
        error,
        row("error_then_score", 0),
    ];
    Case { entries: history.entries(), journal: Journal { rows, verify_exit: 0 } }
}

/// Seeds a bug into the good case and gives what the checker finds.
fn seeded(bug: impl FnOnce(&mut Case)) -> Vec<Violation> {
    let mut case = good();
    bug(&mut case);
    check(&case.entries, &case.journal, &FINPLUS)
}

fn key(name: &str) -> String {
    name.to_owned()
}

fn answer_of<'a>(case: &'a mut Case, wanted: &str) -> &'a mut Answer {
    let answers = case.entries.iter_mut().filter_map(|entry| match &mut entry.event {
        Event::Ok(answer) => Some(answer),
        _ => None,
    });
    let id = format!("biz-{wanted}");
    answers.rev().find(|answer| answer.biz_id.as_deref() == Some(&id)).expect("it is in the case")
}

#[test]
fn good_is_good() {
    assert_eq!(seeded(|_| ()), []);
}

#[test]
fn dropped_acknowledgement() {
    for (index, name) in ["scored", "also", "unmapped"].into_iter().enumerate() {
        let found = seeded(|case| drop(case.journal.rows.remove(index)));
        assert_eq!(found, [Violation::Lost { key: key(name) }]);
    }
}

#[test]
fn double_bill() {
    let found = seeded(|case| {
        let mut again = row("also", 0);
        again.biz_id = "biz-again".to_owned();
        case.journal.rows.push(again);
    });
    let also = || key("also");
    assert_eq!(
        found,
        [Violation::BilledTwice { key: also() }, Violation::FinalTwice { key: also() }]
    );
}

#[test]
fn double_final_that_is_free() {
    let found = seeded(|case| {
        let mut again = row("empty", 109);
        again.biz_id = "biz-again".to_owned();
        case.journal.rows.push(again);
    });
    assert_eq!(found, [Violation::FinalTwice { key: key("empty") }]);
}

#[test]
fn row_written_twice() {
    let found = seeded(|case| case.journal.rows.push(row("unmapped", 108)));
    assert!(found.contains(&Violation::SharedBizId { key: key("unmapped") }), "{found:?}");
}

#[test]
fn swapped_rows() {
    let found = seeded(|case| {
        case.journal.rows[0].biz_id = "biz-also".to_owned();
        case.journal.rows[1].biz_id = "biz-scored".to_owned();
    });
    let differs = |name| Violation::Differs { key: key(name) };
    assert_eq!(found, [differs("also"), differs("scored")]);
}

#[test]
fn changed_code() {
    let found = seeded(|case| case.journal.rows[2].code = 109);
    assert_eq!(found, [Violation::Differs { key: key("unmapped") }]);
}

#[test]
fn wrongly_billed() {
    let wrong = |name| Violation::WronglyBilled { key: key(name) };
    let flag = |index: usize| seeded(|case| case.journal.rows[index].billed ^= true);
    assert_eq!(flag(0), [wrong("scored")]);
    assert_eq!(flag(3), [wrong("empty")]);
    assert_eq!(seeded(|case| case.journal.rows[2].amount = 1), [wrong("unmapped")]);
    assert_eq!(seeded(|case| answer_of(case, "empty").billed = true), [wrong("empty")]);
    assert_eq!(seeded(|case| answer_of(case, "quota").billed = true), [wrong("quota")]);
}

#[test]
fn replay_with_other_bytes() {
    let found = seeded(|case| answer_of(case, "scored").bytes.push(b' '));
    assert_eq!(found, [Violation::ReplayDiffers { key: key("scored") }]);
}

#[test]
fn replay_with_another_biz_id() {
    let found = seeded(|case| answer_of(case, "scored").biz_id = Some("biz-new".to_owned()));
    assert_eq!(found, [Violation::Differs { key: key("scored") }]);
}

#[test]
fn rows_that_nobody_asked_for() {
    let unasked = |name| [Violation::Unasked { key: key(name) }];
    assert_eq!(seeded(|case| case.journal.rows.push(row("ghost", 0))), unasked("ghost"));
    assert_eq!(seeded(|case| case.journal.rows.push(row("later", 0))), unasked("later"));
    let other = seeded(|case| case.journal.rows[0].app_id = "1000002".to_owned());
    assert_eq!(other, unasked("scored"));
}

#[test]
fn journal_that_does_not_verify() {
    let found = seeded(|case| case.journal.verify_exit = 3);
    assert_eq!(found, [Violation::Unverified { exit: 3 }]);
}
