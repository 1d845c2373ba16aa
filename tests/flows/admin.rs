//! The admin's pages: who may see them, what they show, and what they must never do.

mod metadata;

use support::{
    admin::make_admin,
    browser::{Browser, Page},
    draft::Draft,
    server::TestServer,
};

const OURS: Option<&str> = Some("https://usher.test");
/// A provider with secrets, whose users are sorted by rules.
const DIRECTORY: &str = r#"
[[provider]]
slug = "company"
kind = "ldap"
title = "Sign in with your company account"
domains = ["company.example"]
networks = ["198.51.100.0/24"]
allow = { group = "sales" }
map = { mail = "email", groups = { from = ["roles", "groups"], match = "app-(.*)" }, region = { constant = "europe" } }
[provider.settings]
servers = ["ldaps://127.0.0.1:1"]
base_dn = "dc=example,dc=org"
bind_dn = "cn=usher,dc=example,dc=org"
bind_password = "s3cr3t-of-the-directory"
"#;

async fn usher() -> TestServer {
    TestServer::with(&Draft::sample().plus(DIRECTORY)).await
}

async fn cleo(usher: &TestServer) -> Browser<'_> {
    let cleo = Browser::of(usher, "cleo").await;
    make_admin(usher, "cleo").await;
    cleo
}

async fn paste(browser: &mut Browser<'_>, said: &str) -> Page {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("said", said)
        .finish();
    let page = browser
        .post("/admin/providers/company/preview", OURS, &body)
        .await;
    assert_eq!(page.status, 200, "{}", page.text());
    page
}

#[tokio::test]
async fn only_an_admin_is_shown_the_way_and_the_pages() {
    let usher = usher().await;
    let mut cleo = Browser::of(&usher, "cleo").await;
    let nowhere = cleo.get("/nowhere").await;
    let page = cleo.get("/admin").await;
    assert_eq!(page.status, 404, "a group is not enough");
    assert_eq!(
        page.text().split("Request").next(),
        nowhere.text().split("Request").next()
    );
    assert!(!cleo.get("/").await.says("Administration"));
    make_admin(&usher, "cleo").await;
    assert!(cleo.get("/").await.body.contains("href=\"/admin\""));
    let page = cleo.get("/admin").await;
    assert!(
        page.says("1 person") && page.says("1 administrator"),
        "{}",
        page.text()
    );
    assert!(page.says("2 identity providers") && page.says("1 active session"));
}

#[tokio::test]
async fn being_an_admin_ends_at_once() {
    let usher = usher().await;
    let mut cleo = cleo(&usher).await;
    assert_eq!(cleo.get("/admin").await.status, 200);
    sqlx::query("update users set admin_at = null")
        .execute(&mut usher.connection().await)
        .await
        .expect("written");
    assert_eq!(cleo.get("/admin").await.status, 404);
}

#[tokio::test]
async fn providers_are_shown_with_their_settings_and_without_their_secrets() {
    let usher = usher().await;
    let mut cleo = cleo(&usher).await;
    let list = cleo.get("/admin/providers").await;
    assert!(
        list.says("company · ldap · restricted by a condition"),
        "{}",
        list.text()
    );
    assert!(list.says("local · local · default"));
    assert!(list.says("company.example, 198.51.100.0/24"));
    let page = cleo.get("/admin/providers/company").await;
    assert!(page.says("ldaps://127.0.0.1:1") && page.says("cn=usher,dc=example,dc=org"));
    assert!(page.says("set (hidden)"));
    for page in [&list, &page] {
        assert!(!page.body.contains("s3cr3t"), "{}", page.body);
    }
    assert_eq!(cleo.get("/admin/providers/nobody").await.status, 404);
}

