//! A user's browser without the browser: cookies and which requests carry them, redirects and
//! whether a page's policy lets its form follow them, pages that go on by themselves, forms filled
//! in by their labels. The portal and the applications of the tests answer in this process; pages
//! on loopback (real identity providers) are fetched.

use std::{collections::BTreeMap, net::SocketAddr};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request, header},
};
use url::Url;
use usher::model::session::SignedIn;

use super::{
    foreign::Foreign,
    form::{Form, Sends, attribute, pattern, unescape},
    jar::Jar,
    remote::Remotes,
    server::{PASSWORD, PORTAL, TestServer},
};

/// The name of the session cookie.
pub const SESSION: &str = "__Host-usher";

/// A browser and the remote applications it can reach.
pub struct Browser<'a> {
    usher: &'a TestServer,
    pub remotes: Remotes,
    foreign: Foreign,
    jar: Jar,
    pub headers: Vec<(&'static str, String)>,
    /// Every cookie it was ever given, as the line said it.
    pub given: Vec<String>,
    /// Its network address, where it is not the default.
    pub address: Option<SocketAddr>,
    /// It stops where a page would take it to another site.
    pub stays: bool,
    /// It stops before it comes back from an identity provider.
    pub stops_before_leaving: bool,
}

/// What it shows.
#[derive(Clone, Debug)]
pub struct Page {
    pub url: Url,
    pub status: u16,
    pub body: String,
    pub headers: axum::http::HeaderMap,
    /// Every address on the way here, this one last.
    pub trail: Vec<String>,
}

/// A request to be made.
pub struct Going {
    pub method: Method,
    pub url: Url,
    pub body: String,
    /// Its `Origin`.
    pub origin: Option<String>,
    /// The page whose form, link or redirect this is; `None` when the user typed the address.
    from: Option<Url>,
    /// The `form-action` of that page, if this is its form: redirects are held against it, too.
    policy: Option<String>,
}

impl Going {
    fn get(url: Url, from: Option<Url>) -> Self {
        Self {
            method: Method::GET,
            url,
            body: String::new(),
            origin: None,
            from,
            policy: None,
        }
    }
}

impl<'a> Browser<'a> {
    pub fn new(usher: &'a TestServer) -> Self {
        Self {
            usher,
            remotes: Remotes::default(),
            foreign: Foreign::new(),
            jar: Jar::default(),
            headers: Vec::new(),
            given: Vec::new(),
            address: None,
            stays: false,
            stops_before_leaving: false,
        }
    }

    /// A browser in which a user has signed in.
    pub async fn of(usher: &'a TestServer, name: &str) -> Self {
        let mut browser = Self::new(usher);
        let page = browser.get("/sign-in").await;
        let page = browser.sign_in(&page, name).await;
        assert_eq!(page.status, 200, "{}", page.body);
        browser
    }

    /// Follows a link: a path of the portal, or an address.
    pub async fn get(&mut self, link: &str) -> Page {
        let url = Url::parse(PORTAL)
            .expect("the portal")
            .join(link)
            .expect("a link");
        self.go(Going::get(url, None)).await
    }

    /// Asks without following.
    pub async fn peek(&mut self, link: &str) -> Page {
        let url = Url::parse(PORTAL)
            .expect("the portal")
            .join(link)
            .expect("a link");
        self.step(&Going::get(url, None)).await
    }

    /// Fills a page's form by labels and sends it.
    pub async fn fill(&mut self, page: &Page, values: &[(&str, &str)]) -> Page {
        let mut form = page.form_with(values);
        for (label, value) in values {
            let name = page.field(label);
            form.fields.retain(|(known, _)| *known != name);
            form.fields.push((name, (*value).to_owned()));
        }
        self.submit(page, form).await
    }

    /// Presses a button that sends a name and a value.
    pub async fn press(&mut self, page: &Page, name: &str, value: &str) -> Page {
        let pattern = format!("name=\"{name}\"");
        let form = page
            .forms()
            .into_iter()
            .find(|form| form.html.contains(&pattern));
        let mut form = form.unwrap_or_else(|| panic!("no button {name}:\n{}", page.body));
        form.fields.push((name.to_owned(), value.to_owned()));
        self.submit(page, form).await
    }

