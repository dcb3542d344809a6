//! Applications for a loan whose every text is somebody's own, sound and broken.

use serde_json::{Value, json};
use tests::qiancheng::audit::{OPEN, RESULT, Sealer, least};
use tests::server::Server;

use super::{Form, Stage};

impl Stage {
    /// Applications that are decided, as blocks and as JWE, and such as are refused for a field,
    /// for their syntax, for a number that stands for another one.
    pub(crate) fn applications(&mut self, server: &Server) {
        let sealer = Sealer::of(server);
        for turn in 0..6_u64 {
            let order_id = 9_000 + turn;
            let (person, application) = (self.applicant(), self.application(order_id));
            let text = application.to_string();
            let data = if turn % 2 == 0 {
                sealer.blocks(text.as_bytes())
            } else {
                sealer.jwe(text.as_bytes())
            };
            let open_id = self.applied(&person, data);
            self.qiancheng.await_decision(server, &open_id);
            for pair in ["open_id", "username"] {
                let query = format!("{RESULT}?open_id={open_id}&{pair}={}", person[0].1);
                self.client.get(&query, &[]).expect("an answer");
            }
            // Another one's number, a field that is wrong, and what does not open.
            let other = self.application(order_id);
            let mut wrong = self.application(9_100 + turn);
            wrong["order_detail"]["amount"] = json!(self.private(format!("amount-{turn}-of-mine")));
            for text in [other.to_string(), wrong.to_string(), text[1..].to_owned()] {
                self.try_apply(&person, sealer.jwe(text.as_bytes()));
            }
            // In the clear, where what is encrypted belongs.
            self.try_apply(&person, text);
        }
    }

    fn applicant(&mut self) -> Form {
        let person = self.person("0000");
        let name = |name| if name == "mobile" { "phone" } else { name };
        person.into_iter().map(|(of, value)| (name(of), value)).collect()
    }

    fn applied(&mut self, person: &Form, data: String) -> String {
        self.opened(OPEN, [person.clone(), vec![("data", data)]].concat())
    }

    fn try_apply(&mut self, person: &Form, data: String) {
        let answer = self.with_token(OPEN, [person.clone(), vec![("data", data)]].concat());
        assert_eq!(answer.code, 1001, "{answer:?}");
    }

    /// An application in which everything is of this person alone.
    fn application(&mut self, order_id: u64) -> Value {
        let number = self.private.len();
        let mut own = |kind: &str| self.private(format!("{kind}-{number:05}-own"));
        let mut application = least(order_id);
        application["basic_info"] = json!({
            "cur_address": own("address"), "company_name": own("employer"),
            "user_contact": [{"mobile": "12000000001", "name": own("contact")}],
        });
        application["user_mobile_contacts"] = json!([
            {"mobile": own("listed"), "name": own("friend")},
        ]);
        application["zm_data"] = json!({"watch_info": [{"code": own("watched")}]});
        application["zfb_data"] = json!({
            "email": own("mail"),
            "deal_record": [{"name": own("deal"), "other_party": own("shop")}],
        });
        application["user_login_upload_logs"] = json!([{"device_id": own("device")}]);
        application["app_info"] = json!([{"app_name": own("app")}]);
        application["telecom_data"]["contact_list"] = json!([{
            "phone": own("called"), "last_contact_date": "2026-01-30 21:12:05",
            "talk_seconds": "1", "talk_cnt": "1",
        }]);
        application
    }
}
