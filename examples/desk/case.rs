//! The cases: the same keys in both regions, with each region's own data, so that users see which
//! instance they landed in.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Deserialize;

use crate::demo::settings::Region;

/// The longest answer, in characters.
const ANSWER_LIMIT: usize = 1000;

#[derive(Clone)]
pub struct Case {
    pub key: &'static str,
    pub customer: &'static str,
    pub customer_name: &'static str,
    pub subject: &'static str,
    pub team: &'static str,
    pub agent: &'static str,
    pub editable: Editable,
}

/// What the edit form changes.
#[derive(Clone, Deserialize)]
pub struct Editable {
    pub status: Status,
    pub answer: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Open,
    Waiting,
    Closed,
}

/// The cases of one region, kept in memory and lost at the end.
pub struct Cases(Mutex<BTreeMap<&'static str, Case>>);

impl Cases {
    pub fn of(region: Region) -> Self {
        let cases = ROWS.iter().map(|row| (row.key, row.case(region)));
        Self(Mutex::new(cases.collect()))
    }

    pub fn all(&self) -> Vec<Case> {
        self.lock().values().cloned().collect()
    }

    pub fn find(&self, key: &str) -> Option<Case> {
        self.lock().get(key).cloned()
    }

    pub fn of_customer(&self, key: &str) -> Vec<Case> {
        self.lock()
            .values()
            .filter(|case| case.customer == key)
            .cloned()
            .collect()
    }

    pub fn update(&self, key: &str, editable: Editable) {
        if let Some(case) = self.lock().get_mut(key) {
            case.editable = editable;
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Case>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Editable {
    /// What is wrong with the form, in a sentence.
    pub fn trouble(&self) -> Option<&'static str> {
        let long = self.answer.chars().count() > ANSWER_LIMIT;
        long.then_some("The answer may hold 1000 characters at most.")
    }
}

impl Status {
    pub const ALL: [Status; 3] = [Status::Open, Status::Waiting, Status::Closed];

    pub fn slug(self) -> &'static str {
        match self {
            Status::Open => "open",
            Status::Waiting => "waiting",
            Status::Closed => "closed",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Status::Open => "Open",
            Status::Waiting => "Waiting for the customer",
            Status::Closed => "Closed",
        }
    }
}

/// Which record an address of the desk names, in the portal's words: type, key, intent.
pub fn record_at(path: &str) -> Option<(&'static str, &str, Option<&'static str>)> {
    let mut parts = path.trim_start_matches('/').split('/');
    let kind = match parts.next()? {
        "cases" => "case",
        "customers" => "customer",
        _ => return None,
    };
    let key = parts.next().filter(|key| is_key(key))?;
    let intent = (parts.next() == Some("edit")).then_some("edit");
    Some((kind, key, intent))
}

/// Letters, digits and hyphens: anything else is not a key and goes into no link.
fn is_key(text: &str) -> bool {
    (1..=20).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

struct Row {
    key: &'static str,
    customer: &'static str,
    customer_name: &'static str,
    status: Status,
    /// Subject in Europe, and in the Americas.
    subject: (&'static str, &'static str),
    /// Who works on it in Europe, and in the Americas.
    agent: (&'static str, &'static str),
}

impl Row {
    fn case(&self, region: Region) -> Case {
        Case {
            key: self.key,
            customer: self.customer,
            customer_name: self.customer_name,
            subject: region.pick(self.subject.0, self.subject.1),
            team: region.pick("Lisbon desk", "Denver desk"),
            agent: region.pick(self.agent.0, self.agent.1),
            editable: Editable {
                status: self.status,
                answer: String::new(),
            },
        }
    }
}

const ROWS: [Row; 6] = [
    Row {
        key: "CS-2207",
        customer: "C-1042",
        customer_name: "Harbour Logistics",
        status: Status::Open,
        subject: (
            "Container held at Rotterdam, papers incomplete",
            "Gate card refused at the Baltimore terminal",
        ),
        agent: ("Sofia Prado", "Will Tanaka"),
    },
    Row {
        key: "CS-2208",
        customer: "C-1042",
        customer_name: "Harbour Logistics",
        status: Status::Waiting,
        subject: ("Invoice shows the old address", "Invoice counted twice"),
        agent: ("Jonas Meyer", "Will Tanaka"),
    },
    Row {
        key: "CS-2215",
        customer: "C-1043",
        customer_name: "Northfield Bakeries",
        status: Status::Open,
        subject: (
            "Oven sensor reports no temperature",
            "Standing order arrives a day late",
        ),
        agent: ("Sofia Prado", "Abigail Cruz"),
    },
    Row {
        key: "CS-2301",
        customer: "C-2001",
        customer_name: "Solano Farms",
        status: Status::Open,
        subject: (
            "Pump controller wants a new certificate",
            "Irrigation plan not visible on the tablet",
        ),
        agent: ("Jonas Meyer", "Abigail Cruz"),
    },
    Row {
        key: "CS-2340",
        customer: "C-2014",
        customer_name: "Kestrel Instruments",
        status: Status::Waiting,
        subject: (
            "Calibration report in the wrong language",
            "Calibration report lacks a signature",
        ),
        agent: ("Sofia Prado", "Will Tanaka"),
    },
    Row {
        key: "CS-2101",
        customer: "C-3007",
        customer_name: "Mercer & Vale",
        status: Status::Closed,
        subject: (
            "Close all accesses after the merger",
            "Return of leased devices",
        ),
        agent: ("Jonas Meyer", "Abigail Cruz"),
    },
];
