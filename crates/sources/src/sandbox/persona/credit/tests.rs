use std::collections::BTreeSet;

use domain::dataset::credit::{Column, Kind, State};
use domain::identity::CardKind;
use domain::report::pboc::{Asked, Formula, derive, sentence};

use super::super::tests::rank_correlation;
use super::*;

fn now() -> Timestamp {
    Timestamp::parse("2026-06-24 15:00:00+08:00").expect("a time")
}

fn named(login_name: &str) -> BureauPerson {
    person(login_name).expect(login_name)
}

#[test]
fn exactly_the_listed_login_names_are_registered() {
    let people: Vec<BureauPerson> = people().collect();
    assert_eq!(people.len(), 70 + 1 + 63);
    for (name, is_registered) in [
        ("sandbox00", true),
        ("sandbox69", true),
        ("sandbox70", false),
        ("sandbox7", false),
        ("sandbox+1", false),
        ("xiongwei08", true),
        ("e508131", true),
        ("e508208", false),
        ("e508209", true),
        ("e508150", false),
        ("", false),
    ] {
        assert_eq!(person(name).is_some(), is_registered, "{name}");
    }
    let set = |of: fn(&BureauPerson) -> &str| people.iter().map(of).collect::<BTreeSet<_>>().len();
    assert_eq!(set(|one| one.person.id_card.expose()), people.len());
    assert_eq!(set(|one| one.person.mobile.expose()), people.len());
    assert_eq!(set(|one| one.credit_card.expose()), people.len());
}

/// They are nobody, and all of them could be somebody.
#[test]
fn identities_and_cards_are_valid_and_nobody_has_them() {
    for one in people() {
        let name = &one.login_name;
        assert!(one.person.name.expose().starts_with("合成"), "{name}");
        assert!(one.person.mobile.segment().is_none(), "{name}");
        assert!(!one.person.mobile.expose().ends_with("4444"), "{name}");
        assert_eq!(&one.person.id_card.expose()[14..17], "000", "{name}");
        assert!(one.person.id_card.region().is_some(), "{name}");
        let kind = |card: &BankCard| card.bin().and_then(|bin| bin.kind);
        assert_eq!(kind(&one.debit_card), Some(CardKind::Debit), "{name}");
        assert_eq!(kind(&one.credit_card), Some(CardKind::Credit), "{name}");
        let bank = super::super::bank_data(&one.persona(now()), one.bank.bank_code, now());
        let cards: Vec<&str> = bank.card_list.iter().map(|card| card.card_num.as_str()).collect();
        assert_eq!(cards, [one.debit_card.expose(), one.credit_card.expose()], "{name}");
    }
}

/// Each sentence reads as the account that it was written for, and the record agrees with what the
/// bank itself shows.
#[test]
fn records_are_of_sentences_that_read_back() {
    for one in people() {
        let record = one.record(now());
        assert!(record.disagreements().is_empty() && record.unread.is_empty());
        for account in &record.accounts {
            let read = sentence::account(account.group, &account.text);
            assert!(read.as_ref() == Some(account), "{}", account.text);
        }
        for guarantee in &record.guarantees {
            assert!(sentence::guarantee(&guarantee.text).as_ref() == Some(guarantee));
        }
        let own = record.column(Column::Cards).find(|card| card.bank.ends_with(one.bank_name()));
        let bank = super::super::bank_data(&one.persona(now()), one.bank.bank_code, now());
        if let Some(own) = own.filter(|_| one.login_name != SAMPLE) {
            assert!(own.limit == Some(bank.card_list[1].credit_limit), "{}", one.login_name);
            assert!(own.opened == bank.card_list[1].open_time, "{}", one.login_name);
        }
    }
}

#[test]
fn the_mix_covers_what_a_record_can_hold() {
    let records: Vec<CreditRecord> = people().map(|one| one.record(now())).collect();
    let any = |is: &dyn Fn(&CreditRecord) -> bool| records.iter().any(is);
    let account = |is: &dyn Fn(&domain::dataset::credit::Account) -> bool| {
        any(&|record| record.accounts.iter().any(is))
    };
    for group in domain::dataset::credit::Group::ALL {
        assert!(account(&|one| one.group == group), "{group:?}");
    }
    for state in [State::Open, State::Inactive, State::Closed, State::Settled, State::BadDebt] {
        assert!(account(&|one| one.state == state), "{state:?}");
    }
    assert!(account(&|one| one.kind == Kind::QuasiCard) && account(&|one| one.is_converted));
    assert!(account(&|one| one.overdue_amount.is_some()) && account(&|one| one.was_overdue_90()));
    for kind in domain::dataset::credit::PublicKind::ALL {
        assert!(any(&|record| record.public(kind).count() > 0), "{kind:?}");
    }
    assert!(any(&|record| !record.guarantees.is_empty()));
    assert!(any(&|record| record.accounts.is_empty() && record.institution_queries.is_empty()));
}

#[test]
fn right_options_stand_where_the_number_says() {
    for one in people() {
        let questions = one.questions(now());
        let titles: BTreeSet<&str> = questions.iter().map(|q| q.title.as_str()).collect();
        assert_eq!(titles.len(), 5, "{}: {titles:?}", one.login_name);
        for (at, question) in questions.iter().enumerate() {
            let right = (at as u64 + 1 + one.number) % 4 + 1;
            assert_eq!(u64::from(question.right), right, "{}", one.login_name);
            let different: BTreeSet<&String> = question.options.iter().collect();
            assert_eq!(different.len(), 5, "{}: {question:?}", one.login_name);
            assert_eq!(question.options[4], "以上都不是");
        }
    }
    let rights = named("sandbox07").questions(now()).map(|question| question.right);
    assert_eq!(rights, [1, 2, 3, 4, 1]);
}

#[test]
fn the_sample_has_the_counts_that_document_002_prints() {
    let record = named(SAMPLE).record(now());
    let cards = record.summary.expect("a table").cards;
    let counts = [cards.accounts, cards.open, cards.overdue, cards.overdue_90, cards.guarantees];
    assert_eq!(counts, [7, 5, 2, 0, 0]);
    assert_eq!((record.institution_queries.len(), record.personal_queries.len()), (2, 2));
    assert!(record.head.name.starts_with("合成") && record.unread.is_empty());
}

/// Better people have better scores: the figure is printed with `--nocapture`.
#[test]
fn the_score_ranks_people_by_their_hidden_quality() {
    let scored = people().filter(|one| one.login_name != SAMPLE).filter_map(|one| {
        let record = one.record(now());
        let asked = Asked { updated: now(), now: now(), formula: Formula::CURRENT };
        let report = derive(&record, asked);
        let parts = report.composition.parts().map(|(part, _)| f64::from(part));
        let all = [f64::from(report.score), parts[0], parts[1], parts[3], parts[4], parts[5]];
        (!record.accounts.is_empty()).then(|| (one.persona(now()).quality, all))
    });
    let scored: Vec<(f64, [f64; 6])> = scored.collect();
    let quality: Vec<f64> = scored.iter().map(|(quality, _)| *quality).collect();
    let rho = |at: usize| {
        let values: Vec<f64> = scored.iter().map(|(_, all)| all[at]).collect();
        rank_correlation(&quality, &values)
    };
    for (at, name) in ["score", "basic", "cards", "loans", "public", "queries"].iter().enumerate() {
        println!("{name:<8}{:+.3}", rho(at));
    }
    assert!(rho(0) > 0.6, "{} people: {}", scored.len(), rho(0));
}
