//! Opening a record: the services that can, and the intents.

use askama::Template;

use super::{Around, Frame, LabelledLink, TileDestination};

/// The form that opens a record: a type and a key.
pub struct RecordForm {
    pub types: Vec<RecordType>,
    /// The slug of the type chosen.
    pub chosen: String,
    pub key: String,
}

pub struct RecordType {
    pub slug: String,
    pub title: String,
    /// What its keys look like: "C-1042".
    pub example: String,
}

/// `GET /open?type=&key=`: the whole page, or its block `results` for htmx.
#[derive(Template)]
#[template(path = "record/open.html", blocks = ["results"])]
pub struct OpenRecord {
    pub frame: Frame,
    pub form: RecordForm,
    pub results: Results,
}

/// Which services open the requested record.
pub enum Results {
    /// Nothing was typed yet.
    Idle,
    UnknownType,
    /// The key does not match; the hint describes what it should look like.
    Invalid {
        hint: String,
    },
    /// No service the user may use opens it.
    None {
        record: String,
    },
    Found {
        record: String,
        icon: String,
        type_title: String,
        services: Vec<OpenerRow>,
    },
}

/// A service that opens the record.
pub struct OpenerRow {
    pub service: String,
    pub icon: String,
    pub place: TileDestination,
    /// The intents, the default first; labels from `intent`.
    pub intents: Vec<LabelledLink>,
}

impl OpenRecord {
    fn found(&self, record: &str) -> Around {
        Around::new(self.frame.texts, "open-found", "record", record)
    }

    fn none(&self, record: &str) -> Around {
        Around::new(self.frame.texts, "open-none-advice", "record", record)
    }

    fn here(&self, intent: &str, record: &str, service: &str) -> String {
        self.frame.texts.with(
            "open-here",
            &[("intent", intent), ("record", record), ("service", service)],
        )
    }
}
