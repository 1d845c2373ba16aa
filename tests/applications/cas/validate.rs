//! Validation: four forms of one answer, and every way a ticket can be bad by name.

use std::time::Duration;

use support::{
    browser::Browser,
    cas::{BOOKS, ask, code, escaped, is_valid, ticket, usher, validate},
};

#[tokio::test]
async fn version_one_says_yes_and_who() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let ticket = ticket(&mut ana, BOOKS).await;
    let path = format!("validate?service={}&ticket={ticket}", escaped(BOOKS));
    let (status, kind, body) = ask(&usher, &path).await;
    assert_eq!((status, body.as_str()), (200, "yes\nana\n"));
    assert!(kind.starts_with("text/plain"));
    let (status, _, body) = ask(&usher, &path).await;
    assert_eq!((status, body.as_str()), (200, "no\n\n"));
}

#[tokio::test]
async fn version_two_returns_no_attributes_and_version_three_does() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    for (endpoint, has) in [
        ("serviceValidate", false),
        ("proxyValidate", false),
        ("p3/serviceValidate", true),
        ("p3/proxyValidate", true),
    ] {
        let ticket = ticket(&mut ana, BOOKS).await;
        let path = format!("{endpoint}?service={}&ticket={ticket}", escaped(BOOKS));
        let (_, kind, body) = ask(&usher, &path).await;
        assert!(kind.starts_with("application/xml"), "{endpoint}");
        let head = "<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\">\
                    <cas:authenticationSuccess><cas:user>ana</cas:user>";
        assert!(body.starts_with(head), "{endpoint}: {body}");
        for told in [
            "<cas:name>Ana Almeida</cas:name>",
            "<cas:mail>ana@example.org</cas:mail>",
            "<cas:groups>sales</cas:groups><cas:groups>staff</cas:groups>",
            "<cas:department>sales</cas:department>",
            "<cas:isFromNewLogin>false</cas:isFromNewLogin>",
            "<cas:longTermAuthenticationRequestTokenUsed>false<",
            "<cas:authenticationDate>2026-",
        ] {
            assert_eq!(body.contains(told), has, "{endpoint}: {told} in {body}");
        }
        assert!(
            !body.contains("region"),
            "what is not listed is not released"
        );
    }
}

#[tokio::test]
async fn an_instance_may_identify_users_by_their_permanent_id() {
    let usher = usher().await;
    let mut ben = Browser::of(&usher, "ben").await;
    let who = ben.session().await.expect("a session").user.id;
    let service = "https://lib-us.test/";
    let ticket = ticket(&mut ben, service).await;
    let told = validate(&usher, service, &ticket, "").await;
    assert_eq!(told["authenticationSuccess"]["user"], who.as_str());
}

#[tokio::test]
async fn a_request_that_is_none_uses_no_ticket_up() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let ticket = ticket(&mut ana, BOOKS).await;
    let books = escaped(BOOKS);
    for query in [
        String::new(),
        format!("ticket={ticket}"),
        format!("service={books}"),
        format!("service=&ticket={ticket}"),
        format!("service={books}&ticket="),
        format!("service={books}&ticket={ticket}&ticket={ticket}"),
        format!("service={books}&service={books}&ticket={ticket}"),
        format!("service={books}&ticket={ticket}&format=YAML"),
        format!("service={books}&ticket={ticket}&x=%00"),
    ] {
        let (status, _, body) = ask(&usher, &format!("p3/serviceValidate?{query}")).await;
        assert_eq!(status, 200);
        assert!(body.contains("code=\"INVALID_REQUEST\""), "{query}: {body}");
    }
    assert!(is_valid(&usher, BOOKS, &ticket).await);
}

#[tokio::test]
async fn a_ticket_of_another_kind_is_named_as_such() {
    let usher = usher().await;
    for (ticket, expected) in [
        ("PT-1856376-1qcRKGAu", "INVALID_TICKET_SPEC"),
        ("PGT-330xbWZkHUBx", "INVALID_TICKET_SPEC"),
        ("st-1856339-aA5Yuvrx", "INVALID_TICKET_SPEC"),
        ("ST-1856339-aA5Yuvrx", "INVALID_TICKET"),
        ("ST-", "INVALID_TICKET"),
        (
            "ST-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "INVALID_TICKET",
        ),
    ] {
        assert_eq!(code(&usher, BOOKS, ticket, "").await, expected, "{ticket}");
    }
}

#[tokio::test]
async fn proxies_are_refused_honestly() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let ticket = ticket(&mut ana, BOOKS).await;
    let more = "&pgtUrl=https%3A%2F%2Flib-eu.test%2Fpgt";
    let answer = validate(&usher, BOOKS, &ticket, more).await;
    let failure = &answer["authenticationFailure"];
    assert_eq!(failure["code"], "INVALID_PROXY_CALLBACK");
    let advice = failure["description"].as_str().expect("a sentence");
    assert!(advice.contains("without pgtUrl"), "{advice}");
}

#[tokio::test]
async fn a_ticket_lives_for_half_a_minute() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let (early, late) = (ticket(&mut ana, BOOKS).await, ticket(&mut ana, BOOKS).await);
    usher.advance(Duration::from_secs(29));
    assert!(is_valid(&usher, BOOKS, &early).await);
    usher.advance(Duration::from_secs(1));
    assert_eq!(code(&usher, BOOKS, &late, "").await, "INVALID_TICKET");
}

#[tokio::test]
async fn a_fragment_is_the_browsers_own() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana
        .peek(&support::cas::login("https://lib-eu.test/app#/loans", ""))
        .await;
    assert!(page.location().ends_with("#/loans"), "{}", page.location());
    let ticket = support::cas::ticket_of(&page);
    assert!(is_valid(&usher, "https://lib-eu.test/app", &ticket).await);
}

#[tokio::test]
async fn an_unknown_time_of_sign_in_is_not_released() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let mut database = usher.connection().await;
    let untold = "update sessions set proved_at = null";
    sqlx::Executor::execute(&mut database, untold)
        .await
        .expect("done");
    let ticket = ticket(&mut ana, BOOKS).await;
    let told = validate(&usher, BOOKS, &ticket, "").await;
    let told = &told["authenticationSuccess"]["attributes"];
    assert_eq!(told["isFromNewLogin"][0], "false");
    assert!(told.get("authenticationDate").is_none(), "{told}");
}
