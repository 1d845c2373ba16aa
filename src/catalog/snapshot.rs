//! The configuration by admins, checked and ready: an immutable snapshot that a request takes once.

use std::collections::HashMap;

use super::provider_policy::{ProviderPolicies, Word};
use crate::{
    model::{
        address::web_address,
        admission::Admission,
        assurance,
        client::{Client, ClientAuth},
        condition::{self, Condition, ConditionDocument},
        context::{ContextType, FieldType, Sensitivity},
        routing::Candidate,
        service::{Instance, Link, LocatorRule, Service},
        service_provider::ServiceProvider,
        user::{MailStanding, User},
        username::GivenName,
    },
    protocol::{
        jose::Algorithm,
        oauth::CONTEXT_DETAILS,
        uri_template::{Part, UriTemplate},
    },
    store::{
        AssuranceRow, CatalogRows, ClientRow, InstanceRow, LinkRow, ProviderRow, RuleRow,
        ServiceRow, TypeRow,
    },
};

/// The catalogue at one version.
#[derive(Default)]
pub struct Snapshot {
    pub version: i64,
    /// In the admin's order.
    pub services: Vec<Service>,
    pub types: Vec<ContextType>,
    pub providers: Vec<ProviderRow>,
    /// How much assurance is required, of which users, and for what.
    pub assurance: Vec<assurance::AssuranceRule>,
    gates: ProviderPolicies,
    clients: HashMap<String, Client>,
    /// Client id to (service, instance), all that name it: where a client belongs.
    homes: HashMap<String, Vec<(usize, String)>>,
    /// Service providers by entity id, with where they belong, likewise.
    parties: HashMap<String, (usize, String, ServiceProvider)>,
}

/// Everything that is wrong with a catalogue, in sentences that say where.
pub type Faults = Vec<String>;

