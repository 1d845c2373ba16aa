//! Where a user's instance of a service is: ordered rules, first match wins, and every answer
//! carries its explanation. A rule that cannot be answered, because something about the user is not
//! known, ends the search: the rules after it are for users whom it does not fit. Pure: no store, no clock beyond the `now` it is given.

use crate::model::{
    condition::{Facts, KnownAttribute, Truth},
    context::Context,
    explanation::{By, Considered, Explanation, Located},
    service::{ChoicePolicy, Instance, Service},
    user::User,
};

/// The input of a rule: the user's attributes, and the record they want.
pub struct RuleInput<'a> {
    pub user: &'a User,
    pub context: Option<&'a Context>,
}

impl Facts for RuleInput<'_> {
    fn known(&self, name: &str, from: Option<&str>) -> KnownAttribute<'_> {
        match name.strip_prefix("context.") {
            Some(part) => self.of_record(part).unwrap_or_default(),
            None => self.user.attributes.known(name, from),
        }
    }
}

impl RuleInput<'_> {
    fn of_record(&self, part: &str) -> Option<KnownAttribute<'_>> {
        let context = self.context?;
        let value = match part {
            "type" => &context.kind,
            "key" => &context.key,
            field => context.fields.get(field)?,
        };
        Some(KnownAttribute {
            values: vec![value],
            source: Some("link"),
            is_incomplete: false,
        })
    }
}

/// Finds the instance. `chosen` is the user's living override, honoured while the service
/// allows it and the instance is open.
pub fn locate(
    service: &Service,
    asked: &RuleInput,
    chosen: Option<&str>,
) -> (Located, Explanation) {
    if let Some(instance) = honoured(service, chosen) {
        let explanation = Explanation {
            by: By::Override,
            considered: Vec::new(),
        };
        return (Located::One(instance.slug.clone()), explanation);
    }
    if let Some(only) = the_only_one(service) {
        let explanation = Explanation {
            by: By::Only,
            considered: Vec::new(),
        };
        return (
            open_ones(service, std::slice::from_ref(&only.slug)),
            explanation,
        );
    }
    let mut considered = Vec::new();
    for rule in &service.rules {
        let (matched, findings) = match &rule.when {
            Some(condition) => condition.explain(asked),
            None => (Truth::Yes, Vec::new()),
        };
        considered.push(Considered {
            title: rule.title.clone(),
            matched,
            unconditional: rule.when.is_none(),
            findings,
        });
        let (by, located) = match matched {
            Truth::No => continue,
            Truth::Yes => (
                By::Rule(rule.title.clone()),
                open_ones(service, &rule.instances),
            ),
            Truth::Unknown => (By::Unanswered(rule.title.clone()), Located::Unknown),
        };
        return (located, Explanation { by, considered });
    }
    (
        Located::Nowhere,
        Explanation {
            by: By::Nothing,
            considered,
        },
    )
}

/// As [`locate`], without the explanation: for every tile of the portal page.
pub fn locate_briefly(service: &Service, asked: &RuleInput, chosen: Option<&str>) -> Located {
    if let Some(instance) = honoured(service, chosen) {
        return Located::One(instance.slug.clone());
    }
    if let Some(only) = the_only_one(service) {
        return open_ones(service, std::slice::from_ref(&only.slug));
    }
    for rule in &service.rules {
        let when = rule.when.as_ref();
        match when.map_or(Truth::Yes, |when| when.answer(asked)) {
            Truth::No => {}
            Truth::Yes => return open_ones(service, &rule.instances),
            Truth::Unknown => return Located::Unknown,
        }
    }
    Located::Nowhere
}

/// The instance of a service that has one and no rules: all users share it.
fn the_only_one(service: &Service) -> Option<&Instance> {
    match service.instances.as_slice() {
        [only] if service.rules.is_empty() => Some(only),
        _ => None,
    }
}

/// Why no user at all can reach this service, in words for an admin; nothing if some may.
pub fn unreachable(service: &Service) -> Option<&'static str> {
    if service.instances.is_empty() {
        return Some("it has no instance, so no user can reach it");
    }
    if service.rules.is_empty() && service.instances.len() > 1 {
        return Some("it has several instances and no rule, so no user can reach it");
    }
    let leads = |named: &[String]| named.iter().any(|slug| service.instance(slug).is_some());
    let dead =
        !service.rules.is_empty() && !service.rules.iter().any(|rule| leads(&rule.instances));
    dead.then_some("none of its rules names an instance, so no user can reach it")
}

