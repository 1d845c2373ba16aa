//! The composition root: it builds the domain modules from the configuration. Every dependency is
//! put together here, once, and passed in explicitly.

mod private;
mod readiness;

use std::{
    ops::Deref,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use axum::extract::FromRef;
use zeroize::Zeroizing;

pub use self::private::{keep_to_ourselves, link_file, make_private_dir, readable, write_link};
use crate::{
    admin::Administration,
    blocking::Blocking,
    browser_state::BrowserStates,
    catalog::{Catalog, PartTools},
    chance::Chance,
    clock::Clock,
    config::Config,
    directory::{Directory, Passwords, Rules},
    error::{Error, Result},
    event::Events,
    factor::{Factors, Passkeys},
    http::Site,
    issuer::{self, Issuer},
    keys::{AuditHooks, KeyRing, RotationPolicy, RotationReason, Seal},
    launch::Launches,
    mail::Mails,
    model::{
        event::{Actor, EventKind},
        factor::FactorPolicy,
        place::Permits,
    },
    net::Net,
    seed::{Seed, SeedReport, Seeding},
    sign_in::{Refusals, SessionRules, SignIns, ThrottleLimits},
    store::{self, Store},
};

/// The part of a request's time that an identity provider may take: the rest is for the answer that
/// the provider did not respond.
const PATIENCE: f32 = 0.8;

/// The portal: all domain modules behind one pointer, because every request carries it.
#[derive(Clone)]
pub struct App(Arc<AppState>);

/// Every state a handler may extract. A handler's signature names the domain module it uses.
pub struct AppState {
    pub site: Arc<Site>,
    pub store: Store,
    pub catalog: Catalog,
    pub sign_ins: SignIns,
    pub factors: Factors,
    pub launches: Launches,
    pub issuer: Issuer,
    pub directory: Directory,
    pub states: BrowserStates,
    pub parts: AppParts,
}

impl Deref for App {
    type Target = AppState;

    fn deref(&self) -> &AppState {
        &self.0
    }
}

impl FromRef<App> for Arc<Site> {
    fn from_ref(app: &App) -> Self {
        app.site.clone()
    }
}

impl FromRef<App> for Catalog {
    fn from_ref(app: &App) -> Self {
        app.catalog.clone()
    }
}

impl FromRef<App> for SignIns {
    fn from_ref(app: &App) -> Self {
        app.sign_ins.clone()
    }
}

impl FromRef<App> for Factors {
    fn from_ref(app: &App) -> Self {
        app.factors.clone()
    }
}

impl FromRef<App> for Launches {
    fn from_ref(app: &App) -> Self {
        app.launches.clone()
    }
}

impl FromRef<App> for Directory {
    fn from_ref(app: &App) -> Self {
        app.directory.clone()
    }
}

impl FromRef<App> for Administration {
    fn from_ref(app: &App) -> Self {
        app.administration()
    }
}

impl FromRef<App> for Issuer {
    fn from_ref(app: &App) -> Self {
        app.issuer.clone()
    }
}

/// The modules a running portal uses, and those that only commands use.
#[derive(Clone)]
pub struct AppParts {
    pub clock: Clock,
    pub chance: Chance,
    pub seal: Seal,
    pub passwords: Passwords,
    pub config: Arc<Config>,
}

impl App {
    /// Opens the database (migrating it), the keys and the domain modules.
    pub async fn open(config: Config, clock: Clock, chance: Chance) -> Result<Self> {
        make_private_dir(&config.data.dir)?;
        let store = open_store(&config).await?;
        store.migrate().await?;
        private::close_files(&config)?;
        let is_new = store.signing_keys().await?.is_empty();
        let seal = open_seal(&config, &chance, is_new)?;
        let keys = KeyRing::open(&store, &seal, &clock, &chance).await?;
        Self::assemble(config, clock, chance, seal, store, keys).await
    }

    async fn assemble(
        config: Config,
        clock: Clock,
        chance: Chance,
        seal: Seal,
        store: Store,
        keys: KeyRing,
    ) -> Result<Self> {
        store.pulse.good(clock.now());
        let events = Events::new(clock.clone(), chance.clone());
        let at_once = config.sign_in.password_checks_at_once;
        let passwords = Passwords::new(store.clone(), chance.clone(), at_once);
        let mails = Mails::open(
            &config,
            store.clone(),
            seal.clone(),
            clock.clone(),
            chance.clone(),
        )?;
        let issuer: Arc<str> = config.server.public_url.as_str().into();
        let net = Net::open(&config.net)?;
        let passkeys = Passkeys::open(&config.server.public_url, &config.portal.name)?;
        let blocking = Blocking::new();
        let tools = PartTools {
            store: store.clone(),
            seal: seal.clone(),
            passwords: passwords.clone(),
            net: net.clone(),
            blocking: blocking.clone(),
            clock: clock.clone(),
            chance: chance.clone(),
            public_url: issuer.clone(),
            patience: Duration::from_millis(config.server.request_timeout_ms).mul_f32(PATIENCE),
        };
        let catalog = Catalog::open(tools, events.clone()).await?;
        let sign_ins = SignIns {
            store: store.clone(),
            catalog: catalog.clone(),
            passwords: passwords.clone(),
            seal: seal.clone(),
            events: events.clone(),
            clock: clock.clone(),
            chance: chance.clone(),
            rules: session_rules(&config),
            limits: limits(&config),
            factor_policy: factor_policy(&config, &passkeys),
            refusals: Refusals::default(),
        };
        Ok(Self(Arc::new(AppState {
            site: Arc::new(Site::open(&config)?),
            factors: Factors {
                passkeys,
                passkeys_stand: config.passkeys_stand(),
                sign_ins: sign_ins.clone(),
            },
            sign_ins,
            launches: Launches {
                store: store.clone(),
                catalog: catalog.clone(),
                keys: keys.clone(),
                events: events.clone(),
                clock: clock.clone(),
                chance: chance.clone(),
                issuer: issuer.clone(),
            },
            issuer: Issuer {
                store: store.clone(),
                catalog: catalog.clone(),
                keys,
                events: events.clone(),
                net,
                blocking,
                clock: clock.clone(),
                chance: chance.clone(),
                issuer: issuer.clone(),
                places: Permits::new(issuer::AT_ONCE),
                receipt_window: config.receipt_window(),
                idle: config.idle(),
            },
            directory: Directory {
                store: store.clone(),
                events,
                clock: clock.clone(),
                idle: config.idle(),
                chance: chance.clone(),
                seal: seal.clone(),
                passwords: passwords.clone(),
                mails,
                rules: Rules {
                    shortest: config.sign_in.password_min_length,
                    portal: config.portal.name.as_str().into(),
                    public_url: issuer,
                },
            },
            states: BrowserStates {
                store: store.clone(),
                seal: seal.clone(),
                clock: clock.clone(),
                chance: chance.clone(),
            },
            parts: AppParts {
                clock,
                chance,
                seal,
                passwords,
                config: Arc::new(config),
            },
            store,
            catalog,
        })))
    }

    /// There is an admin: the link that created the first one is void, and its file is deleted.
    pub fn forget_first_admin_link(&self) {
        if let Err(error) = write_link(&self.parts.config, None) {
            tracing::warn!(%error, "the file of the first admin's link could not be removed");
        }
    }

    /// The administration module: it depends on the other modules and is built on demand.
    pub fn administration(&self) -> Administration {
        Administration {
            store: self.store.clone(),
            catalog: self.catalog.clone(),
            sign_ins: self.sign_ins.clone(),
            events: self.sign_ins.events.clone(),
            keys: self.issuer.keys.clone(),
            turns: self.turns(),
        }
    }

    /// Creates the next key of every purpose whose present one is due; it is published before it
    /// signs. Returns the purposes.
    pub async fn rotate_keys(&self) -> Result<Vec<&'static str>> {
        self.rotate(RotationReason::Due, Actor::Worker).await
    }

    /// Warns in the log of a certificate that ends in 60, 30 or 7 days, once for each.
    pub fn warn_of_certificates(&self) {
        if let Some(ending) = self.issuer.keys.newly_ending() {
            let days = ending.days_left(self.parts.clock.now());
            tracing::warn!(
                fingerprint = %ending.kid,
                days,
                "the SAML certificate ends soon: make the next key with `usher rotate-keys`, and give \
                 its certificate to the service providers that keep a copy"
            );
        }
    }

    /// Creates one key for every purpose now; it signs at once if the admin cannot wait.
    pub async fn rotate_keys_by_hand(&self, turn: RotationReason) -> Result<Vec<&'static str>> {
        self.rotate(turn, Actor::Command).await
    }

    async fn rotate(&self, turn: RotationReason, actor: Actor) -> Result<Vec<&'static str>> {
        let events = &self.sign_ins.events;
        let hooks = AuditHooks {
            made: &|| events.by(actor.clone(), EventKind::KeyRotated),
            withdrawn: &|| events.by(actor.clone(), EventKind::KeyWithdrawn),
        };
        let keys = &self.issuer.keys;
        keys.rotate(&self.store, &self.turns(), turn, &hooks).await
    }

    fn turns(&self) -> RotationPolicy {
        let settings = &self.parts.config.keys;
        let hour = Duration::from_secs(3600);
        let hours = |count: u64| hour.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX));
        let days = |count: u64| hours(count.saturating_mul(24));
        let every = |count: u64| (count > 0).then(|| days(count));
        RotationPolicy {
            every: every(settings.rotate_days),
            publish: hours(settings.publish_hours),
            every_saml: every(settings.rotate_saml_days),
            publish_saml: days(settings.publish_saml_days),
        }
    }

    /// Loads a seed file's text, and applies it at once.
    pub async fn seed(&self, text: &str) -> Result<SeedReport> {
        let seeding = Seeding {
            store: &self.store,
            sign_ins: &self.sign_ins,
            seal: &self.parts.seal,
            clock: &self.parts.clock,
            chance: &self.parts.chance,
            shortest_password: self.directory.rules.shortest,
            portal: &self.directory.rules.portal,
        };
        let report = Seed::parse(text)?.apply(&seeding).await?;
        self.catalog.refresh().await?;
        Ok(report)
    }
}

