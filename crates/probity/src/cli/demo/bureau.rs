//! The demo's third part: a borrower's credit report, form after form over face 3's own signed
//! requests: by five questions, by debit card and by credit card. The merchant is told by callback
//! when a report is there.

use std::net::SocketAddr;

use anyhow::{Context, ensure};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use domain::secret::Private;
use domain::time::{Clock, Span};
use serde_json::{Value, json};
use sources::sandbox::persona::credit::{self, BureauPerson};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::{Duration, timeout};

use super::Stage;
use super::story::{self, Story};
use crate::seams::SystemClock;

/// How long the demo waits for a callback.
const CALLBACK_WAIT: Duration = Duration::from_secs(20);

/// Sentences of a report that are shown.
const SENTENCES_SHOWN: usize = 3;

/// How the borrower proves who it is.
#[derive(Clone, Copy)]
enum Proof {
    Questions,
    DebitCard,
    CreditCard,
}

/// The merchant's program: it signs each request with its private key.
struct Merchant<'s> {
    stage: &'s Stage,
    key: KeyPair,
    receiver: TcpListener,
}

/// One borrower of the merchant, at the bureau's pages.
struct Borrower<'m> {
    merchant: &'m Merchant<'m>,
    user_id: &'static str,
    person: BureauPerson,
}

/// Plays the three ways; gives how many reports were billed.
pub(super) async fn play(stage: &Stage, story: &mut Story) -> anyhow::Result<usize> {
    let receiver = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let url = format!("http://{}/notice", receiver.local_addr()?);
    let engine = &stage.app.engine;
    let registered = engine.merchant(&stage.username).await?;
    engine.add_callback_address(&registered, &url).await?;
    let merchant = Merchant { stage, key: stage.private_key()?, receiver };
    let ways = [
        ("A borrower's credit report, by five questions.", "征信：问题验证", Proof::Questions),
        ("Another borrower's, by its debit card.", "征信：储蓄卡认证", Proof::DebitCard),
        ("A third one's, by its credit card.", "征信：信用卡认证", Proof::CreditCard),
    ];
    let people =
        [("borrower-1", "sandbox07"), ("borrower-2", "sandbox12"), ("borrower-3", "sandbox23")];
    for ((english, chinese, proof), (user_id, login_name)) in ways.into_iter().zip(people) {
        story.step(english, chinese);
        let person = credit::person(login_name).context("a person of the sandbox")?;
        let borrower = Borrower { merchant: &merchant, user_id, person };
        borrower.go(proof).await?;
    }
    Ok(ways.len())
}

