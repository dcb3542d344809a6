//! Flows as the public editor writes them, and those that are refused.

use super::*;
use crate::policy::{fault::Faults, flow::Run, trace::TraceNode};

/// Runs a flow over inputs that its own names and values declare; gives what its outputs see.
fn run(graph: &Json, given: &Json) -> Result<Json, String> {
    Ok(traced(graph, given)?.0)
}

/// The same, with what is told of each node.
fn traced(graph: &Json, given: &Json) -> Result<(Json, Vec<TraceNode>), String> {
    let mut scope = Scope::default();
    let mut run = Run { values: Vec::new(), now: NOW, steps: 0 };
    for (name, value) in given.as_object().unwrap() {
        let (of, value) = match value {
            Json::String(text) if text == "?" => (Type::Number, Value::Unknown),
            Json::String(text) => (Type::Text, Value::text(text)),
            Json::Bool(truth) => (Type::Boolean, Value::Boolean(*truth)),
            number => (Type::Number, Value::from_json(number)),
        };
        scope.add(name, of, Range::default()).unwrap();
        run.values.push(value);
    }
    let mut faults = Faults::default();
    let graph = jdm::read(graph, &mut faults);
    let flow = graph.map(|graph| flow::compile(&graph, &mut scope, &BTreeMap::new(), &mut faults));
    if !faults.0.is_empty() {
        return Err(faults.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    }
    run.values.resize(scope.len(), Value::Unknown);
    let mut trace = Vec::new();
    flow.expect("no faults").run(&mut run, &scope, Some(&mut trace));
    let result = scope.visible().iter().filter(|(name, _)| given.get(name).is_none());
    Ok((result.map(|(name, slot)| (name.clone(), json!(run.values[*slot]))).collect(), trace))
}

fn fixture(name: &str) -> Json {
    let text = match name {
        "credit-limit" => include_str!("../../../fixtures/policy/credit-limit.json"),
        "company" => include_str!("../../../fixtures/policy/company.json"),
        _ => include_str!("../../../fixtures/policy/loan.json"),
    };
    serde_json::from_str(text).unwrap()
}

/// A chain of tables with `passThrough` (a benchmark of the engine).
#[test]
fn credit_limit() {
    let given = |on_time: i64, limit: i64| {
        json!({
            "account.on_time": on_time, "account.late": 1, "account.utilisation": 40,
            "account.limit": limit,
        })
    };
    let graph = fixture("credit-limit");
    let result = run(&graph, &given(92, 5000)).unwrap();
    assert_eq!(result["rating"], "good");
    assert_eq!(result["points"], 35);
    assert_eq!(result["change.percent"], 20);
    assert_eq!(result["change.limit"], 6000);
    let result = run(&graph, &given(50, 5000)).unwrap();
    assert_eq!((&result["rating"], &result["change.limit"]), (&json!("poor"), &json!(4500)));
}

/// Parallel tables whose results meet, without `passThrough` (the first example of the editor).
#[test]
fn company() {
    let given = |revenue: Json, size: &str| json!({"revenue": revenue, "size": size});
    let graph = fixture("company");
    let result = run(&graph, &given(json!(700_000), "large")).unwrap();
    assert_eq!(result, json!({"overall": "amber"}));
    let result = run(&graph, &given(json!(60_000_000), "very-large")).unwrap();
    assert_eq!(result, json!({"overall": "green"}));
    // Of a large company the other flag does not matter.
    let result = run(&graph, &given(json!("?"), "large")).unwrap();
    assert_eq!(result, json!({"overall": "amber"}));
    // What is not known does not fall into the last row.
    let result = run(&graph, &given(json!("?"), "small")).unwrap();
    assert_eq!(result, json!({"overall": null}));
}

/// Switch, a table that collects, expressions that read each other by `$`.
#[test]
fn loan() {
    let given = |score: Json| json!({"score": score, "debt": 1500, "income": 6000});
    let graph = fixture("loan");
    let result = run(&graph, &given(json!(700))).unwrap();
    assert_eq!(result["approval"], true);
    assert_eq!(result["rate"], 6.25);
    let result = run(&graph, &given(json!(580))).unwrap();
    assert_eq!(result["approval"], false);
    assert_eq!(result["why"], json!([{"message": "poor history"}]));
    assert_eq!(result["rate"], Json::Null);
    // The branch is not known: neither side runs.
    let result = run(&graph, &given(json!("?"))).unwrap();
    assert_eq!((&result["approval"], &result["rate"]), (&Json::Null, &Json::Null));
}

/// What is told of tables, expressions and switches, and of a row or branch that nobody knows.
#[test]
fn each_node_that_ran_is_told() {
    let told = |score: Json| -> Vec<Json> {
        let given = json!({"score": score, "debt": 1500, "income": 6000});
        let (_, trace) = traced(&fixture("loan"), &given).unwrap();
        assert!(trace.iter().all(|node| node.steps > 0));
        let told = trace.iter().map(|node| {
            let mut told = json!(node);
            told.as_object_mut().unwrap().remove("steps");
            told
        });
        told.collect()
    };
    let ratio = json!({
        "id": "dti", "name": "ratio", "kind": "expressions",
        "reads": {"debt": 1500, "income": 6000}, "writes": {"dti": 25},
    });
    let approved = told(json!(700));
    assert_eq!(approved[1], ratio);
    assert_eq!(
        approved[3..],
        [
            json!({
                "id": "decide", "name": "decision", "kind": "switch",
                "reads": {"why": []}, "branches": ["approval1"], "writes": {},
            }),
            json!({
                "id": "rate", "name": "rate", "kind": "expressions",
                "reads": {"dti": 25}, "writes": {"approval": true, "base": 5, "rate": 6.25},
            }),
        ]
    );
    let refused = told(json!(580));
    assert_eq!(refused[0]["rows"], json!([{"row": 3, "id": "cs3"}]));
    assert_eq!(refused[2]["rows"], json!([{"row": 1, "id": "rr1"}]));
    assert_eq!(refused[3]["branches"], json!(["rejection1"]));
    assert_eq!((refused.len(), &refused[4]["id"]), (5, &json!("rejection")));
    // Which row is not known, so nothing that follows of it is; no branch is taken, none runs.
    let unclear = told(json!("?"));
    let scores = json!({
        "id": "scores", "name": "score", "kind": "table", "reads": {"score": null},
        "unclear": {"row": 1, "id": "cs1"}, "writes": {"points": null, "rating": null},
    });
    assert_eq!(unclear[..2], [scores, ratio]);
    assert_eq!(unclear[2]["unclear"], json!({"row": 1, "id": "rr1"}));
    assert_eq!(unclear[2]["writes"], json!({"why": null}));
    assert_eq!(
        unclear[3..],
        [json!({
            "id": "decide", "name": "decision", "kind": "switch", "reads": {"why": null},
            "unclear": {"row": 1, "id": "approval1"}, "writes": {},
        })]
    );
}

/// One change of the loan's flow, and what is said.
#[test]
fn refused_flows() {
    for (pointer, value, words) in [
        ("/nodes", json!(5), "not a JSON Decision Model"),
        (
            "/nodes/1/type",
            json!("functionNode"),
            "`functionNode` is not allowed: a program cannot be checked",
        ),
        ("/nodes/1/type", json!("decisionNode"), "would not be covered by this policy's signature"),
        ("/nodes/1/type", json!("customNode"), "`customNode` is not allowed"),
        ("/nodes/1/type", json!("robotNode"), "there are inputNode, outputNode"),
        ("/nodes/0/type", json!("outputNode"), "one input node is needed, found 0"),
        ("/nodes/1/id", json!("input"), "another node has the same id"),
        ("/nodes/1/content/executionMode", json!("loop"), "`executionMode` may only be `single`"),
        ("/nodes/1/content/inputField", json!("items"), "`inputField` is not allowed"),
        ("/nodes/1/content/surprise", json!(1), "unknown field `surprise`"),
        ("/nodes/1/content/hitPolicy", json!("unique"), "unknown variant `unique`"),
        (
            "/nodes/1/content/inputs/0/field",
            json!("scor"),
            "column \"Score\": there is no `scor`; similar: score",
        ),
        (
            "/nodes/1/content/rules/0/i1",
            json!("> "),
            "row 1, column \"Score\": expected a value, found the end",
        ),
        ("/nodes/1/content/rules/0/i9", json!("> 1"), "a cell for `i9`, which is no column"),
        ("/nodes/1/content/rules/0/i1", json!(5), "a cell is a text"),
        ("/nodes/1/content/rules/0/o1", json!("5"), "rows give different kinds"),
        ("/nodes/1/content/rules", json!([]), "at least one row"),
        ("/nodes/1/content/outputs/0/field", json!("score"), "`score` is an input"),
        ("/nodes/1/content/outputs/0/field", json!("a b"), "`a b` is no name"),
        ("/nodes/1/content/outputs/0/defaultValue", json!("1"), "`defaultValue` is not allowed"),
        ("/nodes/1/content/passThrough", json!(false), "there is no `debt`"),
        ("/nodes/3/content/outputPath", json!(""), "a table that collects needs `outputPath`"),
        ("/nodes/4/content/statements/0/condition", json!("len(why)"), "a condition is needed"),
        (
            "/nodes/4/content/statements/0/condition",
            json!(""),
            "a branch without a condition stands last",
        ),
        (
            "/nodes/5/content/expressions/0/key",
            json!("points"),
            "`points` is set by node \"score\" too",
        ),
        ("/edges/0/targetId", json!("nowhere"), "from input to nowhere: no such node"),
        ("/edges/0/targetId", json!("end"), "cannot be reached from the input"),
        ("/edges/4/targetId", json!("dti"), "goes in a circle, through or before"),
        ("/edges/4/sourceHandle", json!("x"), "without one of its branches"),
    ] {
        let mut graph = fixture("loan");
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let parent = graph.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer}"));
        match key.parse::<usize>() {
            Ok(at) => parent[at] = value.clone(),
            Err(_) => parent[key] = value.clone(),
        }
        let given = json!({"score": 700, "debt": 1500, "income": 6000});
        let said = run(&graph, &given).expect_err(pointer);
        assert!(said.contains(words), "{pointer} {value}: {said}");
    }
}
