//! The sections of an application, each field once: its name in the document (and the printed
//! misspelling beside the right one), whether it is needed, and what it is.

use domain::application::{
    Account, AddressBookEntry, Alipay, App, Application, Basic, Bill, BoundCard, CallContact, Card,
    CardType, CreditLine, Deal, EmergencyContact, Loan, LoanState, Login, Order, Proof, ProofKind,
    RealName, Relation, Telecom, Zhima,
};
use domain::time::Timestamp;

use super::Fault;
use super::check::{
    BOUND_CARDS, CARD_NUMBER, COUNT, DIGITS, FEN, FEN_ASKED, FLAG, MOMENT, MONTH, NUMBER,
    TELEPHONE, URL, WATCH_LIST, YUAN, choice, count, numbered, one, rows, text,
};
use super::record::{Field, Need, Record, Slot, Sort, record};
use super::sent::{Fail, How, Kind, Sent};

const NAME: Kind<String> = text::<200>();
const ADDRESS: Kind<String> = text::<500>();
const SHORT: Kind<String> = text::<64>();

record!(Application {
    order: "order_detail", required one::<Order>();
    basic: "basic_info", required one::<Basic>();
    proofs: "user_proof_materia" | "user_proof_material",
        required rows::<Proof, 1, { Application::PROOFS_MAX }>();
    contacts: "user_mobile_contacts",
        required rows::<AddressBookEntry, 0, { Application::CONTACTS_MAX }>();
    telecom: "telecom_data", required one::<Telecom>();
    zhima: "zm_data", optional one::<Zhima>();
    loans: "user_loan_orders", listed rows::<Loan, 0, { Application::LOANS_MAX }>();
    alipay: "zfb_data", optional one::<Alipay>();
    logins: "user_login_upload_logs" | "user_login_upload_log",
        listed rows::<Login, 0, { Application::LOGINS_MAX }>();
    cards: "card_info", listed rows::<Card, 0, { Application::CARDS_MAX }>();
    apps: "app_info", listed rows::<App, 0, { Application::APPS_MAX }>();
});

record!(Order {
    id: "order_id", required DIGITS;
    amount: "amount", required FEN_ASKED;
    term_days: "loan_term", required count::<1, 36_500>();
    at: "order_time", required MOMENT;
});

record!(Basic {
    current_address: "cur_address", optional ADDRESS;
    permanent_address: "perm_address", optional ADDRESS;
    company_name: "company_name", optional NAME;
    company_telephone: "company_phone", optional SHORT;
    company_address: "company_address", optional ADDRESS;
    emergency_contacts: "user_contact",
        required rows::<EmergencyContact, 1, { Application::EMERGENCY_CONTACTS_MAX }>();
});

record!(EmergencyContact {
    telephone: "mobile" | "moblie", required TELEPHONE;
    name: "name", required NAME;
    relation: "relation", optional choice!(0, Relation);
});

record!(Proof {
    url: "url", required URL;
    kind: "type", required choice!(0, ProofKind);
});

record!(AddressBookEntry {
    telephone: "mobile" | "moblie", required SHORT;
    name: "name", required NAME;
});

/// `telecom_data` as it is written: the names of the real-name check stand beside the lists.
struct TelecomSent {
    is_real_name: bool,
    since: Option<Timestamp>,
    name: Option<String>,
    id_card: Option<String>,
    bills: Vec<Bill>,
    contacts: Vec<CallContact>,
}

record!(TelecomSent {
    is_real_name: "real_name_status", required FLAG;
    since: "real_name_time", optional MOMENT;
    name: "real_name_name", optional NAME;
    id_card: "real_name_id_card", optional SHORT;
    bills: "bill_list", required rows::<Bill, 0, { Application::BILLS_MAX }>();
    contacts: "contact_list",
        required rows::<CallContact, 0, { Application::CALL_CONTACTS_MAX }>();
});

impl Record for Telecom {
    const FIELDS: &'static [Field] = TelecomSent::FIELDS;

    fn read(sent: &mut Sent<'_, '_>) -> Result<Option<Self>, Fail> {
        Ok(TelecomSent::read(sent)?.map(|sent| Self {
            is_real_name: sent.is_real_name,
            real_name: RealName { since: sent.since, name: sent.name, id_card: sent.id_card },
            bills: sent.bills,
            contacts: sent.contacts,
        }))
    }
}

record!(Bill {
    month: "month", required MONTH;
    amount: "amount", required YUAN;
});

