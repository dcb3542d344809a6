//! Reads XGBoost's JSON format (`doc/model.schema` of XGBoost, versions 1 to 3), to be evaluated as
//! XGBoost does (`RegTree`, `cpu_predictor.cc`). What would need another way of evaluation is
//! refused by its name.

mod tree;

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;

use self::tree::{TreeText, grow};
use super::trees::{Arithmetic, Column, Link, Trees};
use super::{FEATURES_MAX, ModelError, TREES_MAX};

const AGAIN: &str = "save the model with XGBoost's save_model(\"model.json\") again";

#[derive(Deserialize)]
struct File {
    learner: Learner,
}

#[derive(Deserialize)]
struct Learner {
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    #[serde(default)]
    feature_names: Vec<String>,
    gradient_booster: Booster,
    #[serde(rename = "learner_model_param")]
    parameters: Parameters,
    objective: Named,
}

#[derive(Deserialize)]
struct Booster {
    name: String,
    model: Option<Forest>,
}

/// Nothing is required, so that another booster is refused by its name and not by its fields.
#[derive(Default, Deserialize)]
struct Forest {
    #[serde(default)]
    gbtree_model_param: ForestParameters,
    #[serde(default)]
    tree_info: Vec<i32>,
    #[serde(default)]
    trees: Vec<TreeText>,
}

#[derive(Default, Deserialize)]
struct ForestParameters {
    #[serde(default)]
    num_trees: String,
    /// Trees of one round: more than one in a boosted random forest, which is summed the same.
    num_parallel_tree: Option<String>,
}

/// XGBoost writes its parameters as text.
#[derive(Deserialize)]
struct Parameters {
    base_score: String,
    num_class: String,
    num_feature: String,
    num_target: Option<String>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

/// Whether the bytes are UBJSON, XGBoost's other form and the default of its newer versions: a `{`
/// followed by the type of the first key's length, where JSON has white space or a quote.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    matches!(bytes, [b'{', b'L' | b'l' | b'I' | b'i' | b'U', ..])
}

/// Whether a JSON object is XGBoost's, by its first key.
pub(super) fn is_learner(object: &[u8]) -> bool {
    let inside = object.strip_prefix(b"{").unwrap_or_default().trim_ascii_start();
    inside.starts_with(b"\"learner\"") || inside.starts_with(b"\"version\"")
}

pub(super) fn read(text: &str) -> Result<Trees, ModelError> {
    let refuse = |wrong: serde_json::Error| ModelError::new("JSON", wrong.to_string(), AGAIN);
    let File { learner } = serde_json::from_str(text).map_err(refuse)?;
    let link = link(&learner)?;
    let columns = columns(&learner)?;
    let base = base(&learner.parameters.base_score, link)?;
    let forest = learner.gradient_booster.model.unwrap_or_default();
    check_forest(&forest)?;
    check_rounds(&learner.attributes, &forest)?;
    let mut model = Trees::new(columns, Arithmetic::Single { base }, link);
    for (index, tree) in forest.trees.iter().enumerate() {
        grow(&mut model, tree, index)?;
    }
    Ok(model)
}

/// Refuses, by name, what would need another way of evaluation.
fn link(learner: &Learner) -> Result<Link, ModelError> {
    let booster = &learner.gradient_booster.name;
    if booster != "gbtree" {
        let problem = format!("{booster:?}, where only \"gbtree\" is evaluated");
        return Err(ModelError::new("gradient_booster", problem, "train with booster=gbtree"));
    }
    let parameters = &learner.parameters;
    let targets = parameters.num_target.as_deref().unwrap_or("1");
    for (place, found) in [("num_class", parameters.num_class.as_str()), ("num_target", targets)] {
        if !["0", "1"].contains(&found) {
            let problem = format!("{found:?}, where one class or target is evaluated");
            return Err(ModelError::new(place, problem, "train one model for each class"));
        }
    }
    match learner.objective.name.as_str() {
        "binary:logistic" => Ok(Link::Logistic { steepness: 1.0 }),
        "reg:squarederror" => Ok(Link::Identity),
        other => {
            let problem =
                format!("{other:?}, where `binary:logistic` and `reg:squarederror` are known");
            Err(ModelError::new("objective", problem, "train with one of these"))
        }
    }
}

