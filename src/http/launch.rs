//! The product's main entry point: `GET /go/{service}/{type}/{key}`.

use std::collections::BTreeMap;

use axum::{
    extract::{RawQuery, State},
    response::Response,
    routing::{get, post},
};
use serde::Deserialize;

use super::{
    extract::{Form, Path, SignedInUser, Visit},
    next,
    page::{Site, html},
    route::{Access, Route},
    sign_in, view,
};
use crate::{
    app::App,
    catalog::is_slug,
    error::{Error, Result},
    id::LaunchId,
    model::{
        context::{KEY_CHARS, is_sentence_end},
        launch::Ask,
        next::{Choosing, Next},
        service::VIEW,
    },
    sign_in::Beginning,
};

pub const ROUTES: &[Route] = &[
    Route::get("/go/{service}", Access::Anyone, || get(front)),
    Route::get("/go/{service}/{kind}/{key}", Access::Anyone, || get(record)),
    Route::get("/launches/{launch}", Access::SignedIn, || get(resume)),
    Route::post("/launches/{launch}/choice", Access::SignedIn, || {
        post(choose)
    }),
];

/// A link of ours has at most this many fields.
const MOST_FIELDS: usize = 16;

/// `GET /go/{service}`: the service's front page.
pub async fn front(
    State(app): State<App>,
    visit: Visit,
    Path(service): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    open(&app, &visit, service, None, query.as_deref()).await
}

/// `GET /go/{service}/{type}/{key}`: the record.
pub async fn record(
    State(app): State<App>,
    visit: Visit,
    Path((service, kind, key)): Path<(String, String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    open(&app, &visit, service, Some((kind, key)), query.as_deref()).await
}

async fn open(
    app: &App,
    visit: &Visit,
    service: String,
    record: Option<(String, String)>,
    query: Option<&str>,
) -> Result<Response> {
    let kind = record.as_ref().map(|(kind, _)| kind.as_str());
    let snapshot = app.catalog.snapshot();
    let kind = kind.and_then(|kind| snapshot.context_type(kind));
    let is_field = |name: &str| kind.is_some_and(|kind| kind.has_field(name));
    let (ask, provider) = ask(service, record, query, is_field)?;
    match app.launches.open(ask, &visit.visitor).await? {
        Next::SignIn(need) => {
            let beginning = Beginning {
                provider,
                ..next::beginning(need)
            };
            sign_in::send_to(app, visit, beginning).await
        }
        next => next::answer(app, visit, next).await,
    }
}

/// `GET /launches/{launch}`: which instance? Also after a reload.
pub async fn resume(
    State(app): State<App>,
    signed_in: SignedInUser,
    Path(launch): Path<String>,
) -> Result<Response> {
    let id = LaunchId::parse(&launch).ok_or(Error::NotFound)?;
    match app.launches.resume(&id, &signed_in.visit.visitor).await? {
        Next::Choose(choosing) => html(&choose_page(&app.site, &signed_in.visit, choosing)),
        next => next::answer(&app, &signed_in.visit, next).await,
    }
}

#[derive(Deserialize)]
pub struct InstanceForm {
    instance: String,
}

/// `POST /launches/{launch}/choice`.
pub async fn choose(
    State(app): State<App>,
    signed_in: SignedInUser,
    Path(launch): Path<String>,
    Form(choice): Form<InstanceForm>,
) -> Result<Response> {
    let id = LaunchId::parse(&launch).ok_or(Error::NotFound)?;
    let next = app
        .launches
        .choose(&id, &signed_in.visit.visitor, &choice.instance)
        .await?;
    next::answer(&app, &signed_in.visit, next).await
}

fn choose_page(site: &Site, visit: &Visit, choosing: Choosing) -> view::Choose {
    let host = |text: &str| {
        let url = url::Url::parse(text).ok();
        url.and_then(|url| url.host_str().map(str::to_owned))
            .unwrap_or_default()
    };
    view::Choose {
        frame: site.frame(visit),
        action: format!("/launches/{}/choice", choosing.launch),
        service: choosing.service,
        icon: choosing.icon,
        record: choosing.key,
        instances: choosing
            .options
            .into_iter()
            .map(|place| view::InstanceOption {
                host: host(&place.base_url),
                slug: place.slug,
                title: place.title,
            })
            .collect(),
    }
}

/// All parameters of a link together: they are kept with the launch.
const FIELDS_BYTES: usize = 2048;

/// Reads a link. Anything that cannot be a link of ours is not found: invalid slugs, keys that are
/// too long, a parameter given twice. Tracking parameters that others have added are left out,
/// unless one is a field of the record. With it, the provider that the link names.
fn ask(
    mut service: String,
    record: Option<(String, String)>,
    query: Option<&str>,
    is_field: impl Fn(&str) -> bool,
) -> Result<(Ask, Option<String>)> {
    if record.is_none() {
        // No slug ends like this: it is the punctuation of the sentence that contained the link.
        service.truncate(service.trim_end_matches(is_sentence_end).len());
    }
    let slugs = is_slug(&service) && record.as_ref().is_none_or(|(kind, _)| is_slug(kind));
    if !slugs || record.as_ref().is_some_and(|(_, key)| !is_plain(key)) {
        return Err(Error::NotFound);
    }
    let mut fields = BTreeMap::new();
    let mut length = 0;
    for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        if is_tracking(&name) && !is_field(&name) {
            continue;
        }
        length += name.len() + value.len();
        let odd = !is_plain(&name) || !is_plain(&value);
        let twice = fields
            .insert(name.into_owned(), value.into_owned())
            .is_some();
        if length > FIELDS_BYTES {
            return Err(Error::TooLarge);
        }
        if odd || twice || fields.len() > MOST_FIELDS {
            return Err(Error::Invalid("the link's parameters".to_owned()));
        }
    }
    let provider = fields.remove("provider");
    let intent = fields.remove("intent");
    let intent = intent.map_or(VIEW.to_owned(), |intent| {
        intent.trim_end_matches(is_sentence_end).to_owned()
    });
    if !is_slug(&intent) {
        return Err(Error::NotFound);
    }
    let ask = Ask {
        service,
        record,
        intent,
        fields,
    };
    Ok((ask, provider))
}

/// Parameters that mail programs, social networks and advertisers add to links.
const TRACKING: &[&str] = &[
    "_ga",
    "_gl",
    "_hsenc",
    "_hsmi",
    "_kx",
    "dclid",
    "dm_i",
    "ef_id",
    "epik",
    "fbclid",
    "gad",
    "gad_campaignid",
    "gad_source",
    "gbraid",
    "gclid",
    "gclsrc",
    "igsh",
    "igshid",
    "irclickid",
    "li_fat_id",
    "mc_cid",
    "mc_eid",
    "mibextid",
    "mkt_tok",
    "msclkid",
    "oly_anon_id",
    "oly_enc_id",
    "rdt_cid",
    "s_kwcid",
    "sc_cid",
    "sccid",
    "srsltid",
    "ttclid",
    "twclid",
    "vero_conv",
    "vero_id",
    "wbraid",
    "wickedid",
    "wt_mc",
    "yclid",
    "ysclid",
];

fn is_tracking(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let begins = ["utm_", "hsa_", "mtm_", "pk_", "at_campaign", "ga_"];
    begins.iter().any(|begin| name.starts_with(begin)) || TRACKING.contains(&name.as_str())
}

/// A text that a key or a field may be: not too long, without control characters (a database would
/// refuse the NUL that a link can contain).
fn is_plain(text: &str) -> bool {
    text.chars().count() <= KEY_CHARS && !text.contains(char::is_control)
}
