//! The portal page: the services a user may use, and what they opened recently.

use askama::Template;

use super::{Frame, RecordForm, TileDestination};

/// `GET /`: the tiles, in categories; open a record; recent records.
#[derive(Template)]
#[template(path = "portal/page.html")]
pub struct PortalPage {
    pub frame: Frame,
    /// The value of `?q=`; all tiles are rendered, and the page hides those that do not match.
    pub query: String,
    pub categories: Vec<Category>,
    pub form: RecordForm,
    pub recent: Vec<RecentRow>,
}

pub struct Category {
    /// Empty for the services that have none.
    pub title: String,
    pub tiles: Vec<Tile>,
}

/// One service a user may use.
pub struct Tile {
    pub title: String,
    pub description: String,
    pub icon: String,
    /// `/go/{service}`.
    pub href: String,
    /// `/services/{slug}`: where it leads and why.
    pub about: String,
    pub place: TileDestination,
}

impl PortalPage {
    fn greeting(&self) -> Option<String> {
        let name = self.frame.user_name.as_ref()?;
        Some(self.frame.texts.with("portal-greeting", &[("name", name)]))
    }

    fn shows(&self, tile: &Tile) -> bool {
        let words = tile.words();
        self.query
            .to_lowercase()
            .split_whitespace()
            .all(|word| words.contains(word))
    }

    fn shows_any(&self, category: &Category) -> bool {
        category.tiles.iter().any(|tile| self.shows(tile))
    }

    fn finds_nothing(&self) -> bool {
        !self
            .categories
            .iter()
            .any(|category| self.shows_any(category))
    }

    /// How many services are left, for one and for many ("0" stands for the number).
    fn count(&self, count: &str) -> String {
        self.frame.texts.with("search-count", &[("count", count)])
    }

    fn about(&self, tile: &Tile) -> String {
        self.frame
            .texts
            .with("tile-about-service", &[("service", &tile.title)])
    }

    fn recent_in(&self, recent: &RecentRow) -> String {
        self.frame
            .texts
            .with("recent-in", &[("service", &recent.service)])
    }
}

impl Tile {
    /// The text that the search looks through.
    fn words(&self) -> String {
        let place = if let TileDestination::Ready(instance) = &self.place {
            instance
        } else {
            ""
        };
        format!("{} {} {place}", self.title, self.description).to_lowercase()
    }
}

/// A record that was opened recently.
pub struct RecentRow {
    pub icon: String,
    pub type_title: String,
    pub key: String,
    pub service: String,
    pub href: String,
    /// "5 minutes ago"; see [`super::ago`].
    pub when: String,
    /// The outcome, as far as the application reported it.
    pub fate: Option<String>,
}
