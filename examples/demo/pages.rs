//! The HTML of the pages.

use std::{
    fmt::Write,
    time::{Duration, SystemTime},
};

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, ContentType},
    },
};
use secure_session::{ReturnTo, Session, SessionId};

use crate::{
    devices::Device,
    forms::ShortText,
    html::Escaped,
    sessions::{Auth, Notice, SignedIn, Theme},
};

const SHELF: [&str; 5] = ["Apples", "Bread", "Coffee", "Honey", "Tea"];

/// The parts that all pages share.
pub(crate) struct Layout {
    pub(crate) title: &'static str,
    pub(crate) notice: Option<Notice>,
    pub(crate) theme: Option<Theme>,
    pub(crate) signed_in: bool,
}

impl Layout {
    /// Returns the whole page; `content` is HTML.
    pub(crate) fn page(&self, content: &str) -> HttpResponse {
        self.page_with(StatusCode::OK, content)
    }

    fn page_with(&self, status: StatusCode, content: &str) -> HttpResponse {
        let html = format!(
            include_str!("layout.html"),
            title = self.title,
            theme = self.theme.map_or("auto", theme_name),
            themes = theme_buttons(self.theme),
            account = if self.signed_in { ACCOUNT_LINKS } else { "" },
            notice = self.notice.map(notice).unwrap_or_default(),
            content = content,
        );
        HttpResponse::build(status)
            .content_type(ContentType::html())
            // So that the back button shows nothing after a logout.
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(html)
    }
}

const ACCOUNT_LINKS: &str = r#"<a href="/account">Account</a>
<a href="/confirm-needed">Confirmed</a>
<form method="post" action="/logout"><button class="plain">Log out</button></form>"#;

/// The first page: the login form or a welcome, and the basket.
pub(crate) fn index(auth: &Session<Auth>, basket: &[String]) -> String {
    let login = match auth.user_id() {
        Some(id) => format!(
            r#"<h1>Welcome, {name}</h1>
<p>You are customer number {id}. <a href="/account">Your account</a> is for you only.</p>"#,
            name = Escaped(auth.name()),
        ),
        None => login_form(&ReturnTo::default()),
    };
    let basket = basket_section(basket);
    format!("<section>{login}</section>\n{basket}")
}

/// The page to which guards redirect.
pub(crate) fn login(to: &ReturnTo) -> String {
    format!("<section>{}</section>", login_form(to))
}

fn login_form(to: &ReturnTo) -> String {
    format!(
        r#"<h1>Welcome</h1>
<p>Log in with any name. <code>root</code> is an administrator.</p>
<form method="post" action="{action}" class="row">
<label for="name">Name</label>
<input id="name" name="name" required maxlength="{max}" autocomplete="username">
<button>Log in</button>
</form>"#,
        action = Escaped(&to.append_to("/login")),
        max = ShortText::MAX_CHARS,
    )
}

