//! The ways a user signs in: linking another, removing one. Both need a recent proof: with a
//! session left open, another user must not be able to take over the account.

use std::sync::Arc;

use axum::{
    extract::State,
    response::Response,
    routing::{get, post},
};

use super::HistoryWords;
use crate::{
    app::App,
    error::{Error, Result},
    http::{
        extract::{Path, SignedInUser, Visit},
        page::{self, Site, html},
        route::{Access, Route},
        sign_in, view,
    },
    model::{
        account::OwnIdentity,
        assurance::Demand,
        attempt::{After, LocalPath},
    },
    sign_in::Linking,
};

pub const ROUTES: &[Route] = &[
    Route::get_and_post("/account/links/{provider}", Access::SignedIn, || {
        get(show_link).post(link)
    }),
    Route::get("/account/identities/{identity}", Access::SignedIn, || {
        get(ask_unlink)
    }),
    Route::post(
        "/account/identities/{identity}/removal",
        Access::SignedIn,
        || post(unlink),
    ),
];

/// A longer subject is shortened in the middle.
const SHORT: usize = 28;

pub(super) fn identity_row(
    telling: &HistoryWords,
    identities: &[OwnIdentity],
) -> Vec<view::LinkedIdentity> {
    let last = identities.len() < 2;
    let each = |one: &OwnIdentity| view::LinkedIdentity {
        title: telling.provider(&one.provider).to_owned(),
        subject: shortened(&one.subject),
        linked: telling.moment(one.linked_at),
        used: one.used_at.map(|at| telling.moment(at)),
        href: (!last).then(|| path(one)),
    };
    identities.iter().map(each).collect()
}

fn path(identity: &OwnIdentity) -> String {
    format!("/account/identities/{}", identity.handle())
}

/// The providers that are not yet linked to the user.
pub(super) fn linkable(app: &App, identities: &[OwnIdentity]) -> Result<Vec<view::Linkable>> {
    let providers = app.sign_ins.providers().list()?;
    let linked = |slug: &str| identities.iter().any(|one| one.provider == slug);
    let open = providers
        .iter()
        .filter(|one| !linked(&one.slug) && app.sign_ins.realms().is_listed(&one.slug));
    Ok(open
        .map(|one| view::Linkable {
            title: one.title.clone(),
            action: format!("/account/links/{}", one.slug),
        })
        .collect())
}

/// The beginning and the end of a long name, because those differ between two names.
fn shortened(subject: &str) -> String {
    let all: Vec<char> = subject.chars().collect();
    if all.len() <= SHORT {
        return subject.to_owned();
    }
    let (head, tail) = (&all[..SHORT / 2], &all[all.len() - SHORT / 3..]);
    head.iter().chain(['…'].iter()).chain(tail).collect()
}

/// `GET /account/links/{provider}`: where a user who had to prove their identity first continues.
pub async fn show_link(
    State(app): State<App>,
    State(site): State<Arc<Site>>,
    SignedInUser { visit, .. }: SignedInUser,
    Path(provider): Path<String>,
) -> Result<Response> {
    let providers = app.sign_ins.providers().list()?;
    let known = providers.iter().find(|one| one.slug == provider);
    html(&view::LinkPage {
        frame: site.frame(&visit),
        title: known.ok_or(Error::NotFound)?.title.clone(),
        action: format!("/account/links/{provider}"),
    })
}

/// `POST /account/links/{provider}`: starts a sign-in at the provider that proves the identity to
/// link.
pub async fn link(
    State(app): State<App>,
    SignedInUser { who, visit }: SignedInUser,
    Path(provider): Path<String>,
) -> Result<Response> {
    let linking = app
        .sign_ins
        .attempts()
        .begin_link(&who, &visit.visitor, &provider)
        .await?;
    match linking {
        Linking::Begun(attempt) => Ok(page::to(&attempt.path())),
        Linking::Unproved(demand) => {
            prove(&app, &visit, demand, &format!("/account/links/{provider}")).await
        }
    }
}

/// `GET /account/identities/{identity}`: asks for confirmation.
pub async fn ask_unlink(
    State(app): State<App>,
    State(site): State<Arc<Site>>,
    SignedInUser { who, visit }: SignedInUser,
    Path(handle): Path<String>,
) -> Result<Response> {
    let telling = HistoryWords::of(&app, &visit);
    let identities = app.directory.account().identities(&who).await?;
    let identity = identities.iter().find(|one| one.handle() == handle);
    let identity = identity
        .filter(|_| identities.len() > 1)
        .ok_or(Error::NotFound)?;
    html(&view::Unlink {
        frame: site.frame(&visit),
        title: telling.provider(&identity.provider).to_owned(),
        subject: shortened(&identity.subject),
        action: format!("{}/removal", path(identity)),
        present: identity.provider == who.session.provider,
    })
}

/// `POST /account/identities/{identity}/removal`: removes it.
pub async fn unlink(
    State(app): State<App>,
    SignedInUser { who, visit }: SignedInUser,
    Path(handle): Path<String>,
) -> Result<Response> {
    if let Some(demand) = app.directory.account().unproved(&who).await? {
        return prove(
            &app,
            &visit,
            demand,
            &format!("/account/identities/{handle}"),
        )
        .await;
    }
    let address = &visit.visitor.address;
    app.directory
        .account()
        .unlink(&who, &handle, address)
        .await?;
    Ok(page::to("/account?done=unlinked"))
}

/// The user proves their identity again; then the page asks for confirmation again.
async fn prove(app: &App, visit: &Visit, demand: Demand, back: &str) -> Result<Response> {
    let after = After::Page(LocalPath::of(back));
    sign_in::send_to_confirm(app, visit, after, demand).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_subject_keeps_its_beginning_and_its_end() {
        let short = "0123456789012345678901234567";
        for (subject, shown) in [
            ("", ""),
            ("ana", "ana"),
            (short, short),
            (
                "uid=ana,ou=people,dc=example,dc=org",
                "uid=ana,ou=peo…le,dc=org",
            ),
            ("äöüäöüäöüäöüäöüäöüäöüäöüäöüäöü", "äöüäöüäöüäöüäö…äöüäöüäöü"),
        ] {
            assert_eq!(shortened(subject), shown);
        }
    }
}
