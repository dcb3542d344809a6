//! Whether what is said of the applicant's identity agrees: ID card, names, mobile, cards, regions.
//!
//! Sources hide parts of names and numbers with stars; what they show must fit. A source that shows
//! nothing, or stars alone, says nothing.

use std::collections::BTreeSet;

use super::View;
use super::feature::{Feature, Section};
use crate::application::{Card, CardType, ProofKind};
use crate::identity::{
    BankCard, CardKind, Carrier, IdCard, PROVINCES, PersonName, agrees, province_of,
};
use crate::report::age_days;

const MONTH_DAYS: i64 = 30;
/// Digits at the end of two card numbers by which they can be the same.
const CARD_DIGITS: usize = 4;

const PERSON: Section = Section::Person;

pub(super) const FEATURES: [Feature; 22] = [
    Feature::truth(
        PERSON,
        "identity.id_card_valid",
        ("身份证号校验通过", "The ID number is well-formed and its check digit right"),
        |view| Some(IdCard::parse(view.person.id_card.expose(), view.today).is_ok()),
    ),
    Feature::truth(
        PERSON,
        "identity.id_region_known",
        ("身份证地区码存在", "The ID number's region exists or existed"),
        |view| Some(view.person.id_card.region().is_some()),
    ),
    Feature::count(PERSON, "identity.age_years", ("年龄", "Age in whole years"), |view| {
        Some(view.person.id_card.age_years(view.today).into())
    })
    .unit("年"),
    Feature::truth(
        PERSON,
        "identity.mobile_is_virtual",
        ("虚拟运营商号段", "The mobile's segment is a virtual operator's"),
        |view| {
            use Carrier::{MobileVirtual, TelecomVirtual, UnicomVirtual};
            let carrier = view.person.mobile.segment()?.carrier;
            Some(matches!(carrier, MobileVirtual | TelecomVirtual | UnicomVirtual))
        },
    ),
    Feature::truth(
        Section::Identities,
        "identity.name_matches",
        (
            "姓名与身份证一致",
            "Name and ID card agree, by each source that shows a name with the applicant's ID \
             number",
        ),
        name_matches,
    ),
    Feature::truth(
        Section::Degree,
        "identity.birth_matches",
        ("出生日期与身份证一致", "The register's date of birth is that of the ID card"),
        |view| {
            let birth = view.held.degree.as_ref()?.birth?;
            Some(birth == view.person.id_card.birth())
        },
    ),
    Feature::truth(
        Section::Carrier,
        "identity.mobile_matches",
        ("手机号实名与申请人一致", "The mobile number is registered to the applicant"),
        mobile_matches,
    ),
    Feature::truth(
        Section::RealName,
        "mobile.is_real_name",
        ("手机号已实名", "The mobile number is registered to a person"),
        |view| Some(view.application.telecom.is_real_name),
    ),
    Feature::count(
        Section::Carrier,
        "mobile.months_in_use",
        ("手机号使用月数", "Months of 30 days since the mobile number was registered"),
        |view| {
            let told = view.application.telecom.real_name.since;
            let since = told.or(view.held.telecom.as_ref().map(|carrier| carrier.in_use_since));
            let since = since.filter(|since| *since <= view.now)?;
            Some(i64::from(age_days(since, view.today)) / MONTH_DAYS)
        },
    )
    .unit("月")
    .c1(),
    Feature::truth(
        Section::Ebank,
        "identity.bank_card_matches",
        (
            "银行卡持卡人与申请人一致",
            "The bank card is the applicant's, by the bank data of the same card",
        ),
        bank_card_matches,
    ),
    Feature::truth(
        Section::Cards,
        "identity.bank_card_valid",
        ("银行卡号校验通过", "Each card number that is shown whole has a right check digit"),
        |view| whole_numbers(view).map(|number| BankCard::parse(number).is_ok()).reduce(both),
    ),
    Feature::truth(
        Section::Cards,
        "identity.bank_card_kind_agrees",
        ("银行卡类型与发卡行登记一致", "Each card is of the kind that its BIN was issued for"),
        |view| view.application.cards.iter().filter_map(kind_agrees).reduce(both),
    ),
    Feature::count(
        Section::Cards,
        "cards.count",
        ("绑定银行卡数", "Bank cards bound at the merchant's"),
        |view| cards(view, |_| true),
    )
    .unit("张"),
    Feature::count(
        Section::Cards,
        "cards.credit",
        ("绑定信用卡数", "Credit cards bound at the merchant's"),
        |view| cards(view, |card| card.card_type == Some(CardType::Credit)),
    )
    .unit("张"),
    Feature::count(
        Section::Cards,
        "cards.issuers",
        ("绑定银行卡发卡行数", "Different issuers of the cards, by the BIN of whole numbers"),
        |view| {
            let cards = whole_numbers(view).filter_map(|number| BankCard::parse(number).ok());
            let issuers: BTreeSet<&str> = cards.filter_map(|card| Some(card.bin()?.bank)).collect();
            (!issuers.is_empty()).then_some(issuers.len() as i64)
        },
    )
    .unit("家")
    .c1(),
    Feature::truth(
        Section::Alipay,
        "identity.alipay_name_matches",
        ("支付宝实名与申请人一致", "The Alipay account has the applicant's name"),
        |view| shown_name(view, view.application.alipay.as_ref()?.real_name.as_deref()?),
    ),
    Feature::truth(
        Section::Alipay,
        "identity.alipay_mobile_matches",
        ("支付宝手机号与申请人一致", "The Alipay account has the applicant's mobile number"),
        |view| {
            let shown = view.application.alipay.as_ref()?.telephone.as_deref()?;
            told(shown, view.person.mobile.expose())
        },
    ),
    Feature::count(
        Section::Proofs,
        "identity.proofs",
        ("证件照片种类数", "Kinds of pictures handed in: live, front, back"),
        |view| {
            let has = |kind: &&ProofKind| view.application.proofs.iter().any(|p| p.kind == **kind);
            let count = ProofKind::ALL.iter().filter(has).count();
            (!view.application.proofs.is_empty()).then_some(count as i64)
        },
    )
    .unit("种"),
    Feature::truth(
        PERSON,
        "identity.mobile_region_matches",
        ("手机与身份证同省", "ID card and mobile are of the same province"),
        |view| Some(id_province(view)? == mobile_province(view)?),
    ),
    Feature::truth(
        Section::Addresses,
        "identity.permanent_region_matches",
        ("户籍地址与身份证同省", "The permanent address is of the ID card's province"),
        |view| {
            let address = view.application.basic.permanent_address.as_deref()?;
            Some(province_of(address)? == id_province(view)?)
        },
    ),
    Feature::truth(
        Section::Addresses,
        "identity.address_region_matches",
        ("住址与手机同省", "The current address and the mobile are of the same province"),
        |view| Some(address_province(view)? == mobile_province(view)?),
    ),
    Feature::count(
        Section::Regions,
        "identity.region_mismatches",
        (
            "身份证、手机、银行卡、住址归属地不一致的数目",
            "How many of the known regions of ID card, mobile, bank card and address are not the \
             most frequent one",
        ),
        region_mismatches,
    ),
];

