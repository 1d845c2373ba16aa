//! Second factors: where one is required, what proves it, and that it cannot be bypassed.

mod app;
mod bypass;
mod enrolled;
mod keep;
mod passkey;
mod recovery;

use std::sync::Arc;

use tokio::task::JoinSet;

use support::{
    browser::Browser,
    draft::Draft,
    factor::{OURS, after_password},
    server::TestServer,
};

const RECORD: &str = "/go/crm/customer/C-1042";
const EDIT: &str = "/go/crm/customer/C-1042?intent=edit";
/// Editing a record in the CRM requires one.
const TO_EDIT: &str = "[[assurance]]\ntitle = \"Editing\"\nservice = \"crm\"\nintent = \"edit\"\n\
                       second_factor = true\nmax_age_minutes = 15\n";

async fn house_with(rules: &str) -> TestServer {
    TestServer::with(&Draft::sample().plus(rules)).await
}

/// The same code on fifty of ana's attempts at once: what each answers.
async fn at_once(usher: &Arc<TestServer>, way: &str, code: &str) -> Vec<u16> {
    let mut forms = Vec::new();
    for _ in 0..50 {
        let mut browser = Browser::new(usher);
        let form = after_password(&mut browser, "/", "ana").await;
        let cookie = browser.cookie("usher.test", BROWSER).expect("a cookie");
        forms.push((form.url.path().to_owned(), cookie.to_owned()));
    }
    let mut tries = JoinSet::new();
    for (path, cookie) in forms {
        let (usher, body) = (usher.clone(), format!("way={way}&code={code}"));
        tries.spawn(async move {
            let mut browser = Browser::new(&usher);
            browser.set_cookie("usher.test", BROWSER, &cookie);
            browser.post(&path, OURS, &body).await.status
        });
    }
    tries.join_all().await
}

const BROWSER: &str = "__Host-usher-browser";

async fn amr(browser: &Browser<'_>) -> String {
    browser.session().await.expect("a session").session.amr
}
