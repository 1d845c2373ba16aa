//! RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0): which client requests it, for
//! which session, and where the browser may go afterwards.

use url::Url;

use super::OpenId;
use crate::{model::session::Visitor, protocol::oauth::Params};

/// The decision on a logout request.
#[derive(Debug, PartialEq, Eq)]
pub struct EndSessionRequest {
    /// The request proves that it is about this very session: no need to ask the user.
    pub certain: bool,
    /// A registered address of an identified client, with `state`; else `None`.
    pub onward: Option<Url>,
    /// The title of the client it belongs to, where no admin vouches for that.
    pub unvouched: Option<String>,
}

impl OpenId<'_> {
    /// Checks a request. An expired id_token_hint counts (section 4); a modified one does not.
    pub fn end_session(self, params: &Params, visitor: &Visitor) -> EndSessionRequest {
        let snapshot = self.0.catalog.snapshot();
        let hinted = params
            .one("id_token_hint")
            .and_then(|hint| self.subject_of(hint));
        let hinted_client = hinted.as_ref().map(|(_, hint)| hint.client.as_str());
        let client = match (params.one("client_id"), hinted_client) {
            (Some(named), Some(hinted)) if named != hinted => None,
            (named, hinted) => hinted.or(named),
        };
        let certain = client.is_some()
            && hinted
                .as_ref()
                .zip(visitor.signed_in.as_ref())
                .is_some_and(|((sub, hint), who)| {
                    let client = snapshot.client(&hint.client);
                    client.is_some_and(|client| {
                        let own = &who.session.id;
                        // Older tokens have the session's own id, from before the name was derived.
                        let names = [self.0.keys.sid(&client.id, own), own.to_string()];
                        *sub == self.0.keys.subject(client, &who.user.id)
                            && hint
                                .session
                                .as_ref()
                                .is_some_and(|said| names.contains(said))
                    })
                });
        EndSessionRequest {
            certain,
            onward: client.and_then(|id| self.onward(id, params)),
            unvouched: client
                .and_then(|id| snapshot.client(id))
                .filter(|client| !client.is_vouched_for())
                .map(|client| client.title.clone()),
        }
    }

    fn onward(self, client: &str, params: &Params) -> Option<Url> {
        let asked = params.one("post_logout_redirect_uri")?;
        let snapshot = self.0.catalog.snapshot();
        let client = snapshot.client(client)?;
        let known = client
            .post_logout_redirect_uris
            .iter()
            .find(|known| *known == asked)?;
        let mut url = Url::parse(known).ok()?;
        if let Some(state) = params.one("state") {
            url.query_pairs_mut().append_pair("state", state);
        }
        Some(url)
    }
}
