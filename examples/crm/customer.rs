//! The records: the same keys in both regions, with each region's own data, so that users see which
//! instance they landed in.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Deserialize;

use crate::demo::settings::Region;

/// The longest text a field may hold, in characters.
const FIELD_LIMIT: usize = 500;

#[derive(Clone)]
pub struct Customer {
    pub key: &'static str,
    pub name: &'static str,
    pub city: &'static str,
    pub manager: &'static str,
    pub currency: &'static str,
    /// Turnover of the four quarters, in thousands.
    pub turnover: [u32; 4],
    /// A closed account can be read and no longer changed, by any user.
    pub closed: bool,
    pub editable: Editable,
}

/// What the edit form changes.
#[derive(Clone, Deserialize)]
pub struct Editable {
    pub contact: String,
    pub phone: String,
    pub note: String,
}

/// The customers of one region, kept in memory and lost at the end.
pub struct Customers(Mutex<BTreeMap<&'static str, Customer>>);

/// What one region knows of a customer: city, account manager, contact, phone, turnover.
type Local = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    [u32; 4],
);

impl Customers {
    pub fn of(region: Region) -> Self {
        let customers = ROWS.iter().map(|row| (row.key, row.customer(region)));
        Self(Mutex::new(customers.collect()))
    }

    pub fn all(&self) -> Vec<Customer> {
        self.lock().values().cloned().collect()
    }

    pub fn find(&self, key: &str) -> Option<Customer> {
        self.lock().get(key).cloned()
    }

    pub fn update(&self, key: &str, editable: Editable) {
        if let Some(customer) = self.lock().get_mut(key) {
            customer.editable = editable;
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Customer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Editable {
    /// What is wrong with the form, in a sentence.
    pub fn trouble(&self) -> Option<&'static str> {
        if self.contact.trim().is_empty() {
            return Some("Enter the name of a contact.");
        }
        let texts = [&self.contact, &self.phone, &self.note];
        let long = texts.iter().any(|text| text.chars().count() > FIELD_LIMIT);
        long.then_some("A field may hold 500 characters at most.")
    }
}

struct Row {
    key: &'static str,
    name: &'static str,
    closed: bool,
    note: &'static str,
    europe: Local,
    americas: Local,
}

impl Row {
    fn customer(&self, region: Region) -> Customer {
        let (city, manager, contact, phone, turnover) = region.pick(self.europe, self.americas);
        Customer {
            key: self.key,
            name: self.name,
            city,
            manager,
            currency: region.pick("EUR", "USD"),
            turnover,
            closed: self.closed,
            editable: Editable {
                contact: contact.to_owned(),
                phone: phone.to_owned(),
                note: self.note.to_owned(),
            },
        }
    }
}

const ROWS: [Row; 6] = [
    Row {
        key: "C-1042",
        name: "Harbour Logistics",
        closed: false,
        note: "Deliveries by the north gate only. Prefers a call before any change of schedule.",
        europe: (
            "Rotterdam",
            "Ines Duarte",
            "Pieter Vos",
            "+31 10 555 0142",
            [410, 455, 390, 520],
        ),
        americas: (
            "Baltimore",
            "Marcus Reed",
            "Dana Whitfield",
            "+1 410 555 0142",
            [720, 680, 745, 810],
        ),
    },
    Row {
        key: "C-1043",
        name: "Northfield Bakeries",
        closed: false,
        note: "Seasonal peaks in spring and before the winter holidays.",
        europe: (
            "Leeds",
            "Ines Duarte",
            "Graham Pell",
            "+44 113 555 0143",
            [120, 180, 140, 260],
        ),
        americas: (
            "Minneapolis",
            "Joy Okafor",
            "Ruth Lindgren",
            "+1 612 555 0143",
            [210, 240, 205, 330],
        ),
    },
    Row {
        key: "C-1077",
        name: "Lindqvist Optics",
        closed: false,
        note: "Framework contract renewed for three years.",
        europe: (
            "Gothenburg",
            "Tomas Brandt",
            "Elin Lindqvist",
            "+46 31 555 0177",
            [300, 310, 335, 340],
        ),
        americas: (
            "Montreal",
            "Joy Okafor",
            "Luc Gagnon",
            "+1 514 555 0177",
            [150, 165, 160, 190],
        ),
    },
    Row {
        key: "C-2001",
        name: "Solano Farms",
        closed: false,
        note: "Invoices go to the cooperative, not to the farm.",
        europe: (
            "Valencia",
            "Ines Duarte",
            "Carla Solano",
            "+34 96 555 0201",
            [90, 140, 230, 110],
        ),
        americas: (
            "Fresno",
            "Marcus Reed",
            "Hector Solano",
            "+1 559 555 0201",
            [260, 380, 540, 300],
        ),
    },
    Row {
        key: "C-2014",
        name: "Kestrel Instruments",
        closed: false,
        note: "Quotes must name the calibration standard.",
        europe: (
            "Graz",
            "Tomas Brandt",
            "Nora Haas",
            "+43 316 555 0214",
            [70, 85, 95, 130],
        ),
        americas: (
            "Boulder",
            "Marcus Reed",
            "Priya Nair",
            "+1 303 555 0214",
            [115, 120, 150, 165],
        ),
    },
    Row {
        key: "C-3007",
        name: "Mercer & Vale",
        closed: true,
        note: "Account closed after the merger; kept for the records.",
        europe: (
            "Dublin",
            "Tomas Brandt",
            "Aoife Vale",
            "+353 1 555 0307",
            [40, 25, 10, 0],
        ),
        americas: (
            "Toronto",
            "Joy Okafor",
            "Sam Mercer",
            "+1 416 555 0307",
            [65, 30, 5, 0],
        ),
    },
];
