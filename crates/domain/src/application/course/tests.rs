//! The course as a table written by hand: every state, every event.

use super::*;

fn actor(id: i64) -> Actor {
    Actor { id, name: format!("operator-{id}") }
}

fn proposal(verdict: Verdict) -> Proposal {
    Proposal { by: actor(1), verdict, reason: "synthetic".to_owned(), at: Timestamp(1) }
}

fn resolution() -> Resolution {
    Resolution { proposal: proposal(Verdict::Approve), confirmed_by: actor(2), at: Timestamp(2) }
}

fn refused(look: Option<Look>) -> Course {
    let appeal = look.map(|look| Appeal { at: Timestamp(3), words: "合成".to_owned(), look });
    Course::Final { verdict: Verdict::Reject, resolution: None, appeal }
}

fn approved() -> Course {
    Course::decided(Verdict::Approve)
}

fn events() -> [Event; 9] {
    [
        Event::Billed,
        Event::Decided(Outcome::Approve),
        Event::Decided(Outcome::Review),
        Event::Decided(Outcome::Reject),
        Event::Proposed(proposal(Verdict::Approve)),
        Event::Answered { by: actor(2), agrees: true, at: Timestamp(2) },
        Event::Answered { by: actor(2), agrees: false, at: Timestamp(2) },
        Event::Answered { by: actor(1), agrees: true, at: Timestamp(2) },
        Event::Appealed { words: "合成".to_owned(), at: Timestamp(3) },
    ]
}

#[test]
fn every_state_answers_every_event_as_the_table_says() {
    use Course::{Arriving, InReview, Waiting};
    use Look::{Open, Proposed, Resolved};
    use Unmoved as U;
    let proposed = || Proposed(proposal(Verdict::Approve));
    let by_people = || Course::Final {
        verdict: Verdict::Approve,
        resolution: Some(resolution()),
        appeal: None,
    };
    let wait = || Err(U::NotDecided);
    let over = || Err(U::Final);
    let nothing = || Err(U::NothingProposed);
    let refused_open = || Ok(refused(Some(Open)));
    let table: [(Course, Vec<Result<Course, Unmoved>>); 9] = [
        (Arriving, {
            let w = wait;
            vec![Ok(Waiting), w(), w(), w(), w(), w(), w(), w(), w()]
        }),
        (Waiting, {
            let w = wait;
            let decided = [Ok(approved()), Ok(InReview(Open)), Ok(refused(None))];
            let [yes, look, no] = decided;
            vec![Ok(Waiting), yes, look, no, w(), w(), w(), w(), w()]
        }),
        (InReview(Open), {
            let (n, o) = (nothing, over);
            let next = Ok(InReview(proposed()));
            vec![Ok(InReview(Open)), o(), o(), o(), next, n(), n(), n(), wait()]
        }),
        (InReview(proposed()), {
            let (o, again) = (over, Err(U::Proposed));
            let (yes, no) = (Ok(by_people()), Ok(InReview(Open)));
            let same = Ok(InReview(proposed()));
            vec![same, o(), o(), o(), again, yes, no, Err(U::SamePerson), wait()]
        }),
        (approved(), {
            let o = over;
            vec![Ok(approved()), o(), o(), o(), o(), o(), o(), o(), Err(U::NotRefused)]
        }),
        (refused(None), {
            let o = over;
            vec![Ok(refused(None)), o(), o(), o(), o(), o(), o(), o(), refused_open()]
        }),
        (refused(Some(Open)), {
            let (o, n) = (over, nothing);
            let (same, next) = (refused_open(), Ok(refused(Some(proposed()))));
            vec![same, o(), o(), o(), next, n(), n(), n(), o()]
        }),
        (refused(Some(proposed())), {
            let (o, again) = (over, Err(U::Proposed));
            let yes = Ok(refused(Some(Resolved(resolution()))));
            let same = Ok(refused(Some(proposed())));
            vec![same, o(), o(), o(), again, yes, refused_open(), Err(U::SamePerson), o()]
        }),
        (refused(Some(Resolved(resolution()))), {
            let o = over;
            let same = Ok(refused(Some(Resolved(resolution()))));
            vec![same, o(), o(), o(), o(), o(), o(), o(), o()]
        }),
    ];
    for (at, (course, row)) in table.into_iter().enumerate() {
        for (event, (sent, expected)) in events().into_iter().zip(row).enumerate() {
            let found = course.clone().on(sent);
            assert!(found == expected, "state {at}, event {event}");
        }
    }
}

#[test]
fn what_is_final_keeps_its_verdict_whatever_comes() {
    for begun in [refused(None), approved()] {
        let verdict = begun.verdict();
        let mut courses = vec![begun];
        for _ in 0..4 {
            let next = courses.iter().flat_map(|course| {
                events().into_iter().filter_map(|event| course.clone().on(event).ok())
            });
            courses = next.collect();
            assert!(!courses.is_empty(), "a repeat of the bill at least");
            for course in &courses {
                assert!(matches!(course, Course::Final { .. }));
                assert_eq!(course.verdict(), verdict);
            }
        }
        // Appeal, proposal and answer: the course itself has moved as far as it can.
        let resolved = |course: &Course| matches!(course, Course::Final { appeal: Some(_), .. });
        assert_eq!(courses.iter().any(resolved), verdict == Some(Verdict::Reject));
    }
}

#[test]
fn to_overturn_what_the_policy_refused_is_an_override() {
    use Permission::{Override, ResolveReviews};
    use Verdict::{Approve, Reject};
    let by_people =
        |appeal| Course::Final { verdict: Reject, resolution: Some(resolution()), appeal };
    let appeal = Appeal { at: Timestamp(3), words: "合成".to_owned(), look: Look::Open };
    for (course, verdict, takes) in [
        (refused(Some(Look::Open)), Approve, Override),
        (refused(Some(Look::Proposed(proposal(Approve)))), Approve, Override),
        (refused(Some(Look::Open)), Reject, ResolveReviews),
        (by_people(Some(appeal)), Approve, ResolveReviews),
        (Course::InReview(Look::Open), Approve, ResolveReviews),
        (refused(None), Approve, ResolveReviews),
    ] {
        assert_eq!(course.takes(verdict), takes);
    }
    let waiting = [Course::InReview, |look| refused(Some(look))];
    for of in waiting {
        assert!(of(Look::Proposed(proposal(Approve))).proposal() == Some(&proposal(Approve)));
        assert!(of(Look::Open).proposal().is_none());
    }
}

#[test]
fn without_words_nothing_that_was_written_is_left() {
    let looks = || [Look::Proposed(proposal(Verdict::Approve)), Look::Resolved(resolution())];
    let people =
        Course::Final { verdict: Verdict::Approve, resolution: Some(resolution()), appeal: None };
    let courses = looks().map(Course::InReview).into_iter().chain([people]);
    for course in courses.chain(looks().map(|look| refused(Some(look)))) {
        let text = serde_json::to_string(&course.clone().without_words()).expect("plain data");
        assert!(!text.contains("synthetic") && !text.contains("合成"), "{text}");
        assert!(text.contains("operator-1"), "who did what stays: {text}");
        assert!(course.clone().without_words().number() == course.number());
    }
}
