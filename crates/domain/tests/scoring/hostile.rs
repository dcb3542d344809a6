//! Changed model files: loading refuses them or gives a model that evaluates; nothing panics.

use std::sync::LazyLock;

use domain::features::{Features, Value};
use domain::scoring::{Model, ModelFormat};
use proptest::prelude::*;

use crate::fixture::text;

const ROWS: [&str; 6] = ["", "0", "-1", "1e300", "A11", "inf"];
const TOKENS: [&str; 11] =
    ["0", "1", "-1", "-2", "15", "99999", "-2147483648", "nan", "1e39", "1e400", "1e300"];

/// Three trees with native categories, without `tree_sizes`, so that a change reaches the checks
/// of the trees themselves.
fn three_trees() -> String {
    let whole = text("german_lightgbm_cat.txt");
    let end = whole.find("Tree=3").expect("200 trees");
    let kept = whole[..end].lines().filter(|line| !line.starts_with("tree_sizes"));
    kept.chain(["end of trees", ""]).collect::<Vec<_>>().join("\n")
}

/// The first three trees of an XGBoost model.
fn three_json_trees() -> String {
    let mut whole: serde_json::Value =
        serde_json::from_str(&text("german_xgboost_nan.json")).expect("JSON");
    let forest = &mut whole["learner"]["gradient_booster"]["model"];
    for list in ["trees", "tree_info"] {
        forest[list].as_array_mut().expect("a list").truncate(3);
    }
    forest["gbtree_model_param"]["num_trees"] = "3".into();
    whole.to_string()
}

/// One file of each format.
static FILES: LazyLock<[String; 3]> =
    LazyLock::new(|| [three_trees(), three_json_trees(), text("taiwan_optbinning_card.json")]);

/// Loads and, if that goes, evaluates every way there is.
fn exercise(bytes: &[u8]) -> bool {
    let Some(format) = ModelFormat::sniff(bytes) else {
        return false;
    };
    let Ok(model) = Model::load(format, bytes) else {
        return false;
    };
    let names = model.feature_names();
    for cell in ROWS {
        _ = model.score_cells(&vec![Some(cell); names.len()]);
        let values = names.iter().map(|name| ((*name).to_owned(), Value::read(cell)));
        let features: Features = values.collect();
        _ = (model.score(&features), model.explain(&features));
    }
    true
}

/// Replaces one number of the file, whichever line it stands in.
fn with_token(text: &str, at: usize, token: &str) -> String {
    let separator = |c: char| c.is_ascii_whitespace() || "=,[]".contains(c);
    let words: Vec<&str> = text.split_inclusive(separator).collect();
    let numbers: Vec<usize> = (0..words.len())
        .filter(|&i| words[i].trim_end_matches(separator).parse::<f64>().is_ok())
        .collect();
    let chosen = numbers[at % numbers.len()];
    let tail = &words[chosen][words[chosen].trim_end_matches(separator).len()..];
    let replaced = format!("{token}{tail}");
    let parts = words.iter().enumerate();
    parts.map(|(i, word)| if i == chosen { replaced.as_str() } else { word }).collect()
}

#[test]
fn unchanged_files_load() {
    for text in &*FILES {
        assert!(exercise(text.as_bytes()));
    }
}

#[test]
fn a_model_cut_short_is_refused() {
    // Behind the last line that matters, only white space may be lost.
    for text in &*FILES {
        let text = text.trim_end();
        for end in (0..text.len()).step_by(97).chain([text.len() - 1]) {
            assert!(!exercise(&text.as_bytes()[..end]), "cut at {end}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn changed_bytes_never_panic(
        changes in prop::collection::vec((any::<usize>(), any::<u8>()), 1..4),
    ) {
        for text in &*FILES {
            let mut bytes = text.clone().into_bytes();
            for (at, byte) in &changes {
                let at = at % bytes.len();
                bytes[at] = *byte;
            }
            exercise(&bytes);
        }
    }

    #[test]
    fn changed_numbers_never_panic(at in any::<usize>(), token in prop::sample::select(&TOKENS)) {
        for text in &*FILES {
            exercise(with_token(text, at, token).as_bytes());
        }
    }
}