fn both(a: bool, b: bool) -> bool {
    a && b
}

/// [`agrees`], where stars alone say nothing.
fn told(shown: &str, value: &str) -> Option<bool> {
    let shown = shown.replace('＊', "*");
    agrees(&shown, value).filter(|_| shown.chars().any(|c| c != '*' && !c.is_whitespace()))
}

fn shown_name(view: &View<'_>, shown: &str) -> Option<bool> {
    let shown = PersonName::parse(shown).ok()?.canonical();
    told(shown.expose(), view.person.name.canonical().expose())
}

fn shown_id(view: &View<'_>, shown: &str) -> Option<bool> {
    told(&shown.to_ascii_uppercase(), view.person.id_card.expose())
}

/// The name beside the applicant's ID number; a record of another number says nothing of it.
fn name_matches(view: &View<'_>) -> Option<bool> {
    let (real, held) = (&view.application.telecom.real_name, view.held);
    let shown = [
        real.name.as_deref().zip(real.id_card.as_deref()),
        held.telecom.as_ref().map(|one| (one.name.as_str(), one.id_card.as_str())),
        held.degree.as_ref().map(|one| (one.name.as_str(), one.id_card.as_str())),
        held.credit.as_ref().map(|one| (one.name.as_str(), one.id_number.as_str())),
    ];
    let of_applicant =
        shown.into_iter().flatten().filter(|(_, id)| shown_id(view, id) == Some(true));
    of_applicant.filter_map(|(name, _)| shown_name(view, name)).reduce(both)
}

