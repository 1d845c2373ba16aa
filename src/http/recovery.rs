//! "I forgot my password", and the pages behind the links that lead to a new one.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{
    extract::{Form, Path, Query, Visit},
    factor, flash,
    page::{self, Site, html},
    route::{Access, Route},
    view,
};
use crate::{
    app::App,
    directory::{Chosen, Shown},
    error::Result,
    factor::FactorMethod,
    id::AttemptId,
    model::{link::LinkKind, password::PasswordWeakness},
};

pub const ROUTES: &[Route] = &[
    Route::get_and_post("/recover", Access::Anyone, || get(show).post(ask)),
    Route::get("/recover/sent", Access::Anyone, || get(sent)),
    Route::get("/recover/done", Access::Anyone, || get(done)),
    Route::get("/recover/{link}", Access::Anyone, || get(follow::<Reset>)),
    Route::post("/recover/{link}/opening", Access::Anyone, || {
        post(open::<Reset>)
    }),
    Route::get_and_post("/recover/{link}/factor", Access::Anyone, || {
        get(ask_factor::<Reset>).post(prove::<Reset>)
    }),
    Route::post("/recover/{link}/factor/challenge", Access::Anyone, || {
        post(challenge::<Reset>)
    }),
    Route::post("/recover/{link}/password", Access::Anyone, || {
        post(choose::<Reset>)
    }),
    Route::get("/invite/{link}", Access::Anyone, || get(follow::<Invite>)),
    Route::post("/invite/{link}/opening", Access::Anyone, || {
        post(open::<Invite>)
    }),
    Route::get_and_post("/invite/{link}/factor", Access::Anyone, || {
        get(ask_factor::<Invite>).post(prove::<Invite>)
    }),
    Route::post("/invite/{link}/factor/challenge", Access::Anyone, || {
        post(challenge::<Invite>)
    }),
    Route::post("/invite/{link}/password", Access::Anyone, || {
        post(choose::<Invite>)
    }),
];

#[derive(Deserialize)]
pub struct RecoveryQuery {
    /// The sign-in that is interrupted for this; its target is kept.
    attempt: Option<String>,
}

#[derive(Deserialize)]
pub struct RecoveryForm {
    who: String,
    attempt: Option<String>,
}

#[derive(Deserialize)]
pub struct ChosenPasswordForm {
    password: Zeroizing<String>,
}

/// `GET /recover`.
pub async fn show(
    State(app): State<App>,
    visit: Visit,
    Query(given): Query<RecoveryQuery>,
) -> Result<Response> {
    match flash::take::<RecoveryFlash>(&visit, "/recover").await? {
        Some(RecoveryFlash { who, wait }) => {
            let page = form(&app, &visit, who, given.attempt, Some(wait));
            let status = StatusCode::TOO_MANY_REQUESTS;
            Ok(flash::marked(html(&page)?, status, Some(wait)))
        }
        None => html(&form(&app, &visit, String::new(), given.attempt, None)),
    }
}

/// A request over the limit: the typed text, and how many seconds the client has to wait.
#[derive(Serialize, Deserialize)]
struct RecoveryFlash {
    who: String,
    wait: u64,
}

/// `POST /recover`: the answer is the same for all names.
pub async fn ask(
    State(app): State<App>,
    visit: Visit,
    Form(typed): Form<RecoveryForm>,
) -> Result<Response> {
    let attempt = typed.attempt.as_deref().and_then(AttemptId::parse);
    let language = visit.language.tag();
    let asked = app
        .sign_ins
        .password_changes()
        .forgot(
            &app.directory,
            &visit.visitor,
            &typed.who,
            language,
            attempt,
        )
        .await?;
    match asked {
        Ok(()) => Ok(page::to("/recover/sent")),
        Err(wait) => {
            let shown = RecoveryFlash {
                who: flash::short(&typed.who),
                wait: wait.as_secs().max(1),
            };
            let attempt = typed.attempt.as_deref().and_then(AttemptId::parse);
            let address = match attempt {
                Some(attempt) => format!("/recover?attempt={attempt}"),
                None => "/recover".to_owned(),
            };
            flash::redirect(&app, &visit, &address, shown).await
        }
    }
}