    /// Sends the page's form to this action as it stands.
    pub async fn send(&mut self, page: &Page, action: &str) -> Page {
        let form = page
            .all_forms()
            .into_iter()
            .find(|form| form.action == action);
        let form = form.unwrap_or_else(|| panic!("no form to {action}:\n{}", page.body));
        self.submit(page, form).await
    }

    /// On a sign-in page, chooses the provider of this slug and, where that asks by itself, goes
    /// there.
    pub async fn choose(&mut self, page: &Page, provider: &str) -> Page {
        let path = page.url.path();
        let chosen = self.get(&format!("{path}?provider={provider}")).await;
        let away = format!("{path}/to/{provider}");
        if chosen.all_forms().iter().all(|form| form.action != away) {
            return chosen;
        }
        self.send(&chosen, &away).await
    }

    pub async fn sign_in(&mut self, page: &Page, name: &str) -> Page {
        self.fill(page, &[("Username", name), ("Password", PASSWORD)])
            .await
    }

    /// Posts as a page of `origin` would.
    pub async fn post(&mut self, link: &str, origin: Option<&str>, body: &str) -> Page {
        let url = Url::parse(PORTAL)
            .expect("the portal")
            .join(link)
            .expect("a link");
        let from = origin.and_then(|origin| Url::parse(origin).ok());
        self.go(Going {
            method: Method::POST,
            body: body.to_owned(),
            origin: origin.map(str::to_owned),
            ..Going::get(url, from)
        })
        .await
    }

    /// Posts as a page of `origin` would, without following.
    pub async fn peek_post(&mut self, link: &str, origin: Option<&str>, body: &str) -> Page {
        let url = Url::parse(PORTAL)
            .expect("the portal")
            .join(link)
            .expect("a link");
        let from = origin.and_then(|origin| Url::parse(origin).ok());
        let going = Going {
            method: Method::POST,
            body: body.to_owned(),
            origin: origin.map(str::to_owned),
            ..Going::get(url, from)
        };
        self.step(&going).await
    }

    /// The session it has, if it lives.
    pub async fn session(&self) -> Option<SignedIn> {
        let cookie = self.cookie("usher.test", SESSION).unwrap_or_default();
        let found = self.usher.app.sign_ins.sessions().find(cookie).await;
        found.expect("the database answers")
    }

    pub fn cookie(&self, host: &str, name: &str) -> Option<&str> {
        self.jar.get(host, name)
    }

    /// Takes away all that a host has set.
    pub fn forget(&mut self, host: &str) {
        self.jar.forget(host);
    }

    pub fn set_cookie(&mut self, host: &str, name: &str, value: &str) {
        self.jar.set(host, name, value);
    }

    async fn submit(&mut self, page: &Page, form: Form) -> Page {
        self.go(page.sending(form)).await
    }

    /// Follows redirects until a page is shown.
    async fn go(&mut self, mut going: Going) -> Page {
        let mut trail = Vec::new();
        for _ in 0..20 {
            trail.push(going.url.to_string());
            let mut page = self.step(&going).await;
            let Some(next) = page.next(going) else {
                page.trail = trail;
                return page;
            };
            let door = next
                .url
                .as_str()
                .starts_with(&format!("{PORTAL}/upstream/"));
            let leaves = !next.url.as_str().starts_with(PORTAL);
            if (self.stays && leaves) || (self.stops_before_leaving && door) {
                trail.push(next.url.to_string());
                page.trail = trail;
                return page;
            }
            going = next;
        }
        panic!("redirected in circles: {trail:#?}");
    }

