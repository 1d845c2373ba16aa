//! A browser, as far as the load generator is one: a connection, two cookies, and the few pages
//! that scenarios ask for. What comes back is checked here.

use std::sync::atomic::{AtomicU16, Ordering::Relaxed};

use crate::{
    Result,
    http::{Answer, Connection},
    process::Portal,
};

/// A user's browser.
pub struct Visitor {
    connection: Connection,
    origin: String,
    browser: String,
    session: String,
    /// Where it is, as the proxy in front says: failures are counted by address, and users who
    /// sign in at the same moment mostly have different ones.
    address: String,
    /// The results of forms, for the next page.
    state: String,
    request: String,
}

/// The result of a sign-in.
#[derive(PartialEq)]
pub enum Welcome {
    In,
    /// Too many wait already; to be tried again.
    Busy,
}

/// The user agent of every browser.
const HABITS: &str = "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101\r\n\
     Accept: text/html,application/xhtml+xml\r\nAccept-Language: en\r\n";

impl Visitor {
    pub async fn new(portal: &Portal) -> Result<Self> {
        Ok(Self {
            connection: Connection::open(portal.port).await?,
            origin: portal.origin(),
            browser: String::new(),
            session: String::new(),
            address: next_address(),
            state: String::new(),
            request: String::new(),
        })
    }

    /// With a session's cookie.
    pub async fn known_by(portal: &Portal, session: String) -> Result<Self> {
        let mut visitor = Self::new(portal).await?;
        visitor.session = session;
        Ok(visitor)
    }

    pub fn session(&self) -> &str {
        &self.session
    }

    pub fn take_session(&mut self, session: String) {
        self.session = session;
    }

