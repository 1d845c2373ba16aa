//! Notifies service providers that a session has ended: by SOAP where they support it, else through
//! the browser. Each assertion is a session at the party and has a request of its own (Core section
//! 3.7.1), each try an id of its own, and only an answer proves that it has ended.

use std::sync::Arc;

use url::Url;

use super::{
    super::{Issuer, logout_delivery::DeliveryResult},
    Saml,
};
use crate::{
    error::{Error, Result},
    handoff::{
        Landing,
        assertion::{entity_id, transient_sector},
    },
    kind::BoxFuture,
    model::{
        notice::{LogoutDelivery, NoticeOutcome},
        party::{GivenAssertion, PartyKind, PartySession},
        service_provider::{LogoutBy, NameFormat, ServiceProvider},
    },
    net::{HttpReply, NetError, Request},
    protocol::saml::{
        Address, NameId, PrivateKey, SamlFault, UNKNOWN_PRINCIPAL,
        binding::REDIRECT,
        logout::{LogoutResponse, LogoutStatus, Outgoing, soap},
        metadata::Theirs,
    },
};

/// The most frames of one page; the next page has the rest.
const MOST_FRAMES: usize = 8;

/// The result of the request for one assertion.
enum SamlLogoutEnd {
    Wholly,
    Partly,
    /// A sentence for the admin; others may still be asked.
    No(String),
    /// The address does not respond.
    Away(NetError),
}

/// [`Saml::notify`].
pub(super) fn deliver<'a>(
    provider: &'a Issuer,
    notice: &'a LogoutDelivery,
) -> BoxFuture<'a, DeliveryResult> {
    Box::pin(provider.saml().notify(notice))
}

/// [`Saml::frames`].
pub(super) fn frames<'a>(
    provider: &'a Issuer,
    notice: &'a LogoutDelivery,
) -> BoxFuture<'a, Result<(Vec<Url>, bool)>> {
    Box::pin(provider.saml().frames(notice))
}