    async fn step(&mut self, going: &Going) -> Page {
        let cookies = self
            .jar
            .sent_with(&going.method, &going.url, going.from.as_ref());
        let (status, headers, body) = if going.url.as_str().starts_with(PORTAL) {
            self.usher.ask(self.request(going, &cookies)).await
        } else if super::gate::is_behind(&going.url) {
            super::gate::answer(self.usher, going, &cookies).await
        } else if going.url.scheme() == "http" {
            self.foreign.answer(going, &cookies).await
        } else {
            let origin = going.origin.as_deref();
            let cookie = cookies.strip_prefix("app=").map(str::to_owned);
            self.remotes
                .answer(self.usher, &going.url, &going.body, origin, cookie)
                .await
        };
        self.given.extend(self.jar.keep(&going.url, &headers));
        Page {
            url: going.url.clone(),
            status,
            body,
            headers,
            trail: Vec::new(),
        }
    }

    fn request(&self, going: &Going, cookies: &str) -> Request<Body> {
        let path = &going.url[url::Position::BeforePath..url::Position::AfterQuery];
        let mut request = Request::builder()
            .method(going.method.clone())
            .uri(path)
            .header(header::ACCEPT, "text/html");
        if !self.headers.iter().any(|(name, _)| *name == "user-agent") {
            request = request.header(header::USER_AGENT, "a test");
        }
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies);
        }
        if let Some(origin) = &going.origin {
            request = request.header(header::ORIGIN, origin);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if going.method == Method::POST {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        if let Some(address) = self.address {
            request = request.extension(ConnectInfo(address));
        }
        request
            .body(Body::from(going.body.clone()))
            .expect("a request")
    }
}

impl Page {
    /// The text without its tags.
    pub fn text(&self) -> String {
        let text = pattern("(?s)<[^>]*>").replace_all(&self.body, " ");
        unescape(&pattern("\\s+").replace_all(&text, " "))
    }

    pub fn says(&self, words: &str) -> bool {
        self.text().contains(words)
    }

    /// Where it goes on to: by a redirect, or by a page that does so itself.
    pub fn location(&self) -> &str {
        let header = self.headers.get(header::LOCATION);
        header
            .and_then(|value| value.to_str().ok())
            .or_else(|| self.refresh())
            .unwrap_or_else(|| panic!("no redirect but {}: {}", self.status, self.text()))
    }

    fn refresh(&self) -> Option<&str> {
        let (_, rest) = self
            .body
            .split_once("http-equiv=\"refresh\" content=\"0; url=")?;
        let (address, _) = rest.split_once('"')?;
        // A test is over before this matters.
        Some(Box::leak(unescape(address).into_boxed_str()))
    }

    /// The query parameters of a redirect.
    pub fn sent(&self) -> BTreeMap<String, String> {
        Url::parse(self.location())
            .expect("a URL")
            .query_pairs()
            .into_owned()
            .collect()
    }

    /// The query parameters of the address it goes on to, for a browser that stays.
    pub fn away(&self) -> BTreeMap<String, String> {
        let last = self.trail.last().expect("an address");
        let url = Url::parse(last).expect("a URL");
        url.query_pairs().into_owned().collect()
    }

    /// The forms that post.
    pub fn forms(&self) -> Vec<Form> {
        let mut forms = self.all_forms();
        forms.retain(|form| form.sends == Sends::Post);
        forms
    }

    /// Where its forms lead.
    pub fn all_actions(&self) -> Vec<String> {
        self.all_forms()
            .into_iter()
            .map(|form| form.action)
            .collect()
    }

    fn all_forms(&self) -> Vec<Form> {
        Form::all(&self.body)
    }

    fn form_with(&self, values: &[(&str, &str)]) -> Form {
        let names: Vec<String> = values.iter().map(|(label, _)| self.field(label)).collect();
        let fits = |form: &Form| {
            names
                .iter()
                .all(|name| form.html.contains(&format!("name=\"{name}\"")))
        };
        let form = self.forms().into_iter().find(fits);
        form.unwrap_or_else(|| panic!("no form with {names:?}:\n{}", self.body))
    }

