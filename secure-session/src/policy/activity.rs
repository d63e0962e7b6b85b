//! Which requests count as activity.

use crate::cookie::rules::is_token_character;

/// Which requests count as activity and so restart the idle clock. Default: [`all`](Self::all).
///
/// A request that does not count is treated as if its handler called
/// [`without_activity`](crate::Session::without_activity): its writes are stored, but the idle clock
/// does not move. `touch`, `sign_in` and `reauthenticate` still restart it. A prefetch
/// (`Sec-Purpose: prefetch`) does not count under any policy, because nobody has looked at the page
/// yet.
///
/// # Examples
///
/// ```
/// use secure_session::{Key, SecureSession, SessionMiddleware, policy::Activity};
///
/// #[derive(SecureSession)]
/// struct Auth { user_id: Option<u64> }
///
/// let sessions = SessionMiddleware::builder(Key::generate()?)
///     .session_with::<Auth>(|policy| {
///         policy.activity(
///             Activity::all()
///                 .except_header("X-Silent-Poll")
///                 .except_path("/api/notifications"),
///         )
///     })
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "pass it to `Policy::activity`"]
pub struct Activity {
    navigations_only: bool,
    except_headers: Vec<String>,
    except_paths: Vec<String>,
}

impl Activity {
    /// Counts every request that opens the session, except a prefetch.
    pub fn all() -> Self {
        Self::default()
    }

    /// Counts only requests that load a page, and not those of scripts.
    ///
    /// A request loads a page if it has `Sec-Fetch-Mode: navigate`, or if `Accept` names `text/html`
    /// and there is neither `HX-Request` nor `X-Requested-With`. The latter includes the page loads
    /// of libraries such as Turbo and Unpoly.
    ///
    /// Do not use it for an application that loads its data by script: the session would expire
    /// while it is in use.
    pub fn navigations() -> Self {
        Self {
            navigations_only: true,
            ..Self::default()
        }
    }

    /// Does not count requests with this header, whatever its value is.
    ///
    /// A page's script sets the header on requests that the visitor did not cause, such as polls.
    pub fn except_header(mut self, name: impl Into<String>) -> Self {
        self.except_headers.push(name.into());
        self
    }

    /// Does not count requests to this path and the paths below it.
    ///
    /// The path begins with `/`. It is compared as the server receives it, including the prefixes
    /// of scopes; a proxy or a middleware may have changed it.
    pub fn except_path(mut self, path: impl Into<String>) -> Self {
        self.except_paths.push(path.into());
        self
    }

    /// Returns true if every request counts.
    pub(super) fn is_all(&self) -> bool {
        !self.navigations_only && self.except_headers.is_empty() && self.except_paths.is_empty()
    }

    pub(crate) fn is_navigations_only(&self) -> bool {
        self.navigations_only
    }

    pub(crate) fn excepted_headers(&self) -> impl Iterator<Item = &str> {
        self.except_headers.iter().map(String::as_str)
    }

    pub(crate) fn excepts_path(&self, path: &str) -> bool {
        let excepts = |excepted: &String| {
            let rest = path.strip_prefix(excepted.as_str());
            rest.is_some_and(|rest| {
                rest.is_empty() || rest.starts_with('/') || excepted.ends_with('/')
            })
        };
        self.except_paths.iter().any(excepts)
    }

    /// Returns a sentence for each problem.
    pub(super) fn problems(&self) -> Vec<String> {
        let headers = self
            .except_headers
            .iter()
            .filter(|name| !is_header_name(name));
        let headers = headers.map(|name| {
            format!(
                "`except_header(\"{}\")` is not the name of a header; write it like \
                 `X-Silent-Poll`",
                name.escape_default()
            )
        });
        let paths = self.except_paths.iter().filter_map(|path| {
            let problem = path_problem(path)?;
            let path = path.escape_default();
            Some(format!("`except_path(\"{path}\")` {problem}"))
        });
        headers.chain(paths).collect()
    }
}

/// Returns true for a token (RFC 9110 §5.1).
fn is_header_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(is_token_character)
}

fn path_problem(path: &str) -> Option<&'static str> {
    if !path.starts_with('/') {
        Some("must begin with `/`")
    } else if path == "/" {
        Some(
            "matches every request, so the session would expire while it is in use; name the \
             paths that scripts poll",
        )
    } else if path.contains(['?', '#']) {
        Some("must be a path without `?` and `#`; remove the rest")
    } else if !path.bytes().all(|byte| byte.is_ascii_graphic()) {
        Some("must be as browsers send it; encode other characters as in `%C3%BC`")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Activity;

    #[test]
    fn excepted_path_covers_the_paths_below_it_and_no_others() {
        let activity = Activity::all()
            .except_path("/api/poll")
            .except_path("/live/");
        for path in [
            "/api/poll",
            "/api/poll/",
            "/api/poll/5",
            "/live/",
            "/live/a",
        ] {
            assert!(activity.excepts_path(path), "{path}");
        }
        for path in [
            "/",
            "/api",
            "/api/polls",
            "/API/poll",
            "/live",
            "/x/api/poll",
        ] {
            assert!(!activity.excepts_path(path), "{path}");
        }
    }

    #[test]
    fn exceptions_that_cannot_match_or_match_everything_are_problems() {
        for activity in [
            Activity::all().except_header(""),
            Activity::all().except_header("X Poll"),
            Activity::navigations().except_header("X-Poll:"),
            Activity::all().except_path(""),
            Activity::all().except_path("api"),
            Activity::all().except_path("/"),
            Activity::all().except_path("/api?poll=1"),
            Activity::all().except_path("/über"),
        ] {
            assert_eq!(activity.problems().len(), 1, "{activity:?}");
        }
        let sound = Activity::all()
            .except_header("x-poll")
            .except_path("/%C3%BC");
        assert!(sound.problems().is_empty());
    }
}
