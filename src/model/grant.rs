//! A code and what it grants. Authorization codes and launch codes have one type, so that single
//! use, expiry, reuse and revocation are decided in one place.

use crate::{
    clock::Time,
    id::{BearerHash, GrantId, LaunchId, SessionId, UserId},
    protocol::oauth::{ClaimsRequest, Detail},
};

/// A one-time code, bound to client, session and (where there is one) launch.
#[derive(Clone, Debug)]
pub struct Grant {
    pub id: GrantId,
    pub code: BearerHash,
    pub client: String,
    pub user: UserId,
    pub session: SessionId,
    /// The client's id of the session; `None`: the session's own id, in grants from before the name
    /// was derived for each client.
    pub sid: Option<String>,
    pub launch: Option<LaunchId>,
    /// Authorization codes only (RFC 6749 section 4.1.3).
    pub redirect_uri: Option<String>,
    pub scope: String,
    /// Where its tokens are to be used (RFC 8707); empty: at our own userinfo.
    pub resources: Vec<String>,
    pub nonce: Option<String>,
    /// S256 challenge (RFC 7636); authorization codes only.
    pub challenge: Option<String>,
    /// Claims that were requested individually (Core 5.5).
    pub claims: ClaimsRequest,
    /// The requested context (RFC 9396); from redemption on, the granted one.
    pub details: Vec<Detail>,
    /// The thumbprint of the key the code is bound to (RFC 9449 section 10).
    pub key: Option<String>,
    pub issued_at: Time,
    pub expires_at: Time,
}

impl Grant {
    /// The `sid` of the client's tokens.
    pub fn sid(&self) -> &str {
        self.sid.as_deref().unwrap_or(self.session.as_str())
    }
}
