//! Who may administer the portal. The first admin is created by a link printed at the start, or
//! from the command line; there is no default password.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::Directory;
use crate::{
    error::{Error, Result},
    id::{Artefact, Bearer, UserId, lasting_id},
    keys::provider_purpose,
    model::{
        event::{Actor, Event, EventKind},
        link::{AccountSnapshot, LinkKind, LinkStage, LinkVoid},
        mail::{MailJob, is_address},
        password::{self, PasswordWeakness},
        recovery::Move,
        typed,
        user::User,
        username::GivenName,
    },
    store::{Account, LocalAccount, Tx},
    text::{Language, Texts},
};

/// A user who gets a local account by hand.
#[derive(Clone, Debug)]
pub struct NewAdminForm {
    pub login: String,
    pub name: String,
    /// Empty if they have none.
    pub mail: String,
}

/// What is wrong with the form of a new admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstAdminFault {
    Login,
    Taken,
    Name,
    Mail,
    Password(PasswordWeakness),
}

/// Result of creating the first admin.
#[derive(Debug)]
pub enum FirstAdminOutcome {
    /// The admin exists, and signs in by this provider with this login.
    Made {
        provider: String,
        login: String,
    },
    Not(FirstAdminFault),
}

/// A new admin who is not committed yet.
struct NewAdmin {
    user: UserId,
    account: Account,
    /// The slug of the provider they sign in by.
    provider: String,
}

impl NewAdminForm {
    fn tidy(mut self) -> Self {
        self.login = typed::login(&self.login);
        self.name = self.name.trim().to_owned();
        self.mail = self.mail.trim().to_owned();
        self
    }

    fn fault(&self) -> Option<FirstAdminFault> {
        let plain = |c: char| c.is_alphanumeric() || "._-+@".contains(c);
        let length = |text: &str| text.chars().count();
        if !(1..=64).contains(&length(&self.login)) || !self.login.chars().all(plain) {
            return Some(FirstAdminFault::Login);
        }
        if !(1..=100).contains(&length(&self.name)) || self.name.contains(char::is_control) {
            return Some(FirstAdminFault::Name);
        }
        (!self.mail.is_empty() && !is_address(&self.mail)).then_some(FirstAdminFault::Mail)
    }

    fn facts(&self) -> BTreeMap<String, Vec<String>> {
        let mail = (!self.mail.is_empty()).then(|| ("mail".to_owned(), vec![self.mail.clone()]));
        mail.into_iter().collect()
    }
}

/// Who may administer the portal.
#[derive(Clone, Copy)]
pub struct Admins<'a>(&'a Directory);

impl Directory {
    pub fn admins(&self) -> Admins<'_> {
        Admins(self)
    }
}

