//! The mail server, and the messages that are sent to it (RFC 5321, RFC 5322).

use std::{
    fs,
    time::{Duration, UNIX_EPOCH},
};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{
        Error as SmtpError,
        authentication::Credentials,
        client::{Certificate, CertificateStore, Tls, TlsParameters},
        extension::ClientId,
        response::Category,
    },
};
use tokio::time::timeout;
use url::{Host, Url};

use crate::{
    clock::Time,
    config,
    id::MailId,
    model::{address::is_loopback, mail::Recipient},
};

/// The server, and the sender of its mails.
pub struct Post {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    patience: Duration,
    about: String,
}

/// A message to be composed.
pub struct MailDraft<'a> {
    pub id: &'a MailId,
    pub at: Time,
    pub to: &'a Recipient,
    pub language: &'a str,
    pub subject: String,
    pub body: String,
}

/// Why a mail was not sent. The texts are for the log: a server's own, which may name the
/// recipient, are not included.
#[derive(Debug, PartialEq, Eq)]
pub enum MailFault {
    /// The server does not respond as it should, or asks to try later.
    Later(String),
    /// It does not respond in time: it may be waiting for the recipient's server.
    Late(String),
    /// It permanently refuses this mail.
    Refused(String),
}

/// How the connection to the server is protected.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SmtpSecurity {
    /// TLS from the first byte (RFC 8314 section 3).
    Tls,
    /// STARTTLS is required (RFC 3207): nothing is sent to a server, or an attacker in between,
    /// that does not offer it.
    StartTls,
    /// STARTTLS where it is offered; only for this machine.
    Local,
    Plain,
}

impl Post {
    /// The configured server, if there is one; an error is a sentence for the admin.
    pub fn open(settings: &config::MailConfig, public_url: &str) -> Result<Option<Self>, String> {
        if settings.url.is_empty() {
            return Ok(None);
        }
        let url = Url::parse(&settings.url).map_err(|_| wrong("is not a URL"))?;
        let way = way(&url)?;
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| wrong("names no server"))?;
        let host = host.trim_matches(['[', ']']);
        let port = url
            .port()
            .unwrap_or(if way == SmtpSecurity::Tls { 465 } else { 587 });
        let patience = Duration::from_secs(settings.timeout_seconds.clamp(1, 300));
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(port)
            .timeout(Some(patience))
            .hello_name(hello(public_url))
            .tls(tls(way, host, &settings.ca_file)?);
        if let Some(credentials) = credentials(&url, way, settings)? {
            transport = transport.credentials(credentials);
        }
        let from: Mailbox = settings.from.parse().map_err(|_| {
            "mail.from must be an address like \"Usher <usher@example.org>\"".to_owned()
        })?;
        Ok(Some(Self {
            transport: transport.build(),
            from,
            patience,
            about: format!("{host}:{port}"),
        }))
    }

    pub async fn send(&self, envelope: MailDraft<'_>) -> Result<(), MailFault> {
        let message = self.message(envelope)?;
        let sent = timeout(self.patience, self.transport.send(message)).await;
        match sent {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(trouble(&error)),
            Err(_) => Err(MailFault::Late(TOO_LONG.to_owned())),
        }
    }

    /// Connects to the server, with credentials where there are some, and disconnects.
    pub async fn check(&self) -> Result<String, String> {
        let greeted = timeout(self.patience, self.transport.test_connection()).await;
        match greeted {
            Ok(Ok(true)) => Ok(format!("{} accepts mail", self.about)),
            Ok(Ok(false)) => Err(format!("{} does not answer as it should", self.about)),
            Ok(Err(error)) => match trouble(&error) {
                MailFault::Later(why) | MailFault::Late(why) | MailFault::Refused(why) => {
                    Err(format!("{}: {why}", self.about))
                }
            },
            Err(_) => Err(format!("{} takes too long", self.about)),
        }
    }

    /// One recipient, plain text. Names go through the encoder (RFC 2047) and through [`one_line`]
    /// first: no name adds a header or a recipient. Retries have the same `Message-ID`.
    fn message(&self, envelope: MailDraft<'_>) -> Result<Message, MailFault> {
        let unreadable = |_| MailFault::Refused("the address is none".to_owned());
        let address = envelope.to.mail.parse().map_err(unreadable)?;
        let name = one_line(&envelope.to.name);
        let to = Mailbox::new((!name.is_empty()).then_some(name), address);
        let millis = u64::try_from(envelope.at.millis()).unwrap_or(0);
        let id = format!("<{}@{}>", envelope.id, self.from.email.domain());
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(one_line(&envelope.subject))
            .date(UNIX_EPOCH + Duration::from_millis(millis))
            .message_id(Some(id))
            // RFC 3834: prevents out-of-office replies.
            .raw_header(header("Auto-Submitted", "auto-generated"))
            .raw_header(header("X-Auto-Response-Suppress", "All"))
            .raw_header(header("Content-Language", envelope.language))
            .header(ContentType::TEXT_PLAIN)
            .body(envelope.body)
            .map_err(|error| MailFault::Refused(format!("it cannot be written: {error}")))
    }
}