#[tokio::test]
async fn a_look_opens_no_connection_and_a_check_says_what_is_wrong() {
    let usher = usher().await;
    let mut cleo = cleo(&usher).await;
    let page = cleo.get("/admin/providers/company").await;
    assert_eq!(usher.events_named("provider.checked").await, 0);
    let page = cleo.send(&page, "/admin/providers/company/check").await;
    assert!(page.says("127.0.0.1:1"), "{}", page.text());
    let words = "The connection test has found a problem:";
    assert!(page.says(words), "{}", page.text());
    cleo.headers.push(("accept-language", "de".to_owned()));
    let page = cleo.send(&page, "/admin/providers/company/check").await;
    let words = "Beim Testen der Verbindung wurde ein Problem gefunden:";
    assert!(page.says(words), "{}", page.text());
    cleo.headers.clear();
    assert_eq!(usher.events_named("provider.checked").await, 2);
    let page = cleo.get("/admin/providers/local").await;
    let page = cleo.send(&page, "/admin/providers/local/check").await;
    assert!(page.says("The connection works."), "{}", page.text());
    assert!(
        page.says("local accounts are kept in the database"),
        "{}",
        page.text()
    );
    let page = cleo.send(&page, "/admin/providers/local/refresh").await;
    assert!(page.says("All documents that were due have been refreshed"));
    assert_eq!(usher.events_named("provider.refreshed").await, 1);
    let details = usher
        .column("select target || ' ' || data from events where kind like 'provider.%' order by target, data")
        .await;
    assert_eq!(
        details,
        [
            "company {\"result\":\"wrong\"}",
            "company {\"result\":\"wrong\"}",
            "local {\"result\":\"fetched\"}",
            "local {\"result\":\"fine\"}"
        ]
    );
}

#[tokio::test]
async fn this_assertion_gives_these_attributes_and_is_kept_nowhere() {
    let usher = usher().await;
    let mut cleo = cleo(&usher).await;
    let before = usher.column("select id from events").await.len();
    let said = r#"{"email":"zed@example.org","roles":["app-sales","offline"],"shoe_size":43}"#;
    let page = paste(&mut cleo, said).await;
    assert!(page.says("This person could sign in."), "{}", page.text());
    assert!(page.says("roles has 2 values; matching app-(.*): 1"));
    assert!(page.says("groups is missing"));
    assert!(page.says("“offline” does not match the pattern"));
    assert!(page.says("fixed value") && page.says("zed@example.org"));
    assert!(page.says("Not used: shoe_size"));
    let page = paste(
        &mut cleo,
        "email = zed@example.org\nroles (friendly) = app-it",
    )
    .await;
    assert!(page.says("Sign-in would be refused"), "{}", page.text());
    assert!(page.says("condition: “sales”"));
    let page = paste(&mut cleo, "{\"email\": }").await;
    assert!(page.says("This could not be read:"), "{}", page.text());
    assert!(
        page.body.contains("{&#34;email&#34;: }"),
        "what was pasted stays"
    );
    let page = paste(&mut cleo, "nonsense").await;
    assert!(page.says("line 1 is not like"));
    let everything = usher.column("select id from events").await;
    assert_eq!(everything.len(), before);
    assert!(
        usher
            .column("select attributes from users where attributes like '%zed%'")
            .await
            .is_empty()
    );
}