/// A model trained on a bare matrix has no names; they are `f0`, `f1` …, as in XGBoost's dumps.
fn columns(learner: &Learner) -> Result<Vec<Column>, ModelError> {
    let place = "num_feature";
    let text = &learner.parameters.num_feature;
    let count = text.parse::<usize>().ok().filter(|count| (1..=FEATURES_MAX).contains(count));
    let Some(count) = count else {
        let problem = format!("{text:?}, where 1 to {FEATURES_MAX} are allowed");
        return Err(ModelError::new(place, problem, "train with fewer features"));
    };
    let names = match learner.feature_names.as_slice() {
        [] => (0..count).map(|index| format!("f{index}")).collect(),
        names => names.to_vec(),
    };
    let place = "feature_names";
    if names.len() != count {
        let problem = format!("{} names for {count} features", names.len());
        return Err(ModelError::new(place, problem, AGAIN));
    }
    if names.iter().collect::<HashSet<_>>().len() != count {
        return Err(ModelError::new(place, "a name stands twice", "rename the column"));
    }
    Ok(names.into_iter().map(|name| Column { name, read: false, refuses_missing: true }).collect())
}

/// The margin before the first tree. The file has the base score as a probability; `5E-1`, or since
/// XGBoost 3.1 `[5E-1]`.
fn base(text: &str, link: Link) -> Result<f32, ModelError> {
    let refuse = |problem: &str| {
        let problem = format!("{text:?}, {problem}");
        Err(ModelError::new("base_score", problem, "train with one base_score"))
    };
    let inside = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    match (inside.trim().parse::<f32>(), link) {
        (Ok(base), Link::Identity) if base.is_finite() => Ok(base),
        (Ok(base), Link::Logistic { .. }) if base > 0.0 && base < 1.0 => {
            // `-logf(1.0f / base - 1.0f)`; the logarithm is rounded once, from double precision.
            Ok(-f64::from(1.0 / base - 1.0).ln() as f32)
        }
        (Ok(_), _) => refuse("which is not inside (0, 1) or not finite"),
        (Err(_), _) => refuse("which is not one number"),
    }
}

fn check_forest(forest: &Forest) -> Result<(), ModelError> {
    let count = forest.trees.len();
    let told = &forest.gbtree_model_param.num_trees;
    if *told != count.to_string() || forest.tree_info.len() != count {
        let problem = format!("{told:?}, but the file holds {count} trees: it was changed");
        return Err(ModelError::new("num_trees", problem, "take the file from its origin again"));
    }
    if count > TREES_MAX {
        let problem = format!("more than {TREES_MAX} trees");
        return Err(ModelError::new("num_trees", problem, "train fewer"));
    }
    if forest.tree_info.iter().any(|class| *class != 0) {
        let problem = "names more than one class";
        return Err(ModelError::new("tree_info", problem, "train one model for each class"));
    }
    Ok(())
}

/// After early stopping the file may hold rounds behind the best one. XGBoost's scikit-learn
/// interface then leaves them out and its native one does not; nobody can know which was meant.
fn check_rounds(attributes: &BTreeMap<String, String>, forest: &Forest) -> Result<(), ModelError> {
    let Some(best) = attributes.get("best_iteration") else {
        return Ok(());
    };
    let parallel = forest.gbtree_model_param.num_parallel_tree.as_deref().unwrap_or("1");
    let parallel = parallel.parse::<usize>().unwrap_or(1).max(1);
    let rounds = forest.trees.len() / parallel;
    if best.parse::<usize>().is_ok_and(|best| best.saturating_add(1) >= rounds) {
        return Ok(());
    }
    let problem = format!("{best:?}, but the file holds {rounds} rounds");
    let remedy = "save booster[:booster.best_iteration + 1]";
    Err(ModelError::new("best_iteration", problem, remedy))
}

#[cfg(test)]
mod tests;
