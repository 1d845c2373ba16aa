//! The catalogue as code: a TOML file that `usher seed` checks whole and loads in one transaction.
//! Entries it wrote before and that the file no longer has are deleted; accounts are only added and
//! updated.

pub mod file;
mod settings;

use std::collections::BTreeMap;

use zeroize::Zeroizing;

pub use self::file::Seed;
use self::file::{
    AccountDocument, Assurance, AttributesDocument, ClientDocument, ContextTypeDocument,
    InstanceDocument, LinkDocument, Provider, RuleDocument, ServiceDocument,
};
use crate::{
    catalog::{Faults, Snapshot, locate},
    chance::Chance,
    clock::{Clock, Time},
    config,
    error::{Error, Result},
    event::Events,
    handoff::{self, secret::SplitSettings},
    id::{lasting_id, sha256},
    keys::{Seal, provider_purpose},
    model::{
        admission,
        assurance::Demand,
        client::{AuthMethod, REGISTERED},
        event::{Actor, EventKind},
        password::{self, PasswordWeakness},
        routing,
        service::{self, ChoicePolicy},
        typed,
    },
    protocol::jose::JwkSet,
    sign_in::SignIns,
    store::{
        AssuranceRow, CatalogRows, ClientRow, InstanceRow, LinkRow, LocalAccount, ProviderRow,
        RuleRow, ServiceRow, Store, TypeRow,
    },
};

/// A client secret is hashed without a slow function, so it must be too long to guess.
const SECRET_CHARS: usize = 32;

/// What seeding depends on.
pub struct Seeding<'a> {
    pub store: &'a Store,
    pub sign_ins: &'a SignIns,
    pub seal: &'a Seal,
    pub clock: &'a Clock,
    pub chance: &'a Chance,
    /// The shortest password of an account, in characters.
    pub shortest_password: usize,
    /// The portal's name, which is refused as a password.
    pub portal: &'a str,
}

impl Seeding<'_> {
    /// Providers that are kept whatever the file says: our own accounts, created without a
    /// catalogue.
    fn unseeded(&self) -> Vec<ProviderRow> {
        let snapshot = self.sign_ins.catalog.snapshot();
        let own = snapshot.providers.iter().filter(|row| !row.is_seeded);
        own.cloned().collect()
    }
}

/// The result of a seed.
#[derive(Debug, PartialEq, Eq)]
pub struct SeedReport {
    pub providers: usize,
    pub accounts: usize,
    pub context_types: usize,
    pub clients: usize,
    pub services: usize,
    /// Sentences on what was loaded but has no effect for any user.
    pub warnings: Vec<String>,
}

impl Seed {
    /// Reads a file's text. A misspelt key is named, with its line and the known ones.
    pub fn parse(text: &str) -> Result<Self> {
        let invalid = |error| Error::Invalid(format!("seed: {}", config::toml_fault(text, &error)));
        toml::from_str(text).map_err(invalid)
    }

    /// Checks everything, then writes everything, or nothing.
    pub async fn apply(mut self, with: &Seeding<'_>) -> Result<SeedReport> {
        let now = with.clock.now();
        let mut report = SeedReport {
            providers: self.provider.len(),
            accounts: self.person.len(),
            context_types: self.context_type.len(),
            clients: self.client.len(),
            services: self.service.len(),
            warnings: Vec::new(),
        };
        let mut faults = Faults::new();
        let mut passwords = Vec::new();
        for person in &mut self.person {
            match person.take_password(with) {
                Ok(password) => passwords.push(password),
                Err(fault) => faults.push(format!("person \"{}\": {fault}", person.login)),
            }
        }
        let rows = self.rows(with, now, &mut faults)?;
        let catalog = &with.sign_ins.catalog;
        let rows_beside = rows.clone().beside(with.unseeded());
        match Snapshot::build(rows_beside, catalog.tools(), Some(&catalog.snapshot())) {
            Ok(snapshot) => {
                report.warnings = unreachable(&snapshot);
                faults.extend(snapshot.plain_addresses());
            }
            Err(more) => faults.extend(more),
        }
        if !faults.is_empty() {
            return Err(Error::Invalid(format!("seed:\n  {}", faults.join("\n  "))));
        }
        let mut accounts = Vec::new();
        for (person, password) in self.person.into_iter().zip(passwords) {
            accounts.push(person.account(password, with, now).await?);
        }
        let mut tx = with.store.begin_long().await?;
        tx.replace_seeded(&rows).await?;
        for account in &accounts {
            tx.follow_local_account(account).await?;
            tx.put_local_account(account, Some("seed"), now).await?;
        }
        let events = Events::new(with.clock.clone(), with.chance.clone());
        tx.record(&events.by(Actor::Command, EventKind::CatalogSeeded))
            .await?;
        tx.commit().await?;
        Ok(report)
    }

