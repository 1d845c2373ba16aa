//! Home realm discovery: the right provider by domain, network, memory or link; and the answer does
//! not reveal who has an account.

use std::{net::SocketAddr, time::Duration};

use support::{
    browser::{Browser, Page},
    draft::Draft,
    server::TestServer,
};

const RECORD: &str = "/go/crm/customer/C-1042";
const OURS: Option<&str> = Some("https://usher.test");
const COOKIE: &str = "__Host-usher-provider";
const WHO: &str = "Sign in";
const LOCAL: &str = "Sign in with your Usher account";
const UNI: &str = "Sign in with your university";
const LAB: &str = "Sign in at the lab";

/// Three providers that can be distinguished; the lab's is not listed.
async fn usher() -> TestServer {
    TestServer::with(&realms()).await
}

fn realms() -> Draft {
    let mut draft = without_default();
    let uni = draft.add_provider("uni", "local", UNI);
    uni.domains = vec!["uni.example".into(), "*.uni.example".into()];
    let lab = draft.add_provider("lab", "local", LAB);
    lab.domains = vec!["lab.example".into()];
    lab.networks = vec!["198.51.100.0/24".into()];
    lab.hidden = true;
    let old = draft.add_provider("old", "local", "Sign in as before");
    old.domains = vec!["old.example".into()];
    old.disabled = true;
    draft
}

/// The tests' catalogue, in which no provider is the default.
fn without_default() -> Draft {
    Draft::changed(|draft| draft.provider("local").default = false)
}

async fn who(browser: &mut Browser<'_>, page: &Page, typed: &str) -> Page {
    browser
        .fill(page, &[("Username or email address", typed)])
        .await
}

fn heading(page: &Page) -> String {
    let found = regex::Regex::new("<h1>([^<]*)</h1>").expect("a pattern");
    found.captures(&page.body).expect("a heading")[1].to_owned()
}

#[tokio::test]
async fn one_field_leads_to_the_provider_of_the_domain_with_the_name_filled_in() {
    let usher = usher().await;
    let mut ana = Browser::new(&usher);
    let page = ana.get(RECORD).await;
    assert_eq!(heading(&page), WHO);
    assert!(page.says(LOCAL) && page.says(UNI), "the ways there are");
    assert!(
        !page.says(LAB) && !page.says("as before"),
        "{}",
        page.text()
    );
    for (typed, provider) in [
        ("ana@uni.example", UNI),
        ("ANA@Law.Uni.Example", UNI),
        ("ana@lab.example", LAB),
    ] {
        let form = who(&mut ana, &page, typed).await;
        assert_eq!(heading(&form), provider, "{typed}");
        assert!(form.body.contains(&format!("value=\"{typed}\"")), "{typed}");
    }
    let form = who(&mut ana, &page, "ana@uni.example").await;
    let landed = ana.sign_in(&form, "ana").await;
    assert_eq!(landed.shown("path").as_deref(), Some("/customers/C-1042"));
    let who = ana.session().await.expect("signed in");
    assert_eq!(who.session.provider, "uni");
}

#[tokio::test]
async fn what_says_nothing_is_asked_again_with_the_ways_there_are() {
    let usher = usher().await;
    let mut ana = Browser::new(&usher);
    let page = ana.get(RECORD).await;
    for typed in [
        "ana",
        "ana@nowhere.example",
        "ana@uni.example.evil.example",
        "ana@old.example",
        "@uni.example",
    ] {
        let again = who(&mut ana, &page, typed).await;
        assert_eq!(
            (again.status, heading(&again).as_str()),
            (422, WHO),
            "{typed}"
        );
        assert!(
            again.says("No sign-in method was found for this entry"),
            "{typed}"
        );
        assert!(again.says(UNI) && again.body.contains(typed), "{typed}");
    }
    let path = format!("{}/who", page.url.path());
    for body in [
        "who=",
        "who=%20",
        "who=a%00b",
        &format!("who={}", "x".repeat(300)),
    ] {
        let again = ana.post(&path, OURS, body).await;
        assert_eq!(
            (again.status, heading(&again).as_str()),
            (422, WHO),
            "{body:.9}"
        );
    }
    assert_eq!(ana.post(&path, OURS, "").await.status, 400);
    let chosen = ana.get(&format!("{}?provider=uni", page.url.path())).await;
    assert_eq!(heading(&chosen), UNI);
}

