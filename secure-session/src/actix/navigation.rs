//! Distinguishes page loads from requests of scripts and applications.

use actix_web::http::header::{ACCEPT, HeaderMap, HeaderName};

const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const HX_REQUEST: HeaderName = HeaderName::from_static("hx-request");
const HX_HISTORY_RESTORE_REQUEST: HeaderName =
    HeaderName::from_static("hx-history-restore-request");
const X_REQUESTED_WITH: HeaderName = HeaderName::from_static("x-requested-with");

/// Returns true if the request loads a page: the browser says so (`Sec-Fetch-Mode: navigate`), or
/// `Accept` names `text/html` and no script of htmx or jQuery sent it.
pub(super) fn is_navigation(headers: &HeaderMap) -> bool {
    let is_navigate = || {
        headers
            .get(SEC_FETCH_MODE)
            .is_some_and(|mode| mode == "navigate")
    };
    let is_script = || is_htmx(headers) || headers.contains_key(X_REQUESTED_WITH);
    is_navigate() || (accepts_html(headers) && !is_script())
}

/// Returns true if htmx sent the request. To restore a page of the history, htmx 4 sends only the
/// second header.
pub(super) fn is_htmx(headers: &HeaderMap) -> bool {
    headers.contains_key(HX_REQUEST) || is_history_restore(headers)
}

/// Returns true if htmx loads a page of the history.
pub(super) fn is_history_restore(headers: &HeaderMap) -> bool {
    headers.contains_key(HX_HISTORY_RESTORE_REQUEST)
}

fn accepts_html(headers: &HeaderMap) -> bool {
    let lists = headers
        .get_all(ACCEPT)
        .filter_map(|list| list.to_str().ok());
    let mut ranges = lists.flat_map(|list| list.split(','));
    ranges.any(|range| {
        let media_type = range.split(';').next().unwrap_or_default();
        media_type.trim().eq_ignore_ascii_case("text/html")
    })
}
