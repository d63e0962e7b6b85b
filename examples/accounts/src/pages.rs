//! The pages, in minimal HTML.

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
    sessions::{Language, Prefs, Theme},
    users::{Account, Summary},
};

/// A page is for one visitor. `no-store` keeps the back button from showing it after a logout.
pub(crate) fn page(status: StatusCode, prefs: &Session<Prefs>, body: &str) -> HttpResponse {
    let scheme = match prefs.theme().unwrap_or_default() {
        Theme::Light => "light",
        Theme::Dark => "dark",
    };
    let language = match prefs.language().unwrap_or_default() {
        Language::En => "en",
        Language::De => "de",
    };
    HttpResponse::build(status)
        .content_type(ContentType::html())
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(format!(
            "<!doctype html>\n<html lang=\"{language}\" style=\"color-scheme: {scheme}\">\n\
             <title>Accounts</title>\n{body}"
        ))
}

pub(crate) fn index(name: Option<&str>, prefs: &Session<Prefs>) -> String {
    let (hello, stranger) = match prefs.language().unwrap_or_default() {
        Language::En => ("Hello", "stranger"),
        Language::De => ("Hallo", "wer immer da ist"),
    };
    let name = escaped(name.unwrap_or(stranger));
    format!(
        "<p>{hello}, {name}!</p>\n\
         <p><a href=\"/account\">Your account</a></p>\n\
         <form method=\"post\" action=\"/prefs\">\
         <select name=\"theme\"><option>light<option>dark</select> \
         <select name=\"language\"><option>en<option>de</select> \
         <button>Choose</button></form>\n"
    )
}

/// The form keeps the page to return to in its address.
pub(crate) fn login(message: &str, to: &ReturnTo) -> String {
    let action = escaped(&to.append_to("/login"));
    format!(
        "<p>{message}</p>\n\
         <form method=\"post\" action=\"{action}\">\
         <label>Name <input name=\"name\"></label> \
         <label>Password <input name=\"password\" type=\"password\"></label> \
         <label><input name=\"remember\" type=\"checkbox\"> Remember me</label> \
         <button>Log in</button></form>\n"
    )
}

pub(crate) fn account(account: &Account) -> String {
    let users = if account.is_admin {
        ", <a href=\"/users\">all users</a>"
    } else {
        ""
    };
    format!(
        "<p>{}, <a href=\"/email\">{}</a></p>\n\
         <p><a href=\"/password\">New password</a>, \
         <a href=\"/devices\">your devices</a>{users}</p>\n\
         <form method=\"post\" action=\"/logout\"><button>Log out</button></form>\n",
        escaped(&account.name),
        escaped(&account.email)
    )
}

pub(crate) fn password(message: &str) -> String {
    format!(
        "<p>{message}</p>\n\
         <form method=\"post\" action=\"/password\">\
         <label>Old password <input name=\"old\" type=\"password\"></label> \
         <label>New password <input name=\"new\" type=\"password\"></label> \
         <button>Change</button></form>\n"
    )
}

/// `this` is the session of the browser that loads the page.
pub(crate) fn devices(devices: &[Device], this: Option<SessionId>) -> String {
    let item = |device: &Device| {
        let Device { id, began_at, .. } = device;
        let end = if Some(device.session) == this {
            "this device".to_owned()
        } else {
            format!("<button name=\"device\" value=\"{id}\">Log out</button>")
        };
        let user_agent = escaped(&device.user_agent);
        format!("<li>{user_agent}, since {began_at} UTC: {end}\n")
    };
    let items: Vec<String> = devices.iter().map(item).collect();
    format!(
        "<form method=\"post\" action=\"/devices/end\"><ul>\n{}</ul></form>\n",
        items.concat()
    )
}

pub(crate) fn users(users: &[Summary]) -> String {
    let item = |user: &Summary| {
        let state = if user.is_admin {
            "administrator".to_owned()
        } else if user.is_blocked {
            "blocked".to_owned()
        } else {
            let action = format!("/users/{}/block", user.id);
            format!("<form method=\"post\" action=\"{action}\"><button>Block</button></form>")
        };
        format!("<li>{}: {state}\n", escaped(&user.name))
    };
    let items: Vec<String> = users.iter().map(item).collect();
    format!("<ul>\n{}</ul>\n", items.concat())
}

pub(crate) fn confirm(message: &str, to: &ReturnTo) -> String {
    let action = escaped(&to.append_to("/confirm"));
    format!(
        "<p>{message}</p>\n\
         <form method=\"post\" action=\"{action}\">\
         <label>Password <input name=\"password\" type=\"password\"></label> \
         <button>Confirm</button></form>\n"
    )
}

pub(crate) fn email(account: &Account) -> String {
    format!(
        "<form method=\"post\" action=\"/email\">\
         <label>E-mail <input name=\"email\" value=\"{}\"></label> \
         <button>Change</button></form>\n",
        escaped(&account.email)
    )
}

/// Escapes text that a visitor typed.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}
