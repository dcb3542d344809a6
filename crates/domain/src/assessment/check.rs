//! Whether a policy asks for what there is: a policy is whole by itself and may still declare
//! inputs that nobody fills, which would send every application to a person.

use super::feature::Kind;
use super::{CATALOGUE, feature};
use crate::policy::{InputName, Policy, PolicyFault, Type, similar};

/// Reads a policy on applications.
///
/// Errors: what is wrong with the document, or else each input that nobody fills.
pub fn policy(document: &[u8]) -> Result<Policy, Vec<PolicyFault>> {
    let policy = Policy::read(document)?;
    let faults = check(&policy);
    if faults.is_empty() { Ok(policy) } else { Err(faults) }
}

/// The inputs that a policy reads and that are no features, or features of another type.
pub fn check(policy: &Policy) -> Vec<PolicyFault> {
    policy.inputs().filter_map(|input| fault(&input)).collect()
}

fn fault(input: &InputName<'_>) -> Option<PolicyFault> {
    let message = match feature(input.name) {
        None => no_feature(input.name),
        Some(feature) => {
            let declared = match (input.of, input.is_integer) {
                (Type::Boolean, _) => Some(Kind::Boolean),
                (Type::Number, true) => Some(Kind::Integer),
                (Type::Number, false) => Some(Kind::Number),
                _ => None,
            };
            // A whole number is a number too.
            let fits = declared == Some(feature.kind())
                || (declared, feature.kind()) == (Some(Kind::Number), Kind::Integer);
            if fits {
                return None;
            }
            format!("is of another type: the feature's is `{}`", feature.kind().as_str())
        }
    };
    Some(PolicyFault { place: format!("inputs {}", input.name), message })
}

fn no_feature(name: &str) -> String {
    let similar = similar(name, CATALOGUE.iter().map(|feature| feature.name));
    match similar.as_slice() {
        [] => "is no feature, so it would never be known; docs/features.md lists them".to_owned(),
        names => {
            let names = names.join(", ");
            format!("is no feature, so it would never be known; similar: {names}")
        }
    }
}
