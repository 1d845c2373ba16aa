//! Changing a password where the directory lets people do it themselves: by the Password Modify
//! operation (RFC 3062), or by Active Directory's `unicodePwd` (MS-ADTS section 3.1.1.3.1.5.1).
//! Over TLS only; `settings` sees to that.
//!
//! The old password is tried first by a bind as the person, which says what a sign-in would say,
//! and goes along with the change, so that the directory itself verifies it once more. Whom the
//! directory no longer lets in with it, although it is right, has it changed on a connection of
//! the service account's: the old password is still what permits it.
//!
//! A change is tried once. If its answer is lost, nobody knows whether it was made: the person
//! finds out by signing in.

use std::collections::HashSet;

use ldap3::{Mod, exop::PasswordModify};

use super::{
    Ldap,
    active_directory::unicode_password,
    is_worth_asking, policy,
    server::Session,
    settings::PasswordChange,
    verdict::{self, Change, Verdict, is_servers_trouble},
    words::refusal,
};
use crate::{
    model::typed,
    sign_in::{Credentials, Entries, Failure, PASSWORD_FIXED, WEAK_PASSWORD},
};

/// What is to become of a password.
struct Wanted<'a> {
    dn: &'a str,
    old: &'a str,
    new: &'a str,
    /// The connection is the person's own.
    is_own: bool,
}

impl Ldap {
    pub(super) async fn change(
        &self,
        old: &Credentials,
        new: &str,
        entries: &dyn Entries,
    ) -> Result<(), Failure> {
        if self.config.password_change == PasswordChange::Off {
            return Err(Failure::Refused("unsupported"));
        }
        if !is_worth_asking(old) {
            return Err(Failure::Wrong);
        }
        // Empty, the directory would make one up (RFC 3062 section 2).
        if new.is_empty() || new.contains('\0') {
            return Err(Failure::Refused(WEAK_PASSWORD));
        }
        let person = self.find(&old.name).await?;
        let dn = self.dn_of(person.as_ref());
        let entry = person.as_ref().map_or(&old.name, |_| &dn);
        entries.count(entry).await?;
        let (bound, old_password) = self.prove(&dn, &old.password).await?;
        let is_own = bound.result.rc == 0;
        let Some(person) = person else {
            return Err(Failure::Wrong);
        };
        match self.verdict(&bound.result, &person, self.clock.now()) {
            Verdict::Right | Verdict::MustChange => {}
            Verdict::Refused(word) => return Err(Failure::Refused(word)),
            Verdict::Wrong => return Err(Failure::Wrong),
        }
        let wanted = Wanted {
            dn: &dn,
            old: &old_password,
            new: &typed::password(new),
            is_own,
        };
        self.change_on(bound.session, &wanted).await
    }

    async fn change_on(&self, own: Session, wanted: &Wanted<'_>) -> Result<(), Failure> {
        let server = &self.servers.all()[own.place];
        let session = match (wanted.is_own, &self.config.account) {
            (true, _) => own,
            (false, Some(_)) => server.session(own.place).await.map_err(Failure::Down)?,
            // Nobody is left who could do it.
            (false, None) => return Err(Failure::Refused(PASSWORD_FIXED)),
        };
        let done = match self.config.password_change {
            PasswordChange::ActiveDirectory => {
                server
                    .operation(replace_unicode_password(session, wanted))
                    .await
            }
            _ => server.operation(modify_password(session, wanted)).await,
        };
        let result = done.map_err(Failure::Down)?;
        if is_servers_trouble(&result) {
            return Err(Failure::Down(refusal(&result)));
        }
        match verdict::on_change(&result) {
            Change::Made => Ok(()),
            Change::Wrong => Err(Failure::Wrong),
            Change::Refused(word) => Err(Failure::Refused(word)),
            Change::Failed => {
                let why = format!("a password could not be changed: {}", refusal(&result));
                Err(Failure::Down(why))
            }
        }
    }
}

type Answered = ldap3::result::Result<ldap3::LdapResult>;

async fn modify_password(mut session: Session, wanted: &Wanted<'_>) -> Answered {
    let operation = PasswordModify {
        // Whoever is bound on the connection, where that is the person.
        user_id: (!wanted.is_own).then_some(wanted.dn),
        old_pass: Some(wanted.old),
        new_pass: Some(wanted.new),
    };
    session.ldap.with_controls(policy::question());
    let done = session.ldap.extended(operation).await?;
    Ok(done.1)
}

/// To delete the old value and add the new one is to change it; to replace it would be to reset it,
/// which asks for no old one.
async fn replace_unicode_password(mut session: Session, wanted: &Wanted<'_>) -> Answered {
    let value = |password: &str| HashSet::from([unicode_password(password)]);
    let changes = vec![
        Mod::Delete(b"unicodePwd".to_vec(), value(wanted.old)),
        Mod::Add(b"unicodePwd".to_vec(), value(wanted.new)),
    ];
    session.ldap.modify(wanted.dn, changes).await
}
