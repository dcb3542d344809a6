//! The blacklist: who is on it, until when, and what a look-up touches.

use domain::blacklist::{ListedKey, keys_of, read, until_latest};
use domain::identity::{IdCard, Mobile, PersonName};
use domain::time::{Day, Span, Timestamp};

use crate::world::World;

const NAME: &str = "张伟";
const ID_CARD: &str = "11010119900307803X";
const MOBILE: &str = "13800138000";
const OTHER_ID_CARD: &str = "110101200002294991";
const OTHER_MOBILE: &str = "13800138001";

impl World {
    async fn list(&self, [name, id_card, mobile, ended]: [&str; 4]) {
        let now = self.engine.now();
        let row = read(&[name, id_card, mobile, "", "", "", ended, ""], "test", now);
        self.engine.list_person(&row.expect("a good row")).await.expect("is listed");
        self.engine.read_blacklist().await.expect("is read");
    }

    async fn is_in(&self, name: &str, id_card: &str, mobile: &str) -> Result<bool, engine::Error> {
        let name = PersonName::parse(name).expect("a name");
        let id_card = IdCard::parse(id_card, Day(i32::MAX)).expect("an ID card");
        let mobile = Mobile::parse(mobile).expect("a mobile");
        self.engine.is_blacklisted(&name, &id_card, &mobile).await
    }

    /// Moves the clock to an instant, with the filter trusted again.
    async fn go_to(&self, at: Timestamp) {
        self.wait(at - self.engine.now());
        self.engine.read_blacklist().await.expect("is read");
    }

    fn keys(&self, name: &str, id_card: &str, mobile: &str) -> Vec<ListedKey> {
        keys_of(name, id_card, mobile, self.engine.now()).expect("somebody is named")
    }
}

#[tokio::test]
async fn each_key_matches_whom_it_names_and_a_name_alone_nobody() {
    let other = ["王芳", OTHER_ID_CARD, OTHER_MOBILE];
    let [other_name, other_id_card, other_mobile] = other;
    // What is listed; a person; whether it is in.
    let table = [
        (["", ID_CARD, ""], [other_name, ID_CARD, other_mobile], true),
        (["", "", MOBILE], [other_name, other_id_card, MOBILE], true),
        ([NAME, ID_CARD, ""], [" 张 伟", "11010119900307803x", other_mobile], true),
        ([NAME, ID_CARD, ""], [other_name, ID_CARD, other_mobile], false),
        ([NAME, ID_CARD, ""], [NAME, other_id_card, MOBILE], false),
        ([NAME, ID_CARD, MOBILE], [other_name, other_id_card, MOBILE], true),
        ([NAME, "", MOBILE], [NAME, other_id_card, other_mobile], false),
    ];
    for ([name, id_card, mobile], person, wanted) in table {
        let world = World::open().await;
        world.list([name, id_card, mobile, ""]).await;
        let [name, id_card, mobile] = person;
        let found = world.is_in(name, id_card, mobile).await.expect("an answer");
        assert_eq!(found, wanted, "{person:?} with {id_card} listed");
        let [name, id_card, mobile] = other;
        assert!(!world.is_in(name, id_card, mobile).await.expect("an answer"));
    }
}

#[tokio::test]
async fn an_entry_is_gone_with_the_last_second_of_its_five_years() {
    let world = World::open().await;
    world.list(["", ID_CARD, "", "2024-02-29"]).await;
    let until = until_latest(Day::parse("2024-02-29").expect("a day"));
    assert_eq!(until.to_string(), "2029-02-28T16:00:00.000000Z", "midnight in Shanghai");
    let second = Span::seconds(1);
    for (at, wanted) in
        [(until - second, true), (until - Span(1), true), (until, false), (until + second, false)]
    {
        world.go_to(at).await;
        assert_eq!(world.is_in(NAME, ID_CARD, MOBILE).await.expect("an answer"), wanted, "{at}");
    }
}

#[tokio::test]
async fn removed_and_disputed_entries_do_not_count_until_they_are_put_back() {
    let world = World::open().await;
    world.list(["", ID_CARD, MOBILE, ""]).await;
    let engine = &world.engine;
    let is_in = || async { world.is_in(NAME, ID_CARD, MOBILE).await.expect("an answer") };
    let (card, mobile) = (world.keys("", ID_CARD, ""), world.keys("", "", MOBILE));
    let both = world.keys(NAME, ID_CARD, MOBILE);
    assert_eq!(both.len(), 3);

    assert_eq!(engine.remove_listings(&card, Some("another")).await.expect("an answer"), 0);
    assert_eq!(engine.remove_listings(&card, Some("test")).await.expect("an answer"), 1);
    assert!(is_in().await, "the mobile is listed still");
    assert_eq!(engine.dispute_listings(&mobile, None, false).await.expect("an answer"), 1);
    assert!(!is_in().await, "disputed");
    assert_eq!(engine.dispute_listings(&both, None, true).await.expect("an answer"), 2);
    assert!(is_in().await, "the dispute is over");
    assert_eq!(engine.remove_listings(&both, None).await.expect("an answer"), 2);
    assert!(!is_in().await, "removed");
    world.list(["", "", MOBILE, ""]).await;
    assert!(is_in().await, "listed anew");
    assert_eq!(engine.listings(&both).await.expect("an answer").len(), 2);
}

#[tokio::test]
async fn who_is_not_listed_costs_no_look_into_the_database() {
    let world = World::open().await;
    world.list(["", ID_CARD, "", ""]).await;
    let gone = world.engine.store().unit("break", |tx| tx.execute("DROP TABLE blacklist", &[]));
    gone.await.expect("the table goes");
    let negative = || world.is_in(NAME, OTHER_ID_CARD, MOBILE);
    assert!(!negative().await.expect("an answer from memory"));
    assert!(world.is_in(NAME, ID_CARD, MOBILE).await.is_err(), "a hit asks the database");
    // What memory says is believed for a second; then the database has to say it.
    world.wait(Span::micros(Span::seconds(1).0 - 1));
    assert!(negative().await.is_ok());
    world.wait(Span::micros(1));
    assert!(negative().await.is_err());
}