/// THREATS: user enumeration.
#[tokio::test]
async fn the_answer_does_not_depend_on_whether_there_is_an_account() {
    let usher = usher().await;
    let mut browser = Browser::new(&usher);
    let page = browser.get(RECORD).await;
    for domain in ["@uni.example", "@nowhere.example", ""] {
        let mut answers = Vec::new();
        for name in ["ana", "zed"] {
            let typed = format!("{name}{domain}");
            let answer = who(&mut browser, &page, &typed).await;
            let body = answer.body.replace(&format!("value=\"{typed}\""), "");
            answers.push((answer.status, body));
        }
        assert_eq!(answers[0], answers[1], "{domain}");
    }
}

#[tokio::test]
async fn a_lone_form_takes_every_name_that_says_nothing() {
    let mut draft = without_default();
    let uni = draft.add_provider("uni", "local", UNI);
    uni.domains = vec!["uni.example".into()];
    uni.hidden = true;
    let usher = TestServer::with(&draft).await;
    let mut ana = Browser::new(&usher);
    let page = ana.get(RECORD).await;
    assert_eq!(heading(&page), WHO);
    assert_eq!(heading(&who(&mut ana, &page, "ana").await), LOCAL);
    assert_eq!(heading(&who(&mut ana, &page, "ana@uni.example").await), UNI);
}

#[tokio::test]
async fn the_provider_is_remembered_until_the_user_chooses_not_you() {
    let usher = usher().await;
    let mut ana = Browser::new(&usher);
    let page = ana.get("/sign-in").await;
    let form = who(&mut ana, &page, "ana@uni.example").await;
    ana.sign_in(&form, "ana").await;
    let line = ana.given.iter().find(|line| line.starts_with(COOKIE));
    let line = line.expect("remembered");
    assert_eq!(
        line,
        &format!("{COOKIE}=uni; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=31536000")
    );
    ana.post("/sign-out", OURS, "").await;
    let form = ana.get(RECORD).await;
    assert_eq!(heading(&form), UNI);
    assert!(
        !form.body.contains("value=\"ana"),
        "who it was is not remembered"
    );
    let page = ana.get(&format!("{}/who", form.url.path())).await;
    assert_eq!(heading(&page), WHO);
    assert_eq!(ana.cookie("usher.test", COOKIE), None);
    assert_eq!(heading(&ana.get("/sign-in").await), WHO);
}

#[tokio::test]
async fn a_remembered_provider_that_is_not_there_is_forgotten() {
    let usher = usher().await;
    for value in ["gone", "old", "../x", "%00", "", "https://evil.example"] {
        let mut browser = Browser::new(&usher);
        browser.set_cookie("usher.test", COOKIE, value);
        let page = browser.get(RECORD).await;
        assert_eq!(
            (page.status, heading(&page).as_str()),
            (200, WHO),
            "{value}"
        );
    }
}

#[tokio::test]
async fn a_link_names_the_provider_and_the_application_does_not_receive_it() {
    let usher = usher().await;
    for link in [
        "/sign-in?provider=lab",
        "/go/crm?provider=lab",
        "/go/crm/customer/C-1042?provider=lab",
    ] {
        let page = Browser::new(&usher).get(link).await;
        assert_eq!(heading(&page), LAB, "{link}");
    }
    let mut ana = Browser::new(&usher);
    let form = ana
        .get("/go/crm/customer/C-1042?provider=lab&tab=notes")
        .await;
    let landed = ana.sign_in(&form, "ana").await;
    assert!(landed.url.as_str().ends_with("/customers/C-1042?tab=notes"));
    let again = ana.get("/go/crm/customer/C-1042?provider=uni").await;
    assert_eq!(again.shown("path").as_deref(), Some("/customers/C-1042"));
    for unknown in ["gone", "old", "%2F%2Fevil.example", "LAB"] {
        let link = format!("{RECORD}?provider={unknown}");
        let page = Browser::new(&usher).get(&link).await;
        assert_eq!(heading(&page), WHO, "{unknown}");
    }
}

#[tokio::test]
async fn a_network_leads_to_its_provider() {
    let usher = usher().await;
    let mut ana = Browser::new(&usher);
    ana.address = Some(SocketAddr::from(([198, 51, 100, 9], 4711)));
    let form = ana.get(RECORD).await;
    assert_eq!(heading(&form), LAB);
    let page = ana.get(&format!("{}/who", form.url.path())).await;
    assert_eq!(heading(&who(&mut ana, &page, "ana@uni.example").await), UNI);
    assert_eq!(heading(&who(&mut ana, &page, "ana").await), LAB);
}