fn factor_policy(config: &Config, passkeys: &Passkeys) -> FactorPolicy {
    FactorPolicy {
        passkeys: passkeys.are_on(),
        ..config.factor_policy()
    }
}

fn session_rules(config: &Config) -> SessionRules {
    SessionRules {
        idle: config.idle(),
        absolute: config.absolute(),
        remembered: config.remembered(),
        most: config.session.most_per_person.max(1).into(),
    }
}

fn limits(config: &Config) -> ThrottleLimits {
    ThrottleLimits {
        per_account: config.sign_in.failures_per_account,
        per_address: config.sign_in.failures_per_address,
        window: std::time::Duration::from_secs(config.sign_in.window_minutes * 60),
    }
}

/// The master key: from the configuration, or from its own file in the data directory. A key is
/// made only for a new database: an existing one could not be decrypted with it.
fn open_seal(config: &Config, chance: &Chance, is_new: bool) -> Result<Seal> {
    if let Some(seal) = master_key(config, chance)? {
        return Ok(seal);
    }
    let path = master_file(config);
    if !is_new {
        let what = match path.exists() {
            true => format!(
                "keys.master is not set and the file {} is empty",
                path.display()
            ),
            false => format!(
                "neither keys.master is set nor is there a file {}",
                path.display()
            ),
        };
        return Err(Error::MasterKey(format!(
            "there is no master key: {what}, and this database was encrypted with one. Put it \
             there; a new one would decrypt nothing"
        )));
    }
    let text = Seal::generate(chance);
    write_private(&path, &text)?;
    Seal::open(&text, chance.clone())
}

