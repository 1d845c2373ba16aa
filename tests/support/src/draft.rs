//! The catalogue of a test as a value: the product's own types, changed field by field, and written
//! as the TOML that the portal reads.

use serde::de::DeserializeOwned;
use serde_json::Value;
use usher::{
    kind::Settings,
    seed::{
        Seed,
        file::{
            AccountDocument, Assurance, AttributesDocument, ClientDocument, ContextTypeDocument,
            InstanceDocument, LinkDocument, Provider, RuleDocument, ServiceDocument,
            TargetDocument,
        },
    },
};

use super::server::PASSWORD;

/// The text of the sample catalogue, for tests of files.
pub const SAMPLE: &str = include_str!("seed.toml");

/// A change of a draft, for tables of changes.
pub type Change = fn(&mut Draft);

/// A catalogue under construction. Entries are found by slug, login or id; for one that is not
/// there, the panic names those that are.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub seed: Seed,
}

impl Draft {
    /// The users, services and clients of `seed.toml`.
    pub fn sample() -> Self {
        Self::parse(SAMPLE)
    }

    /// The sample with a change.
    pub fn changed(change: impl FnOnce(&mut Self)) -> Self {
        let mut draft = Self::sample();
        change(&mut draft);
        draft
    }

    /// The catalogue of a file's text.
    pub fn parse(text: &str) -> Self {
        let seed = Seed::parse(text).unwrap_or_else(|error| panic!("{error}"));
        Self { seed }
    }

    /// The text of a file with this catalogue.
    pub fn toml(&self) -> String {
        toml::to_string(&self.seed).expect("a seed that can be written")
    }

    /// Adds the entries of another catalogue.
    pub fn add(&mut self, text: &str) {
        let mut more = Self::parse(text).seed;
        self.seed.provider.append(&mut more.provider);
        self.seed.person.append(&mut more.person);
        self.seed.context_type.append(&mut more.context_type);
        self.seed.client.append(&mut more.client);
        self.seed.service.append(&mut more.service);
        self.seed.assurance.append(&mut more.assurance);
    }

    /// The same catalogue with the entries of another one.
    #[must_use]
    pub fn plus(mut self, text: &str) -> Self {
        self.add(text);
        self
    }

    /// A new provider, without settings.
    pub fn add_provider(&mut self, slug: &str, kind: &str, title: &str) -> &mut Provider {
        let provider = entry(&[("slug", slug), ("kind", kind), ("title", title)]);
        let all = &mut self.seed.provider;
        all.push(provider);
        all.last_mut().expect("the new one")
    }

    /// A new local account with the password of all the others.
    pub fn add_person(&mut self, login: &str, name: &str) -> &mut AccountDocument {
        let person = entry(&[("login", login), ("name", name), ("password", PASSWORD)]);
        let all = &mut self.seed.person;
        all.push(person);
        all.last_mut().expect("the new one")
    }

    /// A new assurance rule, which demands nothing yet.
    pub fn add_assurance(&mut self, title: &str) -> &mut Assurance {
        let rule = entry(&[("title", title)]);
        let all = &mut self.seed.assurance;
        all.push(rule);
        all.last_mut().expect("the new one")
    }

    pub fn provider(&mut self, slug: &str) -> &mut Provider {
        find(&mut self.seed.provider, "provider", slug, |one| &one.slug)
    }

    pub fn person(&mut self, login: &str) -> &mut AccountDocument {
        find(&mut self.seed.person, "person", login, |one| &one.login)
    }

    pub fn context_type(&mut self, slug: &str) -> &mut ContextTypeDocument {
        let types = &mut self.seed.context_type;
        find(types, "record type", slug, |one| &one.slug)
    }

    pub fn client(&mut self, id: &str) -> &mut ClientDocument {
        find(&mut self.seed.client, "client", id, |one| &one.id)
    }

    pub fn service(&mut self, slug: &str) -> &mut ServiceDocument {
        find(&mut self.seed.service, "service", slug, |one| &one.slug)
    }

    /// The instance with this slug, of any service.
    pub fn instance(&mut self, slug: &str) -> &mut InstanceDocument {
        let services = self.seed.service.iter_mut();
        let instances = services.flat_map(|service| &mut service.instance);
        find(instances, "instance", slug, |one| &one.slug)
    }

    /// A rule of a service, by its title.
    pub fn rule(&mut self, service: &str, title: &str) -> &mut RuleDocument {
        let rules = &mut self.service(service).rule;
        find(rules, "rule", title, |one| &one.title)
    }

    /// The deep links of a service to records of this type.
    pub fn link(&mut self, service: &str, kind: &str) -> &mut LinkDocument {
        let links = &mut self.service(service).link;
        find(links, "link", kind, |one| &one.kind)
    }

    /// The deep link of a service to records of this type, for an intent.
    pub fn target(&mut self, service: &str, kind: &str, intent: &str) -> &mut TargetDocument {
        let intents = &mut self.link(service, kind).intents;
        let names: Vec<String> = intents.keys().cloned().collect();
        intents.get_mut(intent).unwrap_or_else(|| {
            panic!("the draft has no intent \"{intent}\", only {names:?}");
        })
    }

    /// A setting of an instance.
    pub fn set(&mut self, instance: &str, name: &str, value: impl Into<Value>) {
        let settings = &mut self.instance(instance).settings;
        settings.insert(name.to_owned(), value.into());
    }

    /// An attribute of a local account, with one value.
    pub fn set_attribute(&mut self, login: &str, name: &str, value: &str) {
        let value = AttributesDocument::One(value.to_owned());
        let attributes = &mut self.person(login).attributes;
        attributes.insert(name.to_owned(), value);
    }
}

/// Settings written with `json!`; what is `null` is left out.
pub fn settings(values: Value) -> Settings {
    let mut settings: Settings = serde_json::from_value(values).expect("an object");
    settings.retain(|_, value| !value.is_null());
    settings
}

/// A piece of a catalogue from its TOML: a condition, a rule, a mapping.
pub fn part<T: DeserializeOwned>(text: &str) -> T {
    toml::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// An entry of a catalogue with these fields, and else with the defaults.
fn entry<T: DeserializeOwned>(fields: &[(&str, &str)]) -> T {
    let fields = fields.iter().copied();
    let table: toml::Table = fields
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    table.try_into().expect("all that is needed")
}

fn find<'a, T: 'a>(
    entries: impl IntoIterator<Item = &'a mut T>,
    kind: &str,
    name: &str,
    name_of: fn(&T) -> &str,
) -> &'a mut T {
    let mut entries: Vec<&'a mut T> = entries.into_iter().collect();
    let Some(at) = entries.iter().position(|entry| name_of(entry) == name) else {
        let names: Vec<&str> = entries.iter().map(|entry| name_of(entry)).collect();
        panic!("the draft has no {kind} \"{name}\", only {names:?}");
    };
    entries.swap_remove(at)
}
