//! Which provider a user is sent to, and when they are asked.

use usher::model::routing::{
    Candidate, HomeRealm, Routing, RoutingDocument, RoutingInput, conflicts, route,
};

type Row<'a> = (&'static str, &'a [&'a str], &'a [&'a str], bool);

/// `slug, domains, networks, default`.
fn listed(list: &[Row]) -> Vec<(&'static str, Routing)> {
    let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    let mut built = Vec::new();
    for (slug, domains, networks, default) in list {
        let written = RoutingDocument {
            domains: texts(domains),
            networks: texts(networks),
            default: *default,
            hidden: false,
        };
        built.push((*slug, written.build().unwrap()));
    }
    built
}

fn ask(rows: &[(&'static str, Routing)], known: RoutingInput) -> String {
    let candidates: Vec<_> = rows
        .iter()
        .map(|(slug, routing)| Candidate { slug, routing })
        .collect();
    match route(&candidates, &known) {
        HomeRealm::To { slug, because } => format!("{slug}: {because}"),
        HomeRealm::Ask => "ask".to_owned(),
    }
}

fn typed(rows: &[(&'static str, Routing)], typed: &str) -> String {
    let known = RoutingInput {
        typed: Some(typed),
        ..RoutingInput::default()
    };
    let answer = ask(rows, known);
    answer.split(':').next().unwrap_or_default().to_owned()
}

#[test]
fn the_first_thing_that_is_known_decides() {
    let rows = listed(&[
        ("local", &[], &[], false),
        ("uni", &["uni.example"], &[], false),
        ("lab", &[], &["10.0.0.0/8"], false),
        ("staff", &[], &[], true),
    ]);
    let mut known = RoutingInput {
        named: Some("local"),
        typed: Some("ana@uni.example"),
        remembered: Some("uni"),
        address: "10.1.2.3".parse().ok(),
    };
    assert_eq!(ask(&rows, known), "local: the link names it");
    known.named = Some("unknown");
    let said = "uni: mail addresses of uni.example belong to it";
    assert_eq!(ask(&rows, known), said);
    known.typed = Some("ana");
    assert_eq!(
        ask(&rows, known),
        "uni: this browser signed in with it before"
    );
    known.remembered = Some("gone");
    assert_eq!(
        ask(&rows, known),
        "lab: the browser is in the network 10.0.0.0/8"
    );
    known.address = "192.0.2.1".parse().ok();
    assert_eq!(ask(&rows, known), "staff: it is the organisation's default");
    assert_eq!(ask(&rows[..3], known), "ask");
}

#[test]
fn a_domain_is_the_same_however_it_is_spelled() {
    let rows = listed(&[
        ("a", &["bücher.example"], &[], false),
        ("b", &["UNI.example"], &[], false),
    ]);
    for spelling in [
        "ana@bücher.example",
        "ana@BÜCHER.Example",
        "ana@xn--bcher-kva.example",
        " ana@bücher.example. ",
        "\"odd@local\"@bücher.example",
    ] {
        assert_eq!(typed(&rows, spelling), "a", "{spelling}");
    }
    assert_eq!(typed(&rows, "ana@uni.EXAMPLE"), "b");
}

#[test]
fn the_nearest_domain_wins_and_a_star_is_only_what_lies_below() {
    let rows = listed(&[
        ("all", &["*.uni.example"], &[], false),
        ("law", &["*.law.uni.example", "law.uni.example"], &[], false),
        ("head", &["uni.example"], &[], false),
    ]);
    for (address, slug) in [
        ("a@uni.example", "head"),
        ("a@arts.uni.example", "all"),
        ("a@x.arts.uni.example", "all"),
        ("a@law.uni.example", "law"),
        ("a@x.law.uni.example", "law"),
        ("a@evil-uni.example", "ask"),
        ("a@uni.example.evil.example", "ask"),
        ("a@.uni.example", "ask"),
        ("uni.example", "ask"),
        ("@uni.example", "ask"),
        ("", "ask"),
    ] {
        assert_eq!(typed(&rows, address), slug, "{address}");
    }
}

#[test]
fn the_nearest_network_wins() {
    let rows = listed(&[
        ("wide", &[], &["10.0.0.0/8", "2001:db8::/32"], false),
        ("near", &[], &["10.1.2.99/24", "192.0.2.7"], false),
    ]);
    for (address, slug) in [
        ("10.9.9.9", "wide"),
        ("10.1.2.3", "near"),
        ("::ffff:10.1.2.3", "near"),
        ("192.0.2.7", "near"),
        ("192.0.2.8", "ask"),
        ("2001:db8:1::1", "wide"),
    ] {
        let known = RoutingInput {
            address: address.parse().ok(),
            ..RoutingInput::default()
        };
        let answer = ask(&rows, known);
        assert!(answer.starts_with(slug), "{address}: {answer}");
    }
}

#[test]
fn what_is_no_domain_and_no_network_is_named() {
    for text in [
        "",
        "*",
        "*.",
        "a b.example",
        "ana@uni.example",
        "10.0.0.1",
        "https://x",
        "*.*.x",
    ] {
        let written = RoutingDocument {
            domains: vec![text.to_owned()],
            ..RoutingDocument::default()
        };
        assert!(
            written.build().unwrap_err().contains("mail domain"),
            "{text}"
        );
    }
    for text in ["", "10.0.0.0/33", "uni.example", "10.0.0"] {
        let written = RoutingDocument {
            networks: vec![text.to_owned()],
            ..RoutingDocument::default()
        };
        assert!(written.build().unwrap_err().contains("network"), "{text}");
    }
}

#[test]
fn what_cannot_be_decided_is_a_fault() {
    let rows = listed(&[
        ("a", &["uni.example"], &["10.0.0.0/8"], true),
        ("b", &["Uni.Example"], &["10.9.9.9/8"], true),
    ]);
    let candidates: Vec<_> = rows
        .iter()
        .map(|(slug, routing)| Candidate { slug, routing })
        .collect();
    let faults = conflicts(&candidates);
    assert_eq!(faults.len(), 3, "{faults:?}");
    assert!(faults[0].contains("only one provider can be the default"));
}

#[test]
fn no_typed_text_breaks_it() {
    let rows = listed(&[("a", &["*.uni.example"], &[], false)]);
    for text in [
        "@",
        "@@",
        "a@\u{0}",
        "a@[::1]",
        "a@10.0.0.1",
        "a@xn--",
        "ａ@ｕｎｉ",
        "a@%00",
    ] {
        assert_eq!(typed(&rows, text), "ask", "{text:?}");
    }
    assert_eq!(
        typed(&rows, &format!("a@{}.uni.example", "x".repeat(9_000))),
        "a"
    );
}
