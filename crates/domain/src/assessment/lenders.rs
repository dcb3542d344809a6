//! How many lenders asked about the person, over all merchants: the one count that looks over the
//! walls between them, under a consent of its own. Different lenders are counted; the asking one is
//! one of them as soon as its inquiry is written.

use std::collections::BTreeSet;

use super::View;
use super::feature::{Feature, Section};
use super::held::Inquiry;
use crate::features::inside;

const S: Section = Section::Inquiries;

pub(super) const FEATURES: [Feature; 6] = [
    lenders("lenders.d7", ("近7天申请机构数", "Lenders asked within 7 days"), 7, |view| {
        count(view, 7)
    }),
    lenders(
        "lenders.d15",
        ("近15天申请机构数", "Lenders asked within 15 days"),
        15,
        |view| count(view, 15),
    ),
    lenders(
        "lenders.d30",
        ("近30天申请机构数", "Lenders asked within 30 days"),
        30,
        |view| count(view, 30),
    ),
    lenders(
        "lenders.d90",
        ("近90天申请机构数", "Lenders asked within 90 days"),
        90,
        |view| count(view, 90),
    ),
    lenders(
        "lenders.d180",
        ("近180天申请机构数", "Lenders asked within 180 days"),
        180,
        |view| count(view, 180),
    ),
    Feature::count(
        S,
        "lenders.inquiries_d30",
        ("近30天被查询次数", "Inquiries within 30 days, whoever asked"),
        |view| within(view, 30).map(|found| found.count() as i64),
    )
    .unit("次")
    .within(30),
];

const fn lenders(
    name: &'static str,
    texts: (&'static str, &'static str),
    days: u32,
    read: fn(&View<'_>) -> Option<i64>,
) -> Feature {
    Feature::count(S, name, texts, read).unit("家").within(days)
}

fn within<'a>(view: &'a View<'_>, days: u32) -> Option<impl Iterator<Item = &'a Inquiry>> {
    let inquiries = view.held.inquiries.as_ref()?;
    Some(inquiries.iter().filter(move |one| inside(one.at, days, view.now)))
}

fn count(view: &View<'_>, days: u32) -> Option<i64> {
    let lenders: BTreeSet<u32> = within(view, days)?.map(|inquiry| inquiry.lender).collect();
    Some(lenders.len() as i64)
}
