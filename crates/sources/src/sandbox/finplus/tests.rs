use std::collections::HashSet;

use domain::features::{Behaviour, Features, compute};
use domain::scoring::Scored;
use domain::scoring::card::ModelCard;
use domain::subject::{IdType, SubjectRef};
use domain::time::{Span, Timestamp};

use super::german::{gzipped, unzip};
use super::*;

const NOW: Timestamp = Timestamp(1_800_000_000_000_000);

/// As the engine loads and reads them: stamped a day before.
fn behaviours(person: &Person) -> Vec<Behaviour> {
    let at = NOW - Span::days(1);
    let stamped = |(kind, name, value)| Behaviour { at, kind, name, value };
    person.behaviours.iter().cloned().map(stamped).collect()
}

fn features(card: &ModelCard, person: &Person) -> Features {
    compute(&card.features, &behaviours(person), NOW)
}

/// The people that come from a row, in the order of the rows.
fn people_with_rows() -> Vec<Person> {
    people().into_iter().filter(|person| person.row.is_some()).collect()
}

fn scored(sandbox: &SandboxModel) -> Vec<Scored> {
    let model = sandbox.card.check(&sandbox.body).expect(&sandbox.card.name);
    let score = |person| model.score(&features(&sandbox.card, person)).expect("every row scores");
    people_with_rows().iter().map(score).collect()
}

/// The named column of a table of references, with the row's id.
fn reference(table: &[u8], column: &str) -> Vec<(u32, f64)> {
    let text = unzip(table);
    let mut reader = csv::Reader::from_reader(text.as_slice());
    let header = reader.headers().expect("a header").clone();
    let at = header.iter().position(|name| name == column).expect(column);
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.map(|row| (row[0].parse().expect("id"), row[at].parse().expect(column))).collect()
}

#[test]
fn each_card_belongs_to_its_file() {
    let names: Vec<String> = models().iter().map(|one| one.card.name.clone()).collect();
    assert_eq!(names, ["german-scorecard", "german-lightgbm", "german-details"]);
    for SandboxModel { card, mut body } in models() {
        card.check(&body).expect(&card.name);
        body.push(b'\n');
        assert!(card.check(&body).is_err(), "{}: a changed file is found", card.name);
    }
}

#[test]
fn every_row_scores_as_the_training_library_does() {
    let optbinning = reference(gzipped!("reference_optbinning.csv"), "optbinning_score");
    let lightgbm = reference(gzipped!("reference.csv"), "lightgbm_raw");
    let rows: Vec<u32> = people().iter().filter_map(|person| person.row).collect();
    for (model, expected) in models().iter().zip([&optbinning, &lightgbm, &optbinning]) {
        let name = &model.card.name;
        assert_eq!(rows, expected.iter().map(|(row, _)| *row).collect::<Vec<_>>(), "{name}");
        for (scored, (row, expected)) in scored(model).iter().zip(expected) {
            assert_eq!(scored.raw.to_bits(), expected.to_bits(), "{name}, row {row}");
            let exact = model.card.exact(scored).expect("on the card's scale");
            model.card.published(exact).expect("inside the card's range");
        }
    }
}

