//! Coverage: how often an application's answers were 108 and 109 in the last day, over all nodes
//! and across restarts, with an alarm above what the document calls usual.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Mutex;

use domain::coverage::{Coverage, WATCHED};
use domain::ids::{AppId, MerchantId};
use domain::merchant::Product;
use domain::time::{Span, Timestamp};
use store::coverage::Count;

use crate::directory::MerchantEntry;
use crate::{Engine, Error};

/// The window that shares are measured over.
const WINDOW: Span = Span::hours(24);
/// Counts are kept by the quarter of an hour: the window ends sharp and begins so coarsely.
const BUCKET: Span = Span::minutes(15);

/// What this node counted and has not handed to the others yet, and what it said of it.
#[derive(Default)]
pub(crate) struct Counting {
    pending: Mutex<HashMap<(MerchantId, AppId, i32), i64>>,
    alarmed: Mutex<HashSet<(MerchantId, AppId, i32)>>,
}

impl Engine {
    /// Counts an answer that a call came to: final, or code 1. A replay is not another one.
    pub(crate) fn count_answer(&self, merchant: MerchantId, app: &AppId, code: i32) {
        let mut pending = self.inner.counting.pending.lock().expect("nobody panics with it");
        *pending.entry((merchant, app.clone(), code)).or_default() += 1;
    }

    /// A merchant's applications, as they did in the last day.
    pub async fn coverage(&self, merchant: MerchantId) -> Result<Vec<Coverage>, Error> {
        let since = bucket(self.now() - WINDOW);
        let counts =
            self.store().read("coverage", move |tx| store::coverage::since(tx, since)).await?;
        let mut apps = by_app(&counts);
        for ((merchant, app, code), calls) in
            self.inner.counting.pending.lock().expect("nobody panics with it").iter()
        {
            app_in(&mut apps, *merchant, app).count(*code, *calls);
        }
        let directory = self.directory();
        Ok(directory.by_id(merchant).map(|entry| registered(entry, &apps)).unwrap_or_default())
    }

    /// Hands on what was counted, and measures all applications anew.
    pub(crate) async fn measure_coverage(&self) -> Result<(), Error> {
        let counting = &self.inner.counting;
        let taken = std::mem::take(&mut *counting.pending.lock().expect("nobody panics with it"));
        let (at, since) = (bucket(self.now()), bucket(self.now() - WINDOW));
        let count = |((merchant, app, code), calls): (&(MerchantId, AppId, i32), &i64)| Count {
            at,
            merchant: *merchant,
            app: app.clone(),
            code: *code,
            calls: *calls,
        };
        let adding: Vec<Count> = taken.iter().map(count).collect();
        let measured = if adding.is_empty() {
            // Others may have counted; nothing is written for it.
            self.store().read("coverage", move |tx| store::coverage::since(tx, since)).await
        } else {
            let add = move |tx: &mut store::Tx<'_>| {
                adding.iter().try_for_each(|count| store::coverage::add(tx, count))?;
                store::coverage::purge(tx, since)?;
                store::coverage::since(tx, since)
            };
            self.store().unit("measure_coverage", add).await
        };
        match measured {
            Ok(counts) => {
                self.show(&taken, &by_app(&counts));
                Ok(())
            }
            Err(error) => {
                let mut pending = counting.pending.lock().expect("nobody panics with it");
                for (name, calls) in taken {
                    *pending.entry(name).or_default() += calls;
                }
                Err(error.into())
            }
        }
    }

    /// Sets the metrics of applications that are registered, and says when one crosses its limit.
    fn show(
        &self,
        counted: &HashMap<(MerchantId, AppId, i32), i64>,
        apps: &BTreeMap<(MerchantId, AppId), Coverage>,
    ) {
        let directory = self.directory();
        let entries = directory.merchants();
        let name = |merchant| directory.by_id(merchant).map(|entry| entry.merchant.name.clone());
        for ((merchant, app, code), calls) in counted {
            let labels = labels(name(*merchant), app, *code);
            metrics::counter!("probity_score_answers_total", &labels).increment(*calls as u64);
        }
        let mut alarmed = self.inner.counting.alarmed.lock().expect("nobody panics with it");
        let registered = entries.iter().flat_map(|entry| registered(entry, apps));
        for (coverage, watched) in
            registered.flat_map(|app| WATCHED.map(|code| (app.clone(), code)))
        {
            let Coverage { merchant, app, answers, .. } = &coverage;
            let (code, usual_percent) = watched;
            let (share, alarms) = (coverage.share(code), coverage.alarms(watched));
            let labels = labels(name(*merchant), app, code);
            metrics::gauge!("probity_coverage_ratio", &labels).set(share);
            metrics::gauge!("probity_coverage_alarm", &labels).set(f64::from(u8::from(alarms)));
            let place = (*merchant, app.clone(), code);
            if alarms && alarmed.insert(place.clone()) {
                tracing::warn!(%merchant, %app, code, share, usual_percent, answers, "coverage");
            } else if !alarms && alarmed.remove(&place) {
                tracing::info!(%merchant, %app, code, share, usual_percent, answers, "coverage");
            }
        }
    }
}

/// How a merchant's applications did, those that nobody asked included.
fn registered(
    entry: &MerchantEntry,
    apps: &BTreeMap<(MerchantId, AppId), Coverage>,
) -> Vec<Coverage> {
    let scores = entry.entitlements.iter().filter(|e| e.product == Product::FinplusScore);
    let coverage = scores.map(|entitlement| {
        let name = (entry.merchant.id, entitlement.app.clone());
        apps.get(&name).cloned().unwrap_or_else(|| Coverage::new(name.0, name.1))
    });
    coverage.collect()
}

fn labels(merchant: Option<String>, app: &AppId, code: i32) -> [(&'static str, String); 3] {
    [("merchant", merchant.unwrap_or_default()), ("app", app.0.clone()), ("code", code.to_string())]
}

fn bucket(at: Timestamp) -> Timestamp {
    Timestamp(at.0.div_euclid(BUCKET.0) * BUCKET.0)
}

fn by_app(counts: &[Count]) -> BTreeMap<(MerchantId, AppId), Coverage> {
    let mut apps = BTreeMap::new();
    for count in counts {
        app_in(&mut apps, count.merchant, &count.app).count(count.code, count.calls);
    }
    apps
}

fn app_in<'a>(
    apps: &'a mut BTreeMap<(MerchantId, AppId), Coverage>,
    merchant: MerchantId,
    app: &AppId,
) -> &'a mut Coverage {
    apps.entry((merchant, app.clone())).or_insert_with(|| Coverage::new(merchant, app.clone()))
}
