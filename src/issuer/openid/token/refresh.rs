//! Refresh tokens (RFC 6749 section 6), each used once and followed by the next (RFC 9700 section
//! 4.14). All of one grant are a family: reuse of a token revokes the family, because one of its
//! two holders has stolen it. A family ends with its user's session.

use std::time::Duration;

use super::{
    super::OpenId,
    TokenReply,
    access::{ACCESS_LIFE, audience},
    code::TokenGrant,
};
use crate::{
    catalog::Snapshot,
    clock::Time,
    error::Result,
    id::{Artefact, Bearer},
    issuer::{EndpointFault, may_enter},
    model::{
        client::{Client, GrantType},
        event::{Actor, EventKind, Target},
        grant::Grant,
    },
    protocol::oauth::{OAuthError, OFFLINE, Params, has_scope, narrowed},
    store::{GrantChange, RefreshToken, Refreshable, Tx},
};

/// A refresh token that is not used for this long is void, in any case.
const REFRESH_LIFE: Duration = Duration::from_secs(24 * 3600);
/// Two requests at the same moment are not treated as theft; the second one gets nothing.
const SAME_MOMENT: Duration = Duration::from_secs(5);

/// Whether a refresh token is given for the grant's code.
pub(super) fn gives_refresh(client: &Client, grant: &Grant) -> bool {
    client.may(GrantType::RefreshToken) && has_scope(&grant.scope, OFFLINE)
}

impl OpenId<'_> {
    /// The refresh token that is issued with a code, if the client requested one and may have it.
    pub(super) async fn first_refresh(
        self,
        tx: &mut Tx,
        client: &Client,
        grant: &Grant,
        now: Time,
    ) -> Result<Option<String>> {
        if !gives_refresh(client, grant) {
            return Ok(None);
        }
        let (token, row) = self.mint_refresh(grant, now);
        tx.insert_refresh_token(&row).await?;
        Ok(Some(token.as_str().to_owned()))
    }

    fn mint_refresh(self, grant: &Grant, now: Time) -> (Bearer, RefreshToken) {
        let token = Bearer::mint(Artefact::RefreshToken, &self.0.chance);
        let row = RefreshToken {
            hash: token.hash(),
            grant: grant.id.clone(),
            issued_at: now,
            expires_at: now + REFRESH_LIFE,
        };
        (token, row)
    }

    /// Answers a client with a refresh token. Everything is checked first; then one guarded update
    /// uses the token up.
    pub(super) async fn refresh(
        self,
        snapshot: &Snapshot,
        client: &Client,
        params: &Params,
        key: Option<String>,
    ) -> Result<TokenReply, EndpointFault> {
        let now = self.0.clock.now();
        let text = params
            .one("refresh_token")
            .ok_or_else(|| OAuthError::request("refresh_token is missing"))?;
        let used = Bearer::parse(Artefact::RefreshToken, text).ok_or_else(OAuthError::refresh)?;
        let found = self.0.store.refreshable(&used.hash(), now).await?;
        let found = found.filter(|found| found.grant.client == client.id);
        let Refreshable { grant, used_at, .. } = found.ok_or_else(OAuthError::refresh)?;
        if let Some(at) = used_at {
            self.note_refresh_reuse(client, &grant, at, now).await?;
            return Err(OAuthError::refresh().into());
        }
        let scope = narrowed(&grant.scope, params.one("scope"))?;
        let resource = audience(client, &grant.resources, params)?;
        self.covers(snapshot, client, &grant, &scope, resource.as_deref())
            .await?;
        let access = self.mint_access(resource, key);
        let arrival = self.0.store.arrival(&grant, now).await?;
        let who = arrival
            .map(|arrival| arrival.who)
            .filter(|who| may_enter(snapshot, client, &who.user))
            .ok_or_else(OAuthError::refresh)?;
        let (token, next) = self.mint_refresh(&grant, now);
        let turn = GrantChange {
            used: &used.hash(),
            client: &client.id,
            next: &next,
            access: &access.hash(),
            access_scope: &scope,
            access_key: access.key.as_deref(),
            access_expires_at: now + ACCESS_LIFE,
            now,
        };
        let mut tx = self.0.store.begin().await?;
        if !tx.turn(&turn).await? {
            return Err(OAuthError::refresh().into());
        }
        // Core 12.2: the same user and sign-in, no nonce, no launch: that has landed.
        let grant = Grant {
            nonce: None,
            scope: scope.clone(),
            ..grant
        };
        let given = TokenGrant {
            client,
            grant: &grant,
            who: &who,
            access: &access,
            now,
            asked: !grant.details.is_empty(),
        };
        let mut tokens = self.tokens(&given, &scope, None)?;
        tokens.refresh_token = Some(token.as_str().to_owned());
        tx.commit().await?;
        Ok(tokens)
    }

    /// A refresh token was reused: the family is revoked.
    async fn note_refresh_reuse(
        self,
        client: &Client,
        grant: &Grant,
        used_at: Time,
        now: Time,
    ) -> Result<()> {
        if now < used_at + SAME_MOMENT {
            return Ok(());
        }
        let mut tx = self.0.store.begin().await?;
        if !tx.revoke_family(&grant.id, now).await? {
            return Ok(());
        }
        let event = self
            .0
            .events
            .by(
                Actor::Client(client.id.clone()),
                EventKind::RefreshTokenReused,
            )
            .of_user(Some(&grant.user))
            .in_session(&grant.session)
            .about(Target::client(&client.id));
        tx.record(&event).await?;
        tx.commit().await?;
        tracing::warn!(client = %client.id, "a refresh token was brought twice; its family is revoked");
        Ok(())
    }
}
