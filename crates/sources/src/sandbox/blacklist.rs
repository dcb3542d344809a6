//! Who is blacklisted in the sandbox: every mobile that ends in 4444, and the persons of a sample
//! list by name and ID card. All of them are synthetic.

use domain::identity::Mobile;

/// name,id_card; made-up persons whose ID cards pass every check.
const SAMPLE: &str = include_str!("blacklist/sample.csv");

pub fn is_listed(mobile: &Mobile) -> bool {
    mobile.expose().ends_with("4444")
}

/// The sample list: name and ID card.
pub fn sample() -> impl Iterator<Item = (&'static str, &'static str)> {
    SAMPLE.lines().skip(1).filter_map(|line| line.split_once(','))
}

#[cfg(test)]
mod tests {
    use domain::identity::{IdCard, PersonName};
    use domain::time::Day;

    use super::*;

    #[test]
    fn the_sample_names_valid_people() {
        let valid = sample().filter(|(name, id_card)| {
            PersonName::parse(name).is_ok() && IdCard::parse(id_card, Day(20_000)).is_ok()
        });
        assert_eq!((valid.count(), SAMPLE.lines().count()), (20, 21));
        let listed = |text: &str| is_listed(&Mobile::parse(text).expect("a mobile"));
        assert!(listed("13800004444") && !listed("13844440000"));
    }
}
