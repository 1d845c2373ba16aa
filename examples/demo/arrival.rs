//! The context a sign-in brought along, and the panel "How you got here".
//!
//! A context is a **hint, never a grant**. It says which record the user meant;
//! whether they may see or change it is the application's own question, asked of its
//! own rules on every request. So the panel compares what the portal said with what
//! is on the page and says so when the two differ; nothing else depends on it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use askama::Template;
use serde::{Deserialize, Serialize};

/// How many landings a session remembers, for users with several tabs.
const REMEMBERED: usize = 16;

/// Usher's own claims beside the standard ones.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct UsherClaims {
    /// Present only if this sign-in answers a launch from the portal.
    #[serde(rename = "urn:usher:launch", skip_serializing_if = "Option::is_none")]
    pub launch: Option<Launch>,
    /// The id of the user's session at the portal (Back-Channel Logout 1.0, section 2.1): a logout
    /// token names it when it has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
}

/// One click in the portal, as the application receives it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Launch {
    /// Names the click in the portal's records; quote it when asking for help.
    pub id: String,
    /// What the user meant to do: `view`, `edit`, …
    pub intent: String,
    /// Where the portal wanted them to land.
    pub target_link_uri: String,
    /// Where to send them back if the record is not opened.
    pub return_uri: Option<String>,
    /// The records they had in mind; none for a launch of the application as such.
    #[serde(default)]
    pub ctx: Vec<Context>,
}

/// One record, named by its type and by its key in one or more naming systems.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Context {
    pub r#type: String,
    /// Naming system (a URI) to key.
    pub id: BTreeMap<String, String>,
}

/// The landings of one session, oldest first.
#[derive(Clone, Default)]
pub struct Arrivals(Vec<Arrival>);

#[derive(Clone)]
struct Arrival {
    path: String,
    launch: Option<Launch>,
    /// Whether the receipt has been sent.
    is_reported: Arc<AtomicBool>,
}

/// The panel on a page.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<section class="panel" aria-labelledby="how">
<h2 id="how">How you got here</h2>
{% if context.is_empty() %}<p data-testid="no-context">No context came with this sign-in.</p>
{% else %}<p>Context as received: <strong data-testid="context">{{ context }}</strong></p>{% endif %}
{% if differs %}<p class="differs" data-testid="context-differs">This is another record than the one the portal sent you to.</p>{% endif %}
{% if let Some(launch) = launch %}<p class="small">Launch <code data-testid="launch">{{ launch }}</code></p>{% endif %}
<p class="small">The context only says where you meant to go. What you may see or change is decided here.</p>
</section>"#
)]
pub struct Panel {
    context: String,
    differs: bool,
    launch: Option<String>,
}

impl Arrivals {
    /// Stores a landing; a later one on the same page replaces it.
    pub fn add(&mut self, path: &str, launch: Option<Launch>) {
        self.0.retain(|arrival| arrival.path != path);
        if self.0.len() >= REMEMBERED {
            self.0.remove(0);
        }
        self.0.push(Arrival {
            path: path.to_owned(),
            launch,
            is_reported: Arc::default(),
        });
    }

    /// The launch that led to `path`, at its first request.
    pub fn unreported(&self, path: &str) -> Option<Launch> {
        let landed = self.0.iter().find(|arrival| arrival.path == path)?;
        let launch = landed.launch.clone()?;
        (!landed.is_reported.swap(true, Ordering::Relaxed)).then_some(launch)
    }

    /// What to say on the page at `path`, which shows the record `key` or none at all.
    pub fn panel(&self, path: &str, key: Option<&str>) -> Panel {
        let landed = self
            .0
            .iter()
            .find(|arrival| arrival.path == path)
            .or(self.0.last());
        match landed.and_then(|arrival| arrival.launch.as_ref()) {
            Some(launch) => launch.panel(key),
            None => Panel {
                context: String::new(),
                differs: false,
                launch: None,
            },
        }
    }
}

impl Launch {
    fn panel(&self, shown: Option<&str>) -> Panel {
        let meant = self.ctx.iter().any(|context| Some(context.key()) == shown);
        Panel {
            context: self.summary(),
            differs: shown.is_some() && !self.ctx.is_empty() && !meant,
            launch: Some(self.id.clone()),
        }
    }

    /// In one line: `customer C-1042 view`.
    fn summary(&self) -> String {
        let records: Vec<String> = self.ctx.iter().map(Context::summary).collect();
        if records.is_empty() {
            return String::new();
        }
        format!("{} {}", records.join(", "), self.intent)
    }
}

impl Context {
    /// The key in the portal's own naming system, or else in whichever one is given.
    fn key(&self) -> &str {
        self.id
            .get(&format!("urn:usher:context:{}", self.r#type))
            .or(self.id.values().next())
            .map_or("", String::as_str)
    }

    fn summary(&self) -> String {
        format!("{} {}", self.r#type, self.key())
    }
}