record!(CallContact {
    telephone: "phone", required SHORT;
    last_at: "last_contact_date", required MOMENT;
    first_at: "first_contact_date", optional MOMENT;
    talk_seconds: "talk_seconds", required COUNT;
    talk_count: "talk_cnt", required COUNT;
    out_seconds: "call_seconds", optional COUNT;
    out_count: "call_cnt", optional COUNT;
    in_seconds: "called_seconds", optional COUNT;
    in_count: "called_cnt", optional COUNT;
    messages: "msg_cnt", optional COUNT;
    messages_sent: "send_cnt", optional COUNT;
    messages_received: "receive_cnt", optional COUNT;
    messages_unknown: "unknown_cnt", optional COUNT;
    last_week: "contact_1w", optional COUNT;
    last_month: "contact_1m", optional COUNT;
});

record!(Zhima {
    score: "zm_score", optional count::<0, 950>();
    watch_list: "watch_info", optional WATCH_LIST;
});

record!(Loan {
    amount: "amount", optional FEN;
    state: "state", optional choice!(0, LoanState);
    ordered_at: "order_time", optional MOMENT;
    overdue_days: "overdue_day", optional count::<0, 36_500>();
    repaid_at: "repayment_time", optional MOMENT;
} check loan);

/// Overdue days belong to states 0 and 2, the time of repayment to 0; with others they are 0.
fn loan(loan: &Loan) -> Result<(), Fail> {
    let Some(state) = loan.state else { return Ok(()) };
    let counts_days = matches!(state, LoanState::Repaid | LoanState::Overdue);
    let fault = match (loan.overdue_days, loan.repaid_at) {
        (None, _) if counts_days => Some(("overdue_day", Fault::MISSING)),
        (Some(1..), _) if !counts_days => Some(("overdue_day", Fault::Contradiction)),
        (_, None) if state == LoanState::Repaid => Some(("repayment_time", Fault::MISSING)),
        (_, Some(_)) if state != LoanState::Repaid => {
            Some(("repayment_time", Fault::Contradiction))
        }
        _ => None,
    };
    fault.map_or(Ok(()), |(name, fault)| Err(Fail::of(name, fault)))
}

record!(Alipay {
    real_name: "real_name", optional NAME;
    real_name_status: "real_name_status", optional SHORT;
    email: "email", optional NAME;
    telephone: "mobile", optional SHORT;
    taobao_name: "taobao_name", optional NAME;
    registered_at: "register_time", optional MOMENT;
    read_at: "create_time", optional MOMENT;
    credit_line: "ants_lines", optional one::<CreditLine>();
    wealth: "wealth", optional YUAN;
    balance: "balance", optional YUAN;
    money_market: "balance_bao", optional YUAN;
    fixed_term: "fortune_bao", optional YUAN;
    gold: "deposit_bao", optional YUAN;
    taobao_products: "taobao_financial", optional YUAN;
    funds: "fund", optional YUAN;
    bank_cards: "bank_cards", listed BOUND_CARDS;
    friends: "friends_contact", listed rows::<Account, 0, { Application::ACCOUNTS_MAX }>();
    traded_with: "trade_contact", listed rows::<Account, 0, { Application::ACCOUNTS_MAX }>();
    deals: "deal_record", listed rows::<Deal, 0, { Application::DEALS_MAX }>();
});

record!(CreditLine {
    total: "ants_lines_total", optional YUAN;
    usable: "ants_lines_usable", optional YUAN;
    owed: "ants_arrears", optional YUAN;
});

record!(Account {
    name: "name", optional NAME;
    account: "account", optional NAME;
});

record!(Deal {
    at: "deal_time", optional MOMENT;
    amount: "deal_amount", optional YUAN;
    trade_number: "trade_no", optional text::<128>();
    order_number: "order_no", optional text::<128>();
    log_number: "log_no", optional text::<128>();
    name: "name", optional ADDRESS;
    status: "status", optional NUMBER;
    other_party: "other_party", optional NAME;
});

record!(BoundCard {
    bank: "bank_name" | "bank", optional NAME;
    number: "card_no" | "card_number", optional SHORT;
});

record!(Login {
    at: "time", optional MOMENT;
    device_id: "device_id", optional NAME;
});

record!(Card {
    card_type: "type", optional choice!(1, CardType);
    number: "card_no", optional CARD_NUMBER;
});

record!(App {
    name: "app_name", optional NAME;
    market: "app_market", optional NAME;
    client_type: "client_type", optional SHORT;
    os_version: "os_version", optional SHORT;
});
