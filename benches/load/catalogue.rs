//! The catalogue under load, as a seed file: 24 services in 6 categories with two instances each,
//! 100 local users, a directory, two upstream providers, and five applications on
//! addresses where nothing listens.

use serde_json::{Value, json};
use support::slapd::Slapd;

use crate::{
    Result,
    upstream::{self, Idp, OpenIdProvider},
};

pub const PASSWORD: &str = "correct horse battery staple";
pub const USERS: usize = 100;
pub const SERVICES: usize = 24;

/// A remote application and its client of the same name.
#[derive(Clone, Copy)]
pub struct Application {
    pub slug: &'static str,
    handoff: &'static str,
    pub algorithm: &'static str,
}

pub const CRM: Application = Application {
    slug: "crm",
    handoff: "oidc",
    algorithm: "ES256",
};
pub const ERP: Application = Application {
    slug: "erp",
    handoff: "oidc",
    algorithm: "RS256",
};
/// A SAML service provider; it takes what it did not ask for.
pub const ARCHIVE: Application = Application {
    slug: "archive",
    handoff: "saml",
    algorithm: "RS256",
};
pub const LIBRARY: Application = Application {
    slug: "library",
    handoff: "cas",
    algorithm: "ES256",
};
pub const DESK: Application = Application {
    slug: "tickets",
    handoff: "code",
    algorithm: "ES256",
};

/// What all clients are registered with.
pub const SECRET: &str = "a secret of a client, long enough to be one";
/// What they may ask tokens for.
pub const RESOURCE: &str = "https://api.bench.example";
/// Where the applications would be.
const ORIGIN: &str = "http://127.0.0.99:9";

impl Application {
    pub fn redirect_uri(&self) -> String {
        format!("{ORIGIN}/{}/callback", self.slug)
    }

    fn client(&self) -> Value {
        json!({
            "id": self.slug,
            "title": self.slug,
            "secret": SECRET,
            "redirect_uris": [self.redirect_uri()],
            "initiate_login_uri": format!("{ORIGIN}/{}/sign-in", self.slug),
            "id_token_alg": self.algorithm,
            "registration": {
                "grant_types": ["refresh_token", "client_credentials"],
                "resources": [RESOURCE],
            },
        })
    }

    fn settings(&self, place: &str) -> Value {
        match self.handoff {
            "saml" => json!({ "metadata": metadata(place), "attributes": { "mail": "mail" } }),
            "cas" => json!({}),
            "code" => json!({ "client": self.slug, "handoff_uri": format!("{ORIGIN}/handoff") }),
            "oidc" => json!({ "client": self.slug }),
            _ => json!({}),
        }
    }
}

/// The entity id of the archive at this place, and its assertion consumer service.
pub fn entity(place: &str) -> (String, String) {
    let base = format!("{ORIGIN}/{}/{place}", ARCHIVE.slug);
    (format!("{base}/saml"), format!("{base}/acs"))
}

fn metadata(place: &str) -> String {
    let (entity, consumer) = entity(place);
    format!(
        "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" \
         entityID=\"{entity}\"><md:SPSSODescriptor \
         protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">\
         <md:AssertionConsumerService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" \
         Location=\"{consumer}\" index=\"0\"/></md:SPSSODescriptor></md:EntityDescriptor>"
    )
}

/// The sign-in name of a local user.
pub fn login(number: usize) -> String {
    format!("p{:03}", number % USERS)
}

/// The sign-in name of a user in the directory.
pub fn directory_login(number: usize) -> String {
    format!("user{:03}", 1 + number % 200)
}

/// The seed file's text.
pub fn text(directory: &Slapd, campus: &OpenIdProvider) -> Result<String> {
    let applications = [CRM, ERP, DESK, ARCHIVE, LIBRARY];
    let plain = (applications.len()..SERVICES).map(|number| {
        let slug = format!("s{number:02}");
        service(number, &slug, "link", |_| json!({}))
    });
    let remote = applications
        .iter()
        .enumerate()
        .map(|(number, one)| service(number, one.slug, one.handoff, |place| one.settings(place)));
    let clients: Vec<Value> = [CRM, ERP, DESK].iter().map(Application::client).collect();
    let seed = json!({
        "provider": [
            { "slug": "local", "kind": "local", "title": "Usher account", "default": true },
            { "slug": "ldap", "kind": "ldap", "title": "Directory", "settings": directory.settings() },
            { "slug": upstream::OIDC, "kind": "oidc", "title": "Campus", "settings": campus.settings() },
            { "slug": upstream::SAML, "kind": "saml", "title": "Clinic", "settings": Idp::settings() },
        ],
        "person": (0..USERS).map(local_account).collect::<Vec<_>>(),
        "context_type": [{
            "slug": "customer",
            "title": "Customer",
            "icon": "people",
            "pattern": "C-[0-9]{4,6}",
            "case": "upper",
            "hint": "C- and four to six digits",
        }],
        "client": clients,
        "service": remote.chain(plain).collect::<Vec<_>>(),
    });
    toml::to_string(&seed).map_err(|error| error.to_string())
}

fn local_account(number: usize) -> Value {
    let login = login(number);
    json!({
        "login": login,
        "name": format!("Person {number}"),
        "password": PASSWORD,
        "groups": ["sales", "staff"],
        "attributes": {
            "region": if number.is_multiple_of(2) { "europe" } else { "americas" },
            "department": "sales",
            "mail": format!("{login}@example.org"),
        },
    })
}

/// Four services to a category; users in the Americas have an instance of their own.
fn service(number: usize, slug: &str, handoff: &str, settings: impl Fn(&str) -> Value) -> Value {
    let instance = |place: &str| {
        json!({
            "slug": format!("{slug}-{place}"),
            "title": format!("Service {number} {place}"),
            "base_url": format!("{ORIGIN}/{slug}/{place}"),
            "settings": settings(place),
        })
    };
    json!({
        "slug": slug,
        "title": format!("Service {number}"),
        "description": "What it is for, in half a line of words",
        "icon": "people",
        "category": format!("Category {}", number / 4 + 1),
        "handoff": handoff,
        "instance": [instance("eu"), instance("us")],
        "rule": [
            {
                "title": "People in the Americas",
                "when": { "attribute": "region", "equals": "americas" },
                "instances": [format!("{slug}-us")],
            },
            { "title": "Everybody else", "instances": [format!("{slug}-eu")] },
        ],
        "link": [{ "type": "customer", "intents": { "view": "/customers/{key}" } }],
    })
}