fn form(
    app: &App,
    visit: &Visit,
    who: String,
    attempt: Option<String>,
    wait: Option<u64>,
) -> view::Recover {
    view::Recover {
        frame: app.site.frame(visit),
        by_mail: app.directory.mails.is_set_up(),
        who,
        attempt: attempt.unwrap_or_default(),
        wait,
    }
}

/// `GET /recover/sent`.
pub async fn sent(State(site): State<Arc<Site>>, visit: Visit) -> Result<Response> {
    html(&view::RecoverySent {
        frame: site.frame(&visit),
    })
}

/// `GET /recover/done`: on to the sign-in, the interrupted one if this browser still has it.
pub async fn done(
    State(app): State<App>,
    visit: Visit,
    Query(given): Query<RecoveryQuery>,
) -> Result<Response> {
    let attempt = given.attempt.as_deref().and_then(AttemptId::parse);
    let onward = match attempt {
        Some(id) => match app.sign_ins.attempts().find(&id, &visit.visitor).await {
            Ok(attempt) if attempt.consumed_at.is_none() => format!("/sign-in/{id}"),
            _ => "/sign-in".to_owned(),
        },
        None => "/sign-in".to_owned(),
    };
    html(&view::RecoveryDone {
        frame: app.site.frame(&visit),
        onward,
    })
}

/// The kinds of links that lead to a password, each at its own routes.
pub trait LeadsToPassword {
    const KIND: LinkKind;
}

pub struct Reset;

impl LeadsToPassword for Reset {
    const KIND: LinkKind = LinkKind::Reset;
}

pub struct Invite;

impl LeadsToPassword for Invite {
    const KIND: LinkKind = LinkKind::Invite;
}

/// `GET /recover/{link}`. A mail scanner may fetch it as often as it likes.
pub async fn follow<K: LeadsToPassword>(
    State(app): State<App>,
    visit: Visit,
    Path(link): Path<String>,
) -> Result<Response> {
    let path = K::KIND.path();
    match app
        .directory
        .recoveries()
        .follow(K::KIND, &link, &visit.visitor)
        .await?
    {
        Shown::Unopened => {
            let page = view::UnopenedLink {
                frame: app.site.frame(&visit),
                invited: K::KIND == LinkKind::Invite,
                action: format!("{path}{link}/opening"),
            };
            Ok(private(html(&page)?))
        }
        Shown::SecondFactor => Ok(page::to(&format!("{path}{link}/factor"))),
        Shown::Password => {
            let weak = flash::take(&visit, &format!("{path}{link}")).await?;
            password_page(&app, &visit, K::KIND, &link, weak)
        }
    }
}

/// `POST /recover/{link}/opening`: binds the link to this browser.
pub async fn open<K: LeadsToPassword>(
    State(app): State<App>,
    visit: Visit,
    Path(link): Path<String>,
) -> Result<Response> {
    app.directory
        .recoveries()
        .open(K::KIND, &link, &visit.visitor)
        .await?;
    Ok(back::<K>(&link))
}

/// `GET /recover/{link}/factor`.
pub async fn ask_factor<K: LeadsToPassword>(
    State(app): State<App>,
    visit: Visit,
    Path(link): Path<String>,
    Query(which): Query<factor::WayQuery>,
) -> Result<Response> {
    let here = format!("{}{link}/factor", K::KIND.path());
    let shown: Option<factor::FactorFlash> = flash::take(&visit, &here).await?;
    let (method, trouble) = factor::FactorFlash::shown(shown, &which);
    factor_page::<K>(&app, &visit, &link, method, trouble).await
}

