//! What the demo prints: short enough to read, with everything that was really sent.
#![expect(clippy::print_stdout, reason = "the demo is made to be read")]

use std::net::SocketAddr;
use std::path::Path;

use domain::journal::Statement;
use domain::money::Amount;
use engine::{ModelSummary, ScoreExplained, Verification};

use super::client::Heard;

/// Fen (分) in a yuan (元).
const FEN_PER_YUAN: f64 = 100.0;

pub(crate) struct Story {
    steps: usize,
}

impl Story {
    pub(crate) fn begin(data: &Path) -> Self {
        println!("Probity (诚信网关): a credit-data gateway, played start to finish.");
        println!("Everything below goes over real HTTP to a server in this process.");
        println!("Database: SQLite in {}", data.display());
        println!("The people are synthetic; the scores are real models on real credit data.");
        Self { steps: 0 }
    }

    pub(crate) fn step(&mut self, english: &str, chinese: &str) {
        self.steps += 1;
        println!("\n{}. {english} ({chinese})", self.steps);
    }

    pub(crate) fn operator(&mut self, address: SocketAddr, models: &[ModelSummary]) {
        self.step("An operator starts the gateway.", "运营方启动网关");
        say(&format!("It listens on http://{address}; a demo merchant got an APPCODE."));
        for model in models {
            let auc = model.card.metrics.get("auc");
            let auc = auc.map_or_else(String::new, |auc| format!(", AUC {auc:.3} on unseen rows"));
            say(&format!("Model {} v{}{auc}", model.name, model.version));
        }
        if let Some(model) = models.first() {
            say(&format!("Trained on: {}", model.card.training_data));
        }
    }

    pub(crate) fn end(&self, kept: Option<&Path>) {
        println!("\nAll {} steps came out as they should.", self.steps);
        match kept {
            Some(data) => println!(
                "The database is in {0}. Look at it:\n   probity journal verify --data {0}",
                data.display()
            ),
            None => println!("The temporary database is gone; `--keep DIR` would have kept it."),
        }
        println!("Next: `probity serve --sandbox` and call it yourself; see README.md.");
    }
}

pub(crate) fn say(text: &str) {
    println!("   {text}");
}

pub(crate) fn call(address: SocketAddr, query: &str, heard: &Heard) {
    let url = format!("http://{address}/finplus/score?{query}");
    println!("   $ curl -H 'Authorization: APPCODE …' '{url}'");
    println!("   HTTP {}  {}", heard.status, String::from_utf8_lossy(&heard.body));
}

pub(crate) fn reasons(score: &ScoreExplained, shown: usize) {
    say(&format!(
        "Exact score {:.4}, answered {:.0}; a person nothing is known of has {:.1}.",
        score.exact, score.exact, score.bias
    ));
    for (feature, value, contribution) in score.reasons.iter().take(shown) {
        say(&format!("  {contribution:+8.2} points  {feature} = {value}"));
    }
    let rest = score.reasons.iter().skip(shown);
    let (count, sum) = rest.fold((0, 0.0), |(count, sum), (_, _, part)| (count + 1, sum + part));
    say(&format!("  {sum:+8.2} points  {count} more features"));
    say("The parts add up to the score exactly; they are kept, sealed, with the call.");
}

pub(crate) fn statement(statement: &Statement) {
    say("   product            app      code  calls  billed");
    for ((product, app, code), line) in &statement.lines {
        let product = product.as_str();
        say(&format!("   {product:<18} {app:<8} {code:>4} {:>6} {:>7}", line.calls, line.billed));
    }
    let total = statement.total();
    say(&format!(
        "   {} calls, {} billed, {} 分 = {:.2} 元",
        total.calls,
        total.billed,
        total.amount,
        yuan(total.amount)
    ));
}

pub(crate) fn verified(verification: &Verification) {
    say(&format!(
        "Journal: {} rows in {} hash-chained lane(s), {} signed checkpoint(s): all verify,",
        verification.rows, verification.lanes, verification.checkpoints
    ));
    say("and the statement is their sum.");
}

/// For display only: bills are added up in integers.
fn yuan(amount: Amount) -> f64 {
    amount.0 as f64 / 10_000.0 / FEN_PER_YUAN
}
