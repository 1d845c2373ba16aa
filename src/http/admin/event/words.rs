//! The lines of the audit trail in the admin's language: what happened, who caused it, and to what.
//! What has no name any more is shown by its slug or id.

use crate::{
    catalog::Snapshot,
    factor::METHODS,
    http::{
        admin::{key::purpose_title, moment},
        logout::application_title,
        view::{self, AdminName},
    },
    issuer::logout_protocols,
    model::event::{
        Actor, DATA, EventKind, PASSWORD_LINKS, RESULTS, TARGETS, Target, WordRow, word_key,
    },
    sign_in::PASSKEY,
    store::TrailLine,
    text::Texts,
};

/// The language, and the objects that have names.
pub(super) struct EventWords<'a> {
    pub texts: &'a Texts,
    pub snapshot: &'a Snapshot,
}

impl EventWords<'_> {
    pub fn line(&self, line: &TrailLine) -> view::AdminEvent {
        let who = line.login.as_ref().or(line.user.as_ref());
        let kind = EventKind::named(&line.kind);
        view::AdminEvent {
            at: moment(line.at),
            words: kind.map_or_else(String::new, |kind| self.say(kind.row().words)),
            kind: line.kind.clone(),
            who: who.cloned().unwrap_or_default(),
            actor: self.actor(line),
            service: self.service(line),
            details: self.details(kind, line),
            address: line.address.clone().unwrap_or_default(),
        }
    }

    fn say(&self, key: &str) -> String {
        self.texts.say(key).to_owned()
    }

    /// Nothing for what a user has done to their own account.
    fn actor(&self, line: &TrailLine) -> AdminName {
        match &line.facts.actor {
            None => AdminName::default(),
            Some(Actor::User(id)) if line.user.as_deref() == Some(id.as_str()) => {
                AdminName::default()
            }
            Some(Actor::User(id)) => named(line.actor_login.as_deref(), id.as_str()),
            Some(Actor::Client(id)) => named(application_title(self.snapshot, id), id),
            Some(Actor::Provider(slug)) => named(self.provider(slug), slug),
            Some(Actor::Command) => worded(self.say("event-actor-command")),
            Some(Actor::Worker) => worded(self.say("event-actor-worker")),
            Some(Actor::Anonymous) => worded(self.say("event-actor-anonymous")),
        }
    }

    fn service(&self, line: &TrailLine) -> AdminName {
        let slug = line.service.as_deref().unwrap_or_default();
        let service = self.snapshot.service(slug);
        named(service.map(|service| service.title.as_str()), slug)
    }

    /// The target and the data; what is in words comes first.
    fn details(&self, kind: Option<EventKind>, line: &TrailLine) -> Vec<view::AdminDetail> {
        let target = line.facts.target.iter().map(|target| view::AdminDetail {
            label: self.label(TARGETS, &target.kind),
            value: self.target(line, target),
        });
        let is_factor = line.facts.target(Target::FACTOR).is_some();
        let data = line.facts.data.iter();
        // The method of the target is its name.
        let data = data.filter(|(name, _)| !is_factor || *name != "factor");
        let data = data.map(|(name, value)| view::AdminDetail {
            label: self.label(DATA, name),
            value: self.value(kind, name, value),
        });
        let mut details: Vec<_> = target.chain(data).collect();
        details.sort_by_key(|detail| detail.value.words.is_empty());
        details
    }

    fn label(&self, table: &[WordRow], name: &str) -> String {
        word_key(table, name).map_or_else(|| name.to_owned(), |key| self.say(key))
    }

    /// The present name of an object, and its id: names are not unique, and clients that registered
    /// themselves choose theirs.
    fn target(&self, line: &TrailLine, target: &Target) -> AdminName {
        let id = target.id.as_str();
        let name = match target.kind.as_str() {
            Target::PROVIDER => self.provider(id),
            Target::CLIENT | Target::APPLICATION | Target::SERVICE_PROVIDER => {
                application_title(self.snapshot, id)
            }
            Target::INSTANCE => self.instance(line.service.as_deref(), id),
            Target::FACTOR => self.method(line.facts.value("factor")),
            _ => None,
        };
        named(name, id)
    }

    /// A value of the data: a word by its text, an id as it is.
    fn value(&self, kind: Option<EventKind>, name: &str, value: &str) -> AdminName {
        let words = match name {
            "reason" => kind.and_then(|kind| word_key(kind.reasons(), value)),
            "result" => word_key(RESULTS, value),
            "link" => word_key(PASSWORD_LINKS, value),
            "protocol" => protocol_key(value),
            "factor" => return worded(self.method(value).unwrap_or(value).to_owned()),
            "purpose" => return worded(purpose_title(self.texts, value)),
            "signs_from" => return worded(value.replace('T', " ").replace('Z', " UTC")),
            "count" | "detail" => return worded(value.to_owned()),
            _ => return named(None, value),
        };
        worded(words.map_or_else(|| value.to_owned(), |key| self.say(key)))
    }

    fn provider(&self, slug: &str) -> Option<&str> {
        if slug == PASSKEY {
            return Some(self.texts.say("passkey"));
        }
        let mut known = self.snapshot.providers.iter();
        let known = known.find(|provider| provider.slug == slug);
        known.map(|provider| provider.title.as_str())
    }

    fn instance(&self, service: Option<&str>, slug: &str) -> Option<&str> {
        let instance = self.snapshot.service(service?)?.instance(slug)?;
        Some(&instance.title)
    }

    /// The name of a method of second factors, as it is stored in events.
    fn method(&self, word: &str) -> Option<&str> {
        let method = METHODS.iter().find(|method| method.logged_as == word);
        method.map(|method| self.texts.say(method.texts.title))
    }
}

/// A name with the id behind it; the id alone if there is no name, or the same one.
fn named(name: Option<&str>, id: &str) -> AdminName {
    AdminName {
        words: name
            .filter(|name| *name != id)
            .unwrap_or_default()
            .to_owned(),
        id: id.to_owned(),
    }
}

fn worded(words: String) -> AdminName {
    AdminName {
        words,
        id: String::new(),
    }
}

fn protocol_key(kind: &str) -> Option<&'static str> {
    let (_, key) = logout_protocols().find(|(known, _)| *known == kind)?;
    Some(key)
}
