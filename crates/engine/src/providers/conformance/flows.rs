//! What a connector's test mode must play: the same endings of mobile numbers and login names as
//! in the sandbox (docs/connectors.md, "Test mode").

use domain::session::PromptKind::{self, DynamicPassword, Picture, QueryPassword, Sms};
use domain::source::SourceKind::{self, Degree, Ebank, Telecom};

use self::Move::{Answer, Login, Resend};

/// A conversation: each move, and what must come of it once the waits are over.
pub(super) struct Flow {
    pub(super) name: &'static str,
    pub(super) kind: SourceKind,
    /// The last four digits of the mobile (telecom), or the end of the account.
    pub(super) ending: &'static str,
    pub(super) moves: &'static [(Move, &'static str)],
    /// A meaning that one of the waits must have.
    pub(super) waits: Option<&'static str>,
}

#[derive(Clone, Copy)]
pub(super) enum Move {
    Login,
    Answer(PromptKind, &'static str),
    Resend,
}

const WRONG_SMS: Move = Answer(Sms, "000000");
const RIGHT_SMS: Move = Answer(Sms, "123456");
const QUERY: Move = Answer(QueryPassword, "654321");
const TOKEN: Move = Answer(DynamicPassword, "246810");
const PICTURE: Move = Answer(Picture, "probity");

const fn flow(
    name: &'static str,
    kind: SourceKind,
    ending: &'static str,
    moves: &'static [(Move, &'static str)],
) -> Flow {
    Flow { name, kind, ending, moves, waits: None }
}

pub(super) const FLOWS: &[Flow] = &[
    flow("telecom 0000: nothing is asked", Telecom, "0000", &[(Login, "done")]),
    flow(
        "telecom 0001: a code by SMS",
        Telecom,
        "0001",
        &[(Login, "ask sms first"), (RIGHT_SMS, "done")],
    ),
    flow(
        "telecom 0001: a wrong code, and one sent again",
        Telecom,
        "0001",
        &[
            (Login, "ask sms first"),
            (WRONG_SMS, "ask sms wrong"),
            (Resend, "ask sms resent"),
            (RIGHT_SMS, "done"),
        ],
    ),
    flow(
        "telecom 0002: a code, then the query password",
        Telecom,
        "0002",
        &[(Login, "ask sms first"), (RIGHT_SMS, "ask query_password first"), (QUERY, "done")],
    ),
    flow("telecom 0003: a wrong password", Telecom, "0003", &[(Login, "failed wrong_credentials")]),
    Flow {
        waits: Some("restarted"),
        ..flow(
            "telecom 0005: the session is lost once",
            Telecom,
            "0005",
            &[(Login, "ask sms first"), (RIGHT_SMS, "ask sms first"), (RIGHT_SMS, "done")],
        )
    },
    Flow {
        waits: Some("collected"),
        ..flow("telecom 0006: the data comes later", Telecom, "0006", &[(Login, "done")])
    },
    flow("degree: straight", Degree, "@one", &[(Login, "done")]),
    flow(
        "degree @wrong: a wrong password",
        Degree,
        "@wrong",
        &[(Login, "failed wrong_credentials")],
    ),
    flow("e-bank 01: straight", Ebank, "01", &[(Login, "done")]),
    flow("e-bank 02: a picture", Ebank, "02", &[(Login, "ask picture first"), (PICTURE, "done")]),
    flow("e-bank 03: a code by SMS", Ebank, "03", &[(Login, "ask sms first"), (RIGHT_SMS, "done")]),
    flow(
        "e-bank 04: a token's number",
        Ebank,
        "04",
        &[(Login, "ask dynamic_password first"), (TOKEN, "done")],
    ),
    flow("e-bank 06: a wrong password", Ebank, "06", &[(Login, "failed wrong_credentials")]),
];