impl Snapshot {
    /// Checks every row against the others. A catalogue with a fault is refused as a whole.
    pub fn build(rows: CatalogRows) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        unique(
            &mut faults,
            "service",
            rows.services.iter().map(|row| &row.slug),
        );
        unique(
            &mut faults,
            "record type",
            rows.types.iter().map(|row| &row.slug),
        );
        unique(
            &mut faults,
            "client",
            rows.clients.iter().map(|row| &row.id),
        );
        unique(
            &mut faults,
            "provider",
            rows.providers.iter().map(|row| &row.slug),
        );
        let all = rows
            .services
            .iter()
            .flat_map(|row| &row.instances)
            .map(|row| &row.slug);
        unique(&mut faults, "instance", all);
        let types = keep(&mut faults, rows.types, context_type);
        let clients = keep(&mut faults, rows.clients, |row| {
            let place = format!("client \"{}\"", row.id);
            at(place, client(row))
        });
        let services = keep(&mut faults, rows.services, |row| service(row, &types));
        let assurance = keep(&mut faults, rows.assurance, |row| {
            assurance_rule(row, &services)
        });
        let gates = ProviderPolicies::build(&rows.providers, &mut faults);
        strangers(&rows.providers, &services, &assurance, &mut faults);
        let parties = parties(&services, &mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Self {
            version: rows.version,
            homes: homes(&services),
            parties,
            services,
            types,
            providers: rows.providers,
            assurance,
            gates,
            clients: clients
                .into_iter()
                .map(|client| (client.id.clone(), client))
                .collect(),
        })
    }

    pub fn service(&self, slug: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.slug == slug)
    }

    pub fn context_type(&self, slug: &str) -> Option<&ContextType> {
        self.types.iter().find(|kind| kind.slug == slug)
    }

    pub fn client(&self, id: &str) -> Option<&Client> {
        self.clients
            .get(id)
            .filter(|client| client.disabled_at.is_none())
    }

    /// A client, disabled or not.
    pub fn registered(&self, id: &str) -> Option<&Client> {
        self.clients.get(id)
    }

    pub fn clients(&self) -> impl Iterator<Item = &Client> {
        self.clients.values()
    }

    /// Which of a provider's users are admitted, and with which role.
    pub fn admission(&self, provider: &str) -> Option<&Admission> {
        self.gates.admission(provider)
    }

    /// How far a provider's statements are trusted.
    pub fn word(&self, provider: &str) -> Option<&Word> {
        self.gates.word(provider)
    }

    /// The name that a provider gives a user.
    pub fn naming<'a>(&self, provider: &'a str, login: &'a str) -> GivenName<'a> {
        self.gates.naming(provider, login)
    }

    /// What is known of a user's mail address.
    pub fn mail(&self, user: &User) -> MailStanding {
        self.gates.mail(user)
    }

    /// The providers a user could be sent to, in the admin's order.
    pub fn candidates(&self) -> Vec<Candidate<'_>> {
        self.gates.candidates(&self.providers)
    }

    /// The services and instances that a client belongs to, in the admin's order.
    pub fn homes(&self, client: &str) -> Vec<(&Service, &Instance)> {
        let named = self.homes.get(client).into_iter().flatten();
        let found = named.filter_map(|(index, slug)| {
            let service = self.services.get(*index)?;
            Some((service, service.instance(slug)?))
        });
        found.collect()
    }

    /// The service providers, by entity id, with the instance each is; in no order.
    pub fn service_providers(&self) -> impl Iterator<Item = (&str, &Instance)> {
        self.parties
            .iter()
            .filter_map(|(entity, (index, slug, _))| {
                let service = self.services.get(*index)?;
                Some((entity.as_str(), service.instance(slug)?))
            })
    }

    /// Whether any service uses SAML.
    pub fn has_service_providers(&self) -> bool {
        !self.parties.is_empty()
    }

    /// What is wrong with the addresses of service providers, for the author of the catalogue:
    /// users' data would travel in the clear. Rows written before this check existed still load.
    pub fn plain_addresses(&self) -> Faults {
        let all = self.parties.values();
        let faults = all.filter_map(|(_, slug, party)| {
            let fault = party.metadata.plain()?;
            Some(format!("instance \"{slug}\": {fault}"))
        });
        faults.collect()
    }

    /// A service provider by its entity id, with where it belongs.
    pub fn service_provider(
        &self,
        entity: &str,
    ) -> Option<(&Service, &Instance, &ServiceProvider)> {
        let (index, slug, party) = self.parties.get(entity)?;
        let service = self.services.get(*index)?;
        Some((service, service.instance(slug)?, party))
    }
}

/// Conditions that name a source which is no provider: "not" would always hold for them.
fn strangers(
    providers: &[ProviderRow],
    services: &[Service],
    assurance: &[assurance::AssuranceRule],
    faults: &mut Faults,
) {
    let mut unknown = |place: String, condition: Option<&Condition>| {
        let known = |from: &&str| providers.iter().any(|row| row.slug == **from);
        let sources = condition.map(Condition::sources).unwrap_or_default();
        for from in sources.into_iter().filter(|from| !known(from)) {
            faults.push(format!("{place}: there is no provider \"{from}\" (from)"));
        }
    };
    for service in services {
        let place = format!("service \"{}\"", service.slug);
        unknown(format!("{place}, audience"), service.audience.as_ref());
        for rule in &service.rules {
            unknown(
                format!("{place}, rule \"{}\"", rule.title),
                rule.when.as_ref(),
            );
        }
        for link in &service.links {
            let place = format!("{place}, link {}/{}", link.kind, link.intent);
            unknown(place, link.audience.as_ref());
        }
    }
    for rule in assurance {
        unknown(
            format!("assurance rule \"{}\"", rule.title),
            rule.when.as_ref(),
        );
    }
}

