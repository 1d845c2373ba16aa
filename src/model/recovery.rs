//! Recovery: from a link to a new password. The stages are types and the transitions consume them,
//! so that an illegal order of events does not compile or is refused (THREATS: recovery flow).
//!
//! ```text
//! Asked ──open──▶ Opened ──prove──▶ Proven ──done──▶ Done
//!   └───────────────┴─────────────────┴──▶ Void: expired, used, replaced, another browser's,
//!                                          or the account is no longer what it was
//! ```
//!
//! Reading a link never changes its stage: mail scanners follow links, too.

use crate::{
    clock::Time,
    id::BearerHash,
    model::link::{AccountSnapshot, LinkStage, LinkVoid, OneTimeLink},
};

/// The account a recovery is about, as it is now.
#[derive(Clone, Debug)]
pub struct AccountState {
    pub subject: String,
    /// A digest of the password's hash.
    pub password: String,
    pub mail: Option<String>,
    /// The account, or a user who signs in with it.
    pub disabled: bool,
    /// Whether its user has a second factor.
    pub second_factor: bool,
}

/// A recovery in progress.
#[derive(Debug)]
pub enum Recovery {
    Asked(UnopenedRecovery),
    Opened(OpenedRecovery),
    Proven(Proven),
}

/// A link that has not been opened.
#[derive(Debug)]
pub struct UnopenedRecovery(OneTimeLink);

/// One browser has opened it.
#[derive(Debug)]
pub struct OpenedRecovery {
    link: OneTimeLink,
    second_factor: bool,
}

/// Everything required was proved: the link, and the second factor where there is one.
#[derive(Debug)]
pub struct Proven {
    link: OneTimeLink,
    /// The stage of the row: `OpenedRecovery` if there was nothing to prove.
    from: LinkStage,
}

/// A stage to be written, if the row is still at `from`.
#[derive(Debug)]
pub struct Move {
    pub link: OneTimeLink,
    pub from: LinkStage,
}

impl Recovery {
    /// What a link is valid for now.
    pub fn read(
        link: OneTimeLink,
        standing: &AccountState,
        browser: &BearerHash,
        now: Time,
    ) -> Result<Self, LinkVoid> {
        match link.stage {
            LinkStage::Done | LinkStage::Void => return Err(LinkVoid::Used),
            _ if link.expires_at <= now => return Err(LinkVoid::Expired),
            _ if !still(&link.bound, standing) => return Err(LinkVoid::Changed),
            LinkStage::Asked => return Ok(Recovery::Asked(UnopenedRecovery(link))),
            LinkStage::Opened | LinkStage::Proven => {}
        }
        if link.bound.browser.as_deref() != Some(browser.as_str()) {
            return Err(LinkVoid::Foreign);
        }
        let second_factor = standing.second_factor;
        Ok(match link.stage {
            LinkStage::Proven => Recovery::Proven(Proven {
                link,
                from: LinkStage::Proven,
            }),
            _ => Recovery::Opened(OpenedRecovery {
                link,
                second_factor,
            }),
        })
    }
}

/// Whether an account is unchanged since the link was made.
fn still(bound: &AccountSnapshot, standing: &AccountState) -> bool {
    !standing.disabled
        && bound.subject.as_ref() == Some(&standing.subject)
        && bound.password.as_ref() == Some(&standing.password)
        && (bound.mail.is_none() || bound.mail == standing.mail)
}

impl UnopenedRecovery {
    /// Binds it to the browser that opens it.
    pub fn open(self, browser: &BearerHash) -> Move {
        let mut link = self.0;
        link.bound.browser = Some(browser.as_str().to_owned());
        moved(link, LinkStage::Opened)
    }
}

impl OpenedRecovery {
    pub fn needs_second_factor(&self) -> bool {
        self.second_factor
    }

    /// The second factor was proved just now.
    pub fn prove(self) -> Move {
        moved(self.link, LinkStage::Proven)
    }

    /// For a user who has no second factor; for the others the value is returned.
    pub fn without_second_factor(self) -> Result<Proven, Box<Self>> {
        if self.second_factor {
            return Err(Box::new(self));
        }
        Ok(Proven {
            link: self.link,
            from: LinkStage::Opened,
        })
    }
}

impl Proven {
    /// The password is set: the link is used up.
    pub fn done(self) -> Move {
        let from = self.from;
        Move {
            from,
            ..moved(self.link, LinkStage::Done)
        }
    }
}

fn moved(mut link: OneTimeLink, to: LinkStage) -> Move {
    let from = std::mem::replace(&mut link.stage, to);
    Move { link, from }
}
