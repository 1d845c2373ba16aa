//! A route: who may use it, by which methods, at which path, and which handler answers. Each file
//! of handlers has its own table; `http/mod.rs` lists the tables.

use axum::{
    http::{Extensions, Method, Uri},
    middleware::from_fn_with_state,
    response::Response,
    routing::MethodRouter,
};

use super::layers;
use crate::{app::App, error::Error, model::permission::Permission};

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Any client.
    Anyone,
    /// Only signed-in users; all other visitors are redirected to sign in.
    SignedIn,
    /// Only users who hold the permission; for all others the page does not exist.
    Can(Permission),
    /// Remote applications and probes: no cookies, no visitor; errors in this form.
    Machine(Format),
}

impl Access {
    pub fn is_machine(self) -> bool {
        matches!(self, Access::Machine(_))
    }

    pub fn permission(self) -> Option<Permission> {
        match self {
            Access::Can(permission) => Some(permission),
            Access::Anyone | Access::SignedIn | Access::Machine(_) => None,
        }
    }

    /// The form in which errors are sent.
    pub fn format(self) -> Format {
        match self {
            Access::Machine(format) => format,
            Access::Anyone | Access::SignedIn | Access::Can(_) => Format::Page,
        }
    }
}

/// The form in which a route sends its errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A page, or problem+json for a client whose `Accept` asks for JSON. Among machine routes,
    /// those that browsers reach from other sites, and those whose clients read the status only.
    Page,
    /// problem+json (RFC 9457).
    Problem,
    /// The format of a protocol, which is defined beside its handlers.
    Protocol(&'static ProtocolFormat),
}

/// The format in which a protocol sends its errors. Handlers word their own errors; this is for
/// errors that occur before and around them.
#[derive(Debug)]
pub struct ProtocolFormat {
    pub name: &'static str,
    /// A refusal before the handler is sent as problem+json, whatever the client accepts.
    pub is_json: bool,
    /// Answers a request that has timed out, or whose handler panicked.
    pub respond: fn(Error, &Uri) -> Response,
}

impl PartialEq for ProtocolFormat {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for ProtocolFormat {}

impl Format {
    /// Whether an error becomes problem+json whatever the client accepts.
    pub fn is_json(self) -> bool {
        match self {
            Format::Page => false,
            Format::Problem => true,
            Format::Protocol(own) => own.is_json,
        }
    }
}

/// A row of a route table.
pub struct Route {
    pub access: Access,
    pub methods: &'static [&'static str],
    /// As axum writes it, with parameters in braces.
    pub path: &'static str,
    handler: fn() -> MethodRouter<App>,
}

impl Route {
    pub const fn new(
        methods: &'static [&'static str],
        path: &'static str,
        access: Access,
        handler: fn() -> MethodRouter<App>,
    ) -> Self {
        Self {
            access,
            methods,
            path,
            handler,
        }
    }

    pub const fn get(
        path: &'static str,
        access: Access,
        handler: fn() -> MethodRouter<App>,
    ) -> Self {
        Self::new(&["GET"], path, access, handler)
    }

    pub const fn post(
        path: &'static str,
        access: Access,
        handler: fn() -> MethodRouter<App>,
    ) -> Self {
        Self::new(&["POST"], path, access, handler)
    }

    /// A page and its form at one path.
    pub const fn get_and_post(
        path: &'static str,
        access: Access,
        handler: fn() -> MethodRouter<App>,
    ) -> Self {
        Self::new(&["GET", "POST"], path, access, handler)
    }

    /// Whether the handler answers to the method; axum answers HEAD where there is GET.
    pub fn takes(&self, method: &Method) -> bool {
        let method = match *method {
            Method::HEAD => "GET",
            _ => method.as_str(),
        };
        self.methods.contains(&method)
    }

    /// The handler behind the guard that the access requires, so that no handler can lack it
    /// (THREATS: admin-plane authorisation). A method that the route does not support is answered
    /// without the guard, as 405.
    pub fn guarded(&self, app: &App) -> MethodRouter<App> {
        let handler = (self.handler)();
        match self.access {
            Access::Anyone | Access::Machine(_) => handler,
            Access::SignedIn => {
                handler.route_layer(from_fn_with_state(app.clone(), layers::signed_in))
            }
            Access::Can(_) => {
                handler.route_layer(from_fn_with_state(app.clone(), layers::permitted))
            }
        }
    }
}

/// The route of a request, which [`layers::trace`] looked up; `None` where no path matches.
pub fn of(request: &Extensions) -> Option<&'static Route> {
    request.get::<&'static Route>().copied()
}