/// The service providers among the instances; an entity is one instance.
fn parties(
    services: &[Service],
    faults: &mut Faults,
) -> HashMap<String, (usize, String, ServiceProvider)> {
    let mut parties = HashMap::new();
    for (index, service) in services.iter().enumerate() {
        if !SAML_METHODS.contains(&service.handoff.as_str()) {
            continue;
        }
        for instance in &service.instances {
            // What does not parse is reported by the code that opens the hand-off, in its own
            // words.
            let Ok(party) = ServiceProvider::parse(&instance.settings) else {
                continue;
            };
            let entity = party.entity_id().to_owned();
            let row = (index, instance.slug.clone(), party);
            if parties.insert(entity.clone(), row).is_some() {
                faults.push(format!(
                    "instance \"{}\": the entity {entity} is another instance already",
                    instance.slug
                ));
            }
        }
    }
    parties
}

/// Hand-off methods whose instances are service providers.
const SAML_METHODS: &[&str] = &["saml", "request_init"];

fn homes(services: &[Service]) -> HashMap<String, Vec<(usize, String)>> {
    let mut homes: HashMap<String, Vec<_>> = HashMap::new();
    for (index, service) in services.iter().enumerate() {
        for instance in &service.instances {
            if let Some(client) = instance.client() {
                let named = homes.entry(client.to_owned()).or_default();
                named.push((index, instance.slug.clone()));
            }
        }
    }
    homes
}

pub(super) fn keep<R, T>(
    faults: &mut Faults,
    rows: Vec<R>,
    build: impl Fn(R) -> Result<T, Faults>,
) -> Vec<T> {
    let mut built = Vec::with_capacity(rows.len());
    for row in rows {
        match build(row) {
            Ok(one) => built.push(one),
            Err(more) => faults.extend(more),
        }
    }
    built
}

fn unique<'a>(faults: &mut Faults, what: &str, slugs: impl Iterator<Item = &'a String>) {
    let mut seen = std::collections::BTreeSet::new();
    for slug in slugs {
        if !is_slug(slug) {
            faults.push(format!(
                "{what} \"{slug}\": a name for links is made of a-z, 0-9 and -, at most 64"
            ));
        }
        if !seen.insert(slug) {
            faults.push(format!("{what} \"{slug}\" is defined twice"));
        }
    }
}