/// A SAML assertion, as an identity provider's log shows it: nothing of it is verified.
#[tokio::test]
async fn a_pasted_assertion_is_read_and_what_is_no_text_in_it_is_named() {
    let usher = usher().await;
    let mut cleo = cleo(&usher).await;
    let attribute = |name: &str, value: &str| {
        format!(
            "<saml:Attribute Name=\"{name}\"><saml:AttributeValue>{value}</saml:AttributeValue>\
             </saml:Attribute>"
        )
    };
    let assertion = |attributes: &str| {
        format!(
            "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">\
             <saml:AttributeStatement>{attributes}</saml:AttributeStatement></saml:Assertion>"
        )
    };
    let response = |inside: &str| {
        format!(
            "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\">{inside}</samlp:Response>"
        )
    };
    let mail = attribute("email", "zed@example.org");
    let sales = attribute("roles", "app-sales");
    let address = attribute(
        "address",
        "<eidas:Street xmlns:eidas=\"urn:e\">Rua 1</eidas:Street>",
    );
    let plain = assertion(&format!("{mail}{sales}{address}"));
    for said in [plain.clone(), response(&plain)] {
        let page = paste(&mut cleo, &said).await;
        assert!(page.says("zed@example.org"), "{}", page.text());
        assert!(page.says("address"), "{}", page.text());
    }
    let markup = attribute("roles", "<x:role xmlns:x=\"urn:x\">app-sales</x:role>");
    let page = paste(&mut cleo, &assertion(&format!("{mail}{markup}"))).await;
    assert!(page.says("did not send all the data"), "{}", page.text());
    // What cannot be decrypted may be any attribute.
    let closed = assertion(&format!("{mail}{sales}<saml:EncryptedAttribute/>"));
    let page = paste(&mut cleo, &closed).await;
    assert!(page.says("zed@example.org"), "{}", page.text());
    let closed = assertion(&format!("{mail}<saml:EncryptedAttribute/>"));
    let page = paste(&mut cleo, &closed).await;
    assert!(page.says("did not send all the data"), "{}", page.text());
    // As browsers send it, and as editors save it.
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &plain);
    let field = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("SAMLResponse", &encoded)
        .finish();
    for said in [encoded, field, format!("\u{feff}{plain}")] {
        let page = paste(&mut cleo, &said).await;
        assert!(page.says("zed@example.org"), "{said}: {}", page.text());
    }
    for said in ["some words = x", "= x"] {
        let page = paste(&mut cleo, said).await;
        assert!(page.says("is no name of an attribute"), "{}", page.text());
    }
    let encrypted =
        "<saml:EncryptedAssertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"/>";
    for (said, words) in [
        (response(encrypted), "the assertion is encrypted"),
        ("<html>".to_owned(), "not XML"),
        (
            "<x/>".to_owned(),
            "neither a saml:Assertion nor a samlp:Response",
        ),
        (
            format!("<!DOCTYPE x [<!ENTITY e \"e\">]>{}", assertion(&mail)),
            "a DTD",
        ),
    ] {
        let page = paste(&mut cleo, &said).await;
        assert!(page.says(words), "{words}: {}", page.text());
    }
}

/// No form of the admin's is answered by a page that a browser would send again.
#[tokio::test]
async fn what_an_admin_sends_is_answered_by_a_page_that_can_be_reloaded() {
    let usher = usher().await;
    let mut cleo = cleo(&usher).await;
    let here = "/admin/providers/company";
    for (form, body, words) in [
        ("check", "", "127.0.0.1:1"),
        ("refresh", "", "have been refreshed"),
        (
            "preview",
            "said=email+%3D+zed%40example.org",
            "zed@example.org",
        ),
        ("metadata", "metadata=%3Cx%2F%3E", "takes no metadata"),
    ] {
        let page = cleo.post(&format!("{here}/{form}"), OURS, body).await;
        assert_eq!(page.trail.len(), 2, "{form}: {:?}", page.trail);
        assert!(page.says(words), "{form}: {}", page.text());
        let again = cleo.get(here).await;
        let told_again = form != "check" && again.says(words);
        assert!(!told_again, "{form}: {}", again.text());
    }
    assert!(
        usher
            .column("select id from browser_states")
            .await
            .is_empty()
    );
}

/// What the answer to a form says is for the user who sent it, in the browser they sent it from.
#[tokio::test]
async fn an_answer_is_not_shown_to_the_next_user_of_the_browser() {
    let usher = usher().await;
    let mut cleo = cleo(&usher).await;
    cleo.stays = true;
    let body = "said=email+%3D+zed%40example.org";
    let answer = cleo
        .peek_post("/admin/providers/company/preview", OURS, body)
        .await;
    assert_eq!(answer.status, 303);
    let state = cleo.cookie("usher.test", "__Host-usher-flash");
    let state = state.expect("a cookie").to_owned();
    let rows = usher.column("select id from browser_states").await;
    assert_eq!(rows.len(), 1);
    assert!(!rows[0].contains(&state), "the database has a hash of it");
    let mut ana = Browser::of(&usher, "ana").await;
    make_admin(&usher, "ana").await;
    ana.set_cookie("usher.test", "__Host-usher-flash", &state);
    let page = ana.get("/admin/providers/company").await;
    assert!(!page.says("zed@example.org"), "{}", page.text());
    cleo.stays = false;
    let page = cleo.get("/admin/providers/company").await;
    assert!(page.says("zed@example.org"), "{}", page.text());
}