/// AUC by the rank of the good among the bad, KS by the widest gap, and the Brier score.
fn measure(scored: &[Scored], bad: &[bool]) -> [(&'static str, f64); 4] {
    let risk: Vec<f64> = scored.iter().map(|one| one.probability.expect("a probability")).collect();
    let of = |wanted: bool| {
        std::iter::zip(&risk, bad).filter(move |(_, bad)| **bad == wanted).map(|(risk, _)| *risk)
    };
    let count = |wanted: bool| of(wanted).count() as f64;
    // A win is 1, a tie 1/2: half of "at least" and half of "more".
    let won = |bad: f64, good: f64| f64::midpoint((bad > good).into(), (bad >= good).into());
    let wins: f64 = of(true).flat_map(|bad| of(false).map(move |good| won(bad, good))).sum();
    let auc = wins / count(true) / count(false);
    let share = |wanted: bool, cut: f64| {
        of(wanted).filter(|risk| *risk >= cut).count() as f64 / count(wanted)
    };
    let ks = risk.iter().map(|cut| share(true, *cut) - share(false, *cut)).fold(0.0, f64::max);
    let error = |(risk, bad): (&f64, &bool)| (risk - f64::from(*bad)).powi(2);
    let brier = std::iter::zip(&risk, bad).map(error).sum::<f64>() / risk.len() as f64;
    [("auc", auc), ("ks", ks), ("gini", 2.0 * auc - 1.0), ("brier", brier)]
}

#[test]
fn the_metrics_of_each_card_are_those_of_its_people() {
    let bad: Vec<bool> = people().iter().filter_map(|person| person.bad).collect();
    assert_eq!((bad.len(), bad.iter().filter(|bad| **bad).count()), (300, 90));
    for model in models() {
        for (name, measured) in measure(&scored(&model), &bad) {
            let printed = model.card.metrics[name];
            assert!((printed - measured).abs() < 1e-12, "{}: {name} {measured}", model.card.name);
        }
    }
}

#[test]
fn ids_are_valid_unique_and_normalised() {
    let mut seen = HashSet::new();
    for person in people() {
        for (id_type, value) in &person.ids {
            let id = SubjectRef::parse(*id_type, value).expect(value);
            let text = id.canonical().expose().clone();
            assert_eq!(text, format!("{}:{value}", id_type.as_str()));
            assert!(seen.insert(text), "{value} stands twice");
        }
    }
    assert_eq!(seen.len(), 300 * 4 + 4 + 3 + 1);
    assert!(SubjectRef::parse(IdType::Imei, UNMAPPED_IMEI).is_some());
    assert!(!seen.contains(&format!("imei:{UNMAPPED_IMEI}")));
    let subjects: HashSet<String> = people().into_iter().map(|person| person.subject).collect();
    assert_eq!(subjects.len(), 301);
}

#[test]
fn the_first_row_has_the_known_ids() {
    let person = people().remove(0);
    assert_eq!(
        (person.subject.as_str(), person.row, person.bad),
        ("german-0002", Some(2), Some(true))
    );
    let known = [
        (IdType::Imei, "001001000000023"),
        (IdType::Idfa, "00000000-0000-8000-8000-000000000002"),
        // Of the number 12000000002, by md5sum and sha256sum.
        (IdType::MobileMd5, "605d65cc20ea932011455dcf10c17d5c"),
        (IdType::MobileSha256, "d6a73291677c8a88bfc757ebe9898d4fea6cc6b0c86c5167ac18ce85933ef8a6"),
        SAMPLE_IDS[0],
    ];
    assert_eq!(person.ids, known.map(|(id_type, value)| (id_type, value.to_owned())));
}

#[test]
fn who_is_known_well_enough() {
    for person in people() {
        let seen = behaviours(&person);
        for SandboxModel { card, .. } in models() {
            let enough = card.behaviours_seen(&seen, NOW) >= card.behaviours_needed;
            let empty = person.ids.iter().any(|(_, value)| value == EMPTY_IMEI);
            assert_eq!(enough, !empty, "{}", person.subject);
        }
    }
}

#[test]
fn sample_and_fault_ids_belong_to_people_with_behaviours() {
    let faults = [FAILING_IMEI, FAILING_ONCE_IMEI, SLOW_ONCE_IMEI].map(|id| (IdType::Imei, id));
    for (id_type, value) in SAMPLE_IDS.into_iter().chain(faults) {
        let owns = |person: &Person| person.ids.contains(&(id_type, value.to_owned()));
        assert!(people_with_rows().iter().any(owns), "{value}");
    }
}

#[test]
fn only_the_magic_ids_are_faulty() {
    let found: Vec<Fault> = people()
        .iter()
        .flat_map(|person| &person.ids)
        .filter_map(|(id_type, value)| fault(&SubjectRef::parse(*id_type, value).expect(value)))
        .collect();
    assert_eq!(found, [Fault::Always, Fault::OncePerKey, Fault::SlowOnce(Span::seconds(5))]);
    let unmapped = SubjectRef::parse(IdType::Imei, UNMAPPED_IMEI).expect("valid");
    assert_eq!(fault(&unmapped), None);
}

#[test]
fn some_details_are_there_and_some_are_null() {
    let details = models().pop().expect("the details are the last").card;
    let features = features(&details, &people()[0]);
    let shown = |(tag, value): (&domain::scoring::card::DetailTag, Option<&_>)| {
        format!("{}={}", tag.name, value.map_or("null".to_owned(), ToString::to_string))
    };
    let shown: Vec<String> = details.details(&features).map(shown).collect();
    let expected = "duration_months=48 credit_amount=5951 account_status=A12 \
                    loan_platforms_30d=null overdue_count_90d=null";
    assert_eq!(shown.join(" "), expected);
}

#[test]
fn each_application_has_its_model() {
    let models: HashSet<String> = models().into_iter().map(|model| model.card.name).collect();
    assert!(apps().iter().all(|app| models.contains(app.model)));
    let shown = apps().map(|app| {
        let limits = app.limits;
        (app.app, app.is_default, [limits.package, limits.daily, limits.test])
    });
    let expected = [
        ("1000001", true, [None, None, None]),
        ("1000002", false, [None, None, None]),
        ("1000003", false, [None, None, None]),
        ("1000007", false, [Some(3), None, None]),
        ("1000008", false, [None, Some(3), None]),
        ("1000009", false, [None, None, Some(5)]),
    ];
    assert_eq!(shown, expected);
}
