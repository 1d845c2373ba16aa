//! The second factor of a user who has a link to a new password: the same limiter, the same proofs,
//! and what is used up is written with the link's next stage (THREATS: MFA bypass on side paths).

use super::{Challenge, EnrolledFactors, FactorProof, Factors, bound_to};
use crate::{
    directory::Directory,
    error::{Error, Result},
    id::sha256,
    model::{link::LinkKind, session::Visitor},
    sign_in::SignInTrouble,
};

/// The factors that links to a new password wait for.
#[derive(Clone, Copy)]
pub struct LinkFactors<'a> {
    factors: &'a Factors,
    directory: &'a Directory,
}

impl Factors {
    pub fn on_links<'a>(&'a self, directory: &'a Directory) -> LinkFactors<'a> {
        LinkFactors {
            factors: self,
            directory,
        }
    }
}

impl LinkFactors<'_> {
    /// What the user of a link can prove; nothing if the link waits for no proof.
    pub async fn awaited(
        self,
        (kind, link): (LinkKind, &str),
        visitor: &Visitor,
    ) -> Result<Option<EnrolledFactors>> {
        match self
            .directory
            .recoveries()
            .awaits_factor(kind, link, visitor)
            .await?
        {
            Some(user) => self.factors.enrolled_factors(&user).await.map(Some),
            None => Ok(None),
        }
    }

    /// A challenge for the passkeys of the user of a link.
    pub async fn challenge(
        self,
        (kind, link): (LinkKind, &str),
        visitor: &Visitor,
    ) -> Result<Challenge> {
        let user = self
            .directory
            .recoveries()
            .awaits_factor(kind, link, visitor)
            .await?;
        let user = user.ok_or(Error::NotFound)?;
        self.factors
            .challenge_of(&user, subject(link, visitor), visitor)
            .await
    }

    /// Proves the factor a link waits for; one that waits for none stays as it is.
    pub async fn prove(
        self,
        (kind, link): (LinkKind, &str),
        visitor: &Visitor,
        proof: &FactorProof,
    ) -> Result<Result<(), SignInTrouble>> {
        let Some(user) = self
            .directory
            .recoveries()
            .awaits_factor(kind, link, visitor)
            .await?
        else {
            return Ok(Ok(()));
        };
        let subject = subject(link, visitor);
        let (ticket, proved) = match self.factors.proved(&user, &subject, visitor, proof).await? {
            Ok(proved) => proved,
            Err(trouble) => return Ok(Err(trouble)),
        };
        self.directory
            .recoveries()
            .prove(proved.tx, kind, link, visitor)
            .await?;
        self.factors.sign_ins.release(&ticket, true).await?;
        Ok(Ok(()))
    }
}

/// A challenge is valid for this link in this browser only.
fn subject(link: &str, visitor: &Visitor) -> String {
    bound_to(&sha256(link), visitor)
}