fn basket_section(basket: &[String]) -> String {
    let mut items = String::new();
    for item in basket {
        push(&mut items, format_args!("<li>{}</li>\n", Escaped(item)));
    }
    let list = if basket.is_empty() {
        r#"<p class="quiet">Nothing yet. You don't need to log in.</p>"#.to_owned()
    } else {
        format!("<ul class=\"basket\">\n{items}</ul>\n{CLEAR_FORM}")
    };
    let mut shelf = String::new();
    for item in SHELF {
        let button =
            format_args!(r#"<button class="soft" name="item" value="{item}">{item}</button>"#);
        push(&mut shelf, button);
    }
    format!(
        r#"<section>
<h2>Basket</h2>
{list}
<form method="post" action="/basket" class="shelf" aria-label="From the shelf">{shelf}</form>
<form method="post" action="/basket" class="row">
<label for="item">Something else</label>
<input id="item" name="item" required maxlength="{max}" autocomplete="off">
<button>Add</button>
</form>
</section>"#,
        max = ShortText::MAX_CHARS,
    )
}

const CLEAR_FORM: &str = r#"<form method="post" action="/basket/clear"><button class="plain">Empty the basket</button></form>"#;

/// The page for signed-in users: their account and the details of their session.
pub(crate) fn account(user: &SignedIn) -> String {
    let auth = &user.auth;
    let rows = definitions(&account_rows(user));
    let admin = if auth.is_admin() {
        "<p>You are an administrator.</p>\n"
    } else {
        ""
    };
    let fresh = if auth.info().authenticated_within(FRESH) {
        "You have just logged in, so you could change your password."
    } else {
        "You logged in a while ago. Changing your password would require the old one."
    };
    format!(
        r#"<section>
<h1>{name}</h1>
{admin}{rows}
<p class="quiet">{fresh}</p>
</section>
{OTHER_SESSIONS}"#,
        name = Escaped(auth.name()),
    )
}

const OTHER_SESSIONS: &str = r#"<section>
<h2>Where you are logged in</h2>
<p><a href="/devices">Devices</a> lists your sessions. A new password ends all but this one; an
application would ask for it here.</p>
<div class="row">
<form method="post" action="/password"><button>New password</button></form>
<form method="post" action="/logout-everywhere"><button class="plain">Log out everywhere</button></form>
</div>
</section>"#;

/// The page that lists the user's sessions; `this` is the one that asks.
pub(crate) fn devices(devices: &[(SessionId, Device)], this: Option<SessionId>) -> String {
    let mut items = String::new();
    for (id, device) in devices {
        let began = since(device.began);
        let mark = if Some(*id) == this {
            " <strong>This device</strong>"
        } else {
            ""
        };
        push(
            &mut items,
            format_args!(
                r#"<li class="row"><span><code>{id}</code> began {began}.{mark}</span>
<form method="post" action="/devices/end"><button class="plain" name="id" value="{id}" aria-label="End the session {id}">End</button></form></li>
"#
            ),
        );
    }
    format!("<section>\n<h1>Your devices</h1>\n<ul class=\"devices\">\n{items}</ul>\n</section>")
}

/// The page for administrators.
pub(crate) fn admin(user_id: u64, name: &str) -> String {
    let name = Escaped(name);
    format!(
        "<section>\n<h1>Administration</h1>\n<p>{name}, number {user_id}, may do anything \
         here.</p>\n</section>"
    )
}

/// The page that asks for a confirmation.
pub(crate) fn confirm(to: &ReturnTo) -> String {
    let action = to.append_to("/confirm");
    let action = Escaped(&action);
    format!(
        r#"<section>
<h1>Confirm that it is you</h1>
<p>An application would ask for your password.</p>
<form method="post" action="{action}"><button>It is me</button></form>
</section>"#
    )
}

/// The page behind a confirmation.
pub(crate) fn confirmed(user_id: u64) -> String {
    format!(
        "<section>\n<h1>Confirmed</h1>\n<p>Customer number {user_id} logged in or confirmed it \
         in the last five minutes.</p>\n</section>"
    )
}

fn account_rows(user: &SignedIn) -> [(&'static str, String); 6] {
    let (auth, info) = (&user.auth, user.auth.info());
    let roles = match auth.roles() {
        [] => "none".to_owned(),
        roles => roles.join(", "),
    };
    let id = info.id().map(|id| id.to_string());
    [
        ("Customer number", user.user_id.to_string()),
        ("Roles", roles),
        ("Logins since the last logout", auth.visits().to_string()),
        ("Session", id.unwrap_or_default()),
        ("Created", info.created_at().map(since).unwrap_or_default()),
        (
            "Expires without activity",
            info.expires_at().map(until).unwrap_or_default(),
        ),
    ]
}

fn definitions(rows: &[(&str, String)]) -> String {
    let mut html = "<dl>\n".to_owned();
    for (name, value) in rows {
        let value = Escaped(value);
        push(&mut html, format_args!("<dt>{name}</dt><dd>{value}</dd>\n"));
    }
    html + "</dl>"
}

/// How long a login counts as fresh.
const FRESH: Duration = Duration::from_secs(5 * 60);

/// An error page.
pub(crate) fn problem(status: StatusCode, text: &str) -> HttpResponse {
    let layout = Layout {
        title: "That did not work",
        notice: None,
        theme: None,
        signed_in: false,
    };
    let text = Escaped(text);
    let content = format!(
        "<section>\n<h1>That did not work</h1>\n<p>{text}</p>\n<p><a href=\"/\">Back</a></p>\n</section>"
    );
    layout.page_with(status, &content)
}

fn notice(notice: Notice) -> String {
    let text = match notice {
        Notice::BasketFull => "Your basket is full: nothing was added.",
        Notice::LoggedOut => "You are logged out.",
        Notice::SessionExpired => "Your session has expired. Please log in again.",
        Notice::SessionRevoked => "You were logged out on another device. Please log in again.",
    };
    format!(r#"<p class="notice" role="status">{text}</p>"#)
}

fn theme_buttons(current: Option<Theme>) -> String {
    let mut buttons = String::new();
    for (theme, label) in [
        (None, "Auto"),
        (Some(Theme::Light), "Light"),
        (Some(Theme::Dark), "Dark"),
    ] {
        let value = theme.map_or("auto", theme_name);
        let pressed = theme == current;
        let button = format_args!(
            r#"<button name="theme" value="{value}" aria-pressed="{pressed}">{label}</button>"#
        );
        push(&mut buttons, button);
    }
    buttons
}

fn theme_name(theme: Theme) -> &'static str {
    match theme {
        Theme::Dark => "dark",
        Theme::Light => "light",
    }
}

fn since(time: SystemTime) -> String {
    let past = SystemTime::now().duration_since(time).unwrap_or_default();
    format!("{} ago", in_words(past))
}

fn until(time: SystemTime) -> String {
    let left = time.duration_since(SystemTime::now()).unwrap_or_default();
    format!("in {}", in_words(left))
}

/// Rounded to the nearest minute; shorter times are in seconds.
fn in_words(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        return format!("{seconds} s");
    }
    let minutes = seconds.saturating_add(30) / 60;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

fn push(html: &mut String, piece: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = html.write_fmt(piece);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basket_items_are_escaped() {
        let html = basket_section(&["<b>Tea</b>".to_owned()]);
        assert!(html.contains("<li>&lt;b&gt;Tea&lt;/b&gt;</li>"));
    }

    #[test]
    fn only_the_current_device_is_marked() {
        let device = Device {
            user_id: 1,
            began: SystemTime::now(),
        };
        let [this, other] = [[1; 16], [2; 16]].map(SessionId::from_bytes);
        let html = devices(&[(this, device), (other, device)], Some(this));
        assert_eq!(html.matches("<form").count(), 2);
        assert_eq!(html.matches("This device").count(), 1);
        assert!(html.find("This device") < html.find(&other.to_string()));
    }

    #[test]
    fn times_are_shown_in_suitable_units() {
        let words = |seconds| in_words(Duration::from_secs(seconds));
        assert_eq!(words(59), "59 s");
        assert_eq!(words(1799), "30 min");
        assert_eq!(words(7200), "2 h");
        assert_eq!(words(43_140), "11 h 59 min");
    }

    #[test]
    fn exactly_one_theme_is_marked_as_selected() {
        for theme in [None, Some(Theme::Dark), Some(Theme::Light)] {
            let html = theme_buttons(theme);
            assert_eq!(html.matches(r#"aria-pressed="true""#).count(), 1);
        }
    }
}