    fn rows(&self, with: &Seeding, now: Time, faults: &mut Faults) -> Result<CatalogRows> {
        let mut providers = Vec::new();
        for provider in &self.provider {
            let (slug, kind) = (&provider.slug, &provider.kind);
            let fault = match with
                .sign_ins
                .catalog
                .tools()
                .provider(slug, kind, &provider.settings)
            {
                Ok(part) => part.refused_when_written(),
                Err(fault) => Some(fault),
            };
            faults.extend(fault.map(|fault| format!("provider \"{}\": {fault}", provider.slug)));
            providers.push((!provider.default, provider.row(with, now)?));
        }
        providers.sort_by_key(|(not_default, _)| *not_default);
        let mut clients = Vec::new();
        for client in &self.client {
            match client.row(now) {
                Ok(row) if row.id.starts_with(REGISTERED) => faults.push(format!(
                    "client \"{}\": ids that begin with {REGISTERED} are given to clients that \
                     register themselves",
                    row.id
                )),
                Ok(row) => clients.push(row),
                Err(fault) => faults.push(format!("client \"{}\": {fault}", client.id)),
            }
        }
        let mut services = Vec::new();
        for service in &self.service {
            let instances = service.settle(&self.client, with, now, faults)?;
            services.push(service.row(instances, now));
        }
        Ok(CatalogRows {
            version: 0,
            providers: providers.into_iter().map(|(_, row)| row).collect(),
            types: self
                .context_type
                .iter()
                .map(ContextTypeDocument::row)
                .collect(),
            services,
            clients,
            assurance: self.assurance.iter().map(Assurance::row).collect(),
        })
    }
}

/// A sentence for each service that no user can reach.
fn unreachable(snapshot: &Snapshot) -> Vec<String> {
    let services = snapshot.services.iter();
    let sentence = |service: &service::Service| {
        let why = locate::unreachable(service)?;
        Some(format!("service \"{}\": {why}", service.slug))
    };
    services.filter_map(sentence).collect()
}

impl Provider {
    fn row(&self, with: &Seeding, now: Time) -> Result<ProviderRow> {
        let settings = Zeroizing::new(serde_json::to_vec(&self.settings).unwrap_or_default());
        Ok(ProviderRow {
            slug: self.slug.clone(),
            kind: self.kind.clone(),
            title: self.title.clone(),
            sealed_settings: with.seal.seal(&provider_purpose(&self.slug), &settings)?,
            admission: admission::AdmissionDocument {
                create: self.create,
                allow: self.allow.clone(),
                map: self.map.clone(),
                unmapped: self.unmapped,
                trusted_groups: self.trusted_groups,
                scopes: self.scopes.clone(),
            },
            routing: routing::RoutingDocument {
                domains: self.domains.clone(),
                networks: self.networks.clone(),
                default: self.default,
                hidden: self.hidden,
            },
            disabled_at: self.disabled.then_some(now),
            is_kept: false,
            is_seeded: true,
        })
    }
}

impl Assurance {
    fn row(&self) -> AssuranceRow {
        AssuranceRow {
            title: self.title.clone(),
            service: self.service.clone(),
            intent: self.intent.clone(),
            when: self.when.clone(),
            demand: Demand {
                second_factor: self.second_factor,
                max_age: self.max_age_minutes.map(|minutes| u64::from(minutes) * 60),
            },
        }
    }
}

