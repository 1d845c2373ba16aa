//! Assurance: rules by group, service and intent, and whether a session meets their requirements.
//! Pure; the dispatcher evaluates them for every launch, however it started.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    clock::Time,
    model::{
        condition::{Condition, Facts},
        session::{Session, UNKNOWN_TIME},
    },
};

/// What must have been proved, and how long ago at most. The default demands nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Demand {
    #[serde(default)]
    pub second_factor: bool,
    /// Seconds since the last proof: of the second factor if one is demanded, else of the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u64>,
}

/// A rule: the users and occasions it applies to, and its requirements.
#[derive(Clone, Debug)]
pub struct AssuranceRule {
    pub title: String,
    /// `None`: every service, and signing in itself.
    pub service: Option<String>,
    /// `None`: every intent.
    pub intent: Option<String>,
    pub when: Option<Condition>,
    pub demand: Demand,
}

/// The occasion for which rules are evaluated.
#[derive(Clone, Copy, Debug)]
pub enum AssuranceOccasion<'a> {
    SignIn,
    /// Entering a service by itself, without a launch.
    Entry {
        service: &'a str,
    },
    Launch {
        service: &'a str,
        intent: &'a str,
    },
}

impl Demand {
    /// Both at once.
    pub fn and(self, other: Self) -> Self {
        Self {
            second_factor: self.second_factor || other.second_factor,
            max_age: match (self.max_age, other.max_age) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
        }
    }

    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    pub fn met_by(&self, session: &Session, now: Time) -> bool {
        let proved = if self.second_factor {
            session.factor_at
        } else {
            session.proved_at.or(Some(UNKNOWN_TIME))
        };
        proved.is_some_and(|at| {
            self.max_age
                .is_none_or(|age| now.since(at) <= Duration::from_secs(age))
        })
    }
}

impl AssuranceRule {
    fn concerns(&self, occasion: AssuranceOccasion<'_>) -> bool {
        let (service, intent) = match occasion {
            AssuranceOccasion::SignIn => (None, None),
            AssuranceOccasion::Entry { service } => (Some(service), None),
            AssuranceOccasion::Launch { service, intent } => (Some(service), Some(intent)),
        };
        let fits = |rule: &Option<String>, asked: Option<&str>| {
            rule.as_deref().is_none_or(|rule| Some(rule) == asked)
        };
        fits(&self.service, service) && fits(&self.intent, intent)
    }
}

/// The combined requirements of all rules for this user on this occasion. A rule of which it is not
/// known whether it applies, applies.
pub fn demanded(
    rules: &[AssuranceRule],
    facts: &impl Facts,
    occasion: AssuranceOccasion<'_>,
) -> Demand {
    rules
        .iter()
        .filter(|rule| rule.concerns(occasion))
        .filter(|rule| {
            let when = rule.when.as_ref();
            when.is_none_or(|when| when.may_hold(facts))
        })
        .fold(Demand::default(), |demand, rule| demand.and(rule.demand))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chance::Chance,
        id::{SessionId, UserId},
        model::condition::{ConditionDocument, KnownAttribute},
    };

    struct RuleGroups(Vec<&'static str>);

    impl Facts for RuleGroups {
        fn known(&self, name: &str, _: Option<&str>) -> KnownAttribute<'_> {
            match name {
                "groups" => KnownAttribute {
                    values: self.0.clone(),
                    source: Some("test"),
                    is_incomplete: self.0.contains(&"and more"),
                },
                _ => KnownAttribute::default(),
            }
        }
    }

    fn rule(
        service: Option<&str>,
        intent: Option<&str>,
        group: Option<&str>,
        age: u64,
    ) -> AssuranceRule {
        let when = group.map(|group| ConditionDocument {
            group: Some(group.to_owned()),
            ..ConditionDocument::default()
        });
        AssuranceRule {
            title: "a rule".into(),
            service: service.map(str::to_owned),
            intent: intent.map(str::to_owned),
            when: when.map(|written| written.build().unwrap()),
            demand: Demand {
                second_factor: true,
                max_age: (age > 0).then_some(age),
            },
        }
    }

    #[test]
    fn rules_add_up_and_the_strictest_age_counts() {
        let rules = [
            rule(None, None, Some("clinicians"), 0),
            rule(Some("lab"), None, None, 3600),
            rule(Some("lab"), Some("edit"), None, 60),
        ];
        let ask = |groups: &[&'static str], occasion| {
            let demand = demanded(&rules, &RuleGroups(groups.to_vec()), occasion);
            (demand.second_factor, demand.max_age)
        };
        let (view, edit) = (
            AssuranceOccasion::Launch {
                service: "lab",
                intent: "view",
            },
            AssuranceOccasion::Launch {
                service: "lab",
                intent: "edit",
            },
        );
        assert_eq!(ask(&[], AssuranceOccasion::SignIn), (false, None));
        assert_eq!(
            ask(&["clinicians"], AssuranceOccasion::SignIn),
            (true, None)
        );
        assert_eq!(ask(&["and more"], AssuranceOccasion::SignIn), (true, None));
        assert_eq!(
            ask(&[], AssuranceOccasion::Entry { service: "lab" }),
            (true, Some(3600))
        );
        assert_eq!(ask(&[], view), (true, Some(3600)));
        assert_eq!(ask(&[], edit), (true, Some(60)));
        let wiki = AssuranceOccasion::Launch {
            service: "wiki",
            intent: "edit",
        };
        assert_eq!(ask(&[], wiki), (false, None));
    }

    #[test]
    fn a_session_meets_a_demand_until_its_proof_is_too_old() {
        let (start, chance) = (Time::from_secs(1_000), Chance::seeded(3));
        let mut session = Session {
            id: SessionId::new(start, &chance),
            user: UserId::new(start, &chance),
            provider: "local".into(),
            amr: "pwd".into(),
            acr: None,
            factor_at: None,
            remembered_at: None,
            created_at: start,
            authenticated_at: start,
            proved_at: Some(start),
            seen_at: start,
            expires_at: start + Duration::from_secs(9_000),
        };
        let demand = Demand {
            second_factor: true,
            max_age: Some(60),
        };
        assert!(Demand::default().met_by(&session, start));
        assert!(!demand.met_by(&session, start));
        session.factor_at = Some(start);
        assert!(demand.met_by(&session, start + Duration::from_secs(60)));
        assert!(!demand.met_by(&session, start + Duration::from_secs(61)));
        let fresh = Demand {
            second_factor: false,
            max_age: Some(60),
        };
        assert!(!fresh.met_by(&session, start + Duration::from_secs(61)));
    }

    #[test]
    fn a_proof_of_unknown_time_satisfies_no_age() {
        let (start, chance) = (Time::from_secs(1_795_000_000), Chance::seeded(4));
        let session = Session {
            id: SessionId::new(start, &chance),
            user: UserId::new(start, &chance),
            provider: "partner".into(),
            amr: String::new(),
            acr: None,
            factor_at: Some(UNKNOWN_TIME),
            remembered_at: None,
            created_at: start,
            authenticated_at: start,
            proved_at: None,
            seen_at: start,
            expires_at: start + Duration::from_secs(9_000),
        };
        for second_factor in [false, true] {
            let plain = Demand {
                second_factor,
                max_age: None,
            };
            assert!(plain.met_by(&session, start), "{second_factor}");
            let aged = Demand {
                max_age: Some(86_400 * 365),
                ..plain
            };
            assert!(!aged.met_by(&session, start), "{second_factor}");
        }
    }
}
