use clap::Args;
use domain::operator::Operator;
use engine::Engine;
#[derive(Debug, Args)]
pub(crate) struct As {
    #[arg(long = "as", env = "PROBITY_OPERATOR_TOKEN")]
    token: String,
}
impl As {
    pub(crate) async fn operator(self, engine: &Engine) -> anyhow::Result<Operator> {
        let t = domain::secret::Secret::new(self.token);
        engine.operator_by_token(&t).await.map_err(|_| anyhow::anyhow!("token"))
    }
}
