use std::collections::BTreeSet;

use crossbeam_channel::unbounded;
use domain::call::{Resolution, Resolved};
use domain::ids::{AppId, BizId, CallKey, MerchantId};
use domain::merchant::{Limits, Product};

use super::*;

fn job(number: usize) -> HotJob {
    let name = CallName {
        merchant: MerchantId(1),
        product: Product::FinplusScore,
        key: CallKey::parse(&number.to_string()).expect("a key"),
    };
    let at = Timestamp(0);
    let item = Item::Resolution(Box::new(Resolution {
        name,
        app: AppId::default(),
        biz: BizId::lower_bound(at),
        at,
        limits: Limits::default(),
        result: Resolved::Void { code: 0 },
    }));
    HotJob { item, reply: oneshot::channel().0 }
}

/// Copies beside each other or far apart: every job is drawn once, a name once in a group.
#[test]
fn no_job_is_lost_between_groups() {
    for order in [|at: usize| at / 3, |at| at % 600, |at| at % 2, |_| 0] {
        let (sender, receiver) = unbounded();
        (0..1_800).for_each(|at| sender.send(job(order(at))).expect("open"));
        drop(sender);
        let (mut carry, mut drawn) = (Vec::new(), 0);
        loop {
            let group = draw(&receiver, &mut carry);
            let names: BTreeSet<_> = group.iter().map(|job| job.item.name().clone()).collect();
            assert_eq!(names.len(), group.len());
            assert!(group.len() <= GROUP_MAX);
            drawn += group.len();
            if group.is_empty() {
                break;
            }
        }
        assert_eq!((drawn, carry.len()), (1_800, 0));
    }
}