fn wrong(why: &str) -> String {
    format!("mail.url {why}; it is like smtps://user@mail.example.org")
}

fn way(url: &Url) -> Result<SmtpSecurity, String> {
    if url.password().is_some() {
        return Err("mail.url holds a password: it belongs in mail.password_file".to_owned());
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("must end with the port"));
    }
    match url.scheme() {
        "smtps" => Ok(SmtpSecurity::Tls),
        "smtp" if here(url) => Ok(SmtpSecurity::Local),
        "smtp" => Ok(SmtpSecurity::StartTls),
        "smtp+plain" => Ok(SmtpSecurity::Plain),
        _ => Err(wrong("must begin with smtps:, smtp: or smtp+plain:")),
    }
}

/// Whether the server is this machine. A URL of this scheme keeps its host as it was written.
fn here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name
            .parse::<std::net::IpAddr>()
            .map_or_else(|_| is_loopback(url), |address| address.is_loopback()),
        _ => is_loopback(url),
    }
}

fn tls(way: SmtpSecurity, host: &str, ca_file: &str) -> Result<Tls, String> {
    if way == SmtpSecurity::Plain {
        return Ok(Tls::None);
    }
    let mut parameters = TlsParameters::builder(host.to_owned());
    if !ca_file.is_empty() {
        let pem = fs::read(ca_file).map_err(|error| format!("mail.ca_file {ca_file}: {error}"))?;
        let authority = Certificate::from_pem(&pem)
            .map_err(|_| format!("mail.ca_file {ca_file} holds no certificate in PEM"))?;
        parameters = parameters
            .certificate_store(CertificateStore::None)
            .add_root_certificate(authority);
    }
    let parameters = parameters
        .build()
        .map_err(|error| format!("mail.url: {error}"))?;
    Ok(match way {
        SmtpSecurity::Tls => Tls::Wrapper(parameters),
        SmtpSecurity::StartTls => Tls::Required(parameters),
        SmtpSecurity::Local => Tls::Opportunistic(parameters),
        SmtpSecurity::Plain => Tls::None,
    })
}

/// A password never crosses a network in the clear.
fn credentials(
    url: &Url,
    way: SmtpSecurity,
    settings: &config::MailConfig,
) -> Result<Option<Credentials>, String> {
    if url.username().is_empty() {
        if !settings.password.is_empty() {
            return Err(wrong("names no user for the password"));
        }
        return Ok(None);
    }
    if way == SmtpSecurity::Plain && !here(url) {
        return Err("mail.url: smtp+plain: would show the password to the network".to_owned());
    }
    let user = form_decoded(url.username());
    Ok(Some(Credentials::new(user, settings.password.to_string())))
}

/// A URL's user name without its percent signs.
fn form_decoded(text: &str) -> String {
    let plus = text.replace('+', "%2B");
    url::form_urlencoded::parse(plus.as_bytes())
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}

/// The name we use in EHLO: the portal's host.
fn hello(public_url: &str) -> ClientId {
    match Url::parse(public_url).ok().as_ref().and_then(Url::host) {
        Some(Host::Domain(name)) => ClientId::Domain(name.to_owned()),
        Some(Host::Ipv4(address)) => ClientId::Ipv4(address),
        Some(Host::Ipv6(address)) => ClientId::Ipv6(address),
        None => ClientId::default(),
    }
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), one_line(value))
}

/// Text for a header: without line ends, and of limited length.
fn one_line(text: &str) -> String {
    let plain = text.replace(|c: char| c.is_control(), " ");
    plain.trim().chars().take(200).collect()
}

const TOO_LONG: &str = "the server took too long";

/// The server's code with our own words; never its words.
fn trouble(error: &SmtpError) -> MailFault {
    let Some(code) = error.status() else {
        return match error.is_timeout() {
            true => MailFault::Late(TOO_LONG.to_owned()),
            false => MailFault::Later(unanswered(error)),
        };
    };
    let why = format!("the server answered {code}");
    // 55x is about this mail or its recipient; 53x and 50x are about us, and can be fixed.
    if error.is_permanent() && code.category == Category::MailSystem {
        MailFault::Refused(why)
    } else {
        MailFault::Later(why)
    }
}

fn unanswered(error: &SmtpError) -> String {
    let source = std::error::Error::source(error);
    let detail = source.map_or_else(String::new, |source| format!(": {source}"));
    if error.is_tls() {
        format!("no encrypted connection{detail}")
    } else {
        format!("no connection{detail}")
    }
}
