//! Mapping: assertions in, attributes out.

use serde_json::{Value, json};

use usher::model::mapping::{
    Mapped, Mapping, MappingDocument, MappingFinding, RawAttribute, RawAttributes, VALUE_CHARS,
    VALUES, Vocabulary, Why,
};

fn mapping(written: Value, vocabulary: Vocabulary) -> Mapping {
    let written: MappingDocument = serde_json::from_value(written).unwrap();
    let keeps_rest = written.is_empty();
    written.build(vocabulary, keeps_rest).unwrap()
}

fn claims(claims: Value) -> RawAttributes {
    RawAttributes::from_claims(claims.as_object().unwrap())
}

fn oidc(written: Value, given: Value) -> Mapped {
    mapping(written, Vocabulary::Oidc).apply(&claims(given))
}

fn one(mapped: &Mapped, name: &str) -> Vec<String> {
    mapped.attributes.get(name).cloned().unwrap_or_default()
}

#[test]
fn every_form_of_a_rule() {
    let written = json!({
        "mail": "email",
        "groups": { "from": ["roles", "groups"], "match": "^app-(.*)$", "lower": true },
        "department": { "from": "department", "values": { "10": "sales" } },
        "team": { "from": "team", "values": { "x": "y" }, "otherwise": "keep" },
        "region": { "constant": "europe" },
        "login": "nick",
        "name": { "from": ["displayName", "cn"] },
    });
    let mapped = oidc(
        written,
        json!({
            "email": "ana@example.org", "roles": ["app-Sales", "offline_access"],
            "groups": ["app-sales", "app-EU"], "department": ["10", "20"], "team": ["x", "z"],
            "nick": "ana", "cn": ["Ana A.", "A. A."], "extra": "1",
        }),
    );
    assert_eq!(one(&mapped, "mail"), ["ana@example.org"]);
    assert_eq!(one(&mapped, "groups"), ["sales", "eu"]);
    assert_eq!(one(&mapped, "department"), ["sales"]);
    assert_eq!(one(&mapped, "team"), ["y", "z"]);
    assert_eq!(one(&mapped, "region"), ["europe"]);
    assert_eq!(mapped.login.as_deref(), Some("ana"));
    assert_eq!(mapped.name.as_deref(), Some("Ana A."));
    assert_eq!(mapped.unused, ["extra"]);
    assert_eq!(mapped.attributes.len(), 5);
}

#[test]
fn a_finding_says_what_was_taken_from_where_or_why_nothing() {
    let written = json!({
        "groups": { "from": ["roles", "groups"], "match": "^app-(.*)$" },
        "region": "zone",
    });
    let mapped = oidc(written, json!({ "roles": ["app-sales", "offline", "uma"] }));
    let said: Vec<String> = mapped
        .findings
        .iter()
        .map(MappingFinding::to_string)
        .collect();
    assert_eq!(
        said,
        [
            "groups: roles has 3, 1 matching ^app-(.*)$, groups is missing; result: sales",
            "region: zone is missing",
        ]
    );
    let dropped = &mapped.findings[0].dropped;
    assert_eq!(dropped[0].value, "offline");
    assert_eq!(dropped[0].why, Why::Pattern);
}

#[test]
fn without_a_mapping_common_names_are_used() {
    let mapped = oidc(
        json!({}),
        json!({
            "iss": "https://idp.example", "sub": "17", "nonce": "n", "email": "ana@example.org",
            "email_verified": true, "preferred_username": "ana", "name": "Ana", "groups": ["a"],
            "locale": "pt",
        }),
    );
    assert_eq!(mapped.login.as_deref(), Some("ana"));
    assert_eq!(mapped.name.as_deref(), Some("Ana"));
    assert_eq!(one(&mapped, "mail"), ["ana@example.org"]);
    assert_eq!(one(&mapped, "groups"), ["a"]);
    assert_eq!(one(&mapped, "locale"), ["pt"]);
    assert_eq!(one(&mapped, "iss"), [""; 0]);
    assert_eq!(mapped.unused, ["iss", "nonce", "sub"]);
}

#[test]
fn saml_attributes_go_by_either_of_their_names() {
    let attribute = |name: &str, alias: Option<&str>, value: &str| RawAttribute {
        name: name.to_owned(),
        alias: alias.map(str::to_owned),
        values: vec![value.to_owned()],
        is_incomplete: false,
    };
    let raw = RawAttributes::new(vec![
        attribute(
            "urn:oid:0.9.2342.19200300.100.1.3",
            Some("mail"),
            "ana@uni.example",
        ),
        attribute("urn:oid:1.3.6.1.4.1.5923.1.1.1.6", None, "ana@uni.example"),
        attribute("displayName", None, "Ana"),
        attribute("urn:oid:1.2.3", Some("faculty"), "law"),
    ]);
    let mapped = mapping(json!({}), Vocabulary::Saml).apply(&raw);
    assert_eq!(mapped.login.as_deref(), Some("ana@uni.example"));
    assert_eq!(mapped.name.as_deref(), Some("Ana"));
    assert_eq!(one(&mapped, "mail"), ["ana@uni.example"]);
    assert_eq!(one(&mapped, "faculty"), ["law"]);
    assert!(mapped.unused.is_empty());
    let by_oid = mapping(json!({ "x": "urn:oid:1.2.3" }), Vocabulary::Saml).apply(&raw);
    let by_name = mapping(json!({ "x": "faculty" }), Vocabulary::Saml).apply(&raw);
    assert_eq!(one(&by_oid, "x"), ["law"]);
    assert_eq!(by_oid.attributes, by_name.attributes);
}

