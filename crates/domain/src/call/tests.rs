use super::*;
use proptest::prelude::*;

fn limits(package: Option<i64>, test: Option<i64>, daily: Option<i64>) -> Limits {
    Limits { package, test, daily }
}

#[test]
fn limits_refuse_in_the_order_of_the_document() {
    let all = limits(Some(1), Some(1), Some(1));
    let used = Counters { package_used: 1, test_used: 1, daily_used: 1 };
    assert_eq!(used.clone().admit(all, true, true), Err(LimitMet::Package));
    let used = Counters { package_used: 0, ..used };
    assert_eq!(used.clone().admit(all, true, true), Err(LimitMet::Test));
    let used = Counters { test_used: 0, ..used };
    assert_eq!(used.clone().admit(all, true, true), Err(LimitMet::Daily));
}

#[test]
fn an_answer_survives_its_bytes_and_no_cut_of_them_reads() {
    let answer = Answer {
        status: 520,
        headers: vec![("x-biz-code".into(), "108".into()), ("a".into(), String::new())],
        body: b"{}".to_vec(),
    };
    let bytes = answer.to_bytes();
    assert_eq!(Answer::from_bytes(&bytes), Some(answer));
    for at in 0..bytes.len() {
        assert_eq!(Answer::from_bytes(&bytes[..at]), None, "cut at {at}");
    }
}

#[test]
fn a_repeat_after_an_error_is_counted_once() {
    let mut counters = Counters { daily_used: 3, ..Counters::default() };
    assert_eq!(counters.admit(limits(None, None, Some(3)), false, true), Ok(()));
    assert_eq!(counters.daily_used, 3);
}

proptest! {
    /// Whatever comes, no counter passes its limit and exactly the admitted are counted.
    #[test]
    fn no_limit_is_ever_passed(
        package in proptest::option::of(0..8_i64),
        daily in proptest::option::of(0..8_i64),
        calls in proptest::collection::vec((any::<bool>(), any::<bool>()), 0..40),
    ) {
        let limits = limits(package, None, daily);
        let mut counters = Counters::default();
        let (mut billed_sum, mut fresh_sum) = (0, 0);
        for (fresh, billed) in calls {
            if counters.admit(limits, fresh, billed).is_ok() {
                billed_sum += i64::from(billed);
                fresh_sum += i64::from(fresh);
            }
        }
        let within = |limit: Option<i64>, used, counted| {
            limit.is_none_or(|limit| used <= limit && counted == used)
        };
        prop_assert!(within(package, billed_sum, counters.package_used));
        prop_assert!(within(daily, fresh_sum, counters.daily_used));
    }
}