impl AccountDocument {
    /// The password, which obeys the rules for all passwords.
    fn take_password(&mut self, with: &Seeding<'_>) -> Result<Zeroizing<String>, String> {
        let (file, env) = (self.password_file.as_deref(), self.password_env.as_deref());
        let password = secret(self.password.take(), file, env)?;
        let mails: &[String] = match self.attributes.get("mail") {
            None => &[],
            Some(AttributesDocument::One(mail)) => std::slice::from_ref(mail),
            Some(AttributesDocument::Many(mails)) => mails,
        };
        let names = [&*self.login, &*self.name, with.portal];
        let known_by: Vec<&str> = names
            .into_iter()
            .chain(mails.iter().map(String::as_str))
            .collect();
        match password::check(&password, &known_by, with.shortest_password) {
            Ok(()) => Ok(password),
            Err(_) if password.is_empty() => Err("the password is empty".to_owned()),
            Err(weakness) => Err(weakness_sentence(weakness)),
        }
    }

    async fn account(
        self,
        password: Zeroizing<String>,
        with: &Seeding<'_>,
        now: Time,
    ) -> Result<LocalAccount> {
        let mut attributes: BTreeMap<String, Vec<String>> = self
            .attributes
            .into_iter()
            .map(|(name, facts)| match facts {
                AttributesDocument::One(value) => (name, vec![value]),
                AttributesDocument::Many(values) => (name, values),
            })
            .collect();
        if !self.groups.is_empty() {
            attributes.insert("groups".to_owned(), self.groups);
        }
        Ok(LocalAccount {
            login: typed::login(&self.login),
            subject: lasting_id(now, with.chance),
            name: self.name,
            attributes,
            password_hash: with.sign_ins.passwords.hash(password).await?,
            disabled_at: self.disabled.then_some(now),
        })
    }
}

fn weakness_sentence(weakness: PasswordWeakness) -> String {
    match weakness {
        PasswordWeakness::Short(shortest) => {
            format!("the password must have at least {shortest} characters")
        }
        PasswordWeakness::Long => {
            format!("the password must have at most {} bytes", password::LONGEST)
        }
        PasswordWeakness::Personal => {
            "the password is little else than the name or address of the user, or the name of the \
             portal"
                .to_owned()
        }
        PasswordWeakness::Guessable => {
            "the password is easy to guess: a sequence, a repetition or a common word".to_owned()
        }
    }
}

impl ContextTypeDocument {
    fn row(&self) -> TypeRow {
        let system = self.system.clone();
        TypeRow {
            slug: self.slug.clone(),
            title: self.title.clone(),
            icon: self.icon.clone(),
            pattern: self.pattern.clone(),
            case: self.case,
            hint: self.hint.clone(),
            example: self.example.clone(),
            sensitivity: self.sensitivity,
            system: system.unwrap_or_else(|| format!("urn:usher:context:{}", self.slug)),
            fields: self.field.clone(),
        }
    }
}

impl ClientDocument {
    fn row(&self, now: Time) -> Result<ClientRow, String> {
        self.auth.check_keys(self.jwks.is_some())?;
        let secret_hash = match self.auth {
            AuthMethod::PrivateKeyJwt => None,
            AuthMethod::ClientSecret => Some(self.secret_hash()?),
        };
        Ok(ClientRow {
            id: self.id.clone(),
            title: self.title.clone(),
            secret_hash,
            jwks: self.jwks.clone().map(JwkSet::new),
            redirect_uris: self.redirect_uris.clone(),
            post_logout_redirect_uris: self.post_logout_redirect_uris.clone(),
            initiate_login_uri: self.initiate_login_uri.clone(),
            id_token_alg: self.id_token_alg.clone(),
            registration: self.registration.clone(),
            disabled_at: self.disabled.then_some(now),
        })
    }

    fn secret_hash(&self) -> Result<String, String> {
        let (file, env) = (self.secret_file.as_deref(), self.secret_env.as_deref());
        let secret = secret(self.secret.clone(), file, env)?;
        if secret.chars().count() < SECRET_CHARS {
            return Err(format!(
                "the secret must have at least {SECRET_CHARS} characters"
            ));
        }
        Ok(sha256(&secret))
    }
}