fn honoured<'a>(service: &'a Service, chosen: Option<&str>) -> Option<&'a Instance> {
    let allowed = service.choice == ChoicePolicy::Allowed;
    chosen
        .filter(|_| allowed)
        .and_then(|slug| service.instance(slug))
        .filter(|instance| instance.disabled_at.is_none())
}

fn open_ones(service: &Service, named: &[String]) -> Located {
    let open = |slug: &&String| {
        service
            .instance(slug)
            .is_some_and(|instance| instance.disabled_at.is_none())
    };
    let living: Vec<String> = named.iter().filter(open).cloned().collect();
    match (living.as_slice(), named.first()) {
        ([one], _) => Located::One(one.clone()),
        ([], Some(first)) => Located::Closed(first.clone()),
        ([], None) => Located::Nowhere,
        _ => Located::Several(living),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{
        clock::Time,
        id::UserId,
        model::{condition::ConditionDocument, service::LocatorRule, user::Attributes},
    };

    fn instance(slug: &str) -> Instance {
        let base_url = format!("https://{slug}.example");
        Instance {
            slug: slug.into(),
            title: slug.to_uppercase(),
            base: base_url.parse().unwrap(),
            base_url,
            sealed_settings: None,
            settings: Default::default(),
            disabled_at: None,
        }
    }

    fn rule(title: &str, when: Option<&str>, instances: &[&str]) -> LocatorRule {
        LocatorRule {
            title: title.into(),
            when: when.map(|json| {
                serde_json::from_str::<ConditionDocument>(json)
                    .unwrap()
                    .build()
                    .unwrap()
            }),
            instances: instances.iter().map(|slug| (*slug).to_owned()).collect(),
        }
    }

    fn crm() -> Service {
        Service {
            slug: "crm".into(),
            title: "CRM".into(),
            description: String::new(),
            icon: String::new(),
            category: String::new(),
            handoff: "link".into(),
            audience: None,
            choice: ChoicePolicy::Fixed,
            disabled_at: None,
            instances: vec![instance("eu"), instance("us")],
            rules: vec![
                rule(
                    "Europe",
                    Some(r#"{"attribute":"region","equals":"europe"}"#),
                    &["eu"],
                ),
                rule("Admins", Some(r#"{"group":"admins"}"#), &["eu", "us"]),
                rule(
                    "Old customers",
                    Some(r#"{"attribute":"context.key","matches":"C-1.*"}"#),
                    &["us"],
                ),
            ],
            links: Vec::new(),
        }
    }

    fn user_with(facts: &[(&str, &str)]) -> User {
        let facts: BTreeMap<_, _> = facts
            .iter()
            .map(|(n, v)| ((*n).to_owned(), vec![(*v).to_owned()]))
            .collect();
        let mut attributes = Attributes::default();
        attributes.refresh("local", &facts);
        User {
            id: UserId::stored("usr_1".into()),
            login: "p".into(),
            name: "P".into(),
            attributes,
            username: "p".into(),
            mail_verified_at: None,
            disabled_at: None,
            admin_at: None,
        }
    }

    fn find(service: &Service, user: &User, chosen: Option<&str>) -> (Located, Explanation) {
        let found = locate(
            service,
            &RuleInput {
                user,
                context: None,
            },
            chosen,
        );
        let brief = locate_briefly(
            service,
            &RuleInput {
                user,
                context: None,
            },
            chosen,
        );
        assert_eq!(found.0, brief, "the brief answer is the same answer");
        found
    }

    #[test]
    fn the_first_rule_that_matches_wins_and_says_why() {
        let user = user_with(&[("region", "europe"), ("groups", "admins")]);
        let (located, explanation) = find(&crm(), &user, None);
        assert_eq!(located, Located::One("eu".into()));
        assert_eq!(explanation.by, By::Rule("Europe".into()));
        let finding = &explanation.considered[0].findings[0];
        assert_eq!(
            (finding.had.as_slice(), finding.answer),
            (&["europe".to_owned()][..], Truth::Yes)
        );
    }

    #[test]
    fn rules_passed_over_are_listed_with_the_reason() {
        let user = user_with(&[("region", "asia"), ("groups", "admins")]);
        let (located, explanation) = find(&crm(), &user, None);
        assert_eq!(located, Located::Several(vec!["eu".into(), "us".into()]));
        assert_eq!(explanation.considered.len(), 2);
        assert_eq!(explanation.considered[0].matched, Truth::No);
        assert_eq!(explanation.considered[0].findings[0].had, ["asia"]);
    }

    #[test]
    fn no_rule_means_nowhere_with_all_rules_listed() {
        let (located, explanation) = find(&crm(), &user_with(&[]), None);
        assert_eq!(
            (located, explanation.considered.len()),
            (Located::Nowhere, 3)
        );
        assert_eq!(explanation.by, By::Nothing);
    }

    #[test]
    fn the_only_instance_without_a_rule_is_every_users() {
        let mut service = crm();
        service.rules.clear();
        service.instances.pop();
        let (located, explanation) = find(&service, &user_with(&[]), None);
        assert_eq!(
            (located, explanation.by),
            (Located::One("eu".into()), By::Only)
        );
        assert_eq!(unreachable(&service), None);
        service.instances[0].disabled_at = Some(Time::from_secs(1));
        assert_eq!(
            find(&service, &user_with(&[]), None).0,
            Located::Closed("eu".into())
        );
    }

    #[test]
    fn a_service_that_no_user_can_reach_is_named() {
        let mut service = crm();
        assert_eq!(unreachable(&service), None);
        for rule in &mut service.rules {
            rule.instances.clear();
        }
        assert!(unreachable(&service).is_some());
        service.rules.clear();
        assert!(unreachable(&service).is_some(), "two instances, no rule");
        assert_eq!(find(&service, &user_with(&[]), None).0, Located::Nowhere);
        service.instances.clear();
        assert!(unreachable(&service).is_some());
    }

    #[test]
    fn a_rule_that_cannot_be_answered_is_never_passed_over_for_the_next() {
        let mut user = user_with(&[("region", "asia")]);
        let received = crate::model::user::SourceAttributes {
            incomplete: ["groups".to_owned()].into(),
            ..Default::default()
        };
        user.attributes.take_over("idp", &received);
        let mut service = crm();
        service.rules.push(rule("Everybody else", None, &["us"]));
        let (located, explanation) = find(&service, &user, None);
        assert_eq!(located, Located::Unknown);
        assert_eq!(explanation.by, By::Unanswered("Admins".into()));
        assert_eq!(explanation.considered.len(), 2);
        let user = user_with(&[("region", "europe")]);
        assert_eq!(find(&service, &user, None).0, Located::One("eu".into()));
    }

    #[test]
    fn a_rule_may_look_at_the_record() {
        let context = Context {
            kind: "customer".into(),
            key: "C-1042".into(),
            fields: BTreeMap::new(),
        };
        let user = user_with(&[]);
        let (located, _) = locate(
            &crm(),
            &RuleInput {
                user: &user,
                context: Some(&context),
            },
            None,
        );
        assert_eq!(located, Located::One("us".into()));
    }

    #[test]
    fn a_closed_instance_is_said_to_be_closed_never_replaced() {
        let mut service = crm();
        service.instances[0].disabled_at = Some(Time::from_secs(1));
        let (located, _) = find(&service, &user_with(&[("region", "europe")]), None);
        assert_eq!(located, Located::Closed("eu".into()));
    }

    #[test]
    fn an_override_counts_only_where_the_admin_allows_it() {
        let user = user_with(&[("region", "europe")]);
        let mut service = crm();
        assert_eq!(
            find(&service, &user, Some("us")).0,
            Located::One("eu".into())
        );
        service.choice = ChoicePolicy::Allowed;
        let (located, explanation) = find(&service, &user, Some("us"));
        assert_eq!(
            (located, explanation.by),
            (Located::One("us".into()), By::Override)
        );
        service.instances[1].disabled_at = Some(Time::from_secs(1));
        assert_eq!(
            find(&service, &user, Some("us")).0,
            Located::One("eu".into())
        );
        assert_eq!(
            find(&service, &user, Some("gone")).0,
            Located::One("eu".into())
        );
    }
}
