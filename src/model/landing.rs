//! How a browser is sent to another site: an address, or a form that is posted there.

use std::fmt;

use url::Url;

/// How the browser gets there. An address or a form may hold a login: neither is shown by `{:?}`.
#[derive(Clone, PartialEq, Eq)]
pub enum Landing {
    Redirect(Url),
    /// An auto-submitting form.
    Post {
        action: Url,
        fields: Vec<(String, String)>,
    },
}

impl Landing {
    pub fn post<N: Into<String>>(
        action: Url,
        fields: impl IntoIterator<Item = (N, String)>,
    ) -> Self {
        let fields = fields.into_iter().map(|(name, value)| (name.into(), value));
        Landing::Post {
            action,
            fields: fields.collect(),
        }
    }
}

impl fmt::Debug for Landing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (how, url) = match self {
            Landing::Redirect(url) => ("Redirect", url),
            Landing::Post { action, .. } => ("Post", action),
        };
        write!(f, "{how}({})", url.origin().ascii_serialization())
    }
}
