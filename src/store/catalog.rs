//! The catalogue's rows: read whole into a snapshot, written whole by the seed.

use std::collections::BTreeMap;

use super::{
    AssuranceRow, ProviderRow, Store, Tx,
    row::{Columns, Row},
    statement::Json,
};
use crate::{
    clock::Time,
    error::{Error, Result},
    kind::Settings,
    model::{
        client::Registration,
        condition::ConditionDocument,
        context::{Case, Sensitivity},
        service::ChoicePolicy,
    },
    protocol::jose::JwkSet,
};
use serde::{Deserialize, Serialize};

/// The configuration by admins, as it is written; `catalog::Snapshot::build` checks it.
#[derive(Clone, Debug, Default)]
pub struct CatalogRows {
    pub version: i64,
    pub providers: Vec<ProviderRow>,
    pub types: Vec<TypeRow>,
    pub services: Vec<ServiceRow>,
    pub clients: Vec<ClientRow>,
    pub assurance: Vec<AssuranceRow>,
}

impl CatalogRows {
    /// The same with other providers in addition to its own, except those with the slug of one.
    pub fn beside(mut self, others: Vec<ProviderRow>) -> Self {
        let taken = |one: &ProviderRow| self.providers.iter().any(|row| row.slug == one.slug);
        let others: Vec<_> = others.into_iter().filter(|one| !taken(one)).collect();
        self.providers.extend(others);
        self
    }
}

#[derive(Clone, Debug)]
pub struct ServiceRow {
    pub slug: String,
    pub title: String,
    pub description: String,
    pub icon: String,
    pub category: String,
    pub handoff: String,
    pub audience: Option<ConditionDocument>,
    pub choice: ChoicePolicy,
    pub disabled_at: Option<Time>,
    pub instances: Vec<InstanceRow>,
    pub rules: Vec<RuleRow>,
    pub links: Vec<LinkRow>,
}

#[derive(Clone, Debug)]
pub struct InstanceRow {
    pub slug: String,
    pub title: String,
    pub base_url: String,
    pub settings: Settings,
    /// The secret ones, sealed for this instance.
    pub sealed_settings: Option<String>,
    pub disabled_at: Option<Time>,
}

#[derive(Clone, Debug)]
pub struct RuleRow {
    pub title: String,
    pub when: Option<ConditionDocument>,
    pub instances: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct LinkRow {
    pub kind: String,
    pub intent: String,
    pub template: String,
    pub inner: Option<String>,
    pub audience: Option<ConditionDocument>,
}

#[derive(Clone, Debug)]
pub struct TypeRow {
    pub slug: String,
    pub title: String,
    pub icon: String,
    pub pattern: String,
    pub case: Case,
    pub hint: String,
    pub example: String,
    pub sensitivity: Sensitivity,
    pub system: String,
    pub fields: Vec<FieldRow>,
}

/// A further field of a context type, as it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldRow {
    pub name: String,
    pub title: String,
    pub pattern: String,
    #[serde(default)]
    pub required: bool,
}

#[derive(Clone, Debug)]
pub struct ClientRow {
    pub id: String,
    pub title: String,
    pub secret_hash: Option<String>,
    pub jwks: Option<JwkSet>,
    pub redirect_uris: Vec<String>,
    pub post_logout_redirect_uris: Vec<String>,
    pub initiate_login_uri: Option<String>,
    pub id_token_alg: String,
    pub registration: Registration,
    pub disabled_at: Option<Time>,
}

/// The mark of rows that a seed file owns.
pub(super) const SEED: &str = "seed";

impl Store {
    pub async fn catalog_version(&self) -> Result<i64> {
        self.only(
            "select value from facts where name = 'catalog_version'",
            &[],
            |row| row.number("value"),
        )
        .await
    }

    /// All of it. The version is read first: a change made meanwhile is then noticed later, never
    /// missed.
    pub async fn catalog(&self) -> Result<CatalogRows> {
        let version = self.catalog_version().await?;
        Ok(CatalogRows {
            version,
            providers: self.provider_rows().await?,
            types: self.type_rows().await?,
            services: self.service_rows().await?,
            clients: self.client_rows().await?,
            assurance: self.assurance_rows().await?,
        })
    }

    async fn type_rows(&self) -> Result<Vec<TypeRow>> {
        self.all(
            "select * from context_types order by position, slug",
            &[],
            type_row,
        )
        .await
    }

    async fn service_rows(&self) -> Result<Vec<ServiceRow>> {
        let services = "select * from services order by position, slug";
        let instances = "select * from instances order by position, slug";
        let rules = "select * from locator_rules order by position";
        let links = "select * from links order by kind, intent";
        let mut instances = by_service(self.all(instances, &[], instance_row).await?);
        let mut rules = by_service(self.all(rules, &[], rule_row).await?);
        let mut links = by_service(self.all(links, &[], link_row).await?);
        let mut services = self.all(services, &[], service_row).await?;
        for service in &mut services {
            service.instances = instances.remove(&service.slug).unwrap_or_default();
            service.rules = rules.remove(&service.slug).unwrap_or_default();
            service.links = links.remove(&service.slug).unwrap_or_default();
        }
        Ok(services)
    }

