//! What an account of the bureau's platform has: whether it is verified, an application, a report.

use serde::{Deserialize, Serialize};

use super::Refusal;
use crate::time::{Span, Timestamp};

/// A report follows its application within this time, or it was not made (`rong360.md`, Periods).
pub const REPORT_LIMIT: Span = Span::hours(24);

/// The document's numbers for what an account stands at (document 002, 1.1.3: user_status).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserStatus {
    /// 暂未申请
    NotApplied,
    /// 处理中
    InProgress,
    /// 报告已生成
    Made,
    /// 验证未通过
    NotPassed,
    /// 本地有报告且未失效
    LocalValid,
    /// 本地报告失效
    LocalOutdated,
    /// 报告未生成
    NotMade,
}

impl UserStatus {
    pub const ALL: [Self; 7] = [
        Self::NotApplied,
        Self::InProgress,
        Self::Made,
        Self::NotPassed,
        Self::LocalValid,
        Self::LocalOutdated,
        Self::NotMade,
    ];

    pub fn number(self) -> i64 {
        match self {
            Self::NotApplied => 0,
            Self::InProgress => 1,
            Self::Made => 2,
            Self::NotPassed => 3,
            Self::LocalValid => 4,
            Self::LocalOutdated => 5,
            Self::NotMade => 6,
        }
    }
}

/// A report that is kept here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalReport {
    /// Names the report for good: its bill, its data.
    pub id: String,
    /// When it was read from the platform.
    pub read_at: Timestamp,
    /// When the report is as of, and from when on it is no longer valid.
    pub updated_at: Timestamp,
    pub outdated_at: Timestamp,
    /// Whether its bill is in the journal.
    pub is_billed: bool,
}

/// What an account stands at, with what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    NotApplied,
    InProgress {
        applied_at: Timestamp,
    },
    /// The platform has a report that was not read yet.
    Made,
    NotPassed,
    NotMade,
    /// The platform says that a report is known here, which was read by nobody yet.
    Said {
        is_outdated: bool,
    },
    Local(LocalReport),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    pub login_name: String,
    /// By `UnionPay` (document 002: unionpay_auth).
    pub is_authenticated: bool,
    pub standing: Standing,
}

impl Account {
    /// An account that logs in, by what the platform says and what was known of it `before`.
    pub(super) fn logged_in(
        login_name: String,
        status: UserStatus,
        before: Option<Self>,
        now: Timestamp,
    ) -> Self {
        let known = before.filter(|before| before.login_name == login_name);
        let standing = Standing::NotApplied;
        let mut account = known.unwrap_or(Self { login_name, is_authenticated: false, standing });
        account.said(status, now);
        account
    }

    /// Takes in what the platform says. What is known better here stays: a report that was read
    /// is still only "made" to the platform.
    pub(super) fn said(&mut self, status: UserStatus, now: Timestamp) {
        let known = std::mem::replace(&mut self.standing, Standing::NotApplied);
        self.standing = match (status, known) {
            (UserStatus::InProgress, known @ Standing::InProgress { .. })
            | (
                UserStatus::Made | UserStatus::LocalValid | UserStatus::LocalOutdated,
                known @ Standing::Local(_),
            ) => known,
            (UserStatus::NotApplied, _) => Standing::NotApplied,
            (UserStatus::InProgress, _) => Standing::InProgress { applied_at: now },
            (UserStatus::Made, _) => Standing::Made,
            (UserStatus::NotPassed, _) => Standing::NotPassed,
            (UserStatus::LocalValid, _) => Standing::Said { is_outdated: false },
            (UserStatus::LocalOutdated, _) => Standing::Said { is_outdated: true },
            (UserStatus::NotMade, _) => Standing::NotMade,
        };
    }

    pub fn status(&self, now: Timestamp) -> UserStatus {
        match &self.standing {
            Standing::NotApplied => UserStatus::NotApplied,
            Standing::InProgress { .. } => UserStatus::InProgress,
            Standing::Made => UserStatus::Made,
            Standing::NotPassed => UserStatus::NotPassed,
            Standing::NotMade => UserStatus::NotMade,
            Standing::Said { is_outdated } => local(*is_outdated),
            Standing::Local(report) => local(now >= report.outdated_at),
        }
    }

    /// Whether an application may be made (508111, 508114).
    pub(super) fn may_apply(&self, now: Timestamp) -> Result<(), Refusal> {
        match self.status(now) {
            UserStatus::InProgress => Err(Refusal::ApplicationPending),
            UserStatus::Made | UserStatus::LocalValid => Err(Refusal::ReportExists),
            UserStatus::NotApplied
            | UserStatus::NotPassed
            | UserStatus::LocalOutdated
            | UserStatus::NotMade => Ok(()),
        }
    }

    /// Whether there is a report to be read (508132).
    pub(super) fn may_view(&self) -> Result<(), Refusal> {
        match self.standing {
            Standing::Made | Standing::Said { .. } | Standing::Local(_) => Ok(()),
            Standing::NotMade => Err(Refusal::ReportNotMade),
            Standing::NotApplied | Standing::InProgress { .. } | Standing::NotPassed => {
                Err(Refusal::OutOfStep)
            }
        }
    }

    /// When an application is over that no report came of.
    pub fn gives_up_at(&self) -> Option<Timestamp> {
        match self.standing {
            Standing::InProgress { applied_at } => Some(applied_at + REPORT_LIMIT),
            Standing::NotApplied
            | Standing::Made
            | Standing::NotPassed
            | Standing::NotMade
            | Standing::Said { .. }
            | Standing::Local(_) => None,
        }
    }
}

fn local(is_outdated: bool) -> UserStatus {
    if is_outdated { UserStatus::LocalOutdated } else { UserStatus::LocalValid }
}