impl Admins<'_> {
    /// A link for creating the first admin; `None` if there is an admin. The links of earlier
    /// starts are void.
    pub async fn first_link(self) -> Result<Option<String>> {
        let mut tx = self.0.store.begin().await?;
        if tx.has_admin().await? {
            return Ok(None);
        }
        let now = self.0.clock.now();
        tx.void_links(LinkKind::FirstAdmin, None, now).await?;
        let link = self
            .0
            .new_link(
                &mut tx,
                LinkKind::FirstAdmin,
                None,
                AccountSnapshot::default(),
            )
            .await?;
        tx.commit().await?;
        Ok(Some(link))
    }

    /// Whether the first admin's page exists: for a valid link, while there is no admin.
    ///
    /// # Errors
    /// [`Error::NotFound`] for what was never a link of ours; [`Error::FirstAdminLink`] for one
    /// that was, with whether it has been used.
    pub async fn awaits_first(self, link: &str) -> Result<()> {
        let living = self.0.living(LinkKind::FirstAdmin, link).await;
        let is_done = !self.0.store.admins().await?.is_empty();
        match living {
            Ok(_) if is_done => Err(Error::FirstAdminLink(LinkVoid::Used)),
            Ok(_) => Ok(()),
            Err(Error::Link(LinkVoid::Unknown)) => Err(Error::NotFound),
            Err(Error::Link(_)) if is_done => Err(Error::FirstAdminLink(LinkVoid::Used)),
            Err(Error::Link(_)) => Err(Error::FirstAdminLink(LinkVoid::Expired)),
            Err(error) => Err(error),
        }
    }

    /// Creates the first admin: link, provider, account, user, right and event in one transaction.
    pub async fn welcome(
        self,
        link: &str,
        newcomer: NewAdminForm,
        password: Zeroizing<String>,
        language: Language,
    ) -> Result<FirstAdminOutcome> {
        self.awaits_first(link).await?;
        let newcomer = newcomer.tidy();
        if let Some(fault) = newcomer.fault() {
            return Ok(FirstAdminOutcome::Not(fault));
        }
        if let Err(weak) = self.check_password(&password, &newcomer) {
            return Ok(FirstAdminOutcome::Not(FirstAdminFault::Password(weak)));
        }
        let hash = self.0.passwords.hash(password).await?;
        let mut link = self
            .0
            .living(LinkKind::FirstAdmin, link)
            .await
            .map_err(first_admin)?;
        let from = std::mem::replace(&mut link.stage, LinkStage::Done);
        let now = self.0.clock.now();
        let mut tx = self.0.store.begin().await?;
        let ours = tx.move_link(&Move { link, from }, now).await?;
        if !ours || tx.has_admin().await? {
            return Err(Error::FirstAdminLink(LinkVoid::Used));
        }
        let made = self.make(&mut tx, &newcomer, hash, language).await?;
        let Some(made) = made else {
            return Ok(FirstAdminOutcome::Not(FirstAdminFault::Taken));
        };
        let event = self
            .0
            .event(Actor::Anonymous, EventKind::AdminGranted, &made.user);
        self.raise(&mut tx, &made.user, event.with("reason", "first"))
            .await?;
        if let Some(mail) = made.account.account.mail() {
            let job = MailJob::Verify {
                user: made.user.clone(),
                mail: mail.to_owned(),
                language: language.tag().to_owned(),
            };
            self.0.mails.queue(&mut tx, &job, Some(mail)).await?;
        }
        tx.commit().await?;
        Ok(FirstAdminOutcome::Made {
            provider: made.provider,
            login: made.account.account.login,
        })
    }

    /// Creates an admin with a local account, and the link by which they choose its password.
    pub async fn create(self, newcomer: NewAdminForm) -> Result<Result<String, FirstAdminFault>> {
        let newcomer = newcomer.tidy();
        if let Some(fault) = newcomer.fault() {
            return Ok(Err(fault));
        }
        // This password is random and never shown; the user sets one by the link.
        let nobodys = Bearer::mint(Artefact::Link, &self.0.chance);
        let nobodys = Zeroizing::new(nobodys.as_str().to_owned());
        let hash = self.0.passwords.hash(nobodys).await?;
        let mut tx = self.0.store.begin().await?;
        let made = self.make(&mut tx, &newcomer, hash, Language::En).await?;
        let Some(made) = made else {
            return Ok(Err(FirstAdminFault::Taken));
        };
        let event = self
            .0
            .event(Actor::Command, EventKind::AdminGranted, &made.user);
        self.raise(&mut tx, &made.user, event).await?;
        // An operator who runs commands could as well write the password, so their statement is
        // enough.
        if made.account.account.mail().is_some() {
            tx.verify_mail(&made.user, self.0.clock.now()).await?;
        }
        let link = self
            .0
            .link_to(&mut tx, LinkKind::Invite, &made.account, None)
            .await?;
        tx.commit().await?;
        Ok(Ok(link))
    }

    /// All admins.
    pub async fn list(self) -> Result<Vec<User>> {
        self.0.store.admins().await
    }

    /// Makes a user an admin; returns whether they were not one before.
    pub async fn grant(self, user: &UserId) -> Result<bool> {
        let mut tx = self.0.store.begin().await?;
        if !tx.set_admin(user, Some(self.0.clock.now())).await? {
            return Ok(false);
        }
        tx.record(&self.0.event(Actor::Command, EventKind::AdminGranted, user))
            .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Revokes the right at once; returns whether the user had it.
    pub async fn revoke(self, user: &UserId) -> Result<bool> {
        let mut tx = self.0.store.begin().await?;
        if !tx.set_admin(user, None).await? {
            return Ok(false);
        }
        tx.record(&self.0.event(Actor::Command, EventKind::AdminRevoked, user))
            .await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn raise(self, tx: &mut Tx, user: &UserId, event: Event) -> Result<()> {
        tx.set_admin(user, Some(self.0.clock.now())).await?;
        tx.record(&event).await
    }

    fn check_password(
        self,
        password: &str,
        newcomer: &NewAdminForm,
    ) -> Result<(), PasswordWeakness> {
        let known_by = [
            newcomer.login.as_str(),
            &newcomer.name,
            &newcomer.mail,
            &self.0.rules.portal,
        ];
        password::check(password, &known_by, self.0.rules.shortest)
    }

    /// A local account and its user, and the provider they sign in by; `None` if the login is
    /// taken.
    async fn make(
        self,
        tx: &mut Tx,
        newcomer: &NewAdminForm,
        password_hash: String,
        language: Language,
    ) -> Result<Option<NewAdmin>> {
        let now = self.0.clock.now();
        let account = LocalAccount {
            login: newcomer.login.clone(),
            subject: lasting_id(now, &self.0.chance),
            name: newcomer.name.clone(),
            attributes: newcomer.facts(),
            password_hash,
            disabled_at: None,
        };
        if !tx.insert_account(&account, now).await? {
            return Ok(None);
        }
        let provider = self.local_provider(tx, language).await?;
        let id = UserId::new(now, &self.0.chance);
        let mut user = User {
            login: account.login.clone(),
            name: account.name.clone(),
            // A placeholder until it has a name, in the same transaction.
            username: id.to_string(),
            attributes: Default::default(),
            mail_verified_at: None,
            disabled_at: None,
            admin_at: None,
            id,
        };
        user.attributes.refresh(&provider, &account.attributes);
        tx.insert_user(&user, now).await?;
        let given = GivenName {
            login: &account.login,
            provider: &provider,
            is_bare: true,
        };
        user.username = tx.give_username(&user.id, given, now).await?;
        tx.refresh_user(&user, now).await?;
        tx.insert_identity(&provider, &account.subject, &user.id, now)
            .await?;
        Ok(Some(NewAdmin {
            user: user.id,
            account: Account {
                account,
                seeded: false,
            },
            provider,
        }))
    }

    /// The provider of local accounts; created with the first of them if none has been set up.
    async fn local_provider(self, tx: &mut Tx, language: Language) -> Result<String> {
        if let Some(slug) = self.0.store.local_provider().await? {
            return Ok(slug);
        }
        let title =
            Texts::of(language).with("local-provider-title", &[("portal", &self.0.rules.portal)]);
        for slug in ["local", "usher", "usher-local"] {
            let sealed = self.0.seal.seal(&provider_purpose(slug), b"{}")?;
            if tx.insert_local_provider(slug, &title, &sealed).await? {
                return Ok(slug.to_owned());
            }
        }
        Err(Error::Invalid(
            "the slugs local, usher and usher-local are all taken by other providers".to_owned(),
        ))
    }
}

/// What is wrong with a link to the first admin.
fn first_admin(error: Error) -> Error {
    match error {
        Error::Link(void) => Error::FirstAdminLink(void),
        other => other,
    }
}
