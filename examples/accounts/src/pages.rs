//! The pages, in minimal HTML.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, ContentType},
    },
};
use secure_session::{ReturnTo, Session};

use crate::{
    sessions::{Language, Prefs, Theme},
    users::Account,
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
    format!(
        "<p>{}, <a href=\"/email\">{}</a></p>\n\
         <form method=\"post\" action=\"/logout\"><button>Log out</button></form>\n",
        escaped(&account.name),
        escaped(&account.email)
    )
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