    /// The name of the field with this label.
    fn field(&self, label: &str) -> String {
        let labels = pattern(&format!(
            "<label for=\"([^\"]*)\">{}</label>",
            regex::escape(label)
        ));
        let id = labels.captures(&self.body).map(|found| found[1].to_owned());
        let tags = pattern("<(?:input|select)\\b[^>]*>");
        let mut tags = tags.find_iter(&self.body);
        let tag = match &id {
            Some(id) => tags.find(|tag| attribute(tag.as_str(), "id").as_ref() == Some(id)),
            // Pages of others do not always label their fields.
            None => tags.find(|tag| attribute(tag.as_str(), "name").as_deref() == Some(label)),
        };
        let tag = tag.unwrap_or_else(|| panic!("nothing is labelled {label}:\n{}", self.text()));
        attribute(tag.as_str(), "name").expect("a name")
    }

    /// The text of the element with this test id.
    pub fn shown(&self, id: &str) -> Option<String> {
        let found = pattern(&format!("data-testid=\"{id}\">([^<]*)<"));
        found.captures(&self.body).map(|found| unescape(&found[1]))
    }

    /// What a form post from here says in `Origin` (Fetch, "append a request Origin header").
    fn origin_sent_to(&self, url: &Url) -> String {
        let policy = self
            .headers
            .get(header::REFERRER_POLICY)
            .map(|value| value.as_bytes());
        let foreign = self.url.origin() != url.origin();
        match policy {
            Some(b"no-referrer") => "null".to_owned(),
            Some(b"same-origin") if foreign => "null".to_owned(),
            _ => self.url.origin().ascii_serialization(),
        }
    }

    /// The request that a form of this page makes.
    fn sending(&self, form: Form) -> Going {
        let url = self.url.join(&form.action).expect("an action");
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&form.fields)
            .finish();
        let policy = self.form_action();
        if let Some(policy) = &policy {
            assert_form_action(policy, &self.url, &url);
        }
        let mut going = Going {
            policy,
            ..Going::get(url, Some(self.url.clone()))
        };
        match form.sends {
            Sends::Get => going.url.set_query(Some(&body)),
            Sends::Post => {
                going.method = Method::POST;
                going.origin = Some(self.origin_sent_to(&going.url));
                going.body = body;
            }
        }
        going
    }

    /// Where a page goes on to by itself.
    fn next(&self, came: Going) -> Option<Going> {
        if (300..400).contains(&self.status) && self.headers.contains_key(header::LOCATION) {
            let url = self.url.join(self.location()).expect("a location");
            // Browsers hold a form's redirects against the policy of the form's page.
            if let (Some(policy), Some(from)) = (&came.policy, &came.from) {
                assert_form_action(policy, from, &url);
            }
            return Some(Going {
                policy: came.policy,
                ..Going::get(url, came.from)
            });
        }
        let refresh = pattern("<meta http-equiv=\"refresh\" content=\"0; url=([^\"]*)\"");
        if let Some(found) = refresh.captures(&self.body) {
            let url = self.url.join(&unescape(&found[1])).expect("an address");
            return Some(Going::get(url, Some(self.url.clone())));
        }
        let foreign = !self.url.as_str().starts_with(PORTAL);
        let form = self
            .all_forms()
            .into_iter()
            .find(|form| form.goes_by_itself(foreign))?;
        Some(self.sending(form))
    }

    /// The `form-action` of the page's policy.
    fn form_action(&self) -> Option<String> {
        let policy = self.headers.get(header::CONTENT_SECURITY_POLICY)?;
        let policy = policy.to_str().expect("text").split(';');
        let mut rules = policy.filter_map(|rule| rule.trim().strip_prefix("form-action "));
        rules.next().map(str::to_owned)
    }
}

fn assert_form_action(policy: &str, page: &Url, url: &Url) {
    let origin = url.origin().ascii_serialization();
    let allowed = policy.split(' ').any(|source| match source {
        "'self'" => page.origin() == url.origin(),
        source => source == origin,
    });
    assert!(
        allowed,
        "browsers do not let a form of {page} lead to {url}: form-action {policy}"
    );
}
