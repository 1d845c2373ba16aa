//! Recovery, mail and the first admin, by the pages and the mails a user sees.

mod admin;
mod ask;
mod factor;
mod journey;
mod kind;
mod mail;
mod mail_server;
mod order;
mod own;
mod welcome;

use usher::queue;

use support::{
    browser::{Browser, Page},
    draft::Draft,
    mail::{MailSink, link_in},
    server::TestServer,
};

/// A portal and the mail server it sends by.
pub struct Desk {
    pub usher: TestServer,
    pub sink: MailSink,
}

/// A password that no account has yet.
pub const NEW: &str = "seven green bottles on a wall";
const PORTAL: &str = "https://usher.test";

impl Desk {
    pub async fn open() -> Self {
        let sink = MailSink::start();
        let usher = Self::usher(&sink).await;
        usher.seed(&Draft::sample()).await;
        Self { usher, sink }
    }

    /// From now on every user needs a second factor at sign-in.
    pub async fn demand(&self) {
        self.usher
            .change(|draft| draft.add_assurance("Everybody").second_factor = true)
            .await;
    }

    /// A portal without a catalogue that sends its mails there.
    pub async fn usher(sink: &MailSink) -> TestServer {
        let url = format!("smtp://127.0.0.1:{}", sink.port());
        let from = "Usher <usher@usher.test>";
        TestServer::configured(&[("USHER_MAIL__URL", &url), ("USHER_MAIL__FROM", from)]).await
    }

    /// Sends what is due; the mails so far.
    pub async fn post(&self) -> Vec<String> {
        queue::run_due(&self.usher.app, "mail")
            .await
            .expect("it is sent");
        self.sink.mails()
    }

    /// The path of a new link to reset this user's password, out of their mail.
    pub async fn link(&self, typed: &str) -> String {
        let mut browser = Browser::new(&self.usher);
        let page = ask(&mut browser, typed).await;
        assert!(page.says("Check your email"), "{}", page.text());
        let mails = self.post().await;
        let linked = mails.iter().rev().find(|mail| mail.contains("/ul_"));
        link_in(linked.expect("a reset link"))
    }
}

/// Submits a name on the page for a forgotten password.
pub async fn ask(browser: &mut Browser<'_>, typed: &str) -> Page {
    let page = browser.get("/recover").await;
    browser
        .fill(&page, &[("Username or email address", typed)])
        .await
}

/// Opens a link: the page of the new password.
pub async fn opened(browser: &mut Browser<'_>, link: &str) -> Page {
    let page = browser.get(link).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let page = browser.send(&page, &format!("{link}/opening")).await;
    assert!(page.says("Your new password"), "{}", page.text());
    page
}

/// Sets a password on the page of [`opened`].
pub async fn set(browser: &mut Browser<'_>, page: &Page, password: &str) -> Page {
    browser.fill(page, &[("New password", password)]).await
}

/// Whether a user can sign in with this password.
pub async fn gets_in(usher: &TestServer, name: &str, password: &str) -> bool {
    let mut browser = Browser::new(usher);
    let form = browser.get("/sign-in").await;
    let page = browser
        .fill(&form, &[("Username", name), ("Password", password)])
        .await;
    // The password is right, too, where a second factor comes after it.
    let inside = browser.session().await.is_some() || page.url.path().ends_with("/factor");
    assert!(
        inside || page.status == 422,
        "{}: {}",
        page.status,
        page.text()
    );
    inside
}

/// Whether this is the password of a user who will be asked for a second factor.
pub async fn gets_in_with(usher: &TestServer, name: &str, password: &str) -> bool {
    let mut browser = Browser::new(usher);
    let form = browser.get("/sign-in").await;
    let page = browser
        .fill(&form, &[("Username", name), ("Password", password)])
        .await;
    page.url.path().ends_with("/factor")
}