/// `POST /recover/{link}/factor`.
pub async fn prove<K: LeadsToPassword>(
    State(app): State<App>,
    visit: Visit,
    Path(link): Path<String>,
    Form(proved): Form<factor::ProofForm>,
) -> Result<Response> {
    let proof = proved.read()?;
    let named = (K::KIND, link.as_str());
    let proved = app
        .factors
        .on_links(&app.directory)
        .prove(named, &visit.visitor, &proof)
        .await?;
    match proved {
        Ok(()) => Ok(back::<K>(&link)),
        Err(trouble) => {
            let here = format!("{}{link}/factor", K::KIND.path());
            flash::redirect(
                &app,
                &visit,
                &here,
                factor::FactorFlash::of(proof.method, &trouble),
            )
            .await
        }
    }
}

/// `POST /recover/{link}/factor/challenge`: for the script that calls the authenticator.
pub async fn challenge<K: LeadsToPassword>(
    State(app): State<App>,
    visit: Visit,
    Path(link): Path<String>,
) -> Result<Response> {
    let named = (K::KIND, link.as_str());
    let challenge = app
        .factors
        .on_links(&app.directory)
        .challenge(named, &visit.visitor)
        .await?;
    Ok(factor::as_json(&challenge))
}

async fn factor_page<K: LeadsToPassword>(
    app: &App,
    visit: &Visit,
    link: &str,
    method: Option<&'static FactorMethod>,
    trouble: Option<view::FactorTrouble>,
) -> Result<Response> {
    let awaited = app
        .factors
        .on_links(&app.directory)
        .awaited((K::KIND, link), &visit.visitor)
        .await?;
    let Some(has) = awaited else {
        return Ok(back::<K>(link));
    };
    let asked = factor::ProofPage {
        trust_days: None,
        action: format!("{}{link}/factor", K::KIND.path()),
        purpose: None,
        by_link: true,
    };
    factor::ask(app, visit, asked, &has, method, trouble).map(private)
}

/// To the link's own page, which shows what is next.
fn back<K: LeadsToPassword>(link: &str) -> Response {
    page::to(&format!("{}{link}", K::KIND.path()))
}

/// `POST /recover/{link}/password`.
pub async fn choose<K: LeadsToPassword>(
    State(app): State<App>,
    visit: Visit,
    Path(link): Path<String>,
    Form(form): Form<ChosenPasswordForm>,
) -> Result<Response> {
    let language = visit.language.tag();
    let chosen = app
        .directory
        .recoveries()
        .choose(K::KIND, &link, &visit.visitor, form.password, language)
        .await?;
    match chosen {
        Chosen::Done(None) => Ok(page::to("/recover/done")),
        Chosen::Done(Some(attempt)) => Ok(page::to(&format!("/recover/done?attempt={attempt}"))),
        Chosen::NotYet => Ok(back::<K>(&link)),
        Chosen::Weak(weak) => {
            let here = format!("{}{link}", K::KIND.path());
            flash::redirect(&app, &visit, &here, weak_password(weak)).await
        }
    }
}

fn password_page(
    app: &App,
    visit: &Visit,
    kind: LinkKind,
    link: &str,
    weak: Option<view::WeakPassword>,
) -> Result<Response> {
    let page = view::LinkPassword {
        frame: app.site.frame(visit),
        action: format!("{}{link}/password", kind.path()),
        shortest: app.directory.rules.shortest,
        weak,
    };
    let mut response = private(html(&page)?);
    if weak.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// The address of such a page is a secret: no other request sends it as its referrer. (Not
/// `no-referrer`, which would make `Origin: null` of its forms.)
pub fn private(mut response: Response) -> Response {
    response.headers_mut().insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("strict-origin"),
    );
    response
}

pub fn weak_password(weak: PasswordWeakness) -> view::WeakPassword {
    match weak {
        PasswordWeakness::Short(shortest) => view::WeakPassword::Short(shortest),
        PasswordWeakness::Long => view::WeakPassword::Long,
        PasswordWeakness::Personal => view::WeakPassword::Personal,
        PasswordWeakness::Guessable => view::WeakPassword::Guessable,
    }
}
