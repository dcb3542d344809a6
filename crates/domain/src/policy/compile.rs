//! From the document to a policy: everything that can be wrong is said at once.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{CutoffSpec, Document, InputSpec, Texts, TypeSpec, Unique};
use super::expression::Expression;
use super::fault::{Faults, PolicyFault};
use super::scope::{Range, Scope};
use super::table::Allowed;
use super::{
    BYTES_MAX, Effect, FORMAT, INPUTS_MAX, InputRule, MODEL_SCORE, Policy, RULES_MAX, Rule, flow,
    is_name, jdm,
};
use aws_lc_rs::digest::{SHA256, digest};

impl Policy {
    /// Reads a policy and checks all of it.
    ///
    /// # Errors
    /// Everything that is wrong with it, in words for the analyst who wrote it.
    pub fn read(bytes: &[u8]) -> Result<Self, Vec<PolicyFault>> {
        let mut faults = Faults::default();
        let policy = read(bytes, &mut faults);
        match policy {
            Some(policy) if faults.0.is_empty() => Ok(policy),
            _ => Err(faults.0),
        }
    }

    /// Reads a policy that was signed off before.
    ///
    /// # Errors
    /// As [`Policy::read`]; also when it is not the one with this hash.
    pub fn read_signed(bytes: &[u8], sha256: &str) -> Result<Self, Vec<PolicyFault>> {
        let policy = Self::read(bytes)?;
        if policy.sha256 == sha256 {
            return Ok(policy);
        }
        let mut faults = Faults::default();
        let message = format!(
            "is not the document that was signed off: its hash is {}, signed was {sha256}; have it \
             signed off anew",
            policy.sha256
        );
        faults.add(format!("policy {} {}", policy.name(), policy.version()), message);
        Err(faults.0)
    }
}

fn read(bytes: &[u8], faults: &mut Faults) -> Option<Policy> {
    if bytes.len() > BYTES_MAX {
        faults.add("document", format!("larger than {BYTES_MAX} bytes"));
        return None;
    }
    let json = match serde_json::from_slice::<Unique>(bytes) {
        Ok(Unique(json)) => json,
        Err(error) => {
            faults.add("document", format!("not JSON: {error}"));
            return None;
        }
    };
    let document: Document = match serde_path_to_error::deserialize(&json) {
        Ok(document) => document,
        Err(error) => {
            let place = format!("document, {}", error.path());
            faults.add(place, error.into_inner().to_string());
            return None;
        }
    };
    let canonical = serde_json::to_vec(&json).expect("JSON that was read");
    let sha256 = hex::encode(digest(&SHA256, &canonical));
    header(&document, faults);
    let mut scope = Scope::default();
    let mut inputs = inputs(&document, &mut scope, faults);
    let allowed: BTreeMap<String, Allowed> = document
        .tables
        .iter()
        .map(|(name, spec)| {
            (name.clone(), Allowed { overlap: spec.may_overlap, gaps: spec.may_miss })
        })
        .collect();
    let flow = match &document.flow {
        Some(json) => {
            let graph = jdm::read(json, faults)?;
            Some(flow::compile(&graph, &mut scope, &allowed, faults))
        }
        None => None,
    };
    let rules = rules(&document, &scope, faults);
    let mut read: BTreeSet<usize> =
        rules.iter().flat_map(|rule| rule.when.reads()).copied().collect();
    for expression in flow.iter().flat_map(flow::Flow::expressions) {
        read.extend(expression.reads());
    }
    for input in &mut inputs {
        input.is_read = read.contains(&input.slot);
    }
    Some(Policy { document, canonical, sha256, scope, inputs, flow, rules })
}

fn header(document: &Document, faults: &mut Faults) {
    if document.format != FORMAT {
        faults.add("format", format!("`{}` is not known; write `{FORMAT}`", document.format));
    }
    let names = [("name", &document.name), ("version", &document.version)];
    for (place, text) in names.into_iter().chain(document.model.iter().map(|name| ("model", name)))
    {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        if text.is_empty() || text.len() > 64 || !text.bytes().all(plain) {
            faults.add(place, "1 to 64 letters, digits, `-`, `_`, `.`");
        }
    }
    if document.model.is_some() && document.inputs.iter().all(|input| input.name != MODEL_SCORE) {
        faults.add("model", format!("is named, and no input `{MODEL_SCORE}` takes its score"));
    }
    let texts = [
        ("title", &document.title),
        ("lawful_basis", &document.lawful_basis),
        ("approval", &document.approval),
    ];
    for (place, texts) in texts {
        both(place, texts, faults);
    }
}

fn both(place: &str, texts: &Texts, faults: &mut Faults) {
    if texts.zh.trim().is_empty() || texts.en.trim().is_empty() {
        faults.add(place, "a text in Chinese (`zh`) and in English (`en`) is needed");
    }
}

