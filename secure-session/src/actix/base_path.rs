//! Paths of this site, and the path under which a proxy serves the application.

/// The maximum length of a path to return to, in bytes.
pub(super) const MAX_PATH_LEN: usize = 2048;

/// Returns true for a path that browsers resolve on this site.
///
/// Browsers treat `\` as `/`, and ignore tabs and line breaks, so `/\evil.example` and
/// `/<tab>/evil.example` are addresses of other hosts (WHATWG URL, basic URL parser). They remove
/// dot segments, so that `/a/../login` is `/login`.
pub(super) fn is_path_of_this_site(path: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_graphic() && byte != b'\\' && byte != b'#';
    path.len() <= MAX_PATH_LEN
        && path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(is_allowed)
        && !has_dot_segment(path)
}

/// Returns true if a segment is `.` or `..`, or percent-encoded as one (WHATWG URL, URL representation).
fn has_dot_segment(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    path.split('/').any(|segment| {
        let segment = segment.to_ascii_lowercase().replace("%2e", ".");
        segment == "." || segment == ".."
    })
}

/// The path under which a proxy serves the application, and which it strips. Empty if there is none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct BasePath(String);

impl BasePath {
    /// # Errors
    ///
    /// A sentence for an invalid path.
    pub(super) fn new(path: &str) -> Result<Self, String> {
        let is_valid = path.is_empty()
            || (is_path_of_this_site(path) && !path.ends_with('/') && !path.contains('?'));
        if is_valid {
            return Ok(Self(path.to_owned()));
        }
        Err(format!(
            "`base_path(\"{}\")` must be a path that begins and does not end with `/`, such as \
             `/app`",
            path.escape_default()
        ))
    }

    /// Returns the path as the browser sees it.
    pub(super) fn before(&self, path: &str) -> String {
        [self.0.as_str(), path].concat()
    }

    /// Returns the path as the application sees it, if it is below this one.
    pub(super) fn strip<'a>(&self, path: &'a str) -> Option<&'a str> {
        let rest = path.strip_prefix(self.0.as_str())?;
        if rest.is_empty() {
            return Some("/");
        }
        rest.starts_with('/').then_some(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::BasePath;

    #[test]
    fn base_path_is_put_in_front_and_removed() {
        let base = BasePath::new("/app").unwrap();
        assert_eq!(base.before("/login"), "/app/login");
        assert_eq!(base.strip("/app/a?b"), Some("/a?b"));
        assert_eq!(base.strip("/app"), Some("/"));
        assert_eq!(base.strip("/apple/a"), None);
        assert_eq!(BasePath::default().strip("/a"), Some("/a"));
        for bad in ["app", "/", "/app/", "//app", "/a?b", "/a b", "https://a"] {
            assert!(
                BasePath::new(bad).unwrap_err().contains("base_path"),
                "{bad}"
            );
        }
    }
}