#[tokio::test]
async fn the_default_is_shown_first_with_a_way_to_the_others() {
    let mut draft = realms();
    draft.provider("local").default = true;
    let usher = TestServer::with(&draft).await;
    let mut ana = Browser::new(&usher);
    let form = ana.get(RECORD).await;
    assert_eq!(heading(&form), LOCAL);
    assert!(form.says(UNI) && !form.says(LAB), "{}", form.text());
    assert!(form.says("Choose another way to sign in"));
    let page = ana.get(&format!("{}/who", form.url.path())).await;
    assert_eq!(heading(&who(&mut ana, &page, "ana@lab.example").await), LAB);
}

#[tokio::test]
async fn without_any_routing_all_is_as_it_was() {
    let mut draft = without_default();
    draft.add_provider("uni", "local", UNI);
    let usher = TestServer::with(&draft).await;
    let mut ana = Browser::new(&usher);
    let form = ana.get(RECORD).await;
    assert_eq!(heading(&form), LOCAL);
    assert!(
        form.says(UNI) && !form.says("Choose another way to sign in"),
        "{}",
        form.text()
    );
    ana.sign_in(&form, "ana").await;
    assert!(ana.given.iter().all(|line| !line.starts_with(COOKIE)));
}

/// THREATS: login CSRF.
#[tokio::test]
async fn an_attempt_cannot_be_continued_in_another_browser() {
    let usher = usher().await;
    let page = Browser::new(&usher).get(RECORD).await;
    let path = format!("{}/who", page.url.path());
    let mut other = Browser::new(&usher);
    assert_eq!(other.get(&path).await.status, 400, "it has no cookie yet");
    let asked = other.post(&path, OURS, "who=ana@uni.example").await;
    assert_eq!(asked.status, 200, "asked anew: {}", asked.text());
    assert!(!asked.url.path().starts_with(page.url.path()));
    let mut ana = Browser::new(&usher);
    let form = ana.get("/sign-in?provider=local").await;
    ana.sign_in(&form, "ana").await;
    let used = format!("{}/who", form.url.path());
    for page in [
        ana.get(&used).await,
        ana.post(&used, OURS, "who=a@uni.example").await,
    ] {
        assert!(page.says("already"), "{}", page.text());
    }
}

#[tokio::test]
async fn a_user_confirms_where_they_signed_in() {
    let rule = "[[assurance]]\ntitle = \"fresh\"\nservice = \"crm\"\nmax_age_minutes = 15";
    let mut draft = without_default().plus(rule);
    let uni = draft.add_provider("uni", "local", UNI);
    uni.domains = vec!["uni.example".into()];
    let usher = TestServer::with(&draft).await;
    let mut ana = Browser::new(&usher);
    let form = ana.get("/sign-in?provider=uni").await;
    ana.sign_in(&form, "ana").await;
    usher.advance(Duration::from_secs(16 * 60));
    let page = ana.get(RECORD).await;
    assert!(
        page.says("Confirm your identity to open"),
        "{}",
        page.text()
    );
    assert!(page.body.contains("name=\"provider\" value=\"uni\""));
    assert!(
        !page.says("Choose another way to sign in"),
        "it is about the signed-in user"
    );
    let page = ana.sign_in(&page, "ana").await;
    assert_eq!(page.shown("path").as_deref(), Some("/customers/C-1042"));
}

/// The name may be one of the provider whose settings cannot be opened: the password for it goes to
/// no other provider.
#[tokio::test]
async fn a_name_that_matches_no_rule_goes_to_no_provider_while_another_is_broken() {
    let usher = usher().await;
    let mut ana = Browser::new(&usher);
    let page = ana.get(RECORD).await;
    for sql in [
        "update identity_providers set sealed_settings = '' where slug = 'uni'",
        "update facts set value = value + 1 where name = 'catalog_version'",
    ] {
        sqlx::query(sql)
            .execute(&mut usher.connection().await)
            .await
            .expect("written");
    }
    assert!(usher.app.catalog.refresh().await.expect("a newer one"));
    let again = who(&mut ana, &page, "ana").await;
    assert_eq!((again.status, heading(&again).as_str()), (422, WHO));
    assert!(
        !again.body.contains("type=\"password\""),
        "{}",
        again.text()
    );
}