/// A name that may stand in a link.
pub fn is_slug(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Prefixes each fault with where it is.
pub(super) fn at<T>(place: String, result: Result<T, String>) -> Result<T, Faults> {
    result.map_err(|fault| vec![format!("{place}: {fault}")])
}

fn optional(place: &str, written: Option<&ConditionDocument>) -> Result<Option<Condition>, Faults> {
    written
        .map(|one| at(place.to_owned(), one.build()))
        .transpose()
}

fn context_type(row: TypeRow) -> Result<ContextType, Faults> {
    let place = format!("record type \"{}\"", row.slug);
    let pattern = at(format!("{place}, pattern"), condition::whole(&row.pattern))?;
    let mut fields = Vec::new();
    for field in row.fields {
        let place = format!("{place}, field \"{}\"", field.name);
        let named = field
            .name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !named || field.name.is_empty() || RESERVED.contains(&field.name.as_str()) {
            let fault = "a field is named with letters, digits and _, and not like a word of ours";
            return Err(vec![format!("{place}: {fault} ({})", RESERVED.join(", "))]);
        }
        fields.push(FieldType {
            pattern: at(
                format!("{place}, pattern"),
                condition::whole(&field.pattern),
            )?,
            name: field.name,
            title: field.title,
            required: field.required,
        });
    }
    Ok(ContextType {
        slug: row.slug,
        title: row.title,
        icon: row.icon,
        pattern,
        case: row.case,
        hint: row.hint,
        example: row.example,
        sensitivity: row.sensitivity,
        system: row.system,
        fields,
    })
}

/// Names a template or a link knows already.
const RESERVED: &[&str] = &["key", "inner", "intent", "type", "provider"];

/// A rule that demands nothing, or is about what does not exist, is a mistake.
fn assurance_rule(
    row: AssuranceRow,
    services: &[Service],
) -> Result<assurance::AssuranceRule, Faults> {
    let place = format!("assurance rule \"{}\"", row.title);
    let service = row
        .service
        .as_ref()
        .map(|slug| services.iter().find(|service| service.slug == *slug));
    let stranger = match (&row.service, service) {
        (Some(slug), Some(None)) => Some(format!("there is no service \"{slug}\"")),
        (None, _) if row.intent.is_some() => {
            Some("an intent goes with the service it is of".to_owned())
        }
        _ => None,
    };
    if let Some(fault) = stranger {
        return Err(vec![format!("{place}: {fault}")]);
    }
    if let (Some(intent), Some(Some(service))) = (&row.intent, service)
        && !service.links.iter().any(|link| link.intent == *intent)
    {
        return Err(vec![format!(
            "{place}: the service has no link with the intent \"{intent}\""
        )]);
    }
    if row.demand.is_nothing() || row.demand.max_age == Some(0) {
        return Err(vec![format!(
            "{place} demands nothing: give second_factor = true, or max_age_minutes of at least 1"
        )]);
    }
    Ok(assurance::AssuranceRule {
        when: optional(&place, row.when.as_ref())?,
        title: row.title,
        service: row.service,
        intent: row.intent,
        demand: row.demand,
    })
}

/// What a client may be, whether it comes from the seed or registered itself.
pub fn client(row: ClientRow) -> Result<Client, String> {
    let auth = match (row.secret_hash, row.jwks) {
        (Some(hash), None) => ClientAuth::Secret { hash },
        (None, Some(keys)) if !keys.keys().is_empty() => ClientAuth::Keys(keys),
        _ => return Err("it needs either a secret or public keys (jwks)".to_owned()),
    };
    let Some(id_token_alg) = Algorithm::parse(&row.id_token_alg) else {
        return Err("id_token_alg is ES256 or RS256".to_owned());
    };
    let addresses = row
        .redirect_uris
        .iter()
        .chain(&row.post_logout_redirect_uris);
    let told = &row.registration;
    for address in addresses
        .chain(&row.initiate_login_uri)
        .chain(&told.backchannel_logout_uri)
        .chain(&told.frontchannel_logout_uri)
        .chain(&told.resources)
    {
        web_address(address)?;
    }
    let keyless = matches!(auth, ClientAuth::Secret { .. });
    if keyless && told.require_signed_request_object {
        let fault = "require_signed_request_object needs public keys: it could sign nothing";
        return Err(fault.to_owned());
    }
    let mut types = told.authorization_details_types.iter();
    if let Some(unknown) = types.find(|one| *one != CONTEXT_DETAILS) {
        return Err(format!(
            "there are no authorization details of the type \"{unknown}\"; the known one is \
             {CONTEXT_DETAILS}"
        ));
    }
    Ok(Client {
        id: row.id,
        title: row.title,
        auth,
        redirect_uris: row.redirect_uris,
        post_logout_redirect_uris: row.post_logout_redirect_uris,
        initiate_login_uri: row.initiate_login_uri,
        id_token_alg,
        registration: row.registration,
        disabled_at: row.disabled_at,
    })
}

fn service(row: ServiceRow, types: &[ContextType]) -> Result<Service, Faults> {
    let place = format!("service \"{}\"", row.slug);
    let mut faults = Faults::new();
    if row.instances.is_empty() {
        faults.push(format!("{place} has no instance"));
    }
    let known: Vec<String> = row
        .instances
        .iter()
        .map(|instance| instance.slug.clone())
        .collect();
    let rules = keep(&mut faults, row.rules, |rule| {
        locator_rule(&place, rule, &known)
    });
    let links = keep(&mut faults, row.links, |link| {
        deep_link(&place, link, types)
    });
    let instances = keep(&mut faults, row.instances, instance);
    let audience = optional(&format!("{place}, audience"), row.audience.as_ref());
    match audience {
        Ok(audience) if faults.is_empty() => Ok(Service {
            slug: row.slug,
            title: row.title,
            description: row.description,
            icon: row.icon,
            category: row.category,
            handoff: row.handoff,
            audience,
            choice: row.choice,
            disabled_at: row.disabled_at,
            instances,
            rules,
            links,
        }),
        Ok(_) => Err(faults),
        Err(more) => Err([faults, more].concat()),
    }
}

fn instance(row: InstanceRow) -> Result<Instance, Faults> {
    at(
        format!("instance \"{}\", base_url", row.slug),
        web_address(&row.base_url),
    )?;
    Ok(Instance {
        slug: row.slug,
        title: row.title,
        base_url: row.base_url,
        settings: row.settings,
        sealed_settings: row.sealed_settings,
        disabled_at: row.disabled_at,
    })
}

fn locator_rule(place: &str, row: RuleRow, known: &[String]) -> Result<LocatorRule, Faults> {
    let place = format!("{place}, rule \"{}\"", row.title);
    if row.instances.is_empty() {
        return Err(vec![format!("{place} names no instance")]);
    }
    if let Some(stranger) = row.instances.iter().find(|slug| !known.contains(slug)) {
        return Err(vec![format!(
            "{place}: there is no instance \"{stranger}\"; the known ones are {}",
            known.join(", ")
        )]);
    }
    let when = optional(&place, row.when.as_ref())?;
    Ok(LocatorRule {
        title: row.title,
        when,
        instances: row.instances,
    })
}

/// A deep link is checked against its type before a user follows it: it parses, its variables are
/// the key and declared fields, and a special key stands in no path or query.
fn deep_link(place: &str, row: LinkRow, types: &[ContextType]) -> Result<Link, Faults> {
    let place = format!("{place}, link {}/{}", row.kind, row.intent);
    let kind = types.iter().find(|kind| kind.slug == row.kind);
    if kind.is_none() && !row.kind.is_empty() {
        return Err(vec![format!(
            "{place}: there is no record type \"{}\"",
            row.kind
        )]);
    }
    if !row.kind.is_empty() && !is_slug(&row.intent) {
        return Err(vec![format!(
            "{place}: an intent is named with a-z, 0-9 and -"
        )]);
    }
    at(place.clone(), is_relative(&row.template))?;
    at(
        place.clone(),
        check_template(&row.template, kind, row.inner.is_some()),
    )?;
    if let Some(inner) = &row.inner {
        at(
            format!("{place}, inner"),
            check_template(inner, kind, false),
        )?;
    }
    let audience = optional(&place, row.audience.as_ref())?;
    Ok(Link {
        kind: row.kind,
        intent: row.intent,
        template: row.template,
        inner: row.inner,
        audience,
    })
}

/// A link is a place inside its instance, whichever that is; an inner one may be an address.
fn is_relative(template: &str) -> Result<(), String> {
    let inside = template.starts_with(['/', '?', '#']) && !template.starts_with("//");
    inside.then_some(()).ok_or_else(|| {
        "a template begins with / (or ? or #): the instance's address comes before it".to_owned()
    })
}

fn check_template(text: &str, kind: Option<&ContextType>, nests: bool) -> Result<(), String> {
    let template = UriTemplate::parse(text).map_err(|error| error.to_string())?;
    for variable in template.variables() {
        let name = variable.name;
        let declared = kind.is_some_and(|kind| {
            name == "key" || kind.fields.iter().any(|field| field.name == name)
        });
        if !(declared || nests && name == "inner") {
            return Err(format!(
                "the template uses \"{name}\", which is no field of the type"
            ));
        }
        let special = kind.is_some_and(|kind| kind.sensitivity == Sensitivity::Special);
        if special && name == "key" && variable.part != Part::Fragment {
            return Err("the key of a special type may stand in the fragment only".to_owned());
        }
    }
    Ok(())
}