impl ServiceDocument {
    fn row(&self, instances: Vec<InstanceRow>, now: Time) -> ServiceRow {
        let home = self.home.iter().map(|template| LinkRow {
            kind: String::new(),
            intent: String::new(),
            template: template.clone(),
            inner: None,
            audience: None,
        });
        ServiceRow {
            slug: self.slug.clone(),
            title: self.title.clone(),
            description: self.description.clone(),
            icon: self.icon.clone(),
            category: self.category.clone(),
            handoff: self.handoff.clone(),
            audience: self.audience.clone(),
            choice: if self.choice_allowed {
                ChoicePolicy::Allowed
            } else {
                ChoicePolicy::Fixed
            },
            disabled_at: self.disabled.then_some(now),
            instances,
            rules: self.rule.iter().map(RuleDocument::row).collect(),
            links: home
                .chain(self.link.iter().flat_map(LinkDocument::rows))
                .collect(),
        }
    }

    /// Checks that each instance's settings make a hand-off, and that the client they name is in
    /// the file. Secrets in them are encrypted.
    fn settle(
        &self,
        clients: &[ClientDocument],
        with: &Seeding,
        now: Time,
        faults: &mut Faults,
    ) -> Result<Vec<InstanceRow>> {
        let mut rows = Vec::new();
        for instance in &self.instance {
            let place = format!("instance \"{}\"", instance.slug);
            let apart = match settings::apart(&self.handoff, &instance.settings) {
                Ok(apart) => apart,
                Err(fault) => {
                    faults.push(format!("{place}: {fault}"));
                    continue;
                }
            };
            match handoff::open(&self.handoff, &apart.merged()) {
                Err(fault) => faults.push(format!("{place}: {fault}")),
                Ok(method) => {
                    let odd = method
                        .client()
                        .filter(|id| clients.iter().all(|c| c.id != *id));
                    if let Some(id) = odd {
                        faults.push(format!("{place}: there is no client \"{id}\""));
                    }
                }
            }
            let sealed = apart.seal(with.seal, &self.slug, &instance.slug)?;
            rows.push(instance.row(apart, sealed, now));
        }
        Ok(rows)
    }
}

impl InstanceDocument {
    fn row(&self, apart: SplitSettings, sealed_settings: Option<String>, now: Time) -> InstanceRow {
        InstanceRow {
            slug: self.slug.clone(),
            title: self.title.clone(),
            base_url: self.base_url.clone(),
            settings: apart.open,
            sealed_settings,
            disabled_at: self.disabled.then_some(now),
        }
    }
}

impl RuleDocument {
    fn row(&self) -> RuleRow {
        RuleRow {
            title: self.title.clone(),
            when: self.when.clone(),
            instances: self.instances.clone(),
        }
    }
}

impl LinkDocument {
    fn rows(&self) -> impl Iterator<Item = LinkRow> {
        self.intents.iter().map(|(intent, target)| LinkRow {
            kind: self.kind.clone(),
            intent: intent.clone(),
            template: target.template.clone(),
            inner: target.inner.clone(),
            audience: target.audience.clone(),
        })
    }
}

/// Exactly one of the three ways to give a secret.
fn secret(
    plain: Option<Zeroizing<String>>,
    file: Option<&str>,
    variable: Option<&str>,
) -> Result<Zeroizing<String>, String> {
    match (plain, file, variable) {
        (Some(text), None, None) => Ok(text),
        (None, Some(path), None) => config::first_line(path)
            .map(Zeroizing::new)
            .map_err(|error| error.to_string()),
        (None, None, Some(name)) => config::variable(name)
            .map(Zeroizing::new)
            .ok_or_else(|| format!("the environment has no {name}")),
        _ => Err("give the secret in exactly one way: plain, _file or _env".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_key_is_named_with_the_known_ones() {
        let error = Seed::parse("[[service]]\nslug = \"crm\"\ntitel = \"CRM\"\n").unwrap_err();
        let text = error.to_string();
        assert!(text.contains("titel") && text.contains("`title`"), "{text}");
    }
}