impl Saml<'_> {
    /// Notifies a service provider by SOAP; one without a SOAP endpoint only the browser can
    /// notify.
    async fn notify(self, notice: &LogoutDelivery) -> DeliveryResult {
        let snapshot = self.0.catalog.snapshot();
        let Some((_, _, party)) = snapshot.service_provider(&notice.at.party) else {
            return DeliveryResult::Impossible;
        };
        let Some(address) = &party.metadata.logout_by_soap else {
            return match party.metadata.logout.is_empty() {
                true => DeliveryResult::Impossible,
                false => DeliveryResult::Browser,
            };
        };
        match self.notify_by_soap(party, notice, address).await {
            Ok(result) => result,
            Err(error) => DeliveryResult::Failed(error.to_string()),
        }
    }

    async fn notify_by_soap(
        self,
        party: &Arc<ServiceProvider>,
        notice: &LogoutDelivery,
        address: &Address,
    ) -> Result<DeliveryResult> {
        let (mut partly, mut failed) = (false, None);
        for given in self.living(notice).await? {
            match self.end_by_soap(party, notice, &given, address).await? {
                SamlLogoutEnd::Wholly => self.end_assertion(&notice.at, &given.index).await?,
                SamlLogoutEnd::Partly => partly = true,
                SamlLogoutEnd::No(why) => failed = failed.or(Some(why)),
                SamlLogoutEnd::Away(error) => return Ok(error.into()),
            }
        }
        Ok(match (failed, partly) {
            (Some(why), _) => DeliveryResult::Failed(why),
            (None, true) => DeliveryResult::Partly,
            (None, false) => DeliveryResult::Confirmed,
        })
    }

    /// The assertions whose sessions have not ended. A replica of an older version kept the latest
    /// index alone.
    async fn living(self, notice: &LogoutDelivery) -> Result<Vec<GivenAssertion>> {
        let mut living = self.0.store.given(&notice.at).await?;
        if living.is_empty()
            && let Some(index) = &notice.at.index
            && !self.0.store.was_given(&notice.at).await?
        {
            living.push(GivenAssertion {
                index: index.clone(),
                asked_at: None,
            });
        }
        Ok(living)
    }

    async fn end_by_soap(
        self,
        party: &Arc<ServiceProvider>,
        notice: &LogoutDelivery,
        given: &GivenAssertion,
        address: &Address,
    ) -> Result<SamlLogoutEnd> {
        let id = self.new_request(&notice.at, &given.index).await?;
        let message = self
            .request_about(
                party,
                notice,
                given,
                &id,
                address,
                |outgoing: &Outgoing, key: &PrivateKey| Ok(soap::envelope(&outgoing.signed(key)?)),
            )
            .await?;
        let reply = match self.0.net.send(posted(address, message)).await {
            Ok(reply) => reply,
            Err(error) => return Ok(SamlLogoutEnd::Away(error)),
        };
        if reply.status != 200 {
            return Ok(SamlLogoutEnd::No(format!("it answered {}", reply.status)));
        }
        self.understood(party.clone(), id, address.clone(), reply)
            .await
    }

    /// Reads an answer where it blocks no other request.
    async fn understood(
        self,
        party: Arc<ServiceProvider>,
        id: String,
        address: Address,
        reply: HttpReply,
    ) -> Result<SamlLogoutEnd> {
        self.0
            .off_thread(move || {
                let expected = soap::ExpectedReply {
                    issuer: party.entity_id(),
                    keys: &party.metadata.signing,
                    request: &id,
                    // The HTTP client trusts the system's certificates only.
                    is_proved_by_tls: address.scheme() == "https",
                };
                match soap::answer(&reply.body, &expected) {
                    Ok(true) => SamlLogoutEnd::Wholly,
                    Ok(false) => SamlLogoutEnd::Partly,
                    // The party knows no session of the user, so none is left.
                    Err(SamlFault::Status(status)) if status.code == UNKNOWN_PRINCIPAL => {
                        SamlLogoutEnd::Wholly
                    }
                    Err(fault) => SamlLogoutEnd::No(fault.to_string()),
                }
            })
            .await
    }

    /// Stored before it is sent, so that its answer can be matched.
    async fn new_request(self, at: &PartySession, index: &str) -> Result<String> {
        let id = self.fresh_id();
        let mut tx = self.0.store.begin_single().await?;
        tx.ask_about(at, index, &id, self.0.clock.now()).await?;
        tx.commit().await?;
        Ok(id)
    }

    async fn end_assertion(self, at: &PartySession, index: &str) -> Result<()> {
        let mut tx = self.0.store.begin_single().await?;
        tx.end_assertions(at, Some(index), self.0.clock.now())
            .await?;
        tx.commit().await
    }

    /// A signed request about one assertion, in the required form.
    async fn request_about<T: Send + 'static>(
        self,
        party: &ServiceProvider,
        notice: &LogoutDelivery,
        given: &GivenAssertion,
        id: &str,
        address: &Address,
        form: impl FnOnce(&Outgoing, &PrivateKey) -> Result<T, SamlFault> + Send + 'static,
    ) -> Result<T> {
        let name_id = self.name_id(party, notice);
        let (provider, index) = (self.0.clone(), given.index.clone());
        let (id, address) = (id.to_owned(), address.clone());
        self.0
            .off_thread(move || {
                let issuer = entity_id(&provider.issuer);
                let sender = provider.saml().sender(&id, &issuer, Some(&address));
                let key = provider.keys.saml()?;
                form(&sender.request(&name_id, Some(&index)), &key)
                    .map_err(|fault| Error::Internal(fault.to_string()))
            })
            .await?
    }

    /// The addresses of frames that notify a service provider in the user's browser, and whether
    /// they cover all that is left. A provider that requires a whole page is notified by
    /// [`Saml::next_page`].
    async fn frames(self, notice: &LogoutDelivery) -> Result<(Vec<Url>, bool)> {
        let snapshot = self.0.catalog.snapshot();
        let Some((_, _, party)) = snapshot.service_provider(&notice.at.party) else {
            return Ok((Vec::new(), true));
        };
        if is_by_page(party) {
            return Ok((Vec::new(), false));
        }
        let Some(endpoint) = Theirs::endpoint(&party.metadata.logout, REDIRECT) else {
            return Ok((Vec::new(), true));
        };
        let mut frames = Vec::new();
        let unasked = self.unasked(notice).await?;
        for given in unasked.iter().take(MOST_FRAMES) {
            let id = self.new_request(&notice.at, &given.index).await?;
            let to = endpoint.location.clone();
            let form =
                move |outgoing: &Outgoing, key: &PrivateKey| outgoing.redirect(&to, None, key);
            frames.push(
                self.request_about(party, notice, given, &id, &endpoint.location, form)
                    .await?,
            );
        }
        Ok((frames, unasked.len() <= MOST_FRAMES))
    }

    async fn unasked(self, notice: &LogoutDelivery) -> Result<Vec<GivenAssertion>> {
        let mut living = self.living(notice).await?;
        living.retain(|given| given.asked_at.is_none());
        Ok(living)
    }

    /// Whether the browser is to go to this party as a page of its own.
    pub fn is_notified_by_page(self, notice: &LogoutDelivery) -> bool {
        let snapshot = self.0.catalog.snapshot();
        notice.at.kind == PartyKind::SAML
            && notice.outcome == NoticeOutcome::Browser
            && snapshot
                .service_provider(&notice.at.party)
                .is_some_and(|(_, _, party)| is_by_page(party))
    }

    /// Where the browser that has signed out goes next as a whole page, to come back with the
    /// answer (Bindings sections 3.4 and 3.5); `None` when all parties have been notified. Each is
    /// notified once.
    pub async fn next_page(self, notices: &[LogoutDelivery]) -> Result<Option<Landing>> {
        for notice in notices.iter().filter(|one| self.is_notified_by_page(one)) {
            let unasked = self.unasked(notice).await?;
            if unasked.len() <= 1 {
                self.settle_as_asked(notice).await?;
            }
            if let Some(given) = unasked.first() {
                return self.page_about(notice, given).await;
            }
        }
        Ok(None)
    }

    async fn settle_as_asked(self, notice: &LogoutDelivery) -> Result<()> {
        let mut tx = self.0.store.begin_single().await?;
        tx.settle_notice(notice, NoticeOutcome::Asked, None, self.0.clock.now())
            .await?;
        tx.commit().await
    }

    async fn page_about(
        self,
        notice: &LogoutDelivery,
        given: &GivenAssertion,
    ) -> Result<Option<Landing>> {
        let snapshot = self.0.catalog.snapshot();
        let party = snapshot.service_provider(&notice.at.party);
        let Some((_, _, party)) = party else {
            return Ok(None);
        };
        let Some(endpoint) = Theirs::endpoint(&party.metadata.logout, REDIRECT).cloned() else {
            return Ok(None);
        };
        let id = self.new_request(&notice.at, &given.index).await?;
        let (to, binding) = (endpoint.location.clone(), endpoint.binding);
        let form = move |outgoing: &Outgoing, key: &PrivateKey| match binding {
            REDIRECT => outgoing.redirect(&to, None, key).map(Landing::Redirect),
            _ => {
                let fields = [(outgoing.parameter(), outgoing.post(key)?)];
                Ok(Landing::post(to.url().clone(), fields))
            }
        };
        let landing = self.request_about(party, notice, given, &id, &endpoint.location, form);
        landing.await.map(Some)
    }

    /// A service provider's answer to a request that was sent through the browser. An unsolicited
    /// answer, or one to a request before the latest try, is ignored.
    pub(super) async fn logout_answered(self, issuer: &str, answer: &LogoutResponse) -> Result<()> {
        let Some(request) = &answer.in_response_to else {
            return Ok(());
        };
        let Some(at) = self.0.store.asked_about(issuer, request).await? else {
            return Ok(());
        };
        let notices = self.0.store.notices_of(&at.session).await?;
        let is_it = |notice: &&LogoutDelivery| {
            let one = &notice.at;
            one.kind == at.kind && one.party == at.party && one.subject == at.subject
        };
        let Some(notice) = notices.iter().find(is_it) else {
            return Ok(());
        };
        if !matches!(
            notice.outcome,
            NoticeOutcome::Asked | NoticeOutcome::Browser
        ) {
            return Ok(());
        }
        let result = match &answer.answered {
            LogoutStatus::Wholly => DeliveryResult::Confirmed,
            LogoutStatus::Partly => DeliveryResult::Partly,
            LogoutStatus::No(status) if status.code == UNKNOWN_PRINCIPAL => {
                DeliveryResult::Confirmed
            }
            LogoutStatus::No(status) => DeliveryResult::Refused(format!("it answered {status}")),
        };
        let index = at.index.as_deref().unwrap_or_default();
        if matches!(result, DeliveryResult::Confirmed) {
            self.end_assertion(&at, index).await?;
            // Other sessions of the same party still wait for their answers.
            if !self.0.store.given(&at).await?.is_empty() {
                return Ok(());
            }
        }
        self.0.logouts().settle(notice, result).await
    }

    /// As it was sent to the party (Core section 3.7.1: the same NameID): a request may have asked
    /// for another format than the party's usual one.
    fn name_id(self, party: &ServiceProvider, notice: &LogoutDelivery) -> NameId {
        let at = &notice.at;
        let is = |sector: &str| at.subject == self.0.keys.pairwise(sector, &notice.user);
        let format = match party.name_id {
            _ if is(&at.party) => NameFormat::Persistent,
            _ if is(&transient_sector(&at.party, &at.session)) => NameFormat::Transient,
            usual => usual,
        };
        let qualified = format == NameFormat::Persistent;
        NameId {
            value: at.subject.clone(),
            format: Some(format.uri().to_owned()),
            name_qualifier: qualified.then(|| entity_id(&self.0.issuer)),
            sp_name_qualifier: qualified.then(|| at.party.clone()),
        }
    }
}

/// It is configured so, or takes requests by form only, which a frame's address cannot send.
fn is_by_page(party: &ServiceProvider) -> bool {
    let takes_redirects = party
        .metadata
        .logout
        .iter()
        .any(|one| one.binding == REDIRECT);
    party.logout_by == LogoutBy::Page || !takes_redirects
}

/// Bindings section 3.2.3.
fn posted(address: &Address, message: String) -> Request {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Request {
        headers: vec![
            header("content-type", "text/xml; charset=utf-8"),
            header(
                "soapaction",
                "http://www.oasis-open.org/committees/security",
            ),
        ],
        body: message.into_bytes(),
        ..Request::form(address.url(), [])
    }
}
