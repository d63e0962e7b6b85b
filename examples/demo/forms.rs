//! Form data, parsed into types, so that handlers see only valid input.

use actix_web::{
    ResponseError,
    error::{InternalError, UrlencodedError},
    web::FormConfig,
};
use secure_session::SessionId;
use serde::Deserialize;

use crate::{pages, sessions::Theme};

/// The form of `POST /login`.
#[derive(Deserialize)]
pub(crate) struct LoginForm {
    pub(crate) name: ShortText,
    /// The page to return to, if it is not in the address.
    #[serde(default)]
    pub(crate) next: String,
}

/// The form of `POST /theme`.
#[derive(Deserialize)]
pub(crate) struct ThemeForm {
    pub(crate) theme: ThemeChoice,
}

/// The form of `POST /basket`.
#[derive(Deserialize)]
pub(crate) struct BasketForm {
    pub(crate) item: ShortText,
}

/// The form of `POST /devices/end`.
#[derive(Deserialize)]
pub(crate) struct EndDeviceForm {
    pub(crate) id: HexId,
}

/// A theme, or the browser's choice.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ThemeChoice {
    Auto,
    Dark,
    Light,
}

impl ThemeChoice {
    pub(crate) fn theme(self) -> Option<Theme> {
        match self {
            Self::Auto => None,
            Self::Dark => Some(Theme::Dark),
            Self::Light => Some(Theme::Light),
        }
    }
}

/// A line of text: trimmed, not empty, without control characters, and short, because it is stored
/// in a cookie.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct ShortText(String);

impl ShortText {
    pub(crate) const MAX_CHARS: usize = 40;
}

impl TryFrom<String> for ShortText {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let trimmed = text.trim();
        let fits = (1..=Self::MAX_CHARS).contains(&trimmed.chars().count());
        if fits && !trimmed.contains(char::is_control) {
            Ok(Self(trimmed.to_owned()))
        } else {
            Err(format!(
                "write one line of 1 to {} characters",
                Self::MAX_CHARS
            ))
        }
    }
}

impl AsRef<str> for ShortText {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Lets the setters of the sessions, which take `impl Into<String>`, take a `ShortText`.
impl From<ShortText> for String {
    fn from(text: ShortText) -> Self {
        text.0
    }
}

/// The id of a session as the pages show it.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct HexId(pub(crate) SessionId);

impl TryFrom<String> for HexId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        // `from_str_radix` accepts shorter texts and a sign, too.
        let is_id = text.len() == 2 * SessionId::LEN && !text.starts_with('+');
        let number = u128::from_str_radix(&text, 16).ok().filter(|_| is_id);
        let number = number.ok_or("write the 32 hexadecimal digits of a session's id")?;
        Ok(Self(SessionId::from_bytes(number.to_be_bytes())))
    }
}

/// Responds to an invalid form with an error page. The handler does not run, so no session changes.
pub(crate) fn config() -> FormConfig {
    FormConfig::default()
        .limit(MAX_FORM_BYTES)
        .error_handler(|err, _| {
            let page = pages::problem(err.status_code(), &reason(&err));
            InternalError::from_response(err, page).into()
        })
}

const MAX_FORM_BYTES: usize = 4096;

fn reason(err: &UrlencodedError) -> String {
    match err {
        UrlencodedError::Parse(field) => format!("The form is invalid: {field}."),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(text: &str) -> Result<String, String> {
        ShortText::try_from(text.to_owned()).map(String::from)
    }

    #[test]
    fn short_line_is_trimmed_and_accepted() {
        assert_eq!(short("  Ada Lovelace ").as_deref(), Ok("Ada Lovelace"));
        assert!(short(&"é".repeat(40)).is_ok());
    }

    #[test]
    fn session_id_is_read_as_it_is_shown() {
        let id = SessionId::from_bytes(*b"0123456789abcdef");
        assert_eq!(HexId::try_from(id.to_string()).unwrap().0, id);
        for bad in [
            "",
            "ab",
            &"g".repeat(32),
            &"0".repeat(33),
            &format!("+{}", "0".repeat(31)),
        ] {
            assert!(HexId::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn empty_long_and_multiline_texts_are_rejected() {
        for bad in ["", "   ", "two\nlines", "nul\0", &"x".repeat(41)] {
            assert!(short(bad).is_err(), "{bad:?}");
        }
    }
}
