//! A policy applied to one application.

use super::decision::{Decision, Outcome, PolicyName, Reason};
use super::expression::{Evidence, Frame, STEPS_MAX};
use super::flow::Run;
use super::inputs::Inputs;
use super::trace::TraceNode;
use super::value::Value;
use super::{Effect, Policy, Rule, Texts};
use crate::time::Timestamp;

impl Effect {
    fn outcome(self) -> Outcome {
        match self {
            Self::Reject => Outcome::Reject,
            Self::Review => Outcome::Review,
        }
    }
}

impl Policy {
    /// Decides. Rejects when a rule surely says so; else reviews when a rule says so or cannot be
    /// told; else approves.
    pub fn decide(&self, inputs: &Inputs, now: Timestamp) -> Decision {
        let (values, refused) = self.values(inputs);
        let names = self.inputs.iter().filter(|input| input.is_read);
        let record = names
            .map(|input| {
                let given = refused.get(input.name.as_str()).unwrap_or(&values[input.slot]);
                (input.name.clone(), given.clone())
            })
            .collect();
        let refused = refused.keys().map(|name| (*name).to_owned()).collect();
        let mut run = Run { values, now, steps: 0 };
        let mut trace: Vec<TraceNode> = Vec::new();
        if let Some(flow) = &self.flow {
            flow.run(&mut run, &self.scope, Some(&mut trace));
        }
        let mut reasons: Vec<Reason> =
            self.rules.iter().filter_map(|rule| self.reason(rule, &mut run)).collect();
        if run.steps > STEPS_MAX {
            reasons.push(self.exhausted());
        }
        let outcome = reasons.iter().map(|reason| reason.outcome).max().unwrap_or(Outcome::Approve);
        let steps = run.steps;
        if reasons.is_empty() {
            reasons.push(self.approval(&run));
        }
        // The rules that led to the outcome stand first.
        reasons.sort_by_key(|reason| reason.outcome != outcome);
        let policy = PolicyName {
            name: self.document.name.clone(),
            version: self.document.version.clone(),
            sha256: self.sha256.clone(),
        };
        Decision { policy, at: now, outcome, reasons, inputs: record, refused, trace, steps }
    }

    /// The outcome alone, for values in their places.
    pub(super) fn outcome(&self, values: Vec<Value>, now: Timestamp) -> Outcome {
        let mut run = Run { values, now, steps: 0 };
        if let Some(flow) = &self.flow {
            flow.run(&mut run, &self.scope, None);
        }
        let mut outcome = Outcome::Approve;
        for rule in &self.rules {
            match run.with(|frame| rule.when.evaluate(frame)).truth() {
                Some(false) => {}
                Some(true) => outcome = outcome.max(rule.effect.outcome()),
                None => outcome = outcome.max(Outcome::Review),
            }
        }
        if run.steps > STEPS_MAX { outcome.max(Outcome::Review) } else { outcome }
    }

    /// What a rule says, if it hits or cannot be told.
    fn reason(&self, rule: &Rule, run: &mut Run) -> Option<Reason> {
        let truth = run.with(|frame| rule.when.evaluate(frame)).truth();
        let outcome = match truth {
            Some(false) => return None,
            Some(true) => rule.effect.outcome(),
            None => Outcome::Review,
        };
        let evidence = self.evidence(rule, run);
        let missing = match truth {
            Some(_) => Vec::new(),
            None => rule
                .when
                .reads()
                .iter()
                .filter(|slot| run.values[**slot].is_unknown())
                .map(|slot| self.scope.slot(*slot).name.clone())
                .collect(),
        };
        let (zh, en) = match truth {
            Some(_) => (rule.texts.zh.clone(), rule.texts.en.clone()),
            None => (
                format!("缺少数据,无法判断:{}", rule.texts.zh),
                format!("Data missing, cannot be told: {}", rule.texts.en),
            ),
        };
        Some(Reason {
            rule: rule.id.clone(),
            outcome,
            is_known: truth.is_some(),
            zh,
            en,
            lawful_basis: rule.lawful_basis.clone(),
            evidence,
            missing,
        })
    }

    /// What a rule saw. To look again costs nothing of the decision's steps.
    fn evidence(&self, rule: &Rule, run: &Run) -> Vec<Evidence> {
        rule.when.evidence(&mut Frame::new(&run.values, run.now, 0), &self.scope)
    }

    /// Why it was approved: the scores that the cut-offs let pass.
    fn approval(&self, run: &Run) -> Reason {
        let cutoffs = self.rules.iter().filter(|rule| rule.is_cutoff);
        let evidence = cutoffs.flat_map(|rule| self.evidence(rule, run)).collect();
        let Texts { zh, en } = self.document.approval.clone();
        Reason {
            rule: "approve".to_owned(),
            outcome: Outcome::Approve,
            is_known: true,
            zh,
            en,
            lawful_basis: self.document.lawful_basis.clone(),
            evidence,
            missing: Vec::new(),
        }
    }

    fn exhausted(&self) -> Reason {
        Reason {
            rule: "steps".to_owned(),
            outcome: Outcome::Review,
            is_known: false,
            zh: "数据量过大,策略未能在限定步数内算完".to_owned(),
            en: "Too much data: the policy did not end within its steps".to_owned(),
            lawful_basis: self.document.lawful_basis.clone(),
            evidence: Vec::new(),
            missing: Vec::new(),
        }
    }
}