/// THREATS: stored script in what an identity provider says.
#[tokio::test]
async fn what_is_pasted_is_shown_as_text() {
    let usher = usher().await;
    let mut cleo = cleo(&usher).await;
    let said = r#"{"email":"<script>alert(1)</script>","roles":["<img src=x onerror=y>"]}"#;
    let page = paste(&mut cleo, said).await;
    assert!(!page.body.contains("<script>alert") && !page.body.contains("<img src=x"));
}

#[tokio::test]
async fn the_routing_test_shows_the_provider_and_the_reason() {
    let usher = usher().await;
    let mut cleo = cleo(&usher).await;
    for (query, words) in [
        (
            "who=ana%40company.example",
            "responsible for email addresses of company.example",
        ),
        (
            "address=198.51.100.7",
            "responsible for the network 198.51.100.0/24",
        ),
        ("who=ana", "Sign in with your Usher account: the default"),
        ("who=ana&address=nonsense", ": the default"),
    ] {
        let page = cleo.get(&format!("/admin/providers?{query}")).await;
        assert!(page.says(words), "{query}: {}", page.text());
    }
}

#[tokio::test]

async fn the_trail_is_read_a_page_at_a_time_by_what_and_whom() {
    let usher = usher().await;
    let mut cleo = cleo(&usher).await;
    Browser::of(&usher, "ana").await;
    for _ in 0..60 {
        let page = cleo.get("/admin/providers/local").await;
        cleo.send(&page, "/admin/providers/local/check").await;
    }
    let rows = |page: &Page| page.body.matches("<tr role=\"row\">\n<td").count();
    let mut page = cleo.get("/admin/events?kind=provider").await;
    assert_eq!(rows(&page), 50, "{}", page.text());
    assert!(page.says("provider.checked") && page.says("Result: the connection works"));
    let older = regex::Regex::new("href=\"(/admin/events[^\"]*before[^\"]*)\"").expect("a pattern");
    let next = older.captures(&page.body).expect("an older page")[1].replace("&#38;", "&");
    page = cleo.get(&next.replace("&amp;", "&")).await;
    assert_eq!(rows(&page), 10, "{}", page.text());
    assert!(page.says("Newest") && !page.says("Older"));
    for (query, many) in [
        ("kind=sign_in&person=ana", 1),
        ("kind=sign_in.succeeded", 2),
        ("person=nobody", 0),
        ("person=%27%20or%201%3D1", 0),
        ("kind=%25", 0),
        ("kind=provider&before=x~y~z", 50),
    ] {
        let page = cleo.get(&format!("/admin/events?{query}")).await;
        assert_eq!(rows(&page), many, "{query}: {}", page.text());
    }
}

#[tokio::test]
async fn services_are_listed_by_strength_the_weakest_first_and_say_what_is_wrong() {
    let mut draft = Draft::sample().plus(support::gate::SEED);
    let usher = TestServer::with(&draft).await;
    let mut cleo = cleo(&usher).await;
    let page = cleo.get("/admin/services").await;
    let text = page.text();
    let at = |words: &str| {
        text.find(words)
            .unwrap_or_else(|| panic!("{words}: {text}"))
    };
    assert!(at("Strength: low") < at("Strength: high"));
    assert!(at("Strength: high") < at("Strength: very high"));
    assert!(page.says("It should verify the signed header."));
    assert!(!page.says("missing or disabled"));
    draft.client("crm-eu").disabled = true;
    usher.seed(&draft).await;
    let page = cleo.get("/admin/services").await;
    assert!(
        page.says("its client \"crm-eu\" is missing or disabled"),
        "{}",
        page.text()
    );
    cleo.headers.push(("accept-language", "de".to_owned()));
    assert!(
        cleo.get("/admin/services")
            .await
            .says("Sicherheit: sehr hoch")
    );
    let mut ana = Browser::of(&usher, "ana").await;
    assert_eq!(ana.get("/admin/services").await.status, 404);
}
