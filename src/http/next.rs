//! Answers what comes next for a browser, in one place: for launches, sign-ins and requests of
//! applications alike.

use axum::response::Response;

use super::{extract::Visit, page, sign_in};
use crate::{
    app::App,
    error::Result,
    model::{
        attempt::{After, SignInDemand},
        next::{Next, SignInNeed},
    },
    sign_in::Beginning,
};

/// The answer.
pub async fn answer(app: &App, visit: &Visit, next: Next) -> Result<Response> {
    match next {
        Next::SignIn(need) => sign_in::send_to(app, visit, beginning(need)).await,
        Next::Confirm(after, demand) => sign_in::send_to_confirm(app, visit, after, demand).await,
        Next::Choose(choosing) => Ok(page::to(&format!("/launches/{}", choosing.launch))),
        Next::Consent(id) => Ok(page::to(&format!("/oidc/consent/{id}"))),
        Next::Leave(leaving) => match leaving.is_vouched {
            true => page::leave(&app.site, visit, leaving.landing, &leaving.title),
            false => page::ask_to_leave(&app.site, visit, leaving.landing, &leaving.title),
        },
        Next::Page(path) => page::onward(&app.site, visit, &path),
    }
}

/// The sign-in that a decision requires.
pub fn beginning(need: SignInNeed) -> Beginning {
    Beginning {
        hint: need.hint,
        demand: SignInDemand {
            fresh: need.fresh,
            second_factor: false,
        },
        ..Beginning::of(need.after)
    }
}

/// The response at the end of a sign-in, by a function call rather than a redirect of our own.
pub async fn after(app: &App, visit: &Visit, after: &After) -> Result<Next> {
    match after {
        After::Page(path) => Ok(Next::Page(path.clone())),
        After::Launch(id) => app.launches.resume(id, &visit.visitor).await,
        After::Request(id) => app.issuer.resume(id, &visit.visitor).await,
    }
}
