//! Unknown attributes are not absent: a list that was cut, or to which only a pointer came, grants
//! no access, waives no second factor, and lets no rule be skipped.

use serde_json::json;
use usher::model::{
    admission::{self, ProviderFacts},
    condition::Truth,
    mapping::{Gap, MappingDocument, RawAttributes, VALUE_CHARS, VALUES, Vocabulary},
    user::{Attributes, SourceAttributes},
};

use crate::upstream::unreported::by_op;
use support::{
    browser::{Browser, Page},
    draft::{Draft, part},
    op::{CLIENT, Op, SECRET},
    server::{PASSWORD, TestServer},
    upstream::{Upstream, seed_with},
};

const RECORD: &str = "/go/crm/customer/C-1042";

/// What Entra sends about a user in more groups than fit into a token.
const OVERAGE: &str = r#"{ "sub": "1", "preferred_username": "ana", "region": "europe",
    "_claim_names": { "groups": "src1" },
    "_claim_sources": { "src1": { "endpoint": "https://graph.windows.net/x/getMemberObjects" } } }"#;
/// The same in SAML.
const LINK: &str = "http://schemas.microsoft.com/claims/groups.link = https://graph.windows.net/x\n\
    region = europe";

fn sent(pasted: &str, vocabulary: Vocabulary, map: &serde_json::Value) -> SourceAttributes {
    let written: MappingDocument = serde_json::from_value(map.clone()).expect("a map");
    let mapping = written.build(vocabulary, true).expect("built");
    mapping
        .apply(&RawAttributes::parse(pasted).expect("readable"))
        .source_attributes()
}

fn attributes(told: &SourceAttributes) -> Attributes {
    let mut attributes = Attributes::default();
    attributes.take_over("idp", told);
    attributes
}

fn allowed(allow: &serde_json::Value, attributes: &Attributes) -> Truth {
    let written: admission::AdmissionDocument =
        serde_json::from_value(json!({ "allow": allow })).expect("an admission");
    let gate = written.build(Vocabulary::Oidc).expect("built");
    let claimed = ProviderFacts {
        attributes,
        source: "idp",
    };
    gate.allows(&claimed).0
}

/// A user is signed in, and from then on the provider's list of groups is not known.
async fn without_groups(usher: &TestServer, browser: &Browser<'_>) {
    let mut user = browser.session().await.expect("signed in").user;
    let said = user.attributes.iter();
    let mut told = SourceAttributes {
        attributes: said
            .map(|(name, one)| (name.to_owned(), one.values.clone()))
            .collect(),
        ..SourceAttributes::default()
    };
    told.attributes.remove("groups");
    told.incomplete.insert("groups".to_owned());
    user.attributes.take_over("local", &told);
    let now = usher.clock.now();
    let mut tx = usher.app.store.begin().await.expect("a transaction");
    tx.refresh_user(&user, now).await.expect("kept");
    tx.commit().await.expect("committed");
}

fn says(page: &Page, words: &str) {
    assert!(page.says(words), "{}", page.text());
}

#[test]
fn a_pointer_to_groups_that_are_elsewhere_is_not_no_groups() {
    let not_suspended = json!({ "not": { "group": "suspended" } });
    let maps = [
        json!({}),
        json!({ "groups": "groups" }),
        json!({ "groups": { "from": "custom-name" } }),
    ];
    for map in &maps {
        for (pasted, vocabulary) in [(OVERAGE, Vocabulary::Oidc), (LINK, Vocabulary::Saml)] {
            let told = sent(pasted, vocabulary, map);
            let attributes = attributes(&told);
            assert!(told.incomplete.contains("groups"), "{map} {pasted}");
            assert_eq!(attributes.groups(), None);
            assert_eq!(allowed(&not_suspended, &attributes), Truth::Unknown);
            assert_eq!(
                allowed(&json!({ "group": "staff" }), &attributes),
                Truth::Unknown
            );
            let region = json!({ "attribute": "region", "equals": "europe" });
            assert_eq!(allowed(&region, &attributes), Truth::Yes);
            let kept: Vec<&str> = attributes.iter().map(|(name, _)| name).collect();
            assert!(!kept.iter().any(|name| name.contains("claim")), "{kept:?}");
        }
    }
}

