//! Finding a route: among all, and by its path and method.

use std::{collections::HashMap, sync::LazyLock};

use axum::http::Method;

use super::{TABLES, route::Route};

/// Every route. A test requests each one with and without a session.
pub fn routes() -> impl Iterator<Item = &'static Route> {
    TABLES.iter().flat_map(|table| table.iter())
}

static BY_PATH: LazyLock<HashMap<&'static str, Vec<&'static Route>>> = LazyLock::new(|| {
    let mut by_path: HashMap<&'static str, Vec<&'static Route>> = HashMap::new();
    for route in routes() {
        by_path.entry(route.path).or_default().push(route);
    }
    by_path
});

/// The route of a path, as `MatchedPath` spells it. Two routes may share a path: one takes the
/// method. Where none does, any of them stands for the path.
pub fn find(path: &str, method: &Method) -> Option<&'static Route> {
    let routes = BY_PATH.get(path)?;
    let taking = routes.iter().find(|route| route.takes(method));
    taking.or(routes.first()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        http::route::{Access, Format},
        model::permission::Permission,
    };

    #[test]
    fn a_method_of_a_path_is_in_one_table_only() {
        let mut known = std::collections::BTreeSet::new();
        for route in routes() {
            for method in route.methods {
                assert!(known.insert((route.path, *method)), "{}", route.path);
            }
        }
    }

    #[test]
    fn routes_at_one_path_send_errors_in_one_form() {
        for routes in BY_PATH.values() {
            let format = routes[0].access.format();
            let is_same = |route: &&Route| route.access.format() == format;
            assert!(routes.iter().all(is_same), "{}", routes[0].path);
        }
    }

    #[test]
    fn every_permission_is_required_by_a_route() {
        for permission in Permission::ALL {
            let mut routes = routes();
            let is_used = routes.any(|route| route.access == Access::Can(permission));
            assert!(is_used, "{}", permission.as_str());
        }
    }

    #[test]
    fn a_route_is_found_by_its_method() {
        let access = |path: &str, method: Method| find(path, &method).map(|route| route.access);
        assert_eq!(access("/saml/sso", Method::GET), Some(Access::Anyone));
        assert_eq!(access("/saml/sso", Method::HEAD), Some(Access::Anyone));
        let by_form = Access::Machine(Format::Page);
        assert_eq!(access("/saml/sso", Method::POST), Some(by_form));
        let logout = Access::Can(Permission::ManageLogouts);
        assert_eq!(access("/admin/logouts", Method::PUT), Some(logout));
        assert_eq!(access("/admin/nothing", Method::GET), None);
    }
}
