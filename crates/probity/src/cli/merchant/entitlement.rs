//! `probity merchant entitle` and `disentitle`: which product, which application and model where
//! the product has them, on which terms.

use anyhow::bail;
use clap::Args;
use domain::ids::AppId;
use domain::merchant::{Entitlement, Limits, Product, TagKey};
use domain::money::Amount;
use engine::Engine;
use serde_json::{Value, json};

use crate::cli::output::{self, Table};

#[derive(Debug, Args)]
pub(super) struct Entitle {
    /// The merchant
    name: String,
    #[command(flatten)]
    app: Application,
    /// The model that answers; for scores
    #[arg(long)]
    model: Option<String>,
    /// The policy that decides; for risk.audit
    #[arg(long, value_name = "NAME")]
    policy: Option<String>,
    /// The price of a billed call in 分, such as 35 or 0.5
    #[arg(long, value_name = "FEN", value_parser = price)]
    price: Amount,
    /// Take this application when a call names none; for scores
    #[arg(long)]
    default: bool,
    /// Billed calls bought ahead
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
    package: Option<i64>,
    /// Calls of an application in test stage
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
    test_limit: Option<i64>,
    /// Calls of a day (Asia/Shanghai)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
    daily_quota: Option<i64>,
    /// Key the tags of answers by `name` or by `id`
    #[arg(long, value_name = "name|id", default_value = "name", value_parser = tag_key)]
    tags_by: TagKey,
}

#[derive(Debug, Args)]
pub(super) struct Disentitle {
    /// The merchant
    name: String,
    #[command(flatten)]
    app: Application,
}

#[derive(Debug, Args)]
struct Application {
    /// The application's id, which a call names as appId; for scores
    #[arg(long, value_name = "ID", value_parser = app_id)]
    app: Option<AppId>,
    /// What is sold
    #[arg(long, default_value = "finplus.score", value_parser = product)]
    product: Product,
}

fn price(text: &str) -> Result<Amount, String> {
    let wanted = "give a number of 分 with at most four decimals, such as 35 or 0.5";
    Amount::parse_fen(text).ok_or_else(|| wanted.to_owned())
}

fn tag_key(text: &str) -> Result<TagKey, String> {
    TagKey::parse(text).ok_or_else(|| "give `name` or `id`".to_owned())
}

fn app_id(text: &str) -> Result<AppId, String> {
    let fits = (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    let id = fits.then(|| AppId(text.to_owned()));
    id.ok_or_else(|| "give 1 to 64 printable characters without spaces".to_owned())
}

fn product(text: &str) -> Result<Product, String> {
    let all = Product::ALL.map(Product::as_str).join(", ");
    Product::parse(text).ok_or_else(|| format!("give one of {all}"))
}

impl Application {
    /// Scores have applications, each with its model; of another product a merchant has one right.
    fn of_product(self) -> anyhow::Result<(AppId, Product)> {
        let Self { app, product } = self;
        match (product, app) {
            (Product::FinplusScore, Some(app)) => Ok((app, product)),
            (Product::FinplusScore, None) => bail!("--app: give the id of the application"),
            (_, None) => Ok((AppId::default(), product)),
            (_, Some(_)) => bail!("--app: {} has no applications", product.as_str()),
        }
    }
}

impl Entitle {
    pub(super) async fn run(self, engine: &Engine) -> anyhow::Result<()> {
        let merchant = engine.merchant(&self.name).await?.id;
        let (app, product) = self.app.of_product()?;
        let is_score = product == Product::FinplusScore;
        match &self.model {
            None if is_score => bail!("--model: give the name of the model that answers"),
            Some(_) if !is_score => bail!("--model: no model answers {}", product.as_str()),
            _ => {}
        }
        match &self.policy {
            None if product == Product::RiskAudit => {
                bail!("--policy: give the name of the policy that decides, such as consumer-credit")
            }
            Some(_) if product != Product::RiskAudit => {
                bail!("--policy: no policy decides on {}", product.as_str())
            }
            Some(policy) if let Err(reason) = engine.directory().policies(policy) => {
                output::note(format_args!(
                    "warning: policy {policy:?} cannot decide yet ({reason}); applications wait",
                ));
            }
            _ => {}
        }
        let model = self.model.or(self.policy).unwrap_or_default();
        let directory = engine.directory();
        if let (true, Ok(live)) = (is_score, directory.model(&model))
            && live.card.reads_applications()
        {
            bail!("--model: {model} scores applications; a policy names it, not a score's terms");
        }
        if is_score && let Err(reason) = directory.model(&model) {
            output::note(format_args!(
                "warning: model {model:?} cannot answer yet ({reason}); calls get code 1 until it \
                 is added with `probity model add`",
            ));
        }
        let what = if is_score { format!("{app} of ") } else { String::new() };
        let text = format!(
            "{} may ask {what}{} at {} 分; in force within a second",
            self.name,
            product.as_str(),
            self.price,
        );
        let entitlement = Entitlement {
            merchant,
            product,
            app,
            is_default: self.default || !is_score,
            model,
            price: self.price,
            limits: Limits {
                package: self.package,
                test: self.test_limit,
                daily: self.daily_quota,
            },
            tag_key: self.tags_by,
        };
        engine.entitle(entitlement).await?;
        output::line(text)
    }
}

impl Disentitle {
    pub(super) async fn run(self, engine: &Engine) -> anyhow::Result<()> {
        let Self { name, app } = self;
        let (app, product) = app.of_product()?;
        engine.merchant(&name).await?;
        let directory = engine.directory();
        let found =
            directory.by_name(&name).and_then(|entry| entry.entitlement(product, Some(&app)));
        if let Some(entitlement) = found
            && engine.disentitle(entitlement).await?
        {
            let what = if app == AppId::default() { product.as_str() } else { app.0.as_str() };
            return output::line(format_args!(
                "{name} may no longer ask {what}; in force within a second"
            ));
        }
        bail!("{name} has no right to {app} of {}; see `probity merchant show`", product.as_str())
    }
}

pub(super) fn record(one: &Entitlement) -> Value {
    json!({
        "product": one.product.as_str(),
        "app": one.app,
        "default": one.is_default,
        "model": one.model,
        "price_fen": one.price.to_string(),
        "package": one.limits.package,
        "test_limit": one.limits.test,
        "daily_quota": one.limits.daily,
        "tags_by": one.tag_key.as_str(),
    })
}

pub(super) fn table(entitlements: &[Entitlement]) -> Table {
    let header =
        ["application", "product", "model", "price 分", "default", "package", "test", "daily"];
    let mut table = Table::new(header);
    let limit = |limit: Option<i64>| limit.map_or_else(String::new, |limit| limit.to_string());
    for one in entitlements {
        let Limits { package, test, daily } = one.limits;
        table.row([
            &one.app,
            &one.product.as_str(),
            &one.model,
            &one.price,
            &if one.is_default { "yes" } else { "" },
            &limit(package),
            &limit(test),
            &limit(daily),
        ]);
    }
    table
}