    async fn client_rows(&self) -> Result<Vec<ClientRow>> {
        self.all("select * from clients order by id", &[], client_row)
            .await
    }
}

fn type_row(row: &Row<'_>) -> Result<TypeRow> {
    Ok(TypeRow {
        slug: row.text("slug")?,
        title: row.text("title")?,
        icon: row.text("icon")?,
        pattern: row.text("pattern")?,
        case: row.json("letter_case")?,
        hint: row.text("hint")?,
        example: row.text("example")?,
        sensitivity: row.json("sensitivity")?,
        system: row.text("system")?,
        fields: row.json("fields")?,
    })
}

/// Without its instances, rules and links.
fn service_row(row: &Row<'_>) -> Result<ServiceRow> {
    Ok(ServiceRow {
        slug: row.text("slug")?,
        title: row.text("title")?,
        description: row.text("description")?,
        icon: row.text("icon")?,
        category: row.text("category")?,
        handoff: row.text("handoff")?,
        audience: row.maybe_json("audience")?,
        choice: row.json("choice")?,
        disabled_at: row.maybe_time("disabled_at")?,
        instances: Vec::new(),
        rules: Vec::new(),
        links: Vec::new(),
    })
}

/// A row that belongs to a service, with the slug of the service.
type Belonging<T> = (String, T);

fn by_service<T>(all: Vec<Belonging<T>>) -> BTreeMap<String, Vec<T>> {
    let mut found: BTreeMap<String, Vec<T>> = BTreeMap::new();
    for (service, one) in all {
        found.entry(service).or_default().push(one);
    }
    found
}

fn instance_row(row: &Row<'_>) -> Result<Belonging<InstanceRow>> {
    let instance = InstanceRow {
        slug: row.text("slug")?,
        title: row.text("title")?,
        base_url: row.text("base_url")?,
        settings: row.json("settings")?,
        sealed_settings: row.maybe_text("sealed_settings")?,
        disabled_at: row.maybe_time("disabled_at")?,
    };
    Ok((row.text("service")?, instance))
}

fn rule_row(row: &Row<'_>) -> Result<Belonging<RuleRow>> {
    let rule = RuleRow {
        title: row.text("title")?,
        when: row.maybe_json("condition")?,
        instances: row.json("instances")?,
    };
    Ok((row.text("service")?, rule))
}

fn link_row(row: &Row<'_>) -> Result<Belonging<LinkRow>> {
    let link = LinkRow {
        kind: row.text("kind")?,
        intent: row.text("intent")?,
        template: row.text("template")?,
        inner: row.maybe_text("inner_template")?,
        audience: row.maybe_json("audience")?,
    };
    Ok((row.text("service")?, link))
}

pub(super) fn client_row(row: &Row<'_>) -> Result<ClientRow> {
    Ok(ClientRow {
        id: row.text("id")?,
        title: row.text("title")?,
        secret_hash: row.maybe_text("secret_hash")?,
        jwks: row.maybe_json("jwks")?,
        redirect_uris: row.json("redirect_uris")?,
        post_logout_redirect_uris: row.json("post_logout_redirect_uris")?,
        initiate_login_uri: row.maybe_text("initiate_login_uri")?,
        id_token_alg: row.text("id_token_alg")?,
        registration: row.json("registration")?,
        disabled_at: row.maybe_time("disabled_at")?,
    })
}

impl Tx {
    /// Replaces the seeded part of the catalogue with these rows, and notifies the replicas.
    pub async fn replace_seeded(&mut self, rows: &CatalogRows) -> Result<()> {
        self.clear_seeded().await?;
        self.refuse_taken(rows).await?;
        for (position, row) in (0..).zip(&rows.providers) {
            self.insert_provider(row, position).await?;
        }
        self.forget_kept_providers().await?;
        for (position, row) in (0..).zip(&rows.types) {
            self.insert_type(row, position).await?;
        }
        for row in &rows.clients {
            self.insert_client(row, SEED).await?;
        }
        for (position, row) in (0..).zip(&rows.services) {
            self.insert_service(row, position).await?;
        }
        for (position, row) in (0..).zip(&rows.assurance) {
            self.insert_assurance(row, position).await?;
        }
        self.bump_catalog().await
    }

    async fn clear_seeded(&mut self) -> Result<()> {
        for sql in [
            "delete from links where service in (select slug from services where owner = $1)",
            "delete from locator_rules where service in (select slug from services where owner = $1)",
            "delete from instances where service in (select slug from services where owner = $1)",
            "delete from services where owner = $1",
            "delete from clients where owner = $1",
            "delete from context_types where owner = $1",
            "delete from identity_providers where owner = $1",
            "delete from assurance_rules where owner = $1",
        ] {
            self.run(sql, &[&SEED]).await?;
        }
        Ok(())
    }

