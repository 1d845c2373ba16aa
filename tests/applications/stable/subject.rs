//! The identity of the portal and of its users: issuer, entity ids, subjects. A change of one makes
//! every application create its users again, or refuse them.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{document, text};
use crate::upgrade::release::Release;
use support::{
    gate::{self, Knock},
    relying_party::{Ask, field, tokens},
    server::PORTAL,
    service_provider,
};

/// Ana of the fixture of the previous release, to a client with public subjects.
const PUBLIC: &str = "usr_01a22d5dd5ea7bdca6ef3fdd0685f8fb";
/// To the client `wiki-eu`, whose subjects are pairwise.
const PAIRWISE: &str = "qSCXA0xwtPh9muP4CVHNBf_ZIIQisasXqVdfvf4IpKk";
/// To the pages behind the gateway, with the client `figures`.
const BEHIND_THE_GATEWAY: &str = "A5iq511kaM_F5PMruGZVzLE0x8mfpd0T0JUC9srw5U0";
/// To the SAML service provider `https://lab.test/sp`: a persistent identifier.
const PERSISTENT: &str = "PjCCemcrtQ4b3FcQOGH5I8-rlxZRwdgTmA07tG35e8I";

#[tokio::test]
async fn the_issuer_and_the_entity_ids_follow_from_the_public_url() {
    let usher = Release::read().upgraded().await;
    let discovery = document(&usher, "/.well-known/openid-configuration").await;
    assert_eq!(discovery["issuer"], "https://usher.test", "clients pin it");
    let ours = text(&usher, "/saml/metadata").await;
    let entity = "entityID=\"https://usher.test/saml/metadata\"";
    assert!(ours.contains(entity), "service providers pin it: {ours}");
    let ours = text(&usher, "/upstream/campus/metadata").await;
    for piece in [
        "entityID=\"https://usher.test/upstream/campus/metadata\"",
        "Location=\"https://usher.test/upstream/campus/acs\"",
        "Location=\"https://usher.test/upstream/campus/logout\"",
    ] {
        assert!(
            ours.contains(piece),
            "identity providers pin {piece}: {ours}"
        );
    }
}

#[tokio::test]
async fn the_endpoints_in_the_metadata_are_those_that_others_have_stored() {
    let usher = Release::read().upgraded().await;
    let discovery = document(&usher, "/.well-known/openid-configuration").await;
    for (member, path) in [
        ("authorization_endpoint", "/oidc/authorize"),
        ("token_endpoint", "/oidc/token"),
        ("userinfo_endpoint", "/oidc/userinfo"),
        ("jwks_uri", "/oidc/jwks"),
        ("end_session_endpoint", "/oidc/end-session"),
        ("introspection_endpoint", "/oidc/introspect"),
        ("revocation_endpoint", "/oidc/revoke"),
        ("pushed_authorization_request_endpoint", "/oidc/par"),
        ("registration_endpoint", "/oidc/register"),
    ] {
        let address = format!("{PORTAL}{path}");
        assert_eq!(discovery[member], address, "{member}: clients store it");
    }
    let ours = text(&usher, "/saml/metadata").await;
    for path in ["/saml/sso", "/saml/slo", "/saml/slo/soap"] {
        let location = format!("Location=\"{PORTAL}{path}\"");
        assert!(
            ours.contains(&location),
            "{path}: service providers store it"
        );
    }
}

#[tokio::test]
async fn a_user_is_the_same_subject_to_every_client() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let mut ana = release.signed_in(&usher, "ana");
    let (_, claims) = tokens(&usher, &mut ana, &Ask::of("crm-eu")).await;
    assert_eq!(claims["sub"], PUBLIC, "clients know their users by it");
    let ask = Ask::of("wiki-eu").with("scope", "openid email");
    let (_, claims) = tokens(&usher, &mut ana, &ask).await;
    assert_eq!(claims["sub"], PAIRWISE, "clients know their users by it");
}

#[tokio::test]
async fn a_user_is_the_same_behind_a_gateway_and_to_a_service_provider() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let cookie = release.bearer("gate_session");
    let (_, headers) = Knock::at("/figures").by(cookie).ask(&usher).await;
    let token = headers["x-usher-assertion"].to_str().expect("a token");
    let claims = gate::verified(&usher, token).await;
    assert_eq!(claims["sub"], BEHIND_THE_GATEWAY, "pages know users by it");
    let mut ana = release.signed_in(&usher, "ana");
    let asked = service_provider::asked(&usher, "lab", "_stable", "relay");
    let page = ana.peek(asked.as_str()).await;
    let response = STANDARD.decode(field(&page, "SAMLResponse"));
    let response = String::from_utf8(response.expect("base64")).expect("a text");
    let name = format!(">{PERSISTENT}<");
    assert!(
        response.contains(&name),
        "the NameID is another: {response}"
    );
}
