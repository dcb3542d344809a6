//! Who stands behind a login name of the bureau.

use std::ops::RangeInclusive;

use domain::identity::{IdCard, Mobile, Person, PersonName};
use domain::time::Day;

use super::{SAMPLE, Stream};

/// A day after all births: ages are reckoned when the person is looked at.
pub(super) const REGISTERED: Day = Day(16_436);

/// The codes of document 002, section 2.1, that have a login name: 508208 does not exist.
pub(super) const CODES: [RangeInclusive<u32>; 4] = [100..=149, 200..=207, 209..=209, 300..=303];

/// Counties where the ID cards were issued (GB/T 2260).
const REGIONS: [&str; 10] = [
    "110101", "120101", "310101", "320102", "330102", "370102", "420102", "440103", "510104",
    "610102",
];

/// The last four digits of the mobile of a registered login name; nothing for another.
pub(super) fn mobile_suffix(login_name: &str) -> Option<u32> {
    if login_name == SAMPLE {
        return Some(9_008);
    }
    let number = |digits: &str, length: usize| {
        let is_plain = digits.len() == length && digits.bytes().all(|b| b.is_ascii_digit());
        is_plain.then(|| digits.parse::<u32>().ok())?
    };
    if let Some(digits) = login_name.strip_prefix("sandbox") {
        return number(digits, 2).filter(|number| *number < 70).map(|number| 1_000 + number);
    }
    let code = number(login_name.strip_prefix("e508")?, 3)?;
    CODES.iter().any(|codes| codes.contains(&code)).then_some(8_000 + code)
}

pub(super) fn person(login_name: &str, suffix: u32, draws: &mut Stream) -> Person {
    let year = 1962 + draws.below(34);
    let (month, day) = (1 + draws.below(12), 1 + draws.below(28));
    let body = format!("{}{year}{month:02}{day:02}000", draws.pick(&REGIONS));
    let checks = "0123456789X".chars();
    let id_card = checks
        .into_iter()
        .find_map(|check| IdCard::parse(&format!("{body}{check}"), REGISTERED).ok());
    let mobile = format!("154{:04}{suffix:04}", draws.below(10_000));
    Person {
        name: PersonName::parse(&name(login_name, suffix)).expect("a name"),
        id_card: id_card.expect("one check character fits"),
        mobile: Mobile::parse(&mobile).expect("eleven digits"),
    }
}

/// 合成 and two characters of the old calendar, which come in 120 pairs.
fn name(login_name: &str, suffix: u32) -> String {
    const STEMS: [char; 10] = ['甲', '乙', '丙', '丁', '戊', '己', '庚', '辛', '壬', '癸'];
    const BRANCHES: [char; 12] =
        ['子', '丑', '寅', '卯', '辰', '巳', '午', '未', '申', '酉', '戌', '亥'];
    let family = if login_name.starts_with("sandbox") { "合成" } else { "合成错" };
    let family = if login_name == SAMPLE { "合成样" } else { family };
    let (stem, branch) = (suffix as usize % 10, suffix as usize / 10 % 12);
    format!("{family}{}{}", STEMS[stem], BRANCHES[branch])
}
