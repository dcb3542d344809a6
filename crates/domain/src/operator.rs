//! Operators (操作员): who works with the platform, by roles, and what each role may do.

mod totp;

pub use totp::{Totp, TotpStep};

/// Somebody who signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    pub id: i64,
    /// Unique and for good: `[a-z0-9_-]{3,32}`.
    pub name: String,
    pub roles: Vec<Role>,
}

impl Operator {
    pub fn may(&self, permission: Permission) -> bool {
        permission.roles().iter().any(|role| self.roles.contains(role))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Keeps the operators.
    Admin,
    /// Writes and runs policies, decides what policies leave to people.
    Risk,
    /// Tells persons and merchants why.
    Support,
    /// Reads what the others did, and does nothing.
    Auditor,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Admin, Self::Risk, Self::Support, Self::Auditor];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Risk => "risk",
            Self::Support => "support",
            Self::Auditor => "auditor",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

/// What an operator can be let do. This is the whole table; nothing is implied by anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// Add and disable operators, reset what they sign in with.
    ManageOperators,
    SeePolicies,
    /// Add a version of a policy.
    WritePolicies,
    /// Sign off a version that another one wrote.
    SignOffPolicies,
    /// Shadow, promote, challenge, roll back, retire what was signed off.
    RunPolicies,
    /// See decisions with their reasons, without a person's values and without what people wrote.
    SeeDecisions,
    /// Resolve a review or an appeal; it takes two.
    ResolveReviews,
    /// Overturn, on an appeal, what a policy refused; it takes two.
    Override,
    /// See a person's data, and what people wrote, in the clear; each view is noted with a reason.
    SeeUnmasked,
    ReadLog,
}

impl Permission {
    pub const ALL: [Self; 10] = [
        Self::ManageOperators,
        Self::SeePolicies,
        Self::WritePolicies,
        Self::SignOffPolicies,
        Self::RunPolicies,
        Self::SeeDecisions,
        Self::ResolveReviews,
        Self::Override,
        Self::SeeUnmasked,
        Self::ReadLog,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::ManageOperators => "manage-operators",
            Self::SeePolicies => "see-policies",
            Self::WritePolicies => "write-policies",
            Self::SignOffPolicies => "sign-off-policies",
            Self::RunPolicies => "run-policies",
            Self::SeeDecisions => "see-decisions",
            Self::ResolveReviews => "resolve-reviews",
            Self::Override => "override",
            Self::SeeUnmasked => "see-unmasked",
            Self::ReadLog => "read-log",
        }
    }

    /// The roles that have it, each by itself.
    pub fn roles(self) -> &'static [Role] {
        match self {
            Self::ManageOperators => &[Role::Admin],
            Self::SeePolicies => &[Role::Risk, Role::Auditor],
            Self::WritePolicies
            | Self::SignOffPolicies
            | Self::RunPolicies
            | Self::ResolveReviews
            | Self::Override => &[Role::Risk],
            Self::SeeDecisions => &[Role::Risk, Role::Support, Role::Auditor],
            Self::SeeUnmasked => &[Role::Risk, Role::Support],
            Self::ReadLog => &[Role::Auditor],
        }
    }
}

/// Why an operator cannot have these roles; nothing when it can.
pub fn role_fault(roles: &[Role]) -> Option<&'static str> {
    if roles.is_empty() {
        return Some("roles: give at least one of admin, risk, support, auditor");
    }
    let others = roles.iter().any(|role| *role != Role::Auditor);
    // Whoever reads the log must not be whom it is about.
    (roles.contains(&Role::Auditor) && others)
        .then_some("roles: an auditor has no other role; it would look after itself")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_auditor_only_looks_and_nobody_has_all() {
        let of = |role: Role| -> Vec<Permission> {
            let operator = Operator { id: 1, name: "li".to_owned(), roles: vec![role] };
            Permission::ALL.into_iter().filter(|permission| operator.may(*permission)).collect()
        };
        let auditor = [Permission::SeePolicies, Permission::SeeDecisions, Permission::ReadLog];
        assert_eq!(of(Role::Auditor), auditor);
        assert_eq!(of(Role::Admin), [Permission::ManageOperators]);
        assert_eq!(role_fault(&[Role::Admin, Role::Risk]), None);
        assert!(role_fault(&[]).is_some() && role_fault(&[Role::Risk, Role::Auditor]).is_some());
        for role in Role::ALL {
            assert!(of(role).len() < Permission::ALL.len(), "{role:?}");
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
    }
}
