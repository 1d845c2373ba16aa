//! Changing a password where the directory lets users do it themselves: by the Password Modify
//! operation (RFC 3062), or by Active Directory's `unicodePwd` (MS-ADTS section 3.1.1.3.1.5.1).
//! Over TLS only; `settings` enforces that.
//!
//! The old password is tried first by a bind as the user, which has the same result as a sign-in,
//! and is sent with the change, so that the directory itself verifies it once more. For a user whom
//! the directory refuses although the old password is right, it is changed on a connection of the
//! service account's: the old password is still what permits it.
//!
//! A change is tried once. If its answer is lost, it is unknown whether it was made: the next
//! sign-in shows it.

use std::collections::HashSet;

use ldap3::{Mod, exop::PasswordModify};

use super::{
    Ldap,
    active_directory::unicode_password,
    is_worth_asking, policy,
    server::BoundSession,
    settings::PasswordChange,
    verdict::{self, BindVerdict, DirectoryChange, is_servers_trouble},
    words::refusal,
};
use crate::{
    model::typed,
    upstream::{Credentials, Entries, PASSWORD_FIXED, ProviderFailure, WEAK_PASSWORD},
};

/// The change of a password.
struct DirectoryPasswordChange<'a> {
    dn: &'a str,
    old: &'a str,
    new: &'a str,
    /// The connection is the user's own.
    is_own: bool,
}

impl Ldap {
    pub(super) async fn change(
        &self,
        old: &Credentials,
        new: &str,
        entries: &dyn Entries,
    ) -> Result<(), ProviderFailure> {
        if self.config.password_change == PasswordChange::Off {
            return Err(ProviderFailure::Refused("unsupported"));
        }
        if !is_worth_asking(old) {
            return Err(ProviderFailure::Wrong);
        }
        // For an empty one, the directory would generate one (RFC 3062 section 2).
        if new.is_empty() || new.contains('\0') {
            return Err(ProviderFailure::Refused(WEAK_PASSWORD));
        }
        let user = self.find(&old.name).await?;
        let dn = self.dn_of(user.as_ref());
        let entry = user.as_ref().map_or(&old.name, |_| &dn);
        entries.count(entry).await?;
        let (bound, old_password) = self.prove(&dn, &old.password).await?;
        let is_own = bound.result.rc == 0;
        let Some(user) = user else {
            return Err(ProviderFailure::Wrong);
        };
        match self.verdict(&bound.result, &user, self.clock.now()) {
            BindVerdict::Right | BindVerdict::MustChange => {}
            BindVerdict::Refused(word) => return Err(ProviderFailure::Refused(word)),
            BindVerdict::Wrong => return Err(ProviderFailure::Wrong),
        }
        let wanted = DirectoryPasswordChange {
            dn: &dn,
            old: &old_password,
            new: &typed::password(new),
            is_own,
        };
        self.change_on(bound.session, &wanted).await
    }

    async fn change_on(
        &self,
        own: BoundSession,
        wanted: &DirectoryPasswordChange<'_>,
    ) -> Result<(), ProviderFailure> {
        let server = &self.servers.all()[own.place];
        let session = match (wanted.is_own, &self.config.account) {
            (true, _) => own,
            (false, Some(_)) => server
                .session(own.place)
                .await
                .map_err(ProviderFailure::Down)?,
            // There is no account that could change it.
            (false, None) => return Err(ProviderFailure::Refused(PASSWORD_FIXED)),
        };
        let done = match self.config.password_change {
            PasswordChange::ActiveDirectory => {
                server
                    .operation(replace_unicode_password(session, wanted))
                    .await
            }
            _ => server.operation(modify_password(session, wanted)).await,
        };
        let result = done.map_err(ProviderFailure::Down)?;
        if is_servers_trouble(&result) {
            return Err(ProviderFailure::Down(refusal(&result)));
        }
        match verdict::on_change(&result) {
            DirectoryChange::Made => Ok(()),
            DirectoryChange::Wrong => Err(ProviderFailure::Wrong),
            DirectoryChange::Refused(word) => Err(ProviderFailure::Refused(word)),
            DirectoryChange::Failed => {
                let why = format!("a password could not be changed: {}", refusal(&result));
                Err(ProviderFailure::Down(why))
            }
        }
    }
}

type ChangeResult = ldap3::result::Result<ldap3::LdapResult>;

async fn modify_password(
    mut session: BoundSession,
    wanted: &DirectoryPasswordChange<'_>,
) -> ChangeResult {
    let operation = PasswordModify {
        // The user bound on the connection, where that is the one concerned.
        user_id: (!wanted.is_own).then_some(wanted.dn),
        old_pass: Some(wanted.old),
        new_pass: Some(wanted.new),
    };
    session.ldap.with_controls(policy::question());
    let done = session.ldap.extended(operation).await?;
    Ok(done.1)
}

/// To delete the old value and add the new one is to change it; to replace it would be to reset it,
/// which requires no old one.
async fn replace_unicode_password(
    mut session: BoundSession,
    wanted: &DirectoryPasswordChange<'_>,
) -> ChangeResult {
    let value = |password: &str| HashSet::from([unicode_password(password)]);
    let changes = vec![
        Mod::Delete(b"unicodePwd".to_vec(), value(wanted.old)),
        Mod::Add(b"unicodePwd".to_vec(), value(wanted.new)),
    ];
    session.ldap.modify(wanted.dn, changes).await
}