    pub async fn get(&mut self, target: &str) -> Result<Answer<'_>> {
        self.begin("GET", target);
        self.request.push_str("\r\n");
        self.connection.ask(&self.request).await
    }

    /// As a browser that can unpack.
    pub async fn get_packed(&mut self, target: &str) -> Result<Answer<'_>> {
        self.begin("GET", target);
        self.request
            .push_str("Accept-Encoding: gzip, deflate\r\n\r\n");
        self.connection.ask(&self.request).await
    }

    /// A form of the portal's own.
    async fn post(&mut self, target: &str, form: &str) -> Result<Answer<'_>> {
        self.begin("POST", target);
        let length = form.len();
        let rest = [
            &format!("Origin: {}\r\nContent-Length: {length}\r\n", self.origin),
            "Content-Type: application/x-www-form-urlencoded\r\n\r\n",
            form,
        ];
        self.request.extend(rest);
        self.connection.ask(&self.request).await
    }

    /// What an application's back end sends to the token endpoint.
    pub async fn token(&mut self, authorization: &str, form: &str) -> Result<Answer<'_>> {
        self.back("/oidc/token", authorization, form).await
    }

    /// With an access token and no cookies.
    pub async fn bearer(&mut self, path: &str, token: &str) -> Result<Answer<'_>> {
        let host = &self.origin["http://".len()..];
        self.request.clear();
        let parts = [
            "GET ",
            path,
            " HTTP/1.1\r\nHost: ",
            host,
            "\r\nAuthorization: Bearer ",
            token,
            "\r\nAccept: application/json\r\n\r\n",
        ];
        self.request.extend(parts);
        self.connection.ask(&self.request).await
    }

    /// A request of a back end without credentials.
    pub async fn ask(&mut self, target: &str) -> Result<Answer<'_>> {
        let host = &self.origin["http://".len()..];
        self.request.clear();
        let line = ["GET ", target, " HTTP/1.1\r\nHost: ", host, "\r\n\r\n"];
        self.request.extend(line);
        self.connection.ask(&self.request).await
    }

    /// What an application's back end sends, on a connection that has no cookies.
    pub async fn back(
        &mut self,
        path: &str,
        authorization: &str,
        form: &str,
    ) -> Result<Answer<'_>> {
        let host = &self.origin["http://".len()..];
        let length = form.len();
        self.request.clear();
        let parts = [
            "POST ",
            path,
            " HTTP/1.1\r\nHost: ",
            host,
            "\r\nAuthorization: Basic ",
            authorization,
            "\r\nAccept: application/json\r\nContent-Type: application/x-www-form-urlencoded\r\n",
            &format!("Content-Length: {length}\r\n\r\n"),
            form,
        ];
        self.request.extend(parts);
        self.connection.ask(&self.request).await
    }

    fn begin(&mut self, method: &str, target: &str) {
        let host = &self.origin["http://".len()..];
        self.request.clear();
        let line = [method, " ", target, " HTTP/1.1\r\nHost: ", host, "\r\n"];
        self.request.extend(line);
        self.request.push_str(HABITS);
        let address = ["X-Forwarded-For: ", &self.address, "\r\n"];
        self.request.extend(address);
        let cookies = [
            "Cookie: usher-browser=",
            &self.browser,
            "; usher=",
            &self.session,
            "; usher-flash=",
            &self.state,
        ];
        self.request.extend(cookies);
        self.request.push_str("\r\n");
    }

    /// A new attempt: the path of its page.
    async fn begin_attempt(&mut self) -> Result<String> {
        self.session.clear();
        let answer = self.get("/sign-in").await?.expect(303, "sign-in")?;
        let page = answer.location()?.to_owned();
        let browser = answer.cookie("usher-browser").map(str::to_owned);
        // A browser that has the cookie is not given it again.
        self.browser = browser.unwrap_or_else(|| self.browser.clone());
        Ok(page)
    }

    /// To a provider with a sign-in page of its own: the address to which the browser is sent, by a
    /// page that continues by itself.
    pub async fn leave_for(&mut self, provider: &str) -> Result<String> {
        let page = self.begin_attempt().await?;
        let answer = self.get(&format!("{page}/to/{provider}")).await?;
        let text = answer.expect(200, "the way to a provider")?.text()?;
        let (_, rest) = text.split_once("content=\"0; url=").unwrap_or_default();
        match rest.split_once('"') {
            Some((url, _)) => Ok(url.replace("&#38;", "&")),
            None => Err("the page that leads to a provider leads nowhere".to_owned()),
        }
    }

    /// Back from an OpenID provider.
    pub async fn call_back(&mut self, provider: &str, query: &str) -> Result<()> {
        let target = format!("/upstream/{provider}/callback?{query}");
        let answer = self.get(&target).await?;
        let session = session_of(&answer.expect(303, "the callback")?)?;
        self.session = session;
        Ok(())
    }

    /// Back from a SAML identity provider: its form, and our page that sends it once more.
    pub async fn bring(&mut self, provider: &str, form: &str) -> Result<()> {
        let passed = self
            .post(&format!("/upstream/{provider}/acs"), form)
            .await?;
        let onward = format!("/upstream/{provider}/response");
        if !passed.expect(200, "the acs")?.text()?.contains(&onward) {
            return Err("the page after the acs does not pass the response on".to_owned());
        }
        let answer = self.post(&onward, form).await?;
        let session = session_of(&answer.expect(303, "the response")?)?;
        self.session = session;
        Ok(())
    }

    /// The whole way of a user: the page, the form, the portal page.
    pub async fn sign_in(&mut self, provider: &str, name: &str, password: &str) -> Result<Welcome> {
        let page = self.begin_attempt().await?;
        let shown = self.get(&format!("{page}?provider={provider}")).await?;
        if !shown.expect(200, "its page")?.text()?.contains(&page) {
            return Err("the sign-in page has no form of the attempt".to_owned());
        }
        self.submit(&page, provider, name, password).await
    }

    async fn submit(
        &mut self,
        page: &str,
        provider: &str,
        name: &str,
        password: &str,
    ) -> Result<Welcome> {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("provider", provider),
                ("name", name),
                ("password", password),
            ])
            .finish();
        let answer = self.post(page, &form).await?.expect(303, "the form")?;
        let state = answer.cookie("usher-flash").unwrap_or_default();
        if !state.is_empty() {
            let (again, state) = (answer.location()?.to_owned(), state.to_owned());
            self.state = state;
            let shown = self.get(&again).await?.expect(503, "the form again")?;
            let is_form = shown.text()?.contains("name=\"password\"");
            self.state.clear();
            return match is_form {
                true => Ok(Welcome::Busy),
                false => Err("busy, and no form to try again".to_owned()),
            };
        }
        let session = session_of(&answer)?;
        self.session = session;
        Ok(Welcome::In)
    }
}

/// Another one for each visitor, of the network for examples (RFC 2544: 198.18.0.0/15).
fn next_address() -> String {
    static COUNT: AtomicU16 = AtomicU16::new(1);
    let [high, low] = COUNT.fetch_add(1, Relaxed).to_be_bytes();
    format!("198.18.{high}.{low}")
}

/// The cookie of a user who has just signed in, with the portal page.
fn session_of(answer: &Answer<'_>) -> Result<String> {
    let session = answer.cookie("usher").unwrap_or_default();
    if answer.location()? != "/" || !session.starts_with("us_") {
        return Err("signed in, without a session or to nowhere".to_owned());
    }
    Ok(session.to_owned())
}
