//! A client, from its row.

use crate::{
    model::{
        address::web_address,
        client::{Client, ClientAuth},
    },
    protocol::{jose::Algorithm, oauth::CONTEXT_DETAILS},
    store::ClientRow,
};

/// What a client may be, whether it comes from the seed or registered itself.
pub fn checked_client(row: ClientRow) -> Result<Client, String> {
    let auth = match (row.secret_hash, row.jwks) {
        (Some(hash), None) => ClientAuth::Secret { hash },
        (None, Some(keys)) if !keys.keys().is_empty() => ClientAuth::Keys(keys),
        _ => return Err("it needs either a secret or public keys (jwks)".to_owned()),
    };
    let Some(id_token_alg) = Algorithm::parse(&row.id_token_alg) else {
        return Err("id_token_alg is ES256 or RS256".to_owned());
    };
    let addresses = row
        .redirect_uris
        .iter()
        .chain(&row.post_logout_redirect_uris);
    let registration = &row.registration;
    for address in addresses
        .chain(&row.initiate_login_uri)
        .chain(&registration.backchannel_logout_uri)
        .chain(&registration.frontchannel_logout_uri)
        .chain(&registration.resources)
    {
        web_address(address)?;
    }
    let keyless = matches!(auth, ClientAuth::Secret { .. });
    if keyless && registration.require_signed_request_object {
        let fault = "require_signed_request_object needs public keys: it could sign nothing";
        return Err(fault.to_owned());
    }
    let mut types = registration.authorization_details_types.iter();
    if let Some(unknown) = types.find(|one| *one != CONTEXT_DETAILS) {
        return Err(format!(
            "there are no authorization details of the type \"{unknown}\"; the known one is \
             {CONTEXT_DETAILS}"
        ));
    }
    Ok(Client {
        id: row.id,
        title: row.title,
        auth,
        redirect_uris: row.redirect_uris,
        post_logout_redirect_uris: row.post_logout_redirect_uris,
        initiate_login_uri: row.initiate_login_uri,
        id_token_alg,
        registration: row.registration,
        disabled_at: row.disabled_at,
    })
}
