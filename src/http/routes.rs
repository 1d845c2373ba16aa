//! Every route: who may use it, by which methods, at which path.

use axum::routing::{MethodRouter, get, post};

use super::{
    account, admin, assets, cas, consent, discourse, factor, forward_auth, health, kept, language,
    launch, logout, oidc, own_password, portal, realm, receipt, record, recovery,
    recovery::{Invite, Reset},
    registration, saml, service, sign_in, sign_in_password, sign_out, upstream, welcome,
};
use crate::app::App;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenTo {
    /// Any client.
    Everybody,
    /// Only who is signed in; others are sent to sign in.
    SignedIn,
    /// Only admins; for all other users there is no such page.
    Admins,
    /// Remote applications and probes: no cookies, no pages.
    Machines,
}

use OpenTo::{Admins, Everybody, Machines, SignedIn};

/// A row: who, methods, path, handler.
pub type Row = (
    OpenTo,
    &'static [&'static str],
    &'static str,
    fn() -> MethodRouter<App>,
);

/// Every route. A test requests each one with and without a session.
pub const ROUTES: &[Row] = &[
    (SignedIn, &["GET"], "/", || get(portal::show)),
    (SignedIn, &["GET"], "/open", || get(record::show)),
    (SignedIn, &["GET"], "/services/{service}", || {
        get(service::show)
    }),
    (SignedIn, &["POST"], "/services/{service}/instance", || {
        post(service::choose)
    }),
    (SignedIn, &["GET"], "/account", || get(account::show)),
    (SignedIn, &["GET"], "/account/history", || {
        get(account::history)
    }),
    (
        SignedIn,
        &["POST"],
        "/account/sessions/others/sign-out",
        || post(account::end_others),
    ),
    (
        SignedIn,
        &["POST"],
        "/account/sessions/{session}/sign-out",
        || post(account::end),
    ),
    (
        SignedIn,
        &["GET", "POST"],
        "/account/links/{provider}",
        || get(account::show_link).post(account::link),
    ),
    (SignedIn, &["GET"], "/account/identities/{identity}", || {
        get(account::ask_unlink)
    }),
    (
        SignedIn,
        &["POST"],
        "/account/identities/{identity}/removal",
        || post(account::unlink),
    ),
    (SignedIn, &["GET"], "/account/logouts", || {
        get(logout::list_own)
    }),
    (SignedIn, &["GET", "POST"], "/account/applications", || {
        get(consent::list).post(consent::withdraw)
    }),
    (SignedIn, &["POST"], "/account/export", || {
        post(account::export)
    }),
    (Everybody, &["GET"], "/go/{service}", || get(launch::front)),
    (Everybody, &["GET"], "/go/{service}/{kind}/{key}", || {
        get(launch::record)
    }),
    (SignedIn, &["GET"], "/launches/{launch}", || {
        get(launch::resume)
    }),
    (SignedIn, &["POST"], "/launches/{launch}/choice", || {
        post(launch::choose)
    }),
    (SignedIn, &["GET"], "/launches/{launch}/refused", || {
        get(receipt::refused)
    }),
    (Machines, &["POST"], "/launches/{launch}/receipt", || {
        post(receipt::create)
    }),
    (Everybody, &["GET"], "/sign-in", || get(sign_in::begin)),
    (Everybody, &["GET", "POST"], "/sign-in/{attempt}", || {
        get(sign_in::show).post(sign_in::submit)
    }),
    (
        Everybody,
        &["GET", "POST"],
        "/sign-in/{attempt}/password",
        || get(sign_in_password::edit).post(sign_in_password::update),
    ),
    (
        Everybody,
        &["GET"],
        "/sign-in/{attempt}/to/{provider}",
        || get(sign_in::depart),
    ),
    (
        Everybody,
        &["GET", "POST"],
        "/sign-in/{attempt}/who",
        || get(realm::show).post(realm::find),
    ),
    (Everybody, &["GET"], "/upstream/{provider}/callback", || {
        get(upstream::callback)
    }),
    (
        Everybody,
        &["POST"],
        "/upstream/{provider}/response",
        || post(upstream::response),
    ),
    (Machines, &["POST"], "/upstream/{provider}/acs", || {
        post(upstream::acs)
    }),
    (Machines, &["GET"], "/upstream/{provider}/metadata", || {
        get(upstream::metadata)
    }),
    (
        Machines,
        &["GET", "POST"],
        "/upstream/{provider}/logout",
        || get(upstream::logout_by_link).post(upstream::logout_by_form),
    ),
    (Admins, &["GET"], "/admin", || get(admin::show)),
    (Admins, &["GET"], "/admin/events", || {
        get(admin::event::list)
    }),
    (Admins, &["GET", "POST"], "/admin/keys", || {
        get(admin::key::list).post(admin::key::rotate)
    }),
    (Admins, &["POST"], "/admin/keys/confirmations", || {
        post(admin::key::confirm)
    }),
    (Admins, &["GET", "POST"], "/admin/logouts", || {
        get(logout::list).post(logout::tell_again)
    }),
    (Admins, &["GET"], "/admin/services", || {
        get(admin::service::list)
    }),
    (Admins, &["GET"], "/admin/providers", || {
        get(admin::provider::list)
    }),
    (Admins, &["GET"], "/admin/providers/{provider}", || {
        get(admin::provider::show)
    }),
    (
        Admins,
        &["POST"],
        "/admin/providers/{provider}/check",
        || post(admin::provider::check),
    ),
    (
        Admins,
        &["POST"],
        "/admin/providers/{provider}/refresh",
        || post(admin::provider::refresh),
    ),
    (
        Admins,
        &["POST"],
        "/admin/providers/{provider}/preview",
        || post(admin::provider::preview),
    ),
    (
        Admins,
        &["POST"],
        "/admin/providers/{provider}/metadata",
        || post(admin::provider::import),
    ),
    (
        Everybody,
        &["GET", "POST"],
        "/sign-in/{attempt}/factor",
        || get(factor::show).post(factor::prove),
    ),
    (
        Everybody,
        &["POST"],
        "/sign-in/{attempt}/factor/challenge",
        || post(factor::challenge),
    ),
    (Everybody, &["POST"], "/sign-in/{attempt}/passkey", || {
        post(factor::enter)
    }),
    (
        Everybody,
        &["POST"],
        "/sign-in/{attempt}/passkey/challenge",
        || post(factor::open_challenge),
    ),
    (
        Everybody,
        &["POST"],
        "/sign-in/{attempt}/factors/app",
        || post(factor::begin_app),
    ),
    (
        Everybody,
        &["GET", "POST"],
        "/sign-in/{attempt}/factors/app/{factor}",
        || get(factor::show_app).post(factor::confirm_app),
    ),
    (
        Everybody,
        &["GET", "POST"],
        "/sign-in/{attempt}/factors/passkey",
        || get(factor::new_passkey).post(factor::create_passkey),
    ),
    (
        Everybody,
        &["POST"],
        "/sign-in/{attempt}/factors/passkey/challenge",
        || post(factor::passkey_challenge),
    ),
    (SignedIn, &["GET"], "/account/factors", || get(factor::list)),
    (SignedIn, &["POST"], "/account/factors/app", || {
        post(factor::begin_app)
    }),
    (
        SignedIn,
        &["GET", "POST"],
        "/account/factors/app/{factor}",
        || get(factor::show_app).post(factor::confirm_app),
    ),
    (
        SignedIn,
        &["GET", "POST"],
        "/account/factors/passkey",
        || get(factor::new_passkey).post(factor::create_passkey),
    ),
    (
        SignedIn,
        &["POST"],
        "/account/factors/passkey/challenge",
        || post(factor::passkey_challenge),
    ),
    (
        SignedIn,
        &["POST"],
        "/account/factors/devices/removal",
        || post(factor::forget_devices),
    ),
    (SignedIn, &["GET", "POST"], "/account/factors/codes", || {
        get(factor::codes).post(factor::renew_codes)
    }),
    (SignedIn, &["GET"], "/account/factors/{factor}", || {
        get(factor::show_own)
    }),
    (
        SignedIn,
        &["POST"],
        "/account/factors/{factor}/title",
        || post(factor::rename),
    ),
    (
        SignedIn,
        &["POST"],
        "/account/factors/{factor}/removal",
        || post(factor::remove),
    ),
    (SignedIn, &["GET"], "/continue/{form}", || get(kept::show)),
    (Everybody, &["GET", "POST"], "/sign-out", || {
        get(sign_out::ask_out).post(sign_out::out)
    }),
    (Everybody, &["GET"], "/signed-out/next", || {
        get(logout::next)
    }),
    (Everybody, &["GET"], "/signed-out", || {
        get(logout::signed_out)
    }),
    (Everybody, &["GET", "POST"], "/recover", || {
        get(recovery::show).post(recovery::ask)
    }),
    (Everybody, &["GET"], "/recover/sent", || get(recovery::sent)),
    (Everybody, &["GET"], "/recover/done", || get(recovery::done)),
    (Everybody, &["GET"], "/recover/{link}", || {
        get(recovery::follow::<Reset>)
    }),
    (Everybody, &["POST"], "/recover/{link}/opening", || {
        post(recovery::open::<Reset>)
    }),
    (
        Everybody,
        &["GET", "POST"],
        "/recover/{link}/factor",
        || get(recovery::ask_factor::<Reset>).post(recovery::prove::<Reset>),
    ),
    (
        Everybody,
        &["POST"],
        "/recover/{link}/factor/challenge",
        || post(recovery::challenge::<Reset>),
    ),
    (Everybody, &["POST"], "/recover/{link}/password", || {
        post(recovery::choose::<Reset>)
    }),
    (Everybody, &["GET"], "/invite/{link}", || {
        get(recovery::follow::<Invite>)
    }),
    (Everybody, &["POST"], "/invite/{link}/opening", || {
        post(recovery::open::<Invite>)
    }),
    (Everybody, &["GET", "POST"], "/invite/{link}/factor", || {
        get(recovery::ask_factor::<Invite>).post(recovery::prove::<Invite>)
    }),
    (
        Everybody,
        &["POST"],
        "/invite/{link}/factor/challenge",
        || post(recovery::challenge::<Invite>),
    ),
    (Everybody, &["POST"], "/invite/{link}/password", || {
        post(recovery::choose::<Invite>)
    }),
    (Everybody, &["GET", "POST"], "/welcome/{link}", || {
        get(welcome::show).post(welcome::create)
    }),
    (Everybody, &["GET"], "/mail/confirmed", || {
        get(own_password::mail_verified)
    }),
    (Everybody, &["GET", "POST"], "/mail/{link}", || {
        get(own_password::show_mail).post(own_password::verify_mail)
    }),
    (SignedIn, &["GET", "POST"], "/account/password", || {
        get(own_password::show).post(own_password::change)
    }),
    (SignedIn, &["POST"], "/account/mail", || {
        post(own_password::ask_verification)
    }),
    (Everybody, &["POST"], "/language", || post(language::choose)),
    (Everybody, &["GET"], "/oidc/authorize", || {
        get(oidc::authorize)
    }),
    (
        SignedIn,
        &["GET", "POST"],
        "/oidc/consent/{request}",
        || get(consent::ask).post(consent::answer),
    ),
    (Everybody, &["GET"], "/oidc/end-session", || {
        get(oidc::end_session)
    }),
    (Everybody, &["POST"], "/oidc/end-session/confirm", || {
        post(oidc::confirm_end)
    }),
    (Machines, &["GET"], "/saml/metadata", || get(saml::metadata)),
    (Everybody, &["GET"], "/saml/sso", || get(saml::sign_on)),
    (Machines, &["POST"], "/saml/sso", || {
        post(saml::sign_on_by_form)
    }),
    (Everybody, &["GET"], "/saml/sso/{request}", || {
        get(saml::resume)
    }),
    (Machines, &["GET", "POST"], "/saml/slo", || {
        get(saml::logout).post(saml::logout_by_form)
    }),
    (Machines, &["POST"], "/saml/slo/soap", || {
        post(saml::logout_by_soap)
    }),
    (Machines, &["POST"], "/oidc/authorize", || {
        post(oidc::authorize_by_form)
    }),
    (Machines, &["POST"], "/oidc/end-session", || {
        post(oidc::end_session_by_form)
    }),
    (Machines, &["POST"], "/oidc/token", || post(oidc::token)),
    (Machines, &["POST"], "/oidc/par", || post(oidc::push)),
    (Machines, &["POST"], "/oidc/introspect", || {
        post(oidc::introspect)
    }),
    (Machines, &["POST"], "/oidc/revoke", || post(oidc::revoke)),
    (Machines, &["POST"], "/oidc/register", || {
        post(registration::create)
    }),
    (
        Machines,
        &["GET", "PUT", "DELETE"],
        "/oidc/register/{client}",
        || {
            get(registration::show)
                .put(registration::update)
                .delete(registration::delete)
        },
    ),
    (Machines, &["GET", "POST"], "/oidc/userinfo", || {
        get(oidc::userinfo).post(oidc::userinfo)
    }),
    (Machines, &["GET"], "/oidc/jwks", || get(oidc::jwks)),
    (
        Machines,
        &["GET"],
        "/.well-known/openid-configuration",
        || get(oidc::discovery),
    ),
    (Machines, &["GET"], "/forward-auth/{service}", || {
        get(forward_auth::check)
    }),
    (SignedIn, &["GET"], "/forward-auth/{service}/enter", || {
        get(forward_auth::enter)
    }),
    (Machines, &["POST"], "/forward-auth/{service}/entry", || {
        post(forward_auth::entry)
    }),
    (Everybody, &["GET"], "/cas/login", || get(cas::login)),
    (Everybody, &["GET", "POST"], "/cas/logout", || {
        get(cas::ask_out).post(cas::out)
    }),
    (Machines, &["GET"], "/cas/validate", || get(cas::validate)),
    (Machines, &["GET"], "/cas/serviceValidate", || {
        get(cas::validate_service)
    }),
    (Machines, &["GET"], "/cas/proxyValidate", || {
        get(cas::validate_service)
    }),
    (Machines, &["GET"], "/cas/p3/serviceValidate", || {
        get(cas::validate_with_attributes)
    }),
    (Machines, &["GET"], "/cas/p3/proxyValidate", || {
        get(cas::validate_with_attributes)
    }),
    (Everybody, &["GET"], "/discourse/{service}", || {
        get(discourse::ask)
    }),
    (Machines, &["GET"], "/health/live", || get(health::live)),
    (Machines, &["GET"], "/health/ready", || get(health::ready)),
    (Machines, &["GET"], "/assets/{name}", || get(assets::show)),
    (Machines, &["GET"], "/favicon.ico", || get(assets::icon)),
];
