//! Documents that are refused: every fault at once, in words.

use super::*;

fn small() -> Json {
    serde_json::from_slice(include_bytes!("../../../fixtures/fuzz/policy.json")).unwrap()
}

fn said(document: &Json) -> String {
    match Policy::read(document.to_string().as_bytes()) {
        Ok(_) => "accepted".to_owned(),
        Err(faults) => faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
    }
}

/// One change of the small policy at a JSON pointer, and what is said.
#[test]
fn one_fault() {
    for (pointer, value, words) in [
        ("/format", json!("x"), "format: `x` is not known; write `probity-policy/1`"),
        ("/name", json!("a b"), "name: 1 to 64 letters"),
        ("/model", json!("a b"), "model: 1 to 64 letters"),
        ("/title/zh", json!(" "), "title: a text in Chinese (`zh`) and in English"),
        ("/inputs/0/name", json!("n-1"), "inputs n-1: a name has letters"),
        ("/inputs/0/name", json!("not"), "inputs not: a name has letters"),
        ("/inputs/0/name", json!("t"), "inputs t: declared twice"),
        ("/inputs/0/type", json!("float"), "unknown variant `float`"),
        ("/inputs/0/min", json!(100), "`min` is more than `max`"),
        ("/inputs/2/min", json!(1), "`min` and `max` are for numbers"),
        ("/inputs/1/values", json!([]), "`values` names 1 to 1000 texts"),
        ("/inputs/0/max", json!("x"), "inputs[0].max: not a decimal number"),
        ("/rules/0/when", json!("m > 5"), "rules R1: there is no `m`; similar: b, l, n"),
        ("/rules/0/when", json!("n + 1"), "rules R1: a condition is needed, this gives a number"),
        ("/rules/0/when", json!(""), "rules R1: expected a value, found the end"),
        ("/rules/0/then", json!("approve"), "unknown variant `approve`"),
        ("/rules/0/zh", json!(""), "rules R1: a text in Chinese"),
        ("/rules/0/id", json!("R2"), "rules R2: another rule has the same id"),
        ("/rules/0/id", json!("R 1"), "rules R 1: an id has letters"),
        (
            "/cutoffs/0/score",
            json!("model.scor"),
            "cutoffs S1: there is no `model.scor`; similar: model.score",
        ),
        ("/cutoffs/0/reject_below", json!(700), "the rejection lies inside the review"),
        ("/cutoffs/0/reject_below", json!("1e99"), "cutoffs[0].reject_below: not a decimal number"),
    ] {
        let mut document = small();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        document.pointer_mut(parent).unwrap()[key] = value.clone();
        let said = said(&document);
        assert!(said.contains(words), "{pointer} {value}: {said}");
    }
}

/// A policy may name the model whose score it takes; then it takes it.
#[test]
fn a_model_has_its_input() {
    let mut document = small();
    document["model"] = json!("m-1");
    let read = Policy::read(document.to_string().as_bytes()).expect("whole");
    assert_eq!(read.model(), Some("m-1"));
    for input in document["inputs"].as_array_mut().unwrap() {
        if input["name"] == MODEL_SCORE {
            input["name"] = json!("other");
        }
    }
    let said = said(&document);
    assert!(said.contains("model: is named, and no input `model.score` takes its score"), "{said}");
}

#[test]
fn other_faults() {
    let with = |change: &dyn Fn(&mut Json)| {
        let mut document = small();
        change(&mut document);
        said(&document)
    };
    let without_rules = with(&|document| {
        document["rules"] = json!([]);
        document["cutoffs"] = json!([]);
    });
    assert!(without_rules.contains("everybody would be approved"), "{without_rules}");
    assert!(with(&|document| document["rulez"] = json!([])).contains("unknown field `rulez`"));
    assert!(with(&|document| document["tables"] = json!({"T": {}})).contains("accepted"));
    // All at once.
    let many = with(&|document| {
        document["format"] = json!("y");
        document["rules"][0]["when"] = json!("q");
        document["rules"][1]["when"] = json!("n >");
        document["cutoffs"][0]["when"] = json!("n");
    });
    assert_eq!(many.lines().count(), 4, "{many}");
    let bytes = |bytes: &[u8]| Policy::read(bytes).unwrap_err()[0].to_string();
    assert!(bytes(b"{\"name\":1,\"name\":2}").contains("the key `name` comes twice"));
    assert!(bytes(&vec![b' '; BYTES_MAX + 1]).contains("larger than"));
    assert!(bytes("[".repeat(10_000).as_bytes()).contains("not JSON"));
    let words = with(&|document| {
        let rule = document["rules"][0].clone();
        document["rules"] = Json::Array(vec![rule; RULES_MAX]);
    });
    assert!(words.contains("rules: more than 500"), "{}", &words[..200]);
}

/// Two expressions that are heavy at the largest lists: the budget ends it, a person reviews.
#[test]
fn the_budget_of_a_decision() {
    let mut document = small();
    let rules: Vec<Json> = (0..30)
        .map(|at| {
            let when = "count(l, #.days > 3 and #.days < 9 or #.days * 2 > 99) > 2000";
            json!({"id": format!("L{at}"), "when": when, "then": "reject", "zh": "多", "en": "many"})
        })
        .collect();
    document["rules"] = Json::Array(rules);
    let policy = Policy::read(document.to_string().as_bytes()).unwrap();
    let inputs = |length: usize| {
        Inputs::from_json(&json!({"l": vec![json!({"days": 1}); length], "model.score": 700}))
    };
    assert_eq!(policy.decide(&inputs(10), NOW).outcome, Outcome::Approve);
    let decision = policy.decide(&inputs(LIST_MAX), NOW);
    assert_eq!(decision.outcome, Outcome::Review);
    assert!(rules_of(&decision).contains(&"steps".to_owned()));
    // One element more, and the list is not known at all.
    assert_eq!(policy.decide(&inputs(LIST_MAX + 1), NOW).outcome, Outcome::Review);
}

fn rules_of(decision: &Decision) -> Vec<String> {
    decision.reasons.iter().map(|reason| reason.rule.clone()).collect()
}