/// The master key that is configured, or stored in the data directory.
pub fn master_key(config: &Config, chance: &Chance) -> Result<Option<Seal>> {
    if !config.keys.master.is_empty() {
        return Seal::open(&config.keys.master, chance.clone()).map(Some);
    }
    let path = master_file(config);
    match std::fs::read_to_string(&path).map(Zeroizing::new) {
        // A full disk or a power cut during an older Usher's first start can leave an empty file.
        Ok(text) if text.trim().is_empty() => Ok(None),
        // Only the first line, as with every secret that is given by a file.
        Ok(text) => {
            let line = text.lines().next().unwrap_or_default();
            Seal::open(line, chance.clone()).map(Some)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::Invalid(format!("{}: {error}", path.display()))),
    }
}

/// The path of the master key's file, if the key is not configured.
pub fn master_file(config: &Config) -> PathBuf {
    config.data.dir.join("master.key")
}

/// Opens the database, which is created if it does not exist; but not beside a master key, because
/// the database of that key must then be somewhere else.
pub async fn open_store(config: &Config) -> Result<Store> {
    let url = &config.database.url;
    let key = master_file(config);
    let has_key = std::fs::metadata(&key).is_ok_and(|file| file.len() > 0);
    if let Some(file) = Store::missing_file(url).filter(|_| has_key) {
        return Err(Error::Unfit(format!(
            "there is no database file {}, but there is a master key {}: its database is missing. \
             Is its disk mounted? Put it back; or, to begin with an empty portal, move the master \
             key away",
            file.display(),
            key.display()
        )));
    }
    let limits = store::Limits {
        statement: config.statement_limit(),
        megabytes: config.database.max_mb,
    };
    Store::open_within(url, &limits).await
}

/// Writes the file completely or not at all: it is written under another name and renamed when it
/// is on the disk. An existing file is not touched, unless it is empty.
fn write_private(path: &Path, text: &str) -> Result<()> {
    let beside = path.with_extension(format!("{}.new", std::process::id()));
    let written = write_beside(&beside, text).and_then(|()| name(&beside, path));
    let _ = std::fs::remove_file(&beside);
    written.map_err(|error| Error::Invalid(format!("{}: {error}", path.display())))
}

fn write_beside(path: &Path, text: &str) -> std::io::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Links rather than renames, which would replace a file that another process has just created.
fn name(beside: &Path, path: &Path) -> std::io::Result<()> {
    if std::fs::metadata(path).is_ok_and(|file| file.len() == 0) {
        std::fs::remove_file(path)?;
    }
    std::fs::hard_link(beside, path)?;
    let dir = path.parent().unwrap_or(Path::new("."));
    std::fs::File::open(dir)?.sync_all()
}
