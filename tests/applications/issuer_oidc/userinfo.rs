//! Userinfo: the user behind an access token, as long as everything behind it is alive
//! (THREATS: a disabled principal still works; kind confusion).

use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, header},
};

use support::{
    browser::Browser,
    draft::part,
    relying_party::{Ask, access_token, tokens, userinfo},
    remote::json,
    server::TestServer,
};

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn the_same_user_by_header_by_post_and_by_form() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let (answer, claims) = tokens(&usher, &mut ana, &Ask::of("crm-eu")).await;
    let token = access_token(&answer);
    let bearer = format!("Bearer {token}");
    let form = format!("access_token={token}");
    for request in [
        Request::get("/oidc/userinfo").header(header::AUTHORIZATION, &bearer),
        Request::get("/oidc/userinfo").header(header::AUTHORIZATION, format!("bearer {token}")),
        Request::post("/oidc/userinfo").header(header::AUTHORIZATION, &bearer),
        Request::post("/oidc/userinfo").header(header::CONTENT_TYPE, FORM),
    ] {
        let by_form = request
            .headers_ref()
            .expect("headers")
            .contains_key(header::CONTENT_TYPE);
        let body = if by_form {
            Body::from(form.clone())
        } else {
            Body::empty()
        };
        let (status, info) = json(&usher, request.body(body).expect("a request")).await;
        assert_eq!(status, 200);
        assert_eq!(info["sub"], claims["sub"]);
        assert_eq!(info["email"], "ana@example.org");
    }
    // RFC 6750 section 2.3: a token in the address ends up in logs.
    let request = Request::get(format!("/oidc/userinfo?{form}")).body(Body::empty());
    assert_eq!(json(&usher, request.expect("a request")).await.0, 401);
}

#[tokio::test]
async fn a_refusal_says_so_in_the_challenge_and_nothing_else() {
    let usher = TestServer::open().await;
    for (value, error) in [
        (None, false),
        (Some("Bearer ua_x"), true),
        (Some("Basic x"), false),
    ] {
        let mut request = Request::get("/oidc/userinfo");
        if let Some(value) = value {
            request = request.header(header::AUTHORIZATION, value);
        }
        let request = request.body(Body::empty()).expect("a request");
        let (status, headers, _) = usher.ask(request).await;
        assert_eq!(status, 401, "{value:?}");
        let challenge = headers["www-authenticate"].to_str().expect("text");
        assert!(challenge.starts_with("Bearer"), "{challenge}");
        assert_eq!(challenge.contains("invalid_token"), error, "{challenge}");
    }
}

#[tokio::test]
async fn an_access_token_is_good_for_five_minutes() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let (answer, _) = tokens(&usher, &mut ana, &Ask::of("crm-eu")).await;
    let token = access_token(&answer);
    usher.advance(Duration::from_secs(299));
    assert_eq!(userinfo(&usher, token).await.0, 200);
    usher.advance(Duration::from_secs(1));
    assert_eq!(userinfo(&usher, token).await.0, 401);
}

#[tokio::test]
async fn nothing_but_an_access_token_is_one() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let (answer, _) = tokens(&usher, &mut ana, &Ask::of("crm-eu")).await;
    let id_token = answer["id_token"].as_str().expect("one");
    let made_up = format!("ua_{}", "A".repeat(43));
    for bad in [id_token, "", "x", &made_up, &access_token(&answer)[1..]] {
        assert_eq!(userinfo(&usher, bad).await.0, 401, "{bad}");
    }
    assert_eq!(userinfo(&usher, access_token(&answer)).await.0, 200);
}

#[tokio::test]
async fn a_disabled_principal_has_no_token_any_more() {
    for what in [
        "person", "session", "service", "instance", "audience", "client",
    ] {
        let usher = TestServer::open().await;
        let mut ana = Browser::of(&usher, "ana").await;
        let who = ana.session().await.expect("a session");
        let (answer, _) = tokens(&usher, &mut ana, &Ask::of("reports-eu")).await;
        let token = access_token(&answer);
        assert_eq!(userinfo(&usher, token).await.0, 200, "{what}");
        match what {
            "person" => {
                let known = usher.app.directory.disable(&who.user.id).await;
                assert!(known.expect("the database answers"));
            }
            "session" => {
                let page = ana.get("/sign-out").await;
                ana.send(&page, "/sign-out").await;
            }
            "service" => {
                usher
                    .change(|draft| draft.service("reports").disabled = true)
                    .await;
            }
            "instance" => {
                usher
                    .change(|draft| draft.instance("reports-eu").disabled = true)
                    .await;
            }
            "audience" => {
                let others = Some(part("group = \"others\""));
                usher
                    .change(|draft| draft.service("reports").audience = others)
                    .await;
            }
            _ => {
                usher
                    .change(|draft| draft.client("reports-eu").disabled = true)
                    .await;
            }
        }
        assert_eq!(userinfo(&usher, token).await.0, 401, "{what}");
    }
}

/// The provider's statements at the last sign-in count, not those when the token was issued.
#[tokio::test]
async fn a_user_who_lost_the_group_loses_the_token() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let (answer, _) = tokens(&usher, &mut ana, &Ask::of("reports-eu")).await;
    usher
        .change(|draft| draft.person("ana").groups = vec!["staff".into()])
        .await;
    assert_eq!(userinfo(&usher, access_token(&answer)).await.0, 200);
    Browser::of(&usher, "ana").await;
    assert_eq!(userinfo(&usher, access_token(&answer)).await.0, 401);
}