impl Borrower<'_> {
    async fn go(&self, proof: Proof) -> anyhow::Result<()> {
        self.log_in().await?;
        match proof {
            Proof::Questions => self.answer().await?,
            Proof::DebitCard | Proof::CreditCard => self.verify_card(proof).await?,
        }
        // A report takes ten seconds in the sandbox; its clock can be moved.
        self.merchant.stage.app.engine.advance_clock(Span::seconds(10)).await?;
        let told = self.merchant.callback().await?;
        ensure!(told.contains("status=2"), "the report must be ready, but was told {told}");
        story::say(&format!("callback: {told}; the merchant answers `success`"));
        self.read_report().await
    }

    async fn log_in(&self) -> anyhow::Result<()> {
        self.ask("getLoginInfo", json!({})).await?;
        let picture = self.picture().await?;
        let login = json!({
            "login_name": self.person.login_name, "password": "Passw0rd", "pic_code": picture,
        });
        let data = self.ask("login", login).await?;
        story::say(&format!("logged in: user_status {}", data["user_status"]));
        Ok(())
    }

    async fn answer(&self) -> anyhow::Result<()> {
        self.ask("getVerifyMethod", json!({})).await?;
        let data = self.ask("getQuestion", json!({})).await?;
        let questions = data["next"]["param"].as_array().context("questions")?;
        // The sandbox's rule: of question i the option ((i + n) mod 4) + 1 is right.
        let mut answers = json!({});
        for (at, question) in (0..).zip(questions) {
            let right = (at + 1 + self.person.number) % 4;
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let chosen = &question["options"][right as usize];
            story::say(&format!("{} {}", text(&question["title"]), text(&chosen["title"])));
            answers[format!("kbaList[{at}].options")] = json!(chosen["value"].to_string());
        }
        self.ask("submitQuestion", answers).await.map(drop)
    }

    async fn verify_card(&self, proof: Proof) -> anyhow::Result<()> {
        let (card, secrets) = match proof {
            Proof::CreditCard => (
                &self.person.credit_card,
                json!({ "year": "30", "month": "12", "last_three": "888" }),
            ),
            Proof::Questions | Proof::DebitCard => {
                (&self.person.debit_card, json!({ "password": "135790" }))
            }
        };
        let data = self.ask("onlineValidateCard", json!({ "bank_card": card.expose() })).await?;
        story::say(&format!("card {}: type {}", card.masked(), data["cardtype"]));
        let person = &self.person.person;
        let cellphone = person.mobile.expose();
        self.ask("getOnlineMessageCode", json!({ "cellphone": cellphone })).await?;
        let mut holder = json!({
            "cellphone": cellphone,
            "real_name": person.name.expose(),
            "id_card": person.id_card.expose(),
            "card_type": data["cardtype"].to_string(),
            "cank_card": card.expose(),
            "message_code": "123456",
        });
        let typed = holder.as_object_mut().context("an object")?;
        typed.extend(secrets.as_object().context("an object")?.clone());
        let data = self.ask("onlineAuthentication", holder).await?;
        let code = data["next"]["param"][0]["value"].clone();
        let picture = self.picture().await?;
        let raise = json!({ "pic_code": picture, "unionpay_code": code });
        self.ask("submitOnlineAuth", raise).await?;
        self.ask("getOnlineMessageCode", json!({})).await?;
        self.ask("submitApplyMessageCode", json!({ "message_code": "123456" })).await.map(drop)
    }

    async fn read_report(&self) -> anyhow::Result<()> {
        self.ask("getViewReportInfo", json!({})).await?;
        let asked = json!({ "login_name": self.person.login_name, "message_code": "sandbx" });
        let report = self.ask("viewReport", asked).await?;
        let counts = &report["informatonAbstract"]["creditCard"];
        story::say(&format!(
            "report: score {} ({}), {} credit cards of which {} were overdue, query365 {}",
            report["score"], report["grade"], counts["A"], counts["D"], report["query365"]
        ));
        let sentences = ["overdue", "unOverdue"]
            .iter()
            .filter_map(|group| report["creditCards"][group].as_array())
            .flatten();
        for sentence in sentences.take(SENTENCES_SHOWN) {
            story::say(&format!("  {}", sentence.as_str().unwrap_or_default()));
        }
        Ok(())
    }

    /// What a new picture shows.
    async fn picture(&self) -> anyhow::Result<String> {
        self.ask("getPicCode", json!({ "type": 2 })).await?;
        let stage = self.merchant.stage;
        let entry = stage.app.engine.directory().by_name(&stage.username).cloned();
        let entry = entry.context("the demo merchant")?;
        let user_id = Private::new(self.user_id.to_owned());
        let text = stage.app.engine.sandbox_credit_captcha(&entry, &user_id).await;
        text.context("the sandbox knows what its picture shows")
    }

    /// The data of one method's answer, which must be a success.
    async fn ask(&self, method: &str, fields: Value) -> anyhow::Result<Value> {
        let merchant = self.merchant;
        let notice = format!("http://{}/notice", merchant.receiver.local_addr()?);
        let mut data = json!({
            "merchant_id": merchant.stage.app_id,
            "app_name": "demo",
            "app_version": "1.0.0",
            "platform": "web",
            "notice_url": notice,
            "user_id": self.user_id,
        });
        let given = fields.as_object().context("an object")?.clone();
        data.as_object_mut().context("an object")?.extend(given);
        let answer = merchant.send(&format!("crawler.api.zx.{method}"), &data).await?;
        ensure!(answer["error"] == 200, "{method}: {answer}");
        Ok(answer["data"].clone())
    }
}

impl Merchant<'_> {
    /// Sends a signed form, as the open platform's clients do (RSA2).
    async fn send(&self, method: &str, data: &Value) -> anyhow::Result<Value> {
        // Milliseconds: an equal signature is an equal request, which is answered once.
        let stamp = (SystemClock.now().0 / 1_000).to_string();
        let data = data.to_string();
        // In the order of their names, as they are signed.
        let mut form = vec![
            ("app_id", self.stage.app_id.as_str()),
            ("biz_data", &data),
            ("format", "json"),
            ("method", method),
            ("sign_type", "RSA2"),
            ("timestamp", &stamp),
            ("version", "1.0"),
        ];
        let pairs: Vec<String> = form.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let mut signature = vec![0; self.key.public_modulus_len()];
        let text = pairs.join("&");
        let signed =
            self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature);
        ensure!(signed.is_ok(), "the merchant's key signs");
        let signature = BASE64_STANDARD.encode(signature);
        form.push(("sign", &signature));
        self.stage.client.post("/gateway", &form).await
    }

    /// The next callback's form; it is acknowledged.
    async fn callback(&self) -> anyhow::Result<String> {
        let heard = timeout(CALLBACK_WAIT, async {
            let (mut stream, _) = self.receiver.accept().await?;
            let mut request = Vec::new();
            let mut buffer = [0; 4096];
            while !is_whole(&request) {
                let count = stream.read(&mut buffer).await?;
                ensure!(count > 0, "the callback broke off");
                request.extend_from_slice(&buffer[..count]);
            }
            let answer = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\nsuccess";
            stream.write_all(answer.as_bytes()).await?;
            let text = String::from_utf8_lossy(&request).into_owned();
            Ok(text.split_once("\r\n\r\n").map_or(String::new(), |(_, body)| body.to_owned()))
        });
        heard.await.context("no callback came")?
    }
}

/// Whether a request's announced body is there.
fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    body.len() >= length.unwrap_or(0)
}
