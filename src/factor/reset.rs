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

impl Factors {
    /// What the user of a link can prove; nothing if the link waits for no proof.
    pub async fn awaited_by_link(
        &self,
        directory: &Directory,
        (kind, link): (LinkKind, &str),
        visitor: &Visitor,
    ) -> Result<Option<EnrolledFactors>> {
        match directory
            .recoveries()
            .awaits_factor(kind, link, visitor)
            .await?
        {
            Some(user) => self.enrolled_factors(&user).await.map(Some),
            None => Ok(None),
        }
    }

    /// A challenge for the passkeys of the user of a link.
    pub async fn challenge_on_link(
        &self,
        directory: &Directory,
        (kind, link): (LinkKind, &str),
        visitor: &Visitor,
    ) -> Result<Challenge> {
        let user = directory
            .recoveries()
            .awaits_factor(kind, link, visitor)
            .await?;
        let user = user.ok_or(Error::NotFound)?;
        self.challenge_of(&user, subject(link, visitor), visitor)
            .await
    }

    /// Proves the factor a link waits for; one that waits for none stays as it is.
    pub async fn prove_on_link(
        &self,
        directory: &Directory,
        (kind, link): (LinkKind, &str),
        visitor: &Visitor,
        proof: &FactorProof,
    ) -> Result<Result<(), SignInTrouble>> {
        let Some(user) = directory
            .recoveries()
            .awaits_factor(kind, link, visitor)
            .await?
        else {
            return Ok(Ok(()));
        };
        let subject = subject(link, visitor);
        let (ticket, proved) = match self.proved(&user, &subject, visitor, proof).await? {
            Ok(proved) => proved,
            Err(trouble) => return Ok(Err(trouble)),
        };
        directory
            .recoveries()
            .prove(proved.tx, kind, link, visitor)
            .await?;
        self.sign_ins.release(&ticket, true).await?;
        Ok(Ok(()))
    }
}

/// A challenge is valid for this link in this browser only.
fn subject(link: &str, visitor: &Visitor) -> String {
    bound_to(&sha256(link), visitor)
}
