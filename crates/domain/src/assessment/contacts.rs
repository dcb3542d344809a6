//! Address book and emergency contacts: how many, and whether they are on the telephone.

use std::borrow::Cow;
use std::collections::HashSet;

use super::calls::Peers;
use super::feature::{Feature, Section, Share};
use super::numbers::{COLLECTION_WORDS, LENDING_WORDS, says, spelled};
use crate::application::{Application, Relation};
use crate::identity::Person;

const BOOK: Section = Section::AddressBook;
const NAMED: Section = Section::EmergencyContacts;

pub(super) const FEATURES: [Feature; 9] = [
    Feature::count(
        BOOK,
        "contacts.book",
        ("通讯录号码数", "Different numbers in the address book"),
        |view| view.contacts.book,
    )
    .unit("个"),
    Feature::count(
        BOOK,
        "contacts.lending",
        (
            "通讯录中名称含贷款、催收字样的号码数",
            "Numbers saved under a name of lending or collection",
        ),
        |view| view.contacts.lending,
    )
    .unit("个"),
    Feature::share(
        Section::BookAndCalls,
        "contacts.called_share",
        ("通讯录中有通话的号码占比", "Share of the address book that is on the telephone"),
        |view| Some(Share(view.contacts.both?, view.contacts.book?)),
    ),
    Feature::share(
        Section::BookAndCalls,
        "calls.in_book_share",
        ("通话号码在通讯录中的占比", "Share of the calls' numbers that the address book has"),
        |view| Some(Share(view.contacts.both?, view.contacts.called?)),
    ),
    Feature::count(
        NAMED,
        "contacts.emergency",
        ("紧急联系人号码数", "Different numbers of emergency contacts"),
        |view| view.contacts.emergency,
    )
    .unit("个"),
    Feature::count(
        NAMED,
        "contacts.emergency_family",
        ("紧急联系人中的亲属数", "Emergency contacts who are father, mother or spouse"),
        |view| view.contacts.family,
    )
    .unit("个"),
    Feature::count(
        NAMED,
        "contacts.emergency_in_book",
        ("通讯录中的紧急联系人数", "Emergency contacts that the address book has"),
        |view| view.contacts.emergency_in_book,
    )
    .unit("个"),
    Feature::count(
        Section::EmergencyAndCalls,
        "contacts.emergency_called",
        ("有通话的紧急联系人数", "Emergency contacts that are on the telephone"),
        |view| view.contacts.emergency_called,
    )
    .unit("个"),
    Feature::truth(
        NAMED,
        "contacts.emergency_is_self",
        ("紧急联系人为本人号码", "An emergency contact has the applicant's own number"),
        |view| view.contacts.is_self,
    ),
];

/// The address book by numbers.
pub(super) struct Book<'a> {
    numbers: HashSet<Cow<'a, str>>,
    /// Those that it calls debt collectors.
    collectors: HashSet<Cow<'a, str>>,
    lending: usize,
}

impl<'a> Book<'a> {
    pub(super) fn of(application: &'a Application) -> Self {
        let mut numbers = HashSet::with_capacity(application.contacts.len());
        let (mut collectors, mut lending) = (HashSet::new(), HashSet::new());
        for entry in &application.contacts {
            let Some(number) = spelled(&entry.telephone) else { continue };
            if says(&entry.name, &COLLECTION_WORDS) {
                collectors.insert(number.clone());
                lending.insert(number.clone());
            } else if says(&entry.name, &LENDING_WORDS) {
                lending.insert(number.clone());
            }
            numbers.insert(number);
        }
        Self { numbers, collectors, lending: lending.len() }
    }

    pub(super) fn is_collector(&self, number: &str) -> bool {
        self.collectors.contains(number)
    }
}

#[derive(Default)]
pub(super) struct Figures {
    book: Option<i64>,
    lending: Option<i64>,
    /// Numbers of the calls; those that the address book has too.
    called: Option<i64>,
    both: Option<i64>,
    emergency: Option<i64>,
    family: Option<i64>,
    emergency_in_book: Option<i64>,
    emergency_called: Option<i64>,
    is_self: Option<bool>,
}

/// Without an address book, or without calls, what needs them is not known.
pub(super) fn figures(
    person: &Person,
    application: &Application,
    book: &Book<'_>,
    peers: &Peers<'_>,
) -> Figures {
    let named = &application.basic.emergency_contacts;
    let emergency: HashSet<Cow<'_, str>> =
        named.iter().filter_map(|contact| spelled(&contact.telephone)).collect();
    let (has_book, has_calls) = (!book.numbers.is_empty(), !peers.is_empty());
    let has_named = !emergency.is_empty();
    let of_named = |is: &dyn Fn(&str) -> bool| {
        emergency.iter().filter(|number| is(number.as_ref())).count() as i64
    };
    let is_called = |number: &str| peers.contains_key(number);
    let both = || book.numbers.iter().filter(|number| is_called(number)).count() as i64;
    let is_family =
        |relation| matches!(relation, Relation::Father | Relation::Mother | Relation::Spouse);
    let relations: Vec<Relation> = named.iter().filter_map(|contact| contact.relation).collect();
    let own = person.mobile.expose();
    Figures {
        book: has_book.then_some(book.numbers.len() as i64),
        lending: has_book.then_some(book.lending as i64),
        called: has_calls.then_some(peers.len() as i64),
        both: (has_book && has_calls).then(both),
        emergency: has_named.then_some(emergency.len() as i64),
        family: (!relations.is_empty())
            .then(|| relations.iter().filter(|relation| is_family(**relation)).count() as i64),
        emergency_in_book: (has_named && has_book)
            .then(|| of_named(&|number| book.numbers.contains(number))),
        emergency_called: (has_named && has_calls).then(|| of_named(&is_called)),
        is_self: has_named.then(|| emergency.contains(own)),
    }
}