#[test]
fn our_own_names_stay_as_they_are() {
    let given = json!({ "mail": "a@b.c", "groups": ["x"], "region": "europe", "email": "q" });
    let mapped = mapping(json!({}), Vocabulary::Ours).apply(&claims(given));
    assert_eq!(mapped.attributes.len(), 4);
    assert_eq!(mapped.login, None);
    assert!(mapped.unused.is_empty());
}

#[test]
fn a_written_mapping_takes_nothing_else_but_still_finds_a_name() {
    let given = json!({ "email": "a@b.c", "preferred_username": "ana", "secret": "s" });
    let mapped = oidc(json!({ "mail": "email" }), given);
    assert_eq!(mapped.attributes.len(), 1);
    assert_eq!(mapped.login.as_deref(), Some("ana"));
    assert_eq!(mapped.unused, ["secret"]);
}

#[test]
fn the_rest_may_be_kept_beside_the_rules() {
    let written: MappingDocument = serde_json::from_value(json!({ "groups": "roles" })).unwrap();
    let mapping = written.build(Vocabulary::Oidc, true).unwrap();
    let given = json!({ "email": "a@b.c", "roles": "r", "groups": ["not these"], "locale": "pt" });
    let mapped = mapping.apply(&claims(given));
    assert_eq!(one(&mapped, "groups"), ["r"]);
    assert_eq!(one(&mapped, "mail"), ["a@b.c"]);
    assert_eq!(one(&mapped, "locale"), ["pt"]);
    assert_eq!(mapped.unused, ["groups"]);
}

/// Applications identify users by their mail address.
#[test]
fn account_takeover_by_an_unverified_address() {
    let given = json!({ "email": "ceo@victim.example", "email_verified": false });
    let mapped = oidc(json!({}), given.clone());
    assert_eq!(one(&mapped, "mail"), [""; 0]);
    assert_eq!(mapped.login, None);
    assert_eq!(mapped.unused, ["email"]);
    let asked_for = oidc(json!({ "mail": "email" }), given);
    assert_eq!(one(&asked_for, "mail"), ["ceo@victim.example"]);
}

#[test]
fn an_assertion_of_any_size_stays_within_bounds() {
    let long = "x".repeat(VALUE_CHARS + 1);
    let many: Vec<String> = (0..=VALUES).map(|n| format!("g{n}")).collect();
    let wide = (0..4000).map(|n| (format!("a{n}"), json!("v")));
    let mut given: serde_json::Map<_, _> = wide.collect();
    given.insert("long".into(), json!([long, "fine", "", "a\u{0}b"]));
    given.insert("groups".into(), json!(many));
    given.insert("x".repeat(500), json!("v"));
    given.insert("context.key".into(), json!("C-1042"));
    let mapped = mapping(json!({}), Vocabulary::Ours).apply(&RawAttributes::from_claims(&given));
    assert!(mapped.attributes.len() <= 2_000 && mapped.is_cut);
    let written = json!({ "long": "long", "groups": "groups" });
    let mapped = mapping(written, Vocabulary::Ours).apply(&claims(Value::Object(
        [
            ("long", given["long"].clone()),
            ("groups", given["groups"].clone()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect(),
    )));
    assert_eq!(one(&mapped, "long"), ["fine"]);
    assert_eq!(
        one(&mapped, "groups"),
        [""; 0],
        "which of them are here says nothing"
    );
    assert!(mapped.incomplete.contains("groups") && mapped.incomplete.contains("long"));
    assert!(mapped.findings.iter().all(|one| one.dropped.len() <= 50));
}

/// `context.key` in a condition is the record that was asked for, nothing else.
#[test]
fn no_attribute_passes_for_the_record() {
    let given = json!({ "context.key": "C-1042", "context": { "key": "C-1042" } });
    assert!(oidc(json!({}), given).attributes.is_empty());
}

#[test]
fn equal_values_are_taken_once() {
    let mapped = oidc(
        json!({ "g": { "from": ["a", "b"] } }),
        json!({ "a": ["x", "x"], "b": "x" }),
    );
    assert_eq!(one(&mapped, "g"), ["x"]);
}
