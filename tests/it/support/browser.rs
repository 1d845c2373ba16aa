//! A person's browser without the browser: cookies, redirects, pages that go on by themselves,
//! forms filled in by their labels.

use std::{collections::BTreeMap, net::SocketAddr};

use axum::{
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{Method, Request, header},
};
use regex::Regex;
use url::Url;
use usher::model::session::SignedIn;

use super::{
    house::{House, PASSWORD, PORTAL},
    remote::Remotes,
};

/// The name of the session cookie.
pub const SESSION: &str = "__Host-usher";

/// A browser and the remote applications of the world it is in.
pub struct Browser<'a> {
    house: &'a House,
    pub remotes: Remotes,
    cookies: BTreeMap<String, BTreeMap<String, String>>,
    pub headers: Vec<(&'static str, String)>,
    /// Every cookie it was ever given, as the line said it.
    pub given: Vec<String>,
    /// Its network address, where it is not everybody's.
    pub address: Option<SocketAddr>,
    /// It stops where a page would take it to another site.
    pub stays: bool,
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
struct Going {
    method: Method,
    url: Url,
    body: String,
    origin: Option<String>,
}

impl<'a> Browser<'a> {
    pub fn new(house: &'a House) -> Self {
        Self {
            house,
            remotes: Remotes::new(),
            cookies: BTreeMap::new(),
            headers: Vec::new(),
            given: Vec::new(),
            address: None,
            stays: false,
        }
    }

    /// A browser somebody has signed in with.
    pub async fn of(house: &'a House, name: &str) -> Self {
        let mut browser = Self::new(house);
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
        self.go(Going {
            method: Method::GET,
            url,
            body: String::new(),
            origin: None,
        })
        .await
    }

    /// Asks without following.
    pub async fn peek(&mut self, link: &str) -> Page {
        let url = Url::parse(PORTAL)
            .expect("the portal")
            .join(link)
            .expect("a link");
        let going = Going {
            method: Method::GET,
            url,
            body: String::new(),
            origin: None,
        };
        self.step(&going).await
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
        let form = page.forms().into_iter().find(|form| form.action == action);
        let form = form.unwrap_or_else(|| panic!("no form to {action}:\n{}", page.body));
        self.submit(page, form).await
    }

    pub async fn sign_in(&mut self, page: &Page, name: &str) -> Page {
        self.fill(page, &[("Name", name), ("Password", PASSWORD)])
            .await
    }

    /// Posts as a page of `origin` would.
    pub async fn post(&mut self, link: &str, origin: Option<&str>, body: &str) -> Page {
        let url = Url::parse(PORTAL)
            .expect("the portal")
            .join(link)
            .expect("a link");
        let (method, body) = (Method::POST, body.to_owned());
        self.go(Going {
            method,
            url,
            body,
            origin: origin.map(str::to_owned),
        })
        .await
    }

    /// The session it has, if it lives.
    pub async fn session(&self) -> Option<SignedIn> {
        let cookie = self.cookie("usher.test", SESSION).unwrap_or_default();
        let found = self.house.app.sign_ins.session(cookie).await;
        found.expect("the database answers")
    }

    pub fn cookie(&self, host: &str, name: &str) -> Option<&str> {
        self.cookies.get(host)?.get(name).map(String::as_str)
    }

    pub fn set_cookie(&mut self, host: &str, name: &str, value: &str) {
        let jar = self.cookies.entry(host.to_owned()).or_default();
        jar.insert(name.to_owned(), value.to_owned());
    }

    async fn submit(&mut self, page: &Page, form: Form) -> Page {
        let url = page.url.join(&form.action).expect("an action");
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&form.fields)
            .finish();
        let origin = Some(page.origin_sent_to(&url));
        self.go(Going {
            method: Method::POST,
            url,
            body,
            origin,
        })
        .await
    }

    /// Goes on until a page stands still.
    async fn go(&mut self, mut going: Going) -> Page {
        let mut trail = Vec::new();
        for _ in 0..20 {
            trail.push(going.url.to_string());
            let mut page = self.step(&going).await;
            let Some(next) = page.next() else {
                page.trail = trail;
                return page;
            };
            if self.stays && !next.url.as_str().starts_with(PORTAL) {
                trail.push(next.url.to_string());
                page.trail = trail;
                return page;
            }
            going = next;
        }
        panic!("redirected in circles: {trail:#?}");
    }

    async fn step(&mut self, going: &Going) -> Page {
        let host = going.url.host_str().expect("a host").to_owned();
        let response = if going.url.as_str().starts_with(PORTAL) {
            let request = self.request(going, &host);
            let response = self.house.send(request).await;
            let (parts, body) = response.into_parts();
            let bytes = to_bytes(body, 1 << 20).await.expect("a body");
            (
                parts.status.as_u16(),
                parts.headers,
                String::from_utf8_lossy(&bytes).into_owned(),
            )
        } else {
            let cookie = self
                .cookies
                .get(&host)
                .and_then(|jar| jar.get("app"))
                .cloned();
            self.remotes
                .answer(
                    self.house,
                    &going.url,
                    &going.body,
                    going.origin.as_deref(),
                    cookie,
                )
                .await
        };
        let (status, headers, body) = response;
        self.keep(&host, &headers);
        Page {
            url: going.url.clone(),
            status,
            body,
            headers,
            trail: Vec::new(),
        }
    }

    fn request(&self, going: &Going, host: &str) -> Request<Body> {
        let path = &going.url[url::Position::BeforePath..url::Position::AfterQuery];
        let mut request = Request::builder()
            .method(going.method.clone())
            .uri(path)
            .header(header::ACCEPT, "text/html");
        if !self.headers.iter().any(|(name, _)| *name == "user-agent") {
            request = request.header(header::USER_AGENT, "a test");
        }
        if let Some(jar) = self.cookies.get(host) {
            let line: Vec<String> = jar.iter().map(|(n, v)| format!("{n}={v}")).collect();
            request = request.header(header::COOKIE, line.join("; "));
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

    fn keep(&mut self, host: &str, headers: &axum::http::HeaderMap) {
        for line in headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().expect("a cookie");
            self.given.push(line.to_owned());
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let (name, value) = pair.split_once('=').expect("a pair");
            let jar = self.cookies.entry(host.to_owned()).or_default();
            if attributes.contains("Max-Age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// A form as it stands.
pub struct Form {
    pub action: String,
    pub fields: Vec<(String, String)>,
    html: String,
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern")
}

fn unescape(text: &str) -> String {
    text.replace("&#38;", "&")
        .replace("&amp;", "&")
        .replace("&#34;", "\"")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let found = pattern(&format!("\\s{name}=\"([^\"]*)\""));
    found.captures(tag).map(|found| unescape(&found[1]))
}

/// A box that is not ticked is not sent.
fn is_unticked(tag: &str) -> bool {
    tag.contains("type=\"checkbox\"") && !tag.contains(" checked")
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

    pub fn location(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_else(|| panic!("no redirect but {}: {}", self.status, self.text()))
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

    pub fn forms(&self) -> Vec<Form> {
        pattern("(?s)<form\\b([^>]*)>(.*?)</form>")
            .captures_iter(&self.body)
            .filter(|found| found[1].contains("method=\"post\""))
            .map(|found| Form {
                action: attribute(&found[1], "action").expect("an action"),
                fields: pattern("<input\\b[^>]*>")
                    .find_iter(&found[2])
                    .filter(|tag| !is_unticked(tag.as_str()))
                    .filter_map(|tag| {
                        let name = attribute(tag.as_str(), "name")?;
                        Some((name, attribute(tag.as_str(), "value").unwrap_or_default()))
                    })
                    .collect(),
                html: found[0].to_owned(),
            })
            .collect()
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
        let id = id.unwrap_or_else(|| panic!("nothing is labelled {label}:\n{}", self.text()));
        let tags = pattern("<(?:input|select)\\b[^>]*>");
        let tag = tags
            .find_iter(&self.body)
            .find(|tag| attribute(tag.as_str(), "id").as_deref() == Some(&id))
            .expect("the labelled field");
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

    /// Where a page goes on to by itself.
    fn next(&self) -> Option<Going> {
        let get = |url| Going {
            method: Method::GET,
            url,
            body: String::new(),
            origin: None,
        };
        if (300..400).contains(&self.status) && self.headers.contains_key(header::LOCATION) {
            return Some(get(self.url.join(self.location()).expect("a location")));
        }
        let refresh = pattern("<meta http-equiv=\"refresh\" content=\"0; url=([^\"]*)\"");
        if let Some(found) = refresh.captures(&self.body) {
            return Some(get(Url::parse(&unescape(&found[1])).expect("an address")));
        }
        let form = self
            .forms()
            .into_iter()
            .find(|form| form.html.contains("data-auto-submit"))?;
        self.allowed_to_post(&form.action);
        let url = Url::parse(&form.action).expect("an address");
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&form.fields)
            .finish();
        let origin = Some(self.origin_sent_to(&url));
        Some(Going {
            method: Method::POST,
            url,
            body,
            origin,
        })
    }

    /// The policy of the page lets its form go there.
    fn allowed_to_post(&self, action: &str) {
        let policy = self
            .headers
            .get(header::CONTENT_SECURITY_POLICY)
            .expect("a policy");
        let origin = Url::parse(action)
            .expect("an address")
            .origin()
            .ascii_serialization();
        let allowed = format!("form-action {origin};");
        assert!(
            policy.to_str().expect("text").contains(&allowed),
            "{policy:?}"
        );
    }
}