#[test]
fn a_list_of_groups_that_is_too_long_is_not_known_whichever_part_came_first() {
    let list = |count: usize| {
        let all: Vec<String> = (0..count).map(|each| format!("g{each}")).collect();
        let told = sent(
            &json!({ "groups": all }).to_string(),
            Vocabulary::Oidc,
            &json!({}),
        );
        attributes(&told)
    };
    let not = |group: &str| json!({ "not": { "group": group } });
    for count in [256, 257, 1_500, VALUES] {
        let all = list(count);
        assert_eq!(all.groups().expect("known").len(), count);
        assert_eq!(allowed(&not("suspended"), &all), Truth::Yes, "{count}");
        let last = format!("g{}", count - 1);
        assert_eq!(allowed(&not(&last), &all), Truth::No, "{count}");
    }
    let cut = list(VALUES + 1);
    assert_eq!(cut.groups(), None);
    for group in ["suspended", "g0", "g5000"] {
        assert_eq!(allowed(&not(group), &cut), Truth::Unknown, "{group}");
        assert_eq!(allowed(&json!({ "group": group }), &cut), Truth::Unknown);
    }
}

#[test]
fn a_value_or_a_claim_that_is_not_read_is_not_absent() {
    let long = "x".repeat(VALUE_CHARS + 1);
    let deep = json!({ "a": { "b": { "c": { "d": { "e": "suspended" } } } } });
    for (pasted, attribute) in [
        (json!({ "roles": ["reader", long] }), "roles"),
        (
            json!({ "roles": ["reader", { "id": "suspended" }] }),
            "roles",
        ),
        (deep, "a.b.c.d.e"),
    ] {
        let told = sent(&pasted.to_string(), Vocabulary::Oidc, &json!({}));
        let not = json!({ "not": { "attribute": attribute, "equals": "suspended" } });
        assert_eq!(
            allowed(&not, &attributes(&told)),
            Truth::Unknown,
            "{attribute}"
        );
    }
    let many: serde_json::Map<_, _> = (0..3_000).map(|n| (format!("a{n}"), json!("v"))).collect();
    let told = sent(&json!(many).to_string(), Vocabulary::Oidc, &json!({}));
    let attributes = attributes(&told);
    let not = |name: &str| json!({ "not": { "attribute": name, "equals": "x" } });
    assert_eq!(allowed(&not("zzz"), &attributes), Truth::Unknown);
    assert_eq!(allowed(&not("a1"), &attributes), Truth::Yes);
}

#[test]
fn the_preview_of_a_mapping_says_why_values_are_missing_and_what_helps() {
    let mapping = MappingDocument::default()
        .build(Vocabulary::Oidc, true)
        .expect("built");
    let mapped = mapping.apply(&RawAttributes::parse(OVERAGE).expect("readable"));
    let groups = mapped.findings.iter().find(|one| one.target == "groups");
    let groups = groups.expect("a finding");
    assert_eq!(groups.gap, Some(Gap::Elsewhere));
    let words = groups.to_string();
    assert!(
        words.contains("assigned to this application, or application roles"),
        "{words}"
    );
    assert!(!mapped.unused.iter().any(|name| name.starts_with("_claim")));
}

#[tokio::test]
async fn a_user_not_known_to_be_excluded_may_not_see_a_service() {
    let draft = Draft::changed(|draft| {
        let audit = draft.target("crm", "customer", "audit");
        audit.audience = Some(part("not = { group = \"suspended\" }"));
    });
    let usher = TestServer::with(&draft).await;
    let audit = "/go/crm/customer/C-1042?intent=audit";
    let mut ana = Browser::of(&usher, "ana").await;
    assert_eq!(ana.peek(audit).await.status, 303);
    without_groups(&usher, &ana).await;
    assert_eq!(ana.peek(audit).await.status, 403);
}

#[tokio::test]
async fn a_second_factor_is_required_of_a_user_not_known_to_be_exempt() {
    let rule = "[[assurance]]\ntitle = \"Admins\"\nservice = \"crm\"\nwhen = { group = \"admins\" }\n\
        second_factor = true";
    let usher = TestServer::with(&Draft::sample().plus(rule)).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.get(RECORD).await;
    assert_eq!(page.shown("path").as_deref(), Some("/customers/C-1042"));
    without_groups(&usher, &ana).await;
    let page = ana.get(RECORD).await;
    assert_eq!(page.shown("path"), None, "{}", page.text());
    assert_eq!(page.url.host_str(), Some("usher.test"));
}

