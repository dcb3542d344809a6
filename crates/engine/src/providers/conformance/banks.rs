//! The banks that a connector lists: what a borrower is shown of them must hold, and each entry
//! must lead to a login.

use domain::source::SourceKind;
use domain::source::bank::Bank;
use regex_lite::Regex;

use super::flows::{Flow, Move};
use super::{Conformance, Fault};

const STRAIGHT: Flow = Flow {
    name: "",
    kind: SourceKind::Ebank,
    ending: "01",
    moves: &[(Move::Login, "done")],
    waits: None,
};

impl Conformance<'_> {
    /// `fetches`: whether it says that it fetches bank data at all.
    pub(super) async fn serves(&self, banks: &[Bank], fetches: bool) -> Result<(), Fault> {
        if !fetches {
            return Err("it lists banks, and does not fetch the kind ebank".into());
        }
        for (bank, login) in banks.iter().flat_map(|bank| bank.usable().map(move |one| (bank, one)))
        {
            let at = |what: &str| format!("{} {}: {what}", bank.code, login.entry);
            if !login.inputs.iter().any(|input| input.name == "login_name") {
                return Err(at("it asks for no login_name, which every session has").into());
            }
            for input in &login.inputs {
                if Regex::new(&input.valid).is_err() {
                    let what = format!("valid of {} is no regular expression", input.name);
                    return Err(at(&what).into());
                }
            }
            self.play_at(&STRAIGHT, Some(&login.entry))
                .await
                .map_err(|fault| Fault { text: at(&fault.text), ..fault })?;
        }
        Ok(())
    }
}