fn inputs(document: &Document, scope: &mut Scope, faults: &mut Faults) -> Vec<InputRule> {
    if document.inputs.len() > INPUTS_MAX {
        faults.add("inputs", format!("more than {INPUTS_MAX}"));
    }
    let mut inputs = Vec::new();
    for spec in document.inputs.iter().take(INPUTS_MAX) {
        let place = format!("inputs {}", spec.name);
        both(&place, &Texts { zh: spec.zh.clone(), en: spec.en.clone() }, faults);
        if !is_name(&spec.name) {
            let message = "a name has letters, digits and `_`, in parts joined by `.`";
            faults.add(&place, message);
            continue;
        }
        let range = range(spec, &place, faults);
        let of = spec.of.of();
        let Some(slot) = scope.add(&spec.name, of.clone(), range.clone()) else {
            faults.add(&place, "declared twice");
            continue;
        };
        inputs.push(InputRule {
            name: spec.name.clone(),
            zh: spec.zh.clone(),
            en: spec.en.clone(),
            slot,
            of,
            range,
            change: spec.change,
            is_read: false,
        });
    }
    inputs
}

fn range(spec: &InputSpec, place: &str, faults: &mut Faults) -> Range {
    let is_number = matches!(spec.of, TypeSpec::Integer | TypeSpec::Number);
    let range = Range {
        is_integer: matches!(spec.of, TypeSpec::Integer),
        min: spec.min.map(|min| min.0),
        max: spec.max.map(|max| max.0),
        texts: spec.values.clone(),
    };
    if !is_number && (range.min.is_some() || range.max.is_some()) {
        faults.add(place, "`min` and `max` are for numbers");
    }
    if range.min.zip(range.max).is_some_and(|(min, max)| min > max) {
        faults.add(place, "`min` is more than `max`");
    }
    if let Some(texts) = &range.texts {
        if !matches!(spec.of, TypeSpec::Text) {
            faults.add(place, "`values` are for texts");
        }
        if texts.is_empty() || texts.len() > 1_000 {
            faults.add(place, "`values` names 1 to 1000 texts");
        }
    }
    range
}

fn rules(document: &Document, scope: &Scope, faults: &mut Faults) -> Vec<Rule> {
    if document.rules.len() + document.cutoffs.len() > RULES_MAX {
        faults.add("rules", format!("more than {RULES_MAX}"));
    }
    if document.rules.is_empty() && document.cutoffs.is_empty() {
        faults.add("rules", "without a rule or a cut-off everybody would be approved");
    }
    let mut rules = Vec::new();
    let mut ids = BTreeSet::new();
    let ids_given = document.rules.iter().map(|rule| ("rules", &rule.id));
    for (kind, id) in ids_given.chain(document.cutoffs.iter().map(|one| ("cutoffs", &one.id))) {
        if !is_name(id) || matches!(id.as_str(), "approve" | "steps") {
            faults.add(format!("{kind} {id}"), "an id has letters, digits, `_` and `.`");
        }
        if !ids.insert(id) {
            faults.add(format!("{kind} {id}"), "another rule has the same id");
        }
    }
    for spec in document.rules.iter().take(RULES_MAX) {
        let place = format!("rules {}", spec.id);
        let texts = Texts { zh: spec.zh.clone(), en: spec.en.clone() };
        both(&place, &texts, faults);
        let lawful_basis = spec.lawful_basis.as_ref().unwrap_or(&document.lawful_basis).clone();
        match Expression::read_cell(&spec.when, scope, None) {
            Ok(when) => rules.push(Rule {
                id: spec.id.clone(),
                when,
                effect: spec.then,
                texts,
                lawful_basis,
                is_cutoff: false,
            }),
            Err(error) => faults.add(place, error.within(&spec.when)),
        }
    }
    for spec in document.cutoffs.iter().take(RULES_MAX) {
        cutoff(spec, document, scope, (&mut rules, faults));
    }
    rules
}

/// A cut-off is up to four rules about one score.
fn cutoff(
    spec: &CutoffSpec,
    document: &Document,
    scope: &Scope,
    (rules, faults): (&mut Vec<Rule>, &mut Faults),
) {
    let place = format!("cutoffs {}", spec.id);
    let texts = Texts { zh: spec.zh.clone(), en: spec.en.clone() };
    both(&place, &texts, faults);
    let bounds = [
        ("reject_below", "<", spec.reject_below, Effect::Reject),
        ("review_below", "<", spec.review_below, Effect::Review),
        ("reject_above", ">", spec.reject_above, Effect::Reject),
        ("review_above", ">", spec.review_above, Effect::Review),
    ];
    let limits = bounds.map(|(_, _, bound, _)| bound.map(|bound| bound.0));
    if limits.iter().all(Option::is_none) {
        faults.add(&place, "none of reject_below, review_below, reject_above, review_above");
    }
    if limits[0].zip(limits[1]).is_some_and(|(reject, review)| reject > review)
        || limits[2].zip(limits[3]).is_some_and(|(reject, review)| reject < review)
    {
        faults.add(&place, "the rejection lies inside the review: exchange the two bounds");
    }
    for (name, symbol, bound, effect) in bounds {
        let Some(bound) = bound else { continue };
        let compared = format!("{} {symbol} {}", spec.score, bound.0);
        let source = match &spec.when {
            Some(when) => format!("({when}) and {compared}"),
            None => compared,
        };
        match Expression::read_cell(&source, scope, None) {
            Ok(when) => rules.push(Rule {
                id: format!("{}.{name}", spec.id),
                when,
                effect,
                texts: texts.clone(),
                lawful_basis: document.lawful_basis.clone(),
                is_cutoff: true,
            }),
            Err(error) => {
                faults.add(&place, error.within(&source));
                // The other bounds have the same fault.
                return;
            }
        }
    }
}
