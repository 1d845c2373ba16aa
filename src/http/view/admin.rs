//! The admin's pages.

use askama::{Template, filters::HtmlSafe};
use serde::{Deserialize, Serialize};

use super::Frame;

/// A moment, for display and in machine-readable form.
pub struct ShownMoment {
    pub shown: String,
    pub machine: String,
}

/// `GET /admin`.
#[derive(Template)]
#[template(path = "admin/home.html")]
pub struct AdminHome {
    pub frame: Frame,
    /// One line each.
    pub people: [String; 4],
    pub providers: String,
    pub services: String,
    pub clients: String,
    /// What the portal still lacks, in sentences; what is done is not listed.
    pub next: Vec<String>,
}

/// `GET /admin/services`.
#[derive(Template)]
#[template(path = "admin/services.html")]
pub struct AdminServices {
    pub frame: Frame,
    pub services: Vec<AdminService>,
}

pub struct AdminService {
    pub href: String,
    pub title: String,
    pub method: String,
    /// "Strength: very high".
    pub strength: String,
    /// What the strength means, and what would improve it.
    pub advice: String,
    pub tags: Vec<String>,
    /// Why no user can reach it, if that is so.
    pub fault: Option<String>,
    pub instances: Vec<AdminInstance>,
}

pub struct AdminInstance {
    pub title: String,
    pub address: String,
    pub tags: Vec<String>,
    pub fault: Option<String>,
    pub warning: Option<String>,
    /// In words: which other services are the same application.
    pub shared: Option<String>,
}

/// `GET /admin/providers`.
#[derive(Template)]
#[template(path = "admin/providers.html")]
pub struct AdminProviders {
    pub frame: Frame,
    pub providers: Vec<AdminProviderCard>,
    /// The test input: the user for whom the provider is to be found.
    pub who: String,
    pub address: String,
    pub answer: Option<String>,
}

pub struct AdminProviderCard {
    pub href: String,
    pub title: String,
    pub slug: String,
    pub kind: String,
    /// Words like "Default", "Hidden".
    pub tags: Vec<String>,
    /// Domains and networks whose users come here.
    pub leads: Vec<String>,
    pub documents: Vec<AdminDocument>,
    pub fault: Option<String>,
}

pub struct AdminDocument {
    pub name: String,
    pub fetched: ShownMoment,
    pub until: Option<ShownMoment>,
    /// The text where there is no end.
    pub no_end: String,
}

/// `GET /admin/providers/{provider}`, with the results of its forms.
#[derive(Template)]
#[template(path = "admin/provider.html")]
pub struct AdminProvider {
    pub frame: Frame,
    /// `/admin/providers/{provider}`.
    pub action: String,
    pub slug: String,
    pub kind: String,
    pub title: String,
    pub is_disabled: bool,
    /// Why it cannot be opened.
    pub fault: Option<String>,
    pub settings: Vec<AdminSetting>,
    /// As JSON; `None` where nothing is configured.
    pub admission: Option<String>,
    pub routing: Option<String>,
    /// What the other side must know of us: its name there, and the address.
    pub addresses: Vec<(&'static str, String)>,
    pub documents: Vec<AdminDocument>,
    pub imports: bool,
    /// The result of a check, a refresh or an import.
    pub verdict: Option<CheckResult>,
    /// What the metadata below requires less than the metadata before.
    pub weaker: Vec<String>,
    /// The value that confirms the import.
    pub confirm: String,
    /// Metadata that was submitted and refused.
    pub metadata: String,
    /// Text that was pasted for a preview.
    pub said: String,
    pub preview: Option<AdminPreview>,
    pub preview_fault: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub struct CheckResult {
    pub is_good: bool,
    /// In the admin's language.
    pub words: String,
    /// The message of the part itself, in English, as `usher check` prints it; empty if there is
    /// none.
    #[serde(default)]
    pub detail: String,
}

pub struct AdminSetting {
    pub name: &'static str,
    pub about: &'static str,
    pub value: String,
    /// The value itself is shown, not words about it.
    pub is_plain: bool,
}

/// "This assertion gives these attributes."
pub struct AdminPreview {
    pub is_allowed: bool,
    pub verdict: String,
    pub tests: Vec<String>,
    pub rows: Vec<AdminPreviewRow>,
    /// The provider's attributes that were not used.
    pub unused: String,
}

pub struct AdminPreviewRow {
    pub target: String,
    pub values: Vec<String>,
    /// The places that were searched, one per line.
    pub from: Vec<String>,
    /// What was refused and why, one per line.
    pub dropped: Vec<String>,
}

/// `GET /admin/events`.
#[derive(Template)]
#[template(path = "admin/events.html")]
pub struct AdminEvents {
    pub frame: Frame,
    pub lines: Vec<AdminEvent>,
    pub nouns: Vec<AdminNoun>,
    /// What is filtered by.
    pub kind: String,
    pub person: String,
    pub newest: Option<String>,
    pub older: Option<String>,
}

/// What events can be about, as the filter offers it.
pub struct AdminNoun {
    pub name: &'static str,
    pub words: String,
}

/// A line of the trail; texts are empty where there is no value.
pub struct AdminEvent {
    pub at: ShownMoment,
    /// What happened, in words.
    pub words: String,
    /// The stable name of that.
    pub kind: String,
    /// The user whose history it belongs to.
    pub who: String,
    /// The actor.
    pub actor: AdminName,
    pub service: AdminName,
    /// The target, and the data.
    pub details: Vec<AdminDetail>,
    pub address: String,
}

/// What something is called, and the id or slug behind that; each may be empty.
#[derive(Default, Template)]
#[template(path = "part/name.html")]
pub struct AdminName {
    pub words: String,
    pub id: String,
}

/// It is a template itself, which escapes what it holds.
impl HtmlSafe for AdminName {}

/// A detail of an event, with its label.
pub struct AdminDetail {
    pub label: String,
    pub value: AdminName,
}

impl AdminDetail {
    /// It is for support, and matters to few.
    fn is_id(&self) -> bool {
        self.value.words.is_empty()
    }
}

/// `GET /admin/keys`.
#[derive(Template)]
#[template(path = "admin/keys.html")]
pub struct AdminKeys {
    pub frame: Frame,
    pub purposes: Vec<AdminKeyPurpose>,
    /// What the button does, and when the new ones sign.
    pub rotate_lead: String,
    pub verdict: Option<CheckResult>,
    /// A certificate that ends soon.
    pub warning: Option<String>,
    /// The fingerprint of the newest certificate.
    pub newest: String,
    pub parties: Vec<AdminParty>,
}

/// A service provider, and which certificate of ours it has.
pub struct AdminParty {
    pub title: String,
    pub entity: String,
    pub words: String,
    /// The admin may still confirm that it has the newest one.
    pub is_open: bool,
}

pub struct AdminKeyPurpose {
    pub title: String,
    pub keys: Vec<AdminKey>,
}

pub struct AdminKey {
    pub icon: &'static str,
    pub state: String,
    /// The times, with their labels.
    pub times: Vec<(String, ShownMoment)>,
    /// When the successor is created; for the key that signs.
    pub onward: Option<String>,
    /// The label of its name: key id or fingerprint.
    pub named: String,
    pub kid: String,
}
