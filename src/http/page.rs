//! What pages have in common: the site they belong to, their frame, and how they are sent.

use std::sync::Arc;

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use url::Url;

use super::{
    address::Neighbours,
    assets,
    extract::Visit,
    policy::Policy,
    view::{self, Assets, Frame, HelpDesk},
};
use crate::{
    config::Config,
    error::{Error, Result},
    handoff::Landing,
    model::{
        allowance::Allowances,
        attempt::LocalPath,
        permission::{Permission, permits},
    },
    text::{Language, Texts},
};

/// What every page needs to know of the portal.
pub struct Site {
    pub name: Arc<str>,
    /// Scheme, host and port: the `Origin` that our own forms send.
    pub origin: String,
    pub https: bool,
    pub help_desk: Arc<HelpDesk>,
    pub neighbours: Neighbours,
    pub allowances: Arc<Allowances>,
    assets: &'static Assets,
}

impl Site {
    pub fn open(config: &Config) -> Result<Self> {
        Ok(Self {
            name: config.portal.name.as_str().into(),
            origin: config.server.public_url.clone(),
            https: config.is_https(),
            help_desk: Arc::new(HelpDesk {
                name: config.portal.help_desk_name.clone(),
                mail: config.portal.help_desk_mail.clone(),
                phone: config.portal.help_desk_phone.clone(),
                link: config.portal.help_desk_link.clone(),
            }),
            neighbours: Neighbours::new(&config.server),
            allowances: Arc::new(Allowances::new(
                config.server.anonymous_writes_per_second,
                config.server.anonymous_writes_burst,
            )),
            assets: assets::manifest()?,
        })
    }

    pub fn frame(&self, visit: &Visit) -> Frame {
        Frame {
            texts: visit.texts(),
            assets: self.assets,
            portal: self.name.clone(),
            user_name: visit
                .visitor
                .signed_in
                .as_ref()
                .map(|who| who.user.name.clone()),
            is_admin: visit
                .visitor
                .signed_in
                .as_ref()
                .is_some_and(|who| permits(&who.user, Permission::ViewAdministration)),
            help_desk: self.help_desk.clone(),
        }
    }
}

impl Site {
    /// For an error of a request that had no visitor.
    pub fn bare_frame(&self, language: Language) -> Frame {
        Frame {
            texts: Texts::of(language),
            assets: self.assets,
            portal: self.name.clone(),
            user_name: None,
            is_admin: false,
            help_desk: self.help_desk.clone(),
        }
    }
}

/// Sends a page.
pub fn html(page: &impl Template) -> Result<Response> {
    let text = page
        .render()
        .map_err(|error| Error::Internal(format!("template: {error}")))?;
    Ok(Html(text).into_response())
}

/// Sends a user to another page of ours.
pub fn to(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// How the browser leaves for a remote application.
///
/// Browsers apply `form-action` to all redirects of a form, all the way to the remote; so a form of
/// ours is answered by a page of ours that continues by itself, and the policy remains strict.
pub fn leave(site: &Site, visit: &Visit, landing: Landing, whereto: &str) -> Result<Response> {
    match landing {
        Landing::Redirect(url) if visit.by_form => {
            let page = view::Leave {
                frame: site.frame(visit),
                service: whereto.to_owned(),
                href: url.into(),
            };
            html(&page)
        }
        Landing::Redirect(url) => away(&url),
        Landing::Post { action, fields } => post_away(site.frame(visit), &action, fields, whereto),
    }
}

/// The page in between, for an application that no admin vouches for: no request alone makes us
/// send a browser to its address (RFC 9700 section 4.11.2, open redirection).
pub fn ask_to_leave(
    site: &Site,
    visit: &Visit,
    landing: Landing,
    application: &str,
) -> Result<Response> {
    let (action, fields, by_form) = match landing {
        Landing::Redirect(url) => (url, Vec::new(), false),
        Landing::Post { action, fields } => (action, fields, true),
    };
    let page = view::Unvouched {
        // No menu: its form could not be sent from here.
        frame: Frame {
            user_name: None,
            ..site.frame(visit)
        },
        application: application.to_owned(),
        host: action.host_str().unwrap_or_default().to_owned(),
        action: action.to_string(),
        by_form,
        fields,
    };
    let mut response = html(&page)?;
    if by_form {
        open_to(&mut response, &action);
    }
    Ok(response)
}

/// Sends a user to a page of ours that may send them on: after a form, by a page in between, as
/// [`leave`] does.
pub fn onward(site: &Site, visit: &Visit, path: &LocalPath) -> Result<Response> {
    if !visit.by_form || !path.may_lead_away() {
        return Ok(to(path.as_str()));
    }
    html(&view::Leave {
        frame: site.frame(visit),
        service: site.name.to_string(),
        href: path.as_str().to_owned(),
    })
}

/// A redirect to another site.
pub fn away(url: &Url) -> Result<Response> {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let location = HeaderValue::try_from(url.as_str())
        .map_err(|_| Error::Internal("an address that is no header".to_owned()))?;
    response.headers_mut().insert(header::LOCATION, location);
    Ok(response)
}

/// The page whose form goes to a remote: the one place where `form-action` is widened, by exactly
/// that remote. The remote sees our origin, so that it can distinguish our form from a forged one.
pub fn post_away<N: Into<String>>(
    frame: Frame,
    action: &Url,
    fields: Vec<(N, String)>,
    whereto: &str,
) -> Result<Response> {
    let page = view::HandOff {
        // No menu: its form could not be sent from here.
        frame: Frame {
            user_name: None,
            ..frame
        },
        service: whereto.to_owned(),
        action: action.to_string(),
        fields: fields
            .into_iter()
            .map(|(name, value)| (name.into(), value))
            .collect(),
    };
    let mut response = html(&page)?;
    open_to(&mut response, action);
    Ok(response)
}

/// Lets the page's form go to this remote.
fn open_to(response: &mut Response, action: &Url) {
    let headers = response.headers_mut();
    Policy::page().form_action(action).set(headers);
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("strict-origin"),
    );
}

/// No such page.
pub async fn nowhere() -> Error {
    Error::NotFound
}

/// A page that exists, requested by a method it does not support.
pub async fn wrong_method() -> Error {
    Error::WrongMethod
}
