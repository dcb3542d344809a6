//! `probity merchant entitle` and `disentitle`: which application, which model, on which terms.

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
    /// The model that answers
    #[arg(long)]
    model: String,
    /// The price of a billed call in 分, such as 35 or 0.5
    #[arg(long, value_name = "FEN", value_parser = price)]
    price: Amount,
    /// Take this application when a call names none
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
    /// The application's id, which a call names as appId
    #[arg(long, value_name = "ID", value_parser = app_id)]
    app: AppId,
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

impl Entitle {
    pub(super) async fn run(self, engine: &Engine) -> anyhow::Result<()> {
        let merchant = engine.merchant(&self.name).await?.id;
        if let Err(reason) = engine.directory().model(&self.model) {
            output::note(format_args!(
                "warning: model {:?} cannot answer yet ({reason}); calls get code 1 until it is \
                 added with `probity model add`",
                self.model
            ));
        }
        let Application { app, product } = self.app;
        let text = format!(
            "{} may ask {} of {product} at {} 分; in force within a second",
            self.name,
            app,
            self.price,
            product = product.as_str(),
        );
        let entitlement = Entitlement {
            merchant,
            product,
            app,
            is_default: self.default,
            model: self.model,
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
        let Self { name, app: Application { app, product } } = self;
        engine.merchant(&name).await?;
        let directory = engine.directory();
        let found =
            directory.by_name(&name).and_then(|entry| entry.entitlement(product, Some(&app)));
        if let Some(entitlement) = found
            && engine.disentitle(entitlement).await?
        {
            return output::line(format_args!(
                "{name} may no longer ask {app}; in force within a second"
            ));
        }
        bail!(
            "{name} has no application {app} of {}; see `probity merchant show`",
            product.as_str()
        )
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