#[tokio::test]
async fn a_locator_rule_that_cannot_be_answered_is_not_passed_over_for_the_next() {
    let draft = Draft::changed(|draft| {
        draft.rule("crm", "People in Europe").when = Some(part("group = \"eu-staff\""));
        draft.rule("crm", "People in the Americas").when = None;
    });
    let usher = TestServer::with(&draft).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.get(RECORD).await;
    assert_eq!(page.url.host_str(), Some("crm-us.test"), "{}", page.text());
    without_groups(&usher, &ana).await;
    let page = ana.get(RECORD).await;
    assert_eq!(
        (page.status, page.url.host_str()),
        (403, Some("usher.test"))
    );
    says(&page, "did not send all your groups");
    says(&page, "application roles");
    let page = ana.get("/services/crm").await;
    says(&page, "Cannot be determined");
    let page = ana.get("/account").await;
    says(
        &page,
        "Not complete: your identity provider did not send all values",
    );
    assert!(page.says("application roles"));
}

/// The whole way: the provider only points to the groups, and the sign-in is not taken for that of
/// a user without groups.
#[tokio::test]
async fn a_sign_in_whose_groups_are_only_pointed_to_does_not_pass_as_one_without_groups() {
    let usher = TestServer::configured(&[("USHER_NET__ALLOW", "127.0.0.1")]).await;
    let op = Op::start(&usher.clock).await;
    let settings = json!({"issuer": op.issuer, "client_id": CLIENT, "client_secret": SECRET});
    let settings = settings.as_object().expect("settings").clone();
    let mut draft = seed_with(&[Upstream::new("op", "oidc", settings)]);
    draft.provider("op").allow = Some(part("not = { group = \"suspended\" }"));
    usher.seed(&draft).await;
    for (claims, status) in [
        (json!({ "groups": ["staff"] }), 200),
        (json!({ "groups": ["suspended"] }), 403),
        (json!({ "_claim_names": { "groups": "src1" } }), 403),
        (json!({ "hasgroups": true }), 403),
        (
            json!({ "groups": { "suspended": { "since": "2026" } } }),
            403,
        ),
        (json!({ "groups": ["sus\u{0}pended"] }), 403),
    ] {
        op.mind().claims = claims;
        let mut ana = Browser::new(&usher);
        let form = ana.get("/").await;
        let (page, _) = by_op(&mut ana, &op, &form).await;
        assert_eq!(page.status, status, "{}", page.text());
        assert_eq!(ana.session().await.is_some(), status == 200);
    }
    let reasons =
        "select target || ' ' || data from events where kind = 'sign_in.refused' order by data";
    assert_eq!(
        usher.column(reasons).await,
        [
            "op {\"reason\":\"not-allowed\"}",
            "op {\"reason\":\"not-known\"}",
            "op {\"reason\":\"not-known\"}",
            "op {\"reason\":\"not-known\"}",
            "op {\"reason\":\"not-known\"}"
        ]
    );
}

#[tokio::test]
async fn no_user_is_admitted_by_a_condition_that_is_unknown() {
    // Local accounts have all their attributes; one that has too many is as incomplete as any.
    let draft = Draft::changed(|draft| {
        draft.provider("local").allow = Some(part("not = { group = \"suspended\" }"));
        draft.person("ana").groups = (0..=VALUES).map(|each| format!("g{each}")).collect();
    });
    let usher = TestServer::with(&draft).await;
    let mut ana = Browser::new(&usher);
    let form = ana.get(RECORD).await;
    let page = ana
        .fill(&form, &[("Username", "ana"), ("Password", PASSWORD)])
        .await;
    assert_eq!(page.status, 403);
    says(&page, "did not send all your groups");
    assert!(ana.session().await.is_none());
    let reasons = "select target || ' ' || data from events where kind = 'sign_in.refused'";
    assert_eq!(
        usher.column(reasons).await,
        ["local {\"reason\":\"not-known\"}"]
    );
}