/// A number that is registered to nobody is not the applicant's.
fn mobile_matches(view: &View<'_>) -> Option<bool> {
    let telecom = &view.application.telecom;
    if !telecom.is_real_name {
        return Some(false);
    }
    let owner = |name: &str, id: &str| {
        [shown_name(view, name), shown_id(view, id)].into_iter().flatten().reduce(both)
    };
    let shown = |text: &Option<String>| text.clone().unwrap_or_default();
    owner(&shown(&telecom.real_name.name), &shown(&telecom.real_name.id_card)).or_else(|| {
        let carrier = view.held.telecom.as_ref()?;
        owner(&carrier.name, &carrier.id_card)
    })
}

/// The holders of the application's cards, as the bank data shows them; of all cards of the bank
/// data when the application names none.
fn bank_card_matches(view: &View<'_>) -> Option<bool> {
    let numbers: Vec<&str> =
        view.application.cards.iter().filter_map(|card| card.number.as_deref()).collect();
    let is_meant =
        |shown: &str| numbers.is_empty() || numbers.iter().any(|number| is_same(number, shown));
    let cards = view.held.ebank.as_ref()?.cards.iter().filter(|card| is_meant(&card.number));
    cards.filter_map(|card| shown_name(view, &card.holder)).reduce(both)
}

/// Whether two card numbers can be the same by what both show; at least the last digits.
fn is_same(a: &str, b: &str) -> bool {
    fn parts(number: &str) -> (&[u8], &[u8]) {
        let bytes = number.as_bytes();
        let head = bytes.split(|byte| *byte == b'*').next().unwrap_or_default();
        let tail = bytes.rsplit(|byte| *byte == b'*').next().unwrap_or_default();
        (head, tail)
    }
    let ((a_head, a_tail), (b_head, b_tail)) = (parts(a), parts(b));
    let is_whole = |number: &str| !number.contains('*');
    if is_whole(a) && is_whole(b) {
        return a == b;
    }
    let heads = a_head.iter().zip(b_head).all(|(a, b)| a == b);
    let tails = a_tail.iter().rev().zip(b_tail.iter().rev()).all(|(a, b)| a == b);
    heads && tails && a_tail.len().min(b_tail.len()) >= CARD_DIGITS
}

fn whole_numbers<'a>(view: &View<'a>) -> impl Iterator<Item = &'a str> {
    let numbers = view.application.cards.iter().filter_map(|card| card.number.as_deref());
    numbers.filter(|number| !number.contains('*'))
}

fn kind_agrees(card: &Card) -> Option<bool> {
    let issued = BankCard::parse(card.number.as_deref()?).ok()?.bin()?.kind?;
    let is_credit = matches!(issued, CardKind::Credit | CardKind::SemiCredit);
    match card.card_type? {
        CardType::Credit => Some(is_credit),
        CardType::Debit => Some(!is_credit),
        CardType::Unknown => None,
    }
}

fn cards(view: &View<'_>, is: fn(&Card) -> bool) -> Option<i64> {
    let cards = &view.application.cards;
    (!cards.is_empty()).then(|| cards.iter().filter(|card| is(card)).count() as i64)
}

fn id_province(view: &View<'_>) -> Option<&'static str> {
    province_of(view.person.id_card.region()?.province)
}

fn mobile_province(view: &View<'_>) -> Option<&'static str> {
    Some(view.person.mobile.segment()?.province)
}

fn address_province(view: &View<'_>) -> Option<&'static str> {
    province_of(view.application.basic.current_address.as_deref()?)
}

/// Where the bank data's first card by number with a known branch was opened.
fn card_province(view: &View<'_>) -> Option<&'static str> {
    let cards = view.held.ebank.as_ref()?.cards.iter();
    cards.filter_map(|card| Some((&card.number, province_of(&card.branch)?))).min().map(|one| one.1)
}

/// Somebody who moved has one region that differs, whatever number of others agree.
fn region_mismatches(view: &View<'_>) -> Option<i64> {
    let known: Vec<&str> =
        [id_province(view), mobile_province(view), card_province(view), address_province(view)]
            .into_iter()
            .flatten()
            .collect();
    let count = |province: &&str| known.iter().filter(|one| *one == province).count();
    let most = PROVINCES.iter().map(count).max().unwrap_or_default();
    (known.len() >= 2).then(|| (known.len() - most) as i64)
}