    /// Rows that are left after the seeded ones are deleted are managed elsewhere (the first
    /// admin's provider, clients that registered themselves): a seed does not replace them.
    async fn refuse_taken(&mut self, rows: &CatalogRows) -> Result<()> {
        let providers = rows.providers.iter().map(|row| row.slug.as_str());
        let clients = rows.clients.iter().map(|row| row.id.as_str());
        let wanted = [
            (
                "provider",
                "select slug as name from identity_providers",
                providers.collect::<Vec<_>>(),
            ),
            (
                "client",
                "select id as name from clients",
                clients.collect(),
            ),
        ];
        for (noun, sql, wanted) in wanted {
            let left = self.all(sql, &[], |row| row.text("name")).await?;
            if let Some(name) = left.iter().find(|name| wanted.contains(&name.as_str())) {
                return Err(Error::Invalid(format!(
                    "seed: there is a {noun} \"{name}\" already that no seed manages (it was \
                     made with the first admin, or registered itself): give yours another name"
                )));
            }
        }
        Ok(())
    }

    /// Raises the catalogue's version; the snapshot of every replica follows.
    pub async fn bump_catalog(&mut self) -> Result<()> {
        self.run(
            "update facts set value = value + 1 where name = 'catalog_version'",
            &[],
        )
        .await?;
        if let Some(sql) = self.dialect.announce() {
            self.run(sql, &[]).await?;
        }
        Ok(())
    }

    async fn insert_type(&mut self, row: &TypeRow, position: i64) -> Result<()> {
        self.run(
            "insert into context_types (slug, title, icon, pattern, letter_case, hint,
                 example, sensitivity, system, fields, position, owner)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            &[
                &row.slug,
                &row.title,
                &row.icon,
                &row.pattern,
                &Json(&row.case),
                &row.hint,
                &row.example,
                &Json(&row.sensitivity),
                &row.system,
                &Json(&row.fields),
                &position,
                &SEED,
            ],
        )
        .await
    }

    pub(super) async fn insert_client(&mut self, row: &ClientRow, owner: &str) -> Result<()> {
        self.run(
            "insert into clients (id, title, secret_hash, jwks, redirect_uris,
                 post_logout_redirect_uris, initiate_login_uri, id_token_alg, registration,
                 disabled_at, owner)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            &[
                &row.id,
                &row.title,
                &row.secret_hash,
                &row.jwks.as_ref().map(Json),
                &Json(&row.redirect_uris),
                &Json(&row.post_logout_redirect_uris),
                &row.initiate_login_uri,
                &row.id_token_alg,
                &Json(&row.registration),
                &row.disabled_at,
                &owner,
            ],
        )
        .await
    }

    async fn insert_service(&mut self, row: &ServiceRow, position: i64) -> Result<()> {
        self.run(
            "insert into services (slug, title, description, icon, category, handoff, audience,
                 choice, position, disabled_at, owner)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            &[
                &row.slug,
                &row.title,
                &row.description,
                &row.icon,
                &row.category,
                &row.handoff,
                &row.audience.as_ref().map(Json),
                &Json(&row.choice),
                &position,
                &row.disabled_at,
                &SEED,
            ],
        )
        .await?;
        for (position, instance) in (0..).zip(&row.instances) {
            self.insert_instance(&row.slug, instance, position).await?;
        }
        for (position, rule) in (0..).zip(&row.rules) {
            self.insert_rule(&row.slug, rule, position).await?;
        }
        for link in &row.links {
            self.insert_link(&row.slug, link).await?;
        }
        Ok(())
    }

    async fn insert_instance(
        &mut self,
        service: &str,
        row: &InstanceRow,
        position: i64,
    ) -> Result<()> {
        self.run(
            "insert into instances (slug, service, title, base_url, settings, position,
                 disabled_at, sealed_settings)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            &[
                &row.slug,
                &service,
                &row.title,
                &row.base_url,
                &Json(&row.settings),
                &position,
                &row.disabled_at,
                &row.sealed_settings,
            ],
        )
        .await
    }

    async fn insert_rule(&mut self, service: &str, row: &RuleRow, position: i64) -> Result<()> {
        self.run(
            "insert into locator_rules (service, position, title, condition, instances)
             values ($1, $2, $3, $4, $5)",
            &[
                &service,
                &position,
                &row.title,
                &row.when.as_ref().map(Json),
                &Json(&row.instances),
            ],
        )
        .await
    }

    async fn insert_link(&mut self, service: &str, row: &LinkRow) -> Result<()> {
        self.run(
            "insert into links (service, kind, intent, template, inner_template, audience)
             values ($1, $2, $3, $4, $5, $6)",
            &[
                &service,
                &row.kind,
                &row.intent,
                &row.template,
                &row.inner,
                &row.audience.as_ref().map(Json),
            ],
        )
        .await
    }
}
