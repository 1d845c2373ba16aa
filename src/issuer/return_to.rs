//! A request that waited for its person, asked anew: in another browser, or after its time.

use super::{BrowserReply, Issuer};
use crate::{
    error::{Error, Result},
    model::{attempt::After, return_to::ReturnTo, session::Visitor},
};

impl Issuer {
    /// What the request asks for that waits for this visitor's sign-in, if it is one of a relying
    /// party's.
    pub async fn return_to(&self, after: &After, visitor: &Visitor) -> Result<Option<ReturnTo>> {
        let (browser, now) = (&visitor.browser, self.clock.now());
        Ok(match after {
            After::Authorize(id) => {
                let kept = self.store.authorization(id, browser, now).await?;
                kept.map(|(request, _)| ReturnTo::authorize(request))
            }
            After::Assert(id) => {
                let mut tx = self.store.begin().await?;
                let kept = tx.saml_request(id, browser, now).await?;
                tx.commit().await?;
                kept.map(|(request, _)| ReturnTo::Assert(Box::new(request)))
            }
            After::Cas(id) => {
                let kept = self.store.cas_request(id, browser, now).await?;
                kept.map(|(request, _)| ReturnTo::Cas(request))
            }
            After::Discourse(id) => {
                let kept = self.store.discourse_request(id, browser, now).await?;
                kept.map(ReturnTo::Discourse)
            }
            After::Launch(_) | After::Page(_) => None,
        })
    }

    /// The same request, as if it had come just now: every check is made again.
    pub async fn ask_anew(&self, to: ReturnTo, visitor: &Visitor) -> Result<BrowserReply> {
        match to {
            ReturnTo::Authorize(request) => self.authorize_anew(*request, visitor).await,
            ReturnTo::Assert(request) => self.saml_anew(*request, visitor).await,
            ReturnTo::Cas(request) => self.cas_anew(request, visitor).await,
            ReturnTo::Discourse(request) => self.discourse_anew(request, visitor).await,
            ReturnTo::Launch(_) | ReturnTo::Page(_) => Err(Error::NotFound),
        }
    }
}
